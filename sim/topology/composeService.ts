/**
 * One service of a Compose file as data: what Compose itself says about the container, before anyone asks what its image
 * does with the environment (that is `bitnamiRedis.ts`).
 *
 * A key that would change what runs and is not built is an error; a key that changes nothing here is ignored, silently
 * where everyone writes it (`healthcheck`), with one warning for the file where it is unknown.
 *
 * Source: compose-spec, "Services".
 */
import type { ComposeReader, Placed } from './composeReader.ts';
import type { RestartPolicy } from './topology.ts';
import type { YamlEntry, YamlMap, YamlValue } from './yamlTree.ts';

export interface ComposeService {
  readonly name: string;
  /** `services.<name>`. */
  readonly path: string;
  readonly line: number;
  readonly image: Placed;
  readonly containerName: Placed | null;
  readonly hostname: Placed | null;
  readonly environment: ReadonlyMap<string, Placed>;
  readonly replicas: number;
  readonly restart: RestartPolicy;
  readonly zone: string | null;
  readonly dependsOn: readonly Placed[];
  readonly networks: readonly Placed[];
  readonly networkAliases: readonly string[];
  /** Named volumes and where volumes are mounted. */
  readonly volumes: readonly { readonly source: string | null; readonly target: string; readonly line: number }[];
  readonly hostPorts: readonly Placed[];
}

/** Change nothing that this simulation shows. */
const HARMLESS: readonly string[] = [
  'healthcheck', 'logging', 'user', 'ulimits', 'cap_add', 'cap_drop', 'security_opt', 'sysctls', 'platform',
  'pull_policy', 'stop_grace_period', 'stop_signal', 'init', 'expose', 'tty', 'stdin_open', 'mem_limit', 'mem_reservation',
  'cpus', 'cpu_shares', 'read_only', 'tmpfs', 'shm_size', 'working_dir', 'privileged', 'group_add', 'annotations',
];

const UNDERSTOOD: readonly string[] = [
  'image', 'container_name', 'hostname', 'environment', 'deploy', 'scale', 'labels', 'depends_on', 'networks', 'volumes',
  'ports', 'restart',
];

/** Would change what runs or who reaches whom. */
const NOT_BUILT: readonly string[] = [
  'build', 'command', 'entrypoint', 'env_file', 'extends', 'profiles', 'network_mode', 'links', 'external_links',
  'extra_hosts', 'dns', 'configs', 'secrets', 'volumes_from', 'pid', 'ipc',
];

const REPLICAS_MAX = 100;
const RESTART = /^(no|false|always|unless-stopped|on-failure(?::\d+)?)$/;
const DEPLOY_RESTART: Readonly<Record<string, RestartPolicy>> = { none: 'no', 'on-failure': 'on-failure', any: 'always' };

export const readService = (reader: ComposeReader, name: string, entry: YamlEntry): ComposeService => {
  const path = `services.${name}`;
  if (!/^[A-Za-z0-9._-]{1,63}$/.test(name)) throw reader.error(entry.line, path, 'is not a service name of Compose');
  const map = reader.map(entry, path);
  checkKeys(reader, map, path);
  const image = reader.optionalText(map, 'image', path);
  if (image === null) throw reader.error(entry.line, path, 'has no image');
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
    hostname: reader.optionalText(map, 'hostname', path),
    environment: reader.pairs(map, 'environment', path),
    restart: readRestart(reader, map, path),
    zone: readZone(reader, map, path),
    dependsOn: reader.names(map, 'depends_on', path),
    networks: reader.names(map, 'networks', path),
    networkAliases: readNetworkAliases(reader, map, path),
    volumes: readVolumes(reader, map, path),
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

/** The label `faultline.zone`, on the service or under `deploy`. */
const readZone = (reader: ComposeReader, map: YamlMap, path: string): string | null => {
  const deploy = deployOf(reader, map, path);
  const own = reader.pairs(map, 'labels', path).get('faultline.zone');
  const placed = own ?? (deploy === null ? undefined : reader.pairs(deploy, 'labels', `${path}.deploy`).get('faultline.zone'));
  if (placed === undefined) return null;
  if (!/^[A-Za-z0-9._-]{1,63}$/.test(placed.text)) {
    throw reader.error(placed.line, placed.key, `'${placed.text}' is not a zone name`);
  }
  return placed.text;
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

const readVolumes = (reader: ComposeReader, map: YamlMap, path: string): ComposeService['volumes'] => {
  const entry = map.entries.get('volumes');
  if (entry === undefined) return [];
  const key = `${path}.volumes`;
  return reader.list(entry, key).map((item) => {
    if (item.kind === 'map') {
      const target = reader.optionalText(item, 'target', key);
      if (target === null) throw reader.error(item.line, key, 'a volume without a target');
      const named = reader.optionalText(item, 'type', key)?.text === 'volume';
      const source = reader.optionalText(item, 'source', key)?.text ?? null;
      return { source: named ? source : null, target: target.text, line: item.line };
    }
    const parts = reader.text(item, item.line, key).split(':');
    const target = parts[1] ?? parts[0] ?? '';
    // A path is a bind mount; a bare name is a volume that the file must declare.
    const source = parts.length > 1 && /^[A-Za-z0-9]/.test(parts[0] ?? '') ? (parts[0] ?? null) : null;
    return { source, target, line: item.line };
  });
};

/** The host ports that are published, as `address:port/protocol`; ranges are left to Compose. */
const readHostPorts = (reader: ComposeReader, map: YamlMap, path: string): readonly Placed[] => {
  const entry = map.entries.get('ports');
  if (entry === undefined) return [];
  const key = `${path}.ports`;
  const ports: Placed[] = [];
  for (const item of reader.list(entry, key)) {
    const text = item.kind === 'map' ? longPort(reader, item, key) : shortPort(reader, item, key);
    if (text !== null) ports.push({ line: item.line, key, text });
  }
  return ports;
};

const shortPort = (reader: ComposeReader, item: YamlValue, key: string): string | null => {
  const text = reader.text(item, item.line, key);
  const match = /^(?:(?:([^:]*|\[[^\]]*\]):)?(\d+(?:-\d+)?):)?(\d+(?:-\d+)?)(?:\/(tcp|udp))?$/.exec(text);
  if (match === null) throw reader.error(item.line, key, `'${text}' is not a port mapping`);
  const [, address, host, , protocol] = match;
  return host === undefined || host.includes('-') ? null : `${address ?? '0.0.0.0'}:${host}/${protocol ?? 'tcp'}`;
};

const longPort = (reader: ComposeReader, item: YamlMap, key: string): string | null => {
  const published = reader.optionalText(item, 'published', key)?.text;
  if (published === undefined || published.includes('-')) return null;
  const address = reader.optionalText(item, 'host_ip', key)?.text ?? '0.0.0.0';
  return `${address}:${published}/${reader.optionalText(item, 'protocol', key)?.text ?? 'tcp'}`;
};
