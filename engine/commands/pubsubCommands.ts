/**
 * SUBSCRIBE and its relatives, PUBLISH, PUBSUB. What subscribers are told goes into their output at once, one message for
 * each name, so these commands have no reply of their own.
 * Source: pubsub.c of Redis 7.0, for behaviour.
 */
import type { Bytes } from '../core/bytes.ts';
import { NO_REPLY, type Reply, Status, error } from '../protocol/reply.ts';
import type { Client, SubscriptionKind } from './client.ts';
import { ALL_KEYS, type Call, type CommandRow, type KeyRange, NO_KEYS, ONE_KEY } from './command.ts';
import type { PubSub } from './pubsub.ts';

const subscribe = (pubsub: PubSub, kind: SubscriptionKind, call: Call, argv: readonly Bytes[]): Reply => {
  const { client } = call;
  // From MULTI the older commands may come, as they always could.
  if (kind === 'shard' && call.denyBlocking) return error("ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client");
  // A replica's connection is its stream: the server ends it for an answer.
  if (client.kind !== 'normal') return error('ERR only clients may subscribe');
  for (const name of argv.slice(1)) pubsub.subscribe(client, kind, name);
  return confirmed(client);
};

const unsubscribe = (pubsub: PubSub, kind: SubscriptionKind, { client }: Call, argv: readonly Bytes[]): Reply => {
  if (client.kind !== 'normal') return error('ERR only clients may unsubscribe');
  if (argv.length === 1) pubsub.unsubscribeAll(client, kind);
  else for (const name of argv.slice(1)) pubsub.unsubscribe(client, kind, name);
  return confirmed(client);
};

/** The command was answered by messages. It counts as the one that CLIENT REPLY SKIP was for. */
const confirmed = (client: Client): Reply => {
  if (client.replyMode === 'skip') client.replyMode = 'on';
  return NO_REPLY;
};

/** Hands a message to the other nodes of a cluster: to all, or to those of the own shard. */
export type PublishToPeers = (channel: Bytes, message: Bytes, isShard: boolean) => void;

/** In a cluster the bus takes it to everybody, replicas included; elsewhere the replication stream does. */
const publish = (pubsub: PubSub, peers: PublishToPeers | null, isShard: boolean, call: Call, argv: readonly Bytes[]): Reply => {
  const [, channel, message] = argv as readonly [Bytes, Bytes, Bytes];
  const receivers = isShard ? pubsub.publishToShard(channel, message) : pubsub.publish(channel, message);
  if (peers === null) call.propagateToReplicas();
  else peers(channel, message, isShard);
  call.cost(receivers);
  return receivers;
};

/** PUBSUB CHANNELS and SHARDCHANNELS. */
const channels = (pubsub: PubSub, kind: SubscriptionKind, argv: readonly Bytes[]): Reply =>
  argv.length > 3 ? wrongArguments(argv) : pubsub.names(kind, argv[2] ?? null);

/** PUBSUB NUMSUB and SHARDNUMSUB: names and numbers in turn. */
const subscriberCounts = (pubsub: PubSub, kind: SubscriptionKind, argv: readonly Bytes[]): Reply =>
  argv.slice(2).flatMap((name): Reply[] => [name, pubsub.subscribers(kind, name)]);

const wrongArguments = (argv: readonly Bytes[]): Reply =>
  error(`ERR unknown subcommand or wrong number of arguments for '${argv[1] as Bytes}'. Try PUBSUB HELP.`);

const HELP: readonly string[] = [
  'PUBSUB <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  'CHANNELS [<pattern>]',
  "    Return the currently active channels matching a <pattern> (default: '*').",
  'NUMPAT',
  '    Return number of subscriptions to patterns.',
  'NUMSUB [<channel> ...]',
  '    Return the number of subscribers for the specified channels, excluding',
  '    pattern subscriptions(default: no channels).',
  'SHARDCHANNELS [<pattern>]',
  "    Return the currently active shard level channels matching a <pattern> (default: '*').",
  'SHARDNUMSUB [<shardchannel> ...]',
  '    Return the number of subscribers for the specified shard level channel(s)',
  'HELP',
  '    Prints this help.',
];

/** `peers` is null for a process that is no node of a cluster. */
export const pubsubCommands = (pubsub: PubSub, peers: PublishToPeers | null = null): readonly CommandRow[] => {
  const listen = (name: string, kind: SubscriptionKind, since: string, keys: KeyRange): readonly CommandRow[] => [
    {
      name, arity: -2, flags: ['pubsub', 'noscript', 'loading', 'stale'], keys, since,
      handler: (call, argv) => subscribe(pubsub, kind, call, argv),
    },
    {
      name: name.replace('sub', 'unsub'), arity: -1, flags: ['pubsub', 'noscript', 'loading', 'stale'], keys, since,
      handler: (call, argv) => unsubscribe(pubsub, kind, call, argv),
    },
  ];
  const ask = (name: string, arity: number, since: string, handler: CommandRow['handler']): CommandRow =>
    ({ name: `pubsub|${name}`, arity, flags: ['pubsub', 'loading', 'stale'], keys: NO_KEYS, since, handler });
  return [
    ...listen('subscribe', 'channel', '2.0.0', NO_KEYS),
    ...listen('psubscribe', 'pattern', '2.0.0', NO_KEYS),
    ...listen('ssubscribe', 'shard', '7.0.0', ALL_KEYS),
    {
      name: 'publish', arity: 3, flags: ['pubsub', 'loading', 'stale', 'fast', 'may_replicate'], keys: NO_KEYS, since: '2.0.0',
      handler: (call, argv) => publish(pubsub, peers, false, call, argv),
    },
    {
      name: 'spublish', arity: 3, flags: ['pubsub', 'loading', 'stale', 'fast', 'may_replicate'], keys: ONE_KEY, since: '7.0.0',
      handler: (call, argv) => publish(pubsub, peers, true, call, argv),
    },
    ask('channels', -2, '2.8.0', (_call, argv) => channels(pubsub, 'channel', argv)),
    ask('shardchannels', -2, '7.0.0', (_call, argv) => channels(pubsub, 'shard', argv)),
    ask('numsub', -2, '2.8.0', (_call, argv) => subscriberCounts(pubsub, 'channel', argv)),
    ask('shardnumsub', -2, '7.0.0', (_call, argv) => subscriberCounts(pubsub, 'shard', argv)),
    ask('numpat', 2, '2.8.0', () => pubsub.count('pattern')),
    {
      name: 'pubsub|help', arity: 2, flags: ['loading', 'stale'], keys: NO_KEYS, since: '6.2.0',
      handler: () => HELP.map((line) => new Status(line)),
    },
  ];
};
