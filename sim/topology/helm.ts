/**
 * Imports the values of Bitnami's Helm charts `redis` (alone, with replicas, with sentinels), `redis-cluster`, and their namesakes
 * for Valkey: text in, topology out. Every pod is a machine; pods of one deployment are spread as their values say.
 */
import { type Chart, chartOf, findChart } from './helmChart.ts';
import { clusterPods } from './helmCluster.ts';
import { HelmReader } from './helmReader.ts';
import { replicatedPods } from './helmReplication.ts';
import { sentinelPods } from './helmSentinels.ts';
import type { Topology } from './topology.ts';
import { versionNotes } from './versionNotes.ts';

/** `file` is the name for messages and for the topology. Throws `ScenarioError`. */
export const importHelmValues = (text: string, file: string): Topology => {
  const chart = chartOf(text, file);
  const reader = new HelmReader(chart.place);
  const pods = podsOf(reader, chart);
  reader.warn(chart.kind === 'cluster' ? 'redis.livenessProbe' : 'replica.livenessProbe',
    'probes are not modelled: a container that hangs is not started again');
  const tag = reader.text('image.tag', '');
  return {
    name: file, ...pods, warnings: reader.warnings, notes: versionNotes([{ product: chart.product, tag }]),
  };
};

const podsOf = (reader: HelmReader, chart: Chart): Pick<Topology, 'machines' | 'processes' | 'cluster'> => {
  if (chart.kind === 'cluster') return clusterPods(reader, chart);
  return reader.boolean('sentinel.enabled', false) ? sentinelPods(reader, chart) : replicatedPods(reader, chart);
};

/** Whether the file looks like values of a chart, and not like Docker Compose. */
export const isHelmValues = (text: string, file: string): boolean => findChart(text, file) !== null;
