import { describe, expect, test } from 'vitest';
import { type CellOutcome, runCheckCell } from '../../../../scenarios/check/cellRun.ts';
import { type Suspect, findingOf, suspectsOf } from '../../../../scenarios/check/findings/findingRules.ts';
import { importDeployment } from '../../../../sim/topology/importDeployment.ts';
import type { Topology } from '../../../../sim/topology/topology.ts';

const noOtherFiles = (file: string): string => {
  throw new Error(`asked for ${file}`);
};

const load = (...texts: readonly string[]): Topology =>
  importDeployment(texts.map((text, index) => ({ file: text.includes(': ') ? `d${index}.yaml` : `d${index}.conf`, text })), noOtherFiles);

const suspect = (topology: Topology, id: string): Suspect => {
  const found = suspectsOf(topology).find((one) => one.id === id);
  if (found === undefined) throw new Error(`${id} is not suspected, but ${suspectsOf(topology).map((one) => one.id).join(', ')}`);
  return found;
};

const ids = (topology: Topology): readonly string[] => suspectsOf(topology).map(({ id }) => id);

describe('findings', () => {
  test('an emptied primary is one however long the failure stands', () => {
    const topology = load('sentinel: { enabled: true }\nauth: { password: secret }\nreplica: { persistence: { enabled: false } }\n');
    const volume = suspect(topology, 'no-volume');
    const outcome = runCheckCell(volume.proof.scenario, 1);
    expect(outcome.before.lost).toBe(outcome.before.acknowledged);
    // A fifth of all writes is not reached: clients went on for long.
    expect(outcome.lost / outcome.acknowledged).toBeLessThan(0.2);
    expect(findingOf(volume, [outcome])?.proof.evidence).toMatch(/^(\d+) of the \1 writes of the 20 s before it lost$/);
    const none: CellOutcome = { ...outcome, before: { acknowledged: 600, lost: 3 } };
    expect(findingOf(volume, [none])).toBeNull();
  });

  test('of several primaries the one is looked at that sentinels watch', () => {
    const service = (name: string, command: string): string => `  ${name}:\n    image: redis:7.0\n    command: redis-server --save "" ${command}\n    restart: always\n`;
    const topology = load(`services:\n${service('cache', '')}${service('queue', '')}${service('copy', '--replicaof queue 6379')}`
      + '  watch:\n    image: bitnami/redis-sentinel:7.0\n    environment: [REDIS_MASTER_HOST=queue]\n    deploy: { replicas: 3 }\n');
    expect(suspect(topology, 'restarts-empty').suspicion.where).toEqual(['d0.yaml: services.queue']);
    expect(ids(topology)).not.toContain('single-node');
    expect(suspect(topology, 'empty-password').suspicion.where).toHaveLength(3);
  });

  test('what files cannot say is said to whoever can do it', () => {
    const topology = load('port 6379\nsave 60 1\n');
    const single = suspect(topology, 'single-node');
    const down = { ...runCheckCell(single.proof.scenario, 1) };
    expect(findingOf(single, [down])?.advice).toContain('two replicas, and three sentinels');
  });

  test('a server that takes snapshots is not said to come back empty', () => {
    const text = (save: string): string => `services:\n  cache:\n    image: redis:7.0\n    command: redis-server ${save}\n    restart: always\n`;
    const says = (save: string): string => suspect(load(text(save)), 'restarts-empty').suspicion.says;
    expect(says('')).toMatch(/comes back with its last snapshot, which may be old, or none$/);
    expect(says('--save 60 1')).toContain('snapshot');
    expect(says('--save ""')).toMatch(/comes back empty$/);
  });

  test('a deployment may have the addresses that clients would get', () => {
    const topology = load('bind 10.1.0.1\nport 6379\nprotected-mode no\n', 'bind 10.1.0.3\nprotected-mode no\nport 6379\nreplicaof 10.1.0.1 6379\n');
    expect(topology.machines.map(({ address }) => address)).toEqual(['10.1.0.1', '10.1.0.3']);
    expect(runCheckCell(suspect(topology, 'no-sentinels').proof.scenario, 1).problems).toEqual([]);
  });
});
