/** Sentinel's promises, each with notes that keep it and notes that break it. */
import { describe, expect, test } from 'vitest';
import { type Bytes, type Note, SENTINEL_EVENT, bytes, causeId } from '../../../../engine/index.ts';
import type { Check, FinalState } from '../../../../sim/check/check.ts';
import { EpochsNeverGoBack } from '../../../../sim/check/epochsNeverGoBack.ts';
import { FailoverNeedsQuorum } from '../../../../sim/check/failoverNeedsQuorum.ts';
import { NamedNodes } from '../../../../sim/check/namedNodes.ts';
import { OneLeaderPerEpoch } from '../../../../sim/check/oneLeaderPerEpoch.ts';
import { OneVotePerEpoch } from '../../../../sim/check/oneVotePerEpoch.ts';
import { OnlyListedPromoted } from '../../../../sim/check/onlyListedPromoted.ts';
import { PriorityZero } from '../../../../sim/check/priorityZero.ts';
import type { SentinelView } from '../../../../sim/check/sentinelView.ts';
import { A, B, say, sentinel, view } from './fixtures.ts';

/** Lets named sentinels say their notes; event 1 is the first. */
const verdictOf = (check: Check, notes: readonly (readonly [string, Note])[]): readonly [string, string, number?] => {
  const views = new Map<string, SentinelView>();
  for (const [index, [name, note]] of notes.entries()) {
    const one = views.get(name) ?? sentinel(name);
    views.set(name, one);
    one.note(note);
    check.sentinelNote?.(one, note, causeId(index + 1));
  }
  const { verdict, detail, event } = check.finish({} as FinalState);
  return event === undefined ? [verdict, detail] : [verdict, detail, event];
};

describe('one-vote-per-epoch', () => {
  test('one for each epoch, and each sentinel its own', () => {
    expect(verdictOf(new OneVotePerEpoch(), [
      ['s1', say.vote(1, A)], ['s2', say.vote(1, B)], ['s1', say.vote(2, B)], ['s1', say.vote(2, B)],
    ])).toEqual(['holds', '4 votes']);
  });

  test('two in one epoch, with other votes between them, as after a restart', () => {
    const check = new OneVotePerEpoch();
    const first = sentinel('s1');
    check.sentinelNote(first, say.vote(3, A), causeId(1));
    first.ended();
    check.sentinelNote(first, say.vote(4, A), causeId(2));
    check.sentinelNote(first, say.vote(3, B), causeId(3));
    expect(check.finish()).toMatchObject(
      { verdict: 'violated', detail: 's1 voted in epoch 3 of mymain for aaaaaaaa and for bbbbbbbb', event: 3 });
  });

  test('a primary that is watched anew is another one', () => {
    expect(verdictOf(new OneVotePerEpoch(), [
      ['s1', say.vote(1, A)], ['s1', say.event(SENTINEL_EVENT.unmonitor)], ['s1', say.vote(1, B)],
    ])[0]).toBe('holds');
  });

  test('nobody votes', () => expect(verdictOf(new OneVotePerEpoch(), [])[0]).toBe('not exercised'));
});

describe('one-leader-per-epoch', () => {
  test('each epoch has its own', () => {
    expect(verdictOf(new OneLeaderPerEpoch(), [['s1', say.leader(1, A, 2)], ['s2', say.leader(2, B, 2)]])).toEqual(['holds', '2 elections']);
  });

  test('two in one epoch', () => {
    expect(verdictOf(new OneLeaderPerEpoch(), [['s1', say.leader(1, A, 2)], ['s2', say.leader(1, B, 2)]]))
      .toEqual(['violated', 's1 and s2 were both elected in epoch 1 of mymain', 2]);
  });

  test('who was told to lead was not elected', () => {
    expect(verdictOf(new OneLeaderPerEpoch(), [['s1', say.leader(1, A, 1, 3, 2, true)], ['s2', say.leader(1, B, 2)]])[0]).toBe('holds');
  });
});

