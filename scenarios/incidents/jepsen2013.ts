/**
 * "Jepsen: Redis" (Kyle Kingsbury, 2013), https://aphyr.com/posts/283-jepsen-redis: five nodes with a sentinel beside each, parted into
 * {n1, n2} and {n3, n4, n5}. n1 goes on acknowledging, the majority elects another primary; when the network heals n1 is demoted, and
 * 56 % of all acknowledged writes are gone.
 *
 * The clients stand outside of the partition: each reaches n1 as before, and stays with it as long as it answers.
 */
import type { ClientSpec } from '../../sim/scenario.ts';
import { sentinelsHold } from '../expectations.ts';
import { at, client, partition } from '../plan.ts';
import { sentinelsOf, watched } from '../sentinel/deployment.ts';
import { PRIMARY_NAME } from '../topologies.ts';
import type { Incident } from './incident.ts';

const five = watched({ replicas: 4, sentinels: 5, quorum: 3, placement: 'beside' });
const locator = { sentinel: { name: PRIMARY_NAME, sentinels: sentinelsOf(five), listens: false } };

export const jepsen2013: Incident = {
  reports: ['https://aphyr.com/posts/283-jepsen-redis'],
  says: 'Parted from the majority the old primary goes on acknowledging; once the network heals it is demoted, and 56 % of all acknowledged'
    + ' writes are lost.',
  today: 'shown',
  scenario: {
    name: 'incidents/jepsen-2013',
    teaches: 'The partition experiment of 2013: two primaries at once, and more than half of all acknowledged writes are lost.',
    topology: five,
    workload: {
      clients: [1, 2, 3, 4, 5].map((ordinal): ClientSpec => client(`C${ordinal}`, 'setAdd', { ...locator, operationsPerSecond: 7 })),
      probes: [{ name: 'P1', zone: 'zone-a', ...locator }],
    },
    plan: [partition(at(12_000), [['n1', 'n2'], ['n3', 'n4', 'n5']], 20_000)],
    durationMs: 56_000,
    settlingMs: 20_000,
    expects: { verdicts: sentinelsHold, failovers: { min: 1, max: 1 }, lost: { min: 990 } },
  },
};
