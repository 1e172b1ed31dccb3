/**
 * What somebody requires of a deployment, in one line fit for continuous integration: `survives=1machine,lost<=0.1%,outage<=15s`.
 *
 * `survives=1machine`: after any one failure of a machine writes go on, or come back while the failure stands; `survives=2machine`: also
 * after any two at once. `lost` and `outage` bound the worst run of these failures; without `survives`, of all that were run.
 */
import { ConfigError } from '../../engine/core/errors.ts';
import { COMPONENT_KINDS, type ComponentKind } from './components.ts';
import type { CheckRow } from './table.ts';

export interface Requirements {
  readonly text: string;
  readonly survives: { readonly count: 1 | 2; readonly kind: ComponentKind | 'failure' } | null;
  /** Share of the acknowledged writes, 0 to 1. */
  readonly lostMax: number | null;
  readonly outageMsMax: number | null;
}

export interface Judgement {
  readonly ok: boolean;
  /** One line that says what was found. */
  readonly line: string;
  /** Rows that break it, worst first. */
  readonly broken: readonly CheckRow[];
}

const PER_CENT = 100;
const MS_PER: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

/** Throws `ConfigError` that names the part. */
export const parseRequirements = (text: string): Requirements => {
  let survives: Requirements['survives'] = null;
  let lostMax: number | null = null;
  let outageMsMax: number | null = null;
  for (const part of text.split(',').map((word) => word.trim())) {
    const surviving = /^survives=([12])\s*(process|machine|zone|links|failure)e?s?$/.exec(part);
    const lost = /^lost<=(\d+(?:\.\d+)?)%$/.exec(part);
    const outage = /^outage<=(\d+(?:\.\d+)?)(ms|s|m)$/.exec(part);
    if (surviving !== null && survives === null) {
      survives = { count: surviving[1] === '2' ? 2 : 1, kind: surviving[2] as ComponentKind | 'failure' };
    } else if (lost !== null && lostMax === null) lostMax = Number(lost[1]) / PER_CENT;
    else if (outage !== null && outageMsMax === null) outageMsMax = Number(outage[1]) * (MS_PER[outage[2] ?? 's'] ?? 1);
    else {
      throw new ConfigError(`--require: '${part}' is none of survives=1machine (1 or 2 of ${COMPONENT_KINDS.join(', ')}, failure), `
        + 'lost<=0.1% and outage<=15s, each at most once');
    }
  }
  return { text, survives, lostMax, outageMsMax };
};

/** Whether pairs of failures have to be run for it. */
export const needsPairs = ({ survives }: Requirements): boolean => survives?.count === 2;

/** The rows that a requirement is about. */
const inScope = ({ survives }: Requirements, rows: readonly CheckRow[]): readonly CheckRow[] => rows.filter(({ kinds }) =>
  survives === null || (kinds.length <= survives.count && kinds.every((kind) => survives.kind === 'failure' || kind === survives.kind)));

export const judgeRequirements = (requirements: Requirements, rows: readonly CheckRow[]): Judgement => {
  const { survives, lostMax, outageMsMax } = requirements;
  const scope = inScope(requirements, rows);
  const broken = scope.filter((row) => (survives !== null && row.recovered < row.runs)
    || (lostMax !== null && row.lostShare.max > lostMax) || (outageMsMax !== null && row.outageMs.max > outageMsMax));
  const worst = (value: (row: CheckRow) => number): number => Math.max(0, ...scope.map(value));
  const dead = scope.filter(({ recovered, runs }) => recovered < runs).length;
  const said = [
    `${scope.length - dead} of ${scope.length} failures survived`,
    `at most ${shareText(worst((row) => row.lostShare.max))} of the acknowledged writes lost`,
    `at most ${(worst((row) => row.outageMs.max) / 1000).toFixed(1)} s without writes`,
  ];
  const ok = broken.length === 0 && scope.length > 0;
  return { ok, line: `${ok ? 'met' : 'not met'}: ${requirements.text} (${scope.length === 0 ? 'no such failure was run' : said.join(', ')})`, broken };
};

const SHARE_DIGITS = 2;

/** 0.0123 as `1.23 %`. */
export const shareText = (share: number): string => `${(share * PER_CENT).toFixed(SHARE_DIGITS)} %`;
