/** What is wrong with data nodes: what they keep, what they accept, and from whom. */
import { directiveOf, hostOf, passwordOf } from '../../../sim/topology/topology.ts';
import type { CellOutcome } from '../cellRun.ts';
import { STRIKE_MS } from '../cellScenario.ts';
import type { FindingRule } from './finding.ts';
import {
  cellProof, cellProofOf, dataNodesOf, isDown, lostShareOf, originsOf, planProof, primaryOf, replicasOf, sentinelsOf, showsLoss, showsOutage,
} from './proofs.ts';

/** Of what was acknowledged before the failure: what no replication lag explains. */
const SHARE_OF_EMPTIED = 0.5;
const MS_PER_SECOND = 1000;
const isEmptied = ({ before: { acknowledged, lost } }: CellOutcome): boolean => lost > acknowledged * SHARE_OF_EMPTIED;
const showsEmptied = ({ before: { acknowledged, lost } }: CellOutcome): string => `${lost} of the ${acknowledged} writes of the ${STRIKE_MS / MS_PER_SECOND} s before it lost`;
/** What an isolated primary may lose that refuses writes in time: a few seconds' worth. */
const SHARE_OF_ISOLATED = 0.12;

const keepsData = (process: Parameters<typeof directiveOf>[0]): boolean =>
  directiveOf(process, 'appendonly')?.[0] === 'yes';

/** Redis has save points where nothing is said; `save ""` takes them away. */
const savesSnapshots = (process: Parameters<typeof directiveOf>[0]): boolean => (directiveOf(process, 'save') ?? ['3600', '1']).join('') !== '';

/** A primary that comes back empty before anybody has noticed empties its replicas. */
const restartsEmpty: FindingRule = {
  id: 'restarts-empty',
  suspect: (topology) => {
    const primary = primaryOf(topology);
    if (primary === null || keepsData(primary) || primary.restart === 'no') return null;
    return {
      says: `no append-only file and a restart policy: the primary comes back ${savesSnapshots(primary) ? 'with its last snapshot, which may be old, or none' : 'empty'}`
        + `${replicasOf(topology).length === 0 ? '' : ', and its replicas take that over'}`,
      where: originsOf([primary]), proof: cellProof(`${primary.name}/kill`),
      isBad: isEmptied, shows: showsEmptied, mend: { kind: 'appendOnly' },
    };
  },
};

/** A container that is replaced brings nothing along that is not on a volume. */
const noVolume: FindingRule = {
  id: 'no-volume',
  suspect: (topology) => {
    const primary = primaryOf(topology);
    if (primary === null || primary.persistentData || !keepsData(primary)) return null;
    return {
      says: 'the data directory is on no volume: what replaces the container, such as an update, brings it back empty',
      where: originsOf(dataNodesOf(topology).filter(({ persistentData }) => !persistentData)),
      proof: planProof(`the container of ${primary.name} is replaced`, () => [{ do: 'recreate', target: primary.name, forMs: RECREATED_WITHIN_MS }]),
      isBad: isEmptied, shows: showsEmptied, mend: { kind: 'volume' },
    };
  },
};

/** An update replaces a container faster than any sentinel notices. */
const RECREATED_WITHIN_MS = 1000;

/** An isolated primary with clients beside it goes on accepting what will be thrown away. */
const minReplicasUnset: FindingRule = {
  id: 'min-replicas-unset',
  suspect: (topology) => {
    const primary = primaryOf(topology);
    const replicas = replicasOf(topology);
    const words = primary === null ? null : directiveOf(primary, 'min-replicas-to-write');
    if (primary === null || replicas.length < 2 || sentinelsOf(topology).length === 0 || Number(words?.[0] ?? 0) > 0) return null;
    return {
      says: 'min-replicas-to-write is not set: a primary that is cut off with some clients accepts their writes, and all of them are lost',
      where: originsOf(dataNodesOf(topology)), proof: cellProof(`${hostOf(topology, primary)}/partition-with-clients`),
      isBad: (outcome) => lostShareOf(outcome) > SHARE_OF_ISOLATED, shows: showsLoss,
      mend: { kind: 'directive', words: ['min-replicas-to-write', '1'] },
    };
  },
};

/** One replica, and writes that need it. */
const minReplicasNeedsAll: FindingRule = {
  id: 'min-replicas-needs-every-replica',
  suspect: (topology) => {
    const primary = primaryOf(topology);
    const replicas = replicasOf(topology);
    const wanted = primary === null ? 0 : Number(directiveOf(primary, 'min-replicas-to-write')?.[0] ?? 0);
    if (primary === null || replicas.length === 0 || wanted < replicas.length) return null;
    return {
      says: `min-replicas-to-write ${wanted} with ${replicas.length} replicas: one replica less, and nothing can be written`,
      where: originsOf([primary]), proof: cellProofOf((one) => replicasOf(one).slice(0, 1).map((replica) => `${hostOf(one, replica)}/power`)), isBad: isDown, shows: showsOutage,
      mend: { kind: 'replicas', count: wanted + 1 },
    };
  },
};

/** One node: whatever ends it ends the service. */
const singleNode: FindingRule = {
  id: 'single-node',
  suspect: (topology) => {
    const primary = primaryOf(topology);
    if (primary === null || replicasOf(topology).length > 0) return null;
    return {
      says: 'one node without replicas: nothing takes its place', where: originsOf([primary]), proof: cellProof(`${hostOf(topology, primary)}/power`),
      isBad: isDown, shows: showsOutage, mend: null, advice: 'two replicas, and three sentinels on machines of their own',
    };
  },
};

/** What ends stays ended. */
const noRestartPolicy: FindingRule = {
  id: 'no-restart-policy',
  suspect: (topology) => {
    const primary = primaryOf(topology);
    if (primary === null || primary.restart !== 'no' || sentinelsOf(topology).length > 0) return null;
    return {
      says: 'no restart policy, and nobody to promote a replica: a server that ends stays ended until somebody starts it',
      where: originsOf(topology.processes.filter(({ restart }) => restart === 'no')), proof: cellProof(`${primary.name}/kill`),
      isBad: isDown, shows: showsOutage, mend: { kind: 'restart' },
    };
  },
};

/** What a stranger asks for: harmless, and enough to own the server. */
const STRANGER = ['CONFIG', 'SET', 'maxclients', '10000'] as const;

const emptyPassword: FindingRule = {
  id: 'empty-password',
  suspect: (topology) => {
    const open = dataNodesOf(topology).filter((process) => passwordOf(process) === null);
    const [first] = open;
    if (first === undefined) return null;
    const said = ({ strikes }: CellOutcome): string => strikes[0] ?? '';
    return {
      says: 'no password: whoever reaches the port may read, change and delete everything, and reconfigure the server',
      where: originsOf(open),
      proof: planProof(`a stranger sends ${first.name} ${STRANGER.join(' ')}`, () => [{ do: 'command', target: first.name, with: { argv: STRANGER } }]),
      isBad: (outcome) => said(outcome) === 'OK', shows: (outcome) => `a client that never authenticated was answered '${said(outcome)}'`,
      mend: { kind: 'password', password: 'change-me' },
      advice: 'requirepass and masterauth at every node, sentinel auth-pass at every sentinel',
    };
  },
};

export const DATA_RULES: readonly FindingRule[] = [
  singleNode, restartsEmpty, noVolume, noRestartPolicy, minReplicasUnset, minReplicasNeedsAll, emptyPassword,
];
