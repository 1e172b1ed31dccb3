/** Notes and views by hand: what the tests of the checks share. */
import { type Bytes, type HistoryNote, type HistoryReason, type StreamNote, bytes, replOffset } from '../../../../engine/index.ts';
import { NodeView } from '../../../../sim/check/nodeView.ts';
import type { SimProcess } from '../../../../sim/node/simProcess.ts';

export const A: Bytes = bytes('a'.repeat(40));
export const B: Bytes = bytes('b'.repeat(40));
export const C: Bytes = bytes('c'.repeat(40));

/** A view of a process that is only a name, a state and a disk that never failed. */
export const view = (name: string, state: SimProcess['state'] = 'running'): NodeView => {
  const disk = { trouble: { lied: false, failedSync: false, rotted: false, tore: false } };
  return new NodeView({ name, state, machine: { disk } } as unknown as SimProcess, 6379);
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
