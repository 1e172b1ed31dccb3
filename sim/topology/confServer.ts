/**
 * One redis.conf or sentinel.conf as a server of a topology: its name, port, the addresses by which it says that it is found,
 * and whom it names.
 *
 * Source: redis.conf and sentinel.conf of Redis 7.0.
 */
import { ScenarioError } from '../../engine/core/errors.ts';
import { isAddress, isLoopback } from './addresses.ts';
import { boundAddresses } from './containerOfLines.ts';
import { type Placed, besideFile, placedError } from './placed.ts';
import { type ConfLine, checkLines, lastLine, readConf } from './redisConf.ts';
import type { ProcessKind, ReadText } from './topology.ts';

export interface ConfServer {
  readonly name: string;
  readonly file: string;
  readonly kind: ProcessKind;
  readonly port: number;
  readonly lines: readonly ConfLine[];
  /** IPv4 addresses that it listens on or announces; none: the file does not say. */
  readonly addresses: readonly string[];
  /** Names that it announces. */
  readonly names: readonly string[];
  /** It listens on its own machine's loopback alone; where it says so. */
  readonly loopbackOnly: Placed | null;
  /** Whom it follows or watches. */
  readonly references: readonly Reference[];
}

export interface Reference {
  readonly host: string;
  readonly port: number;
  readonly at: Placed;
  /** `peer`: a sentinel or a replica that a sentinel has found before. */
  readonly kind: 'follows' | 'watches' | 'peer';
}

const PORT = 6379;
const SENTINEL_PORT = 26_379;
/** Directives that say where a server is found. */
const ANNOUNCED: readonly string[] = ['replica-announce-ip', 'cluster-announce-ip', 'cluster-announce-hostname'];
/** Names that say nothing about which server it is. */
const COMMON_NAMES: readonly string[] = ['redis', 'sentinel', 'valkey', 'redis-sentinel', 'valkey-sentinel'];

/** `taken` are names of others. Throws `ScenarioError`. */
export const readConfServer = (
  file: string, text: string, read: ReadText, taken: ReadonlySet<string>, warn: (warning: string) => void,
): ConfServer => {
  const all = readConf(text, file, (path, from) => {
    const found = besideFile(from, path);
    try {
      return { file: found, text: read(found) };
    } catch (error) {
      if (error instanceof ScenarioError) return null;
      throw error;
    }
  });
  const kind = all.some(({ words }) => words[0] === 'sentinel') ? 'sentinel' : 'redis';
  const lines = checkLines(all, kind, file, warn);
  const bind = lastLine(lines, 'bind');
  const bound = bind === null ? [] : boundAddresses(bind);
  const announced = lines.flatMap(({ words }) => {
    const [name = '', value = '', more = ''] = words;
    if (ANNOUNCED.includes(name)) return [value];
    return name === 'sentinel' && value.toLowerCase() === 'announce-ip' ? [more] : [];
  }).filter((text) => text !== '');
  return {
    name: nameOf(file, kind, taken), file, kind, lines,
    port: portOf(lines, kind, file),
    addresses: [...new Set([...announced, ...bound].filter(isOwnAddress))],
    names: [...new Set(announced.filter((text) => !isAddress(text)))],
    loopbackOnly: bind !== null && bound.length > 0 && bound.every(isLoopback) ? bind.at : null,
    references: lines.flatMap(referencesOf),
  };
};

const isOwnAddress = (text: string): boolean => isAddress(text) && text !== '0.0.0.0' && !isLoopback(text);

const portOf = (lines: readonly ConfLine[], kind: ProcessKind, file: string): number => {
  const port = lastLine(lines, 'port');
  if (port === null) return kind === 'sentinel' ? SENTINEL_PORT : PORT;
  const number = Number(port.words[1]);
  if (number === 0) throw placedError(port.at, file, 'is 0: nobody could connect, and unix sockets are not modelled');
  return number;
};

const referencesOf = ({ words, at }: ConfLine): readonly Reference[] => {
  const [name = '', second = '', third = '', fourth = '', fifth = ''] = words;
  if (name === 'replicaof') {
    const follows = second.toLowerCase() !== 'no' || third.toLowerCase() !== 'one';
    return follows ? [{ host: second, port: Number(third), at, kind: 'follows' }] : [];
  }
  if (name !== 'sentinel') return [];
  const word = second.toLowerCase();
  if (word === 'monitor') return [{ host: fourth, port: Number(fifth), at, kind: 'watches' }];
  return word.startsWith('known-') ? [{ host: fourth, port: Number(fifth), at, kind: 'peer' }] : [];
};

/** After the file, or its directory where the file is called like everybody's. */
const nameOf = (file: string, kind: ProcessKind, taken: ReadonlySet<string>): string => {
  const parts = file.split('/').map((part) => part.replace(/[^A-Za-z0-9._-]/g, '-'));
  const own = (parts.at(-1) ?? '').replace(/\.(?:conf|cfg|txt)$/, '') || 'redis';
  const directory = parts.at(-2) ?? '';
  const isCommon = COMMON_NAMES.includes(own) && /^[A-Za-z0-9]/.test(directory);
  const base = (isCommon ? `${directory}${kind === 'sentinel' && !directory.includes('sentinel') ? '-sentinel' : ''}` : own).slice(0, 50);
  if (!taken.has(base)) return base;
  let number = 2;
  while (taken.has(`${base}-${number}`)) number++;
  return `${base}-${number}`;
};

