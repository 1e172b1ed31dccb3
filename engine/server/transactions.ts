/** MULTI, EXEC, DISCARD, WATCH, UNWATCH. Source: multi.c of Redis 7.0. */
import type { Bytes } from '../core/bytes.ts';
import { InvariantError } from '../core/errors.ts';
import type { Client, Transaction } from '../commands/client.ts';
import { ALL_KEYS, type Call, type CommandRow, NO_KEYS } from '../commands/command.ts';
import type { Database } from '../keyspace/database.ts';
import { NO_REPLY, NULL_ARRAY, OK, RawReply, type Reply, error } from '../protocol/reply.ts';
import type { Dispatch } from './dispatch.ts';

const EXEC_ABORTED = error('EXECABORT Transaction discarded because of previous errors.');

/** Who watches which key, so that a change finds them. One for each server. */
export class Watches {
  private readonly watchers: Map<Bytes, Set<Client>> = new Map();

  watch(client: Client, database: Database, key: Bytes): void {
    if (client.watched.some((watched) => watched.key === key && watched.database === database.id)) return;
    const entry = database.peek(key);
    client.watched.push({
      database: database.id, key, expired: entry !== undefined && database.isExpired(entry),
    });
    const name = watchName(database.id, key);
    const set = this.watchers.get(name) ?? new Set<Client>();
    set.add(client);
    this.watchers.set(name, set);
  }

  unwatch(client: Client): void {
    for (const { database, key } of client.watched) {
      const name = watchName(database, key);
      const set = this.watchers.get(name);
      set?.delete(client);
      if (set !== undefined && set.size === 0) this.watchers.delete(name);
    }
    client.watched = [];
    client.dirty = false;
  }

  /** A key was changed, added or removed. */
  touched(database: Database, key: Bytes): void {
    if (this.watchers.size === 0) return;
    const set = this.watchers.get(watchName(database.id, key));
    if (set === undefined) return;
    for (const client of set) {
      const watched = client.watched.find((one) => one.key === key && one.database === database.id);
      if (watched?.expired === true && database.peek(key) === undefined) continue;
      client.dirty = true;
    }
  }

  /** A watched key whose time has come since WATCH makes EXEC fail too. */
  expiredMeanwhile(client: Client, database: (id: number) => Database): boolean {
    return client.watched.some((watched) => {
      if (watched.expired) return false;
      const entry = database(watched.database).peek(watched.key);
      return entry !== undefined && database(watched.database).isExpired(entry);
    });
  }
}

const watchName = (database: number, key: Bytes): Bytes => `${database}:${key}` as Bytes;

/**
 * Runs what was queued. Each reply is sent as it comes, since messages that a command sends its own client stand between
 * them; after CLIENT KILL of itself none follow. Where nobody is to hear them they are one array.
 */
const runQueued = (dispatch: Dispatch, client: Client, { queue }: Transaction, finish: () => void): Reply => {
  const replies: Reply[] = [];
  const isSentAsItComes = client.kind === 'normal' && client.replyMode === 'on';
  if (isSentAsItComes) client.reply(new RawReply(`*${queue.length}\r\n`));
  let wasClosing = false;
  const take = (reply: Reply): void => {
    if (!isSentAsItComes) replies.push(reply);
    else if (!wasClosing) client.reply(reply);
  };
  const runFrom = (first: number): Reply => {
    for (let index = first; index < queue.length; index++) {
      const argv = queue[index] as readonly Bytes[];
      const command = dispatch.find(argv);
      if (command === undefined) throw new InvariantError('a queued command is not in the table');
      wasClosing = client.closing;
      const reply = dispatch.callFromExec(client, command, argv);
      if (dispatch.suspension.isActive) {
        // A script takes long: what is behind it comes when it is over.
        dispatch.suspension.ask((late) => {
          take(late);
          return runFrom(index + 1);
        });
        return NO_REPLY;
      }
      take(reply);
    }
    finish();
    return isSentAsItComes ? NO_REPLY : replies;
  };
  return runFrom(0);
};

export const transactionCommands = (dispatch: Dispatch, watches: Watches): readonly CommandRow[] => {
  const leave = (client: Client): void => {
    client.transaction = null;
    watches.unwatch(client);
  };
  const exec = (call: Call): Reply => {
    const client = call.client;
    const transaction = client.transaction;
    if (transaction === null) return error('ERR EXEC without MULTI');
    if (transaction.aborted) {
      leave(client);
      return EXEC_ABORTED;
    }
    if (client.dirty || watches.expiredMeanwhile(client, (id) => call.keyspace.database(id))) {
      leave(client);
      return NULL_ARRAY;
    }
    watches.unwatch(client);
    return runQueued(dispatch, client, transaction, () => {
      client.transaction = null;
    });
  };
  return [
    {
      name: 'multi', arity: 1, flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy'], keys: NO_KEYS, since: '1.2.0',
      handler: (call) => {
        if (call.client.transaction !== null) return error('ERR MULTI calls can not be nested');
        call.client.transaction = {
          queue: [], aborted: false, writes: false, allowedWhileLoading: true, allowedWhenStale: true,
          refusedInAsyncLoading: false, deniesOom: false,
        };
        return OK;
      },
    },
    {
      name: 'exec', arity: 1, flags: ['noscript', 'loading', 'stale', 'skip_slowlog'], keys: NO_KEYS, since: '1.2.0',
      handler: exec,
    },
    {
      name: 'discard', arity: 1, flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy'], keys: NO_KEYS,
      since: '2.0.0',
      handler: (call) => {
        if (call.client.transaction === null) return error('ERR DISCARD without MULTI');
        leave(call.client);
        return OK;
      },
    },
    {
      name: 'watch', arity: -2, flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy'], keys: ALL_KEYS,
      since: '2.2.0',
      handler: (call, argv) => {
        if (call.client.transaction !== null) return error('ERR WATCH inside MULTI is not allowed');
        for (const key of argv.slice(1)) watches.watch(call.client, call.db, key);
        return OK;
      },
    },
    {
      name: 'unwatch', arity: 1, flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy'], keys: NO_KEYS,
      since: '2.2.0',
      handler: (call) => {
        watches.unwatch(call.client);
        return OK;
      },
    },
  ];
};
