/** redis.conf and sentinel.conf files that together make a deployment, and what keeps them from it. */
import { describe, expect, test } from 'vitest';
import { importDeployment, noOtherFiles } from '../../../../sim/topology/importDeployment.ts';
import { sentinelServices } from '../../../../sim/topology/sentinelService.ts';
import type { Topology } from '../../../../sim/topology/topology.ts';
import { validateTopology } from '../../../../sim/topology/validateTopology.ts';
import { refusalOf } from './refusalOf.ts';

type Files = Readonly<Record<string, string>>;

const load = (files: Files, others: Files = {}): Topology => importDeployment(
  Object.entries(files).map(([file, text]) => ({ file, text })), (name) => others[name] ?? noOtherFiles(name));

const messageOf = (files: Files): string => refusalOf(() => load(files));

const places = ({ processes, machines }: Topology): readonly string[] => processes.map(({ name, machine, port }) =>
  `${name} ${machine} ${machines.find((one) => one.name === machine)?.address}:${port}`);

describe('configuration files that belong together', () => {
  test('three servers and three sentinels that say where they are', () => {
    const server = (address: string, more = ''): string => `bind ${address} 127.0.0.1\nrequirepass geheim\nmasterauth geheim\nappendonly yes\n${more}`;
    const sentinel = (address: string): string =>
      `bind ${address}\nsentinel monitor mymain 192.168.1.10 6379 2\nsentinel auth-pass mymain geheim\nsentinel known-replica mymain 192.168.1.11 6379\nsentinel known-sentinel mymain 192.168.1.77 26379 ${'a'.repeat(40)}\n`;
    const topology = load({
      'node1/redis.conf': server('192.168.1.10'), 'node2/redis.conf': server('192.168.1.11', 'slaveof 192.168.1.10 6379\n'),
      'node3/redis.conf': server('192.168.1.12', 'replicaof 192.168.1.10 6379\n'),
      'node1/sentinel.conf': sentinel('192.168.1.10'), 'node2/sentinel.conf': sentinel('192.168.1.11'), 'node3/sentinel.conf': sentinel('192.168.1.12'),
    });
    expect(places(topology)).toEqual([
      'node1 192.168.1.10 192.168.1.10:6379', 'node2 192.168.1.11 192.168.1.11:6379', 'node3 192.168.1.12 192.168.1.12:6379',
      'node1-sentinel 192.168.1.10 192.168.1.10:26379', 'node2-sentinel 192.168.1.11 192.168.1.11:26379', 'node3-sentinel 192.168.1.12 192.168.1.12:26379',
    ]);
    expect(topology.processes[1]?.directives).toContainEqual(['replicaof', '192.168.1.10', '6379']);
    expect(topology.processes[3]?.directives.some((words) => words[1] === 'known-replica')).toBe(true);
    expect(topology.processes[3]?.directives.some((words) => words[1] === 'known-sentinel')).toBe(false);
    expect(topology.warnings).toEqual([1, 2, 3].map((node) =>
      `node${node}/sentinel.conf:5: sentinel: 192.168.1.77:26379 is none of the given files, and is left out`));
    expect(sentinelServices(topology).map(({ name, sentinels }) => [name, sentinels.length])).toEqual([['mymain', 3]]);
    expect(validateTopology(JSON.parse(JSON.stringify(topology)), 'topology')).toEqual(topology);
  });

  test('all at the loopback: one machine', () => {
    const topology = load({
      'redis.conf': '# nothing\n', 'replica1.conf': 'port 6380\nbind 127.0.0.1 -::1\nreplicaof 127.0.0.1 6379\n',
      'sentinel1.conf': 'port 26379\nsentinel monitor mymain localhost 6379 1\nsentinel resolve-hostnames yes\n',
    });
    expect(places(topology)).toEqual(['redis localhost 10.0.0.1:6379', 'replica1 localhost 10.0.0.1:6380', 'sentinel1 localhost 10.0.0.1:26379']);
    expect(topology.processes[1]?.directives).toEqual([['port', '6380'], ['replicaof', '10.0.0.1', '6379']]);
    expect(topology.notes).toContain('all servers are on one machine, as their addresses say; 127.0.0.1 stands for it');
  });

  test('an address that no file says is taken for the only one that can be meant', () => {
    const topology = load({
      'redis.conf': 'protected-mode no\n', 'replica.conf': 'replicaof 10.1.2.3 6379\nprotected-mode no\n', 'sentinel.conf': 'sentinel monitor m 10.1.2.3 6379 1\n',
    });
    expect(places(topology)).toEqual(['redis redis 10.1.2.3:6379', 'replica replica 10.0.0.1:6379', 'sentinel sentinel 10.0.0.2:26379']);
    expect(topology.warnings).toEqual(['replica.conf:1: replicaof: 10.1.2.3:6379 is taken to be redis (redis.conf), which does not say where it is']);
    const named = load({ 'a.conf': 'protected-mode no\n', 'b.conf': 'port 7000\nreplicaof cache.example 6379\n' });
    expect(named.processes[0]?.aliases).toEqual(['cache.example']);
  });

  test('include is followed, what is not modelled is left out with a warning', () => {
    const topology = load({ 'redis.conf': 'include common.conf\nport 6379\nunixsocket /tmp/s\ntls-cert-file x\n' }, { 'common.conf': 'appendonly yes\nuser bob on nopass ~* +@all\n' });
    expect(topology.processes[0]?.directives).toEqual([
      ['appendonly', 'yes'], ['user', 'bob', 'on', 'nopass', '~*', '+@all'], ['port', '6379'], ['unixsocket', '/tmp/s'],
    ]);
    expect(topology.warnings).toEqual([
      'redis.conf:4: tls-cert-file: tls-cert-file is left out: TLS is not modelled',
    ]);
  });

  test('a file of users is read where it is named', () => {
    const topology = load({ 'redis.conf': 'aclfile users.acl\nport 6379\n' }, { 'users.acl': 'user default on >x ~* &* +@all\nuser bob on +get\n' });
    expect(topology.processes[0]?.directives).toEqual([
      ['user', 'default', 'on', '>x', '~*', '&*', '+@all'], ['user', 'bob', 'on', '+get'], ['port', '6379'],
    ]);
    expect(() => load({ 'redis.conf': 'aclfile users.acl\n' })).toThrow("redis.conf:1: aclfile: 'users.acl' cannot be found");
  });

  test('nodes of a cluster without a nodes.conf', () => {
    const files = Object.fromEntries([1, 2, 3, 4, 5, 6].map((node) => [`n${node}.conf`, `bind 10.0.1.${node}\ncluster-enabled yes\nprotected-mode no\n`]));
    const topology = load(files);
    expect(topology.cluster).toEqual({ create: ['n1', 'n2', 'n3', 'n4', 'n5', 'n6'], replicas: 1 });
    expect(messageOf({ 'n1.conf': 'cluster-enabled yes\n' })).toMatch(/^n1\.conf:1: cluster-enabled: a cluster needs 3 primaries, and there are 1 nodes; a nodes\.conf says/);
  });

  test.each<[string, Files, RegExp]>([
    ['an unknown directive', { 'a.conf': '\nport 1\nfrobnicate yes\n' }, /^a\.conf:3: frobnicate: 'frobnicate yes': Bad directive or wrong number of arguments$/],
    ['unbalanced quotes', { 'a.conf': 'requirepass "x\n' }, /^a\.conf:1: 'requirepass "x': Unbalanced quotes in configuration line$/],
    ["a sentinel's line in a server", { 'a.conf': 'sentinel monitor m 10.0.0.1 6379 2\nappendonly yes\nsentinel frob m 1\n' },
      /^a\.conf:3: sentinel: 'sentinel frob m 1': Unrecognized sentinel configuration statement\.$/],
    ['a primary that is nobody', { 'a.conf': 'replicaof 10.0.0.9 7000\n' }, /^a\.conf:1: replicaof: 10\.0\.0\.9:7000 is none of the given files \(a on port 6379\)$/],
    ['a primary that is itself', { 'a.conf': 'bind 10.0.0.9\nreplicaof 10.0.0.9 6379\n' }, /^a\.conf:2: replicaof: 10\.0\.0\.9:6379 is the server itself$/],
    ['several that may be meant', { 'a.conf': '', 'b.conf': '', 'c.conf': 'port 7000\nreplicaof 10.0.0.9 6379\n' },
      /^c\.conf:2: replicaof: 10\.0\.0\.9:6379 may be a or b: give them bind or replica-announce-ip$/],
    ['a circle', { 'a.conf': 'bind 10.0.0.1\nprotected-mode no\nreplicaof 10.0.0.2 6379\n', 'b.conf': 'bind 10.0.0.2\nprotected-mode no\nreplicaof 10.0.0.1 6379\n' },
      /^a\.conf:3: replicaof: leads in a circle, to no primary$/],
    ['no password', { 'a.conf': 'requirepass x\n', 'b.conf': 'port 7000\nreplicaof 127.0.0.1 6379\n' }, /^b\.conf:2: replicaof: a\.conf wants a password, and no line says masterauth$/],
    ['a wrong password', { 'a.conf': 'requirepass x\n', 's.conf': 'sentinel monitor m 127.0.0.1 6379 1\nsentinel auth-pass m y\n' },
      /^s\.conf:2: sentinel: is not the password of a\.conf$/],
    ['protected mode', { 'a.conf': 'bind 10.0.0.1\n', 'b.conf': 'bind 10.0.0.2\nreplicaof 10.0.0.1 6379\n' },
      /^a\.conf:1: protected-mode: is on by default, and there is no password: it refuses whoever does not come over the loopback, b\.conf among them$/],
    ['the loopback alone', { 'a.conf': 'bind 127.0.0.1\nprotected-mode no\n', 'b.conf': 'bind 10.0.0.2\nreplicaof 10.0.0.1 6379\n' },
      /^a\.conf:1: bind: listens on the loopback alone, and b\.conf is on another machine$/],
    ['one port twice', { 'a.conf': 'bind 10.0.0.1\nport 7000\n', 'b.conf': 'port 7000\nbind 10.0.0.1\n' }, /^b\.conf:1: port: 7000 is the port of a\.conf too, on the same machine$/],
    ['a sentinel that watches a sentinel', { 's.conf': 'bind 10.0.0.9\nsentinel monitor m 10.0.0.8 6379 1\n', 't.conf': 'sentinel monitor n 10.0.0.9 26379 1\n', 'a.conf': 'bind 10.0.0.8\nprotected-mode no\n' },
      /^t\.conf:1: sentinel: 10\.0\.0\.9:26379 is s\.conf, a sentinel, which has no data$/],
    ['sentinels of one ID', {
      'a.conf': '', 's.conf': `sentinel myid ${'b'.repeat(40)}\nsentinel monitor m 127.0.0.1 6379 1\n`,
      't.conf': `port 26380\nsentinel myid ${'b'.repeat(40)}\nsentinel monitor m 127.0.0.1 6379 1\n`,
    }, /^t\.conf:2: sentinel: is the ID of s\.conf too: they would pass for one sentinel$/],
    ['a sentinel that knows no names', { 's.conf': 'sentinel monitor m cache 6379 1\n', 'cache.conf': '' }, /^s\.conf:1: sentinel: 'sentinel monitor m cache 6379 1': Can't resolve instance hostname\.$/],
    ['a huge file', { 'a.conf': '#'.repeat(1_048_577) }, /^a\.conf:1: file: larger than 1048576 characters$/],
  ])('refuses %s', (_what, files, message) => {
    expect(messageOf(files)).toMatch(message);
  });

  test('two servers that would write the same file are told', () => {
    const { warnings } = load({ 'a.conf': 'dir /var/lib/redis\n', 'b.conf': 'port 7000\ndir /var/lib/redis/\nreplicaof 127.0.0.1 6379\n' });
    expect(warnings).toEqual(['b.conf:2: dir: /var/lib/redis/dump.rdb is that of a.conf too, on the same machine; each has its own here']);
  });

  test('a quorum that is never reached is a warning', () => {
    const { warnings } = load({ 'a.conf': '', 's.conf': 'sentinel monitor m 127.0.0.1 6379 2\n' });
    expect(warnings).toEqual(['s.conf:1: sentinel: the quorum is 2, but 1 sentinel watches m: they can never agree that it is down']);
  });
});
