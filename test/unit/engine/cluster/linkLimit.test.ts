/** Links whose peer does not read: what waits, in which order it goes out, and when the link is given up. */
import { expect, test } from 'vitest';
import { type Bytes, bytes } from '../../../../engine/core/bytes.ts';
import type { Connection } from '../../../../engine/host.ts';
import { BusLink } from '../../../../engine/cluster/busLink.ts';
import { clusterInfo } from '../../../../engine/cluster/clusterReplies.ts';
import type { ClusterState } from '../../../../engine/cluster/clusterState.ts';
import { closeFullLinks } from '../../../../engine/cluster/linkLimit.ts';
import { VerbatimReply } from '../../../../engine/protocol/reply.ts';
import { fakeCluster, nodeOf } from '../../../support/fakeClusterServices.ts';

const LIMIT = 10;

/** A connection that takes so many chunks before it is full. */
const socket = (): { readonly connection: Connection; readonly took: string[]; room: number } => {
  const made = {
    took: [] as string[], room: 0,
    connection: {
      localAddress: bytes('10.0.0.1'), localPort: 1, remoteAddress: bytes('10.0.0.2'), remotePort: 2,
      write: (chunk: Bytes): boolean => {
        made.took.push(chunk);
        return --made.room > 0;
      },
      close: () => void made.took.push('closed'), reset: () => {}, pause: () => {}, resume: () => {},
    },
  };
  return made;
};

const user = { received: (): void => {}, lost: (): void => {} };
const linkOf = (state: ClusterState, isInbound: boolean): BusLink => new BusLink(user, nodeOf(state, 'a'), isInbound, 0);
const exceeded = (state: ClusterState): string => {
  const reply = clusterInfo(state);
  if (!(reply instanceof VerbatimReply)) throw new Error('no text');
  return /exceeded:([0-9]+)/.exec(reply.text)?.[1] ?? '';
};

test('what a full connection does not take waits, and goes out in order', () => {
  const { state } = fakeCluster('a');
  const made = socket();
  const link = linkOf(state, false);
  for (const word of ['one', 'two']) link.send(bytes(word));
  expect(link.queuedBytes).toBe(6);
  made.room = 1;
  link.opened(made.connection);
  link.send(bytes('three'));
  expect([made.took, link.queuedBytes]).toEqual([['one'], 8]);
  made.room = 5;
  link.handlers.onWritable();
  link.send(bytes('four'));
  expect([made.took, link.queuedBytes]).toEqual([['one', 'two', 'three', 'four'], 0]);
});

test('a link over the limit is closed and counted, one at the limit is not, without a limit none is', () => {
  const { state, services } = fakeCluster('a');
  const node = nodeOf(state, 'a');
  const made = socket();
  node.link = linkOf(state, false);
  node.inboundLink = linkOf(state, true);
  node.inboundLink.opened(made.connection);
  node.link.send(bytes('x'.repeat(LIMIT)));
  node.inboundLink.send(bytes('taken'));
  node.inboundLink.send(bytes('x'.repeat(LIMIT + 1)));
  services.values.set('cluster-link-sendbuf-limit', 0);
  closeFullLinks(state);
  expect([node.link?.queuedBytes, node.inboundLink?.queuedBytes, exceeded(state)]).toEqual([LIMIT, LIMIT + 1, '0']);
  services.values.set('cluster-link-sendbuf-limit', LIMIT);
  closeFullLinks(state);
  expect([node.link?.queuedBytes, node.inboundLink, made.took, exceeded(state)]).toEqual([LIMIT, null, ['taken', 'closed'], '1']);
  node.link?.send(bytes('x'));
  closeFullLinks(state);
  expect([node.link, exceeded(state)]).toEqual([null, '2']);
});
