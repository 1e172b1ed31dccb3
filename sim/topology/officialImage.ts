/**
 * What a container of the official images `redis` and `valkey/valkey` runs: the server, with its mounted configuration file
 * and the options of its command; nothing of the environment, which these images do not read.
 *
 * Always holds: the image turns protected mode off, keeps its data in the anonymous volume /data, and waits for nobody. What
 * the node rewrites lasts only where its configuration file lies in a mounted directory.
 * Source: docker-library/redis and valkey-io/valkey-container: Dockerfile, `docker-entrypoint.sh`, documentation; sentinel.c of
 * Redis 7.0 (sentinelIsRunning), for the file that must be writable.
 */
import { containerOfLines, portOf } from './containerOfLines.ts';
import { findMounted } from './composeMounts.ts';
import type { ComposeReader } from './composeReader.ts';
import type { ComposeService } from './composeService.ts';
import type {
  ClusterContainer, ClusterOrder, DataContainer, Directives, KeysOfPrimary, SentinelContainer, Watch,
} from './containers.ts';
import type { KnownImage } from './images.ts';
import { type Placed, besideFile } from './placed.ts';
import { type ConfLine, checkLines, lastLine, lastValue, readConf } from './redisConf.ts';
import { type ServerCommand, readServerCommand } from './serverCommand.ts';
import type { ConfigFileKeeping, ReadText } from './topology.ts';

export type OfficialContainer =
  | { readonly kind: 'redis'; readonly redis: DataContainer }
  | { readonly kind: 'sentinel'; readonly sentinel: SentinelContainer }
  | { readonly kind: 'cluster'; readonly cluster: ClusterContainer }
  /** It does something once and ends; an order to create a cluster is all that concerns us. */
  | { readonly kind: 'tool'; readonly order: ClusterOrder | null };

type Server = Extract<ServerCommand, { readonly kind: 'server' }>;

/** The image turns protected mode off in the program itself: a file may turn it on again. */
const FIRST: Directives = Object.freeze([['protected-mode', 'no']]);
const PORT = 6379;
const SENTINEL_PORT = 26_379;
const DATA_DIRECTORY = '/data';
const REPLICAS_MAX = 100;

export const readOfficialImage = (
  reader: ComposeReader, service: ComposeService, { product }: KnownImage, read: ReadText,
): OfficialContainer => {
  const command = readServerCommand(reader, service, `${product}-server`);
  if (command.kind === 'tool') return { kind: 'tool', order: clusterOrder(reader, command.at, command.words) };
  warnOfVariables(reader, service, command);
  const { lines, keeping } = configurationOf(reader, service, command, read);
  const checked = checkLines(lines, command.isSentinel ? 'sentinel' : 'redis', reader.file, (warning) => reader.note(warning));
  if (lastValue(checked, 'daemonize')?.text === 'yes') {
    throw reader.errorAt(
      lastLine(checked, 'daemonize')?.at ?? command.at, 'is yes: the container ends as soon as the server is in the background');
  }
  if (command.isSentinel) return { kind: 'sentinel', sentinel: sentinelOf(reader, service, command, checked, keeping) };
  const isCluster = lastValue(checked, 'cluster-enabled')?.text === 'yes';
  const persistentData = isPersistent(service, checked);
  if (isCluster) {
    return {
      kind: 'cluster',
      cluster: {
        port: portOf(reader, checked, PORT), password: lastValue(checked, 'requirepass'), persistentData, configFile: keeping,
        directives: [...FIRST, ...directivesOf(checked)], creates: null,
      },
    };
  }
  // What the command says holds at every start, whatever a sentinel had the node rewrite.
  const isToldWhom = lastLine(checked, 'replicaof')?.at.key === command.at.key;
  const redis = containerOfLines(reader, service, checked, {
    keys: keysOf(command), configFile: keeping === 'kept' && isToldWhom ? 'rewritten' : keeping, persistentData, first: FIRST,
  });
  return { kind: 'redis', redis };
};

/** Where the options are, messages about what is missing point. */
const keysOf = ({ at }: Server): KeysOfPrimary => ({ host: at, port: at, password: at });

interface Configuration {
  readonly lines: readonly ConfLine[];
  readonly keeping: ConfigFileKeeping;
}

