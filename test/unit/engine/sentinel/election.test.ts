/** One vote in each epoch, and how many votes make a leader. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytes } from '../../../../engine/core/bytes.ts';
import { leaderOf, vote } from '../../../../engine/sentinel/election.ts';
import { OWN_ID, SentinelBench } from '../../../support/sentinelBench.ts';

const id = (digit: string): string => digit.repeat(40);
const ask = (bench: SentinelBench, epoch: number, candidate: string): unknown =>
  bench.run('sentinel', 'is-master-down-by-addr', '10.0.1.1', '6379', String(epoch), candidate);

describe('voting', () => {
  test('the first who asks gets the vote of an epoch, later ones hear who', () => {
    const bench = new SentinelBench();
    expect(ask(bench, 3, id('b'))).toEqual([0, id('b'), 3]);
    expect(ask(bench, 3, id('c'))).toEqual([0, id('b'), 3]);
    expect(ask(bench, 2, id('c'))).toEqual([0, id('b'), 3]);
    expect(ask(bench, 4, id('c'))).toEqual([0, id('c'), 4]);
    expect(bench.host.notes.filter((note) => note.kind === 'vote').map(({ epoch, candidate }) => [epoch, candidate]))
      .toEqual([[3, id('b')], [4, id('c')]]);
  });

  test('no vote is given without a candidate, or about a primary that is not watched', () => {
    const bench = new SentinelBench();
    expect(ask(bench, 3, '*')).toEqual([0, '*', 0]);
    expect(bench.run('sentinel', 'is-master-down-by-addr', '10.9.9.9', '6379', '3', id('b'))).toEqual([0, '*', 0]);
    expect(bench.sentinel.currentEpoch).toBe(0);
    expect(bench.saves).toBe(0);
  });

  test.each(['-1', '9007199254740993', '9223372036854775807'])('no vote is given in epoch %s, which no election reaches', (epoch) => {
    const bench = new SentinelBench();
    expect(bench.run('sentinel', 'is-master-down-by-addr', '10.0.1.1', '6379', epoch, id('b'))).toEqual([0, '*', 0]);
    expect(bench.sentinel.currentEpoch).toBe(0);
    expect(bench.saves).toBe(0);
  });

  test('it is saved before the answer leaves, and blocks an own attempt for a while', () => {
    const bench = new SentinelBench();
    const before = bench.host.nowMs;
    ask(bench, 3, id('b'));
    expect(bench.saves).toBe(2);
    expect(bench.primary.failoverStartMs).toBeGreaterThanOrEqual(before);
    expect(bench.primary.failoverStartMs).toBeLessThan(before + 1000);
    expect(bench.events()).toEqual(['+new-epoch 3', `+vote-for-leader ${id('b')} 3`]);
  });

  test('a vote for itself does not', () => {
    const bench = new SentinelBench();
    vote(bench.sentinel, bench.primary, 3, OWN_ID);
    expect(bench.primary.failoverStartMs).toBe(0);
  });

  test('an epoch that has passed gets no vote, even where none was given in it', () => {
    const bench = new SentinelBench({ lines: ['current-epoch 9', 'leader-epoch one 2'] });
    expect(ask(bench, 5, id('b'))).toEqual([0, '*', 2]);
  });

  test('a failed save is only logged: the vote stands', () => {
    const bench = new SentinelBench();
    bench.canSave = false;
    expect(ask(bench, 3, id('b'))).toEqual([0, id('b'), 3]);
  });

  test('the planted bug votes twice', () => {
    const bench = new SentinelBench({ bugs: { votesTwice: true } });
    ask(bench, 3, id('b'));
    expect(ask(bench, 3, id('c'))).toEqual([0, id('c'), 3]);
  });
});

describe('counting', () => {
  /** The rule, in words: the votes of this epoch with the own one at the front-runner; majority of all known, and quorum. */
  const winnerOf = (votes: readonly (string | null)[], quorum: number): string | null => {
    const counts = new Map<string, number>();
    for (const candidate of votes) if (candidate !== null) counts.set(candidate, (counts.get(candidate) ?? 0) + 1);
    const front = [...counts].reduce<readonly [string, number]>((best, one) => (one[1] > best[1] ? one : best), [OWN_ID, 0]);
    const total = front[1] + 1;
    const known = votes.length + 1;
    return total >= Math.max(Math.floor(known / 2) + 1, quorum) ? front[0] : null;
  };

  test('property: a leader has the majority of all known sentinels, and the quorum', () => {
    const candidates = fc.option(fc.constantFrom(id('b'), id('c'), String(OWN_ID)), { nil: null });
    fc.assert(fc.property(fc.array(candidates, { maxLength: 6 }), fc.integer({ min: 1, max: 8 }), (votes, quorum) => {
      const bench = new SentinelBench({ quorum, lines: ['current-epoch 7'] });
      for (const [index, leader] of votes.entries()) {
        const digit = (index + 1).toString(16);
        bench.peer(digit);
        bench.peerState(digit).leader = leader === null ? null : bytes(leader);
        bench.peerState(digit).leaderEpoch = 7;
      }
      expect(leaderOf(bench.sentinel, bench.primary, 7).leader).toBe(winnerOf(votes, quorum));
    }));
  });

  test('votes of another epoch do not count, dead sentinels do', () => {
    const bench = new SentinelBench({ lines: ['current-epoch 7'] });
    for (const digit of ['1', '2', '3', '4']) bench.peer(digit);
    for (const digit of ['1', '2']) bench.peerState(digit).leader = OWN_ID;
    bench.peerState('1').leaderEpoch = 7;
    bench.peerState('2').leaderEpoch = 6;
    expect(leaderOf(bench.sentinel, bench.primary, 7)).toMatchObject({ leader: null, votes: 2, known: 5 });
    bench.peerState('2').leaderEpoch = 7;
    expect(leaderOf(bench.sentinel, bench.primary, 7)).toMatchObject({ leader: OWN_ID, votes: 3, known: 5 });
  });

  test('a vote given to another in this epoch counts for that one', () => {
    const bench = new SentinelBench({ quorum: 1 });
    bench.peer('1');
    bench.peer('2');
    ask(bench, 7, id('c'));
    bench.peerState('1').leader = OWN_ID;
    bench.peerState('1').leaderEpoch = 7;
    expect(leaderOf(bench.sentinel, bench.primary, 7)).toMatchObject({ leader: null, votes: 1 });
  });
});
