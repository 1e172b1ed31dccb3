/**
 * Two primaries at once: what a partition does to the writes of the side that nobody authorised, and what bounds it.
 */
import { sentinelsHold } from '../expectations.ts';
import { at, partition } from '../plan.ts';
import { clientsOf, fiveClients, watched } from '../sentinel/deployment.ts';
import { LESSON_SEED, type Lesson, onDown, onNote, onStrike } from './lesson.ts';

const topology = watched({ replicas: 2, sentinels: 3, quorum: 2, placement: 'apart' });

/** C1 stays with the primary that is cut off, and does not listen to news. */
export const splitBrain: Lesson = {
  name: 'split-brain',
  seed: LESSON_SEED,
  scenario: {
    name: 'lessons/split-brain',
    teaches: 'A primary behind a partition goes on answering OK beside its successor; what it accepted is thrown away.',
    topology,
    workload: clientsOf(topology),
    plan: [partition(at(10_000), [['n1', 'C1'], ['n2', 'n3', 'the sentinels', 'C2', 'C3', 'P1']], 15_000)],
    durationMs: 45_000,
    settlingMs: 20_000,
    expects: {
      verdicts: sentinelsHold, failovers: { min: 1, max: 1 },
      lost: { min: 150, max: 350 },
      unavailableMs: { min: 3000, max: 9000 },
    },
  },
  steps: [
    { key: 'cut', when: onStrike(0), about: ['n1', 'C1'] },
    { key: 'sdown', when: onDown() },
    { key: 'leader', when: onNote('leader') },
    { key: 'promoted', when: onNote('role', { role: 'primary' }, 2), about: ['n1'] },
    { key: 'demoted', when: onNote('role', { role: 'replica' }, 1, 'n1') },
    { key: 'overwritten', when: onNote('history', { reason: 'full-sync' }, 1, 'n1') },
  ],
  prediction: {
    after: 'promoted', options: ['merged', 'discarded', 'refused'], answer: 'discarded',
    proof: [{ figure: 'lost', min: 150 }, { figure: 'failovers', min: 1 }],
  },
  change: { kind: 'setting', process: 'sentinels', directive: 'sentinel down-after-milliseconds mymain', value: '30000' },
  comparisons: [
    { figure: 'failovers', a: { min: 1, max: 1 }, b: { max: 0 } },
    { figure: 'lost', a: { min: 150 }, b: { max: 0 } },
    { figure: 'unavailable', a: { max: 9000 }, b: { min: 14_000 } },
  ],
};

const MAX_LAG_S = 5;

const five = watched({
  replicas: 4, sentinels: 5, quorum: 3, placement: 'beside',
  directives: [['min-replicas-to-write', '1'], ['min-replicas-max-lag', String(MAX_LAG_S)]],
});

/** The replica on the primary's own side is enough for it. */
export const minReplicas: Lesson = {
  name: 'min-replicas',
  seed: LESSON_SEED,
  scenario: {
    name: 'lessons/min-replicas',
    teaches: 'min-replicas-to-write 1 bounds nothing when one replica is cut off together with the primary.',
    topology: five,
    workload: fiveClients(five),
    plan: [partition(at(10_000), [['n1', 'n2', 'C1', 'C2', 'P1'], ['n3', 'n4', 'n5', 'C3', 'C4', 'C5', 'P2']], 20_000)],
    durationMs: 45_000,
    settlingMs: 30_000,
    expects: {
      verdicts: sentinelsHold, failovers: { min: 1, max: 1 },
      lost: { min: 350, max: 800 },
      // While the first replicas come: the side of the primary notices nothing of the partition.
      unavailableMs: { max: 1000 },
    },
  },
  steps: [
    { key: 'cut', when: onStrike(0), about: ['n1', 'n2', 'C1', 'C2'] },
    { key: 'promoted', when: onNote('role', { role: 'primary' }, 2), about: ['n1'] },
    { key: 'demoted', when: onNote('role', { role: 'replica' }, 1, 'n1') },
  ],
  prediction: {
    after: 'promoted', options: ['after-lag', 'goes-on', 'at-once'], answer: 'goes-on',
    proof: [{ figure: 'lost', min: 400 }],
  },
  change: { kind: 'setting', process: 'data', directive: 'min-replicas-to-write', value: '2' },
  comparisons: [
    { figure: 'lost', a: { min: 400 }, b: { min: 60, max: 200 } },
    { figure: 'failovers', a: { min: 1, max: 1 }, b: { min: 1, max: 1 } },
    { figure: 'unavailable', a: { max: 1000 }, b: { min: 2000 } },
  ],
};
