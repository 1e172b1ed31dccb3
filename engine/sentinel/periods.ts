/** The periods and limits that Sentinel runs by, in milliseconds. SENTINEL DEBUG changes them. Source: sentinel.c of Redis 7.0. */
import { RECONF_TIMEOUT_PARAMETER } from '../protocol/sentinelNames.ts';

export interface Periods {
  info: number;
  ping: number;
  ask: number;
  publish: number;
  defaultDownAfter: number;
  defaultFailoverTimeout: number;
  tiltTrigger: number;
  tilt: number;
  replicaReconf: number;
  minLinkReconnect: number;
  election: number;
  scriptMaxRuntime: number;
  scriptRetryDelay: number;
}

export const newPeriods = (): Periods => ({
  info: 10_000, ping: 1000, ask: 1000, publish: 2000, defaultDownAfter: 30_000, defaultFailoverTimeout: 180_000,
  tiltTrigger: 2000, tilt: 30_000, replicaReconf: 10_000, minLinkReconnect: 15_000, election: 10_000,
  scriptMaxRuntime: 60_000, scriptRetryDelay: 30_000,
});

/** SENTINEL DEBUG's names, in the order in which it lists them. */
export const PERIOD_NAMES: readonly (readonly [string, keyof Periods])[] = [
  ['info-period', 'info'], ['ping-period', 'ping'], ['ask-period', 'ask'], ['publish-period', 'publish'],
  ['default-down-after', 'defaultDownAfter'], ['default-failover-timeout', 'defaultFailoverTimeout'],
  ['tilt-trigger', 'tiltTrigger'], ['tilt-period', 'tilt'], [RECONF_TIMEOUT_PARAMETER, 'replicaReconf'],
  ['min-link-reconnect-period', 'minLinkReconnect'], ['election-timeout', 'election'],
  ['script-max-runtime', 'scriptMaxRuntime'], ['script-retry-delay', 'scriptRetryDelay'],
];

/** No more commands than this wait for replies of one instance, for each primary that shares the link. */
export const PENDING_COMMANDS_MAX = 100;
/** The timer's frequency is drawn anew at every tick from 10 Hz to just below twice that. */
export const TICK_HZ = 10;
