import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MATCHES_MAX, parseQuery, search } from '../../../../viz/model/search.ts';
import { Recording } from '../../../../viz/model/recording.ts';
import { describe as describeRow } from '../../../../viz/model/why.ts';
import { played } from './played.ts';

const find = (recording: Recording, query: string): readonly number[] => [...search(recording, parseQuery(query)).rows];

describe('search', () => {
  const { recording } = played('sentinel/primary-killed');

  test('by node, kind and word', () => {
    const votes = find(recording, 'word:VOTE node:redis-sentinel-2');
    expect(votes.length).toBeGreaterThan(0);
    for (const row of votes) expect([recording.nodeName(row), recording.word(row)]).toEqual(['redis-sentinel-2', 'vote']);
    const kills = find(recording, 'kind:kill');
    expect(kills.map((row) => recording.nodeName(row))).toEqual(['redis-main']);
    expect(find(recording, 'node:nobody')).toEqual([]);
  });

  test('by words, which must all be there', () => {
    const rows = find(recording, 'kind:complete failed C1');
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(describeRow(recording, row)).toMatch(/C1.*failed/);
  });

  test('what did not follow: the failover took its time, but not that long', () => {
    expect(find(recording, 'kind:kill not followed by word:leader within 3000 ms')).toHaveLength(1);
    expect(find(recording, 'kind:kill not followed by word:leader within 30 s')).toEqual([]);
    expect(find(recording, 'kind:kill not followed by word:leader within 30 s on the same node')).toHaveLength(1);
    const last = search(recording, parseQuery(`kind:kill not followed by nothing-like-this within ${Math.ceil(recording.endAt / 1000)} ms`));
    expect([last.rows.length, last.undecided]).toEqual([0, 1]);
  });

  test('more matches than can be shown are cut, and it says so', () => {
    const all = search(recording, parseQuery('kind:timer'));
    expect(all.rows.length).toBe(MATCHES_MAX);
    expect(all.isCut).toBe(true);
  });

  test.each([['', 'say what to look for'], ['a not followed by b', 'say for how long'], ['x'.repeat(301), 'at most 300 characters']])(
    '%j is no query', (query, message) => expect(() => parseQuery(query)).toThrow(message));

  test('"not followed by" is what a plain reading of it finds', () => {
    fc.assert(fc.property(
      fc.array(fc.record({ step: fc.nat(3), node: fc.constantFrom('n', 'm'), kind: fc.constantFrom('kill', 'up', 'log') }), { maxLength: 30 }),
      fc.nat(4), fc.boolean(), (events, withinMs, isSameNode) => {
        const made = new Recording();
        let now = 0;
        events.forEach(({ step, node, kind }, index) => {
          now += step * 1000;
          made.record({ id: index + 1, at: now, parent: 0, kind: kind as 'kill', node, a: 0, b: 0, detail: null });
        });
        const times = [...made.rows.at.subarray(0, made.count)];
        const expected = events.flatMap(({ kind, node }, row) => {
          const until = (times[row] as number) + withinMs * 1000;
          if (kind !== 'kill' || until > made.endAt) return [];
          const isFollowed = events.some((other, later) => later > row && other.kind === 'up' && (times[later] as number) <= until
            && (!isSameNode || other.node === node));
          return isFollowed ? [] : [row];
        });
        const query = `kind:kill not followed by kind:up within ${withinMs} ms on ${isSameNode ? 'the same' : 'any'} node`;
        expect(find(made, query)).toEqual(expected);
      }));
  });
});
