/**
 * DEBUG, as far as tests of replication and persistence use it. What has an effect has that of redis-server; addresses in
 * memory and the like, which there are not, are shown as 0.
 *
 * RELOAD and LOADAOF run at once: nobody is served meanwhile. LOADAOF runs commands of its own, so it comes behind the command
 * that asks for it, and the client waits. Source: debug.c of Redis 7.0, for behaviour.
 */
import { type Bytes, EMPTY, bytes, lower } from '../core/bytes.ts';
import { ms } from '../core/units.ts';
import { parseInt64 } from '../core/integers.ts';
import { readPositive } from '../commands/arguments.ts';
import type { Call, CommandRow } from '../commands/command.ts';
import { NO_KEYS } from '../commands/command.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { dropClusterPackets, killClusterLink } from '../cluster/clusterDebug.ts';
import { encodingName, referencesOf } from '../commands/object.ts';
import { redisDigest, redisValueDigest } from '../keyspace/redisDigest.ts';
import { ValueWriter } from '../persistence/rdbValueWriter.ts';
import { encodeCommand } from '../protocol/encode.ts';
import { ErrorReply, NOT_AN_INTEGER, NO_REPLY, NO_SUCH_KEY, OK, type Reply, Status, VerbatimReply, error } from '../protocol/reply.ts';
import { parseMemory } from './configValues.ts';
import { protocolSample } from './debugReplies.ts';
import { databaseStatistics, valueStatistics } from './debugTables.ts';
import type { Dispatch, DispatchParts } from './dispatch.ts';

export interface DebugParts extends DispatchParts {
  readonly dispatch: Dispatch;
  /** Null outside a cluster. */
  readonly cluster: Cluster | null;
  /** CONFIG REWRITE, with all directives where `forcesAll` says so. Null when it is done, else why it could not be. */
  rewriteConfig(forcesAll: boolean): string | null;
}

interface Subcommand {
  /** Arguments behind its name. */
  readonly least: number;
  readonly most: number;
  readonly help: readonly string[];
  readonly run: (parts: DebugParts, call: Call, words: readonly Bytes[]) => Reply;
}

const LRU_CLOCK_MODULUS = 0x1000000;
const PACKED_THRESHOLD_MAX = 4294967295;
/** As a shell says that signal 11 ended a program; on a real host it does. */
const KILLED_BY_SIGSEGV = 139;

const changeReplicationId = ({ host, state, primarySide }: DebugParts): Reply => {
  const { history } = state;
  const { id, position } = history;
  host.log('warning', 'Changing replication IDs after receiving DEBUG change-repl-id');
  history.newId();
  primarySide.noteHistory('newBacklog', id, position);
  return OK;
};

const loadAof = (parts: DebugParts, call: Call): Reply => {
  const { host, persistence, blocked, dispatch } = parts;
  if (call.denyBlocking) return error("ERR DEBUG LOADAOF isn't allowed for DENY BLOCKING client");
  if (persistence.aof.state !== 'on') return error('ERR There is no append only file to load');
  const { client } = call;
  blocked.blockOnHost(client);
  host.setTimer(ms(0), () => {
    persistence.reloadAof();
    dispatch.answer(client, OK);
  });
  return NO_REPLY;
};

/** How a value is kept. Shows the fields that Redis shows for every type, and no more. */
const object = (call: Call, key: Bytes): Reply => {
  const entry = call.db.peek(key);
  if (entry === undefined) return NO_SUCH_KEY;
  const writer = new ValueWriter({ compression: true, listMaxListpackSize: call.keyspace.limits.listMaxListpackSize });
  const accessed = Math.floor(entry.accessedMs / 1000);
  return new Status(`Value at:0x0 refcount:${referencesOf(entry)} encoding:${encodingName(entry)} `
    + `serializedlength:${writer.value(entry.value).length} lru:${accessed % LRU_CLOCK_MODULUS} `
    + `lru_seconds_idle:${Math.max(0, Math.floor(call.nowMs / 1000) - accessed)}`);
};

