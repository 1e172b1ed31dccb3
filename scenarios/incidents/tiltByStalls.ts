/**
 * https://github.com/bitnami/charts/issues/9689, https://github.com/redis/redis/issues/10547: on a busy host the sentinels stand still
 * for seconds, and enter TILT again and again. For 30 s each time they watch and do nothing: a primary that dies then waits.
 */
import { sentinelsHold } from '../expectations.ts';
import { at, kill, pause, start } from '../plan.ts';
import { COMPOSE, composeClients } from '../sentinel/deployment.ts';
import type { Incident } from './incident.ts';

export const tiltByStalls: Incident = {
  reports: ['https://github.com/bitnami/charts/issues/9689', 'https://github.com/redis/redis/issues/10547'],
  says: 'Sentinels on a busy host enter and leave TILT for hours.',
  today: 'shown',
  scenario: {
    name: 'incidents/charts-9689',
    teaches: 'Sentinels that stood still for more than two seconds distrust themselves for thirty: a primary that dies meanwhile waits'
      + ' for them.',
    topology: COMPOSE,
    workload: composeClients(),
    plan: [
      ...[1, 2, 3].map((ordinal) => pause(at(20_000), `redis-sentinel-${ordinal}`, 2600)), kill(at(24_000), 'the primary'),
      start(at(70_000), 'redis-main'),
    ],
    durationMs: 90_000,
    settlingMs: 40_000,
    expects: { verdicts: sentinelsHold, failovers: { min: 1, max: 1 }, lost: { max: 0 }, unavailableMs: { min: 28_000, max: 40_000 } },
  },
};
