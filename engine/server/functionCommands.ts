/**
 * FUNCTION as far as it has answers without scripts, which are not built: there is never a library. What `redis-cli --cluster
 * add-node` asks for works: the set of libraries, which is empty, is listed, dumped and restored.
 * Source: functions.c of Redis 7.0 (functionListCommand, functionDumpCommand, functionRestoreCommand, …), for behaviour.
 */
import { type Bytes, EMPTY, bytes } from '../core/bytes.ts';
import { isWord } from '../commands/arguments.ts';
import { type Call, type CommandFlag, type CommandRow, NO_KEYS } from '../commands/command.ts';
import { openPayload, sealPayload } from '../persistence/dumpCommands.ts';
import { MapReply, OK, type Reply, Status, error } from '../protocol/reply.ts';

const NOT_BUSY = error('NOTBUSY No scripts in execution right now.');
const NOT_BUILT = error('ERR functions are not built yet: only an empty set of libraries can be restored');
const NO_LOADING = error('ERR functions are not built yet');
const NOT_FOUND = error('ERR Library not found');
const WRONG_PAYLOAD = error('ERR DUMP payload version or checksum are wrong');
const WRONG_POLICY = error('ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.');
const WRONG_FLUSH = error('ERR FUNCTION FLUSH only supports SYNC|ASYNC option');
const NO_NAME = error('ERR library name argument was not given');

const tooManyWords = (argv: readonly Bytes[]): Reply =>
  error(`ERR unknown subcommand or wrong number of arguments for '${argv[1] as Bytes}'. Try FUNCTION HELP.`);

const list = (argv: readonly Bytes[]): Reply => {
  let isNamed = false;
  let showsCode = false;
  for (let index = 2; index < argv.length; index++) {
    if (!showsCode && isWord(argv[index], 'withcode')) showsCode = true;
    else if (!isNamed && isWord(argv[index], 'libraryname')) {
      if (++index === argv.length) return NO_NAME;
      isNamed = true;
    } else return error(`ERR Unknown argument ${argv[index] as Bytes}`);
  }
  return [];
};

const stats = (): Reply => new MapReply([
  [bytes('running_script'), null],
  [bytes('engines'), new MapReply([
    [bytes('LUA'), new MapReply([[bytes('libraries_count'), 0], [bytes('functions_count'), 0]])]])],
]);

const flush = (call: Call, argv: readonly Bytes[]): Reply => {
  if (argv.length > 3) return tooManyWords(argv);
  if (argv.length === 3 && !isWord(argv[2], 'sync') && !isWord(argv[2], 'async')) return WRONG_FLUSH;
  call.changed(1);
  return OK;
};

const restore = (call: Call, argv: readonly Bytes[]): Reply => {
  if (argv.length > 4) return tooManyWords(argv);
  const body = openPayload(argv[2] as Bytes, call.keyspace.skipsChecksums);
  if (body === null) return WRONG_PAYLOAD;
  if (argv.length === 4 && !['flush', 'append', 'replace'].some((policy) => isWord(argv[3], policy))) return WRONG_POLICY;
  if (body !== EMPTY) return NOT_BUILT;
  call.changed(1);
  return OK;
};

const HELP: readonly string[] = [
  'FUNCTION <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  'DELETE <LIBRARY NAME>', '    There are no libraries: nothing is found.',
  'DUMP', '    The set of libraries, which is empty, as RESTORE takes it.',
  'FLUSH [ASYNC|SYNC]', '    Deletes all libraries, of which there are none.',
  'KILL', '    No function ever runs.',
  'LIST [LIBRARYNAME PATTERN] [WITHCODE]', '    The libraries: none.',
  'RESTORE <PAYLOAD> [FLUSH|APPEND|REPLACE]', '    Takes an empty set of libraries.',
  'STATS', '    What runs, and how many libraries there are: nothing, and none.',
  'HELP', '    Prints this help.',
];

const row = (
  name: string, arity: number, handler: CommandRow['handler'], flags: readonly CommandFlag[] = ['noscript'],
): CommandRow => ({ name: `function|${name}`, arity, flags, keys: NO_KEYS, since: '7.0.0', handler });

export const functionCommands: readonly CommandRow[] = [
  row('delete', 3, () => NOT_FOUND, ['write', 'noscript']),
  row('dump', 2, () => sealPayload(EMPTY)),
  row('flush', -2, flush, ['write', 'noscript']),
  row('help', 2, () => HELP.map((line) => new Status(line)), ['loading', 'stale']),
  row('kill', 2, () => NOT_BUSY, ['noscript', 'allow_busy']),
  row('list', -2, (_call, argv) => list(argv)),
  row('load', -3, () => NO_LOADING, ['write', 'denyoom', 'noscript']),
  row('restore', -3, restore, ['write', 'denyoom', 'noscript']),
  row('stats', 2, stats, ['noscript', 'allow_busy']),
];
