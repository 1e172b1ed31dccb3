/** nodes.conf files: the same slots in the same hands, and one clear line for the rest. The first is what redis-server 7.0.15 wrote. */
import { describe, expect, test } from 'vitest';
import { ScenarioError } from '../../../../engine/core/errors.ts';
import { partsOf, rangeKeys } from '../../../../sim/topology/clusterSetup.ts';
import { importDeployment, noOtherFiles } from '../../../../sim/topology/importDeployment.ts';
import type { Topology } from '../../../../sim/topology/topology.ts';
import { validateTopology } from '../../../../sim/topology/validateTopology.ts';

const id = (letter: string): string => letter.repeat(40);

const NODES = [
  `${id('a')} 127.0.0.1:7001@17001 myself,master - 0 1711111111000 2 connected 0-5460 10000-10001`,
  `${id('b')} 127.0.0.1:7002@17002 master - 0 1711111111001 1 connected 5461-9999`,
  `${id('c')} 127.0.0.1:7003@17003,third.example master - 0 1711111111002 3 connected 10002-16383 [10002->-${id('a')}]`,
  `${id('d')} 127.0.0.1:7004@17004 slave ${id('b')} 0 1711111111003 1 connected`,
  `${id('e')} 127.0.0.1:7005@17005 slave,fail? ${id('b')} 0 1711111111003 1 connected`,
  `${id('f')} :0@0 noaddr,handshake - 0 0 0 disconnected`,
  'vars currentEpoch 3 lastVoteEpoch 0',
].join('\n');

const load = (...texts: readonly (readonly [string, string])[]): Topology =>
  importDeployment(texts.map(([file, text]) => ({ file, text })), noOtherFiles);

describe('a nodes.conf', () => {
  test('alone: slots and replicas as they are', () => {
    const topology = load(['nodes.conf', NODES]);
    expect(topology.processes.map(({ name, machine, port }) => `${name} ${machine} ${port}`)).toEqual([
      'localhost-7001 localhost 7001', 'localhost-7002 localhost 7002', 'third.example localhost 7003', 'localhost-7004 localhost 7004',
      'localhost-7005 localhost 7005']);
    expect(topology.cluster?.replicas).toBe(2);
    expect(partsOf(topology)).toEqual([
      { kind: 'primary', slots: [{ first: 0, last: 5460 }, { first: 10000, last: 10001 }] }, { kind: 'primary', slots: [{ first: 5461, last: 9999 }] },
      { kind: 'primary', slots: [{ first: 10002, last: 16383 }] }, { kind: 'replica', primary: 1 }, { kind: 'replica', primary: 1 }]);
    expect(rangeKeys(topology)).toHaveLength(3);
    expect(topology.warnings).toEqual([
      `nodes.conf:3: cccccccccccc: the slot [10002->-${id('a')}] was under way, and is not here`,
      'nodes.conf:5: eeeeeeeeeeee: was down (slave,fail?), and runs here', 'nodes.conf:6: ffffffffffff: is noaddr,handshake, and is left out']);
    expect(validateTopology(JSON.parse(JSON.stringify(topology)), 'topology')).toEqual(topology);
  });

  test('with one redis.conf for all, or one for each', () => {
    const shared = load(['nodes.conf', NODES], ['redis.conf', 'port 7001\ncluster-enabled yes\ncluster-announce-ip 1.2.3.4\nappendonly yes\n']);
    expect(shared.processes[3]?.directives).toEqual([['port', '7004'], ['appendonly', 'yes'], ['cluster-enabled', 'yes']]);
    const each = load(['nodes.conf', NODES], ...[1, 2, 3, 4, 5].map((node) => [`${node}.conf`, `port 700${node}\ncluster-enabled yes\nrepl-timeout ${node}0\n`] as const));
    expect(each.processes[4]?.directives).toEqual([['port', '7005'], ['repl-timeout', '50'], ['cluster-enabled', 'yes']]);
  });

  test.each<[string, (readonly [string, string])[], RegExp]>([
    ['a slot that is nobody\'s', [['n', NODES.replace(' 10000-10001', '')]], /^n:1: slots: the slot 10000 is nobody's/],
    ['a slot of two', [['n', NODES.replace('5461-9999', '5460-9999')]], /^n:2: bbbbbbbbbbbb: the slot 5460 is that of aaaaaaaaaaaa too$/],
    ['a replica of a replica', [['n', NODES.replace(`slave,fail? ${id('b')}`, `slave ${id('d')}`)]], /^n:5: eeeeeeeeeeee: follows dddddddddddd, which is no primary of this file$/],
    ['a line that is none', [['n', `${NODES}\nwhat is this\n`]], /^n:8: what: is not a line of a nodes\.conf$/],
    ['another bus port', [['n', NODES.replace('@17002', '@7102')]], /the bus port 7102 is not 7002 \+ 10000: not built yet$/],
    ['two clusters', [['n', NODES], ['m', NODES.replaceAll(id('d'), id('9'))]], /^m:4: 999999999999: is not in n: the two are not of one cluster$/],
    ['a redis.conf without a cluster', [['n', NODES], ['redis.conf', 'port 7001\n']], /^redis\.conf:1: cluster-enabled: is not yes, but n says/],
    ['a node twice', [['n', `${NODES}\n${NODES.split('\n')[0]}`]], /^n:8: aaaaaaaaaaaa: is listed twice$/],
  ])('refuses %s', (_what, files, message) => {
    let said: unknown;
    try {
      load(...files);
    } catch (error) {
      said = error;
    }
    expect(said).toBeInstanceOf(ScenarioError);
    expect((said as ScenarioError).message).toMatch(message);
  });
});
