/** Containers and machines that are replaced or moved, and processes that an operator stops. */
import { describe, expect, test } from 'vitest';
import { appendOnly, primaryWithReplicas } from '../../../../scenarios/persistence/deployment.ts';
import type { Topology } from '../../../../sim/index.ts';
import { END_MS, STRIKE_MS, completed, runFault } from './faultWorld.ts';

const volumes = (persistentData: boolean): Topology => {
  const topology = primaryWithReplicas(appendOnly('always'));
  return { ...topology, processes: topology.processes.map((process) => ({ ...process, persistentData })) };
};

describe('recreate', () => {
  const entry = { do: 'recreate', target: 'redis-main', forMs: 2000 };

  test('on a volume the data are there again', () => {
    const { report, strike } = runFault(entry, volumes(true));
    expect(strike.outcome).toBe('container replaced, its data are on a volume');
    expect(report.ledger.lost).toBe(0);
  });

  test('without one they are gone, and the replicas are emptied', () => {
    const run = runFault(entry, volumes(false));
    expect(run.strike.outcome).toBe('container replaced, its data are gone');
    // Three clients write ten times a second.
    expect(run.report.ledger.lost).toBeGreaterThan(50);
    expect(run.report.ledger.bugs).toBe(0);
  });

  test('it starts when the fault ends, not when its restart policy would', () => {
    const run = runFault(entry, volumes(true));
    expect(run.between(STRIKE_MS, END_MS, 'start').map(({ at, node }) => `${at / 1000} ${node}`)).toEqual([`${STRIKE_MS + 2000} redis-main`]);
  });
});

describe('stop', () => {
  test('no restart policy starts it', () => {
    const run = runFault({ do: 'stop', target: 'redis-replica-1' });
    expect(run.report.nodes.find(({ name }) => name === 'redis-replica-1')?.state).toBe('dead');
  });

  test('nor does its machine when it boots; a start does', () => {
    const stop = { when: { atMs: STRIKE_MS }, do: 'stop', target: 'redis-replica-1' };
    const power = { when: { atMs: STRIKE_MS + 1000 }, do: 'power', target: 'redis-replica-1', forMs: 1000 };
    const stateAfter = (...plan: Parameters<typeof runFault>[0] & readonly unknown[]): string | undefined =>
      runFault(plan as Parameters<typeof runFault>[0]).report.nodes.find(({ name }) => name === 'redis-replica-1')?.state;
    expect(stateAfter(stop, power)).toBe('dead');
    expect(stateAfter(stop, power, { when: { atMs: STRIKE_MS + 3000 }, do: 'start', target: 'the dead nodes' })).toBe('running');
  });
});

describe('newAddress', () => {
  const entry = { do: 'newAddress', target: 'redis-main', forMs: 2000, with: { address: '10.0.0.77' } };

  test('names follow the machine: clients and replicas find it again', () => {
    const run = runFault(entry);
    expect(run.strike.outcome).toBe('goes, and comes back as 10.0.0.77');
    expect(completed(run, 'C1', END_MS - 2000, END_MS)).toBeGreaterThan(10);
    expect(run.between(STRIKE_MS, END_MS, 'up').map(({ detail }) => detail?.['address'])).toEqual(['10.0.0.77']);
  });

  test('an address that somebody has is not taken', () => {
    const run = runFault({ ...entry, with: { address: '10.0.0.11' } });
    expect(run.between(STRIKE_MS, END_MS, 'up').map(({ detail }) => detail?.['address'])).toEqual(['10.0.0.10']);
    expect(completed(run, 'C1', END_MS - 2000, END_MS)).toBeGreaterThan(10);
  });
});

test('a machine whose clock is ahead from the start', () => {
  const topology = primaryWithReplicas(appendOnly('always'));
  const ahead: Topology = { ...topology, machines: topology.machines.map((machine) => ({ ...machine, clockOffsetMs: 3_600_000 })) };
  const argv = ['SET', 'k', 'v', 'EXAT', '1700000100'];
  const set = { when: { atMs: STRIKE_MS }, do: 'command', target: 'redis-main', with: { argv } };
  const asked = { when: { atMs: STRIKE_MS + 500 }, do: 'command', target: 'redis-main', with: { argv: ['GET', 'k'] } };
  const answers = (deployed: Topology): readonly string[] => runFault([set, asked], deployed).report.strikes.map(({ outcome }) => outcome);
  expect(answers(topology)).toEqual(['OK', 'v']);
  expect(answers(ahead)).toEqual(['OK', 'nil']);
});
