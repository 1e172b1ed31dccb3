/** Why a write is gone: each rule that permits it, and what no rule permits. */
import { describe, expect, test } from 'vitest';
import { type Bytes, causeId, micros, replOffset, bytes } from '../../../../engine/index.ts';
import type { FinalState } from '../../../../sim/check/check.ts';
import { HistoryTree } from '../../../../sim/check/historyTree.ts';
import { KeyMoves } from '../../../../sim/check/keyMoves.ts';
import type { WriteRecord } from '../../../../sim/check/ledger.ts';
import { type Explanation, explainLoss } from '../../../../sim/check/lossExplanation.ts';
import type { NodeView } from '../../../../sim/check/nodeView.ts';
import { SentinelView } from '../../../../sim/check/sentinelView.ts';
import { PositionLog } from '../../../../sim/check/positionLog.ts';
import { servedByOne } from '../../../../sim/check/serving.ts';
import type { SimProcess } from '../../../../sim/node/simProcess.ts';
import { A, B, C, history, stream, view } from './fixtures.ts';

/** One primary (history A) and two replicas, brought to the write's end by hand. Events are numbered by their call. */
class Story {
  readonly tree = new HistoryTree();
  readonly log = new PositionLog();
  readonly views: Readonly<Record<'primary' | 'first' | 'second', NodeView>> = {
    primary: view('primary'), first: view('first'), second: view('second'),
  };
  sentinels: readonly SentinelView[] = [];
  /** The event in which the write was executed. */
  executedIn = 1;
  private event = 0;

  constructor() {
    this.note('primary', history('start', A, 0));
  }

  note(name: keyof Story['views'], note: Parameters<PositionLog['note']>[1]): void {
    this.event++;
    const node = this.views[name];
    node.note(note);
    if (note.kind === 'history') this.tree.add(note);
    this.log.note(node, note, causeId(this.event), micros(this.event * 1000));
  }

  at(name: keyof Story['views'], role: 'primary' | 'replica', id: Bytes, offset: number): void {
    this.note(name, stream(role, id, offset, ''));
  }

  ends(name: keyof Story['views'], how: 'kill' | 'power' | 'exit' = 'power'): void {
    this.event++;
    const node = this.views[name];
    (node.process as { state: SimProcess['state'] }).state = 'dead';
    this.log.ended(node, how, causeId(this.event), micros(this.event * 1000));
    node.ended();
  }

  starts(name: keyof Story['views'], note: Parameters<PositionLog['note']>[1]): void {
    (this.views[name].process as { state: SimProcess['state'] }).state = 'running';
    this.note(name, note);
  }

  /** The write that ends at A:100, held by these when it was acknowledged. */
  explain(serving: keyof Story['views'], ...holders: readonly (keyof Story['views'])[]): Explanation {
    const state: FinalState = {
      tree: this.tree, views: Object.values(this.views), serving: servedByOne(this.views[serving]), now: micros(1_000_000),
      sentinels: this.sentinels, clusterNodes: [], settledFrom: micros(0),
    };
    const write = { operation: { key: bytes('k') }, id: A, offset: 100, executedBy: this.views.primary, executedIn: causeId(this.executedIn), holders:
      holders.map((name) => this.views[name]) } as unknown as WriteRecord;
    return explainLoss(write, { positions: this.log, tree: this.tree, moves: new KeyMoves(this.tree) }, state);
  }
}

/** The write was made, and the first replica has it where `replicated`. The second never has it. */
const written = (replicated: boolean): Story => {
  const story = new Story();
  story.at('primary', 'primary', A, 100);
  story.at('first', 'replica', A, replicated ? 100 : 50);
  story.at('second', 'replica', A, 50);
  return story;
};

