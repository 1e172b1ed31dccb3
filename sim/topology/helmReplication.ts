/**
 * The chart `redis` without sentinels: one primary, and in the architecture `replication` replicas that follow it by its name,
 * whatever happens. Nobody is promoted.
 *
 * Always holds: the pods have no configuration file, so that CONFIG REWRITE is refused and each start is like the first.
 *
 * Source: bitnami/charts, bitnami/redis: README, `start-master.sh` and `start-replica.sh` of `templates/scripts-configmap.yaml`, read
 * for their behaviour.
 */
import { addressAt } from './addresses.ts';
import type { Chart } from './helmChart.ts';
import { NAMESPACE, confLines, extraFlags, podZones, readName, readPassword } from './helmPods.ts';
import type { HelmReader } from './helmReader.ts';
import { COMMON_CONFIGURATION, PODS_MAX, PORT_MAX, checkSupported, warnOfUnknown } from './helmValues.ts';
import type { MachineSpec, ProcessSpec, Topology } from './topology.ts';

/** One of the chart's two sets of pods. */
interface PodSet {
  /** Where its values are. */
  readonly section: 'master' | 'replica';
  /** What its pods and its service are called after. */
  readonly name: string;
  readonly count: number;
}

const PORT = 6379;

export const replicatedPods = (reader: HelmReader, chart: Chart): Pick<Topology, 'machines' | 'processes'> => {
  checkSupported(reader);
  warnOfUnknown(reader);
  const name = readName(reader, chart.name);
  if (reader.integer('master.count', 1, 0, PODS_MAX) !== 1) throw reader.error('master.count', 'other than 1 is not built yet');
  const isAlone = reader.text('architecture', 'replication') === 'standalone';
  const sets: readonly PodSet[] = [
    { section: 'master', name: `${name}-${chart.product === 'valkey' ? 'primary' : 'master'}`, count: 1 },
    ...(isAlone ? [] : [{
      section: 'replica', name: `${name}-replicas`, count: reader.integer('replica.replicaCount', 3, 0, PODS_MAX),
    } as const]),
  ];
  const cluster = `${NAMESPACE}.svc.${reader.text('clusterDomain', 'cluster.local')}`;
  const common: Common = {
    name, cluster, domain: `${name}-headless.${cluster}`, primary: `${sets[0]?.name}-0`, usesNames: reader.boolean('useHostnames', true),
    password: reader.boolean('auth.enabled', true) ? readPassword(reader, 'auth.password', 'auth.existingSecret') : null,
  };
  const machines: MachineSpec[] = [];
  const processes: ProcessSpec[] = [];
  for (const set of sets) {
    const zones = podZones(reader, set.section);
    for (let index = 0; index < set.count; index++) {
      const machine: MachineSpec = { name: `${set.name}-${index}`, zone: zones(index), address: addressAt(machines.length) };
      machines.push(machine);
      processes.push(podOf(reader, set, machine, common));
    }
  }
  return { machines, processes };
};

/** What all pods share. */
interface Common {
  readonly name: string;
  /** What names within the cluster end with, and what the pods' own names end with. */
  readonly cluster: string;
  readonly domain: string;
  /** The pod that all replicas follow: the first. */
  readonly primary: string;
  readonly usesNames: boolean;
  readonly password: string | null;
}

const podOf = (reader: HelmReader, { section, name: setName }: PodSet, machine: MachineSpec, common: Common): ProcessSpec => {
  const { name: pod, address } = machine;
  const { password, usesNames, domain } = common;
  const port = String(portOf(reader, section));
  const isReplica = section === 'replica';
  return {
    name: pod, kind: 'redis', machine: pod, port: Number(port),
    aliases: [`${pod}.${domain}`, `${pod}.${common.name}-headless`, setName, `${setName}.${common.cluster}`],
    directives: [
      ['port', port],
      ...(password === null ? [['protected-mode', 'no']] : [['requirepass', password], ['masterauth', password]]),
      ...confLines(reader, 'commonConfiguration', COMMON_CONFIGURATION),
      ...confLines(reader, `${section}.configuration`, ''),
      ...(isReplica ? [['replica-announce-port', port], ['replica-announce-ip', usesNames ? `${pod}.${domain}` : address]] : []),
      ...extraFlags(reader, `${section}.extraFlags`),
      ...(isReplica ? [['replicaof', usesNames ? `${common.primary}.${domain}` : addressAt(0), String(portOf(reader, 'master'))]] : []),
    ],
    configFile: 'none', restart: 'always', persistentData: reader.boolean(`${section}.persistence.enabled`, true),
    origin: `${reader.file}: pod ${pod}`,
  };
};

const portOf = (reader: HelmReader, section: PodSet['section']): number =>
  reader.integer(`${section}.containerPorts.redis`, PORT, 1, PORT_MAX);
