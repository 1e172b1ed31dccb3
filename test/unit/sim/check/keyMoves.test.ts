/** Keys that go from one shard to another: what a position holds of them, and why a write that was moved is gone. */
import { describe, expect, test } from 'vitest';
import { type Bytes, type MovedNote, type WriteNote, bytes, causeId, micros, replOffset } from '../../../../engine/index.ts';
import type { FinalState } from '../../../../sim/check/check.ts';
import { HistoryTree } from '../../../../sim/check/historyTree.ts';
import { Ledger } from '../../../../sim/check/ledger.ts';
import type { NodeView } from '../../../../sim/check/nodeView.ts';
import { servedByRanges } from '../../../../sim/check/serving.ts';
import { History } from '../../../../sim/client/history.ts';
import type { LedgerReport } from '../../../../sim/report.ts';
import type { SimProcess } from '../../../../sim/node/simProcess.ts';
import { A, B, C, history, stream, view } from './fixtures.ts';

const KEY: Bytes = bytes('k');
const D: Bytes = bytes('d'.repeat(40));

/** Two shards: `source` with its replica in history A, `target` with its replica in history B. Events are numbered by their call. */
class Story {
  readonly views: Readonly<Record<'source' | 'sourceReplica' | 'target' | 'targetReplica', NodeView>> = {
    source: view('source'), sourceReplica: view('sourceReplica'), target: view('target'), targetReplica: view('targetReplica'),
  };
  private readonly tree = new HistoryTree();
  private readonly clients = new History();
  private readonly ledger = new Ledger(this.clients, this.tree, Object.values(this.views));
  private event = 0;
  private written = 0;

  constructor() {
    for (const [name, id] of [['source', A], ['target', B]] as const) {
      this.note(name, history('start', id, 0));
      this.views[name].role = 'primary';
      this.note(`${name}Replica`, history('full-sync', id, 0));
      this.views[`${name}Replica`].role = 'replica';
      this.views[`${name}Replica`].sync = 'connected';
    }
  }

  note(name: keyof Story['views'], note: Parameters<Ledger['note']>[1]): void {
    this.event++;
    this.views[name].note(note);
    if (note.kind === 'history') this.tree.add(note);
    this.ledger.note(this.views[name], note, causeId(this.event), micros(this.event * 1000));
  }

  /** The node, and those who follow it, have come this far. */
  at(id: Bytes, offset: number, ...names: readonly (keyof Story['views'])[]): void {
    for (const name of names) this.note(name, stream(this.views[name].role ?? 'primary', id, offset, ''));
  }

  /** An acknowledged SADD of the key at this node, which its replica has too unless it lags. */
  write(name: 'source' | 'target', id: Bytes, offset: number, isReplicated = true): void {
    const token = bytes(`C1:${this.written++}`);
    const operation = this.clients.invoke('C1', 'setAdd', KEY, token, micros(this.event * 1000), causeId(0));
    this.at(id, offset, name);
    const note: WriteNote = { kind: 'write', id, offset: replOffset(offset), database: 0, argv: [bytes('SADD'), KEY, token] };
    this.note(name, note);
    if (isReplicated) this.at(id, offset, `${name}Replica`);
    this.clients.complete(operation, 'ok', micros(this.event * 1000), causeId(this.event));
  }

  sent(name: keyof Story['views'], id: Bytes, offset: number, checksum = 'checksum'): void {
    this.moved(name, 'sent', id, offset, checksum);
  }

  deleted(name: keyof Story['views'], id: Bytes, offset: number): void {
    this.at(id, offset, name);
    this.moved(name, 'deleted', id, offset);
  }

  dropped(name: keyof Story['views'], id: Bytes, offset: number): void {
    this.at(id, offset, name);
    this.moved(name, 'dropped', id, offset);
  }

