/**
 * One service of a Compose file as data: what Compose itself says about the container, before anyone asks what its image
 * does with it (that is `bitnamiRedis.ts`, `officialImage.ts` and so on).
 *
 * A key that would change what runs and is not built is an error; a key that changes nothing here is ignored, silently
 * where everyone writes it (`healthcheck`), with one warning for the file where it is unknown.
 *
 * Source: compose-spec, "Services".
 */
import { readVariableLines } from './composeInterpolation.ts';
import { type Mount, readMounts, readOrRefuse } from './composeMounts.ts';
import { readHostPorts } from './composePorts.ts';
import type { ComposeReader } from './composeReader.ts';
import { type Placed, besideFile } from './placed.ts';
import { splitShellWords } from './shellWords.ts';
import type { ReadText, RestartPolicy } from './topology.ts';
import type { YamlEntry, YamlMap } from './yamlTree.ts';

export interface ComposeService {
  readonly name: string;
  /** `services.<name>`. */
  readonly path: string;
  readonly line: number;
  /** Null: it is built from sources. */
  readonly image: Placed | null;
  readonly build: Placed | null;
  /** Null: as the image has it. */
  readonly entrypoint: PlacedWords | null;
  readonly command: PlacedWords | null;
  readonly containerName: Placed | null;
  readonly hostname: Placed | null;
  readonly environment: ReadonlyMap<string, Placed>;
  readonly replicas: number;
  readonly restart: RestartPolicy;
  /** Not started unless one of them is asked for. */
  readonly profiles: readonly Placed[];
  readonly place: ComposePlace;
  readonly dependsOn: readonly Placed[];
  readonly networks: readonly Placed[];
  readonly networkAliases: readonly string[];
  /** Addresses that it asks for in its networks. */
  readonly addresses: readonly Placed[];
  readonly mounts: readonly Mount[];
  readonly hostPorts: readonly Placed[];
}

/** Words of a command, with the place where it stands. */
export interface PlacedWords {
  readonly at: Placed;
  readonly words: readonly string[];
}

/** Where the container runs, as far as the file says. */
export interface ComposePlace {
  readonly machine: string | null;
  readonly zone: string | null;
  /** It has the host's network: `network_mode: host`. */
  readonly isOnHost: boolean;
  /** The service whose network, and so whose machine, it shares: `network_mode: service:NAME`. */
  readonly beside: Placed | null;
}

/** Change nothing that this simulation shows. */
const HARMLESS: readonly string[] = [
  'healthcheck', 'logging', 'user', 'ulimits', 'cap_add', 'cap_drop', 'security_opt', 'sysctls', 'platform',
  'pull_policy', 'stop_grace_period', 'stop_signal', 'init', 'expose', 'tty', 'stdin_open', 'mem_limit', 'mem_reservation',
  'memswap_limit', 'cpus', 'cpu_shares', 'cpuset', 'read_only', 'shm_size', 'working_dir', 'privileged', 'group_add',
  'annotations', 'oom_score_adj', 'oom_kill_disable', 'runtime', 'devices', 'dns', 'dns_search', 'pid', 'ipc', 'develop',
  'attach',
];

const UNDERSTOOD: readonly string[] = [
  'image', 'build', 'command', 'entrypoint', 'container_name', 'hostname', 'environment', 'env_file', 'deploy', 'scale',
  'labels', 'profiles', 'depends_on', 'networks', 'network_mode', 'volumes', 'tmpfs', 'configs', 'secrets', 'ports',
  'restart', 'links',
];

/** Would change what runs or who reaches whom. */
const NOT_BUILT: readonly string[] = ['external_links', 'extra_hosts', 'volumes_from'];

const REPLICAS_MAX = 100;
const RESTART = /^(no|false|always|unless-stopped|on-failure(?::\d+)?)$/;
const DEPLOY_RESTART: Readonly<Record<string, RestartPolicy>> = { none: 'no', 'on-failure': 'on-failure', any: 'always' };

/** `tree` is the whole file, `map` the service once what it extends is merged in. */
export const readService = (
  reader: ComposeReader, tree: YamlMap, name: string, entry: YamlEntry, map: YamlMap, read: ReadText,
): ComposeService => {
  const path = `services.${name}`;
  checkKeys(reader, map, path);
  const image = reader.optionalText(map, 'image', path);
  const build = map.entries.get('build');
  if (image === null && build === undefined) throw reader.error(entry.line, path, 'has no image');
  const containerName = reader.optionalText(map, 'container_name', path);
  const replicas = readReplicas(reader, map, path);
  if (containerName !== null && replicas > 1) {
    throw reader.error(containerName.line, containerName.key, `cannot be given to ${replicas} replicas`);
  }
  const hostPorts = readHostPorts(reader, map, path);
  const fixed = hostPorts[0];
  if (fixed !== undefined && replicas > 1) {
    throw reader.error(fixed.line, fixed.key, `the host port ${fixed.text} cannot be given to ${replicas} replicas`);
  }
  return {
    name, path, line: entry.line, image, containerName, replicas, hostPorts,
    build: build === undefined ? null : { line: build.line, key: `${path}.build`, text: '' },
    entrypoint: readWords(reader, map, 'entrypoint', path),
    command: readWords(reader, map, 'command', path),
    hostname: reader.optionalText(map, 'hostname', path),
    environment: readEnvironment(reader, map, path, read),
    restart: readRestart(reader, map, path),
    profiles: reader.names(map, 'profiles', path),
    place: readPlace(reader, map, path),
    dependsOn: reader.names(map, 'depends_on', path),
    networks: reader.names(map, 'networks', path),
    networkAliases: readNetworkAliases(reader, map, path),
    addresses: readAddresses(reader, map, path),
    mounts: readMounts(reader, tree, map, path),
  };
};

