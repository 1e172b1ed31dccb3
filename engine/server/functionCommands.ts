/**
 * FCALL and FUNCTION: functions that libraries registered. Libraries are data: they are replicated, saved and loaded with the keys.
 * Source: functions.c of Redis 7.0, for behaviour and messages.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import { isWord } from '../commands/arguments.ts';
import { type Call, type CommandFlag, type CommandRow, type Handler, NO_KEYS } from '../commands/command.ts';
import { globMatch } from '../commands/glob.ts';
import { openPayload, sealPayload } from '../persistence/dumpCommands.ts';
import { ErrorReply, MapReply, OK, type Reply, SetReply, Status, error } from '../protocol/reply.ts';
import type { ScriptEngine } from '../scripting/scriptEngine.ts';
import type { FunctionLibraries, Library, RestorePolicy } from './functionLibraries.ts';
import { RUNNING_FLAGS, declaredKeys, splitKeys } from './scriptCommands.ts';
import type { ScriptFlag } from './scriptFlags.ts';
import type { ScriptRunner } from './scriptRunner.ts';

const NO_FUNCTION = error('ERR Function not found');
const NO_LIBRARY = error('ERR Library not found');
const BAD_KEY_COUNT = error('ERR Bad number of keys provided');
const WRONG_PAYLOAD = error('ERR DUMP payload version or checksum are wrong');
const WRONG_POLICY = error('ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.');
const WRONG_FLUSH = error('ERR FUNCTION FLUSH only supports SYNC|ASYNC option');
const NO_NAME = error('ERR library name argument was not given');
const NO_CODE = error('ERR Function code is missing');

const tooManyWords = (argv: readonly Bytes[]): Reply =>
  error(`ERR unknown subcommand or wrong number of arguments for '${argv[1] as Bytes}'. Try FUNCTION HELP.`);

const list = (libraries: FunctionLibraries, argv: readonly Bytes[]): Reply => {
  let pattern: Bytes | null = null;
  let showsCode = false;
  for (let index = 2; index < argv.length; index++) {
    if (!showsCode && isWord(argv[index], 'withcode')) showsCode = true;
    else if (pattern === null && isWord(argv[index], 'libraryname')) {
      if (++index === argv.length) return NO_NAME;
      pattern = argv[index] as Bytes;
    } else return error(`ERR Unknown argument ${argv[index] as Bytes}`);
  }
  const wanted = pattern;
  return libraries.all.filter(({ name }) => wanted === null || globMatch(wanted, name, true))
    .map((library) => described(library, showsCode));
};

const described = ({ name, code, loaded }: Library, showsCode: boolean): Reply => new MapReply([
  [bytes('library_name'), name],
  [bytes('engine'), bytes('LUA')],
  [bytes('functions'), loaded.functions.map((one) => new MapReply([
    [bytes('name'), one.name], [bytes('description'), one.description],
    [bytes('flags'), new SetReply(one.flags.map((flag) => new Status(flag)))],
  ]))],
  ...(showsCode ? [[bytes('library_code'), code] as const] : []),
]);

const stats = (libraries: FunctionLibraries, runner: ScriptRunner): Reply => {
  const { current } = runner;
  const running = current === null || current.kind !== 'function' ? null : new MapReply([
    [bytes('name'), current.name], [bytes('command'), current.argv], [bytes('duration_ms'), current.elapsedMs],
  ]);
  return new MapReply([
    [bytes('running_script'), running],
    [bytes('engines'), new MapReply([[bytes('LUA'), new MapReply([
      [bytes('libraries_count'), libraries.all.length], [bytes('functions_count'), libraries.functionCount]])]])],
  ]);
};

const load = (libraries: FunctionLibraries, call: Call, argv: readonly Bytes[]): Reply => {
  let replaces = false;
  let index = 2;
  for (; index < argv.length - 1; index++) {
    if (!isWord(argv[index], 'replace')) return error(`ERR Unknown option given: ${argv[index] as Bytes}`);
    replaces = true;
  }
  const code = argv[index];
  if (code === undefined) return NO_CODE;
  const loaded = libraries.load(code, replaces);
  if (typeof loaded === 'string') return error(loaded);
  call.changed(1);
  return loaded.name;
};

const flush = (libraries: FunctionLibraries, call: Call, argv: readonly Bytes[]): Reply => {
  if (argv.length > 3) return tooManyWords(argv);
  if (argv.length === 3 && !isWord(argv[2], 'sync') && !isWord(argv[2], 'async')) return WRONG_FLUSH;
  libraries.clear();
  call.changed(1);
  return OK;
};

const POLICIES: readonly RestorePolicy[] = ['flush', 'append', 'replace'];

const restore = (libraries: FunctionLibraries, call: Call, argv: readonly Bytes[]): Reply => {
  if (argv.length > 4) return tooManyWords(argv);
  const body = openPayload(argv[2] as Bytes, call.keyspace.skipsChecksums);
  if (body === null) return WRONG_PAYLOAD;
  const policy = argv.length === 3 ? 'append' : POLICIES.find((name) => isWord(argv[3], name));
  if (policy === undefined) return WRONG_POLICY;
  const problem = libraries.restore(body, policy);
  if (problem !== null) return error(problem);
  call.changed(1);
  return OK;
};

const HELP: readonly string[] = [
  'FUNCTION <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  'LOAD [REPLACE] <FUNCTION CODE>', '    Create a new library with the given library name and code.',
  'DELETE <LIBRARY NAME>', '    Delete the given library.',
  'LIST [LIBRARYNAME PATTERN] [WITHCODE]', '    Return general information on all the libraries:',
  '    * Library name', '    * The engine used to run the Library', '    * Library description', '    * Functions list',
  '    * Library code (if WITHCODE is given)',
  '    It also possible to get only function that matches a pattern using LIBRARYNAME argument.',
  'STATS', '    Return information about the current function running:', '    * Function name', '    * Command used to run the function',
  '    * Duration in MS that the function is running', '    If no function is running, return nil', '    In addition, returns a list of available engines.',
  'KILL', '    Kill the current running function.',
  'FLUSH [ASYNC|SYNC]', '    Delete all the libraries.',
  '    When called without the optional mode argument, the behavior is determined by the',
  '    lazyfree-lazy-user-flush configuration directive. Valid modes are:',
  '    * ASYNC: Asynchronously flush the libraries.', '    * SYNC: Synchronously flush the libraries.',
  'DUMP', '    Return a serialized payload representing the current libraries, can be restored using FUNCTION RESTORE command',
  'RESTORE <PAYLOAD> [FLUSH|APPEND|REPLACE]', '    Restore the libraries represented by the given payload, it is possible to give a restore policy to',
  '    control how to handle existing libraries (default APPEND):',
  '    * FLUSH: delete all existing libraries.',
  '    * APPEND: appends the restored libraries to the existing libraries. On collision, abort.',
  '    * REPLACE: appends the restored libraries to the existing libraries, On collision, replace the old',
  '      libraries with the new libraries (notice that even on this option there is a chance of failure',
  '      in case of functions name collision with another library).',
  'HELP', '    Prints this help.',
];

export const functionCommands = (
  libraries: FunctionLibraries, runner: ScriptRunner, engine: () => ScriptEngine | null,
): readonly CommandRow[] => {
  const callFunction = (isReadOnlyCommand: boolean): Handler => (call, argv) => {
    const name = argv[1] as Bytes;
    const found = libraries.find(name);
    const lua = engine();
    if (found === undefined || lua === null) return NO_FUNCTION;
    const split = splitKeys(argv, BAD_KEY_COUNT);
    if (split instanceof ErrorReply) return split;
    const { client } = call;
    return runner.run({
      client, kind: 'function', name, argv, keys: split.keys, flags: found.registered.flags as readonly ScriptFlag[], isReadOnlyCommand,
      start: () => lua.startFunction(found.library.loaded, name, split.keys, split.args, client.protocol),
    });
  };
  const running = (name: string, handler: Handler, more: readonly CommandFlag[] = []): CommandRow =>
    ({ name, arity: -3, flags: [...more, ...RUNNING_FLAGS], keys: NO_KEYS, movableKeys: declaredKeys, since: '7.0.0', handler });
  const row = (name: string, arity: number, handler: Handler, flags: readonly CommandFlag[] = ['noscript']): CommandRow =>
    ({ name: `function|${name}`, arity, flags, keys: NO_KEYS, since: '7.0.0', handler });
  return [
    running('fcall', callFunction(false)), running('fcall_ro', callFunction(true), ['readonly']),
    row('delete', 3, (call, argv) => {
      if (!libraries.delete(argv[2] as Bytes)) return NO_LIBRARY;
      call.changed(1);
      return OK;
    }, ['write', 'noscript']),
    row('dump', 2, () => sealPayload(libraries.dump())),
    row('flush', -2, (call, argv) => flush(libraries, call, argv), ['write', 'noscript']),
    row('help', 2, () => HELP.map((line) => new Status(line)), ['loading', 'stale']),
    row('kill', 2, () => runner.kill('function'), ['noscript', 'allow_busy']),
    row('list', -2, (_call, argv) => list(libraries, argv)),
    row('load', -3, (call, argv) => load(libraries, call, argv), ['write', 'denyoom', 'noscript']),
    row('restore', -3, (call, argv) => restore(libraries, call, argv), ['write', 'denyoom', 'noscript']),
    row('stats', 2, () => stats(libraries, runner), ['noscript', 'allow_busy']),
  ];
};
