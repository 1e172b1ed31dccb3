/**
 * Settings that are worth changing in an A/B comparison: the directives that decide how failover behaves, with what this deployment
 * gives them now. The page offers them; any other directive can be named as well.
 */
import { ScenarioError } from '../../engine/core/errors.ts';
import type { ResolvedScenario } from '../../sim/scenario.ts';
import type { ProcessSpec } from '../../sim/topology/topology.ts';
import type { ForkChange } from './theatre.ts';

export interface Preset {
  /** As people call it: `quorum`, `down-after-milliseconds`. */
  readonly label: string;
  /** See `ForkChange`. */
  readonly process: 'data' | 'sentinels';
  readonly directive: string;
  /** Words of the value that stay as they are, with a space behind them; mostly none. */
  readonly lead: string;
  /** Of the first process that has it; else the server's default. */
  readonly value: string;
}

/** Of data nodes, with Redis's defaults. */
const DATA: readonly (readonly [string, string])[] = [
  ['min-replicas-to-write', '0'], ['min-replicas-max-lag', '10'], ['appendonly', 'no'], ['appendfsync', 'everysec'],
  ['repl-timeout', '60'], ['repl-backlog-size', '1048576'], ['repl-diskless-sync', 'yes'], ['replica-priority', '100'],
  ['replica-serve-stale-data', 'yes'],
];
const CLUSTER: readonly (readonly [string, string])[] = [
  ['cluster-node-timeout', '15000'], ['cluster-replica-validity-factor', '10'], ['cluster-require-full-coverage', 'yes'],
  ['cluster-migration-barrier', '1'], ['cluster-allow-reads-when-down', 'no'],
];
/** Of sentinels, for each primary that they watch. */
const SENTINEL: readonly (readonly [string, string])[] = [
  ['down-after-milliseconds', '30000'], ['failover-timeout', '180000'], ['parallel-syncs', '1'],
];

export const presetsFor = ({ topology }: ResolvedScenario): readonly Preset[] => {
  const sentinels = topology.processes.filter(({ kind }) => kind === 'sentinel');
  const servers = topology.processes.filter(({ kind }) => kind !== 'sentinel');
  const isCluster = servers.some((process) => valueOf(process, ['cluster-enabled']) === 'yes');
  const ofData = [...(isCluster ? CLUSTER : []), ...DATA].map(([directive, otherwise]): Preset =>
    ({ label: directive, process: 'data', directive, lead: '', value: firstValue(servers, [directive]) ?? otherwise }));
  return [...watchedBy(sentinels).flatMap((name) => ofSentinels(sentinels, name)), ...ofData];
};

const ofSentinels = (sentinels: readonly ProcessSpec[], name: string): readonly Preset[] => {
  const [host = '', port = '', quorum = ''] = (firstValue(sentinels, ['sentinel', 'monitor', name]) ?? '').split(' ');
  return [
    { label: `quorum (${name})`, process: 'sentinels', directive: `sentinel monitor ${name}`, lead: `${host} ${port} `, value: quorum },
    ...SENTINEL.map(([directive, otherwise]): Preset => ({
      label: `${directive} (${name})`, process: 'sentinels', directive: `sentinel ${directive} ${name}`, lead: '',
      value: firstValue(sentinels, ['sentinel', directive, name]) ?? otherwise,
    })),
  ];
};

/** Names under which sentinels watch primaries. */
const watchedBy = (sentinels: readonly ProcessSpec[]): readonly string[] => [...new Set(sentinels.flatMap(({ directives }) =>
  directives.flatMap((words) => (words[0] === 'sentinel' && words[1] === 'monitor' && words[2] !== undefined ? [words[2]] : []))))];

const firstValue = (processes: readonly ProcessSpec[], name: readonly string[]): string | null => {
  for (const process of processes) {
    const value = valueOf(process, name);
    if (value !== null) return value;
  }
  return null;
};

/** The last one counts, as in a configuration file. */
const valueOf = ({ directives }: ProcessSpec, name: readonly string[]): string | null =>
  directives.findLast((words) => name.every((word, index) => words[index] === word))?.slice(name.length).join(' ') ?? null;

/** The deployment with one directive changed. Throws `ScenarioError` where no process is meant. */
export const withSetting = (
  { topology }: ResolvedScenario, { process, directive, value }: Extract<ForkChange, { kind: 'setting' }>,
): ResolvedScenario['topology'] => {
  const isMeant = (name: string, kind: string): boolean =>
    process === name || (process === 'sentinels' ? kind === 'sentinel' : process === 'data' && kind !== 'sentinel');
  const name = directive.split(' ');
  const set = [...name, ...value.split(/\s+/).filter((word) => word !== '')];
  const processes = topology.processes.map((spec) => (isMeant(spec.name, spec.kind)
    ? { ...spec, directives: withDirective(spec.directives, name, set) } : spec));
  if (processes.every((spec, index) => spec === topology.processes[index])) throw new ScenarioError(`no process is called '${process}'`);
  return { ...topology, processes };
};

/** `set` stands where the directive stood last: some must come before others. */
const withDirective = (
  directives: readonly (readonly string[])[], name: readonly string[], set: readonly string[],
): readonly (readonly string[])[] => {
  const place = directives.findLastIndex((words) => name.every((word, index) => words[index] === word));
  return place < 0 ? [...directives, set] : directives.with(place, set);
};
