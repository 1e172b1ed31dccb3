/** Roles in a cluster: who owns a slot by the newest claim, and who follows that. */
import { describe, expect, test } from 'vitest';
import { type Bytes, type Note, SLOTS, bytes, keySlot } from '../../../../engine/index.ts';
import { ClusterView } from '../../../../sim/check/clusterView.ts';
import { NodeView } from '../../../../sim/check/nodeView.ts';
import { SlotClaims } from '../../../../sim/check/slotClaims.ts';
import { checkTarget, resolveMachines, resolveProcess, resolveProcesses } from '../../../../sim/fault/target.ts';
import type { WorldParts } from '../../../../sim/fault/worldParts.ts';
import type { SimProcess } from '../../../../sim/node/simProcess.ts';

const HALF = SLOTS / 2;
const range = (from: number, to: number): readonly number[] => Array.from({ length: to - from }, (_, index) => from + index);
const idOf = (name: string): Bytes => bytes(name.charAt(1).repeat(40));

class Clustered {
  readonly claims = new SlotClaims();
  readonly views: readonly ClusterView[];
  readonly parts: WorldParts;

  constructor(names: readonly string[]) {
    this.views = names.map((name, index) => {
      const process = { name, state: 'running', machine: { name: `${name}-machine`, address: `10.0.0.${index + 1}`, processes: [] as SimProcess[] } };
      process.machine.processes.push(process as unknown as SimProcess);
      const view = new ClusterView(new NodeView(process as unknown as SimProcess, 7000));
      view.note({ kind: 'epoch', name: idOf(name), current: 1, config: 1 });
      return view;
    });
    const processes = this.views.map(({ node }) => node.process);
    this.parts = {
      views: this.views.map(({ node }) => node), sentinels: [], sentinelLeader: () => null, beliefs: new Map(), clients: new Set(),
      processes: new Map(processes.map((process) => [process.name, process])),
      machines: new Map(processes.map((process) => [process.machine.name, process.machine])),
      cluster: { nodes: this.views, owner: (slot: number) => this.claims.owner(slot), owners: () => this.claims.owners() },
    } as unknown as WorldParts;
  }

  find(name: string): ClusterView {
    return this.views.find((view) => view.name === name) as ClusterView;
  }

  /** `name` says that `owner` has the slots. */
  hear(name: string, slots: readonly number[], owner: string | null, configEpoch: number, byCommand = false): void {
    const note: Note = { kind: 'slots', slots, owner: owner === null ? null : idOf(owner), configEpoch, byCommand, because: [] };
    this.claims.note(this.find(name), note);
  }

  follow(name: string, primary: string): void {
    const { node } = this.find(name);
    node.role = 'replica';
    node.primary = bytes(`${this.find(primary).node.process.machine.address}:7000`);
  }

  set(name: string, state: SimProcess['state']): void {
    (this.find(name).node.process as { state: SimProcess['state'] }).state = state;
  }

  names(target: string): readonly string[] {
    return resolveProcesses(this.parts, target).map(({ name }) => name);
  }
}

/** n1 and n2 have half of the slots each; n3 and n4 follow n1, n5 follows n2. */
const five = (): Clustered => {
  const made = new Clustered(['n1', 'n2', 'n3', 'n4', 'n5']);
  made.hear('n1', range(0, HALF), 'n1', 1);
  made.hear('n2', range(HALF, SLOTS), 'n2', 2);
  made.follow('n3', 'n1');
  made.follow('n4', 'n1');
  made.follow('n5', 'n2');
  return made;
};

describe('slots', () => {
  test.each([
    ['the primary of slot 0', ['n1']], [`the primary of slot ${SLOTS - 1}`, ['n2']], ['the replicas of slot 0', ['n3', 'n4']],
    ['a replica of slot 0', ['n3']], [`a replica of slot ${HALF}`, ['n5']],
    ['the primary of key {x}:1', [keySlot(bytes('x')) < HALF ? 'n1' : 'n2']], ['the primary of key a key', [keySlot(bytes('a key')) < HALF ? 'n1' : 'n2']],
  ])('%s', (target, names) => expect(five().names(target)).toEqual(names));

  test('the newest claim counts, whatever others hold, and an older one that comes later does not', () => {
    const made = five();
    made.hear('n4', [0], 'n3', 7);
    expect(made.names('the primary of slot 0')).toEqual(['n1']);
    made.hear('n3', range(0, HALF), 'n3', 7);
    made.hear('n1', range(0, HALF), 'n1', 1);
    expect(made.names('the primary of slot 0')).toEqual(['n3']);
    expect(made.names('the primaries')).toEqual(['n2', 'n3']);
  });

  test('a dead primary is nobody, and its replicas still are', () => {
    const made = five();
    made.set('n1', 'dead');
    expect(made.names('the primary of slot 0')).toEqual([]);
    expect(made.names('the replicas of slot 0')).toEqual(['n3', 'n4']);
    made.set('n3', 'dead');
    expect(made.names('a replica of slot 0')).toEqual(['n4']);
  });

  test('a slot that an operator took away has nobody', () => {
    const made = five();
    made.hear('n1', [3], null, 0, true);
    expect([made.names('the primary of slot 3'), made.names('the replicas of slot 3')]).toEqual([[], []]);
    expect(resolveProcess(made.parts, 'the primary of slot 4')?.name).toBe('n1');
  });
});

describe('primaries', () => {
  test('a minority and a majority of those that own slots, which never overlap, counted dead or alive', () => {
    const made = new Clustered(['n1', 'n2', 'n3', 'n4', 'n5']);
    for (const [index, { name }] of made.views.entries()) made.hear(name, [index], name, index + 1);
    expect(made.names('a minority of the primaries')).toEqual(['n1', 'n2']);
    expect(made.names('a majority of the primaries')).toEqual(['n3', 'n4', 'n5']);
    made.set('n1', 'dead');
    made.set('n4', 'dead');
    expect(made.names('a minority of the primaries')).toEqual(['n2']);
    expect(made.names('a majority of the primaries')).toEqual(['n3', 'n5']);
    expect(resolveMachines(made.parts, 'the primaries').map(({ name }) => name)).toEqual(['n2-machine', 'n3-machine', 'n5-machine']);
  });

  test('before anybody owns anything: nobody', () => {
    const made = new Clustered(['n1', 'n2']);
    for (const target of ['the primaries', 'a minority of the primaries', 'a majority of the primaries', 'the primary of slot 5']) {
      expect(made.names(target)).toEqual([]);
    }
  });
});

describe('what can be nobody ever', () => {
  test.each([
    ['the primary of slot 16384', 'there is no slot 16384, the last is 16383'], ['a replica of slot 999999999', 'there is no slot'],
    ['the primary of key \u20ac', 'a key is of one-byte characters'],
  ])('%s is refused', (target, why) => {
    expect(() => checkTarget(five().parts, target)).toThrow(why);
    expect(() => five().names(target)).toThrow(why);
  });

  test('outside a cluster all of them are', () => {
    const { parts } = new Clustered([]);
    for (const target of ['the primary of slot 1', 'the primary of key k', 'the primaries', 'a minority of the primaries']) {
      expect(() => checkTarget(parts, target)).toThrow(`plan: '${target}' needs a cluster, and there is none`);
    }
    expect(() => checkTarget(parts, 'the primary')).not.toThrow();
  });
});
