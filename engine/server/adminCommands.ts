/** Commands about the server: CONFIG, INFO, COMMAND, TIME, DEBUG. Source: Redis 7.0, for behaviour. */
import { type Bytes, bytes, lower } from '../core/bytes.ts';
import { ms } from '../core/units.ts';
import { type Call, type CommandRow, NO_KEYS } from '../commands/command.ts';
import { globMatch } from '../commands/glob.ts';
import { redisDigest, redisValueDigest } from '../keyspace/redisDigest.ts';
import {
  MapReply, OK, type Reply, SYNTAX_ERROR, SetReply, Status, VerbatimReply, error,
} from '../protocol/reply.ts';
import type { Command } from './commandTable.ts';
import type { Config } from './config.ts';
import type { Dispatch, DispatchParts } from './dispatch.ts';
import { infoText } from './info.ts';

export interface AdminParts extends DispatchParts {
  readonly dispatch: Dispatch;
}

/** A name without wildcards is shown as it was asked for, and finds what patterns pass over. */
const configGet = (config: Config, patterns: readonly Bytes[]): Reply => {
  const found: (readonly [Reply, Reply])[] = [];
  const globs = patterns.filter((pattern) => /[*?[]/.test(pattern));
  const exact = new Map(patterns.filter((pattern) => !globs.includes(pattern)).map((name) => [lower(name) as string, name]));
  for (const { name, value, isHidden } of config.list()) {
    const asked = exact.get(name);
    if (asked !== undefined) found.push([asked, value]);
    else if (!isHidden && globs.some((pattern) => globMatch(lower(pattern), bytes(name), false))) found.push([bytes(name), value]);
  }
  return new MapReply(found);
};

const configSet = (config: Config, argv: readonly Bytes[]): Reply => {
  if (argv.length % 2 !== 0) return SYNTAX_ERROR;
  const pairs: (readonly [Bytes, Bytes])[] = [];
  for (let index = 2; index < argv.length; index += 2) pairs.push([argv[index] as Bytes, argv[index + 1] as Bytes]);
  const problem = config.set(pairs);
  return problem === null ? OK : error(`ERR ${problem}`);
};

/** A row of COMMAND's reply: name, arity, flags, first key, last key, step, categories, tips, key specs, subcommands. */
const commandRow = (command: Command): Reply => [
  bytes(command.name), command.arity,
  new SetReply(command.flags.filter((flag) => flag !== 'touches_arbitrary_keys').map((flag) => new Status(flag))),
  command.keys.first, command.keys.last, command.keys.step, new SetReply([]), [], [],
  command.subcommands === null ? [] : [...command.subcommands.values()].map((one) => commandRow(one)),
];

const debug = (parts: AdminParts, call: Call, argv: readonly Bytes[]): Reply => {
  const what = lower(argv[1] as Bytes);
  if (what === 'sleep' && argv.length === 3) {
    const seconds = Number(argv[2]);
    if (!(seconds >= 0)) return error('ERR value is not a valid float');
    parts.host.block(ms(Math.trunc(seconds * 1000)));
    return OK;
  }
  if (what === 'set-active-expire' && argv.length === 3) {
    parts.state.activeExpiry = argv[2] === '1';
    return OK;
  }
  if (what === 'digest' && argv.length === 2) return new Status(redisDigest(parts.keyspace));
  if (what === 'digest-value') return argv.slice(2).map((key) => new Status(redisValueDigest(call.db.peek(key))));
  return error(`ERR unknown subcommand or wrong number of arguments for '${argv[1] as Bytes}'. Only SLEEP, `
    + 'SET-ACTIVE-EXPIRE, DIGEST and DIGEST-VALUE are built.');
};

export const adminCommands = (parts: AdminParts): readonly CommandRow[] => {
  const { config, dispatch, state, host } = parts;
  const admin = ['admin', 'noscript', 'loading', 'stale'] as const;
  return [
    { name: 'config|get', arity: -3, flags: admin, keys: NO_KEYS, since: '2.0.0',
      handler: (_call, argv) => configGet(config, argv.slice(2)) },
    { name: 'config|set', arity: -4, flags: admin, keys: NO_KEYS, since: '2.0.0',
      handler: (_call, argv) => configSet(config, argv) },
    { name: 'config|resetstat', arity: 2, flags: admin, keys: NO_KEYS, since: '2.0.0',
      handler: () => {
        state.resetStats();
        return OK;
      } },
    { name: 'info', arity: -1, flags: ['loading', 'stale'], keys: NO_KEYS, since: '1.0.0',
      handler: (_call, argv) => new VerbatimReply('txt', infoText(parts, argv.slice(1))) },
    { name: 'command', arity: -1, flags: ['loading', 'stale'], keys: NO_KEYS, since: '2.8.13',
      handler: (_call, argv) => commandCommand(dispatch, argv) },
    { name: 'time', arity: 1, flags: ['loading', 'stale', 'fast'], keys: NO_KEYS, since: '2.6.0',
      handler: () => {
        const micros = host.wallMicros();
        return [bytes(String(Math.floor(micros / 1000000))), bytes(String(micros % 1000000))];
      } },
    { name: 'debug', arity: -2, flags: admin, keys: NO_KEYS, since: '1.0.0', handler: (call, argv) => debug(parts, call, argv) },
  ];
};

/** COMMAND alone, and the subcommands that clients ask at their start. */
const commandCommand = (dispatch: Dispatch, argv: readonly Bytes[]): Reply => {
  const table = dispatch.commands;
  if (argv.length === 1) return [...table.values()].map((command) => commandRow(command));
  const what = lower(argv[1] as Bytes);
  if (what === 'count' && argv.length === 2) return table.size;
  if (what === 'list' && argv.length === 2) return [...table.keys()].map((name) => bytes(name));
  if (what === 'docs') return new MapReply([]);
  if (what === 'info') {
    const names = argv.length === 2 ? [...table.keys()] : argv.slice(2).map((name) => lower(name));
    return names.map((name): Reply => {
      const command = table.get(name);
      return command === undefined ? null : commandRow(command);
    });
  }
  return error(`ERR unknown subcommand '${argv[1] as Bytes}'. Try COMMAND HELP.`);
};
