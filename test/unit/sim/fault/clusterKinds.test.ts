/** What plans may ask of redis-cli: wrong parameters are refused before anything runs, and a step can be waited for. */
import { describe, expect, test } from 'vitest';
import { ScenarioError } from '../../../../engine/index.ts';
import { clusterClients, threeAndThree } from '../../../../scenarios/cluster/deployment.ts';
import { addNode, afterStep, at, fixSlots, kill, moveSlots, removeNode } from '../../../../scenarios/plan.ts';
import type { PlanEntry, ResolvedScenario } from '../../../../sim/scenario.ts';
import { World } from '../../../../sim/world.ts';
import { NO_ENGINE_BUGS } from '../../../../sim/node/serverProgram.ts';
import { runScenario } from '../../../../sim/run.ts';

const topology = threeAndThree();

const scenario = (...plan: readonly PlanEntry[]): ResolvedScenario => ({
  name: 'move', teaches: 'x', topology, workload: clusterClients(topology), plan, durationMs: 12_000, settlingMs: 5000, expects: { verdicts: {} },
});

const refused = (entry: PlanEntry): string => {
  try {
    const { scenario: { plan } } = new World(scenario(entry), 1, NO_ENGINE_BUGS, null);
    return plan.length === 1 ? 'taken' : 'left out';
  } catch (failure) {
    if (failure instanceof ScenarioError) return failure.message;
    throw failure;
  }
};

describe('parameters', () => {
  test.each<readonly [string, PlanEntry, RegExp]>([
    ['no target', { when: at(1), do: 'moveSlots', with: { to: 'n2', slots: 1 } }, /needs a target/],
    ['slots are missing', { when: at(1), do: 'moveSlots', target: 'n1', with: { to: 'n2' } }, /with.slots: missing/],
    ['a range that goes backwards', moveSlots(at(1), 'n1', 'n2', '9-3'), /with.slots as a count/],
    ['a slot that does not exist', moveSlots(at(1), 'n1', 'n2', '16384'), /with.slots as a count/],
    ['no slots at all', moveSlots(at(1), 'n1', 'n2', 0), /with.slots as a whole number from 1/],
    ['a pause of a day', moveSlots(at(1), 'n1', 'n2', 1, { pauseMs: 86_400_000 }), /with.pauseMs as a whole number/],
    ['half a key', moveSlots(at(1), 'n1', 'n2', 1, { perMigrate: 0.5 }), /with.perMigrate as a whole number/],
    ['a word for a flag', { when: at(1), do: 'fixSlots', target: 'n1', with: { withUnreachable: 'yes' } }, /true or false/],
    ['whom to meet is missing', { when: at(1), do: 'addNode', target: 'n1' }, /with.member: missing/],
  ])('refused: %s', (_, entry, message) => expect(refused(entry)).toMatch(message));

  test.each([
    moveSlots(at(1), 'n1', 'n2', '5'), moveSlots(at(1), 'n1', 'n2', 16_384, { replace: true }), fixSlots(at(1), 'n1'),
    addNode(at(1), 'n1', 'n2', 'n3'), removeNode(at(1), 'n1', 'n2'), kill(at(1), 'redis-cli'),
  ])('taken: %o', (entry) => expect(refused(entry)).toBe('taken'));
});

test('a plan strikes behind the third step, and the program that died does no fourth', () => {
  const steps: string[] = [];
  const report = runScenario(scenario(
    moveSlots(at(8000), 'n1', 'n2', 5, { pauseMs: 100 }), kill(afterStep('empty', 2), 'redis-cli'), kill(at(2000), 'redis-cli-2'),
  ), 1, { sink: { record: ({ detail }) => {
    const note = detail?.['note'] as { readonly kind: string; readonly step?: string; readonly slot?: number } | undefined;
    if (note?.kind === 'step') steps.push(`${note.step} ${note.slot}`);
  } } });
  expect(steps).toEqual([...['importing', 'migrating', 'empty', 'target', 'source', 'others'].map((step) => `${step} 0`),
    'importing 1', 'migrating 1', 'empty 1']);
  expect(report.strikes.map(({ resolved, outcome }) => [resolved, outcome])).toEqual([
    ['n1', 'redis-cli has begun'], ['redis-cli', 'killed'], [null, 'not exercised: the target was nobody']]);
});
