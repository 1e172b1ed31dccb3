/**
 * What happened at an instant and is worth a mark on its lane: votes, epochs, promotions, down and objectively down,
 * elections, slots that change hands, processes that end by themselves, the first violation of a check.
 *
 * Always holds: moments stand in the order of their rows.
 */
import type { Note } from '../../engine/core/notes.ts';
import { SENTINEL_EVENT } from '../../engine/protocol/sentinelNames.ts';
import type { RunReport } from '../../sim/report.ts';
import { KIND } from '../../sim/time/kinds.ts';
import type { Recording } from './recording.ts';

export type MomentKind =
  | 'vote' | 'epoch' | 'leader' | 'sdown' | 'odown' | 'switch' | 'promotion' | 'demotion' | 'election' | 'fail' | 'slots'
  | 'sync' | 'tilt' | 'exit' | 'mark' | 'violation';

export interface Moment {
  readonly row: number;
  /** Virtual microseconds. */
  readonly at: number;
  readonly node: string;
  readonly kind: MomentKind;
  /** In Redis's words where it has some: `+odown mymain #quorum 2/2`. */
  readonly label: string;
}

/** Events of a sentinel that stand as marks; the others are in the list of events. */
const SENTINEL_MOMENTS: Readonly<Record<string, MomentKind>> = {
  [SENTINEL_EVENT.sdown]: 'sdown', [SENTINEL_EVENT.noSdown]: 'sdown', [SENTINEL_EVENT.noOdown]: 'odown',
  [SENTINEL_EVENT.switchPrimary]: 'switch', [SENTINEL_EVENT.tilt]: 'tilt', [SENTINEL_EVENT.noTilt]: 'tilt',
};

const CLUSTER_MOMENTS: Readonly<Record<string, MomentKind>> = {
  pfail: 'sdown', recovered: 'sdown', fail: 'fail', election: 'election', ok: 'slots', down: 'slots',
};

export const buildMoments = (recording: Recording, report: RunReport): readonly Moment[] => {
  const moments: Moment[] = [];
  const roles = new Map<string, string>();
  for (const [row, detail] of recording.detailed()) {
    const found = recording.rows.kind[row] === KIND.note
      ? ofNote(detail['note'] as Note, recording.nodeName(row), roles)
      : recording.rows.kind[row] === KIND.exit ? { kind: 'exit' as const, label: `exit ${String(detail['status'])}` } : null;
    if (found !== null) {
      moments.push({ row, at: recording.rows.at[row] as number, node: recording.nodeName(row), ...found });
    }
  }
  for (const { name, verdict, detail, event } of report.verdicts) {
    if (verdict !== 'violated' || event === undefined || event === 0) continue;
    const row = event - 1;
    const at = recording.rows.at[row] as number;
    moments.push({ row, at, node: recording.nodeName(row), kind: 'violation', label: `${name}: ${detail}` });
  }
  return moments.sort((left, right) => left.row - right.row);
};

const ofNote = (note: Note, node: string, roles: Map<string, string>): Pick<Moment, 'kind' | 'label'> | null => {
  switch (note.kind) {
    case 'vote': return { kind: 'vote', label: `vote in epoch ${note.epoch} for ${note.candidate.slice(0, 8)}` };
    case 'leader': return { kind: 'leader', label: `leader of epoch ${note.epoch}: ${note.votes} of ${note.known} votes` };
    case 'odown': return { kind: 'odown', label: `+odown ${note.name}: ${note.agreeing} agree, quorum ${note.quorum}` };
    case 'epoch': return { kind: 'epoch', label: `epoch ${note.current}, configuration of epoch ${note.config}` };
    case 'sentinel': {
      const kind = SENTINEL_MOMENTS[note.event];
      return kind === undefined ? null : { kind, label: `${note.event} ${note.detail}`.trim() };
    }
    case 'cluster': {
      const kind = CLUSTER_MOMENTS[note.event];
      return kind === undefined ? null : { kind, label: `${note.event} ${note.node.slice(0, 8)} ${note.detail}`.trim() };
    }
    case 'role': {
      const before = roles.get(node);
      roles.set(node, note.role);
      if (before === undefined || before === note.role) return null;
      return note.role === 'primary' ? { kind: 'promotion', label: 'became a primary' }
        : { kind: 'demotion', label: `became a replica of ${note.primary ?? 'nobody'}` };
    }
    case 'history': return note.reason === 'full-sync' || note.reason === 'partial-sync'
      ? { kind: 'sync', label: `${note.reason}: ${note.id.slice(0, 8)} from ${note.offset}` } : null;
    case 'mark': return { kind: 'mark', label: note.name };
    default: return null;
  }
};
