/** Why did this failover start? Notes by hand, with the silence that they rest on and what caused it. */
import { describe, expect, test } from 'vitest';
import { type Bytes, type CauseId, type ClusterNote, type Note, SENTINEL_EVENT, bytes, causeId } from '../../../../engine/index.ts';
import { recordsOfTrace } from '../../../../sim/check/causeRecord.ts';
import { Chronicle } from '../../../../sim/check/chronicle.ts';
import { explain } from '../../../../sim/check/explain.ts';
import { Hindrances } from '../../../../sim/fault/hindrances.ts';
import type { SimProcess } from '../../../../sim/node/simProcess.ts';
import type { TraceRecord } from '../../../../sim/trace/traceEvent.ts';
import { A, B, C, say } from './fixtures.ts';

const R0 = '10.0.0.1:6379';
const process = (name: string): SimProcess => ({ name, machine: { name, stack: { name } } }) as unknown as SimProcess;

/** A chronicle, and the trace of the same notes beside it. */
class Told {
  readonly r0 = process('r0');
  readonly s1 = process('s1');
  readonly s2 = process('s2');
  readonly hindrances = new Hindrances();
  /** By their names in a cluster. */
  readonly nodes: Map<Bytes, SimProcess> = new Map();
  readonly trace: TraceRecord[] = [];
  readonly chronicle = new Chronicle({
    find: (place: Bytes) => (place === R0 ? this.r0 : null), followed: () => bytes(R0), hindrances: this.hindrances,
    clusterProcess: (id) => this.nodes.get(id) ?? null, clusterName: (of) => [...this.nodes].find(([, process]) => process === of)?.[0] ?? null,
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

describe('a cluster', () => {
  const cluster = (event: ClusterNote['event'], detail: string, because: readonly number[], reporters: readonly Bytes[] = []): Note =>
    ({ kind: 'cluster', event, node: A, detail, epoch: 7, reporters, because: because.map(causeId) });
  const names = (told: Told): void => {
    for (const [id, process] of [[A, told.r0], [B, told.s1], [C, told.s2]] as const) told.nodes.set(id, process);
    for (const [id, process] of told.nodes) told.note(told.trace.length + 1, process, 0, { kind: 'epoch', name: id, current: 1, config: 1 });
  };

  /** s1 and s2 miss r0, s1 finds it to have failed and says so, s2 asks for votes and is elected. */
  const replaced = (): Told => {
    const told = new Told();
    names(told);
    told.strike(100);
    told.note(201, told.s2, 200, cluster('pfail', '', [98]));
    told.note(211, told.s1, 210, cluster('pfail', '', [99]));
    told.note(221, told.s1, 220, cluster('fail', '2 of 3', [210, 219], [C]));
    told.note(231, told.s2, 230, cluster('told', '', [230], [B]));
    told.note(241, told.s2, 240, cluster('election', 'rank 0', [230]));
    told.note(251, told.s1, 250, { kind: 'vote', name: A, epoch: 7, voter: B, candidate: C, because: [causeId(250)] });
    told.note(261, told.s2, 260, { ...say.leader(7, C, 2), name: A } as Note);
    told.note(262, told.s2, 260, { kind: 'slots', slots: [1, 2], owner: C, configEpoch: 7, byCommand: false, because: [causeId(260)] });
    return told;
  };

  test('from the slots that a replica serves back to what struck its primary', () => {
    const told = replaced();
    const chain = [
      'at 0.262 s s2 serves 2 slots from now on, with epoch 7 (#262)',
      'because at 0.261 s s2 was elected in epoch 7 of r0 with 2 of 3 votes (#261)',
      'because at 0.241 s s2 asked for votes in epoch 7 to replace r0, rank 0 (#241)',
      'because at 0.231 s s2 was told by s1 that r0 has failed (#231)',
      'because at 0.221 s s1 found r0 to have failed: 2 of 3 primaries say so (#221)',
      'because at 0.211 s s1 had heard nothing of r0 for the node timeout (#211), the last being #99',
      'because at 0.100 s kill: r0 (#100)',
      'because at 0.201 s s2 had heard nothing of r0 for the node timeout (#201), the last being #98',
      'because at 0.251 s s1 voted for s2 in epoch 7 of r0 (#251)',
    ];
    expect(explain(told.chronicle, 262)).toEqual(chain);
    expect(explain(recordsOfTrace(told.trace), 262)).toEqual(chain);
  });

  test('a node that misses others stops serving because of them, not of those that are back', () => {
    const told = replaced();
    const down = (): readonly CauseId[] => told.chronicle.because(told.s1, cluster('down', '1 of 3 primaries reachable', [300]));
    expect(down()).toEqual([221]);
    told.note(301, told.s1, 300, cluster('recovered', '', [300]));
    expect(down()).toEqual([]);
  });

  test('what an operator did is the cause of what was asked for by hand', () => {
    const told = new Told();
    names(told);
    told.hindrances.add(causeId(100), 100_000, 'command: s2', { processes: [told.s2] }, false);
    expect(told.chronicle.because(told.s2, cluster('election', 'by hand', [101]))).toEqual([100]);
    expect(told.chronicle.because(told.s2, say.leader(7, C, 0, 3, 2, true))).toEqual([100]);
  });
});