const checkKeys = (reader: ComposeReader, map: YamlMap, path: string): void => {
  const unknown: string[] = [];
  let first = map.line;
  for (const [key, entry] of map.entries) {
    if (NOT_BUILT.includes(key)) throw reader.error(entry.line, `${path}.${key}`, 'not built yet');
    if (UNDERSTOOD.includes(key) || HARMLESS.includes(key) || key.startsWith('x-')) continue;
    if (unknown.length === 0) first = entry.line;
    unknown.push(key);
  }
  if (unknown.length > 0) reader.warn(first, path, `ignored: ${unknown.join(', ')}`);
  const alias = reader.names(map, 'links', path).find(({ text }) => text.includes(':'));
  if (alias !== undefined) {
    throw reader.errorAt(alias, `'${alias.text}': a link with another name is not built yet; give the service an alias in its network`);
  }
};

const deployOf = (reader: ComposeReader, map: YamlMap, path: string): YamlMap | null => {
  const entry = map.entries.get('deploy');
  return entry === undefined ? null : reader.map(entry, `${path}.deploy`);
};

const readReplicas = (reader: ComposeReader, map: YamlMap, path: string): number => {
  const deploy = deployOf(reader, map, path);
  const mode = deploy === null ? null : reader.optionalText(deploy, 'mode', `${path}.deploy`);
  if (mode !== null && mode.text !== 'replicated') throw reader.error(mode.line, mode.key, `'${mode.text}' is not built yet`);
  const replicas = deploy === null ? null : reader.optionalText(deploy, 'replicas', `${path}.deploy`);
  const scale = reader.optionalText(map, 'scale', path);
  if (replicas !== null && scale !== null && replicas.text !== scale.text) {
    throw reader.error(scale.line, scale.key, `says ${scale.text}, but deploy.replicas says ${replicas.text}`);
  }
  const placed = replicas ?? scale;
  return placed === null ? 1 : reader.integer(placed, 0, REPLICAS_MAX);
};

const readRestart = (reader: ComposeReader, map: YamlMap, path: string): RestartPolicy => {
  const placed = reader.optionalText(map, 'restart', path);
  if (placed !== null) {
    const word = RESTART.exec(placed.text)?.[1];
    if (word === undefined) throw reader.error(placed.line, placed.key, `'${placed.text}' is not a restart policy`);
    return word === 'false' ? 'no' : (word.replace(/:\d+$/, '') as RestartPolicy);
  }
  const policy = deployOf(reader, map, path)?.entries.get('restart_policy');
  if (policy === undefined) return 'no';
  const at = `${path}.deploy.restart_policy`;
  const condition = reader.optionalText(reader.map(policy, at), 'condition', at);
  if (condition === null) return 'always';
  const known = DEPLOY_RESTART[condition.text];
  if (known === undefined) throw reader.error(condition.line, condition.key, `'${condition.text}' is not a condition`);
  return known;
};

const NAME = /^[A-Za-z0-9._-]{1,63}$/;

/** Labels `faultline.zone` and `faultline.machine`, or what a swarm is told of its nodes; and whose network it has. */
const readPlace = (reader: ComposeReader, map: YamlMap, path: string): ComposePlace => {
  const deploy = deployOf(reader, map, path);
  const ofLabel = (name: string): string | null => {
    const placed = reader.pairs(map, 'labels', path).get(name)
      ?? (deploy === null ? undefined : reader.pairs(deploy, 'labels', `${path}.deploy`).get(name));
    if (placed === undefined) return null;
    const what = name === 'faultline.zone' ? 'zone' : 'machine';
    if (!NAME.test(placed.text)) throw reader.error(placed.line, placed.key, `'${placed.text}' is not a ${what} name`);
    return placed.text;
  };
  const mode = reader.optionalText(map, 'network_mode', path);
  const beside = /^service:(.+)$/.exec(mode?.text ?? '')?.[1];
  if (mode !== null && beside === undefined && !['host', 'bridge', 'default'].includes(mode.text)) {
    throw reader.error(mode.line, mode.key, `'${mode.text}' is not built yet`);
  }
  const constraints = constraintsOf(reader, deploy, path);
  return {
    machine: ofLabel('faultline.machine') ?? constraints.get('node.hostname') ?? null,
    zone: ofLabel('faultline.zone') ?? constraints.get('node.labels.zone') ?? null,
    isOnHost: mode?.text === 'host',
    beside: mode === null || beside === undefined ? null : { ...mode, text: beside },
  };
};

