/**
 * Times that decide: `down-after-milliseconds` says how slow a primary may be, `failover-timeout` how long the others wait for a
 * leader that has died.
 */
import { sentinelsHold } from '../expectations.ts';
import { at, command, kill, start } from '../plan.ts';
import { clientsOf, watched } from '../sentinel/deployment.ts';
import { LESSON_SEED, type Lesson, onDown, onNote, onStrike } from './lesson.ts';

const sleepers = watched({
  replicas: 2, sentinels: 3, quorum: 2, placement: 'apart', directives: [['enable-debug-command', 'yes']],
});

/** It is alive and busy; from outside that is the same as dead. */
export const slowCommand: Lesson = {
  name: 'slow-command',
  seed: LESSON_SEED,
  scenario: {
    name: 'lessons/slow-command',
    teaches: 'A command that takes longer than down-after-milliseconds costs the primary its role.',
    topology: sleepers,
    workload: clientsOf(sleepers),
    plan: [command(at(10_000), 'the primary', 'DEBUG', 'SLEEP', '9')],
    durationMs: 32_000,
    settlingMs: 20_000,
    expects: {
      verdicts: sentinelsHold, failovers: { min: 1, max: 1 }, lost: { max: 0 },
      unavailableMs: { min: 3000, max: 8000 },
    },
  },
  steps: [
    { key: 'sleep', when: onStrike(0), about: ['n1'] },
    { key: 'sdown', when: onDown() },
    { key: 'odown', when: onNote('odown') },
    { key: 'promoted', when: onNote('role', { role: 'primary' }, 2) },
    { key: 'demoted', when: onNote('role', { role: 'replica' }, 1, 'n1') },
  ],
  prediction: {
    after: 'sdown', options: ['waits', 'replaced', 'killed'], answer: 'replaced',
    proof: [{ figure: 'failovers', min: 1, max: 1 }],
  },
  change: { kind: 'setting', process: 'sentinels', directive: 'sentinel down-after-milliseconds mymain', value: '15000' },
  comparisons: [
    { figure: 'odown', a: { min: 1 }, b: { max: 0 } },
    { figure: 'failovers', a: { min: 1, max: 1 }, b: { max: 0 } },
    { figure: 'unavailable', a: { max: 8000 }, b: { min: 8500 } },
    { figure: 'lost', a: { max: 0 }, b: { max: 0 } },
  ],
};

const crowd = watched({ replicas: 2, sentinels: 3, quorum: 2, placement: 'apart', failoverTimeoutMs: 12_000 });

/** Two of three live, a majority; and for twice failover-timeout nobody tries. */
export const failoverTimeout: Lesson = {
  name: 'failover-timeout',
  seed: LESSON_SEED,
  scenario: {
    name: 'lessons/failover-timeout',
    teaches: 'When the elected leader dies, who voted for it waits for twice failover-timeout before it tries by itself.',
    topology: crowd,
    workload: clientsOf(crowd),
    plan: [
      kill(at(8000), 'n1'),
      kill({ after: { kind: 'note.leader' } }, 'the sentinel leader'),
      start(at(42_000), 'n1'),
    ],
    durationMs: 50_000,
    settlingMs: 20_000,
    expects: {
      verdicts: sentinelsHold, failovers: { min: 1, max: 1 }, lost: { max: 0 },
      unavailableMs: { min: 26_000, max: 33_000 },
    },
  },
  steps: [
    { key: 'kill', when: onStrike(0), about: ['n1'] },
    { key: 'vote', when: onNote('vote') },
    { key: 'leader', when: onNote('leader') },
    { key: 'leader-dies', when: onStrike(1) },
    { key: 'second-leader', when: onNote('leader', {}, 2) },
    { key: 'promoted', when: onNote('role', { role: 'primary' }, 2) },
  ],
  prediction: {
    after: 'leader-dies', options: ['at-once', 'after-timeout', 'after-twice', 'never'], answer: 'after-twice',
    // 3 s until the first election, and 24 s from there.
    proof: [{ figure: 'unavailable', min: 26_000 }, { figure: 'failovers', min: 1, max: 1 }],
  },
  change: { kind: 'setting', process: 'sentinels', directive: 'sentinel failover-timeout mymain', value: '3000' },
  comparisons: [
    { figure: 'leaders', a: { min: 2 }, b: { min: 2 } },
    { figure: 'failovers', a: { min: 1, max: 1 }, b: { min: 1, max: 1 } },
    { figure: 'unavailable', a: { min: 26_000 }, b: { max: 16_000 } },
  ],
};
