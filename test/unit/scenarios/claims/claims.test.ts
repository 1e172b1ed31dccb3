/**
 * The claims: all statements of the notes, in their words; verdicts that follow from what was seen; and a page that says what runs show.
 * That every claim comes out as recorded, and that the whole page does, is a step of `.ci/run`.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type CaseResult, type Claim, type ClaimResult, judge } from '../../../../scenarios/claims/claim.ts';
import { claims, findClaim } from '../../../../scenarios/claims/index.ts';
import { claimScenarios } from '../../../../scenarios/claims/claimScenarios.ts';
import { runClaim } from '../../../../scenarios/claims/runClaim.ts';
import { answer, field, inTurn, listed } from '../../../../scenarios/claims/seen.ts';
import { claimsPage, firstDifference } from '../../../../scenarios/cli/claimsPage.ts';
import { claimsText } from '../../../../scenarios/cli/claimsText.ts';
import { styleFor } from '../../../../scenarios/cli/tables.ts';
import { scenarios } from '../../../../scenarios/index.ts';
import type { ReadText } from '../../../../sim/topology/topology.ts';

const readSeed: ReadText = (file) => readFileSync(new URL(`../../../../scenarios/seeds/${file}`, import.meta.url), 'utf8');
const NOTES = readSeed('claims.md').replace(/\s+/g, ' ');
const PAGE = readFileSync(new URL('../../../../docs/claims.md', import.meta.url), 'utf8');

/** Quick ones, one of each verdict among them. */
const QUICK = [2, 7, 14, 34];

const ran = new Map<number, ClaimResult>();
const result = (n: number): ClaimResult => {
  const claim = findClaim(n) as Claim;
  const known = ran.get(n) ?? runClaim(claim, readSeed);
  ran.set(n, known);
  return known;
};

describe('the statements', () => {
  test('are those of the notes, by their numbers and in their words', () => {
    expect(claims.map(({ n }) => n)).toEqual(Array.from({ length: 35 }, (_, index) => index + 1));
    for (const { n, statement } of claims) expect(NOTES).toContain(`${n}. ${statement}`);
  });

  test('a condition is there just where cases are told apart by it', () => {
    for (const { n, condition, cases, expected } of claims) {
      expect([n, condition !== undefined]).toEqual([n, expected === 'holds if']);
      expect([n, cases.some((one) => one.condition === 'not met')]).toEqual([n, condition !== undefined]);
      if (condition !== undefined) expect([n, cases.some((one) => one.condition === 'met')]).toEqual([n, true]);
    }
  });

  test('what they run is listed, so that it can be run again', () => {
    const used = claims.flatMap(({ cases }) => cases).flatMap(({ scenario, ...rest }) =>
      [scenario, 'against' in rest ? rest.against : undefined]).filter((scenario) => scenario !== undefined);
    for (const scenario of used) expect(scenarios).toContain(scenario);
    for (const scenario of claimScenarios) expect(used).toContain(scenario);
  });
});

describe('the verdict', () => {
  const seen = (holds: boolean, condition?: CaseResult['condition']): CaseResult =>
    ({ holds, evidence: '', replay: String(condition), ...(condition === undefined ? {} : { condition }) });

  test.each<[string, readonly CaseResult[], string]>([
    ['all cases speak for it', [seen(true), seen(true)], 'holds'],
    ['one speaks against it', [seen(true), seen(false)], 'refuted'],
    ['met it holds, not met it does not', [seen(true, 'met'), seen(false, 'not met')], 'holds if'],
    ['it holds in either case', [seen(true, 'met'), seen(true, 'not met')], 'holds'],
    ['even met it does not', [seen(false, 'met'), seen(false, 'not met')], 'refuted'],
    ['of several not met one is enough', [seen(true, 'met'), seen(true, 'not met'), seen(false, 'not met')], 'holds if'],
  ])('%s', (_what, cases, verdict) => {
    expect(judge(cases).verdict).toBe(verdict);
  });

  test('the case that decided is the one to run again', () => {
    expect(judge([seen(true, 'met'), seen(false, 'not met')]).decisive?.replay).toBe('not met');
    expect(judge([seen(false), seen(true, 'met')]).decisive?.replay).toBe('undefined');
  });
});

describe('runs', () => {
  test.each(QUICK)('claim %i comes out as recorded, and the page says what was seen', (n) => {
    const { verdict, expected, cases, condition } = result(n);
    expect(verdict).toBe(expected);
    expect(condition !== undefined).toBe(verdict === 'holds if');
    for (const { evidence, replay } of cases) expect(PAGE).toContain(`- ${evidence}. \`${replay}\``);
  });

  test('a case that shows something else changes the verdict', () => {
    const claim = findClaim(7) as Claim;
    const [scenario] = claim.cases.map((one) => one.scenario);
    if (scenario === undefined) throw new Error('claim 7 runs a scenario');
    const turned = runClaim({ ...claim, cases: [{ scenario, observe: () => ({ holds: false, evidence: 'it did not move' }) }] }, readSeed);
    expect(turned).toMatchObject({ verdict: 'refuted', expected: 'holds', evidence: 'it did not move' });
    expect(claimsText(styleFor({}), [turned], false)).toContain('not as expected: 7');
  });
});

describe('the page', () => {
  test('has a section for each, and no measured time of ours', () => {
    for (const { n, statement } of claims) expect(PAGE).toContain(`### ${n}. ${statement}\n`);
    expect(PAGE.split('\n').filter((line) => line.length > 0 && line.trimEnd() !== line)).toEqual([]);
  });

  test('differs where a run does, and the first line that does is named', () => {
    const page = claimsPage([result(2), result(7)]);
    expect(firstDifference(`${page}\n`, page)).toBeNull();
    const changed = { ...result(7), verdict: 'refuted' as const };
    const other = claimsPage([result(2), changed]);
    expect(firstDifference(page, other)).toMatchObject({ page: 'Of 2 statements 1 hold, 1 hold under a condition, and 0 are refuted.' });
    expect(firstDifference(page, `${page}\nmore`)).toMatchObject({ page: 'nothing', run: 'more' });
  });
});

describe('what is looked at', () => {
  test('answers in the form of INFO, and lists of names and values', () => {
    expect(field('role:master\r\nmaster_repl_offset:64\r\n', 'master_repl_offset')).toBe('64');
    expect(field('role:master\r\n', 'nothing')).toBe('');
    expect(listed('name mymain num-other-sentinels 2 quorum 2', 'num-other-sentinels')).toBe('2');
    expect(inTurn([3, 0, 12])).toBe('3, 0 and 12');
    expect(inTurn([])).toBe('');
  });

  test('an answer that nobody gave is empty', () => {
    expect(answer({ report: { strikes: [] } } as unknown as Parameters<typeof answer>[0], 'n1', 'GET k')).toBe('');
  });
});