describe('permitted', () => {
  test('not yet replicated when its primary died', () => {
    const story = written(false);
    story.ends('primary');
    story.note('first', history('promotion', B, 50, A));
    const { permitted, cause, chain } = story.explain('first', 'primary');
    expect({ permitted, cause }).toEqual({ permitted: true, cause: 'not yet replicated when its primary died' });
    expect(chain.map(({ node, what, rule }) => [node, what, rule])).toEqual([
      ['primary', 'its machine lost power', 'memory is gone with its process, and no snapshot on its disk held the write'],
      ['first', 'promoted at offset 50; the write ends at 100', 'replication is asynchronous: a replica is promoted with what it has'],
    ]);
  });

  test('its snapshot held it, but nobody started it again', () => {
    const story = written(false);
    story.note('primary', { kind: 'saved', id: A, offset: replOffset(100) });
    story.ends('primary', 'kill');
    story.note('first', history('promotion', B, 50, A));
    const { permitted, chain } = story.explain('first', 'primary');
    expect(permitted).toBe(true);
    expect(chain[0]).toMatchObject({
      what: 'it was killed; its snapshot held the write', rule: 'its disk held the write, but it does not run again' });
  });

  test('a later snapshot without it took the place of the one that held it', () => {
    const story = written(true);
    story.note('first', { kind: 'saved', id: A, offset: replOffset(100) });
    story.note('first', { kind: 'saved', id: A, offset: replOffset(60) });
    story.ends('first');
    story.starts('first', history('load', C, 60, A, 60));
    story.ends('primary');
    expect(story.explain('second', 'primary', 'first')).toMatchObject({ permitted: true });
  });

  test('accepted by an isolated primary and discarded at resynchronisation', () => {
    const story = written(false);
    story.note('first', history('promotion', B, 50, A));
    story.note('primary', history('full-sync', B, 70, A));
    expect(story.explain('first', 'primary')).toMatchObject({
      permitted: true, cause: 'accepted by an isolated primary and discarded at resynchronisation' });
  });

  test('replicated, then discarded with a primary that came back empty', () => {
    const story = written(true);
    story.ends('primary', 'kill');
    story.starts('primary', history('start', C, 0));
    story.note('first', history('full-sync', C, 0, A));
    expect(story.explain('primary', 'primary', 'first')).toMatchObject({
      permitted: true, cause: 'replicated, then discarded: the replicas resynchronised with a primary that did not have it' });
  });

  test('replicated only after it was acknowledged, then discarded the same way', () => {
    const story = written(false);
    story.at('first', 'replica', A, 100);
    story.ends('primary', 'kill');
    story.starts('primary', history('start', C, 0));
    story.note('first', history('full-sync', C, 0, A));
    expect(story.explain('primary', 'primary')).toMatchObject({
      permitted: true, cause: 'replicated, then discarded: the replicas resynchronised with a primary that did not have it' });
  });

  test('still held by a primary that clients are not sent to', () => {
    const story = written(false);
    story.note('primary', { kind: 'role', role: 'primary', primary: null, because: [] });
    story.note('first', history('promotion', B, 50, A));
    const { permitted, cause, chain } = story.explain('first', 'primary');
    expect({ permitted, cause }).toEqual({ permitted: true, cause: 'held by a node that does not serve' });
    expect(chain[0]).toMatchObject({ event: 0, rule: 'another node serves: clients are not sent here' });
  });

  test('still held by a replica that never came to resynchronise', () => {
    const story = written(true);
    story.ends('primary');
    story.note('second', history('promotion', B, 50, A));
    story.note('first', { kind: 'role', role: 'replica', primary: null, because: [] });
    story.note('first', { kind: 'sync', state: 'connect', detail: '', because: [] });
    expect(story.explain('second', 'primary', 'first')).toMatchObject({
      permitted: true, cause: 'held by replicas that were not the ones to serve' });
  });
});

