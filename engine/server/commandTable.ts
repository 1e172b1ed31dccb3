/** All commands by name. Only concatenates: each family has its own file. */
import { type CommandFlag, type CommandRow, type Handler, type KeyRange, NO_KEYS } from '../commands/command.ts';
import { type Bytes, EMPTY, detach, lower, upper } from '../core/bytes.ts';
import { InvariantError } from '../core/errors.ts';
import type { CommandFact } from './commandFactReader.ts';
import type { LatencyHistogram } from './latencyHistogram.ts';

/** They read nothing but what their scripts read. */
const READ_ONLY_SCRIPTS: readonly string[] = ['eval_ro', 'evalsha_ro', 'fcall_ro'];

/** A row with what dispatch asks of it as plain fields, and how often it ran. */
export class Command implements CommandRow {
  readonly name: string;
  readonly arity: number;
  readonly flags: readonly CommandFlag[];
  readonly keys: KeyRange;
  readonly movableKeys?: Exclude<CommandRow['movableKeys'], undefined>;
  readonly since: string;
  readonly handler: Handler;
  readonly isWrite: boolean;
  readonly mayReplicate: boolean;
  readonly allowedWhileLoading: boolean;
  readonly refusedInAsyncLoading: boolean;
  readonly allowedWhenStale: boolean;
  readonly allowedInMulti: boolean;
  readonly allowedWhenBusy: boolean;
  readonly needsNoAuth: boolean;
  readonly touchesArbitraryKeys: boolean;
  /** Who runs it has read its keys, for client-side caching. */
  readonly isTracked: boolean;
  readonly isFast: boolean;
  readonly deniesOom: boolean;
  readonly skipsSlowlog: boolean;
  readonly isHiddenFromMonitors: boolean;
  /** A container that may be called without a subcommand. */
  readonly runsAlone: boolean;
  /** A container's subcommands by name; null for a plain command. */
  readonly subcommands: ReadonlyMap<string, Command> | null;
  /** What `commandFacts.ts` says of it, once somebody has asked. */
  fact: CommandFact | null = null;
  calls = 0;
  rejected = 0;
  failed = 0;
  /** How long all its calls took together. */
  micros = 0;
  /** How long each took; null as long as none was measured. */
  latency: LatencyHistogram | null = null;

  constructor(row: CommandRow, subcommands: ReadonlyMap<string, Command> | null, runsAlone = false) {
    const { flags } = row;
    this.name = row.name;
    this.arity = row.arity;
    this.flags = flags;
    this.keys = row.keys;
    if (row.movableKeys !== undefined) this.movableKeys = row.movableKeys;
    this.since = row.since;
    this.handler = row.handler;
    this.isWrite = flags.includes('write');
    this.mayReplicate = flags.includes('may_replicate');
    this.allowedWhileLoading = flags.includes('loading');
    this.refusedInAsyncLoading = flags.includes('no_async_loading');
    this.allowedWhenStale = flags.includes('stale');
    this.allowedInMulti = !flags.includes('no_multi');
    this.allowedWhenBusy = flags.includes('allow_busy');
    this.needsNoAuth = flags.includes('no_auth');
    this.touchesArbitraryKeys = flags.includes('touches_arbitrary_keys');
    this.isTracked = flags.includes('readonly') && !flags.includes('pubsub') && !READ_ONLY_SCRIPTS.includes(row.name);
    this.deniesOom = flags.includes('denyoom');
    this.isFast = flags.includes('fast');
    this.skipsSlowlog = flags.includes('skip_slowlog');
    this.isHiddenFromMonitors = flags.includes('skip_monitor') || flags.includes('admin');
    this.subcommands = subcommands;
    this.runsAlone = runsAlone;
  }

  /** CONFIG RESETSTAT. */
  resetStats(): void {
    this.calls = 0;
    this.rejected = 0;
    this.failed = 0;
    this.micros = 0;
    this.latency = null;
    for (const subcommand of this.subcommands?.values() ?? []) subcommand.resetStats();
  }
}

/** All commands of a server. Counters are its own, so each server makes its table. */
export class CommandTable {
  /** By name, in lower case. */
  readonly commands: Map<string, Command>;
  /** By name as most clients spell it: lower and upper case, so that neither has to be folded. */
  private readonly spelled: Map<string, Command> = new Map();

  constructor(families: readonly (readonly CommandRow[])[]) {
    const commands = new Map<string, Command>();
    const containers = new Map<string, Map<string, Command>>();
    for (const family of families) {
      for (const row of family) {
        const bar = row.name.indexOf('|');
        if (bar < 0) {
          if (commands.has(row.name)) throw new InvariantError(`two rows for ${row.name}`);
          commands.set(row.name, new Command(row, null));
          continue;
        }
        const container = row.name.slice(0, bar);
        const subcommands = containers.get(container) ?? new Map<string, Command>();
        containers.set(container, subcommands);
        subcommands.set(row.name.slice(bar + 1), new Command(row, null));
      }
    }
    for (const [name, subcommands] of containers) {
      const own = commands.get(name);
      commands.set(name, new Command(own ?? containerRow(name), subcommands, own !== undefined));
    }
    this.commands = commands;
  }

  /** `rename-command`. Returns why it cannot be, or null. */
  rename(from: Bytes, to: Bytes): string | null {
    const command = this.commands.get(lower(from));
    if (command === undefined) return 'No such command in rename-command';
    this.commands.delete(lower(from));
    if (to === EMPTY) return null;
    if (this.commands.has(lower(to))) return 'Target command name already exists';
    this.commands.set(lower(to), command);
    return null;
  }

  find(name: Bytes): Command | undefined {
    const known = this.spelled.get(name);
    if (known !== undefined) return known;
    const lowered = lower(name);
    const command = this.commands.get(lowered);
    // Only two spellings of each name are kept, so that nobody can fill the table with others.
    if (command !== undefined && (name === lowered || name === upper(lowered))) this.spelled.set(detach(name), command);
    return command;
  }
}

/** A container mostly runs nothing itself: dispatch goes to its subcommands. */
const containerRow = (name: string): CommandRow => ({
  name, arity: -2, flags: [], keys: NO_KEYS, since: '2.0.0',
  handler: () => {
    throw new InvariantError(`the container ${name} was called`);
  },
});