describe('epochs-never-go-back', () => {
  test('forward, or the same again after a restart', () => {
    expect(verdictOf(new EpochsNeverGoBack(), [['s1', say.epoch(0, 0)], ['s1', say.epoch(2, 1)], ['s1', say.epoch(2, 2)], ['s2', say.epoch(1, 1)]]))
      .toEqual(['holds', '4 epochs']);
  });

  test.each([
    [say.epoch(2, 1), 's1 went back from epoch 3 to 2'],
    [say.epoch(3, 0), 's1 went back from the configuration of epoch 1 to that of 0 for mymain'],
  ])('back, though the process was another', (note, detail) => {
    const check = new EpochsNeverGoBack();
    const first = sentinel('s1');
    check.sentinelNote(first, say.epoch(3, 1), causeId(1));
    first.ended();
    check.sentinelNote(first, note, causeId(2));
    expect(check.finish()).toMatchObject({ verdict: 'violated', detail, event: 2 });
  });

  test('the epoch of a failover that was begun counts over a restart once a vote was given in it', () => {
    const begun = (...more: readonly Note[]): string => {
      const check = new EpochsNeverGoBack();
      const first = sentinel('s1');
      const notes = [say.epoch(1, 0), say.vote(1, A), say.epoch(2, 0), say.event(SENTINEL_EVENT.tryFailover), ...more];
      for (const note of notes) check.sentinelNote(first, note, causeId(1));
      Object.assign(first.process, { starts: 2 });
      check.sentinelNote(first, say.epoch(1, 0), causeId(2));
      return check.finish().verdict;
    };
    expect(begun()).toBe('holds');
    expect(begun(say.vote(2, A))).toBe('violated');
    // Within one life nothing goes back.
    expect(begun(say.epoch(1, 0))).toBe('violated');
  });

  test('a primary that is watched anew begins anew, the sentinel does not', () => {
    const removed = [['s1', say.epoch(3, 3)], ['s1', say.event(SENTINEL_EVENT.unmonitor)]] as const;
    expect(verdictOf(new EpochsNeverGoBack(), [...removed, ['s1', say.epoch(3, 0)]])[0]).toBe('holds');
    expect(verdictOf(new EpochsNeverGoBack(), [...removed, ['s1', say.epoch(2, 0)]])[0]).toBe('violated');
  });
});

describe('failover-needs-quorum-and-majority', () => {
  const begun = [['s1', say.odown(2, 2)], ['s1', say.event(SENTINEL_EVENT.tryFailover)], ['s1', say.vote(1, A)]] as const;
  const verdict = (...notes: readonly (readonly [string, Note])[]): readonly [string, string, number?] =>
    verdictOf(new FailoverNeedsQuorum(), notes);

  test('enough agreed, enough voted', () => {
    expect(verdict(...begun, ['s2', say.vote(1, A)], ['s1', say.leader(1, A, 2)])).toEqual(['holds', '1 elections counted']);
  });

  test('the primary came back after the start: the election goes on', () => {
    expect(verdict(...begun, ['s1', say.event(SENTINEL_EVENT.noOdown)], ['s2', say.vote(1, A)], ['s1', say.leader(1, A, 2)])[0]).toBe('holds');
  });

  test('forced: nothing is needed', () => {
    expect(verdict(['s1', say.leader(1, A, 1, 3, 2, true)])[0]).toBe('not exercised');
  });

  test.each([
    ['fewer votes than the majority', [...begun, ['s1', say.leader(1, A, 1)]], 's1 leads a failover of mymain in epoch 1 with 1 of the 2 votes that it needs'],
    ['a majority, and not the quorum', [
      ['s1', say.odown(3, 3)], ['s1', say.event(SENTINEL_EVENT.tryFailover)], ['s1', say.vote(1, A)], ['s2', say.vote(1, A)],
      ['s1', say.leader(1, A, 2, 3, 3)]], 's1 leads a failover of mymain in epoch 1 with 2 of the 3 votes that it needs'],
    ['votes that nobody gave', [...begun, ['s2', say.vote(1, B)], ['s1', say.leader(1, A, 2)]],
      's1 leads a failover of mymain in epoch 1, but 1 sentinels voted for it and it needs 2'],
    ['a primary that nobody held to be down', [...begun.slice(1), ['s2', say.vote(1, A)], ['s1', say.leader(1, A, 2)]],
      's1 leads a failover of mymain in epoch 1 of a primary that was not objectively down'],
    ['a primary that was back before the start', [
      begun[0], ['s1', say.event(SENTINEL_EVENT.noOdown)], ...begun.slice(1), ['s2', say.vote(1, A)], ['s1', say.leader(1, A, 2)]],
    's1 leads a failover of mymain in epoch 1 of a primary that was not objectively down'],
    ['fewer than the quorum agreed', [['s1', say.odown(1, 2)], ...begun.slice(1), ['s2', say.vote(1, A)], ['s1', say.leader(1, A, 2)]],
      's1 leads a failover of mymain in epoch 1, but 1 agreed that it is down, and the quorum is 2'],
  ] as readonly (readonly [string, readonly (readonly [string, Note])[], string])[])('%s', (_, notes, detail) => {
    expect(verdict(...notes).slice(0, 2)).toEqual(['violated', detail]);
  });
});

