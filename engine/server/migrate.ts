/**
 * MIGRATE: keys go to another node and are deleted here once it has acknowledged them.
 *
 * In Redis the process waits within the command, so that nobody sees the keys in between. Here the process is held (`HeldHost`)
 * until the other node has answered or the time is over: no client, no timer and no message of the bus is taken up meanwhile.
 * From MULTI it is refused, since the commands behind it could not wait; redis-server runs it there.
 *
 * Always holds: a key is deleted, and its DEL propagated, only after the target said that it has it.
 * Source: migrateCommand and migrateGetKeys in cluster.c and db.c of Redis 7.0.
 */
import type { NetError } from '../host.ts';
import { type Bytes, EMPTY, bytes, join, slice } from '../core/bytes.ts';
import { assert } from '../core/errors.ts';
import { isWord, readLong } from '../commands/arguments.ts';
import type { Client } from '../commands/client.ts';
import type { Call, CommandRow } from '../commands/command.ts';
import type { Settings } from '../commands/settings.ts';
import { NO_EXPIRY } from '../keyspace/database.ts';
import { DEL, type Keyspace } from '../keyspace/keyspace.ts';
import { CHECKSUM_BYTES, dumpPayload } from '../persistence/dumpCommands.ts';
import { encodeCommand } from '../protocol/encode.ts';
import { ErrorReply, NO_REPLY, OK, type Reply, SYNTAX_ERROR, Status, error } from '../protocol/reply.ts';
import type { BlockedClients } from './blockedClients.ts';
import type { Dispatch } from './dispatch.ts';
import type { HeldHost } from './heldHost.ts';
import { type MigrateSocket, MigrateSockets, type TalkResult } from './migrateSocket.ts';
import type { ServerState } from './serverState.ts';

const TIMEOUT_MS_DEFAULT = 1000;
const OPTIONS_AT = 6;
/** Of a RESTORE. */
const PAYLOAD_AT = 3;
/** The work of dumping so many bytes counts as one element. */
const BYTES_PER_ELEMENT = 64;

const NO_KEY = new Status('NOKEY');
const KEY_MUST_BE_EMPTY = error('ERR When using MIGRATE KEYS option, the key argument must be set to the empty string');
const NOT_FROM_MULTI = error('ERR MIGRATE is not possible from MULTI here: it waits for another node');
const CONNECT_FAILED = error('IOERR error or timeout connecting to the client');
const WRITE_FAILED = error('IOERR error or timeout writing to target instance');
const READ_FAILED = error('IOERR error or timeout reading to target instance');

const AUTH = bytes('AUTH');
const SELECT = bytes('SELECT');
const REPLACE = bytes('REPLACE');
const RESTORE = bytes('RESTORE');
const RESTORE_ASKING = bytes('RESTORE-ASKING');

export interface MigrateParts {
  readonly host: HeldHost;
  readonly keyspace: Keyspace;
  readonly dispatch: Dispatch;
  readonly blocked: BlockedClients;
  readonly state: Pick<ServerState, 'history'>;
  /** Keys go to a slot that the other node is importing. */
  readonly isClustered: boolean;
  readonly config: Settings;
}

interface Request {
  readonly host: Bytes;
  readonly port: Bytes;
  readonly databaseId: number;
  readonly timeoutMs: number;
  readonly copies: boolean;
  readonly replaces: boolean;
  /** The words of AUTH after its name; empty: none. */
  readonly credentials: readonly Bytes[];
  readonly keys: readonly Bytes[];
}

interface Task {
  readonly client: Client;
  readonly argv: readonly Bytes[];
  readonly request: Request;
  /** Keys that were there. */
  readonly keys: readonly Bytes[];
  mayRetry: boolean;
}

/** Where options take words that could be taken for others. */
const skippedWords = (option: Bytes): number => (isWord(option, 'auth') ? 1 : isWord(option, 'auth2') ? 2 : 0);

