/** The test file that a failure is written as: its data are the scenario's, whatever stands in them. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { regressionTestText } from '../../../scenarios/regressionTest.ts';
import type { ExpandedScenario } from '../../../sim/scenario.ts';
import { entry, scenarioWith } from '../sim/explore/reports.ts';

const textOf = (scenario: ExpandedScenario, detail = 'd', planted: readonly string[] = []): string =>
  regressionTestText({ scenario, seed: 7, check: 'convergence', cause: 'c', detail, replay: 'npx faultline replay x.json', planted });

/** The value of the literal in the source. */
const literalIn = (source: string): unknown => {
  const literal = /^const scenario: ResolvedScenario = ([^]*?);\n\ntest\(/m.exec(source)?.[1];
  return new Function(`return ${literal ?? ''};`)() as unknown;
};

test('holds the scenario as it is, with any names', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.string(), fc.nat(), (name, target, atMs) => {
    const scenario = scenarioWith([entry('kill', atMs, { target, with: { [target]: [[name], ['a-b']], 'odd name': true } })], { name }) as ExpandedScenario;
    expect(literalIn(textOf(scenario))).toEqual(JSON.parse(JSON.stringify(scenario)));
  }), { examples: [['', '__proto__', 0]] });
});

test('reads like a test that somebody wrote', () => {
  const source = textOf(scenarioWith([entry('kill', 5000, { target: 'n1' })]) as ExpandedScenario, 'ends */ the comment\nand more', ['votesTwice']);
  expect(source).toContain("import { type ResolvedScenario, runScenario } from 'faultline';");
  expect(source).toContain("  plan: [{ when: { atMs: 5000 }, do: 'kill', target: 'n1' }],");
  expect(source).toContain("const report = runScenario(scenario, 7, { bugs: ['votesTwice'] });");
  expect(source).toContain(' * ends * / the comment and more\n');
  expect(source.split('\n').every((line) => line.length <= 160)).toBe(true);
});
