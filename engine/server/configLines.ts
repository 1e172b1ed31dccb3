/**
 * What CONFIG REWRITE makes of each directive: the lines that stand for its present value.
 * Source: config.c of Redis 7.0 (the rewrite functions of its kinds of directive), compared by test.
 */
import { type Bytes, EMPTY, bytes } from '../core/bytes.ts';
import { type OptionOf, type RewrittenLine, type RewrittenOption, quoted } from '../persistence/configRewrite.ts';
import { CLIENT_TYPE_REPLICA, CLIENT_TYPE_REPLICA_OLD, configName } from '../protocol/wireNames.ts';
import type { Config, PresentValue } from './config.ts';

/** Texts that are not there at all while they are empty. */
const ABSENT_WHEN_EMPTY: readonly string[] = [
  'unixsocket', 'pidfile', 'replica-announce-ip', 'masteruser', 'masterauth', 'requirepass', 'bind-source-addr',
  'server_cpulist', 'bio_cpulist', 'aof_rewrite_cpulist', 'bgsave_cpulist', 'cluster-announce-ip',
  'cluster-announce-hostname', 'replicaof',
];
/** Numbers and choices that we keep as texts: they get no quotes. */
const UNQUOTED: readonly string[] = ['unixsocketperm', 'maxmemory-clients', 'syslog-facility'];

/** Directives of a file that CONFIG GET does not know: their lines stay. */
const ONLY_IN_FILES: readonly string[] = ['include', 'rename-command', 'user', 'loadmodule'];

const UNITS: readonly (readonly [number, string])[] = [[1073741824, 'gb'], [1048576, 'mb'], [1024, 'kb']];

/** The largest unit that divides the size. */
const memory = (text: string): string => {
  const size = Number(text);
  const unit = size === 0 ? undefined : UNITS.find(([factor]) => size % factor === 0);
  return unit === undefined ? text : `${size / unit[0]}${unit[1]}`;
};

/** Every directive with its lines, then the users, unless they have a file of their own. */
export const configLines = (config: Config): RewrittenOption[] => [
  ...[...config.present()].map((present): RewrittenOption => ({ name: present.parameter.name, lines: linesOf(present) })),
  { name: 'user', lines: config.text('aclfile') !== EMPTY ? [] : config.acl.list().map((user) =>
    ({ text: bytes(`user ${user.name} ${user.describe()}`), isForced: true })) },
];

/** By which directive a line of the file goes. */
export const optionOf = (config: Config): OptionOf => (words) => {
  const name = configName(words[0] as Bytes);
  return config.isKnown(name) || ONLY_IN_FILES.includes(name) ? name : null;
};

const linesOf = (present: PresentValue): readonly RewrittenLine[] => {
  const { parameter: { name, kind }, value, isDefault } = present;
  if (value === EMPTY && (ABSENT_WHEN_EMPTY.includes(name) || name.startsWith('tls-'))) return [];
  const one = (text: string, isForced = !isDefault): readonly RewrittenLine[] => [{ text: bytes(`${name} ${text}`), isForced }];
  switch (name) {
    case 'save': return saveLines(value);
    case 'client-output-buffer-limit': return outputLimitLines(present);
    case 'bind': return isDefault ? [] : one(value === EMPTY ? '""' : value);
    // Redis takes its default for another value.
    case 'latency-tracking-info-percentiles': return one(value === EMPTY ? '""' : value, true);
    // Relative paths mean what they do only there, so that is always said.
    case 'dir': return one(quoted(value), present.isComputed || !isDefault);
    default: break;
  }
  if (kind.kind === 'memory') return one(memory(value));
  if (kind.kind === 'text' && !UNQUOTED.includes(name)) return one(quoted(value));
  return one(value === EMPTY ? '""' : value);
};

/** One line for each save point; without any, a line that keeps the default ones away. */
const saveLines = (value: Bytes): readonly RewrittenLine[] => {
  const words = value.split(' ');
  if (value === EMPTY) return [{ text: bytes('save ""'), isForced: true }];
  return Array.from({ length: words.length / 2 }, (_, index) =>
    ({ text: bytes(`save ${words[index * 2]} ${words[index * 2 + 1]}`), isForced: true }));
};

/** A line for each kind of client: kind, hard limit, soft limit, seconds. */
const outputLimitLines = ({ parameter, value }: PresentValue): readonly RewrittenLine[] => {
  const defaults = parameter.default.split(' ');
  const words = value.split(' ');
  return Array.from({ length: words.length / 4 }, (_, index) => {
    const [kind, hard, soft, seconds] = words.slice(index * 4, index * 4 + 4) as [string, string, string, string];
    const isForced = [kind, hard, soft, seconds].some((word, place) => word !== defaults[index * 4 + place]);
    const spelled = kind === CLIENT_TYPE_REPLICA_OLD ? CLIENT_TYPE_REPLICA : kind;
    return { text: bytes(`${parameter.name} ${spelled} ${memory(hard)} ${memory(soft)} ${seconds}`), isForced };
  });
};