/** The keys of a whole request; none where KEYS stands behind a key, which the command itself refuses. */
const migrateKeys = (argv: readonly Bytes[]): readonly Bytes[] => {
  const key = argv[3] as Bytes;
  for (let index = OPTIONS_AT; index < argv.length; index++) {
    const option = argv[index] as Bytes;
    if (isWord(option, 'keys')) return key === EMPTY ? argv.slice(index + 1) : [];
    index += skippedWords(option);
  }
  return [key];
};

const parse = (argv: readonly Bytes[]): Request | ErrorReply => {
  let copies = false;
  let replaces = false;
  let credentials: readonly Bytes[] = [];
  for (let index = OPTIONS_AT; index < argv.length; index++) {
    const option = argv[index] as Bytes;
    const skipped = skippedWords(option);
    if (isWord(option, 'copy')) copies = true;
    else if (isWord(option, 'replace')) replaces = true;
    else if (isWord(option, 'keys')) {
      if (argv[3] !== EMPTY) return KEY_MUST_BE_EMPTY;
      break;
    } else if (skipped > 0 && index + skipped < argv.length) {
      credentials = argv.slice(index + 1, index + 1 + skipped);
      index += skipped;
    } else return SYNTAX_ERROR;
  }
  const timeoutMs = readLong(argv[5] as Bytes);
  if (timeoutMs instanceof ErrorReply) return timeoutMs;
  const databaseId = readLong(argv[4] as Bytes);
  if (databaseId instanceof ErrorReply) return databaseId;
  return {
    host: argv[1] as Bytes, port: argv[2] as Bytes, databaseId, timeoutMs: timeoutMs <= 0 ? TIMEOUT_MS_DEFAULT : timeoutMs,
    copies, replaces, credentials, keys: migrateKeys(argv),
  };
};

export class Migrations {
  private readonly parts: MigrateParts;
  private readonly sockets: MigrateSockets;

  constructor(parts: MigrateParts) {
    this.parts = parts;
    this.sockets = new MigrateSockets(parts.host.inner, () => parts.config.flag('tls-cluster'));
  }

  /** Connections to other nodes that are kept for the next time. */
  get cachedSockets(): number {
    return this.sockets.size;
  }

  /** Once a second. */
  closeIdle(): void {
    this.sockets.closeIdle();
  }

  get commands(): readonly CommandRow[] {
    return [{
      name: 'migrate', arity: -6, flags: ['write', 'movablekeys'], keys: { first: 3, last: 3, step: 1 }, movableKeys: migrateKeys,
      since: '2.6.0', handler: (call, argv) => this.begin(call, argv),
    }];
  }

  private begin(call: Call, argv: readonly Bytes[]): Reply {
    const request = parse(argv);
    if (request instanceof ErrorReply) return request;
    const keys = request.keys.filter((key) => call.db.lookupRead(key) !== undefined);
    if (keys.length === 0) return NO_KEY;
    if (call.denyBlocking) return NOT_FROM_MULTI;
    this.parts.blocked.blockOnHost(call.client);
    this.parts.host.hold();
    this.attempt({ client: call.client, argv, request, keys, mayRetry: true });
    return NO_REPLY;
  }

  private attempt(task: Task): void {
    const { host, port, timeoutMs } = task.request;
    this.sockets.get(host, port, timeoutMs, (result) => {
      if (typeof result === 'string') this.notConnected(task, result);
      else this.send(task, result);
    });
  }

  /** A refusal is known to redis-server only when it writes. */
  private notConnected(task: Task, reason: NetError): void {
    if (reason !== 'refused' && reason !== 'reset') this.finish(task, [], CONNECT_FAILED);
    else if (task.mayRetry) this.retry(task);
    else this.finish(task, [], WRITE_FAILED);
  }

  private retry(task: Task): void {
    task.mayRetry = false;
    this.attempt(task);
  }

