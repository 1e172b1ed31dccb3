/** nodes.conf: what is written is read back; a damaged file is refused by name and line, never with another error. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Bytes } from '../../../../engine/core/bytes.ts';
import { ConfigError } from '../../../../engine/core/errors.ts';
import { ClusterState } from '../../../../engine/cluster/clusterState.ts';
import { loadNodesConf, nodesConfText, ownName } from '../../../../engine/cluster/nodesConf.ts';
import { FakeClusterServices } from '../../../support/fakeClusterServices.ts';

const FILE = 'nodes.conf';
const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const C = 'c'.repeat(40);

/** As redis-server 7.0.15 wrote it, with a slot on its way out and one on its way in. */
const TEXT = [
  `${A} 127.0.0.1:7000@17000 myself,master - 0 0 3 connected 0-5460 5462 [77->-${B}] [5461-<-${B}]`,
  `${B} 127.0.0.1:7001@17001,host-b master - 0 1700000000000 2 connected 5461 5463-16383`,
  `${C} 127.0.0.1:7002@17002 slave,fail ${B} 0 1700000000000 2 disconnected`,
  'vars currentEpoch 5 lastVoteEpoch 4',
  '',
].join('\n') as Bytes;

const load = (text: Bytes): ClusterState => {
  const services = new FakeClusterServices();
  const state = new ClusterState(services, ownName(text, FILE));
  loadNodesConf(state, text, FILE);
  return state;
};

describe('nodes.conf', () => {
  test('is read: nodes, roles, slots, slots on their way, epochs', () => {
    const state = load(TEXT);
    expect(state.myself.name).toBe(A);
    expect(state).toMatchObject({ currentEpoch: 5, lastVoteEpoch: 4 });
    expect(state.nodes.size).toBe(3);
    expect(state.myself.slots.count).toBe(5462);
    expect(state.nodes.get(B as Bytes)).toMatchObject({ hostname: 'host-b', port: 7001, busPort: 17_001, configEpoch: 2 });
    expect(state.nodes.get(C as Bytes)?.primary?.name).toBe(B);
    expect(state.migratingTo.get(77)?.name).toBe(B);
    expect(state.importingFrom.get(5461)?.name).toBe(B);
  });

  test('what is written is read back to the same', () => {
    const written = nodesConfText(load(TEXT));
    expect(nodesConfText(load(written)).replace(/ [0-9]{13,} /g, ' T ')).toBe(written.replace(/ [0-9]{13,} /g, ' T '));
  });

  test('a damaged one is refused by its line, whatever byte was changed or wherever it ends', () => {
    fc.assert(fc.property(fc.nat(TEXT.length - 1), fc.nat(255), fc.boolean(), (at, code, isCut) => {
      const text = (isCut ? TEXT.slice(0, at) : TEXT.slice(0, at) + String.fromCharCode(code) + TEXT.slice(at + 1)) as Bytes;
      try {
        load(text);
      } catch (failure) {
        expect(failure).toBeInstanceOf(ConfigError);
      }
    }), { numRuns: 1000 });
  });

  test('the message names line and word', () => {
    expect(() => load(TEXT.replace('5463-16383', '5463-16384') as Bytes)).toThrow(/line 2 of nodes\.conf.*there is no slot 16384/);
    expect(() => load(TEXT.replace('slave,fail', 'slave,lazy') as Bytes)).toThrow(/line 3 of nodes\.conf.*unknown flag 'lazy'/);
    expect(() => load(TEXT.replace('currentEpoch 5', 'currentEpoch five') as Bytes)).toThrow(/line 4 of nodes\.conf.*'five' is no number/);
    expect(() => load(TEXT.slice(0, -5) as Bytes)).toThrow(/the last line is cut off/);
    expect(() => load(TEXT.replace('myself,', '') as Bytes)).toThrow(/nodes\.conf: nobody is called myself/);
  });
});
