/** Topologies from strangers: what the two kinds of processes may say, and one line for everything else. */
import { describe, expect, test } from 'vitest';
import { ScenarioError } from '../../../../engine/core/errors.ts';
import { sentinelTopology } from '../../../../scenarios/topologies.ts';
import type { ProcessSpec } from '../../../../sim/topology/topology.ts';
import { configFileOf, directiveOf, passwordOf } from '../../../../sim/topology/topology.ts';
import { validateTopology } from '../../../../sim/topology/validateTopology.ts';

const ask = {
  primaryName: 'mymain', sentinels: ['s1:26379'], password: null, tries: 2, pauseMs: 5000, otherwise: 'exit',
};
const redis = {
  name: 'n1', kind: 'redis', machine: 'n1', port: 6379, aliases: [], directives: [['save', '']], restart: 'no',
  persistentData: true, origin: 'here',
};
const sentinel = {
  ...redis, name: 's1', kind: 'sentinel', port: 26379, configFile: 'kept',
  directives: [['sentinel', 'monitor', 'mymain', '10.0.0.1', '6379', '2']],
  entrypoint: { ask, waitForPrimaryMs: 0 },
};

const topology = (...processes: readonly unknown[]): unknown => ({
  name: 't', machines: [{ name: 'n1', zone: 'a', address: '10.0.0.1' }], processes, warnings: [],
});

describe('validateTopology', () => {
  test('takes data nodes and sentinels, with every field and with the fewest', () => {
    expect(validateTopology(topology(redis, sentinel), 'topology')).toEqual(topology(redis, sentinel));
    for (const configFile of ['none', 'rewritten', 'set', 'kept']) {
      const given = topology({ ...redis, configFile }, { ...sentinel, entrypoint: { ask: null, waitForPrimaryMs: 30_000 } });
      expect(validateTopology(given, 'topology')).toEqual(given);
    }
  });

  test('takes what the helpers build, after a way through JSON', () => {
    const built = sentinelTopology({ replicas: 4, sentinels: 5, quorum: 3, placement: 'beside' });
    expect(validateTopology(JSON.parse(JSON.stringify(built)), 'topology')).toEqual(built);
  });

  test.each<[string, unknown, RegExp]>([
    ['another kind', { ...redis, kind: 'cluster' }, /^t\.processes\[0\]\.kind: must be one of: redis, sentinel$/],
    ['another way with the file', { ...redis, configFile: 'anew' }, /configFile: must be one of: none, rewritten, set, kept$/],
    ['a sentinel without a file', { ...sentinel, configFile: 'none' }, /configFile: must not be none: a sentinel does not start/],
    ['sentinel lines for a data node', { ...sentinel, kind: 'redis' }, /directives: has 'sentinel' lines, but the kind is redis$/],
    ['an empty line', { ...redis, directives: [[]] }, /directives: must not hold an empty line$/],
    ['characters of more than a byte', { ...redis, directives: [['requirepass', '€']] }, /directives: must be of one-byte characters$/],
    ['too many lines', { ...redis, directives: Array.from({ length: 513 }, () => ['a']) }, /directives: must have at most 512 entries$/],
    ['an entrypoint that is text', { ...redis, entrypoint: 'run.sh' }, /entrypoint: must be an object$/],
    ['an unknown field of it', { ...redis, entrypoint: { ask: null, waitForPrimaryMs: 0, x: 1 } }, /entrypoint\.x: is not known here/],
    ['no word about asking', { ...redis, entrypoint: { waitForPrimaryMs: 0 } }, /entrypoint\.ask: must be an object$/],
    ['an endless wait', { ...redis, entrypoint: { ask: null, waitForPrimaryMs: 3_600_001 } }, /waitForPrimaryMs: must be a whole number/],
    ['nobody to ask', { ...redis, entrypoint: { ask: { ...ask, sentinels: [] }, waitForPrimaryMs: 0 } }, /ask\.sentinels: must not be empty$/],
    ['a sentinel without a port', { ...redis, entrypoint: { ask: { ...ask, sentinels: ['s1'] }, waitForPrimaryMs: 0 } },
      /ask\.sentinels: 's1' is not a server \(host:port\)$/],
    ['a sentinel at no port', { ...redis, entrypoint: { ask: { ...ask, sentinels: ['s1:65536'] }, waitForPrimaryMs: 0 } },
      /'s1:65536' is not a server/],
    ['a password that is a number', { ...redis, entrypoint: { ask: { ...ask, password: 1 }, waitForPrimaryMs: 0 } },
      /ask\.password: must be text$/],
    ['endless asking', { ...redis, entrypoint: { ask: { ...ask, tries: 0 }, waitForPrimaryMs: 0 } }, /ask\.tries: must be a whole number/],
    ['another way out', { ...redis, entrypoint: { ask: { ...ask, otherwise: 'wait' }, waitForPrimaryMs: 0 } },
      /ask\.otherwise: must be one of: exit, primary$/],
  ])('refuses %s', (_name, process, message) => {
    let said: unknown;
    try {
      validateTopology(topology(process), 't');
    } catch (error) {
      said = error;
    }
    expect(said).toBeInstanceOf(ScenarioError);
    expect((said as ScenarioError).message).toMatch(message);
  });
});

describe('what a process spec says', () => {
  const spec = (directives: ProcessSpec['directives'], kind: ProcessSpec['kind'] = 'redis'): ProcessSpec =>
    ({ ...redis, restart: 'no', kind, directives });

  test('of its configuration file: none for a data node, kept for a sentinel, unless it says otherwise', () => {
    expect(configFileOf(spec([]))).toBe('none');
    expect(configFileOf(spec([], 'sentinel'))).toBe('kept');
    expect(configFileOf({ ...spec([]), configFile: 'set' })).toBe('set');
  });

  test('of a directive: the last one counts', () => {
    expect(directiveOf(spec([['port', '1'], ['port', '2']]), 'port')).toEqual(['2']);
    expect(directiveOf(spec([]), 'port')).toBeNull();
  });

  test('of its password: an empty one is none', () => {
    expect(passwordOf(spec([['requirepass', 'a']]))).toBe('a');
    expect(passwordOf(spec([['requirepass', '']]))).toBeNull();
    expect(passwordOf(spec([]))).toBeNull();
  });
});
