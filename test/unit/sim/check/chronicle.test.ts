/** Why did this failover start? Notes by hand, with the silence that they rest on and what caused it. */
import { describe, expect, test } from 'vitest';
import { type Bytes, type CauseId, type Note, SENTINEL_EVENT, bytes, causeId } from '../../../../engine/index.ts';
import { recordsOfTrace } from '../../../../sim/check/causeRecord.ts';
import { Chronicle } from '../../../../sim/check/chronicle.ts';
import { explain } from '../../../../sim/check/explain.ts';
import { Hindrances } from '../../../../sim/fault/hindrances.ts';
import type { SimProcess } from '../../../../sim/node/simProcess.ts';
import type { TraceRecord } from '../../../../sim/trace/traceEvent.ts';
import { A, say } from './fixtures.ts';

const R0 = '10.0.0.1:6379';
const process = (name: string): SimProcess => ({ name, machine: { name, stack: { name } } }) as unknown as SimProcess;

/** A chronicle, and the trace of the same notes beside it. */
class Told {
  readonly r0 = process('r0');
  readonly s1 = process('s1');
  readonly s2 = process('s2');
  readonly hindrances = new Hindrances();
  readonly trace: TraceRecord[] = [];
  readonly chronicle = new Chronicle({
    find: (place: Bytes) => (place === R0 ? this.r0 : null), followed: () => bytes(R0), hindrances: this.hindrances,
  });

  /** Record `id` at `id` ms inside event `parent`. */
  note(id: number, from: SimProcess, parent: number, note: Note): void {
    const because = this.chronicle.because(from, note);
    this.chronicle.note(from, note, causeId(id), id * 1000, causeId(parent));
    this.trace.push({
      id, at: id * 1000, parent, kind: 'note', node: from.name, a: 0, b: 0, detail: because.length === 0 ? { note } : { note, because } });
  }

  strike(id: number): void {
    this.hindrances.add(causeId(id), id * 1000, 'kill: r0', { processes: [this.r0] }, false);
    this.trace.push({ id, at: id * 1000, parent: 0, kind: 'fault', node: 'world', a: 0, b: 0, detail: { do: 'kill', resolved: 'r0' } });
  }
}

const odown = (agreeing: number, ...because: readonly number[]): Note => say.odown(agreeing, 2, because.map(causeId) as CauseId[]);

/** r0 is killed; s2 and then s1 find that out, and s1 begins a failover. */
const failover = (): Told => {
  const told = new Told();
  for (const one of [told.s1, told.s2]) told.note(one === told.s1 ? 1 : 2, one, 0, say.belief(R0));
  told.strike(100);
  told.note(201, told.s2, 200, say.event(SENTINEL_EVENT.sdown, R0, [98]));
  told.note(211, told.s1, 210, say.event(SENTINEL_EVENT.sdown, R0, [99]));
  told.note(231, told.s1, 230, odown(2, 210, 220));
  told.note(232, told.s1, 230, say.event(SENTINEL_EVENT.tryFailover, R0, [230]));
  return told;
};

const CHAIN = [
  'at 0.232 s s1 began a failover of mymain (#232)',
  'because at 0.231 s s1 found mymain to be objectively down: 2 agree, the quorum is 2 (#231)',
  `because at 0.211 s s1 had heard nothing valid of ${R0} for down-after-milliseconds (#211), the last being #99`,
  'because at 0.100 s kill: r0 (#100)',
  `because at 0.201 s s2 had heard nothing valid of ${R0} for down-after-milliseconds (#201), the last being #98`,
];

describe('explain', () => {
  test('the chain from a failover back to what struck, from what was kept and from a trace alike', () => {
    const told = failover();
    expect(explain(told.chronicle, 232)).toEqual(CHAIN);
    expect(explain(recordsOfTrace(told.trace), 232)).toEqual(CHAIN);
  });

  test('the records list what was found', () => {
    const because = (id: number): unknown => failover().trace.find((record) => record.id === id)?.detail?.['because'];
    expect([because(211), because(231), because(232)]).toEqual([[99, 100], [210, 220, 201], undefined]);
  });

  test('who went silent only after the last word here has not agreed', () => {
    const told = failover();
    told.note(301, told.s2, 300, say.event(SENTINEL_EVENT.noSdown, R0, [299]));
    told.note(311, told.s2, 310, say.event(SENTINEL_EVENT.sdown, R0, [299]));
    expect(told.chronicle.because(told.s1, odown(2, 210, 305))).toEqual([]);
    expect(told.chronicle.because(told.s1, odown(2, 210, 312))).toEqual([210, 312, 311]);
    told.chronicle.ended(told.s2);
    expect(told.chronicle.because(told.s1, odown(2, 210, 312))).toEqual([]);
  });

  test('another instance of the name is not its primary', () => {
    const told = failover();
    told.note(401, told.s2, 400, say.event(SENTINEL_EVENT.noSdown, '10.0.0.2:6379', [399]));
    expect(told.chronicle.because(told.s1, odown(2, 210, 402))).toEqual([210, 402, 201]);
  });

  test('a failover that was asked for names the asking', () => {
    const told = failover();
    told.hindrances.add(causeId(500), 500_000, 'command: s1', { processes: [told.s1] }, false);
    told.note(502, told.s1, 501, say.event(SENTINEL_EVENT.tryFailover, R0, [0]));
    expect(explain(told.chronicle, 502)).toEqual([
      'at 0.502 s s1 began a failover of mymain (#502)', 'because at 0.500 s command: s1 (#500)']);
  });

  test('what is no decision has no chain; votes and leaders have', () => {
    const told = failover();
    told.note(601, told.s1, 600, say.vote(1, A));
    told.note(602, told.s1, 600, say.leader(1, A, 2));
    expect(explain(told.chronicle, 1)).toEqual([]);
    expect(explain(told.chronicle, 602)).toEqual(['at 0.602 s s1 was elected in epoch 1 of mymain with 2 of 3 votes (#602)']);
    expect(explain(told.chronicle, 601)[0]).toContain('s1 voted for aaaaaaaa in epoch 1');
  });
});
