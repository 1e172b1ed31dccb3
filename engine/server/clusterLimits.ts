/**
 * What a node of a cluster refuses, since it has one database and follows whom the cluster says. The rows of the families are wrapped, so
 * that these know nothing of clusters. Source: selectCommand, moveCommand, copyCommand, swapdbCommand, sortCommandGeneric,
 * replicaofCommand and failoverCommand of Redis 7.0.
 */
import type { Bytes } from '../core/bytes.ts';
import { isWord, readLong } from '../commands/arguments.ts';
import type { CommandRow } from '../commands/command.ts';
import { type ErrorReply, error } from '../protocol/reply.ts';
import { COMMAND_REPLICAOF, COMMAND_SLAVEOF } from '../protocol/wireNames.ts';

const SELECT_REFUSED = error('ERR SELECT is not allowed in cluster mode');
const MOVE_REFUSED = error('ERR MOVE is not allowed in cluster mode');
const SWAPDB_REFUSED = error('ERR SWAPDB is not allowed in cluster mode');
const COPY_REFUSED = error('ERR Copying to another database is not allowed in cluster mode');
const BY_REFUSED = error('ERR BY option of SORT denied in Cluster mode.');
const GET_REFUSED = error('ERR GET option of SORT denied in Cluster mode.');
const REPLICAOF_REFUSED = error('ERR REPLICAOF not allowed in cluster mode.');
const FAILOVER_REFUSED = error('ERR FAILOVER not allowed in cluster mode. Use CLUSTER FAILOVER command instead.');

/** Null: the command itself decides, which also says what is wrong with its arguments. */
type Refusal = (argv: readonly Bytes[], databases: number) => ErrorReply | null;

const selectRefusal: Refusal = (argv) => {
  const id = readLong(argv[1] as Bytes);
  return typeof id === 'number' && id !== 0 ? SELECT_REFUSED : null;
};

const copyRefusal: Refusal = (argv, databases) => {
  let target = 0;
  for (let index = 3; index < argv.length; index++) {
    if (isWord(argv[index], 'replace')) continue;
    const id = isWord(argv[index], 'db') && index + 1 < argv.length ? readLong(argv[++index] as Bytes) : -1;
    if (typeof id !== 'number' || id < 0 || id >= databases) return null;
    target = id;
  }
  return target === 0 ? null : COPY_REFUSED;
};

/** Patterns name keys of any slot. */
const sortRefusal: Refusal = (argv) => {
  for (let index = 2; index < argv.length; index++) {
    const option = argv[index];
    const value = argv[index + 1];
    if (isWord(option, 'limit')) {
      if ([1, 2].some((place) => typeof readLong(argv[index + place] ?? '' as Bytes) !== 'number')) return null;
      index += 2;
    } else if (value !== undefined && isWord(option, 'by')) {
      if (value.includes('*')) return BY_REFUSED;
      index++;
    } else if (value !== undefined && isWord(option, 'get')) return GET_REFUSED;
    else if (value !== undefined && isWord(option, 'store')) index++;
  }
  return null;
};

const REFUSALS: Readonly<Record<string, Refusal>> = {
  select: selectRefusal,
  move: () => MOVE_REFUSED,
  swapdb: () => SWAPDB_REFUSED,
  copy: copyRefusal,
  sort: sortRefusal,
  sort_ro: sortRefusal,
  [COMMAND_REPLICAOF]: () => REPLICAOF_REFUSED,
  [COMMAND_SLAVEOF]: () => REPLICAOF_REFUSED,
  failover: () => FAILOVER_REFUSED,
};

/** The same commands, for a node of a cluster. */
export const withinCluster = (family: readonly CommandRow[]): readonly CommandRow[] => family.map((row) => {
  const refusal = Object.hasOwn(REFUSALS, row.name) ? REFUSALS[row.name] : undefined;
  if (refusal === undefined) return row;
  return { ...row, handler: (call, argv) => refusal(argv, call.keyspace.databases.length) ?? row.handler(call, argv) };
});
