/** Every rule of `faultline check` on a deployment that it is about: a run shows it, and a run of the mended files shows it no more. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { CellOutcome } from '../../scenarios/check/cellRun.ts';
import { runCheckCell } from '../../scenarios/check/cellRun.ts';
import { FINDING_RULES, findingOf, suspectsOf, verified } from '../../scenarios/check/findings/findingRules.ts';
import { editFiles, placementText } from '../../sim/topology/mend/editFiles.ts';
import { type DeploymentFile, importDeployment, noOtherFiles } from '../../sim/topology/importDeployment.ts';
import { applyPlacement } from '../../sim/topology/placement.ts';
import type { Topology } from '../../sim/topology/topology.ts';

const seedFile = (file: string): string => readFileSync(new URL(`../../scenarios/seeds/${file}`, import.meta.url), 'utf8');
const SENTINELS = seedFile('sentinel.compose.yaml');
const CLUSTER = seedFile('cluster.compose.yaml');
const HELM = seedFile('kubernetes.values.yaml');
/** Sentinels find each other within seconds all the same; failovers are quick. */
const variable = (text: string, name: string, value: string): string => {
  const known = new RegExp(`${name}=.*`);
  return known.test(text) ? text.replace(known, `${name}=${value}`) : text.replace('REDIS_MASTER_SET=mymain', `REDIS_MASTER_SET=mymain\n      - ${name}=${value}`);
};

interface Fixture {
  readonly file: string;
  readonly text: string;
  readonly place?: string;
  /** Nothing mends it. */
  readonly isHopeless?: true;
}

const compose = (text: string, place?: string): Fixture => ({ file: 'compose.yaml', text, ...(place === undefined ? {} : { place }) });
const oneByOne = (names: readonly string[]): string => names.map((name) => `  ${name}: [${name}]\n`).join('');
const CLUSTER_NODES = [0, 1, 2, 3, 4, 5].map((index) => `redis-node-${index}`);

const FIXTURES: Readonly<Record<string, Fixture>> = {
  'no-sentinels': compose(seedFile('replication.compose.yaml')),
  'too-few-sentinels': compose(SENTINELS.replace(/replicas: 3/, 'replicas: 2')),
  'sentinels-share-a-machine': compose(SENTINELS, 'machines:\n  m1: [redis-main, redis-sentinel-1, redis-sentinel-2]\n'),
  'quorum-too-high': compose(variable(SENTINELS, 'REDIS_SENTINEL_QUORUM', '3')),
  'quorum-too-low': compose(variable(SENTINELS, 'REDIS_SENTINEL_QUORUM', '1')),
  'only-replicas-of-priority-0': compose(SENTINELS.replace('REDIS_MASTER_HOST=redis-main', 'REDIS_MASTER_HOST=redis-main\n      - REDIS_EXTRA_FLAGS=--replica-priority 0')),
  'down-after-too-short': compose(variable(SENTINELS, 'REDIS_SENTINEL_DOWN_AFTER_MILLISECONDS', '1000')),
  'down-after-too-long': { file: 'values.yaml', text: HELM },
  'single-node': { ...compose(seedFile('standalone.compose.yaml')), isHopeless: true },
  'restarts-empty': compose(seedFile('replication.compose.yaml').replaceAll('ALLOW_EMPTY_PASSWORD=yes', 'ALLOW_EMPTY_PASSWORD=yes\n      - REDIS_AOF_ENABLED=no')
    .replace('hostname: redis-main', 'hostname: redis-main\n    restart: always')),
  'no-volume': compose(seedFile('replication.compose.yaml')),
  'no-restart-policy': compose(seedFile('replication.compose.yaml')),
  'min-replicas-unset': compose(SENTINELS),
  'min-replicas-needs-every-replica': compose(SENTINELS.replace('replicas: 2', 'replicas: 1').replaceAll(
    'ALLOW_EMPTY_PASSWORD=yes', 'ALLOW_EMPTY_PASSWORD=yes\n      - REDIS_EXTRA_FLAGS=--min-replicas-to-write 1')),
  'empty-password': compose(SENTINELS),
  'cluster-without-replicas': { ...compose(CLUSTER.replaceAll(/REDIS_CLUSTER_REPLICAS=\d/g, 'REDIS_CLUSTER_REPLICAS=0')), isHopeless: true },
  'primaries-share-a-machine': compose(CLUSTER, `machines:\n  m1: [${CLUSTER_NODES.slice(0, 2).join(', ')}]\n${oneByOne(CLUSTER_NODES.slice(2))}`),
  'primaries-in-one-zone': compose(CLUSTER, `machines:\n${oneByOne(CLUSTER_NODES)}zones:\n  zone-a: [${CLUSTER_NODES.slice(0, 3).join(', ')}]\n  zone-b: [${
    CLUSTER_NODES.slice(3, 5).join(', ')}]\n  zone-c: [${CLUSTER_NODES.slice(5).join(', ')}]\n`),
};

/** Redis-cli makes no cluster of fewer than three primaries, and importers read what it makes. */
const NO_FILE_SAYS_IT: readonly string[] = ['cluster-without-spare-majority'];

const load = (files: readonly DeploymentFile[], place: string | null): Topology => {
  const topology = importDeployment(files, noOtherFiles);
  return place === null ? topology : applyPlacement(topology, place, 'place.yaml');
};

describe('findings', () => {
  test('every rule has its deployment here', () => {
    expect(Object.keys(FIXTURES).sort()).toEqual(FINDING_RULES.map(({ id }) => id).filter((id) => !NO_FILE_SAYS_IT.includes(id)).sort());
  });

  test.each(Object.entries(FIXTURES))('%s', (id, { file, text, place = null, isHopeless }) => {
    const files = [{ file, text }];
    const suspect = suspectsOf(load(files, place)).find((one) => one.id === id);
    if (suspect === undefined) throw new Error(`nothing suspects ${id}`);
    const run = (scenario: typeof suspect.proof.scenario): readonly CellOutcome[] => [runCheckCell(scenario, 1)];
    const shown = run(suspect.proof.scenario);
    expect(shown.flatMap(({ problems }) => problems)).toEqual([]);
    expect(findingOf(suspect, shown), suspect.suspicion.shows(shown[0] as CellOutcome)).not.toBeNull();
    const { mend, proof } = suspect.suspicion;
    expect(mend === null).toBe(isHopeless === true);
    if (mend === null) return;
    const mendedFiles = mend.kind === 'place' ? files : editFiles(files, mend);
    const again = mendedFiles === null ? null : proof(load(mendedFiles, mend.kind === 'place' ? placementText(mend) : place));
    expect(again).not.toBeNull();
    if (again === null) return;
    const outcomes = run(again.scenario);
    expect(outcomes.flatMap(({ problems }) => problems)).toEqual([]);
    expect(verified(suspect, outcomes)).toMatchObject({ verified: true });
  });
});
