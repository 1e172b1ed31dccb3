/**
 * A primary is parted from all other nodes, together with half of the clients. For a node timeout it goes on accepting their writes;
 * then it misses the majority and refuses. By that time, or soon after, its replica has been elected on the other side. When the
 * partition heals it learns of that and becomes its replica's replica; what it had accepted alone is gone.
 */
import type { Scenario } from '../../sim/scenario.ts';
import { clusterHolds } from '../expectations.ts';
import { at, partition } from '../plan.ts';
import { clusterClients, threeAndThree } from './deployment.ts';

const PARTITION_AT_MS = 20_000;
const PARTITION_MS = 30_000;

/** `n1` stands alone. */
const topology = threeAndThree({ zones: ['minority', ...Array.from({ length: 5 }, () => 'majority')] });

/** The probes of a zone, one for each range of slots. */
const probesOf = (zone: string): readonly string[] => [1, 2, 3].map((range) => `P${range}-${zone}`);

export const minorityPartition: Scenario = {
  name: 'cluster/minority-partition',
  teaches: 'A primary without a majority stops accepting writes after the node timeout: what it accepted until then is lost.',
  topology,
  workload: clusterClients(topology, ['minority', 'majority']),
  plan: [partition(at(PARTITION_AT_MS), [
    ['n1', 'C1', 'C3', ...probesOf('minority')], ['n2', 'n3', 'n4', 'n5', 'n6', 'C2', 'C4', ...probesOf('majority')],
  ], PARTITION_MS)],
  durationMs: 65_000,
  settlingMs: 20_000,
  expects: {
    verdicts: { ...clusterHolds, 'minority-stops-writes': 'holds' },
    // Measured over 30 seeds: 38 to 49, a third of what two clients write in the node timeout and a half.
    lost: { min: 20, max: 70 },
    // Measured on the side of the majority: 7.0 to 10.0 s.
    unavailableMs: { min: 5500, max: 12_000 },
  },
};