  private moved(name: keyof Story['views'], stage: MovedNote['stage'], id: Bytes, offset: number, checksum = 'checksum'): void {
    this.note(name, {
      kind: 'moved', stage, id, offset: replOffset(offset), keys: [KEY], checksums: stage === 'sent' ? [bytes(checksum)] : [],
      target: bytes('target:6379'),
    });
  }

  restored(name: keyof Story['views'], id: Bytes, offset: number, checksum = 'checksum', ...options: readonly string[]): void {
    this.at(id, offset, name);
    this.note(name, {
      kind: 'write', id, offset: replOffset(offset), database: 0,
      argv: ['RESTORE-ASKING', 'k', '0', `value and ${checksum}`, ...options].map(bytes),
    });
  }

  /** The whole move, as it should be, and replicated. */
  move(): void {
    this.sent('source', A, 100);
    this.restored('target', B, 50);
    this.deleted('source', A, 120);
    this.at(A, 120, 'sourceReplica');
    this.at(B, 50, 'targetReplica');
  }

  ends(name: keyof Story['views']): void {
    this.event++;
    const node = this.views[name];
    (node.process as { state: SimProcess['state'] }).state = 'dead';
    this.ledger.positions.ended(node, 'power', causeId(this.event), micros(this.event * 1000));
    node.ended();
  }

  promoted(name: keyof Story['views'], id: Bytes, offset: number, parent: Bytes): void {
    this.note(name, history('promotion', id, offset, parent));
    this.views[name].role = 'primary';
  }

  /** What became of the writes, when this node serves the key. */
  report(serving: keyof Story['views']): LedgerReport {
    const state: FinalState = {
      tree: this.tree, views: Object.values(this.views), serving: servedByRanges(new Map([[KEY, this.views[serving]]]), () => null),
      now: micros(1_000_000), sentinels: [], clusterNodes: [{}] as unknown as FinalState['clusterNodes'], settledFrom: micros(0),
    };
    return this.ledger.report(state, []);
  }

  /** The values that the key has there, in their order. */
  surviving(serving: keyof Story['views']): readonly string[] {
    const serves = servedByRanges(new Map([[KEY, this.views[serving]]]), () => null);
    return this.ledger.surviving({ serving: serves } as FinalState).map(({ operation }) => operation.token);
  }
}

/** One write at the source. */
const written = (): Story => {
  const story = new Story();
  story.write('source', A, 100);
  return story;
};

describe('what survives', () => {
  test('a key that was moved is held by its target and no more by its source', () => {
    const story = written();
    story.move();
    story.write('target', B, 80);
    expect([story.surviving('target'), story.surviving('source')]).toEqual([['C1:0', 'C1:1'], []]);
    expect(story.report('target')).toMatchObject({ survived: 2, lost: 0 });
  });

  test('what was written behind the move does not go back with it', () => {
    const story = written();
    story.move();
    story.write('source', A, 150);
    expect([story.surviving('target'), story.surviving('source')]).toEqual([['C1:0'], ['C1:1']]);
  });

  test('there and back again, in the order of the writes', () => {
    const story = written();
    story.move();
    story.write('target', B, 80);
    story.sent('target', B, 80, 'returned');
    story.restored('source', A, 200, 'returned');
    story.deleted('target', B, 90);
    story.write('source', A, 230);
    expect([story.surviving('source'), story.surviving('target')]).toEqual([['C1:0', 'C1:1', 'C1:2'], []]);
  });

  test('an aborted move leaves the key with both', () => {
    const story = written();
    story.sent('source', A, 100);
    story.restored('target', B, 50);
    expect([story.surviving('source'), story.surviving('target')]).toEqual([['C1:0'], ['C1:0']]);
  });

  test('a RESTORE that is executed again brings what its own MIGRATE read', () => {
    const story = written();
    story.sent('source', A, 100, 'earlier.');
    story.restored('target', B, 50, 'earlier.');
    story.write('source', A, 130);
    story.sent('source', A, 130, 'laterone');
    story.restored('target', B, 70, 'laterone', 'REPLACE');
    story.deleted('source', A, 140);
    expect(story.surviving('target')).toEqual(['C1:0', 'C1:1']);
    // The late one of the first attempt would have taken that back.
    story.restored('target', B, 90, 'earlier.', 'REPLACE');
    expect(story.surviving('target')).toEqual(['C1:0']);
  });

  test('the target\'s replica has what it has replicated, and a promoted one keeps it', () => {
    const story = written();
    story.move();
    expect(story.surviving('targetReplica')).toEqual(['C1:0']);
    story.promoted('targetReplica', C, 50, B);
    expect(story.surviving('targetReplica')).toEqual(['C1:0']);
    expect(story.report('targetReplica').lost).toBe(0);
  });

  test('a replica of the source that never heard of the deletion has the key still', () => {
    const story = written();
    story.sent('source', A, 100);
    story.restored('target', B, 50);
    story.deleted('source', A, 120);
    story.ends('source');
    story.promoted('sourceReplica', C, 100, A);
    expect(story.surviving('sourceReplica')).toEqual(['C1:0']);
  });
});

