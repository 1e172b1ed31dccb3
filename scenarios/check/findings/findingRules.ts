/** All rules, and what becomes of a suspicion once it has been run. */
import { describeMend } from '../../../sim/topology/mend/mend.ts';
import type { Topology } from '../../../sim/topology/topology.ts';
import type { CellOutcome } from '../cellRun.ts';
import { CLUSTER_RULES } from './clusterRules.ts';
import { DATA_RULES } from './dataRules.ts';
import type { Finding, FindingRule, Proof, Suspicion } from './finding.ts';
import { SENTINEL_RULES } from './sentinelRules.ts';

export const FINDING_RULES: readonly FindingRule[] = [...SENTINEL_RULES, ...DATA_RULES, ...CLUSTER_RULES];

/** A suspicion with the run that would show it. */
export interface Suspect {
  readonly id: string;
  readonly suspicion: Suspicion;
  readonly proof: Proof;
}

/** What the configuration alone gives reason to look at. */
export const suspectsOf = (topology: Topology): readonly Suspect[] => FINDING_RULES.flatMap(({ id, suspect }) => {
  const suspicion = suspect(topology);
  const proof = suspicion?.proof(topology) ?? null;
  return suspicion === null || proof === null ? [] : [{ id, suspicion, proof }];
});

/** The finding, as far as its runs show one; null: nothing happened, so nothing is claimed. */
export const findingOf = ({ id, suspicion, proof }: Suspect, outcomes: readonly CellOutcome[]): Omit<Finding, 'mend'> | null => {
  const bad = outcomes.filter((outcome) => suspicion.isBad(outcome));
  const [first] = bad;
  if (first === undefined) return null;
  const advice = suspicion.advice ?? (suspicion.mend === null ? null : describeMend(suspicion.mend));
  return {
    id, says: suspicion.says, where: suspicion.where, ...(advice === null ? {} : { advice }),
    proof: { failure: proof.name, seed: first.seed, evidence: suspicion.shows(first), runs: outcomes.length, bad: bad.length },
  };
};

/** Whether the runs on the mended files show it no more, and what they show instead. */
export const verified = ({ suspicion }: Suspect, outcomes: readonly CellOutcome[]): { readonly verified: boolean; readonly evidence: string } => {
  const bad = outcomes.find((outcome) => suspicion.isBad(outcome));
  const shown = bad ?? outcomes[0];
  return { verified: bad === undefined && shown !== undefined, evidence: shown === undefined ? 'nothing was run' : suspicion.shows(shown) };
};
