/**
 * Who becomes the primary, and what the one before does meanwhile: priority goes before data, and SENTINEL FAILOVER asks nobody to
 * stop writing.
 */
import { failoverForced, sentinelsHold } from '../expectations.ts';
import { at, command, kill, partition, start } from '../plan.ts';
import { PERSISTED, clientsOf, watched } from '../sentinel/deployment.ts';
import { LESSON_SEED, type Lesson, onNote, onStrike } from './lesson.ts';

const ranked = watched({
  replicas: 3, sentinels: 3, quorum: 2, placement: 'apart', directives: PERSISTED,
  directivesOf: { n4: [['replica-priority', '0']] },
});

/** n2 has all data, n3 misses six seconds, n4 has all and priority 0. */
export const whichReplica: Lesson = {
  name: 'which-replica',
  seed: LESSON_SEED,
  scenario: {
    name: 'lessons/which-replica',
    teaches: 'Of equal priorities the replica with the most data is promoted; a lower priority goes before any data, and 0 never.',
    topology: ranked,
    workload: clientsOf(ranked),
    plan: [partition(at(8000), [['n1'], ['n3']], 20_000), kill(at(14_000), 'n1'), start(at(28_000), 'n1')],
    durationMs: 36_000,
    settlingMs: 20_000,
    expects: {
      verdicts: sentinelsHold, failovers: { min: 1, max: 1 }, lost: { max: 0 },
      unavailableMs: { min: 3000, max: 8000 },
    },
  },
  steps: [
    { key: 'cut', when: onStrike(0), about: ['n1', 'n3'] },
    { key: 'kill', when: onStrike(1), about: ['n1'] },
    { key: 'leader', when: onNote('leader'), about: ['n2', 'n3', 'n4'] },
    { key: 'selected', when: onNote('selected') },
    { key: 'promoted', when: onNote('role', { role: 'primary' }, 2) },
  ],
  prediction: {
    after: 'leader', options: ['n2', 'n3', 'n4', 'any'], answer: 'n2',
    proof: [{ figure: 'chosen', is: 'n2' }, { figure: 'lost', max: 0 }],
  },
  change: { kind: 'setting', process: 'n3', directive: 'replica-priority', value: '10' },
  comparisons: [
    { figure: 'chosen', a: { is: 'n2' }, b: { is: 'n3' } },
    { figure: 'lost', a: { max: 0 }, b: { min: 100 } },
  ],
};

const served = watched({ replicas: 2, sentinels: 3, quorum: 2, placement: 'apart', directives: [['min-replicas-max-lag', '3']] });

/** Everything is in good order, and thirty writes a second go to where they will not stay. */
export const manualFailover: Lesson = {
  name: 'manual-failover',
  seed: LESSON_SEED,
  scenario: {
    name: 'lessons/manual-failover',
    teaches: 'SENTINEL FAILOVER stops no writers: the old primary accepts writes until the sentinels demote it, and they are lost.',
    topology: served,
    workload: clientsOf(served),
    plan: [command(at(10_000), 'a sentinel', 'SENTINEL', 'FAILOVER', 'mymain')],
    durationMs: 32_000,
    settlingMs: 20_000,
    expects: {
      verdicts: failoverForced, failovers: { min: 1, max: 1 },
      // Thirty a second for the eleven seconds until it is demoted.
      lost: { min: 250, max: 420 }, unavailableMs: { max: 1000 },
    },
  },
  steps: [
    { key: 'command', when: onStrike(0) },
    { key: 'leader', when: onNote('leader') },
    { key: 'promoted', when: onNote('role', { role: 'primary' }, 2), about: ['n1'] },
    { key: 'failover-end', when: onNote('sentinel', { event: '+failover-end' }) },
    { key: 'demoted', when: onNote('role', { role: 'replica' }, 1, 'n1') },
  ],
  prediction: {
    after: 'promoted', options: ['none', 'few', 'seconds'], answer: 'seconds',
    proof: [{ figure: 'lost', min: 250 }, { figure: 'unavailable', max: 1000 }],
  },
  change: { kind: 'setting', process: 'data', directive: 'min-replicas-to-write', value: '1' },
  comparisons: [
    { figure: 'lost', a: { min: 250 }, b: { max: 150 } },
    { figure: 'failovers', a: { min: 1, max: 1 }, b: { min: 1, max: 1 } },
  ],
};
