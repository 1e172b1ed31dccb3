/**
 * A failure as a Vitest test that people can read and keep: the deployment, the workload and the plan as plain data, the seed, and
 * what must come out. It passes once the failure is mended.
 */
import type { FailureClass } from '../sim/explore/failureClass.ts';
import type { ExpandedScenario } from '../sim/scenario.ts';

export interface RegressionTest extends FailureClass {
  readonly scenario: ExpandedScenario;
  readonly seed: number;
  /** What the report said when it failed. */
  readonly detail: string;
  /** The one command that runs it again. */
  readonly replay: string;
  readonly planted: readonly string[];
}

const LINE_MAX = 100;
const INDENT = 2;

/** The source of the test file. */
export const regressionTestText = ({ scenario, seed, check, detail, replay, planted }: RegressionTest): string => [
  '/**',
  ` * Found by \`faultline explore\` in ${commentSafe(scenario.name)}, and shrunk:`,
  ` * ${commentSafe(detail)}`,
  ` * Again: ${commentSafe(replay)}`,
  ' */',
  `import { type ResolvedScenario, runScenario } from ${quoted('faultline')};`,
  `import { expect, test } from ${quoted('vitest')};`,
  '',
  `const scenario: ResolvedScenario = ${literal(scenario, 0)};`,
  '',
  `test(${quoted(`${scenario.name}, seed ${seed}: ${check}`)}, () => {`,
  `  const report = runScenario(scenario, ${seed}${planted.length === 0 ? '' : `, { bugs: [${planted.map(quoted).join(', ')}] }`});`,
  `  expect(report.failures, ${quoted(`again: ${replay}`)}).toEqual([]);`,
  '}, 60_000);',
].join('\n');

/** Nothing in a scenario may end the comment, or begin a line of its own. */
const commentSafe = (text: string): string => text.replaceAll('*/', '* /').replace(/\s+/g, ' ');

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')
  .replaceAll('\r', '\\r').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`;

/** A value of JSON as source: on one line where it fits. */
const literal = (value: unknown, depth: number): string => {
  const flat = flatLiteral(value);
  const room = LINE_MAX - depth * INDENT;
  if (flat.length <= room || typeof value !== 'object' || value === null) return flat;
  const inner = ' '.repeat((depth + 1) * INDENT);
  const outer = ' '.repeat(depth * INDENT);
  if (Array.isArray(value)) return `[\n${value.map((item) => `${inner}${literal(item, depth + 1)},\n`).join('')}${outer}]`;
  const fields = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{\n${fields.map(([name, item]) => `${inner}${property(name)}: ${literal(item, depth + 1)},\n`).join('')}${outer}}`;
};

const flatLiteral = (value: unknown): string => {
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map(flatLiteral).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, item]) => item !== undefined);
  return fields.length === 0 ? '{}' : `{ ${fields.map(([name, item]) => `${property(name)}: ${flatLiteral(item)}`).join(', ')} }`;
};

/** Written plainly, `__proto__` would name no field but what the object inherits from. */
const property = (name: string): string => {
  if (name === '__proto__') return `[${quoted(name)}]`;
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name);
};
