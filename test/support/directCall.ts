/**
 * The smallest executor of commands: a keyspace, the rows, and a record of what would go into the replication stream.
 * No server, no clients, no transactions. Tests set its clock and expiry mode as they please.
 */
import { type Bytes, bytes, lower } from '../../engine/core/bytes.ts';
import { Random } from '../../engine/core/random.ts';
import { Client } from '../../engine/commands/client.ts';
import type { Call, CommandRow } from '../../engine/commands/command.ts';
import { expiryCommands } from '../../engine/commands/expiry.ts';
import { keyCommands } from '../../engine/commands/keys.ts';
import { setCommands } from '../../engine/commands/sets.ts';
import { stringCommands } from '../../engine/commands/strings.ts';
import type { Connection } from '../../engine/host.ts';
import { Keyspace } from '../../engine/keyspace/keyspace.ts';
import { type Reply, error } from '../../engine/protocol/reply.ts';
import { arityError } from '../../engine/commands/arguments.ts';

export const familyRows: readonly CommandRow[] = [
  ...stringCommands, ...keyCommands, ...expiryCommands, ...setCommands,
];

const ROWS: ReadonlyMap<string, CommandRow> = new Map(familyRows.map((row) => [row.name, row]));
const CONTAINERS: ReadonlySet<string> = new Set(
  familyRows.filter((row) => row.name.includes('|')).map((row) => row.name.slice(0, row.name.indexOf('|'))));

const deafConnection: Connection = {
  localAddress: bytes('127.0.0.1'), localPort: 1, remoteAddress: bytes('127.0.0.1'), remotePort: 2,
  write: () => true, close: () => {}, reset: () => {}, pause: () => {}, resume: () => {},
};

export class DirectCall {
  nowMs = 1_700_000_000_000;
  databaseId = 0;
  /** What was propagated, in order, since the last `takeStream`. */
  stream: (readonly Bytes[])[] = [];
  /** Keys reported as touched since the test last emptied it. */
  touched: Bytes[] = [];
  /** Elements of work reported by commands. */
  cost = 0;
  readonly keyspace: Keyspace;
  private readonly random: Random;
  private readonly client = new Client(1, deafConnection, 0, () => {});

  constructor(databaseCount = 16, seed = 'twelve bytes') {
    this.random = new Random(bytes(seed));
    this.keyspace = new Keyspace(databaseCount, {
      touched: (_database, key) => this.touched.push(key),
      expired: (_database, key) => this.stream.push([bytes('DEL'), key]),
    }, true);
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
    return this.call(row, argv);
  }

  takeStream(): string[] {
    const lines = this.stream.map((argv) => argv.join(' '));
    this.stream = [];
    return lines;
  }

  private call(row: CommandRow, argv: readonly Bytes[]): Reply {
    let changes = 0;
    let instead: readonly (readonly Bytes[])[] | null = null;
    this.keyspace.nowMs = this.nowMs;
    const call: Call = {
      keyspace: this.keyspace, client: this.client, db: this.keyspace.database(this.databaseId), nowMs: this.nowMs,
      random: this.random, denyBlocking: false, fromStream: false,
      changed: (count) => {
        changes += count;
      },
      propagate: (...commands) => {
        instead = commands;
      },
      cost: (elements) => {
        this.cost += elements;
      },
    };
    const reply = row.handler(call, argv);
    this.stream.push(...(instead ?? (changes > 0 ? [argv] : [])));
    return reply;
  }
}
