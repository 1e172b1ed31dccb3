/**
 * The commands of a sentinel: SENTINEL and its subcommands, PUBLISH of hellos, ROLE.
 * Source: sentinelCommand, sentinelPublishCommand, sentinelRoleCommand in sentinel.c of Redis 7.0.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import { type CommandRow, NO_KEYS } from '../commands/command.ts';
import { NULL_ARRAY, type Reply, Status, error } from '../protocol/reply.ts';
import { SENTINEL_COMMAND, SENTINEL_HELP } from '../protocol/sentinelNames.ts';
import { checkQuorum, isDownByAddress } from './agreementCommands.ts';
import { saveAndReply, withPrimary } from './commandSupport.ts';
import { HELLO_CHANNEL, processHello } from './hello.ts';
import type { Instance, WatchedPrimary } from './instance.ts';
import { instanceReply } from './instanceReply.ts';
import { failover, monitor, remove, reset } from './monitorCommands.ts';
import { sentinelConfig } from './sentinelConfigCommand.ts';
import { infoCache, pendingScripts, sentinelDebug, simulateFailure } from './sentinelDebug.ts';
import { sentinelSet } from './sentinelSet.ts';
import type { Sentinel } from './sentinel.ts';

export const sentinelCommands = (sentinel: Sentinel): readonly CommandRow[] => [
  ...lookingCommands(sentinel),
  ...changingCommands(sentinel),
  {
    name: 'sentinel|help', arity: 2, flags: ['loading', 'stale'], keys: NO_KEYS, since: '6.2.0',
    handler: () => SENTINEL_HELP.map((line) => new Status(line)),
  },
  {
    name: 'publish', arity: 3, flags: ['pubsub', 'loading', 'stale', 'fast'], keys: NO_KEYS, since: '2.0.0',
    handler: (_call, argv) => publish(sentinel, argv[1] as Bytes, argv[2] as Bytes),
  },
  {
    name: 'role', arity: 1, flags: ['noscript', 'loading', 'stale', 'fast'], keys: NO_KEYS, since: '2.8.12',
    handler: () => [bytes('sentinel'), [...sentinel.primaries.keys()]],
  },
];

const row = (name: string, arity: number, since: string, answer: (argv: readonly Bytes[]) => Reply): CommandRow => ({
  name: `sentinel|${name}`, arity, flags: ['admin'], keys: NO_KEYS, since, handler: (_call, argv) => answer(argv),
});

/** A command whose one argument is the name of a primary. */
const rowOfPrimary = (
  sentinel: Sentinel, name: string, since: string, answer: (primary: WatchedPrimary) => Reply,
): CommandRow => row(name, 3, since, (argv) => withPrimary(sentinel, argv[2] as Bytes, answer));

const lookingCommands = (sentinel: Sentinel): readonly CommandRow[] => {
  const show = (instance: Instance): Reply => instanceReply(sentinel, instance);
  // A replica that does not want to be announced is not.
  const replicas = (primary: WatchedPrimary): Reply => [...primary.replicas.values()].filter((one) => one.isAnnounced).map(show);
  return [
    row(SENTINEL_COMMAND.primaries, 2, '2.8.4', () => [...sentinel.primaries.values()].map(show)),
    rowOfPrimary(sentinel, SENTINEL_COMMAND.primary, '2.8.4', show),
    rowOfPrimary(sentinel, 'replicas', '5.0.0', replicas),
    rowOfPrimary(sentinel, SENTINEL_COMMAND.replicasOld, '2.8.0', replicas),
    rowOfPrimary(sentinel, 'sentinels', '2.8.4', (primary) => [...primary.sentinels.values()].map(show)),
    row(SENTINEL_COMMAND.primaryAddress, 3, '2.8.4', (argv) => addressOf(sentinel, argv[2] as Bytes)),
    row(SENTINEL_COMMAND.isPrimaryDown, 6, '2.8.4', (argv) => isDownByAddress(sentinel, argv)),
    rowOfPrimary(sentinel, 'ckquorum', '2.8.4', checkQuorum),
    row('myid', 2, '6.2.0', () => sentinel.id),
    row('info-cache', -3, '3.2.0', (argv) => infoCache(sentinel, argv.slice(2))),
    row('pending-scripts', 2, '2.8.4', () => pendingScripts(sentinel)),
  ];
};

const changingCommands = (sentinel: Sentinel): readonly CommandRow[] => [
  row('monitor', 6, '2.8.4', (argv) => monitor(sentinel, argv)),
  row('remove', 3, '2.8.4', (argv) => remove(sentinel, argv[2] as Bytes)),
  row('reset', 3, '2.8.4', (argv) => reset(sentinel, argv[2] as Bytes)),
  row('failover', 3, '2.8.4', (argv) => failover(sentinel, argv[2] as Bytes)),
  row('set', -5, '2.8.4', (argv) => sentinelSet(sentinel, argv)),
  row('config', -3, '6.2.0', (argv) => sentinelConfig(sentinel, argv)),
  row('flushconfig', 2, '2.8.4', () => saveAndReply(sentinel)),
  row('simulate-failure', -3, '3.2.0', (argv) => simulateFailure(sentinel, argv)),
  row('debug', -2, '7.0.0', (argv) => sentinelDebug(sentinel, argv)),
];

const addressOf = (sentinel: Sentinel, name: Bytes): Reply => {
  const primary = sentinel.primaries.get(name);
  if (primary === undefined) return NULL_ARRAY;
  const { currentAddress } = primary;
  return [sentinel.shown(currentAddress), bytes(String(currentAddress.port))];
};

/** A sentinel takes hellos of the others, and passes nothing on. */
const publish = (sentinel: Sentinel, channel: Bytes, message: Bytes): Reply => {
  if (channel !== HELLO_CHANNEL) return error('ERR Only HELLO messages are accepted by Sentinel instances.');
  processHello(sentinel, message);
  return 1;
};
