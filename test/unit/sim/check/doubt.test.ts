/** What a violated check takes from the explanations of losses, and what it leaves. */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { CauseId } from '../../../../engine/index.ts';
import { doubted, doubtsOf } from '../../../../sim/check/doubt.ts';
import type { WriteRecord } from '../../../../sim/check/ledger.ts';
import { type Explanation, isReplacement } from '../../../../sim/check/lossExplanation.ts';

const ASYNCHRONOUS = 'replication is asynchronous: a replica is promoted with what it has';
const DIED = 'memory is gone with its process, and no snapshot on its disk held the write';

const step = (event: number, rule: string): Explanation['chain'][number] => ({ node: 'n1', event, atMs: 1, what: 'x', rule });
const explanation = (...chain: Explanation['chain'][number][]): Explanation => ({ permitted: true, cause: 'a cause', chain });
const replaced = explanation(step(50, DIED), step(60, ASYNCHRONOUS));
const died = explanation(step(50, DIED));

/** Accepted in event 30; with WAIT 2 and its answer. */
const write = (waitedFor = 0): WriteRecord =>
  ({ executedIn: 30 as CauseId, operation: { waitReplicas: waitedFor, acknowledgedBy: waitedFor } }) as unknown as WriteRecord;

const violated = (name: string, event: number): Parameters<typeof doubtsOf>[0] => [{ name, verdict: 'violated', detail: 'x', event: event as CauseId, events: new Set([event as CauseId]) }];
const permitted = (name: string, event: number, given: Explanation, of: WriteRecord = write()): boolean =>
  doubted(given, of, doubtsOf(violated(name, event))).permitted;

test('the steps of the examples are what they are said to be', () => {
  expect(replaced.chain.map(isReplacement)).toEqual([false, true]);
});

describe('positions: every step since the violation', () => {
  test('explains nothing', () => {
    expect(permitted('history-prefix', 55, replaced)).toBe(false);
    expect(permitted('history-prefix', 50, died)).toBe(false);
  });
  test('before it, it does', () => expect(permitted('history-prefix', 61, replaced)).toBe(true));
  test('the end of the run is after it', () => expect(permitted('history-prefix', 61, explanation(step(0, DIED)))).toBe(false));
});

describe('promotions: what was lost because a primary was replaced since', () => {
  test('explains nothing', () => expect(permitted('one-vote-per-epoch', 60, replaced)).toBe(false));
  test('before it, or by death alone, it does', () => {
    expect(permitted('one-vote-per-epoch', 61, replaced)).toBe(true);
    expect(permitted('one-vote-per-epoch', 1, died)).toBe(true);
  });
});

describe('acceptance: writes that should have been refused', () => {
  test('explains nothing of these, however they were lost', () => {
    expect(permitted('minority-stops-writes', 30, replaced)).toBe(false);
    expect(permitted('min-replicas-stop-writes', 30, died)).toBe(false);
  });
  test('of others it does, accepted sooner or later', () => {
    for (const event of [1, 29, 31]) expect(permitted('minority-stops-writes', event, replaced)).toBe(true);
  });
});

describe('waits: what WAIT said', () => {
  test('explains nothing of what it acknowledged', () => expect(permitted('wait-counts-replicas', 50, died, write(2))).toBe(false));
  test('of other writes, or of what was lost before, it does', () => {
    expect(permitted('wait-counts-replicas', 50, died)).toBe(true);
    expect(permitted('wait-counts-replicas', 51, died, write(2))).toBe(true);
  });
});

test('every safety check of ours is about something', () => {
  const folder = new URL('../../../../sim/check/', import.meta.url);
  const names = readdirSync(folder).filter((file) => file.endsWith('.ts')).flatMap((file) => {
    const text = readFileSync(new URL(file, folder), 'utf8');
    return text.includes('readonly isSafety = true') ? [/readonly name = '([a-z-]+)'/.exec(text)?.[1] ?? file] : [];
  });
  expect(names.length).toBeGreaterThan(15);
  expect(names.filter((name) => doubtsOf(violated(name, 1)).length === 0)).toEqual([]);
});

describe('what nobody rests on', () => {
  test('a check of the user’s own, a check that holds, a loss that is a bug already', () => {
    expect(permitted('our-own-rule', 1, replaced)).toBe(true);
    expect(doubtsOf([{ name: 'history-prefix', verdict: 'holds', detail: 'x' }])).toEqual([]);
    const bug = { ...died, permitted: false };
    expect(doubted(bug, write(), doubtsOf(violated('history-prefix', 1)))).toBe(bug);
  });
});
