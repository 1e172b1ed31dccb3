/** The first violation that a consistency check found, with the calls that show it; further ones are counted. */
import type { Call } from '../../client/call.ts';
import type { CheckResult } from '../check.ts';
import { byInvocation } from './model.ts';

/** Calls that a report shows at most: the rest of a long witness helps nobody. */
const EVIDENCE_MAX = 16;

export class Findings {
  private first: { readonly detail: string; readonly evidence: readonly Call[] } | null = null;
  private count = 0;

  /** The last of `evidence`, by its answer, is the event of the violation. */
  add(detail: string, evidence: readonly (Call | null | undefined)[]): void {
    this.count++;
    this.first ??= { detail, evidence: [...new Set(evidence.filter((call) => call !== null && call !== undefined))].sort(byInvocation) };
  }

  /** `violated`, or `holds` after so many comparisons, or `not exercised` when there was none. */
  result(comparisons: number, what: string): CheckResult {
    if (this.first === null) {
      return comparisons === 0 ? { verdict: 'not exercised', detail: `no ${what}`, comparisons } : { verdict: 'holds', detail: `${comparisons} ${what}`, comparisons };
    }
    const { detail, evidence } = this.first;
    const event = [...evidence].sort((left, right) => (left.completedAt ?? 0) - (right.completedAt ?? 0)).at(-1)?.completedBy;
    return {
      verdict: 'violated', detail: this.count > 1 ? `${detail} (and ${this.count - 1} more)` : detail, comparisons,
      evidence: evidence.slice(-EVIDENCE_MAX), ...(event === undefined ? {} : { event }),
    };
  }
}
