/** Compose files with the official images: what their command and their mounted configuration come to. */
import { describe, expect, test } from 'vitest';
import { ScenarioError } from '../../../../engine/core/errors.ts';
import { importDeployment } from '../../../../sim/topology/importDeployment.ts';
import type { ProcessSpec, Topology } from '../../../../sim/topology/topology.ts';
import { validateTopology } from '../../../../sim/topology/validateTopology.ts';
import { refusalOf } from './refusalOf.ts';

type Files = Readonly<Record<string, string>>;

const readerOf = (files: Files) => (file: string): string => {
  const text = files[file];
  if (text === undefined) throw new ScenarioError(`${file}: no such file or directory`);
  return text;
};

const load = (text: string, files: Files = {}): Topology => importDeployment([{ file: 'c.yaml', text }], readerOf(files));

const messageOf = (text: string, files: Files = {}): string => refusalOf(() => load(text, files));

const one = (topology: Topology, name: string): ProcessSpec => {
  const found = topology.processes.find((process) => process.name === name);
  if (found === undefined) throw new Error(`no process ${name}`);
  return found;
};

const service = (lines: string): string => `services:\n  a:\n    image: redis:7.0\n${lines.replace(/^/gm, '    ')}\n`;

/** The image's own: protected mode is off in the program. */
const OPEN = ['protected-mode', 'no'];

