/**
 * Redis Cluster: primaries elect, so a majority of them must live at the same time; and one range of slots that nobody may
 * take over stops all others, as long as full coverage is asked for.
 */
import type { WorkloadSpec } from '../../sim/scenario.ts';
import type { Topology } from '../../sim/topology/topology.ts';
import { clusterHolds, clusterUnelected } from '../expectations.ts';
import { at, kill, partition, start } from '../plan.ts';
import { clusterClients, threeAndThree } from '../cluster/deployment.ts';
import { LESSON_SEED, type Lesson, onNote, onStrike } from './lesson.ts';

/** One that adds to sets and one that sets registers: enough to see, and the picture is there sooner. */
const twoClients = (topology: Topology): WorkloadSpec => {
  const { clients, probes } = clusterClients(topology);
  return { probes, clients: clients.filter(({ name }) => name === 'C1' || name === 'C3') };
};

const patient = threeAndThree({ nodeTimeoutMs: 5000, directives: [['appendonly', 'yes']] });

/** The second dies four seconds after the first, sooner than five seconds of patience allow to replace that. */
export const lostMajority: Lesson = {
  name: 'lost-majority',
  seed: LESSON_SEED,
  scenario: {
    name: 'lessons/lost-majority',
    teaches: 'A second primary that dies before the first was replaced takes the majority with it: no replica can be elected.',
    topology: patient,
    workload: twoClients(patient),
    plan: [kill(at(6000), 'n1'), kill(at(10_000), 'n2'), start(at(18_000), 'n1')],
    durationMs: 30_000,
    settlingMs: 5000,
    expects: { verdicts: clusterHolds, lost: { max: 10 }, unavailableMs: { min: 12_000, max: 20_000 } },
  },
  steps: [
    { key: 'first', when: onStrike(0), about: ['n1', 'n5'] },
    { key: 'second', when: onStrike(1), about: ['n2', 'n6'] },
    { key: 'pfail', when: onNote('cluster', { event: 'pfail' }, 1, 'n3') },
    { key: 'down', when: onNote('cluster', { event: 'down' }, 1, 'n3'), about: ['n5', 'n6'] },
    { key: 'returns', when: onStrike(2), about: ['n1'] },
    { key: 'fail', when: onNote('cluster', { event: 'fail' }) },
    { key: 'elected', when: onNote('role', { role: 'primary' }, 2, 'n6') },
  ],
  prediction: {
    after: 'pfail', options: ['both', 'one', 'none'], answer: 'none',
    proof: [{ figure: 'unavailable', min: 12_000 }],
  },
  change: { kind: 'setting', process: 'data', directive: 'cluster-node-timeout', value: '1000' },
  comparisons: [
    { figure: 'failovers', a: { min: 1, max: 1 }, b: { min: 2, max: 2 } },
    { figure: 'unavailable', a: { min: 12_000 }, b: { max: 8000 } },
  ],
};

/** The limit of age: once the period of the primary's pings, and as many node timeouts as the factor says. By default 10. */
const VALIDITY_FACTOR = 5;
const NODE_TIMEOUT_MS = 1000;

const covered = threeAndThree({
  nodeTimeoutMs: NODE_TIMEOUT_MS, directives: [['appendonly', 'yes'], ['repl-ping-replica-period', '1'], ['repl-timeout', '3'],
    ['cluster-replica-validity-factor', String(VALIDITY_FACTOR)]],
});

/** n5 has not heard of n1 for eleven seconds when n1 dies. */
export const coverageAndValidity: Lesson = {
  name: 'coverage-and-validity',
  seed: LESSON_SEED,
  scenario: {
    name: 'lessons/coverage-and-validity',
    teaches: 'A replica that is too old does not stand for election, and one range without an owner stops all slots.',
    topology: covered,
    workload: twoClients(covered),
    plan: [partition(at(4000), [['n1'], ['n5']], 17_000), kill(at(15_000), 'n1'), start(at(22_000), 'n1')],
    durationMs: 26_000,
    settlingMs: 5000,
    expects: { verdicts: clusterUnelected, lost: { max: 0 }, unavailableMs: { min: 7500, max: 12_000 } },
  },
  steps: [
    { key: 'cut', when: onStrike(0), about: ['n1', 'n5'] },
    { key: 'kill', when: onStrike(1), about: ['n1'] },
    { key: 'fail', when: onNote('cluster', { event: 'fail' }), about: ['n5'] },
    { key: 'down', when: onNote('cluster', { event: 'down' }, 1, 'n2'), about: ['n3'] },
    { key: 'too-old', when: onNote('mark', { name: 'clusterDataTooOld' }, 1, 'n5') },
    { key: 'returns', when: onStrike(2), about: ['n1'] },
  ],
  prediction: {
    after: 'kill', options: ['takes-over', 'two-thirds', 'nothing'], answer: 'nothing',
    proof: [{ figure: 'failovers', max: 0 }, { figure: 'unavailable', min: 7500 }],
  },
  change: { kind: 'setting', process: 'data', directive: 'cluster-replica-validity-factor', value: '0' },
  comparisons: [
    { figure: 'failovers', a: { max: 0 }, b: { min: 1, max: 1 } },
    { figure: 'unavailable', a: { min: 7500 }, b: { max: 5000 } },
    { figure: 'lost', a: { max: 0 }, b: { min: 30 } },
  ],
};