/** What must be equal to what: `deploy.placement.constraints`. Others decide nothing here. */
const constraintsOf = (reader: ComposeReader, deploy: YamlMap | null, path: string): ReadonlyMap<string, string> => {
  const at = `${path}.deploy.placement`;
  const placement = deploy?.entries.get('placement');
  if (placement === undefined) return new Map();
  const words = reader.names(reader.map(placement, at), 'constraints', at).map((placed) => {
    const [, name = '', value = ''] = /^\s*([\w.]+?)\s*==\s*(\S+)\s*$/.exec(placed.text) ?? [];
    const known = name === 'node.hostname' || /^node\.labels\.(?:[\w.]*\.)?zone$/.test(name);
    if (!known) {
      reader.warnAt(placed, `'${placed.text}' places nothing here`);
      return ['', ''] as const;
    }
    if (!NAME.test(value)) throw reader.errorAt(placed, `'${value}' is not a name`);
    return [name === 'node.hostname' ? name : 'node.labels.zone', value] as const;
  });
  return new Map(words);
};

/** A command as text is split as a shell would; a list is taken as it is. */
const readWords = (reader: ComposeReader, map: YamlMap, name: string, path: string): PlacedWords | null => {
  const entry = map.entries.get(name);
  if (entry === undefined || (entry.value.kind === 'scalar' && entry.value.value === null)) return null;
  const key = `${path}.${name}`;
  if (entry.value.kind === 'list') {
    const words = entry.value.items.map((item) => reader.text(item, item.line, key));
    return { at: { line: entry.line, key, text: words.join(' ') }, words };
  }
  const text = reader.text(entry.value, entry.line, key);
  const words = splitShellWords(text);
  if (words === null) throw reader.error(entry.line, key, 'a quote is not closed');
  return { at: { line: entry.line, key, text }, words };
};

/** `env_file`, then `environment`, which wins. */
const readEnvironment = (
  reader: ComposeReader, map: YamlMap, path: string, read: ReadText,
): ReadonlyMap<string, Placed> => {
  const all = new Map<string, Placed>();
  const key = `${path}.env_file`;
  for (const { file: named, line, isRequired } of environmentFiles(reader, map, key)) {
    const file = besideFile(reader.file, named);
    const place = { line, key, text: named };
    let text: string;
    try {
      text = readOrRefuse(reader, file, read, place);
    } catch (error) {
      if (isRequired) throw error;
      reader.warnAt(place, `${named} cannot be read, and is not required`);
      continue;
    }
    for (const { name, value, line: at } of readVariableLines(text)) all.set(name, { file, line: at, key: name, text: value });
  }
  for (const [name, placed] of reader.pairs(map, 'environment', path)) all.set(name, placed);
  return all;
};

interface EnvironmentFile {
  readonly file: string;
  readonly line: number;
  readonly isRequired: boolean;
}

const environmentFiles = (reader: ComposeReader, map: YamlMap, key: string): readonly EnvironmentFile[] => {
  const entry = map.entries.get('env_file');
  if (entry === undefined) return [];
  const items = entry.value.kind === 'list' ? entry.value.items : [entry.value];
  return items.map((item) => {
    if (item.kind !== 'map') return { file: reader.text(item, item.line, key), line: item.line, isRequired: true };
    const named = reader.optionalText(item, 'path', key);
    if (named === null) throw reader.error(item.line, key, 'has no path');
    return { file: named.text, line: item.line, isRequired: reader.optionalText(item, 'required', key)?.text !== 'false' };
  });
};

const readNetworkAliases = (reader: ComposeReader, map: YamlMap, path: string): readonly string[] => {
  const networks = map.entries.get('networks')?.value;
  if (networks?.kind !== 'map') return [];
  const aliases: string[] = [];
  for (const [network, entry] of networks.entries) {
    if (entry.value.kind !== 'map') continue;
    const key = `${path}.networks.${network}`;
    for (const alias of reader.names(entry.value, 'aliases', key)) aliases.push(alias.text);
  }
  return aliases;
};

const readAddresses = (reader: ComposeReader, map: YamlMap, path: string): readonly Placed[] => {
  const networks = map.entries.get('networks')?.value;
  if (networks?.kind !== 'map') return [];
  return [...networks.entries].flatMap(([network, entry]) => {
    if (entry.value.kind !== 'map') return [];
    const address = reader.optionalText(entry.value, 'ipv4_address', `${path}.networks.${network}`);
    return address === null ? [] : [address];
  });
};
