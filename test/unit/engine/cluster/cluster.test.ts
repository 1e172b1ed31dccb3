/** What a node must not say when it could not write it down. */
import { expect, test } from 'vitest';
import { type Bytes, bytes } from '../../../../engine/core/bytes.ts';
import { type Connection, HostFileError } from '../../../../engine/host.ts';
import { BusLink } from '../../../../engine/cluster/busLink.ts';
import { Cluster } from '../../../../engine/cluster/cluster.ts';
import { ClusterNode } from '../../../../engine/cluster/clusterNode.ts';
import { FakeClusterServices } from '../../../support/fakeClusterServices.ts';

/** A connection that keeps what is done to it. */
const recording = (done: string[]): Connection => ({
  localAddress: bytes('10.0.0.1'), localPort: 1, remoteAddress: bytes('10.0.0.2'), remotePort: 2,
  write: (chunk: Bytes) => {
    done.push(`write ${chunk}`);
    return true;
  },
  close: () => void done.push('close'), reset: () => void done.push('reset'), pause: () => {}, resume: () => {},
});

test('a vote that cannot be saved does not leave: the links are reset, and the process ends', () => {
  const services = new FakeClusterServices();
  services.values.set('cluster-config-file', 'nodes.conf');
  Object.defineProperty(services.host, 'files', { get: () => ({
    exists: () => false,
    open: () => {
      throw new HostFileError('full', 'no room');
    },
  }) });
  const cluster = new Cluster(services);
  const { state } = cluster;
  const done: { readonly out: string[]; readonly in: string[] } = { out: [], in: [] };
  const peer = new ClusterNode('b'.repeat(40) as Bytes, state.nowMs);
  const user = { received: () => {}, lost: () => {} };
  peer.link = new BusLink(user, peer, false, state.nowMs);
  peer.link.opened(recording(done.out));
  peer.inboundLink = new BusLink(user, peer, true, state.nowMs);
  peer.inboundLink.opened(recording(done.in));
  state.addNode(peer);
  peer.link.send('vote' as Bytes);
  state.mustSave = true;
  cluster.endOfTurn();
  expect(done).toEqual({ out: ['write vote', 'reset'], in: ['reset'] });
  expect(services.host.exitStatus).toBe(1);
});
