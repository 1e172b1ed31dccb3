/** What is wrong with sentinels: how many, where, and what they are told. */
import { type Topology, directiveOf, hostOf } from '../../../sim/topology/topology.ts';
import type { FindingRule } from './finding.ts';
import {
  cellProof, cellProofOf, downAfterOf, isDown, originsOf, placedApart, planProof, primaryOf, quorumOf, replicasOf, sentinelsOf, showsOutage, showsSwitches,
} from './proofs.ts';

const SENTINELS_WANTED = 3;
const majorityOf = (count: number): number => Math.floor(count / 2) + 1;

/** One or two sentinels: with one of them gone nobody can be elected. */
const tooFewSentinels: FindingRule = {
  id: 'too-few-sentinels',
  suspect: (topology) => {
    const sentinels = sentinelsOf(topology);
    const primary = primaryOf(topology);
    if (primary === null || sentinels.length === 0 || sentinels.length >= SENTINELS_WANTED) return null;
    const isShared = sentinels.some((sentinel) => hostOf(topology, sentinel) === hostOf(topology, primary));
    const apart = (one: Topology): string => sentinelsOf(one).map((sentinel) => hostOf(one, sentinel)).find((host) => host !== hostOf(one, primary)) ?? '';
    return {
      says: `${sentinels.length === 1 ? 'one sentinel' : 'two sentinels'}: without ${sentinels.length === 1 ? 'it' : 'one of them'} there is no majority, `
        + 'and a dead primary is not replaced',
      where: originsOf(sentinels),
      proof: isShared ? cellProof(`${hostOf(topology, primary)}/power`) : cellProofOf((one) => [`${apart(one)}/power`, `${hostOf(topology, primary)}/power`]),
      isBad: isDown, shows: showsOutage, mend: { kind: 'sentinels', count: SENTINELS_WANTED, quorum: 2 },
    };
  },
};

/** A quorum above the majority: sentinels that could elect a leader cannot agree that the primary is down. */
const quorumTooHigh: FindingRule = {
  id: 'quorum-too-high',
  suspect: (topology) => {
    const sentinels = sentinelsOf(topology);
    const primary = primaryOf(topology);
    const quorum = quorumOf(topology);
    const majority = majorityOf(sentinels.length);
    if (primary === null || quorum === null || quorum <= majority || sentinels.length < SENTINELS_WANTED) return null;
    const other = sentinels.find((sentinel) => hostOf(topology, sentinel) !== hostOf(topology, primary));
    const shared = sentinels.filter((sentinel) => hostOf(topology, sentinel) === hostOf(topology, primary)).length;
    if (other === undefined) return null;
    return {
      says: `quorum ${quorum} of ${sentinels.length} sentinels: ${majority} could elect a leader, but may not find the primary to be down`,
      where: originsOf(sentinels),
      proof: sentinels.length - shared < quorum ? cellProof(`${hostOf(topology, primary)}/power`) : cellProof(`${hostOf(topology, other)}/power`, `${hostOf(topology, primary)}/power`),
      isBad: isDown, shows: showsOutage, mend: { kind: 'quorum', quorum: majority },
    };
  },
};

/** Quorum 1: one sentinel that does not see the primary makes everybody leave it. */
const quorumTooLow: FindingRule = {
  id: 'quorum-too-low',
  suspect: (topology) => {
    const sentinels = sentinelsOf(topology);
    const primary = primaryOf(topology);
    const outside = sentinels.find(({ machine }) => machine !== primary?.machine);
    if (primary === null || outside === undefined || quorumOf(topology) !== 1 || sentinels.length < SENTINELS_WANTED) return null;
    return {
      says: `quorum 1 of ${sentinels.length} sentinels: one that alone has lost sight of a healthy primary starts a failover`,
      where: originsOf(sentinels),
      proof: planProof(`${outside.name} does not see ${primary.name}`, () => [
        { do: 'partition', with: { groups: [[outside.machine], [primary.machine]] } }]),
      isBad: ({ switches }) => switches > 0, shows: showsSwitches, mend: { kind: 'quorum', quorum: majorityOf(sentinels.length) },
    };
  },
};

