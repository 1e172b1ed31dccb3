/** Notes and views by hand: what the tests of the checks share. */
import {
  type Bytes, type CauseId, type HistoryNote, type HistoryReason, type Note, type StreamNote, bytes, causeId, replOffset,
} from '../../../../engine/index.ts';
import { NodeView } from '../../../../sim/check/nodeView.ts';
import { SentinelView } from '../../../../sim/check/sentinelView.ts';
import type { SimProcess } from '../../../../sim/node/simProcess.ts';

export const A: Bytes = bytes('a'.repeat(40));
export const B: Bytes = bytes('b'.repeat(40));
export const C: Bytes = bytes('c'.repeat(40));

/** A view of a process that is only a name, a state and a disk that never failed. */
export const view = (name: string, state: SimProcess['state'] = 'running'): NodeView => {
  const disk = { trouble: { lied: false, failedSync: false, rotted: false, tore: false } };
  return new NodeView({ name, state, machine: { disk }, startedAt: 0, erasures: [] } as unknown as SimProcess, 6379);
};

export const history = (
  reason: HistoryReason, id: Bytes, offset: number, parent: Bytes | null = null, parentOffset = offset, digest = 0,
): HistoryNote => ({
  kind: 'history', reason, id, offset: replOffset(offset), parent, parentOffset: replOffset(parentOffset), digestLo: digest,
  digestHi: digest, because: [],
});

export const stream = (
  role: StreamNote['role'], id: Bytes, end: number, chunk: string, digest = 0,
): StreamNote => ({
  kind: 'stream', id, offset: replOffset(end), chunk: bytes(chunk), role, digestLo: digest, digestHi: digest,
});

/** A sentinel's view of a process that is only a name. */
export const sentinel = (name: string, state: SimProcess['state'] = 'running'): SentinelView =>
  new SentinelView({ name, state, starts: 1 } as unknown as SimProcess, 26379);

export const NAME: Bytes = bytes('mymain');

/** Notes of sentinels about `NAME`, as short as a test can have them. */
export const say = {
  vote: (epoch: number, candidate: Bytes, voter: Bytes = A): Note =>
    ({ kind: 'vote', name: NAME, epoch, voter, candidate, because: [] }),
  epoch: (current: number, config: number): Note => ({ kind: 'epoch', name: NAME, current, config }),
  odown: (agreeing: number, quorum: number, because: readonly CauseId[] = []): Note =>
    ({ kind: 'odown', name: NAME, agreeing, quorum, because }),
  leader: (epoch: number, leader: Bytes, votes: number, known = 3, quorum = 2, isForced = false): Note =>
    ({ kind: 'leader', name: NAME, epoch, leader, votes, known, quorum, isForced, because: [] }),
  selected: (replica: string, priority = 100): Note =>
    ({ kind: 'selected', name: NAME, replica: bytes(replica), priority, replOffset: 1, runId: A, because: [] }),
  belief: (primary: string): Note => ({ kind: 'belief', name: NAME, primary: bytes(primary) }),
  event: (event: string, instance = '10.0.0.1:6379', because: readonly number[] = [], detail = ''): Note => ({
    kind: 'sentinel', event, detail: bytes(detail), name: NAME, instance: bytes(instance), because: because.map(causeId),
  }),
} as const;
