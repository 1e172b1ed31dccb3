/**
 * Sentinel's timer: everything that it does by itself starts here, 10 to 19 times a second, at a rate drawn anew each time so
 * that sentinels started together do not stay in step.
 * Source: sentinelTimer, sentinelHandleDictOfRedisInstances, sentinelCheckTiltCondition in sentinel.c of Redis 7.0.
 */
import { mark } from '../core/marks.ts';
import { ms } from '../core/units.ts';
import { SENTINEL_EVENT } from '../protocol/sentinelNames.ts';
import { askOthers, checkObjectivelyDown, checkSubjectivelyDown } from './down.ts';
import { startIfNeeded, step, switchToPromoted } from './failover.ts';
import type { Instance } from './instance.ts';
import { TICK_HZ } from './periods.ts';
import { reconnect, sendPeriodicCommands } from './periodicCommands.ts';
import type { Sentinel } from './sentinel.ts';

const MS_PER_SECOND = 1000;

export const startTicking = (sentinel: Sentinel): void => {
  const due = (): void => {
    tick(sentinel);
    schedule(TICK_HZ + sentinel.services.random.below(TICK_HZ));
  };
  const schedule = (hz: number): void => {
    sentinel.host.setTimer(ms(Math.floor(MS_PER_SECOND / hz)), due);
  };
  schedule(TICK_HZ);
};

const tick = (sentinel: Sentinel): void => {
  checkTilt(sentinel);
  for (const primary of [...sentinel.primaries.values()]) {
    handle(sentinel, primary);
    for (const replica of [...primary.replicas.values()]) handle(sentinel, replica);
    for (const peer of [...primary.sentinels.values()]) handle(sentinel, peer);
    if (primary.failoverState === 'update-config') switchToPromoted(sentinel, primary);
  }
  sentinel.scripts.tick(sentinel.nowMs);
};

/** Time that jumped, or a process that was held up: what is known is too old to act on. */
const checkTilt = (sentinel: Sentinel): void => {
  const now = sentinel.nowMs;
  const gapMs = now - sentinel.lastTickMs;
  if (gapMs < 0 || gapMs > sentinel.periods.tiltTrigger) {
    sentinel.isTilted = true;
    mark(sentinel.host, 'sentinelTilt');
    sentinel.tiltStartMs = now;
    sentinel.event('warning', SENTINEL_EVENT.tilt, null, '#tilt mode entered');
  }
  sentinel.lastTickMs = now;
};

const handle = (sentinel: Sentinel, instance: Instance): void => {
  reconnect(sentinel, instance);
  sendPeriodicCommands(sentinel, instance);
  if (sentinel.isTilted) {
    if (sentinel.nowMs - sentinel.tiltStartMs < sentinel.periods.tilt) return;
    sentinel.isTilted = false;
    sentinel.event('warning', SENTINEL_EVENT.noTilt, null, '#tilt mode exited');
  }
  checkSubjectivelyDown(sentinel, instance);
  if (instance.kind !== 'primary') return;
  checkObjectivelyDown(sentinel, instance);
  if (startIfNeeded(sentinel, instance)) askOthers(sentinel, instance, true);
  step(sentinel, instance);
  askOthers(sentinel, instance, false);
};