/** Keys that are there already stay as they are. Nothing goes into the stream. */
const populate = (call: Call, [countText = EMPTY, prefix = bytes('key'), sizeText = bytes('0')]: readonly Bytes[]): Reply => {
  const count = readPositive(countText);
  if (count instanceof ErrorReply) return count;
  const size = readPositive(sizeText);
  if (size instanceof ErrorReply) return size;
  for (let index = 0; index < count; index++) {
    const key = bytes(`${prefix}:${index}`);
    if (call.db.has(key)) continue;
    const value = `value:${index}`;
    call.db.put(key, bytes(size === 0 ? value : value.slice(0, size).padEnd(size, '\0')));
  }
  call.cost(count);
  return OK;
};

const reload = ({ persistence }: DebugParts, words: readonly Bytes[]): Reply => {
  const options = words.map((word) => lower(word) as string);
  if (!options.every((option) => ['merge', 'noflush', 'nosave'].includes(option))) {
    return error('ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.');
  }
  const before = !options.includes('noflush') ? 'flush' : options.includes('merge') ? 'merge' : 'keep';
  const problem = persistence.reload(!options.includes('nosave'), before);
  return problem === null ? OK : error(problem);
};

/** The words as they are, behind whatever the stream has selected: replicas may part from us by it. */
const replicate = ({ primarySide, replicaSide }: DebugParts, words: readonly Bytes[]): Reply => {
  if (replicaSide.primary === null) primarySide.feedBytes(encodeCommand(words), 'primary');
  return OK;
};

const htstats = ({ keyspace }: DebugParts, word: Bytes): Reply => {
  const id = parseInt64(word);
  if (id === null) return NOT_AN_INTEGER;
  if (id < 0n || id >= BigInt(keyspace.databases.length)) return error('ERR Out of range database');
  return new VerbatimReply('txt', databaseStatistics(keyspace.database(Number(id))));
};

const htstatsKey = (call: Call, key: Bytes): Reply => {
  const entry = call.db.peek(key);
  if (entry === undefined) return NO_SUCH_KEY;
  const text = valueStatistics(entry);
  return text === null ? error('ERR The value stored at the specified key is not represented using an hash table')
    : new VerbatimReply('txt', text);
};

/** Ours keeps no plain nodes in lists, so the threshold changes nothing. */
const packedThreshold = (word: Bytes): Reply => {
  const size = parseMemory(word);
  return size === null || size > PACKED_THRESHOLD_MAX
    ? error('ERR argument must be a memory value bigger than 1 and smaller than 4gb') : OK;
};

/** Ours has no reply buffers of a fixed size, so there is nothing to resize. */
const replyBuffer = ([what, word]: readonly Bytes[]): Reply | null => {
  const asked = lower(what as Bytes);
  if (asked === 'resizing') return OK;
  if (asked !== 'peak-reset-time') return null;
  return ['never', 'reset'].includes(lower(word as Bytes)) || parseInt64(word as Bytes) !== null ? OK : NOT_AN_INTEGER;
};

/** Redis ends by the signal itself once it has written its report; we write one line. */
const crash = ({ host, config }: DebugParts, reason: string, isPanic: boolean): Reply => {
  host.log('warning', '=== REDIS BUG REPORT START: Cut & paste starting from here ===');
  host.log('warning', reason);
  host.exit(isPanic && config.flag('use-exit-on-panic') ? 1 : KILLED_BY_SIGSEGV);
  return NO_REPLY;
};

const rewriteAll = (parts: DebugParts): Reply => {
  const problem = parts.rewriteConfig(true);
  return problem === null ? OK : error(`ERR CONFIG-REWRITE-FORCE-ALL failed: ${problem}`);
};

const sleep = ({ host }: DebugParts, seconds: Bytes): Reply => {
  // What is no number counts as 0.
  const wanted = Number(/^[0-9]*\.?[0-9]*(?:e[0-9]{1,2})?/i.exec(seconds)?.[0] ?? 0);
  if (wanted > 0) host.block(ms(Math.trunc(wanted * 1000)));
  return OK;
};

/** Like atoi: whatever is not a number is 0. */
const isOn = (word: Bytes | undefined): boolean => word !== undefined && (parseInt64(word) ?? 0n) !== 0n;

const setting = (help: readonly string[], set: (parts: DebugParts, on: boolean) => void): Subcommand => ({
  least: 1, most: 1, help, run: (parts, _call, [word]) => {
    set(parts, isOn(word));
    return OK;
  },
});

