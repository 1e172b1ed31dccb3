/**
 * What `faultline check --html` puts into its page: the table and all that is needed to run each of its cells again. It may be opened
 * from anywhere, so the topology is validated like any, and the rest is read as far as the page shows it.
 */
import { ScenarioError } from '../../engine/core/errors.ts';
import { validateTopology } from '../../sim/topology/validateTopology.ts';
import type { Topology } from '../../sim/topology/topology.ts';
import type { Finding } from './findings/finding.ts';
import type { CheckReport } from './table.ts';

/** Raised when an older document could no longer be read. */
export const CHECK_DOCUMENT_VERSION = 1;

export interface CheckDocument {
  readonly faultlineCheck: number;
  readonly topology: Topology;
  readonly report: CheckReport;
  readonly findings: readonly Finding[];
  /** The table of the mended files; null: nothing was mended. */
  readonly mended: CheckReport | null;
}

export const checkDocument = (
  topology: Topology, report: CheckReport, findings: readonly Finding[], mended: CheckReport | null,
): CheckDocument => ({ faultlineCheck: CHECK_DOCUMENT_VERSION, topology, report, findings, mended });

/** Null where a text is no such document. Throws `ScenarioError` where it says that it is one, and is not. */
export const readCheckDocument = (text: string): CheckDocument | null => {
  if (!text.startsWith('{"faultlineCheck":')) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ScenarioError('a check that is cut off');
  }
  const { faultlineCheck, topology, report, findings, mended } = value as Partial<CheckDocument>;
  if (faultlineCheck !== CHECK_DOCUMENT_VERSION) throw new ScenarioError(`a check of version ${String(faultlineCheck)}; this page reads ${CHECK_DOCUMENT_VERSION}`);
  if (!Array.isArray(report?.faults) || !Array.isArray(findings)) throw new ScenarioError('a check without its table');
  return { faultlineCheck, topology: validateTopology(topology, 'topology'), report, findings, mended: mended ?? null };
};