describe('why it is lost', () => {
  const causes = (report: LedgerReport): readonly (readonly [string, boolean])[] =>
    report.lostWrites.map(({ cause, permitted }) => [cause, permitted] as const);

  test('migrated, not yet replicated when the target died', () => {
    const story = written();
    story.sent('source', A, 100);
    story.restored('target', B, 50);
    story.deleted('source', A, 120);
    story.at(A, 120, 'sourceReplica');
    story.ends('target');
    story.promoted('targetReplica', D, 0, B);
    expect(causes(story.report('targetReplica'))).toEqual([['migrated, then not yet replicated when its primary died and was replaced', true]]);
  });

  test('a deletion without anybody who took the key is a bug', () => {
    const story = written();
    story.sent('source', A, 100);
    story.deleted('source', A, 120);
    story.at(A, 120, 'sourceReplica');
    expect(causes(story.report('target'))).toEqual([['a copy disappeared without an explanation', false]]);
  });

  test('a target that has the key and then has not, without an event, is a bug', () => {
    const story = written();
    story.move();
    // A history of its own that does not come from what it held.
    story.note('target', history('start', C, 0));
    expect(causes(story.report('target')).map(([, permitted]) => permitted)).toEqual([false]);
  });

  test('the death of the source long after the move excuses nothing', () => {
    const story = written();
    story.move();
    story.ends('source');
    story.ends('sourceReplica');
    story.note('target', history('start', C, 0));
    story.note('targetReplica', history('start', D, 0));
    expect(story.report('target').bugs).toBe(1);
  });

  test('the source\'s replica was promoted in the middle: what had been moved stays where it is', () => {
    const story = written();
    story.move();
    story.write('target', B, 80);
    story.ends('source');
    story.promoted('sourceReplica', C, 120, A);
    expect(causes(story.report('sourceReplica'))).toEqual([
      ['migrated, then held by the node that imports the slot and does not own it', true],
      ['held by the node that imports the slot and does not own it', true],
    ]);
  });

  test('overwritten by a MIGRATE with REPLACE; without REPLACE that is a bug', () => {
    for (const [options, expected] of [[['REPLACE'], true], [[], false]] as const) {
      const story = written();
      story.sent('source', A, 100);
      story.write('target', B, 40);
      story.restored('target', B, 60, 'checksum', ...options);
      story.at(B, 60, 'targetReplica');
      story.deleted('source', A, 120);
      expect(causes(story.report('target')).map(([, permitted]) => permitted)).toEqual([expected]);
    }
  });

  test('keys of a slot that somebody else has claimed are deleted', () => {
    const story = written();
    story.dropped('source', A, 120);
    story.at(A, 120, 'sourceReplica');
    expect(causes(story.report('target'))).toEqual([['deleted by its holder, which heard of a newer owner of the slot', true]]);
  });
});
