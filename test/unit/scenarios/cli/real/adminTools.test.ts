import { describe, expect, test } from 'vitest';
import type { AdminTask } from '../../../../../sim/client/clusterAdmin.ts';
import { NameBook } from '../../../../../scenarios/cli/real/nameBook.ts';
import { type FaultParts, strike } from '../../../../../scenarios/cli/real/realFaults.ts';
import { RealHost } from '../../../../../scenarios/cli/real/realHost.ts';
import type { RealProcess } from '../../../../../scenarios/cli/real/realProcess.ts';
import { ms } from '../../../../../engine/core/units.ts';

const process = (name: string, address: string): RealProcess =>
  ({ name, machine: { address }, spec: { name, port: 6379 } }) as unknown as RealProcess;

describe("a plan's redis-cli in the real world", () => {
  const tasks: AdminTask[] = [];
  const killed: string[] = [];
  const known = new Map([['n1', process('n1', '10.0.0.1')], ['n2', process('n2', '10.0.0.2')]]);
  const parts: FaultParts = {
    processes: (target) => (target === 'the owner of slot 7' ? null : [known.get(target) ?? []].flat()),
    machineNames: () => [], machine: () => undefined, everyone: [], addEffect: () => () => undefined,
    network: { names: new NameBook(), reset: () => '0 connections reset', hasOwnDisks: true },
    operate: () => undefined, clusterPassword: 'secret',
    startTool: (task) => `redis-cli-${tasks.push(task)}`,
    killTool: (name) => name.startsWith('redis-cli') && killed.push(name) > 0,
  };
  const at = { atMs: 0 };

  test('moves slots from the place of one node to that of another, over the network', () => {
    const outcomes: string[] = [];
    const found = strike(parts, { when: at, do: 'moveSlots', target: 'n1', with: { to: 'n2', slots: '0-9' } }, (outcome) => outcomes.push(outcome));
    expect(found).toEqual({ resolved: 'n1', outcome: 'redis-cli-1 has begun' });
    expect(tasks[0]).toMatchObject({ name: 'moveSlots', password: 'secret' });
    const first = tasks[0]?.script().next(undefined as never);
    expect(first?.value).toMatchObject({ kind: 'ask', node: expect.stringMatching(/^10\.0\.0\.[12]:6379$/) as string });
    tasks[0]?.ended('moved');
    expect(outcomes).toEqual(['moved']);
  });

  test('has nobody to work for where a name means nobody, and is not done where nobody knows whom a role means', () => {
    expect(strike(parts, { when: at, do: 'moveSlots', target: 'n1', with: { to: 'n9', slots: 1 } }, () => undefined)).toBe('nobody');
    expect(strike(parts, { when: at, do: 'fixSlots', target: 'n9' }, () => undefined)).toBe('nobody');
    expect(strike(parts, { when: at, do: 'fixSlots', target: 'the owner of slot 7' }, () => undefined)).toHaveProperty('notDone');
  });

  test('is killed by its name', () => {
    expect(strike(parts, { when: at, do: 'kill', target: 'redis-cli' }, () => undefined)).toEqual({ resolved: 'redis-cli', outcome: 'killed' });
    expect(killed).toEqual(['redis-cli']);
  });

  test('does nothing any more once it is dead', async () => {
    const newHost = (): RealHost => new RealHost({ address: '127.0.0.1', lookUp: () => ({ addresses: [], delayMs: 0 }) });
    const fired: string[] = [];
    const dead = newHost();
    dead.setTimer(ms(1), () => fired.push('of the dead'));
    dead.kill();
    newHost().setTimer(ms(1), () => fired.push('of the living'));
    await new Promise<void>((resolve) => {
      newHost().setTimer(ms(20), resolve);
    });
    expect(fired).toEqual(['of the living']);
  });
});
