/**
 * What an acknowledgement is worth: WAIT counts replicas and chooses nobody; and a primary that keeps nothing empties all others.
 */
import { everythingHolds, nothingNoticed } from '../expectations.ts';
import { at, boot, client, follow, heal, kill, partition, point, power, promote } from '../plan.ts';
import { clientsOf, watched } from '../sentinel/deployment.ts';
import { topologyOf } from '../topologies.ts';
import { LESSON_SEED, type Lesson, onNote, onStrike } from './lesson.ts';

const server = 'n1:6379';
const wait = { replicas: 1, timeoutMs: 50 } as const;
const prompt: readonly (readonly string[])[] = [['repl-diskless-sync-delay', '0'], ['min-replicas-max-lag', '2']];

/** n2 confirms every write, and dies with the primary; n3, which is left, was cut off. */
export const waitIsNotConsensus: Lesson = {
  name: 'wait-is-not-consensus',
  seed: LESSON_SEED,
  scenario: {
    name: 'lessons/wait-is-not-consensus',
    teaches: 'WAIT 1 says that some replica has the write, not that the one to be promoted has it.',
    topology: topologyOf('one primary, two replicas', [
      { name: 'n1', directives: prompt }, { name: 'n2', follows: 'n1', directives: prompt },
      { name: 'n3', follows: 'n1', directives: prompt },
    ]),
    workload: {
      clients: [client('C1', 'setAdd', { server, wait }), client('C2', 'setAdd', { server, wait }), client('C3', 'register', { server, wait })],
      probes: [{ name: 'P1', zone: 'zone-a', server }],
    },
    plan: [
      partition(at(8000), [['n1'], ['n3']]),
      power(at(16_000), 'n1'),
      power(at(16_000), 'n2'),
      promote(at(19_000), 'n3'),
      point(at(19_500), 'n1', 'n3'),
      heal(at(21_000)),
      boot(at(22_000), 'n1'),
      follow(at(23_000), 'n1', 'n3'),
      boot(at(24_000), 'n2'),
    ],
    durationMs: 34_000,
    settlingMs: 15_000,
    expects: {
      verdicts: everythingHolds,
      // Three clients, ten writes a second each, for eight seconds.
      lost: { min: 200, max: 260 }, waitedLost: { min: 200, max: 260 },
    },
  },
  steps: [
    { key: 'cut', when: onStrike(0), about: ['n1', 'n3'] },
    { key: 'power', when: onStrike(1), about: ['n1', 'n2'] },
    { key: 'promoted', when: onStrike(3), about: ['n3'] },
    { key: 'follows', when: onStrike(7), about: ['n1'] },
  ],
  prediction: {
    after: 'power', options: ['all-there', 'all-gone', 'half'], answer: 'all-gone',
    proof: [{ figure: 'waitedLost', min: 200 }],
  },
  change: { kind: 'setting', process: 'data', directive: 'min-replicas-to-write', value: '2' },
  comparisons: [
    { figure: 'lost', a: { min: 200 }, b: { min: 1, max: 130 } },
    { figure: 'waitedLost', a: { min: 200 }, b: { min: 1, max: 130 } },
    { figure: 'unavailable', a: { max: 6000 }, b: { min: 9000 } },
  ],
};

const reborn = watched({ replicas: 2, sentinels: 3, quorum: 2, placement: 'apart', restart: 'always' });

/** It is back before anybody holds it to be down, and empty. */
export const unpersistedPrimary: Lesson = {
  name: 'unpersisted-primary',
  seed: LESSON_SEED,
  scenario: {
    name: 'lessons/unpersisted-primary',
    teaches: 'A primary that keeps nothing on disk and restarts by itself comes back empty, and its replicas copy that.',
    topology: reborn,
    workload: clientsOf(reborn),
    plan: [kill(at(12_000), 'n1')],
    durationMs: 22_000,
    settlingMs: 15_000,
    expects: {
      // Too short to see sentinels agree for as long as that check wants.
      verdicts: { ...nothingNoticed, 'sentinels-agree': 'not exercised' }, failovers: { max: 0 },
      // Everything of twelve seconds.
      lost: { min: 340, max: 370 }, unavailableMs: { max: 1000 },
    },
  },
  steps: [
    { key: 'full', when: onNote('sync', { state: 'connected' }, 2) },
    { key: 'kill', when: onStrike(0), about: ['n1'] },
    { key: 'restart', when: { event: { kind: 'start', node: 'n1' }, nth: 2 }, about: ['n2', 'n3'] },
    { key: 'emptied', when: onNote('history', { reason: 'full-sync' }, 2, 'n2'), about: ['n1', 'n3'] },
  ],
  prediction: {
    after: 'restart', options: ['fills', 'emptied', 'failover'], answer: 'emptied',
    proof: [{ figure: 'lost', min: 340 }, { figure: 'failovers', max: 0 }],
  },
  change: { kind: 'setting', process: 'data', directive: 'appendonly', value: 'yes' },
  comparisons: [
    { figure: 'lost', a: { min: 340 }, b: { max: 0 } },
    { figure: 'failovers', a: { max: 0 }, b: { max: 0 } },
  ],
};