describe('bugs', () => {
  test('a copy that vanished without an event', () => {
    const story = written(true);
    story.ends('primary');
    story.at('first', 'replica', A, 60);
    story.note('first', history('promotion', B, 60, A));
    const { permitted, cause, chain } = story.explain('first', 'primary', 'first');
    expect({ permitted, cause }).toEqual({ permitted: false, cause: 'a copy disappeared without an explanation' });
    expect(chain[1]).toMatchObject({ node: 'first', event: 0, rule: null });
  });

  test('a partial synchronisation that took it away', () => {
    const story = written(false);
    story.note('first', history('promotion', B, 50, A));
    story.note('primary', history('partial-sync', B, 100, A));
    const { permitted, chain } = story.explain('first', 'primary');
    expect(permitted).toBe(false);
    expect(chain[0]).toMatchObject({ what: 'its data were replaced (partial-sync)', rule: null });
  });

  test('a snapshot on the disk of a node that was started again, and did not bring it back', () => {
    const story = written(false);
    story.note('primary', { kind: 'saved', id: A, offset: replOffset(100) });
    story.ends('primary');
    story.starts('primary', history('start', C, 0));
    expect(story.explain('primary', 'primary')).toMatchObject({ permitted: false });
  });

  test('a replica that holds it and follows the serving primary, which does not', () => {
    const story = written(true);
    story.note('second', history('promotion', B, 50, A));
    story.note('first', { kind: 'role', role: 'replica', primary: null, because: [] });
    story.note('first', { kind: 'sync', state: 'connected', detail: '', because: [] });
    story.views.second.id = A;
    expect(story.explain('second', 'first')).toMatchObject({ permitted: false });
  });

  test('one copy without an explanation is enough', () => {
    const story = written(true);
    story.ends('primary');
    story.note('first', history('partial-sync', B, 100, A));
    expect(story.explain('second', 'primary', 'first')).toMatchObject({ permitted: false });
  });
});

describe('where sentinels replace primaries', () => {
  /** The first replica is promoted at A:50, where the write ends at A:100: before the write, or after it. */
  const replaced = (when: 'before' | 'after'): Story => {
    const story = written(false);
    story.sentinels = [new SentinelView({ name: 's1', state: 'running' } as unknown as SimProcess, 26379)];
    story.note('first', history('promotion', B, 50, A));
    if (when === 'before') story.executedIn = 6;
    return story;
  };

  test.each([
    ['after', 'not yet replicated when its primary died and was replaced', 'replication is asynchronous: a replica is promoted with what it has'],
    ['before', 'accepted by a primary that had been replaced already, and that then died',
      'a primary that was replaced goes on accepting writes until a sentinel reaches it and makes it a replica'],
  ] as const)('its primary died, replaced %s the write', (when, cause, rule) => {
    const story = replaced(when);
    story.at('primary', 'primary', A, 101);
    story.ends('primary', 'kill');
    const found = story.explain('first', 'primary');
    expect(found).toMatchObject({ permitted: true, cause });
    expect(found.chain.at(-1)).toMatchObject({ node: 'first', rule });
  });

  test.each([
    ['after', false, 'not yet replicated when its primary was replaced; discarded when that rejoined'],
    ['after', true, 'not yet replicated when its primary died and was replaced; discarded when that rejoined'],
    ['before', false, 'accepted by a primary that had been replaced already, discarded when it rejoined'],
  ] as const)('its primary was replaced %s the write and rejoins (having died: %s)', (when, died, cause) => {
    const story = replaced(when);
    story.at('primary', 'primary', A, 101);
    if (died) {
      story.note('primary', { kind: 'saved', id: A, offset: replOffset(101) });
      story.ends('primary', 'kill');
      story.starts('primary', history('load', C, 101, A, 101));
    }
    story.note('primary', history('full-sync', B, 70, A));
    expect(story.explain('first', 'primary')).toMatchObject({ permitted: true, cause });
  });

  test('a copy that vanished without an event is a bug all the same', () => {
    const story = replaced('after');
    story.note('primary', history('partial-sync', B, 70, A));
    expect(story.explain('first', 'primary')).toMatchObject({ permitted: false });
  });
});
