/** SAVE, BGSAVE, BGREWRITEAOF, LASTSAVE, SHUTDOWN. Source: rdb.c, aof.c and db.c of Redis 7.0, for behaviour. */
import type { Host } from '../host.ts';
import { type Bytes, lower } from '../core/bytes.ts';
import { type Call, type CommandRow, NO_KEYS } from '../commands/command.ts';
import { fileProblem } from '../persistence/aofLoader.ts';
import type { SnapshotSaver } from '../persistence/snapshotSaver.ts';
import { type ErrorReply, NO_REPLY, OK, type Reply, SYNTAX_ERROR, Status, error } from '../protocol/reply.ts';
import type { Persistence } from './persistence.ts';
import type { Shutdown } from './shutdown.ts';

export interface PersistenceCommandParts {
  readonly host: Host;
  readonly saver: SnapshotSaver;
  readonly persistence: Persistence;
  readonly shutdown: Shutdown;
  /** MULTI's commands are being run. */
  isInTransaction(): boolean;
  /** What others hear while a script takes long; null while none does. */
  busyReply(): ErrorReply | null;
}

const SAVE_RUNS = error('ERR Background save already in progress');
const isRdb = (saver: SnapshotSaver): boolean => saver.activeKind === 'disk' || saver.activeKind === 'socket';

const save = ({ host, saver }: PersistenceCommandParts): Reply => {
  if (isRdb(saver)) return SAVE_RUNS;
  // One snapshot at a time: an AOF rewrite has the one there is.
  if (saver.activeKind !== null) return error('ERR Background append only file rewriting already in progress');
  try {
    saver.saveNow();
    return OK;
  } catch (failure) {
    host.log('warning', `Error saving DB on disk: ${fileProblem(failure)}`);
    return error('ERR');
  }
};

const bgsave = (parts: PersistenceCommandParts, argv: readonly Bytes[]): Reply => {
  const { saver, persistence } = parts;
  const isScheduled = argv.length === 2 && lower(argv[1] as Bytes) === 'schedule';
  if (argv.length > 1 && !isScheduled) return SYNTAX_ERROR;
  if (isRdb(saver)) return SAVE_RUNS;
  const inTransaction = parts.isInTransaction();
  if (saver.activeKind !== null || inTransaction) {
    if (!isScheduled && !inTransaction) {
      return error("ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to "
        + 'schedule a BGSAVE whenever possible.');
    }
    persistence.isSaveScheduled = true;
    return new Status('Background saving scheduled');
  }
  saver.saveToFile(() => {});
  return new Status('Background saving started');
};

const bgrewriteaof = (parts: PersistenceCommandParts): Reply => {
  const { saver, persistence: { aof } } = parts;
  if (saver.activeKind === 'rewrite') return error('ERR Background append only file rewriting already in progress');
  if (saver.activeKind !== null || parts.isInTransaction()) {
    aof.isRewriteScheduled = true;
    // Somebody asks for it: it may start at once.
    aof.limit.failures = 0;
    return new Status('Background append only file rewriting scheduled');
  }
  if (aof.rewrite()) return new Status('Background append only file rewriting started');
  return error("ERR Can't execute an AOF background rewriting. Please check the server logs for more information.");
};

const shutdown = (parts: PersistenceCommandParts, call: Call, argv: readonly Bytes[]): Reply => {
  const words = argv.slice(1).map((word) => lower(word) as string);
  const has = (word: string): boolean => words.includes(word);
  const isKnown = words.every((word) => ['save', 'nosave', 'now', 'force', 'abort'].includes(word));
  if (!isKnown || (has('save') && has('nosave')) || (has('abort') && words.some((word) => word !== 'abort'))) {
    return SYNTAX_ERROR;
  }
  if (has('abort')) return parts.shutdown.abort() ? OK : error('ERR No shutdown in progress.');
  if (!has('now') && call.denyBlocking) {
    return error("ERR SHUTDOWN without NOW or ABORT isn't allowed for DENY BLOCKING client");
  }
  const busy = parts.busyReply();
  // In the middle of a script nothing can be saved.
  if (busy !== null && !has('nosave')) return busy;
  parts.shutdown.request({
    save: has('save') ? true : has('nosave') ? false : null, isNow: has('now') || busy !== null, isForced: has('force'),
  }, call.client);
  return NO_REPLY;
};

export const persistenceCommands = (parts: PersistenceCommandParts): readonly CommandRow[] => [
  { name: 'save', arity: 1, flags: ['admin', 'noscript', 'no_async_loading', 'no_multi'], keys: NO_KEYS, since: '1.0.0',
    handler: () => save(parts) },
  { name: 'bgsave', arity: -1, flags: ['admin', 'noscript', 'no_async_loading'], keys: NO_KEYS, since: '1.0.0',
    handler: (_call, argv) => bgsave(parts, argv) },
  { name: 'bgrewriteaof', arity: 1, flags: ['admin', 'noscript', 'no_async_loading'], keys: NO_KEYS, since: '1.0.0',
    handler: () => bgrewriteaof(parts) },
  { name: 'lastsave', arity: 1, flags: ['loading', 'stale', 'fast'], keys: NO_KEYS, since: '1.0.0',
    handler: () => parts.saver.stats.lastSaveUnixSeconds },
  { name: 'shutdown', arity: -1, flags: ['admin', 'noscript', 'loading', 'stale', 'no_multi', 'allow_busy'],
    keys: NO_KEYS, since: '1.0.0', handler: (call, argv) => shutdown(parts, call, argv) },
];
