/**
 * CLUSTER and its subcommands, READONLY, READWRITE, ASKING: the rows of the command table. Without a cluster all of them say so.
 * Source: the command table of Redis 7.0 (COMMAND's reply); clusterCommand in its cluster.c.
 */
import type { Bytes } from '../core/bytes.ts';
import type { Client } from '../commands/client.ts';
import { type Call, type CommandFlag, type CommandRow, NO_KEYS } from '../commands/command.ts';
import { OK, type Reply, Status, error } from '../protocol/reply.ts';
import { CLUSTER_REPLICAS_OLD } from '../protocol/wireNames.ts';
import type { Cluster } from './cluster.ts';
import { CLUSTER_HELP } from './clusterHelp.ts';
import { asText, clusterInfo, clusterLinks, clusterShards, clusterSlots } from './clusterReplies.ts';
import type { ClusterState } from './clusterState.ts';
import {
  bump, countFailureReports, failover, forget, meet, replicas, replicate, reset, setConfigEpoch,
} from './nodeCommands.ts';
import { describeNodes } from './nodesConf.ts';
import { assignSlots, countKeysInSlot, flushSlots, getKeysInSlot, setSlot } from './slotCommands.ts';
import { keySlot } from './slots.ts';

const NO_CLUSTER = error('ERR This instance has cluster support disabled');

/** Anybody may ask. */
const OPEN: readonly CommandFlag[] = ['stale'];
/** For operators: asking, and changing. */
const ADMIN: readonly CommandFlag[] = ['admin', 'stale'];
const CHANGES: readonly CommandFlag[] = ['admin', 'stale', 'no_async_loading'];

type Answer = (state: ClusterState, argv: readonly Bytes[], call: Call) => Reply;

export const clusterCommands = (cluster: Cluster | null): readonly CommandRow[] => {
  const row = (name: string, arity: number, since: string, flags: readonly CommandFlag[], answer: Answer): CommandRow => ({
    name: `cluster|${name}`, arity, flags, keys: NO_KEYS, since,
    handler: (call, argv) => (cluster === null ? NO_CLUSTER : answer(cluster.state, argv, call)),
  });
  const listReplicas: Answer = (state, argv) => replicas(state, argv[2] as Bytes);
  return [
    row('info', 2, '3.0.0', OPEN, clusterInfo),
    row('nodes', 2, '3.0.0', OPEN, (state) => asText(describeNodes(state, true))),
    row('slots', 2, '3.0.0', OPEN, clusterSlots),
    row('shards', 2, '7.0.0', OPEN, clusterShards),
    row('links', 2, '7.0.0', OPEN, clusterLinks),
    row('myid', 2, '3.0.0', OPEN, ({ myself }) => myself.name),
    row('keyslot', 3, '3.0.0', OPEN, (_state, argv) => keySlot(argv[2] as Bytes)),
    row('countkeysinslot', 3, '3.0.0', OPEN, (_state, argv, call) => countKeysInSlot(call.keyspace, argv[2] as Bytes)),
    row('getkeysinslot', 4, '3.0.0', OPEN, (_state, argv, call) =>
      getKeysInSlot(call.keyspace, argv[2] as Bytes, argv[3] as Bytes)),
    row('help', 2, '5.0.0', ['loading', 'stale'], () => CLUSTER_HELP.map((line) => new Status(line))),
    row('replicas', 3, '5.0.0', ADMIN, listReplicas),
    row(CLUSTER_REPLICAS_OLD, 3, '3.0.0', ADMIN, listReplicas),
    row('count-failure-reports', 3, '3.0.0', ADMIN, (state, argv) => countFailureReports(state, argv[2] as Bytes)),
    row('addslots', -3, '3.0.0', CHANGES, (state, argv) => assignSlots(state, argv, 1, false)),
    row('addslotsrange', -4, '7.0.0', CHANGES, (state, argv) => assignSlots(state, argv, 2, false)),
    row('delslots', -3, '3.0.0', CHANGES, (state, argv) => assignSlots(state, argv, 1, true)),
    row('delslotsrange', -4, '7.0.0', CHANGES, (state, argv) => assignSlots(state, argv, 2, true)),
    row('flushslots', 2, '3.0.0', CHANGES, (state, _argv, call) => flushSlots(state, call.keyspace)),
    row('setslot', -4, '3.0.0', CHANGES, (state, argv, call) => setSlot(state, argv, call.keyspace)),
    row('meet', -4, '3.0.0', CHANGES, meet),
    row('forget', 3, '3.0.0', CHANGES, (state, argv) => forget(state, argv[2] as Bytes)),
    row('replicate', 3, '3.0.0', CHANGES, (state, argv, call) => replicate(state, argv[2] as Bytes, call.keyspace)),
    row('failover', -2, '3.0.0', CHANGES, failover),
    row('set-config-epoch', 3, '3.0.0', CHANGES, (state, argv) => setConfigEpoch(state, argv[2] as Bytes)),
    row('bumpepoch', 2, '3.0.0', CHANGES, bump),
    row('reset', -2, '3.0.0', ['admin', 'noscript', 'stale'], (state, argv, call) => reset(state, argv, call.keyspace)),
    row('saveconfig', 2, '3.0.0', CHANGES, () => {
      cluster?.save();
      return OK;
    }),
    ...sessionRows(cluster !== null),
  ];
};

/** What a client says of its own requests. */
const sessionRows = (isCluster: boolean): readonly CommandRow[] => {
  const row = (name: string, flags: readonly CommandFlag[], set: (client: Client) => void): CommandRow => ({
    name, arity: 1, flags, keys: NO_KEYS, since: '3.0.0',
    handler: ({ client }) => {
      if (!isCluster) return NO_CLUSTER;
      set(client);
      return OK;
    },
  });
  return [
    row('readonly', ['loading', 'stale', 'fast'], (client) => {
      client.isReadOnly = true;
    }),
    row('readwrite', ['loading', 'stale', 'fast'], (client) => {
      client.isReadOnly = false;
    }),
    row('asking', ['fast'], (client) => {
      client.isAsking = true;
    }),
  ];
};
