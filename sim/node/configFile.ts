/**
 * A process's configuration file on its process's disk: what its image's entrypoint makes of it at each start, so that
 * what a node rewrote (a new primary, say) is there when it comes back, or is not, as the deployment has it.
 *
 * Always holds: what the entrypoint writes is on the disk before the server runs, and costs the server nothing.
 * Source for `set`: `redis_conf_set` of the Bitnami images, which replaces lines that are there and adds none.
 */
import { type Bytes, EMPTY, bytes, lower } from '../../engine/index.ts';
import type { DataDirectory } from '../disk/dataDirectory.ts';
import type { ConfigFileKeeping } from '../topology/topology.ts';

/** Where it is, seen from the data directory. */
export const CONFIG_FILE: Bytes = bytes('redis.conf');

/** One directive a line, as the topology gives them. */
export const configText = (directives: readonly (readonly string[])[]): Bytes =>
  bytes(directives.map((words) => `${words.map(quoteWord).join(' ')}\n`).join(''));

/** Does what the entrypoint does before it starts the server, and gives the text that the server will read. */
export const prepareConfigFile = (
  directory: DataDirectory, keeping: Exclude<ConfigFileKeeping, 'none'>, directives: readonly (readonly string[])[],
  path: Bytes = CONFIG_FILE,
): Bytes => {
  const present = directory.find(path)?.content.read() ?? null;
  const text = preparedText(present, keeping, directives);
  if (text !== present) write(directory, path, text);
  return text;
};

/** What the entrypoint makes of the text that the last start left; null: there is none. */
export const preparedText = (
  present: Bytes | null, keeping: Exclude<ConfigFileKeeping, 'none'>, directives: readonly (readonly string[])[],
): Bytes => {
  if (present === null || keeping === 'rewritten') return configText(directives);
  return keeping === 'kept' ? present : withDirectives(present, directives);
};

const write = (directory: DataDirectory, path: Bytes, text: Bytes): void => {
  const inode = directory.open(path, true);
  inode.truncate(0);
  inode.append(text);
  inode.synced(text.length);
  directory.syncNameOf(inode);
};

/** The directives in the place of the first line of their name; other lines of that name go. Without one nothing is set. */
const withDirectives = (text: Bytes, directives: readonly (readonly string[])[]): Bytes => {
  const wanted = new Map<string, (readonly string[])[]>();
  for (const words of directives) {
    const name = lower(bytes(words[0] ?? ''));
    wanted.set(name, [...wanted.get(name) ?? [], words]);
  }
  const done = new Set<string>();
  const lines = text.split('\n').flatMap((line): string[] => {
    const name = lower(bytes(/^\s*(\S*)/.exec(line)?.[1] ?? EMPTY));
    const own = wanted.get(name);
    if (own === undefined) return [line];
    if (done.has(name)) return [];
    done.add(name);
    return own.map((words) => words.map(quoteWord).join(' '));
  });
  return bytes(lines.join('\n'));
};

const quoteWord = (word: string): string =>
  (/^[!#$%&(-[\]-~]+$/.test(word) ? word : `"${word.replace(/["\\]/g, '\\$&')}"`);
