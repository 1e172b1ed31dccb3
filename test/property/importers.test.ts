/**
 * Whatever a stranger's file holds, an importer gives a topology that a saved run can hold, or a `ScenarioError` of one line; and
 * the same text gives the same topology.
 */
import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { ScenarioError } from '../../engine/core/errors.ts';
import { type DeploymentFile, importDeployment, noOtherFiles } from '../../sim/topology/importDeployment.ts';
import { applyPlacement } from '../../sim/topology/placement.ts';
import type { Topology } from '../../sim/topology/topology.ts';
import { validateTopology } from '../../sim/topology/validateTopology.ts';

const COMPOSE = `services:
  main:
    image: redis:7.2
    command: redis-server /etc/redis.conf --appendonly yes
    volumes: ['./redis.conf:/etc/redis.conf:ro']
  replica: { image: valkey/valkey:8, command: sh -c "sleep 1 && valkey-server --replicaof main 6379", deploy: { replicas: 2 } }
  sentinel: { image: redis, command: redis-sentinel /s.conf, volumes: ['./s.conf:/s.conf'], labels: { faultline.zone: b } }
  bitnami: { extends: base, environment: [REDIS_REPLICATION_MODE=slave, REDIS_MASTER_HOST=main] }
  base: { image: bitnami/redis:7.0, profiles: [p], env_file: a.env }
`;
const CONFS = [
  'bind 10.0.0.1 127.0.0.1\nport 6379\nrequirepass geheim\nsave 60 1\n',
  'bind 10.0.0.2\nslaveof 10.0.0.1 6379\nmasterauth geheim\nrename-command CONFIG ""\n',
  'sentinel monitor main 10.0.0.1 6379 2\nsentinel auth-pass main geheim\nsentinel down-after-milliseconds main 5000\n',
];
const NODES = ['a', 'b', 'c', 'd'].map((letter, index) => `${letter.repeat(40)} 10.0.0.${index + 1}:6379@16379 ${
  index === 3 ? `slave ${'a'.repeat(40)}` : 'master -'} 0 0 ${index} connected ${['0-5000', '5001-9999', '10000-16383', ''][index]}`).join('\n');
const VALUES = 'shards:\n  image: { repository: bitnami/redis-cluster }\n  cluster:\n    nodes: 6\n    replicas: 1\n  redis:\n    configmap: |\n      save ""\n      appendfsync no\n';
const PLACE = 'machines:\n  m1: [n0, n1]\n  m2: n2\nzones:\n  z1: [m1, m2]\n';

const BESIDE: Readonly<Record<string, string>> = { 'redis.conf': CONFS[0] ?? '', 's.conf': 'sentinel resolve-hostnames yes\nsentinel monitor m main 6379 1\n', 'a.env': 'ALLOW_EMPTY_PASSWORD=yes\n' };

/** One line of the text with something else in a place of it, taken out, or twice. */
const changed = (text: string): fc.Arbitrary<string> => {
  const lines = text.split('\n');
  const piece = fc.oneof(fc.constantFrom('', ' ', '"', "'", ':', '{', '\t', '\n', '-1', '0', '99999999999', 'yes', '127.0.0.1', '*', '${X}', '&a', '%', 'x'.repeat(500), '\u0007', 'ü'), fc.string());
  return fc.tuple(fc.nat(lines.length - 1), fc.nat(60), fc.nat(20), piece).map(([line, at, length, word]) => lines.map((one, index) => (
    index === line ? one.slice(0, at) + word + one.slice(at + length) : one)).join('\n'));
};

const importOrRefuse = (files: readonly DeploymentFile[], place: string | null = null): Topology | string => {
  try {
    const topology = importDeployment(files, (file) => BESIDE[file] ?? noOtherFiles(file));
    return place === null ? topology : applyPlacement(topology, place, 'p.yaml');
  } catch (error) {
    expect(error).toBeInstanceOf(ScenarioError);
    expect((error as ScenarioError).message).not.toMatch(/[\n\r]/);
    expect((error as ScenarioError).message.length).toBeLessThan(400);
    return (error as ScenarioError).message;
  }
};

const holds = (files: readonly DeploymentFile[], place: string | null = null): void => {
  const once = importOrRefuse(files, place);
  expect(importOrRefuse(files, place)).toEqual(once);
  if (typeof once !== 'string') expect(validateTopology(JSON.parse(JSON.stringify(once)), 'topology')).toEqual(once);
};

const RUNS = 150;

describe('whatever the text, a topology that a saved run can hold or a ScenarioError of one line', () => {
  test('the texts themselves import', () => {
    for (const files of [[{ file: 'c.yaml', text: COMPOSE.replace('    command: redis-server /etc/redis.conf --appendonly yes\n', '').replace(/ {2}(?:sentinel|bitnami).*\n/g, '') }],
      [{ file: 'nodes.conf', text: NODES }], [{ file: 'v.yaml', text: VALUES }]]) expect(importOrRefuse(files)).toBeTypeOf('object');
  });

  test('Docker Compose', () => fc.assert(fc.property(changed(COMPOSE), (text) => holds([{ file: 'c.yaml', text }])), { numRuns: RUNS }));

  test('redis.conf and sentinel.conf', () => fc.assert(fc.property(fc.nat(2), fc.nat(2).chain((which) => fc.tuple(fc.constant(which), changed(CONFS[which] ?? ''))),
    (_, [which, text]) => holds(CONFS.map((conf, index) => ({ file: `${index}.conf`, text: index === which ? text : conf })))), { numRuns: RUNS }));

  test('nodes.conf', () => fc.assert(fc.property(changed(NODES), (text) => holds([{ file: 'nodes.conf', text }])), { numRuns: RUNS }));

  test('Helm values', () => fc.assert(fc.property(changed(VALUES), (text) => holds([{ file: 'v.yaml', text }])), { numRuns: RUNS }));

  test('a placement', () => fc.assert(fc.property(changed(PLACE), (text) => holds([
    { file: 'n0.conf', text: 'port 7000\n' }, { file: 'n1.conf', text: 'port 7001\nreplicaof 127.0.0.1 7000\n' }, { file: 'n2.conf', text: 'port 7002\n' }], text)), { numRuns: RUNS }));
});
