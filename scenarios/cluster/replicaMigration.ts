/**
 * A primary loses both of its replicas, while the others have two each. One of theirs moves to it by itself: when the orphan dies
 * half a minute later, that one is elected, and its slots are served on. With `cluster-allow-replica-migration no` they would
 * be gone with it.
 */
import type { Scenario } from '../../sim/scenario.ts';
import { clusterHolds } from '../expectations.ts';
import { at, kill } from '../plan.ts';
import { clusterClients, threeAndThree } from './deployment.ts';

const ORPHANED_MS = 20_000;
const KILLED_MS = 50_000;

/** `n7` and `n8` follow `n2`. */
const topology = threeAndThree({ replicasEach: 2 });

export const replicaMigration: Scenario = {
  name: 'cluster/replica-migration',
  teaches: 'A primary that lost its replicas is given one of those that have two: so its own death later on is survived.',
  topology,
  workload: clusterClients(topology),
  plan: [kill(at(ORPHANED_MS), 'n7'), kill(at(ORPHANED_MS), 'n8'), kill(at(KILLED_MS), 'n2')],
  durationMs: 75_000,
  settlingMs: 20_000,
  // Measured over 20 seeds: nothing lost, at most 9.9 s: one election.
  expects: { verdicts: clusterHolds, lost: { max: 10 }, unavailableMs: { min: 5500, max: 12_000 } },
};
