/**
 * The smallest executor of commands: a keyspace, the rows, and a record of what would go into the replication stream.
 * No server, no clients, no transactions. Tests set its clock and expiry mode as they please.
 */
import { type Bytes, bytes, lower } from '../../engine/core/bytes.ts';
import { Random } from '../../engine/core/random.ts';
import { Client } from '../../engine/commands/client.ts';
import type { Blocking, Call, CommandRow } from '../../engine/commands/command.ts';
import type { Connection } from '../../engine/host.ts';
import type { Database } from '../../engine/keyspace/database.ts';
import { Keyspace } from '../../engine/keyspace/keyspace.ts';
import { StreamValue } from '../../engine/keyspace/streamValue.ts';
import { NO_REPLY, type Reply, error } from '../../engine/protocol/reply.ts';
import { dataCommands } from '../../engine/server/dataCommands.ts';
import { arityError } from '../../engine/commands/arguments.ts';

export const familyRows: readonly CommandRow[] = dataCommands.flat();

const ROWS: ReadonlyMap<string, CommandRow> = new Map(familyRows.map((row) => [row.name, row]));
const CONTAINERS: ReadonlySet<string> = new Set(
  familyRows.filter((row) => row.name.includes('|')).map((row) => row.name.slice(0, row.name.indexOf('|'))));

const deafConnection: Connection = {
  localAddress: bytes('127.0.0.1'), localPort: 1, remoteAddress: bytes('127.0.0.1'), remotePort: 2,
  write: () => true, close: () => {}, reset: () => {}, pause: () => {}, resume: () => {},
};

interface Waiting {
  readonly blocking: Blocking;
  readonly row: CommandRow;
  readonly argv: readonly Bytes[];
}

export class DirectCall {
  nowMs = 1_700_000_000_000;
  databaseId = 0;
  /** What was propagated, in order, since the last `takeStream`. */
  stream: (readonly Bytes[])[] = [];
  /** Keys reported as touched since the test last emptied it. */
  touched: Bytes[] = [];
  /** What was told of keys: database, event and key. */
  events: string[] = [];
  /** Elements of work reported by commands. */
  cost = 0;
  /** Commands come as from our primary. */
  fromStream = false;
  /** Whether clients wait for keys; else they hear at once that their time is over. */
  waits = false;
  /** What waiting clients were answered, in order, each with its command. */
  served: { readonly argv: readonly Bytes[]; readonly reply: Reply }[] = [];
  readonly keyspace: Keyspace;
  private readonly random: Random;
  readonly client: Client = new Client(1, deafConnection, 0, () => {});
  private waiting: Waiting[] = [];
  /** Keys added since clients last tried. */
  private ready: Set<Bytes> = new Set();

  constructor(databaseCount = 16, seed = 'twelve bytes') {
    this.random = new Random(bytes(seed));
    this.keyspace = new Keyspace(databaseCount, {
      touched: (database, key, isNew) => {
        this.touched.push(key);
        if (isNew || this.hasLostStream(database, key)) this.ready.add(key);
      },
      expired: (_database, key) => this.stream.push([bytes('DEL'), key]),
    }, true);
    this.keyspace.keyEvents = (databaseId, _kind, event, key) => this.events.push(`${databaseId} ${event} ${key}`);
  }

  /** Runs one command given as words. */
  run(...words: readonly string[]): Reply {
    return this.execute(words as readonly Bytes[]);
  }

  execute(argv: readonly Bytes[]): Reply {
    const name = lower(argv[0] as Bytes);
    const found = CONTAINERS.has(name) && argv.length > 1 ? `${name}|${lower(argv[1] as Bytes)}` : name;
    const row = ROWS.get(found);
    if (row === undefined) {
      if (CONTAINERS.has(name) && argv.length > 1) {
        return error(`ERR unknown subcommand '${argv[1]}'. Try ${name.toUpperCase()} HELP.`);
      }
      return CONTAINERS.has(name) ? arityError(name) : error(`ERR unknown command '${argv[0]}'`);
    }
    if (row.arity >= 0 ? argv.length !== row.arity : argv.length < -row.arity) return arityError(row.name);
    const reply = this.call(row, argv, (call) => row.handler(call, argv));
    this.serve();
    return reply;
  }

  /** Key by key, in the order in which they were added: who waits for one tries again, the first that came first. */
  private serve(): void {
    while (this.ready.size > 0) {
      const keys = this.ready;
      this.ready = new Set();
      if (this.waiting.length === 0) return;
      for (const key of keys) {
        for (const waiting of this.waiting.filter(({ blocking }) => blocking.keys.includes(key))) this.retry(waiting, key);
      }
    }
  }

  /** Somebody waits for a stream that is none any more. */
  private hasLostStream(database: Database, key: Bytes): boolean {
    return this.waiting.some(({ blocking }) => blocking.needsStream === true) && !(database.peek(key)?.value instanceof StreamValue);
  }

  private retry(waiting: Waiting, key: Bytes): void {
    const { row, argv, blocking } = waiting;
    let reply: Reply | null = null;
    this.call(row, argv, (call) => {
      reply = blocking.retry(call, key);
      return reply;
    });
    if (reply === null) return;
    this.served.push({ argv, reply });
    this.waiting = this.waiting.filter((other) => other !== waiting);
  }

  takeStream(): string[] {
    const lines = this.stream.map((argv) => argv.join(' '));
    this.stream = [];
    return lines;
  }

  private call(row: CommandRow, argv: readonly Bytes[], handle: (call: Call) => Reply): Reply {
    let changes = 0;
    let instead: readonly (readonly Bytes[])[] | null = null;
    this.keyspace.nowMs = this.nowMs;
    const call: Call = {
      keyspace: this.keyspace, client: this.client, db: this.keyspace.database(this.databaseId), nowMs: this.nowMs,
      random: this.random, denyBlocking: false, fromStream: this.fromStream,
      changed: (count) => {
        changes += count;
      },
      propagate: (...commands) => {
        instead = commands;
      },
      propagateToReplicas: () => {},
      block: (blocking) => {
        if (!this.waits) return blocking.timeoutReply;
        this.waiting.push({ blocking, row, argv });
        return NO_REPLY;
      },
      cost: (elements) => {
        this.cost += elements;
      },
    };
    const reply = handle(call);
    this.stream.push(...(instead ?? (changes > 0 ? [argv] : [])));
    return reply;
  }
}