/** The lines of the mounted file, then the options of the command, which win. */
const configurationOf = (reader: ComposeReader, service: ComposeService, command: Server, read: ReadText): Configuration => {
  const { at, configPath, copiedFrom, options } = command;
  if (configPath === null) return { lines: options, keeping: 'none' };
  const place: Placed = { ...at, text: configPath };
  const path = copiedFrom ?? configPath;
  const found = findMounted(reader, service.mounts, path, read, place);
  if (found === null) throw reader.errorAt(place, `'${path}' is not in the image, and nothing is mounted there`);
  const lines = readConf(found.text, found.file, (included) => {
    const other = findMounted(reader, service.mounts, besideFile(`${DATA_DIRECTORY}/`, included), read, place);
    return other === null ? null : { file: other.file, text: other.text };
  });
  const keeping = copiedFrom !== null ? (command.isCopiedOnce ? 'kept' : 'rewritten') : found.access === 'directory' ? 'kept' : 'rewritten';
  if (command.isSentinel && copiedFrom === null && found.access === 'readOnly') {
    throw reader.errorAt(
      place, `'${configPath}' is mounted read-only, and a sentinel does not start when it cannot write its configuration`);
  }
  if (command.isSentinel && copiedFrom === null && found.access === 'file') {
    reader.warnAt(
      place, `'${configPath}' is mounted as a single file, which cannot be replaced: at each start a sentinel forgets what it knew`);
  }
  return { lines: [...lines, ...options], keeping };
};

const sentinelOf = (
  reader: ComposeReader, service: ComposeService, command: Server, lines: readonly ConfLine[], keeping: ConfigFileKeeping,
): SentinelContainer => {
  if (keeping === 'none') throw reader.errorAt(command.at, 'a sentinel does not start without a configuration file');
  const isMonitor = ({ words }: ConfLine): boolean => words[0] === 'sentinel' && words[1]?.toLowerCase() === 'monitor';
  const passwords = new Map(lines.flatMap(({ words, at }) => (
    words[0] === 'sentinel' && words[1]?.toLowerCase() === 'auth-pass'
      ? [[words[2] ?? '', { ...at, text: words[3] ?? '' }] as const] : [])));
  const watches = lines.filter(isMonitor).map(({ words: [, , name = '', host = '', port = '', quorum = ''], at }): Watch => ({
    name: { ...at, text: name }, host: { ...at, text: host }, port: { ...at, text: port }, quorum: { ...at, text: quorum },
    password: passwords.get(name) ?? null,
  }));
  const own = lines.find(({ words }) => words[0] === 'sentinel' && ['myid', 'announce-ip'].includes(words[1]?.toLowerCase() ?? ''));
  if (own !== undefined && service.replicas > 1) {
    throw reader.errorAt(own.at, `'${own.words.join(' ')}' would be that of ${service.replicas} sentinels: they would pass for one`);
  }
  if (watches.length === 0) throw reader.errorAt(command.at, 'the sentinel watches nobody: no line says sentinel monitor');
  const isOn = (name: string): boolean => lines.some(({ words }) =>
    words[0] === 'sentinel' && words[1]?.toLowerCase() === name && words[2]?.toLowerCase() === 'yes');
  const directives = directivesOf(lines);
  return {
    port: portOf(reader, lines, SENTINEL_PORT), password: lastValue(lines, 'requirepass'), watches,
    resolvesNames: isOn('resolve-hostnames'), resolvesNamesAt: command.at, keys: keysOf(command),
    configFile: keeping, persistentData: keeping === 'kept' || isPersistent(service, lines),
    configure: () => directives,
  };
};

const directivesOf = (lines: readonly ConfLine[]): Directives => lines.map(({ words }) => words);

/** /data is a volume even where nobody mounts one, and Compose hands it on to the next container of the service. */
const isPersistent = (service: ComposeService, lines: readonly ConfLine[]): boolean => {
  const directory = lastValue(lines, 'dir')?.text ?? '.';
  const path = directory.startsWith('/') ? directory : `${DATA_DIRECTORY}/${directory.replace(/^\.\/?/, '')}`;
  const within = (target: string): boolean => path === target || path.startsWith(`${target.replace(/\/$/, '')}/`);
  const mount = service.mounts.find(({ target }) => within(target));
  return mount === undefined ? within(DATA_DIRECTORY) : !mount.isTemporary;
};

/** People set what Bitnami's image reads. */
const warnOfVariables = (reader: ComposeReader, service: ComposeService, command: Server): void => {
  const ignored = [...service.environment.keys()].filter((name) => /^(?:REDIS|VALKEY|ALLOW_EMPTY)_/.test(name)
    && name !== 'VALKEY_EXTRA_FLAGS' && !command.at.text.includes(name));
  if (ignored.length === 0) return;
  reader.warn(service.line, `${service.path}.environment`, `this image reads none of: ${ignored.join(', ')}`);
};

/** `redis-cli --cluster create host:port … --cluster-replicas N`; null: something else. */
const clusterOrder = (reader: ComposeReader, at: Placed, words: readonly string[]): ClusterOrder | null => {
  const create = words.findIndex((word, index) => word === 'create' && words[index - 1] === '--cluster');
  if (create < 0) return null;
  const rest = words.slice(create + 1);
  const end = rest.findIndex((word) => word.startsWith('-'));
  const nodes = end < 0 ? rest : rest.slice(0, end);
  const option = rest.indexOf('--cluster-replicas');
  const replicas = option < 0 ? '0' : rest[option + 1] ?? '';
  return {
    nodes: { ...at, text: nodes.join(' ') },
    replicas: reader.integer({ ...at, text: replicas }, 0, REPLICAS_MAX),
  };
};
