/**
 * The page of the claims: what `docs/claims.md` holds.
 *
 * Always holds: the same runs give the same bytes. Nothing stands in it that varies from machine to machine.
 */
import { CLAIM_GROUPS, type ClaimGroup, type ClaimResult, type ClaimVerdict } from '../claims/claim.ts';

const TITLES: Readonly<Record<ClaimGroup, string>> = {
  standalone: 'Standalone', replication: 'Replication', sentinel: 'Sentinel', cluster: 'Cluster', persistence: 'Persistence',
  kubernetes: 'Kubernetes',
};

const HEAD = `# What the notes say, and what runs show

The project starts from an operator's notes on running Redis. Each of their statements is put to the test on the engine; the verdict is
what the runs showed. This page is made by \`npx faultline claims --page docs/claims.md\`, and CI fails where a new run says anything else.

- **holds**: in every case that was run.
- **holds if**: where the condition is met; where it is not, a run shows the opposite.
- **refuted**: a run shows the opposite, and no condition saves it.
`;

export const claimsPage = (results: readonly ClaimResult[]): string => {
  const count = (verdict: ClaimVerdict): number => results.filter((result) => result.verdict === verdict).length;
  const groups = CLAIM_GROUPS.map((group) => ({ group, members: results.filter((result) => result.group === group) }))
    .filter(({ members }) => members.length > 0);
  return [
    HEAD,
    `Of ${results.length} statements ${count('holds')} hold, ${count('holds if')} hold under a condition, and ${count('refuted')}`
      + ' are refuted.',
    ...groups.flatMap(({ group, members }) => [`## ${TITLES[group]}`, ...members.map(section)]),
  ].join('\n\n').replaceAll('\n\n\n', '\n\n');
};

const section = (result: ClaimResult): string => [
  `### ${result.n}. ${result.statement}`,
  `**${result.verdict}**${result.condition === undefined ? '' : ` ${result.condition}.`}`,
  result.cases.map(({ evidence, replay }) => `- ${evidence}. \`${replay}\``).join('\n'),
].join('\n\n');

export interface PageDifference {
  /** From 1. */
  readonly line: number;
  readonly page: string;
  readonly run: string;
}

/** The first line in which the page and what was run just now differ; null: they are the same. */
export const firstDifference = (page: string, run: string): PageDifference | null => {
  const [left, right] = [page, run].map((text) => text.trimEnd().split('\n'));
  const lines = Math.max(left?.length ?? 0, right?.length ?? 0);
  for (let index = 0; index < lines; index++) {
    const [there, now] = [left?.[index] ?? 'nothing', right?.[index] ?? 'nothing'];
    if (there !== now) return { line: index + 1, page: there, run: now };
  }
  return null;
};
