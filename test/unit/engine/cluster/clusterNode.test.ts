/** Nodes found by their names as messages hold them, and the times before which the timer need not look at a node. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Bytes, bytes } from '../../../../engine/core/bytes.ts';
import { BusLink } from '../../../../engine/cluster/busLink.ts';
import { ClusterNode } from '../../../../engine/cluster/clusterNode.ts';
import type { ClusterState } from '../../../../engine/cluster/clusterState.ts';
import { readEntry } from '../../../../engine/cluster/gossip.ts';
import { CHECK_AT, NODE_TIMES } from '../../../../engine/cluster/nodeTimes.ts';
import { fakeCluster, nodeOf } from '../../../support/fakeClusterServices.ts';

const checkAt = (state: ClusterState, node: ClusterNode): number =>
  state.nodeTimes[state.allNodes.indexOf(node) * NODE_TIMES + CHECK_AT] as number;

const linkTo = (node: ClusterNode): BusLink => new BusLink({ received: () => {}, lost: () => {} }, node, false, 0);

const TIMEOUT_MS = 2000;

test('whatever happens to a node, it is looked at as soon as it is to be pinged, or found to be silent', () => {
  const time = fc.integer({ min: 1, max: 10_000 });
  const change = fc.oneof(
    fc.record({ what: fc.constantFrom('ping', 'pong', 'answered', 'checked'), at: time }), fc.record({ what: fc.constantFrom('lost', 'linked'), at: time }),
  );
  fc.assert(fc.property(fc.array(change, { maxLength: 12 }), time, (changes, now) => {
    const { state } = fakeCluster('a', 'b');
    const node = nodeOf(state, 'b');
    node.link = linkTo(node);
    for (const { what, at } of changes) {
      if (what === 'ping') node.pingSentMs = at;
      else if (what === 'pong') node.pongReceivedMs = at;
      else if (what === 'lost') node.link = null;
      else if (what === 'linked') node.link = linkTo(node);
      else if (what === 'checked') node.checked(TIMEOUT_MS);
      else {
        node.pongReceivedMs = at;
        node.pingSentMs = 0;
      }
    }
    const isDue = node.link === null || now - (node.pingSentMs === 0 ? node.pongReceivedMs : node.pingSentMs) > TIMEOUT_MS / 2;
    if (isDue) expect(checkAt(state, node)).toBeLessThanOrEqual(now);
  }), { numRuns: 1000 });
});

test('a node that is well is left alone until half a timeout after its pong, and one that is not never is', () => {
  const { state } = fakeCluster('a');
  const node = nodeOf(state, 'a');
  node.link = linkTo(node);
  node.pongReceivedMs = 5000;
  node.checked(TIMEOUT_MS);
  expect(checkAt(state, node)).toBe(6000);
  node.isPfail = true;
  node.checked(TIMEOUT_MS);
  expect(checkAt(state, node)).toBe(0);
});

test('times stay with their nodes when others come and go', () => {
  const { state } = fakeCluster('a', 'b', 'c');
  nodeOf(state, 'c').pongReceivedMs = 7;
  expect(state.nodeTimes).toHaveLength(4 * NODE_TIMES);
  state.removeNode(nodeOf(state, 'a'));
  nodeOf(state, 'c').dataReceivedMs = 8;
  state.rename(nodeOf(state, 'b'), bytes('d'.repeat(40)));
  expect(state.nodeTimes).toHaveLength(3 * NODE_TIMES);
  expect([nodeOf(state, 'c').pongReceivedMs, nodeOf(state, 'c').dataReceivedMs, nodeOf(state, 'd').pongReceivedMs]).toEqual([7, 8, 0]);
});

test('a name is found where it stands, also beside one with the same head, and no longer once its node is gone', () => {
  const { state } = fakeCluster('a');
  const names = ['1', '2'].map((digit) => bytes(`${'e'.repeat(39)}${digit}`));
  const [first, second] = names.map((name) => {
    const node = new ClusterNode(name, 0);
    state.addNode(node);
    return node;
  });
  const text = bytes(`xx${names.join('')}${'f'.repeat(40)}`);
  const found = (): readonly (ClusterNode | null)[] => [2, 42, 82].map((at) => state.nodeNamed(text, at));
  expect(found()).toEqual([first, second, null]);
  state.removeNode(second as ClusterNode);
  expect(found()).toEqual([first, null, null]);
  state.rename(first as ClusterNode, bytes('f'.repeat(40)));
  expect(found()).toEqual([null, null, first]);
});

test('gossip tells of it what holds now, after any change', () => {
  const { state } = fakeCluster('a');
  const node = nodeOf(state, 'a');
  const told = (): ReturnType<typeof readEntry> => readEntry(node.gossip as Bytes, 0);
  const before = told();
  expect(before).toMatchObject({ name: node.name, ip: '10.0.0.1', port: 7000, busPort: 17000, pingSentSeconds: 0, pongReceivedSeconds: 0 });
  node.pongReceivedMs = 3999;
  expect(told()).toEqual({ ...before, pongReceivedSeconds: 3 });
  node.pingSentMs = 5000;
  node.isPfail = true;
  expect(told()).toEqual({ ...before, pongReceivedSeconds: 3, pingSentSeconds: 5, flags: before.flags | 4 });
  node.ip = bytes('10.0.0.77');
  expect(told().ip).toBe('10.0.0.77');
});