describe('priority-zero-never-promoted', () => {
  test('any other priority', () => {
    expect(verdictOf(new PriorityZero(), [['s1', say.selected('10.0.0.2:6379', 1)]])).toEqual(['holds', '1 replicas chosen for promotion']);
  });
  test('zero', () => {
    expect(verdictOf(new PriorityZero(), [['s1', say.selected('10.0.0.2:6379', 0)]]))
      .toEqual(['violated', 's1 chose 10.0.0.2:6379, whose priority is 0', 1]);
  });
});

describe('only-listed-replicas-promoted', () => {
  const nodes = { '1': view('r0'), '2': view('r1'), '3': view('below') };
  const find = (place: Bytes): typeof nodes['1'] | null => nodes[place.slice(7, 8) as keyof typeof nodes] ?? null;

  /** r1 follows r0, and `below` follows r1; the sentinels believe in r0. */
  const chosen = (...notes: readonly Note[]): readonly [string, string, number?] => {
    const named = new NamedNodes(find);
    for (const [node, primary] of [[nodes['2'], '10.0.0.1:6379'], [nodes['3'], '10.0.0.2:6379']] as const) {
      node.primary = bytes(primary);
      named.note(node, { kind: 'sync', state: 'connected', detail: '', because: [] });
    }
    named.sentinelNote(say.belief('10.0.0.1:6379'));
    for (const note of notes) named.sentinelNote(note);
    return verdictOf(new OnlyListedPromoted(named, find), notes.map((note) => ['s1', note] as const));
  };

  test('a direct replica; and the primary that was, once it was replaced', () => {
    expect(chosen(say.selected('10.0.0.2:6379'))[0]).toBe('holds');
    expect(chosen(say.selected('10.0.0.2:6379'), say.belief('10.0.0.2:6379'), say.selected('10.0.0.1:6379'))).toEqual(
      ['holds', '2 replicas chosen for promotion']);
  });

  test('a replica of a replica, before and after that one was a primary', () => {
    expect(chosen(say.selected('10.0.0.3:6379'))).toEqual(
      ['violated', 's1 chose below, which no primary of mymain ever had as its replica', 1]);
    expect(chosen(say.belief('10.0.0.2:6379'), say.selected('10.0.0.3:6379'))[0]).toBe('holds');
  });

  test('nobody at all', () => {
    expect(chosen(say.selected('10.0.0.9:6379'))).toEqual(['violated', 's1 chose 10.0.0.9:6379, where there is no data node', 1]);
  });

  test('who only asked for a synchronisation in vain is not listed', () => {
    const named = new NamedNodes(find);
    const asked = nodes['3'];
    asked.primary = bytes('10.0.0.1:6379');
    named.sentinelNote(say.belief('10.0.0.1:6379'));
    named.note(asked, { kind: 'sync', state: 'handshake', detail: '', because: [] });
    expect(named.has(bytes('mymain'), asked)).toBe(false);
    named.note(asked, { kind: 'sync', state: 'transfer', detail: '', because: [] });
    expect(named.has(bytes('mymain'), asked)).toBe(true);
  });
});
