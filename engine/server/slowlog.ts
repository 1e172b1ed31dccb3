/**
 * SLOWLOG: the last commands that took long, the newest first. Kept: an entry as it was logged, with long requests cut short.
 * Source: slowlog.c of Redis 7.0, for behaviour.
 */
import { type Bytes, bytes, detach, slice } from '../core/bytes.ts';
import { readLong } from '../commands/arguments.ts';
import type { Client } from '../commands/client.ts';
import { type CommandRow, NO_KEYS } from '../commands/command.ts';
import type { Settings } from '../commands/settings.ts';
import { ErrorReply, OK, type Reply, error } from '../protocol/reply.ts';
import { SLOWLOG_HELP, helpRow } from './helpTexts.ts';

const ARGUMENTS_MAX = 32;
const ARGUMENT_BYTES_MAX = 128;
const SHOWN_DEFAULT = 10;

interface SlowEntry {
  readonly id: number;
  readonly unixSeconds: number;
  readonly micros: number;
  readonly argv: readonly Bytes[];
  readonly address: Bytes;
  readonly name: Bytes;
}

export class Slowlog {
  private readonly settings: Settings;
  /** The oldest first. */
  private entries: SlowEntry[] = [];
  private nextId = 0;

  constructor(settings: Settings) {
    this.settings = settings;
  }

  /** A command has run for so long. */
  ran(client: Client, argv: readonly Bytes[], micros: number, nowMs: number): void {
    const limit = this.settings.number('slowlog-log-slower-than');
    const kept = this.settings.number('slowlog-max-len');
    if (limit < 0 || micros < limit) return;
    this.entries.push({
      id: this.nextId++, unixSeconds: Math.floor(nowMs / 1000), micros, argv: shortened(argv),
      address: client.address, name: client.name,
    });
    if (this.entries.length > kept) this.entries.splice(0, this.entries.length - kept);
  }

  get length(): number {
    return this.entries.length;
  }

  /** The newest entries, that one first. */
  newest(count: number): readonly Reply[] {
    return this.entries.slice(Math.max(0, this.entries.length - count)).reverse().map((entry) =>
      [entry.id, entry.unixSeconds, entry.micros, entry.argv, entry.address, entry.name]);
  }

  reset(): void {
    this.entries = [];
  }
}

/** Of many arguments the first ones and how many more there were; of a long one its beginning and how much more. */
const shortened = (argv: readonly Bytes[]): readonly Bytes[] => {
  const isLong = argv.length > ARGUMENTS_MAX;
  const kept = (isLong ? argv.slice(0, ARGUMENTS_MAX - 1) : argv).map((argument) =>
    (argument.length <= ARGUMENT_BYTES_MAX ? detach(argument)
      : bytes(`${slice(argument, 0, ARGUMENT_BYTES_MAX)}... (${argument.length - ARGUMENT_BYTES_MAX} more bytes)`)));
  if (isLong) kept.push(bytes(`... (${argv.length - ARGUMENTS_MAX + 1} more arguments)`));
  return kept;
};

const get = (slowlog: Slowlog, [, spelled, word, ...others]: readonly Bytes[]): Reply => {
  if (others.length > 0) return error(`ERR unknown subcommand or wrong number of arguments for '${spelled}'. Try SLOWLOG HELP.`);
  if (word === undefined) return slowlog.newest(SHOWN_DEFAULT);
  const count = readLong(word);
  if (count instanceof ErrorReply || count < -1) return error('ERR count should be greater than or equal to -1');
  return slowlog.newest(count === -1 ? slowlog.length : count);
};

export const slowlogCommands = (slowlog: Slowlog): readonly CommandRow[] => {
  const row = (name: string, arity: number, handler: CommandRow['handler']): CommandRow => ({
    name: `slowlog|${name}`, arity, flags: ['admin', 'loading', 'stale'], keys: NO_KEYS, since: '2.2.12', handler,
  });
  return [
    row('get', -2, (_call, argv) => get(slowlog, argv)),
    row('len', 2, () => slowlog.length),
    row('reset', 2, () => {
      slowlog.reset();
      return OK;
    }),
    helpRow('slowlog', SLOWLOG_HELP),
  ];
};