const SUBCOMMANDS: Readonly<Record<string, Subcommand>> = {
  'aof-flush-sleep': {
    least: 1, most: 1,
    help: ['AOF-FLUSH-SLEEP <microsec>', '    Sleep so long before the AOF is written, for tests.'],
    run: ({ state }, _call, [word]) => {
      state.aofFlushSleepMicros = Number(/^[0-9]{1,9}/.exec(word as Bytes)?.[0] ?? 0);
      return OK;
    },
  },
  assert: {
    least: 0, most: 0, run: (parts) => crash(parts, '=== ASSERTION FAILED ===', true),
    help: ['ASSERT', '    End the process as a failed assertion does.'],
  },
  'config-rewrite-force-all': {
    least: 0, most: 0, run: (parts) => rewriteAll(parts),
    help: ['CONFIG-REWRITE-FORCE-ALL', '    CONFIG REWRITE with every directive, default values included.'],
  },
  htstats: {
    least: 1, most: 1, run: (parts, _call, [word]) => htstats(parts, word as Bytes),
    help: ['HTSTATS <dbid>', '    Statistics of the hash table of a database.'],
  },
  'htstats-key': {
    least: 1, most: 1, run: (_parts, call, [key]) => htstatsKey(call, key as Bytes),
    help: ['HTSTATS-KEY <key>', '    The same for the value of a key.'],
  },
  leak: { least: 1, most: 1, run: () => OK, help: ['LEAK <string>', '    Nothing leaks here: the string is forgotten.'] },
  panic: {
    least: 0, most: 0, run: (parts) => crash(parts, 'Guru Meditation: called by user', true),
    help: ['PANIC', '    End the process as a panic does.'],
  },
  protocol: {
    least: 1, most: 1, run: (_parts, { client }, [type]) => protocolSample(type as Bytes, client.protocol, (reply) => client.reply(reply)),
    help: ['PROTOCOL <type>', '    A reply of that type: string, integer, double, bignum, null, array, set,',
      '    map, attrib, push, verbatim, true, false.'],
  },
  'quicklist-packed-threshold': {
    least: 1, most: 1, run: (_parts, _call, [word]) => packedThreshold(word as Bytes),
    help: ['QUICKLIST-PACKED-THRESHOLD <size>', '    Accepted; lists are kept in one way here.'],
  },
  replicate: {
    least: 1, most: Infinity, run: (parts, _call, words) => replicate(parts, words),
    help: ['REPLICATE <string>', '    Sends the words to replicas, and executes nothing: data may part.'],
  },
  segfault: {
    least: 0, most: 0, run: (parts) => crash(parts, 'Redis crashed by signal: 11, si_code: 0', false),
    help: ['SEGFAULT', '    End the process by SIGSEGV.'],
  },
  'set-disable-deny-scripts': setting(['SET-DISABLE-DENY-SCRIPTS <0|1>', '    1 lets scripts run commands that are not for scripts.'],
    ({ state }, on) => {
      state.scriptsMayRunAll = on;
    }),
  replybuffer: {
    least: 2, most: 2,
    run: (_parts, _call, words) => replyBuffer(words) ?? unknown(bytes('REPLYBUFFER')),
    help: ['REPLYBUFFER PEAK-RESET-TIME <NEVER|RESET|time>', 'REPLYBUFFER RESIZING <0|1>', '    Accepted; reply buffers have no fixed size here.'],
  },
  clusterlink: {
    least: 3, most: 3, run: ({ cluster }, _call, words) => killClusterLink(cluster, words),
    help: ['CLUSTERLINK KILL <to|from|all> <node-id>',
      '    Kills the link based on the direction to/from (both) with the provided node.'],
  },
  'drop-cluster-packet-filter': {
    least: 1, most: 1, run: ({ cluster }, _call, [type]) => dropClusterPackets(cluster, type as Bytes),
    help: ['DROP-CLUSTER-PACKET-FILTER <packet-type>',
      '    Drop all packets that match the filtered type. Set to -1 allow all packets.'],
  },
  'change-repl-id': {
    least: 0, most: 0, run: changeReplicationId,
    help: ['CHANGE-REPL-ID', '    Change the replication IDs of the instance.',
      '    Dangerous: should be used only for testing the replication subsystem.'],
  },
  digest: {
    least: 0, most: 0, help: ['DIGEST', '    Output a hex signature representing the current DB content.'],
    run: ({ keyspace }) => new Status(redisDigest(keyspace)),
  },
  'digest-value': {
    least: 0, most: Infinity,
    help: ['DIGEST-VALUE <key> [<key> ...]', '    Output a hex signature of the values of all the specified keys.'],
    run: (_parts, call, keys) => keys.map((key) => new Status(redisValueDigest(call.db.peek(key)))),
  },
  error: {
    least: 1, most: 1, run: (_parts, _call, [text]) => error((text as Bytes).replace(/[\r\n]/g, ' ')),
    help: ['ERROR <string>', '    Return a Redis protocol error with <string> as message. Useful for clients',
      '    unit tests to simulate Redis errors.'],
  },
  log: {
    least: 1, most: 1, help: ['LOG <message>', '    Write <message> to the server log.'],
    run: ({ host }, _call, [text]) => {
      host.log('warning', `DEBUG LOG: ${text as Bytes}`);
      return OK;
    },
  },
  loadaof: {
    least: 0, most: Infinity, run: loadAof,
    help: ['LOADAOF', '    Flush the AOF buffers on disk and reload the AOF in memory.'],
  },
  object: {
    least: 1, most: 2, run: (_parts, call, [key]) => object(call, key as Bytes),
    help: ['OBJECT <key>', '    Show low level info about `key` and associated value.'],
  },
  populate: {
    least: 1, most: 3, run: (_parts, call, words) => populate(call, words),
    help: ['POPULATE <count> [<prefix>] [<size>]',
      '    Create <count> string keys named key:<num>. If <prefix> is specified then',
      "    it is used instead of the 'key' prefix. These are not propagated to",
      '    replicas. Cluster slots are not respected so keys not belonging to the',
      '    current node can be created in cluster mode.'],
  },
  reload: {
    least: 0, most: Infinity, run: (parts, _call, words) => reload(parts, words),
    help: ['RELOAD [NOSAVE] [NOFLUSH] [MERGE]', '    Save the RDB on disk and reload it back to memory; with NOSAVE reload',
      '    what was saved before, with NOFLUSH beside the data that are there: a key that',
      '    both have ends the server, unless MERGE lets that of the file win.'],
  },
  'set-active-expire': setting(['SET-ACTIVE-EXPIRE <0|1>',
    '    Setting it to 0 disables expiring keys (and hash-fields) in background', '    when they are not accessed.'],
  ({ state }, on) => {
    state.activeExpiry = on;
  }),
  'set-skip-checksum-validation': setting(['SET-SKIP-CHECKSUM-VALIDATION <0|1>',
    '    Enables or disables checksum checks for RDB files and RESTORE\'s payload'],
  ({ keyspace }, on) => {
    keyspace.skipsChecksums = on;
  }),
  sleep: {
    least: 1, most: 1, run: (parts, _call, [seconds]) => sleep(parts, seconds as Bytes),
    help: ['SLEEP <seconds>', '    Stop the server for <seconds>. Decimals allowed.'],
  },
  'pause-cron': setting(['PAUSE-CRON <0|1>', '    Stop periodic cron job processing.'], ({ state }, on) => {
    state.isCronPaused = on;
  }),
};

const unknown = (spelled: Bytes): Reply =>
  error(`ERR unknown subcommand or wrong number of arguments for '${spelled}'. Try DEBUG HELP.`);

const helpLines = (): Reply => [
  'DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  ...Object.values(SUBCOMMANDS).flatMap(({ help }) => help), 'HELP', '    Prints this help.',
].map((line) => new Status(line));

const debug = (parts: DebugParts, call: Call, argv: readonly Bytes[]): Reply => {
  const name = lower(argv[1] as Bytes) as string;
  const words = argv.slice(2);
  if (name === 'help' && words.length === 0) return helpLines();
  const subcommand = Object.hasOwn(SUBCOMMANDS, name) ? SUBCOMMANDS[name] : undefined;
  if (subcommand === undefined || words.length < subcommand.least || words.length > subcommand.most) {
    return unknown(argv[1] as Bytes);
  }
  return subcommand.run(parts, call, words);
};

export const debugCommands = (parts: DebugParts): readonly CommandRow[] => [
  { name: 'debug', arity: -2, flags: ['admin', 'noscript', 'loading', 'stale'], keys: NO_KEYS, since: '1.0.0',
    handler: (call, argv) => debug(parts, call, argv) },
];
