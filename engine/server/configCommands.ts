/**
 * CONFIG. A change of `port` or `bind` is answered only once the host has said whether it can be listened there: the client
 * waits meanwhile, and whoever changes them next waits behind it. From MULTI, where nobody may wait, it is refused.
 * Source: config.c of Redis 7.0 (configSetCommand, configGetCommand, configRewriteCommand).
 */
import { type Bytes, EMPTY, bytes, lower } from '../core/bytes.ts';
import type { Client } from '../commands/client.ts';
import { type Call, type CommandRow, NO_KEYS } from '../commands/command.ts';
import { globMatch } from '../commands/glob.ts';
import { fileProblem } from '../persistence/aofLoader.ts';
import { readWhole, replaceFile, rewriteConfig } from '../persistence/configRewrite.ts';
import { MapReply, NO_REPLY, OK, type Reply, SYNTAX_ERROR, error } from '../protocol/reply.ts';
import { isAllowed } from './commandLookup.ts';
import type { Config } from './config.ts';
import { configLines, optionOf } from './configLines.ts';
import type { Dispatch, DispatchParts } from './dispatch.ts';
import { CONFIG_HELP, helpRow } from './helpTexts.ts';
import type { Listening, ListeningDirective } from './listening.ts';

export interface ConfigParts extends DispatchParts {
  readonly dispatch: Dispatch;
  readonly listening: Listening;
}

type Pair = readonly [Bytes, Bytes];

const UNABLE_TO_LISTEN = 'Unable to listen on this port. Check server logs.';
const LISTENING_PROBLEMS: Readonly<Record<ListeningDirective, string>> = {
  port: UNABLE_TO_LISTEN, 'tls-port': UNABLE_TO_LISTEN, bind: 'Failed to bind to specified addresses.',
};
const NOT_FROM_MULTI = error("ERR CONFIG SET of port or bind isn't allowed for DENY BLOCKING client");
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

const configSet = (parts: ConfigParts, call: Call, argv: readonly Bytes[]): Reply => {
  if (argv.length % 2 !== 0) return SYNTAX_ERROR;
  const pairs: Pair[] = [];
  for (let index = 2; index < argv.length; index += 2) pairs.push([argv[index] as Bytes, argv[index + 1] as Bytes]);
  const { client } = call;
  if (!pairs.some(([name]) => isListening(name))) return setNow(parts, client, pairs);
  if (call.denyBlocking) return NOT_FROM_MULTI;
  parts.blocked.blockOnHost(client);
  parts.listening.whenIdle(() => setListening(parts, client, pairs));
  return NO_REPLY;
};

const LISTENING_DIRECTIVES: readonly string[] = ['port', 'tls-port', 'bind'];
const isListening = (name: Bytes): boolean => LISTENING_DIRECTIVES.includes(lower(name));

const setNow = ({ config }: ConfigParts, client: Client, pairs: readonly Pair[]): Reply => {
  const problem = config.set(pairs, isAllowed(config.text('enable-protected-configs'), client));
  return problem === null ? OK : error(`ERR ${problem}`);
};

/** As `setNow`, and then the sockets follow. The client waits for the answer. */
const setListening = (parts: ConfigParts, client: Client, pairs: readonly Pair[]): void => {
  const { config, dispatch, listening } = parts;
  const before = pairs.map(([name]): Pair => [name, config.presentText(name) ?? EMPTY]);
  const reply = setNow(parts, client, pairs);
  // The same port again is no change; `bind` is done anew in any case.
  const spelled = reply !== OK ? undefined : pairs.find(([name], index) =>
    lower(name) === 'bind' || (isListening(name) && config.presentText(name) !== before[index]?.[1]))?.[0];
  if (spelled === undefined) {
    dispatch.answer(client, reply);
    return;
  }
  const directive: ListeningDirective = lower(spelled) as string as ListeningDirective;
  listening.change(directive, () => config.set(before, true), (hasWorked) => {
    dispatch.answer(client, hasWorked ? OK
      : error(`ERR CONFIG SET failed (possibly related to argument '${spelled}') - ${LISTENING_PROBLEMS[directive]}`));
  });
};

/** Null, or why the file could not be written: it is then as it was. */
export const rewriteConfigFile = ({ config, host, state }: Pick<ConfigParts, 'config' | 'host' | 'state'>, forcesAll: boolean): string | null => {
  const path = state.configFile;
  // What the system says of a file without a name.
  if (path === EMPTY) return 'Bad address';
  try {
    replaceFile(host, path, rewriteConfig(readWhole(host, path), configLines(config), optionOf(config), forcesAll));
    return null;
  } catch (failure) {
    return fileProblem(failure);
  }
};

const configRewrite = (parts: ConfigParts): Reply => {
  const { host, state } = parts;
  if (state.configFile === EMPTY) return error('ERR The server is running without a config file');
  const problem = rewriteConfigFile(parts, false);
  if (problem !== null) {
    host.log('warning', `CONFIG REWRITE failed: ${problem}`);
    return error(`ERR Rewriting config file: ${problem}`);
  }
  host.log('warning', 'CONFIG REWRITE executed with success.');
  return OK;
};

export const configCommands = (parts: ConfigParts): readonly CommandRow[] => {
  const row = (name: string, arity: number, since: string, handler: CommandRow['handler']): CommandRow =>
    ({ name: `config|${name}`, arity, flags: ['admin', 'noscript', 'loading', 'stale'], keys: NO_KEYS, since, handler });
  return [
    row('get', -3, '2.0.0', (_call, argv) => configGet(parts.config, argv.slice(2))),
    row('set', -4, '2.0.0', (call, argv) => configSet(parts, call, argv)),
    row('rewrite', 2, '2.8.0', () => configRewrite(parts)),
    row('resetstat', 2, '2.0.0', () => {
      parts.state.resetStats();
      parts.keyspace.hits = 0;
      parts.keyspace.misses = 0;
      for (const command of parts.dispatch.commands.values()) command.resetStats();
      return OK;
    }),
    helpRow('config', CONFIG_HELP, '5.0.0'),
  ];
};
