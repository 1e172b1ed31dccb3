/**
 * DEBUG HTSTATS and HTSTATS-KEY: the hash table that Redis would keep for so many keys. Ours are JavaScript's, which show no
 * buckets; so the keys are spread by a hash of our own over the table that Redis would have. Sizes are Redis's, chains are alike.
 * Source: dictGetStats in dict.c and debugCommand of Redis 7.0, for the layout.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import { hashText } from '../core/hash.ts';
import { encodingName } from '../commands/object.ts';
import type { Database, Entry } from '../keyspace/database.ts';
import { HashValue } from '../keyspace/hashValue.ts';
import { SetValue } from '../keyspace/setValue.ts';
import { SortedSetValue } from '../keyspace/sortedSetValue.ts';

const SLOTS_LEAST = 4;
/** Longer chains are counted together. */
const CHAINS_SHOWN = 50;

/** Both tables of a database. */
export const databaseStatistics = (database: Database): Bytes => {
  const table = (entries: readonly Entry[]): string => tableStatistics(entries.map(({ key }) => key));
  return bytes(`[Dictionary HT]\n${table(database.entries())}[Expires HT]\n${table(database.expiringEntries())}`);
};

/** The table of a value; null for one that is not kept as a table. */
export const valueStatistics = (entry: Entry): Bytes | null => {
  const { value } = entry;
  if (!['hashtable', 'skiplist'].includes(encodingName(entry))) return null;
  if (value instanceof HashValue) return bytes(tableStatistics(value.fields()));
  if (value instanceof SetValue) return bytes(tableStatistics(value.list()));
  return value instanceof SortedSetValue ? bytes(tableStatistics(value.slice().map(({ member }) => member))) : null;
};

const tableStatistics = (keys: readonly string[]): string => {
  const head = 'Hash table 0 stats (main hash table):\n';
  if (keys.length === 0) return `${head}No stats available for empty dictionaries\n`;
  let slots = SLOTS_LEAST;
  while (slots < keys.length) slots *= 2;
  const chains = new Uint32Array(slots);
  for (const key of keys) {
    const slot = (hashText(key) >>> 0) % slots;
    chains[slot] = (chains[slot] as number) + 1;
  }
  const lengths = new Uint32Array(CHAINS_SHOWN);
  let longest = 0;
  for (const length of chains) {
    const shown = Math.min(length, CHAINS_SHOWN - 1);
    lengths[shown] = (lengths[shown] as number) + 1;
    longest = Math.max(longest, length);
  }
  const used = slots - (lengths[0] as number);
  const average = (keys.length / used).toFixed(2);
  let text = `${head} table size: ${slots}\n number of elements: ${keys.length}\n different slots: ${used}\n max chain length: ${longest}\n`
    + ` avg chain length (counted): ${average}\n avg chain length (computed): ${average}\n Chain length distribution:\n`;
  for (const [length, count] of lengths.entries()) {
    if (count > 0) text += `   ${length}: ${count} (${((count / slots) * 100).toFixed(2)}%)\n`;
  }
  return text;
};
