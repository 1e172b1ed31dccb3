/**
 * A cluster lives as long as a majority of its primaries does, whoever else lives.
 *
 * https://github.com/redis/redis/issues/2989: two of three primaries are shut down at once, and their replicas do not replace them; the
 * way out is CLUSTER FAILOVER TAKEOVER. https://github.com/redis/redis/issues/3697: all primaries in one of two laboratories.
 * https://github.com/redis/redis/issues/6771: three machines with two nodes each; after a failover two primaries share one, whose loss
 * takes the cluster down.
 */
import { partsOf } from '../../sim/topology/clusterSetup.ts';
import type { ProcessSpec, Topology } from '../../sim/topology/topology.ts';
import { clusterClients, threeAndThree } from '../cluster/deployment.ts';
import { clusterHolds } from '../expectations.ts';
import { at, boot, command, kill, power, start } from '../plan.ts';
import type { Incident } from './incident.ts';

const PERSISTED = [['appendonly', 'yes']] as const;

const plain = threeAndThree({ directives: PERSISTED });

export const twoOfThreePrimaries: Incident = {
  reports: ['https://github.com/redis/redis/issues/2989'],
  says: 'Two of three primaries are shut down at once: their replicas do not replace them, and the cluster stays down.',
  today: 'shown',
  scenario: {
    name: 'incidents/redis-2989',
    teaches: 'Two primaries of three die at once: no replica is elected until an operator orders a takeover, which needs no votes.',
    topology: plain,
    workload: clusterClients(plain),
    plan: [kill(at(20_000), 'n1'), kill(at(20_000), 'n2'), command(at(50_000), 'n5', 'CLUSTER', 'FAILOVER', 'TAKEOVER')],
    durationMs: 75_000,
    settlingMs: 20_000,
    // With one taken over there are two of three again, which elect the other's replica.
    expects: { verdicts: clusterHolds, lost: { max: 10 }, unavailableMs: { min: 30_000, max: 50_000 } },
  },
};

const LABS = ['lab-1', 'lab-1', 'lab-1', 'lab-2', 'lab-2', 'lab-2'] as const;
const PRIMARIES = ['n1', 'n2', 'n3'] as const;

const twoLabs = threeAndThree({ directives: PERSISTED, zones: LABS });

export const primariesInOneLab: Incident = {
  reports: ['https://github.com/redis/redis/issues/3697'],
  says: 'All primaries stand in one laboratory; when its machines are shut down nobody votes, and no replica takes over.',
  today: 'shown',
  scenario: {
    name: 'incidents/redis-3697',
    teaches: 'Three replicas in the second laboratory hold all data and elect nobody: a cluster across two places dies with one of them.',
    topology: twoLabs,
    workload: clusterClients(twoLabs, ['lab-2']),
    plan: [...PRIMARIES.map((name) => power(at(20_000), name)), ...PRIMARIES.map((name) => boot(at(60_000), name))],
    durationMs: 80_000,
    settlingMs: 20_000,
    expects: {
      verdicts: { 'service-restored': 'holds', 'slot-maps-agree': 'holds', 'ledger-no-bugs': 'holds' },
      unavailableMs: { min: 40_000, max: 50_000 },
    },
  },
};

/** The replicas' second nodes of each machine listen here. */
const SECOND_PORT = 6380;
/** n1 shares its machine with the replica of n2, n2 with that of n3, n3 with that of n1. */
const MOVED: Readonly<Record<string, string>> = { n6: 'n1', n4: 'n2', n5: 'n3' };

const onMachineOf = (process: ProcessSpec): ProcessSpec => {
  const machine = MOVED[process.name];
  if (machine === undefined) return process;
  return {
    ...process, machine, port: SECOND_PORT,
    directives: process.directives.map((words) => (words[0] === 'port' ? ['port', String(SECOND_PORT)] : words)),
  };
};

/** Who follows whom is said: redis-cli would deal the replicas out otherwise. */
const threeMachines: Topology = {
  ...plain, machines: plain.machines.slice(0, 3), processes: plain.processes.map(onMachineOf),
  ...(plain.cluster === undefined ? {} : { cluster: { ...plain.cluster, parts: partsOf(plain) } }),
};

export const twoPrimariesOnOneMachine: Incident = {
  reports: ['https://github.com/redis/redis/issues/6771'],
  says: 'Three machines, each with a primary and another\'s replica: after a restart two primaries share a machine, which from then on'
    + ' must not fail.',
  today: 'shown',
  scenario: {
    name: 'incidents/redis-6771',
    teaches: 'One failover puts two primaries of three on one machine: that machine\'s loss takes the cluster down, two machines of'
      + ' three living.',
    topology: threeMachines,
    workload: clusterClients(threeMachines),
    plan: [kill(at(20_000), 'n1'), start(at(35_000), 'n1'), power(at(50_000), 'n3'), boot(at(85_000), 'n3')],
    durationMs: 105_000,
    settlingMs: 20_000,
    // The first failover, and then the 35 s until the machine is back.
    expects: { verdicts: { ...clusterHolds, 'loads-own-prefix': 'holds' }, unavailableMs: { min: 38_000, max: 62_000 } },
  },
};
