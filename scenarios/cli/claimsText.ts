/** The claims as a terminal shows them: verdict and statement, the evidence, and the command that shows it again. */
import type { ClaimResult, ClaimVerdict } from '../claims/claim.ts';
import { type Style, indent, plural, wrap } from './tables.ts';

const VERDICT_WIDTH = 8;
/** Of the second and further lines of what is wrapped. */
const HANGING = 2;

export const claimsText = (style: Style, results: readonly ClaimResult[], isQuiet: boolean): string => [
  ...(isQuiet ? results.map((result) => line(style, result)) : results.map((result) => block(style, result))),
  summary(results),
].join(isQuiet ? '\n' : '\n\n');

const coloured = ({ colours }: Style, verdict: ClaimVerdict): string => {
  const text = verdict.padEnd(VERDICT_WIDTH);
  if (verdict === 'holds') return colours.green(text);
  return verdict === 'refuted' ? colours.red(text) : colours.yellow(text);
};

const line = (style: Style, result: ClaimResult): string =>
  `${String(result.n).padStart(2)}  ${coloured(style, result.verdict)}  ${result.statement}${unexpected(result)}`;

const unexpected = ({ verdict, expected }: ClaimResult): string => (verdict === expected ? '' : ` (expected: ${expected})`);

const block = (style: Style, result: ClaimResult): string => {
  const condition = result.condition === undefined ? '' : ` ${result.condition}`;
  return [
    style.colours.bold(wrap(style, `${result.n}. ${result.statement}`, HANGING)),
    indent(wrap(style, `${coloured(style, result.verdict).trimEnd()}${condition}${unexpected(result)}`, HANGING)),
    ...result.cases.map(({ evidence }) => indent(wrap(style, `- ${evidence}`, HANGING))),
    indent(style.colours.dim(`again: ${result.replay}`)),
  ].join('\n');
};

const summary = (results: readonly ClaimResult[]): string => {
  const count = (verdict: ClaimVerdict): number => results.filter((result) => result.verdict === verdict).length;
  const wrong = results.filter(({ verdict, expected }) => verdict !== expected).map(({ n }) => n);
  const told = `${plural(results.length, 'statement')}: ${count('holds')} hold, ${count('holds if')} hold under a condition,`
    + ` ${count('refuted')} are refuted`;
  return wrong.length === 0 ? `OK: ${told}` : `FAILED: ${told}; not as expected: ${wrong.join(', ')}`;
};
