/** Proves what looks wrong with a deployment, mends a copy of its files, and proves that the mended ones show it no more. */
import { ScenarioError } from '../../engine/core/errors.ts';
import type { DeploymentFile } from '../../sim/topology/importDeployment.ts';
import type { Topology } from '../../sim/topology/topology.ts';
import type { CellOutcome } from '../check/cellRun.ts';
import type { Finding, Proof } from '../check/findings/finding.ts';
import { type Suspect, findingOf, suspectsOf, verified } from '../check/findings/findingRules.ts';
import { editFiles, editsOf, placementText } from '../../sim/topology/mend/editFiles.ts';
import { type Mend, describeMend } from '../../sim/topology/mend/mend.ts';

/** A deployment as its files say it. `place`: the text of the placement file; null without one. */
export interface Deployment {
  readonly files: readonly DeploymentFile[];
  readonly place: string | null;
}

export interface FindingsTools {
  /** Runs every scenario over so many seeds. */
  readonly run: (proofs: readonly Proof[], seeds: number) => Promise<readonly (readonly CellOutcome[])[]>;
  /** Throws `ScenarioError`. */
  readonly load: (deployment: Deployment) => Topology;
}

export interface Found {
  readonly findings: readonly Finding[];
  /** The deployment with all verified mends in it; null where there is none. */
  readonly mended: Deployment | null;
}

/** Of each proof. */
const PROOF_SEEDS = 5;

interface Mending {
  readonly suspect: Suspect;
  readonly finding: Omit<Finding, 'mend'>;
  readonly mend: Mend | null;
  readonly deployment: Deployment | null;
  readonly proof: Proof | null;
}

/** One mend may bring up the next: sentinels that were added have settings of their own. */
const ROUNDS_MAX = 3;

/** What is wrong, what mends it, and what is still wrong when that is mended; each finding is reported once. */
export const findFindings = async (deployment: Deployment, tools: FindingsTools): Promise<Found> => {
  let found = await oneRound(deployment, tools);
  for (let round = 1; round < ROUNDS_MAX && found.mended !== null; round++) {
    const next = await oneRound(found.mended, tools);
    const fresh = next.findings.filter(({ id }) => found.findings.every((known) => known.id !== id));
    if (fresh.length === 0) break;
    found = { findings: [...found.findings, ...fresh.map((finding) => ({ ...finding, afterMends: true as const }))], mended: next.mended ?? found.mended };
  }
  return found;
};

const oneRound = async (deployment: Deployment, tools: FindingsTools): Promise<Found> => {
  const suspects = suspectsOf(tools.load(deployment));
  const shown = await tools.run(suspects.map(({ proof }) => proof), PROOF_SEEDS);
  const mendings = suspects.flatMap((suspect, index): readonly Mending[] => {
    const finding = findingOf(suspect, shown[index] ?? []);
    return finding === null ? [] : [mendingOf(suspect, finding, deployment, tools)];
  });
  const tried = mendings.filter(({ proof }) => proof !== null);
  const again = await tools.run(tried.flatMap(({ proof }) => (proof === null ? [] : [proof])), PROOF_SEEDS);
  const findings = mendings.map((mending): Finding => {
    const outcomes = again[tried.indexOf(mending)];
    if (mending.mend === null || mending.deployment === null || outcomes === undefined) return { ...mending.finding, mend: null };
    return { ...mending.finding, mend: {
      change: describeMend(mending.mend), edits: changesOf(deployment, mending.deployment), ...verified(mending.suspect, outcomes),
    } };
  });
  const good = mendings.filter((_, index) => findings[index]?.mend?.verified === true);
  return { findings, mended: good.length === 0 ? null : withAll(deployment, good, tools) };
};

const mendingOf = (suspect: Suspect, finding: Mending['finding'], deployment: Deployment, { load }: FindingsTools): Mending => {
  const { mend, proof } = suspect.suspicion;
  const mended = mend === null ? null : withMend(deployment, mend);
  if (mended === null) return { suspect, finding, mend, deployment: null, proof: null };
  try {
    return { suspect, finding, mend, deployment: mended, proof: proof(load(mended)) };
  } catch (error) {
    // A mend that these files cannot carry is none.
    if (error instanceof ScenarioError) return { suspect, finding, mend, deployment: null, proof: null };
    throw error;
  }
};

const withMend = ({ files, place }: Deployment, mend: Mend): Deployment | null => {
  if (mend.kind === 'place') return { files, place: placementText(mend) };
  const edited = editFiles(files, mend);
  return edited === null ? null : { files: edited, place };
};

/** The mends behind one another; one that does not go with those before it is left out. */
const withAll = (deployment: Deployment, mendings: readonly Mending[], { load }: FindingsTools): Deployment =>
  mendings.reduce((mended, { mend }) => {
    const next = mend === null ? null : withMend(mended, mend);
    if (next === null) return mended;
    try {
      load(next);
      return next;
    } catch (error) {
      if (error instanceof ScenarioError) return mended;
      throw error;
    }
  }, deployment);

const PLACE_FILE = 'placement file';

const changesOf = (before: Deployment, after: Deployment): NonNullable<Finding['mend']>['edits'] => [
  ...editsOf(before.files, after.files),
  ...(after.place === null || after.place === before.place ? [] : editsOf([{ file: PLACE_FILE, text: before.place ?? '' }], [{ file: PLACE_FILE, text: after.place }])),
];