/** The machine of the primary takes so many sentinels along that the others are no majority. */
const sentinelsShareMachine: FindingRule = {
  id: 'sentinels-share-a-machine',
  suspect: (topology) => {
    const sentinels = sentinelsOf(topology);
    const primary = primaryOf(topology);
    if (primary === null || sentinels.length < SENTINELS_WANTED) return null;
    const beside = sentinels.filter((sentinel) => hostOf(topology, sentinel) === hostOf(topology, primary));
    if (sentinels.length - beside.length >= majorityOf(sentinels.length)) return null;
    return {
      says: `${beside.length} of ${sentinels.length} sentinels are on the machine of the primary: when it dies the others are no majority`,
      where: originsOf(beside), proof: cellProof(`${hostOf(topology, primary)}/power`), isBad: isDown, shows: showsOutage,
      mend: placedApart(topology, beside),
    };
  },
};

/** How long a command, a fork or a slow save may hold a healthy server. */
const HICCUP_MS = 2500;
const DOWN_AFTER_MS_WANTED = 5000;

const downAfterTooShort: FindingRule = {
  id: 'down-after-too-short',
  suspect: (topology) => {
    const primary = primaryOf(topology);
    const downAfter = downAfterOf(topology);
    if (primary === null || downAfter === null || downAfter >= HICCUP_MS) return null;
    return {
      says: `down-after-milliseconds ${downAfter}: a healthy primary that stands still for ${HICCUP_MS / 1000} s, in a slow command or a fork, loses its role`,
      where: originsOf(sentinelsOf(topology)),
      proof: planProof(`${primary.name} stands still for ${HICCUP_MS / 1000} s`, () => [{ do: 'pause', target: primary.name, forMs: HICCUP_MS }]),
      isBad: ({ switches }) => switches > 0, shows: showsSwitches, mend: { kind: 'downAfter', ms: DOWN_AFTER_MS_WANTED },
    };
  },
};

/** Beyond this an outage is what people are called for at night. */
const OUTAGE_MS_LONG = 30_000;
const DOWN_AFTER_MS_LONG = 20_000;

const downAfterTooLong: FindingRule = {
  id: 'down-after-too-long',
  suspect: (topology) => {
    const primary = primaryOf(topology);
    const downAfter = downAfterOf(topology);
    if (primary === null || downAfter === null || downAfter < DOWN_AFTER_MS_LONG) return null;
    return {
      says: `down-after-milliseconds ${downAfter}: for that long nobody does anything about a dead primary`,
      where: originsOf(sentinelsOf(topology)), proof: cellProof(`${hostOf(topology, primary)}/power`),
      isBad: (outcome) => !isDown(outcome) && outcome.writeOutageMs > OUTAGE_MS_LONG, shows: showsOutage,
      mend: { kind: 'downAfter', ms: DOWN_AFTER_MS_WANTED },
    };
  },
};

/** Nobody may be promoted. */
const priorityZeroOnly: FindingRule = {
  id: 'only-replicas-of-priority-0',
  suspect: (topology) => {
    const primary = primaryOf(topology);
    const replicas = replicasOf(topology);
    if (primary === null || replicas.length === 0 || sentinelsOf(topology).length === 0) return null;
    if (replicas.some((replica) => directiveOf(replica, 'replica-priority')?.[0] !== '0')) return null;
    return {
      says: 'every replica has replica-priority 0: none may be promoted, and a dead primary is not replaced',
      where: originsOf(replicas), proof: cellProof(`${hostOf(topology, primary)}/power`), isBad: isDown, shows: showsOutage,
      mend: { kind: 'directive', words: ['replica-priority', '100'] },
    };
  },
};

/** Replicas and nobody who would promote one. */
const noSentinels: FindingRule = {
  id: 'no-sentinels',
  suspect: (topology) => {
    const primary = primaryOf(topology);
    if (primary === null || replicasOf(topology).length === 0 || sentinelsOf(topology).length > 0) return null;
    return {
      says: 'replicas without sentinels: after the primary has died nothing is promoted until somebody does it by hand',
      where: originsOf([primary]), proof: cellProof(`${hostOf(topology, primary)}/power`), isBad: isDown, shows: showsOutage,
      mend: { kind: 'sentinels', count: SENTINELS_WANTED, quorum: 2 },
    };
  },
};

export const SENTINEL_RULES: readonly FindingRule[] = [
  noSentinels, tooFewSentinels, sentinelsShareMachine, quorumTooHigh, quorumTooLow, priorityZeroOnly, downAfterTooShort, downAfterTooLong,
];
