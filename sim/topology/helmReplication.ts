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
    ...(isAlone ? [] : [{ section: 'replica', name: `${name}-replicas`, count: reader.integer('replica.replicaCount', 3, 0, PODS_MAX) } as const]),
  ];
  const password = reader.boolean('auth.enabled', true) ? readPassword(reader, 'auth.password', 'auth.existingSecret') : null;
  const domain = `${name}-headless.${NAMESPACE}.svc.${reader.text('clusterDomain', 'cluster.local')}`;
  const usesNames = reader.boolean('useHostnames', true);
  const machines: MachineSpec[] = [];
  const processes: ProcessSpec[] = [];
  for (const set of sets) {
    const zones = podZones(reader, set.section);
    for (let index = 0; index < set.count; index++) {
      const pod = `${set.name}-${index}`;
      const address = addressAt(machines.length);
      machines.push({ name: pod, zone: zones(index), address });
      processes.push({
        name: pod, kind: 'redis', machine: pod, port: portOf(reader, set.section),
        aliases: [`${pod}.${domain}`, `${pod}.${name}-headless`, set.name, `${set.name}.${NAMESPACE}.svc.${reader.text('clusterDomain', 'cluster.local')}`],
        directives: [
          ['port', String(portOf(reader, set.section))],
          ...(password === null ? [['protected-mode', 'no']] : [['requirepass', password], ['masterauth', password]]),
          ...confLines(reader, 'commonConfiguration', COMMON_CONFIGURATION),
          ...confLines(reader, `${set.section}.configuration`, ''),
          ...(set.section === 'master' ? [] : [
            ['replica-announce-port', String(portOf(reader, set.section))], ['replica-announce-ip', usesNames ? `${pod}.${domain}` : address],
          ]),
          ...extraFlags(reader, `${set.section}.extraFlags`),
          ...(set.section === 'master' ? [] : [['replicaof', usesNames ? `${sets[0]?.name}-0.${domain}` : addressAt(0), String(portOf(reader, 'master'))]]),
        ],
        configFile: 'none', restart: 'always', persistentData: reader.boolean(`${set.section}.persistence.enabled`, true),
        origin: `${reader.file}: pod ${pod}`,
      });
    }
  }
  return { machines, processes };
};

const portOf = (reader: HelmReader, section: PodSet['section']): number =>
  reader.integer(`${section}.containerPorts.redis`, PORT, 1, PORT_MAX);
