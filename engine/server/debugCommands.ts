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
import { ErrorReply, NO_REPLY, NO_SUCH_KEY, OK, type Reply, Status, error } from '../protocol/reply.ts';
import type { Dispatch, DispatchParts } from './dispatch.ts';

export interface DebugParts extends DispatchParts {
  readonly dispatch: Dispatch;
  /** Null outside a cluster. */
  readonly cluster: Cluster | null;
}

interface Subcommand {
  /** Arguments behind its name. */
  readonly least: number;
  readonly most: number;
  readonly help: readonly string[];
  readonly run: (parts: DebugParts, call: Call, words: readonly Bytes[]) => Reply;
}

const LRU_CLOCK_MODULUS = 0x1000000;

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
  if (options.some((option) => option !== 'nosave')) return error('ERR DEBUG RELOAD with MERGE or NOFLUSH: not built yet');
  const problem = persistence.reload(options.length === 0);
  return problem === null ? OK : error(problem);
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
    help: ['RELOAD [NOSAVE]', '    Save the RDB on disk and reload it back to memory; with NOSAVE reload',
      '    what was saved before.'],
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
    return error(`ERR unknown subcommand or wrong number of arguments for '${argv[1] as Bytes}'. Try DEBUG HELP.`);
  }
  return subcommand.run(parts, call, words);
};

export const debugCommands = (parts: DebugParts): readonly CommandRow[] => [
  { name: 'debug', arity: -2, flags: ['admin', 'noscript', 'loading', 'stale'], keys: NO_KEYS, since: '1.0.0',
    handler: (call, argv) => debug(parts, call, argv) },
];
