/**
 * Who must live for a failover: the quorum finds the primary down, a majority of all known sentinels authorises its replacement,
 * and neither takes the other's place.
 */
import { nothingNoticed, nobodyElected } from '../expectations.ts';
import { at, boot, kill, power, start } from '../plan.ts';
import { PERSISTED, clientsOf, watched } from '../sentinel/deployment.ts';
import { LESSON_SEED, type Lesson, onDown, onNote, onStrike, withQuorum } from './lesson.ts';

const five = watched({ replicas: 2, sentinels: 5, quorum: 4, placement: 'apart', directives: PERSISTED });

/** Quorum 4 of 5 with two dead: three are a majority, and still nobody may begin. */
export const quorumAndMajority: Lesson = {
  name: 'quorum-and-majority',
  seed: LESSON_SEED,
  scenario: {
    name: 'lessons/quorum-and-majority',
    teaches: 'A quorum above what is left alive: three of five sentinels see the primary dead, and nobody may begin a failover.',
    topology: five,
    workload: clientsOf(five),
    plan: [kill(at(8000), 's4'), kill(at(8000), 's5'), kill(at(12_000), 'n1'), start(at(26_000), 'n1')],
    durationMs: 34_000,
    settlingMs: 15_000,
    expects: {
      verdicts: nothingNoticed, failovers: { max: 0 }, lost: { max: 0 },
      // From the kill to the start.
      unavailableMs: { min: 13_000, max: 17_000 },
    },
  },
  steps: [
    { key: 'two-die', when: onStrike(0), about: ['s4', 's5'] },
    { key: 'primary-dies', when: onStrike(2), about: ['n1'] },
    { key: 'first-sdown', when: onDown() },
    { key: 'third-sdown', when: onDown(3) },
    { key: 'returns', when: onStrike(3), about: ['n1'] },
  ],
  prediction: {
    after: 'third-sdown', options: ['failover', 'nothing', 'refused'], answer: 'nothing',
    proof: [{ figure: 'odown', max: 0 }, { figure: 'leaders', max: 0 }, { figure: 'failovers', max: 0 }],
  },
  change: withQuorum(2),
  comparisons: [
    { figure: 'odown', a: { max: 0 }, b: { min: 1 } },
    { figure: 'leaders', a: { max: 0 }, b: { min: 1 } },
    { figure: 'failovers', a: { max: 0 }, b: { min: 1, max: 1 } },
    { figure: 'unavailable', a: { min: 13_000 }, b: { max: 8000 } },
  ],
};

const two = watched({ replicas: 1, sentinels: 2, quorum: 1, placement: 'beside', directives: PERSISTED });

/** The one that is left finds the primary down by itself, and is no majority of two. */
export const twoSentinels: Lesson = {
  name: 'two-sentinels',
  seed: LESSON_SEED,
  scenario: {
    name: 'lessons/two-sentinels',
    teaches: 'Of two sentinels the one that is left asks for votes and gets only its own: a majority of two is two.',
    topology: two,
    workload: clientsOf(two),
    plan: [power(at(10_000), 'n1'), boot(at(30_000), 'n1')],
    durationMs: 40_000,
    settlingMs: 20_000,
    expects: {
      // Too short to see sentinels agree for as long as that check wants.
      verdicts: { ...nobodyElected, 'sentinels-agree': 'not exercised' }, failovers: { max: 0 }, lost: { max: 70 },
      unavailableMs: { min: 19_000, max: 25_000 },
    },
  },
  steps: [
    { key: 'power', when: onStrike(0), about: ['n1', 'n1-sentinel'] },
    { key: 'sdown', when: onDown() },
    { key: 'odown', when: onNote('odown') },
    { key: 'own-vote', when: onNote('vote', {}, 1, 'n2-sentinel') },
    { key: 'not-elected', when: onNote('sentinel', { event: '-failover-abort-not-elected' }) },
    { key: 'boot', when: onStrike(1), about: ['n1', 'n1-sentinel'] },
  ],
  prediction: {
    after: 'odown', options: ['promotes', 'not-elected', 'waits'], answer: 'not-elected',
    proof: [{ figure: 'odown', min: 1 }, { figure: 'leaders', max: 0 }, { figure: 'failovers', max: 0 }],
  },
  change: withQuorum(2),
  comparisons: [
    { figure: 'odown', a: { min: 1 }, b: { max: 0 } },
    { figure: 'leaders', a: { max: 0 }, b: { max: 0 } },
    { figure: 'failovers', a: { max: 0 }, b: { max: 0 } },
    { figure: 'unavailable', a: { min: 19_000 }, b: { min: 19_000 } },
  ],
};
