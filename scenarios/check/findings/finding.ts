/**
 * What is wrong with a deployment: a rule suspects something from the configuration alone; only a run that shows it makes it a finding,
 * and only a run of the mended files that shows it no more makes the change one.
 */
import type { ResolvedScenario } from '../../../sim/scenario.ts';
import type { Topology } from '../../../sim/topology/topology.ts';
import type { CellOutcome } from '../cellRun.ts';
import type { Edit } from '../../../sim/topology/mend/editFiles.ts';
import type { Mend } from '../../../sim/topology/mend/mend.ts';

/** The run that would show it. */
export interface Proof {
  /** A cell of the table, by its name, or the name of a plan of the rule's own. */
  readonly name: string;
  readonly scenario: ResolvedScenario;
}

export interface Suspicion {
  /** What is wrong, and what it brings about, in one sentence. */
  readonly says: string;
  /** Origins of the processes that it is about. */
  readonly where: readonly string[];
  /** Null where the mended deployment has nothing left of what would be struck: then nothing is shown. */
  readonly proof: (topology: Topology) => Proof | null;
  /** Whether a run shows it. */
  readonly isBad: (outcome: CellOutcome) => boolean;
  /** What a run showed, bad or not, in figures. */
  readonly shows: (outcome: CellOutcome) => string;
  /** The smallest change; null: there is none of this kind. */
  readonly mend: Mend | null;
  /** What a human would do where these files cannot say the mend. */
  readonly advice?: string;
}

export interface FindingRule {
  readonly id: string;
  readonly suspect: (topology: Topology) => Suspicion | null;
}

export interface Finding {
  readonly id: string;
  readonly says: string;
  readonly where: readonly string[];
  /** Only the mends of those before it bring it up: the files as they are do not have it. */
  readonly afterMends?: true;
  /** The run that proves it. */
  readonly proof: { readonly failure: string; readonly seed: number; readonly evidence: string; readonly runs: number; readonly bad: number };
  /** What to do by hand, where `mend` is null. */
  readonly advice?: string;
  /** Null: no change of these files is known to mend it. */
  readonly mend: {
    readonly change: string;
    readonly edits: readonly Edit[];
    /** All runs of the proof on the mended files show it no more. */
    readonly verified: boolean;
    readonly evidence: string;
  } | null;
}
