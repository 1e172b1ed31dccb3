/**
 * The configuration of a sentinel as a topology carries it: one word list for each line of its file. Importers and the
 * helpers for scenario scripts build it here, so that they all say it in one order.
 *
 * Always holds: what concerns names stands before the first `sentinel monitor`, since a name there is looked up at once.
 * Source: sentinel.conf of Redis 7.0.
 */
import type { ProcessSpec } from './topology.ts';

type Directives = ProcessSpec['directives'];

/** Redis's own defaults, in milliseconds, where nobody says otherwise. */
export const DOWN_AFTER_MS_DEFAULT = 30_000;
export const FAILOVER_TIMEOUT_MS_DEFAULT = 180_000;
export const SENTINEL_PORT = 26_379;

export interface SentinelConfiguration {
  /** The name under which the primary is watched. */
  readonly primaryName: string;
  readonly primaryHost: string;
  readonly primaryPort: number;
  readonly quorum: number;
  readonly downAfterMs: number;
  readonly failoverTimeoutMs: number;
  readonly parallelSyncs: number;
  /** The sentinel's own port. */
  readonly port: number;
  /** What it wants to hear from others first. */
  readonly password?: string | undefined;
  /** What it says to the data nodes. */
  readonly primaryUser?: string | undefined;
  readonly primaryPassword?: string | undefined;
  /** Whether names are looked up, and whether they are handed on instead of addresses. Redis: neither. */
  readonly resolvesNames: boolean;
  readonly announcesNames: boolean;
  readonly announceIp?: string | undefined;
  readonly announcePort?: number | undefined;
  /** 40 hexadecimal digits; drawn at the first start where it is not given. */
  readonly id?: string;
  readonly knownReplicas?: readonly { readonly host: string; readonly port: number }[];
  readonly knownSentinels?: readonly { readonly host: string; readonly port: number; readonly id: string }[];
  /** Further lines, at the end. */
  readonly more?: Directives;
}

const KNOWN_REPLICA = 'known-replica';

export const sentinelDirectives = (wanted: SentinelConfiguration): Directives => {
  const name = wanted.primaryName;
  const own = (words: readonly (string | number)[], isGiven: boolean = true): Directives =>
    (isGiven ? [['sentinel', ...words.map(String)]] : []);
  const given = (option: string, value: string | number | undefined): Directives =>
    (value === undefined ? [] : own([option, value]));
  return [
    ['port', String(wanted.port)],
    ...(wanted.password === undefined ? [] : [['requirepass', wanted.password]]),
    ...own(['resolve-hostnames', 'yes'], wanted.resolvesNames),
    ...own(['announce-hostnames', 'yes'], wanted.announcesNames),
    ...given('announce-ip', wanted.announceIp),
    ...given('announce-port', wanted.announcePort),
    ...given('myid', wanted.id),
    ...own(['monitor', name, wanted.primaryHost, wanted.primaryPort, wanted.quorum]),
    ...own(['down-after-milliseconds', name, wanted.downAfterMs]),
    ...own(['failover-timeout', name, wanted.failoverTimeoutMs]),
    ...own(['parallel-syncs', name, wanted.parallelSyncs]),
    ...own(['auth-user', name, wanted.primaryUser ?? ''], wanted.primaryUser !== undefined),
    ...own(['auth-pass', name, wanted.primaryPassword ?? ''], wanted.primaryPassword !== undefined),
    ...(wanted.knownReplicas ?? []).flatMap(({ host, port }) => own([KNOWN_REPLICA, name, host, port])),
    ...(wanted.knownSentinels ?? []).flatMap(({ host, port, id }) => own(['known-sentinel', name, host, port, id])),
    ...(wanted.more ?? []),
  ];
};

/** Whom the sentinel watches first: `sentinel monitor`. */
export const monitoredServer = (directives: Directives): { readonly host: string; readonly port: number } | null => {
  const words = directives.find(isMonitor);
  return words === undefined ? null : { host: words[3] ?? '', port: Number(words[4]) };
};

/** The same configuration for a primary at another place; where that was a known replica, the old primary is one now. */
export const withMonitored = (directives: Directives, host: string, port: number): Directives => {
  const old = monitoredServer(directives);
  return directives.map((words) => {
    if (isMonitor(words)) return [...words.slice(0, 3), host, String(port), ...words.slice(5)];
    const isNewPrimary = words[1] === KNOWN_REPLICA && words[3] === host && words[4] === String(port);
    return isNewPrimary && old !== null ? [...words.slice(0, 3), old.host, String(old.port)] : words;
  });
};

const isMonitor = (words: readonly string[]): boolean => words[0] === 'sentinel' && words[1] === 'monitor';