  private send(task: Task, socket: MigrateSocket): void {
    const { databaseId, credentials, timeoutMs } = task.request;
    const requests: Bytes[] = [];
    if (credentials.length > 0) requests.push(encodeCommand([AUTH, ...credentials]));
    if (socket.database !== databaseId) requests.push(encodeCommand([SELECT, bytes(String(databaseId))]));
    const before = requests.length;
    const checksums: Bytes[] = [];
    const sent = task.keys.filter((key) => {
      const restore = this.restoreCommand(task, key);
      if (restore === null) return false;
      requests.push(encodeCommand(restore));
      checksums.push(slice(restore[PAYLOAD_AT] as Bytes, -CHECKSUM_BYTES));
      return true;
    });
    this.note('sent', sent, checksums, task);
    const text = join(requests);
    this.parts.host.cost('element', Math.ceil(text.length / BYTES_PER_ELEMENT));
    socket.talk(text, requests.length, timeoutMs, (result) => this.answered(task, socket, before, sent, result));
  }

  /** Null: the key has expired since. */
  private restoreCommand({ client, request }: Task, key: Bytes): readonly Bytes[] | null {
    const { keyspace, host, isClustered } = this.parts;
    const entry = keyspace.database(client.databaseId).peek(key);
    assert(entry !== undefined, 'a key of a held process stays');
    const ttlMs = entry.expireAtMs === NO_EXPIRY ? 0 : entry.expireAtMs - host.wallMs();
    if (ttlMs < 0) return null;
    const ttl = entry.expireAtMs === NO_EXPIRY ? 0 : Math.max(1, ttlMs);
    const payload = dumpPayload(entry.value, keyspace.limits.listMaxListpackSize);
    return [
      isClustered ? RESTORE_ASKING : RESTORE, key, bytes(String(ttl)), payload, ...(request.replaces ? [REPLACE] : []),
    ];
  }

  /** `before` replies stand before those about the keys `sent`. */
  private answered(task: Task, socket: MigrateSocket, before: number, sent: readonly Bytes[], { replies, failure }: TalkResult): void {
    const restored = replies.slice(before);
    if (failure !== null && restored.length === 0 && task.mayRetry && !failure.isTimeout) {
      this.retry(task);
      return;
    }
    const refusedBefore = replies.slice(0, before).find((reply) => reply instanceof ErrorReply);
    const refusal = restored.length === 0 ? undefined : refusedBefore ?? restored.find((reply) => reply instanceof ErrorReply);
    socket.database = refusal === undefined ? task.request.databaseId : -1;
    const moved = refusedBefore !== undefined || task.request.copies ? []
      : sent.filter((_key, index) => index < restored.length && !(restored[index] instanceof ErrorReply));
    if (refusal instanceof ErrorReply) {
      this.finish(task, moved, error(`ERR Target instance replied with error: ${refusal.text}`));
    } else this.finish(task, moved, failure === null ? OK : failure.stage === 'writing' ? WRITE_FAILED : READ_FAILED);
  }

  private finish(task: Task, moved: readonly Bytes[], reply: Reply): void {
    const { dispatch, host } = this.parts;
    dispatch.complete(task.client, task.argv, (call) => {
      for (const key of moved) if (call.db.remove(key)) call.db.notify('g', 'del', key);
      if (moved.length > 0) {
        call.changed(moved.length);
        call.propagate([DEL, ...moved]);
      }
      return reply;
    });
    if (moved.length > 0) this.note('deleted', moved, [], task);
    host.release();
  }

  private note(stage: 'sent' | 'deleted', keys: readonly Bytes[], checksums: readonly Bytes[], { request }: Task): void {
    const { host, state: { history } } = this.parts;
    host.note({
      kind: 'moved', stage, id: history.id, offset: history.position, keys, checksums, target: bytes(`${request.host}:${request.port}`),
    });
  }
}