describe('the official image', () => {
  test('alone: no configuration file, /data is a volume', () => {
    const topology = load(service('restart: unless-stopped'));
    expect(topology.processes).toEqual([{
      name: 'a', kind: 'redis', machine: 'a', port: 6379, aliases: [], directives: [OPEN], configFile: 'none', restart: 'unless-stopped',
      persistentData: true, origin: 'c.yaml: services.a',
    }]);
    expect(topology.notes).toEqual(['the engine is that of Redis 7.0.15, whatever the images say']);
    expect(validateTopology(JSON.parse(JSON.stringify(topology)), 'topology')).toEqual(topology);
  });

  test.each<[string, string, (readonly string[])[]]>([
    ['text', 'command: redis-server --appendonly yes --save "" --requirepass "a b"',
      [['appendonly', 'yes'], ['save', ''], ['requirepass', 'a b']]],
    ['a list', 'command: ["redis-server", "--appendonly", "yes", "--save", "60 1"]', [['appendonly', 'yes'], ['save', '60 1']]],
    ['options alone', 'command: --maxmemory-policy allkeys-lru --port 7000', [['maxmemory-policy', 'allkeys-lru'], ['port', '7000']]],
    ['a line folded', 'command: >\n  redis-server\n  --appendonly yes\n  --repl-diskless-sync no', [['appendonly', 'yes'], ['repl-diskless-sync', 'no']]],
    ['a shell', 'command: sh -c "sleep 2 && exec redis-server --appendonly yes"', [['appendonly', 'yes']]],
    ['a shell with a variable', "environment: { PASS: geheim }\ncommand: [sh, -c, 'redis-server --requirepass $$PASS']", [['requirepass', 'geheim']]],
    ['an entrypoint of its own', 'entrypoint: [redis-server]\ncommand: [--appendonly, yes]', [['appendonly', 'yes']]],
    ['arguments of several words', 'command: [redis-server, --appendonly no, --save, --requirepass "a b"]', [['appendonly', 'no'], ['save', ''], ['requirepass', 'a b']]],
    ['the old spellings', 'command: redis-server --slave-priority 10', [['replica-priority', '10']]],
  ])('a command as %s', (_what, lines, directives) => {
    expect(load(service(lines)).processes[0]?.directives).toEqual([OPEN, ...directives]);
  });

  test('a primary with a mounted file, replicas by their command, sentinels with files in a directory', () => {
    const topology = load(`
services:
  redis-main:
    image: docker.io/library/redis:7.2-alpine
    command: redis-server /usr/local/etc/redis/redis.conf --appendonly no
    volumes: ['./conf:/usr/local/etc/redis:ro', 'data:/data']
  redis-replica:
    image: redis:7.2
    command: redis-server --replicaof redis-main 6380 --masterauth geheim
    deploy: { replicas: 2 }
    tmpfs: /data
  sentinel:
    image: redis:7.2
    command: redis-sentinel /etc/redis/sentinel.conf
    volumes: ['./sentinel:/etc/redis']
volumes: { data: }
`, {
      'conf/redis.conf': 'port 6380\nrequirepass geheim\nappendonly yes\ninclude /usr/local/etc/redis/more.conf\n',
      'conf/more.conf': 'min-slaves-to-write 1\n',
      'sentinel/sentinel.conf': 'sentinel resolve-hostnames yes\nsentinel monitor main redis-main 6380 1\nsentinel auth-pass main geheim\nsentinel down-after-milliseconds main 3000\n',
    });
    expect(one(topology, 'redis-main')).toMatchObject({
      port: 6380, configFile: 'rewritten', persistentData: true,
      directives: [OPEN, ['port', '6380'], ['requirepass', 'geheim'], ['appendonly', 'yes'], ['min-replicas-to-write', '1'], ['appendonly', 'no']],
    });
    expect(one(topology, 'redis-replica-2')).toMatchObject({
      configFile: 'none', persistentData: false, directives: [OPEN, ['masterauth', 'geheim'], ['replicaof', 'redis-main', '6380']],
    });
    expect(one(topology, 'redis-replica-2').entrypoint).toBeUndefined();
    expect(one(topology, 'sentinel')).toMatchObject({ kind: 'sentinel', port: 26379, configFile: 'kept', persistentData: true });
    expect(topology.notes?.[1]).toMatch(/^Redis 7\.2 differs from it, and is not modelled: RDB version 11/);
  });

  test('a sentinel whose file is copied at each start, or mounted by itself, forgets', () => {
    const conf = { 's.conf': 'sentinel resolve-hostnames yes\nsentinel monitor main a 6379 1\n' };
    const withSentinel = (lines: string): string => `${service('')}  s:\n    image: redis\n${lines.replace(/^/gm, '    ')}\n`;
    const copied = load(withSentinel('command: sh -c "cp /mnt/s.conf /tmp/sentinel.conf && redis-server /tmp/sentinel.conf --sentinel"\nvolumes: ["./s.conf:/mnt/s.conf:ro"]'), conf);
    expect(one(copied, 's').configFile).toBe('rewritten');
    const single = load(withSentinel('command: redis-sentinel /s.conf\nvolumes: ["./s.conf:/s.conf"]'), conf);
    expect(one(single, 's').configFile).toBe('rewritten');
    expect(single.warnings).toEqual(["c.yaml:7: services.s.command: '/s.conf' is mounted as a single file, which cannot be replaced: at each start a sentinel forgets what it knew"]);
    expect(() => load(withSentinel('command: redis-sentinel /s.conf\nvolumes: ["./s.conf:/s.conf:ro"]'), conf))
      .toThrow(/^c\.yaml:7: services\.s\.command: '\/s\.conf' is mounted read-only, and a sentinel does not start/);
  });

  test('a configuration that stands in the file itself has its own lines', () => {
    const text = `${service('command: redis-server /redis.conf\nconfigs:\n  - source: mine\n    target: /redis.conf')}configs:\n  mine:\n    content: |\n      appendonly yes\n      tls-port 0\n`;
    const topology = load(text);
    expect(topology.processes[0]?.directives).toEqual([OPEN, ['appendonly', 'yes']]);
    expect(topology.warnings).toEqual(['c.yaml:12: tls-port: tls-port is left out: TLS is not modelled']);
    expect(messageOf(text.replace('tls-port 0', 'maxmemory lots'))).toBe(
      "c.yaml:12: maxmemory: 'maxmemory lots': argument must be a memory value");
  });

  test('valkey: its own programs, and the flags that its image reads', () => {
    const topology = load(`
services:
  a: { image: 'valkey/valkey:8.0', environment: { VALKEY_EXTRA_FLAGS: '--appendonly yes' } }
  b: { image: 'ghcr.io/valkey/valkey:8.1', command: valkey-server --replicaof a 6379 }
`);
    expect(topology.processes.map(({ directives }) => directives)).toEqual([
      [OPEN, ['appendonly', 'yes']], [OPEN, ['replicaof', 'a', '6379']]]);
    expect(topology.notes?.slice(1, 3).map((note) => note.split(' differs')[0])).toEqual(['Valkey 8.0', 'Valkey 8.1']);
  });

  test('a cluster that a service creates with redis-cli, at fixed addresses', () => {
    const nodes = [1, 2, 3, 4, 5, 6].map((number) => `
  n${number}:
    image: redis:7.0
    command: redis-server --cluster-enabled yes --cluster-node-timeout 5000
    networks: { net: { ipv4_address: 172.20.0.1${number} } }`).join('');
    const creator = `
  creator:
    image: redis:7.0
    depends_on: [n1]
    networks: { net: { ipv4_address: 172.20.0.99 } }
    command: redis-cli --cluster create ${[1, 2, 3, 4, 5, 6].map((number) => `172.20.0.1${number}:6379`).join(' ')} --cluster-replicas 1 --cluster-yes`;
    const networks = '\nnetworks: { net: { ipam: { config: [{ subnet: 172.20.0.0/16 }] } } }\n';
    const topology = load(`services:${nodes}${creator}${networks}`);
    expect(topology.cluster).toEqual({ create: ['n1', 'n2', 'n3', 'n4', 'n5', 'n6'], replicas: 1 });
    expect(topology.machines.map(({ address }) => address)).toEqual([1, 2, 3, 4, 5, 6].map((number) => `172.20.0.1${number}`));
    const byHand = load(`services:${nodes}${networks}`);
    expect(byHand.cluster).toEqual(topology.cluster);
    expect(byHand.warnings).toEqual(['c.yaml:2: services.n1: no service creates the cluster; taken to be created by hand, of all 6 nodes with 1 replicas for each primary']);
  });

  test('on the host: one machine, found at the loopback', () => {
    const topology = load(`
services:
  main: { image: redis, network_mode: host, command: redis-server --port 7001 }
  follower: { image: redis, network_mode: host, command: [redis-server, --port 7002, --slaveof, 127.0.0.1 7001] }
`);
    expect(topology.machines).toEqual([{ name: 'host', zone: 'zone-a', address: '10.0.0.1' }]);
    expect(one(topology, 'follower').directives).toContainEqual(['replicaof', '127.0.0.1', '7001']);
  });

  test.each<[string, string, Files, RegExp]>([
    ['an unknown directive', 'command: redis-server --apendonly yes', {},
      /^c\.yaml:4: services\.a\.command: 'apendonly yes': Bad directive or wrong number of arguments$/],
    ['a wrong value in a file', 'command: redis-server /r.conf\nvolumes: ["./r.conf:/r.conf"]', { 'r.conf': '# mine\nport 70000\n' },
      /^r\.conf:2: port: 'port 70000': argument must be between 0 and 65535 inclusive$/],
    ['a file that is nowhere', 'command: redis-server /r.conf', {}, /^c\.yaml:4: services\.a\.command: '\/r\.conf' is not in the image/],
    ['a file that cannot be read', 'command: redis-server /r.conf\nvolumes: ["./r.conf:/r.conf"]', {},
      /^c\.yaml:5: services\.a\.volumes: refers to a file that cannot be read: r\.conf: no such file or directory$/],
    ['an include in a circle', 'command: redis-server /r.conf\nvolumes: ["./r.conf:/r.conf"]', { 'r.conf': 'include /r.conf\n' },
      /^r\.conf:1: include: '\/r\.conf' includes itself$/],
    ['a shell that only a shell could follow', 'command: sh -c "redis-server $$(cat /flags)"', {}, /has a shell script that cannot be followed here/],
    ['a script', 'command: ["sh", "/start.sh"]', {}, /runs a script that is not in this file$/],
    ['no server at all', 'command: sleep infinity', {}, /'sleep infinity' does not start a server that this importer knows$/],
    ['a server in the background', 'command: redis-server --daemonize yes', {}, /is yes: the container ends as soon as/],
    ['TLS', 'command: redis-server --tls-port 6379 --port 0', {}, /TLS is not modelled: 'tls-port 6379'$/],
    ['modules', 'command: redis-server --loadmodule /m.so', {}, /modules are not modelled: 'loadmodule \/m\.so'$/],
    ['a sentinel without a file', 'command: redis-server --sentinel', {}, /a sentinel does not start without a configuration file$/],
    ['a primary that is nobody', 'command: redis-server --replicaof nobody 6379', {}, /'nobody' is no service of this file/],
    ['a primary that is itself', 'command: redis-server --replicaof a 6379', {}, /names the service itself$/],
    ['a primary at the loopback', 'command: redis-server --replicaof localhost 6379', {}, /'localhost' is the container itself$/],
  ])('refuses %s in one line', (_what, lines, files, message) => {
    expect(messageOf(service(lines), files)).toMatch(message);
  });

  test.each<[string, string, RegExp]>([
    ['a wrong password', '--requirepass x', /^c\.yaml:7: services\.b\.command: is missing, and a wants a password$/],
    ['the loopback alone', '--bind 127.0.0.1', /^c\.yaml:4: services\.a\.command: a listens on 127\.0\.0\.1 alone, and b could not connect to it$/],
    ['protected mode', '--protected-mode yes', /^c\.yaml:4: services\.a\.command: a is in protected mode without a password, and b could not connect to it$/],
    ['another port', '--port 7000', /^c\.yaml:7: services\.b\.command: says 6379, but a listens on 7000$/],
  ])('refuses %s between primary and replica', (_what, flags, message) => {
    expect(messageOf(`${service(`command: redis-server ${flags}`)}  b:\n    image: redis\n    command: redis-server --replicaof a 6379\n`)).toMatch(message);
  });
});
