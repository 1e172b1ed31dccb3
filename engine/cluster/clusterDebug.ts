/**
 * What DEBUG does to a cluster's bus: CLUSTERLINK KILL, DROP-CLUSTER-PACKET-FILTER. Source: debug.c of Redis 7.0, for behaviour.
 */
import type { Bytes } from '../core/bytes.ts';
import { parseInt64 } from '../core/integers.ts';
import { isWord } from '../commands/arguments.ts';
import { OK, type Reply, error } from '../protocol/reply.ts';
import type { Cluster } from './cluster.ts';

const NO_CLUSTER = error('ERR Debug option only available for cluster mode enabled setup!');

/** `CLUSTERLINK KILL <to|from|all> <node>`; `words` begin with KILL. */
export const killClusterLink = (cluster: Cluster | null, words: readonly Bytes[]): Reply => {
  const [action, direction, name] = words;
  if (!isWord(action, 'kill') || direction === undefined || name === undefined || words.length !== 3) {
    return error("ERR unknown subcommand or wrong number of arguments for 'clusterlink'. Try DEBUG HELP.");
  }
  if (cluster === null) return NO_CLUSTER;
  const node = cluster.state.nodes.get(name);
  if (node === undefined) return error(`ERR Unknown node ${name}`);
  const isAll = isWord(direction, 'all');
  const isTo = isAll || isWord(direction, 'to');
  const isFrom = isAll || isWord(direction, 'from');
  // redis-server 7.0.15 says OK behind that error, which puts its client out of step: not imitated.
  if (!isTo && !isFrom) return error(`ERR Unknown direction ${direction}`);
  // A connection that fails takes itself out of the node.
  if (isTo) node.link?.fail('killed by DEBUG');
  if (isFrom) node.inboundLink?.fail('killed by DEBUG');
  return OK;
};

/** `DROP-CLUSTER-PACKET-FILTER <type>`: messages of that type go unheard; -1: none do. */
export const dropClusterPackets = (cluster: Cluster | null, type: Bytes): Reply => {
  if (cluster === null) return NO_CLUSTER;
  cluster.dropFilter = Number(parseInt64(type) ?? 0n);
  return OK;
};
