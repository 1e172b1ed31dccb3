/** What a node writes down, and must not say when it could not. */
import { describe, expect, test } from 'vitest';
import { type Bytes, bytes } from '../../../../engine/core/bytes.ts';
import { type Connection, HostFileError } from '../../../../engine/host.ts';
import { BusLink } from '../../../../engine/cluster/busLink.ts';
import { Cluster } from '../../../../engine/cluster/cluster.ts';
import { ClusterNode } from '../../../../engine/cluster/clusterNode.ts';
import type { ClusterState } from '../../../../engine/cluster/clusterState.ts';
import { forget, reset } from '../../../../engine/cluster/nodeCommands.ts';
import { assignSlots } from '../../../../engine/cluster/slotCommands.ts';
import { bumpEpoch, takeClaims } from '../../../../engine/cluster/slotConfiguration.ts';
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

describe('what a save of nodes.conf is worth', () => {
  /** A node that has saved itself once, and the syncs since. */
  const setUp = (): { state: ClusterState; keyspace: FakeClusterServices['keyspace']; saves: string[]; turn(): readonly string[] } => {
    const services = new FakeClusterServices();
    services.values.set('cluster-config-file', 'nodes.conf');
    const saves: string[] = [];
    const file = { append: () => {}, syncNow: () => void saves.push('sync'), close: () => {} };
    Object.defineProperty(services.host, 'files', { get: () => ({
      exists: () => false, open: () => file, rename: () => void saves.push('rename'), syncDirectory: () => void saves.push('directory'),
    }) });
    const cluster = new Cluster(services);
    const peer = new ClusterNode('b'.repeat(40) as Bytes, cluster.state.nowMs);
    cluster.state.addNode(peer);
    cluster.endOfTurn();
    saves.length = 0;
    return {
      state: cluster.state, keyspace: services.keyspace, saves,
      turn: () => {
        cluster.endOfTurn();
        return saves.splice(0);
      },
    };
  };
  const words = (...argv: readonly string[]): Bytes[] => argv.map(bytes);
  const DURABLE = ['sync', 'rename', 'directory'];

  test('slots that an operator gives, and nodes that he forgets, may be undone by a power loss', () => {
    const { state, turn } = setUp();
    assignSlots(state, words('CLUSTER', 'ADDSLOTS', '1', '2'), 1, false);
    expect(turn()).toEqual(['rename']);
    forget(state, 'b'.repeat(40) as Bytes);
    expect(turn()).toEqual(['rename']);
    expect(turn()).toEqual([]);
  });

  test('epochs, slots that were claimed, a reset may not', () => {
    const { state, keyspace, turn } = setUp();
    bumpEpoch(state);
    expect(turn()).toEqual(DURABLE);
    takeClaims(state, [...state.nodes.values()][1] as ClusterNode, 9, bytes(`\u0001${'\0'.repeat(2047)}`));
    expect(turn()).toEqual(DURABLE);
    reset(state, words('CLUSTER', 'RESET'), keyspace);
    expect(turn()).toEqual(DURABLE);
  });

  test('what must be synced is, whatever else is saved in the same turn', () => {
    const { state, turn } = setUp();
    bumpEpoch(state);
    assignSlots(state, words('CLUSTER', 'ADDSLOTS', '1', '2'), 1, false);
    expect(turn()).toEqual(DURABLE);
  });
});
