/** Where clients connect, as strangers write it: one way and no other, every wrong field named by its path. */
import { describe, expect, test } from 'vitest';
import { ScenarioError } from '../../../engine/core/errors.ts';
import { scenarios } from '../../../scenarios/index.ts';
import { client, sentinelClients } from '../../../scenarios/plan.ts';
import type { WorkloadSpec } from '../../../sim/scenario.ts';
import { validateScenario } from '../../../sim/validateScenario.ts';

type Json = Record<string, unknown>;

const validate = (workload: unknown): WorkloadSpec =>
  validateScenario(JSON.parse(JSON.stringify({ ...scenarios[0], workload })), 'x').workload;

const service = { name: 'mymain', sentinels: ['s1:26379', 's2:26379'] };
const followed = { ...service, listens: true };

/** A client that writes registers, without a way to its server. */
const work: Json = { name: 'C1', zone: 'a', kind: 'register', operationsPerSecond: 10, timeoutMs: 1000 };
const reads: Json = { ...work, name: 'R1', kind: 'reader' };

describe('locators of a scenario', () => {
  test.each<[string, Json]>([
    ['server', { server: 'redis:6379' }],
    ['server and password', { server: 'redis:6379', password: 'pass wörd' }],
    ['sentinel', { sentinel: followed }],
    ['sentinel with passwords', { sentinel: { ...followed, password: 'for sentinels' }, password: 'for nodes' }],
    ['sentinelOnce', { sentinelOnce: service }],
    ['cluster', { cluster: { nodes: ['n1:6379', 'n2:6379'] } }],
  ])('%s comes out as it went in, for clients and probes', (_what, locator) => {
    const workload = { clients: [{ ...work, ...locator }], probes: [{ name: 'P1', zone: 'a', ...locator }] };
    expect(validate(workload)).toEqual(workload);
  });

  test('readers with sentinels', () => {
    for (const readsFrom of ['primary', 'replicas']) {
      const clients = [{ ...work, server: 'a:1' }, { ...reads, sentinel: followed, readsFrom }];
      expect(validate({ clients, probes: [] }).clients).toEqual(clients);
    }
  });

  test.each<[string, Json, string]>([
    ['none', {}, 'server'],
    ['two ways', { server: 'a:1', sentinel: followed }, 'sentinel'],
    ['two other ways', { sentinel: followed, sentinelOnce: service }, 'sentinelOnce'],
    ['no place', { server: 'nowhere' }, 'server'],
    ['no list', { sentinel: { ...followed, sentinels: 's1:1' } }, 'sentinel.sentinels'],
    ['nobody to ask', { sentinel: { ...followed, sentinels: [] } }, 'sentinel.sentinels'],
    ['a sentinel that is no place', { sentinel: { ...followed, sentinels: ['s1:1', 's2'] } }, 'sentinel.sentinels[1]'],
    ['a sentinel given twice', { sentinelOnce: { ...service, sentinels: ['s1:1', 's2:1', 's1:1'] } }, 'sentinelOnce.sentinels[2]'],
    ['too many', { sentinelOnce: { ...service, sentinels: Array.from({ length: 17 }, (_, index) => `s${index}:1`) } }, 'sentinelOnce.sentinels'],
    ['no name', { sentinel: { sentinels: ['s1:1'], listens: true } }, 'sentinel.name'],
    ['a name with spaces', { sentinel: { ...followed, name: 'my main' } }, 'sentinel.name'],
    ['listens or not', { sentinel: service }, 'sentinel.listens'],
    ['who asks once does not listen', { sentinelOnce: followed }, 'sentinelOnce.listens'],
    ['a mistyped field', { sentinel: { ...followed, listen: true } }, 'sentinel.listen'],
    ['an empty password', { server: 'a:1', password: '' }, 'password'],
    ['a password that is no text', { sentinel: { ...followed, password: 7 } }, 'sentinel.password'],
    ['a writer that reads', { sentinel: followed, readsFrom: 'replicas' }, 'readsFrom'],
  ])('%s', (_what, locator, named) => {
    expect(() => validate({ clients: [{ ...work, ...locator }], probes: [] })).toThrow(ScenarioError);
    expect(() => validate({ clients: [{ ...work, ...locator }], probes: [] })).toThrow(`x: workload.clients[0].${named}: `);
  });

  test.each<[string, Json, string]>([
    ['replicas that nobody lists', { server: 'a:1', readsFrom: 'replicas' }, 'readsFrom'],
    ['replicas listed once', { sentinelOnce: service, readsFrom: 'replicas' }, 'readsFrom'],
    ['neither', { sentinel: followed, readsFrom: 'both' }, 'readsFrom'],
    ['servers beside sentinels', { sentinel: followed, servers: ['a:1'] }, 'servers'],
  ])('of a reader: %s', (_what, fields, named) => {
    expect(() => validate({ clients: [{ ...work, server: 'a:1' }, { ...reads, ...fields }], probes: [] }))
      .toThrow(`x: workload.clients[1].${named}: `);
  });

  test('a probe has one way too', () => {
    expect(() => validate({ clients: [], probes: [{ name: 'P1', zone: 'a', server: 'a:1', sentinelOnce: service }] }))
      .toThrow('x: workload.probes[0].sentinelOnce: ');
  });
});

describe('helpers of scripts', () => {
  test('three clients and a probe with sentinels', () => {
    const workload = sentinelClients('mymain', service.sentinels, { listens: true, password: 'nodes', sentinelPassword: 'sentinels' });
    expect(workload.clients.map(({ name, kind }) => [name, kind])).toEqual([['C1', 'setAdd'], ['C2', 'setAdd'], ['C3', 'register']]);
    for (const { sentinel, password } of [...workload.clients, ...workload.probes]) {
      expect({ sentinel, password }).toEqual({ sentinel: { ...followed, password: 'sentinels' }, password: 'nodes' });
    }
    expect(validate(workload)).toEqual(workload);
    const plain = sentinelClients('mymain', service.sentinels);
    expect(plain.clients[0]?.sentinel).toEqual({ ...service, listens: false });
    expect(validate(plain)).toEqual(plain);
  });

  test('one that reads from replicas, one that asks once', () => {
    expect(client('R1', 'reader', { sentinel: followed, readsFrom: 'replicas' })).toMatchObject({ readsFrom: 'replicas', timeoutMs: 1000 });
    expect(client('C1', 'setAdd', { sentinelOnce: service, timeoutMs: 5 })).toMatchObject({ sentinelOnce: service, timeoutMs: 5 });
  });
});
