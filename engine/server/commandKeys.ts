/** Which words of a request are keys, or shard channels, which are placed like keys. Source: getKeysFromCommand in db.c of Redis 7.0. */
import type { Bytes } from '../core/bytes.ts';
import type { Command } from './commandTable.ts';

export const keysOf = ({ keys: { first, last, step }, movableKeys }: Command, argv: readonly Bytes[]): readonly Bytes[] => {
  if (movableKeys !== undefined) return movableKeys(argv);
  if (first === 0) return NO_WORDS;
  const end = last < 0 ? argv.length + last : last;
  const keys: Bytes[] = [];
  for (let place = first; place <= end && place < argv.length; place += step) keys.push(argv[place] as Bytes);
  return keys;
};

const NO_WORDS: readonly Bytes[] = Object.freeze([]);
