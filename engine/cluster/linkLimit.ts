/**
 * `cluster-link-sendbuf-limit`: a link whose peer does not take what is sent to it would grow without end, above all by PUBLISH; at
 * the next tick it is closed, and opened anew. What waited in it is lost.
 * Source: clusterNodeCleanupReconnect's freeClusterLinkOnBufferLimitReached in cluster.c of Redis 7.0.
 */
import type { BusLink } from './busLink.ts';
import type { ClusterNode } from './clusterNode.ts';
import type { ClusterState } from './clusterState.ts';

/** Both links of every node. */
export const closeFullLinks = (state: ClusterState): void => {
  const limit = state.services.settings.number('cluster-link-sendbuf-limit');
  if (limit === 0) return;
  for (const node of state.nodes.values()) {
    if (isOver(state, node, node.link, limit)) node.link = null;
    if (isOver(state, node, node.inboundLink, limit)) node.inboundLink = null;
  }
};

/** True: it was closed. */
const isOver = (state: ClusterState, node: ClusterNode, link: BusLink | null, limit: number): boolean => {
  if (link === null || link.queuedBytes <= limit) return false;
  state.services.host.log('warning', `Freeing cluster link(${link.isInbound ? 'from' : 'to'} node ${node.name}, used memory: `
    + `${link.queuedBytes}) due to exceeding send buffer memory limit.`);
  link.close();
  state.linksOverLimit++;
  return true;
};
