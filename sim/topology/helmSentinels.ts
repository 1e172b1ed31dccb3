/**
 * The chart `redis` with sentinels: every pod of the one StatefulSet is a machine that has a data node and a sentinel, which
 * lose their power together.
 *
 * Always holds: as after the chart's ordered roll-out, the first pod is the primary and all sentinels know each other. At
 * every later start a container asks the other pods' sentinels for the primary, and takes its own pod for it when none
 * answers. The data nodes have no configuration file; the sentinels' is written anew at each start, so that they forget
 * their votes and epochs.
 *
 * Source: bitnami/charts, bitnami/redis: README, `templates/sentinel/statefulset.yaml`, `start-node.sh` and
 * `start-sentinel.sh` of `templates/scripts-configmap.yaml`, read for their behaviour.
 */
import { utf8 } from '../../engine/core/bytes.ts';
import { sha1 } from '../../engine/core/sha1.ts';
import { addressAt } from './addresses.ts';
import type { Chart } from './helmChart.ts';
import { NAMESPACE, podZones } from './helmPods.ts';
import type { HelmReader } from './helmReader.ts';
import type { HelmValues } from './helmValues.ts';
import { readHelmValues } from './helmValues.ts';
import { checkLines } from './redisConf.ts';
import { sentinelDirectives } from './sentinelDirectives.ts';
import type { Entrypoint, MachineSpec, ProcessSpec, Topology } from './topology.ts';

/** Kubernetes starts a container again whatever its end was. */
const RESTART = 'always';
/** The chart's start scripts ask twice, five seconds apart. */
const TRIES = 2;
const PAUSE_MS = 5000;
interface Pod {
  readonly name: string;
  readonly address: string;
  /** What the others are told. */
  readonly host: string;
  readonly sentinelId: string;
}

export const sentinelPods = (reader: HelmReader, chart: Chart): Pick<Topology, 'machines' | 'processes'> => {
  const values = readHelmValues(reader, chart);
  const zones = podZones(reader, 'replica');
  const pods = Array.from({ length: values.pods }, (_, index) => podOf(values, index));
  const [first] = pods;
  if (first !== undefined) {
    // All of them together are what the sentinel reads: the values' own lines stand behind those of the chart.
    const at = reader.placed('sentinel.configuration');
    checkLines(sentinel(values, pods, first, reader.file).directives.map((words) => ({ words, at })), 'sentinel', reader.file, () => {});
  }
  return {
    machines: pods.map(({ name, address }, index): MachineSpec => ({ name, zone: zones(index), address })),
    processes: pods.flatMap((pod) => [dataNode(values, pods, pod, reader.file), sentinel(values, pods, pod, reader.file)]),
  };
};

const podOf = (values: HelmValues, index: number): Pod => {
  const name = `${values.name}-node-${index}`;
  const address = addressAt(index);
  return {
    name, address,
    host: values.usesNames ? `${name}.${headless(values)}.${NAMESPACE}.svc.${values.clusterDomain}` : address,
    sentinelId: hex(sha1(utf8(`${name}\n`))),
  };
};

const headless = ({ name }: HelmValues): string => `${name}-headless`;

const hex = (digest: string): string =>
  [...digest].map((byte) => byte.charCodeAt(0).toString(16).padStart(2, '0')).join('');

const dataNode = (values: HelmValues, pods: readonly Pod[], pod: Pod, file: string): ProcessSpec => {
  const [first] = pods;
  const { password, port } = values;
  const entrypoint = askOthers(values, pods, pod);
  return {
    name: pod.name, kind: 'redis', machine: pod.name, port,
    aliases: [
      `${pod.name}.${headless(values)}.${NAMESPACE}.svc.${values.clusterDomain}`, `${pod.name}.${headless(values)}`,
      headless(values), values.name, `${values.name}.${NAMESPACE}.svc.${values.clusterDomain}`,
    ],
    directives: [
      ['port', String(port)],
      ...(password === null ? [['protected-mode', 'no']] : [['requirepass', password], ['masterauth', password]]),
      ['replica-announce-port', String(port)], ['replica-announce-ip', pod.host],
      ...values.configuration,
      ...(first === undefined || first === pod ? [] : [['replicaof', first.host, String(port)]]),
    ],
    // The chart gives everything on the command line.
    configFile: 'none',
    ...(entrypoint === null ? {} : { entrypoint }),
    restart: RESTART, persistentData: values.persistentData, origin: `${file}: pod ${pod.name}`,
  };
};

const sentinel = (values: HelmValues, pods: readonly Pod[], pod: Pod, file: string): ProcessSpec => {
  const [first = pod] = pods;
  const { port } = values;
  const entrypoint = askOthers(values, pods, pod);
  return {
    name: `${pod.name}-sentinel`, kind: 'sentinel', machine: pod.name, port: values.sentinelPort, aliases: [],
    directives: sentinelDirectives({
      primaryName: values.primaryName, primaryHost: first.host, primaryPort: port, quorum: values.quorum,
      downAfterMs: values.downAfterMs, failoverTimeoutMs: values.failoverTimeoutMs, parallelSyncs: values.parallelSyncs,
      port: values.sentinelPort,
      password: values.sentinelsWantPassword && values.password !== null ? values.password : undefined,
      primaryPassword: values.password ?? undefined,
      resolvesNames: values.usesNames, announcesNames: values.usesNames,
      announceIp: pod.host, announcePort: values.sentinelPort, id: pod.sentinelId,
      knownReplicas: pods.filter((other) => other !== first).map(({ host }) => ({ host, port })),
      knownSentinels: pods.filter((other) => other !== pod)
        .map(({ host, sentinelId: id }) => ({ host, port: values.sentinelPort, id })),
      more: values.sentinelConfiguration,
    }),
    configFile: 'rewritten',
    ...(entrypoint === null ? {} : { entrypoint }),
    restart: RESTART, persistentData: false, origin: `${file}: pod ${pod.name}`,
  };
};

/** The start scripts ask the service, which leads to pods that are ready: never to the one that starts. */
const askOthers = (values: HelmValues, pods: readonly Pod[], pod: Pod): Entrypoint | null => {
  const others = pods.filter((other) => other !== pod);
  if (others.length === 0) return null;
  return {
    ask: {
      primaryName: values.primaryName, sentinels: others.map(({ host }) => `${host}:${values.sentinelPort}`),
      password: values.sentinelsWantPassword ? values.password : null, tries: TRIES, pauseMs: PAUSE_MS, otherwise: 'primary',
    },
    waitForPrimaryMs: 0,
  };
};
