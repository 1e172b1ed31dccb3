/**
 * Times that must pass before somebody decides: down-after-milliseconds until SDOWN, the node timeout until PFAIL, and the time
 * that a failover may take. Each begins with the record that set it and ends with the decision, or with its time.
 */
import type { Note } from '../../engine/core/notes.ts';
import { SENTINEL_EVENT } from '../../engine/protocol/sentinelNames.ts';
import type { ExpandedScenario } from '../../sim/scenario.ts';
import type { Recording } from './recording.ts';

export interface TimerSpan {
  /** Lane of whom it runs at. */
  readonly node: string;
  readonly kind: 'down-after' | 'node-timeout' | 'failover-timeout';
  /** Virtual microseconds; `to` is when it ran out, or would have. */
  readonly from: number;
  readonly to: number;
  /** Row of the decision that it led to, or of its beginning. */
  readonly row: number;
  readonly label: string;
}

const FAILOVER_TIMEOUT_MS_DEFAULT = 180_000;
const MICROS_PER_MS = 1000;

export const buildTimers = (recording: Recording, scenario: ExpandedScenario): readonly TimerSpan[] => {
  const timers: TimerSpan[] = [];
  for (const [row, detail] of recording.detailed()) {
    const note = detail['note'] as Note | undefined;
    if (note === undefined) continue;
    const node = recording.nodeName(row);
    const at = recording.rows.at[row] as number;
    if (note.kind === 'sentinel' && note.event === SENTINEL_EVENT.sdown) {
      const from = heardAt(recording, note.because, at);
      if (from !== null) timers.push({ node, kind: 'down-after', from, to: at, row, label: `down-after: ${note.instance ?? ''}` });
    } else if (note.kind === 'cluster' && note.event === 'pfail') {
      const from = heardAt(recording, note.because, at);
      if (from !== null) timers.push({ node, kind: 'node-timeout', from, to: at, row, label: `node timeout: ${note.node.slice(0, 8)}` });
    } else if (note.kind === 'leader') {
      const to = at + failoverTimeoutMs(scenario, node, note.name) * MICROS_PER_MS;
      timers.push({ node, kind: 'failover-timeout', from: at, to, row, label: `failover-timeout of ${note.name}` });
    }
  }
  return timers;
};

/** When the last word came that the decision rests on: the earliest of its reasons. */
const heardAt = (recording: Recording, because: readonly number[], before: number): number | null => {
  const times = because.filter((id) => id > 0).map((id) => recording.rows.at[id - 1] as number).filter((at) => at < before);
  return times.length === 0 ? null : Math.min(...times);
};

const failoverTimeoutMs = ({ topology }: ExpandedScenario, node: string, primary: string): number => {
  const process = topology.processes.find(({ name }) => name === node);
  const words = process?.directives.findLast(([first, what, name]) => first === 'sentinel' && what === 'failover-timeout' && name === primary);
  return Number(words?.[3] ?? FAILOVER_TIMEOUT_MS_DEFAULT);
};
