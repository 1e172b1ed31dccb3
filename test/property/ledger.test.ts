/**
 * The write ledger under random plans: whatever strikes, in whatever order, the accounts add up, every loss has an
 * explanation, and no safety check is violated. A search for bugs in the engine and in the checkers alike.
 *
 * FAULTLINE_PLANS sets how many plans are tried (a night's run takes thousands).
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type PlanEntry, type PlanTime, type RunReport, runScenario } from '../../sim/index.ts';
import { resolvedScenario, safetyProblems, withPlan } from '../simulation/resolved.ts';

const PLANS = Number(process.env['FAULTLINE_PLANS'] ?? 150);
const SCENARIO = 'replication/primary-power-loss';
const STRIKES_FROM_MS = 2000;
const DURATION_MS = 40_000;
const SETTLING_MS = 15_000;

const nodes = ['redis-main', 'redis-replica-1', 'redis-replica-2'];
const clients = ['C1', 'C2', 'C3', 'P1'];
const roles = ['the primary', 'a replica', 'replica 2', 'the most advanced replica', 'the least advanced replica',
  'the primary as C1 believes'];

const target = fc.constantFrom(...nodes, ...nodes, ...roles);
const at: fc.Arbitrary<PlanTime> = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: STRIKES_FROM_MS, max: DURATION_MS }).map((atMs) => ({ atMs })) },
  {
    weight: 1, arbitrary: fc.record({
      state: fc.constantFrom('handshake', 'transfer', 'connected', 'connect'), nth: fc.integer({ min: 1, max: 6 }),
      delayMs: fc.nat({ max: 20 }),
    }).map(({ state, nth, delayMs }) => ({ after: { kind: 'note.sync', fields: { state } }, nth, delayMs })),
  },
);

/** What makes saves, reconnections and new histories frequent enough to matter in forty seconds. */
const commands: readonly (readonly string[])[] = [
  ['BGSAVE'], ['SAVE'], ['CONFIG', 'SET', 'save', '2 1'], ['CONFIG', 'SET', 'repl-diskless-sync', 'no'],
  ['CONFIG', 'SET', 'repl-diskless-sync-delay', '0'], ['CONFIG', 'SET', 'repl-timeout', '4'],
  ['CONFIG', 'SET', 'repl-backlog-ttl', '2'], ['CONFIG', 'SET', 'repl-backlog-size', '16384'],
  ['CONFIG', 'SET', 'repl-ping-replica-period', '1'], ['CLIENT', 'KILL', 'TYPE', 'replica'],
  ['CLIENT', 'KILL', 'TYPE', 'master'], ['CLIENT', 'KILL', 'TYPE', 'normal'], ['DEBUG', 'SLEEP', '2'],
  ['SHUTDOWN', 'SAVE'], ['SHUTDOWN', 'NOSAVE'],
];

const forMs = fc.option(fc.integer({ min: 100, max: 20_000 }), { nil: undefined });
const lasting = (kind: string): fc.Arbitrary<PlanEntry> => fc.record({ when: at, target, forMs }).map(
  ({ when, target: on, forMs: time }) => ({ when, do: kind, target: on, ...(time === undefined ? {} : { forMs: time }) }));
const plain = (kind: string): fc.Arbitrary<PlanEntry> => fc.record({ when: at, target }).map(
  ({ when, target: on }) => ({ when, do: kind, target: on }));

const groups = fc.array(fc.nat({ max: 1 }), { minLength: nodes.length + clients.length, maxLength: nodes.length + clients.length })
  .map((sides) => [0, 1].map((side) => [...nodes, ...clients].filter((_, index) => sides[index] === side)));

const entry: fc.Arbitrary<PlanEntry> = fc.oneof(
  plain('kill'), lasting('power'), lasting('pause'), plain('start'), plain('boot'), plain('promote'), plain('promote'),
  fc.record({ when: at, target, primary: target }).map(
    ({ when, target: on, primary }): PlanEntry => ({ when, do: 'follow', target: on, with: { primary } })),
  fc.record({ when: at, target, primary: target }).map(
    ({ when, target: on, primary }): PlanEntry => ({ when, do: 'follow', target: on, with: { primary } })),
  fc.record({ when: at, to: target }).map(
    ({ when, to }): PlanEntry => ({ when, do: 'point', with: { name: 'redis-main', to } })),
  fc.record({ when: at, groups, forMs, oneWay: fc.boolean() }).filter(({ groups: sides }) => sides.every((side) => side.length > 0))
    .map(({ when, groups: sides, forMs: time, oneWay }): PlanEntry => (
      { when, do: 'partition', with: { groups: sides, oneWay }, ...(time === undefined ? {} : { forMs: time }) })),
  fc.record({ when: at }).map(({ when }): PlanEntry => ({ when, do: 'heal' })),
  fc.record({ when: at, from: target, to: target, percent: fc.integer({ min: 1, max: 60 }) }).map(
    ({ when, from, to, percent }): PlanEntry => ({ when, do: 'lossy', with: { from, to, percent } })),
  fc.record({ when: at, target, byMs: fc.integer({ min: -20_000, max: 20_000 }) }).map(
    ({ when, target: on, byMs }): PlanEntry => ({ when, do: 'clockJump', target: on, with: { byMs } })),
  fc.record({ when: at, target, argv: fc.constantFrom(...commands) }).map(
    ({ when, target: on, argv }): PlanEntry => ({ when, do: 'command', target: on, with: { argv } })),
  fc.record({ when: at, target, argv: fc.constantFrom(...commands) }).map(
    ({ when, target: on, argv }): PlanEntry => ({ when, do: 'command', target: on, with: { argv } })),
);

/** A plan, and a base line that makes links and saves quick so that more happens in one run. */
const plans = fc.record({ seed: fc.integer({ min: 1, max: 1_000_000 }), plan: fc.array(entry, { minLength: 1, maxLength: 16, size: 'max' }) });

const attempt = (seed: number, plan: readonly PlanEntry[]): RunReport =>
  runScenario(withPlan(SCENARIO, plan, DURATION_MS, SETTLING_MS), seed);

describe('the ledger under random plans', () => {
  test('accounts add up, every loss is explained, no safety check is violated', () => {
    let acknowledged = 0;
    let lost = 0;
    fc.assert(fc.property(plans, ({ seed, plan }) => {
      const report = attempt(seed, plan);
      acknowledged += report.ledger.acknowledged;
      lost += report.ledger.lost;
      // The everysec window is counted in the node's own seconds: a clock that is set back makes it longer.
      const hasJump = plan.some((one) => one.do === 'clockJump');
      const problems = safetyProblems(report).filter((problem) => !(hasJump && problem.startsWith('everysec-window:')));
      if (problems.length > 0) throw new Error(`seed ${seed}, plan ${JSON.stringify(plan)}\n${problems.join('\n')}`);
    }), { numRuns: PLANS });
    // A search in which nothing was ever lost has not searched.
    expect(acknowledged).toBeGreaterThan(PLANS * 100);
    expect(lost).toBeGreaterThan(0);
  }, 60_000 + PLANS * 1000);

  test('the plan that strikes nothing loses nothing', () => {
    const { ledger } = runScenario({ ...resolvedScenario(SCENARIO), plan: [], expects: { verdicts: {} } }, 1);
    expect(ledger.acknowledged).toBeGreaterThan(1000);
    expect(ledger).toMatchObject({ lost: 0, unknown: 0, lostWrites: [] });
  });
});
