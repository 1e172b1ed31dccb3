/**
 * Invariant: whatever ends a process, what the next start loads is a prefix of the node's own history, with the data that
 * belonged to that place (compared for append-only files: from a snapshot a primary leaves out what has expired). A snapshot
 * that was received for a full synchronisation counts as its own from then on. Disks that damage files, or keep less than they say, are not judged.
 */
import type { Bytes, CauseId, HistoryNote, Note } from '../../engine/index.ts';
import { bytes } from '../../engine/index.ts';
import { type Check, type CheckResult, Violations } from './check.ts';
import type { EqualOffsetEqualData } from './equalOffsetEqualData.ts';
import type { HistoryTree } from './historyTree.ts';
import type { NodeView } from './nodeView.ts';

interface Place {
  id: Bytes;
  offset: number;
}

interface NodeHistory {
  /** Ends of the stretches that it has been through, the present one last. */
  readonly places: Place[];
  /** What it last wrote was an append-only file. */
  hasAof: boolean;
}

export class LoadsOwnPrefix implements Check {
  readonly name = 'loads-own-prefix';
  readonly isSafety = true;
  readonly hears: readonly Note['kind'][] = ['sync', 'history', 'stream', 'logged', 'saved'];
  private readonly tree: HistoryTree;
  private readonly data: EqualOffsetEqualData;
  private readonly histories: Map<NodeView, NodeHistory> = new Map();
  private readonly violations: Violations = new Violations();
  private compared = 0;
  /** The first load from a damaged disk of other data than the node had there: what nodes say to hold is not so from then on. */
  damagedLoad: string | null = null;

  constructor(tree: HistoryTree, data: EqualOffsetEqualData) {
    this.tree = tree;
    this.data = data;
  }

  note(view: NodeView, note: Note, cause: CauseId): void {
    const history = this.history(view);
    if (note.kind === 'sync' && note.state === 'transfer') {
      const place = /^([0-9a-f]{40}):([0-9]+)$/.exec(note.detail);
      if (place !== null) history.places.push({ id: bytes(place[1] as string), offset: Number(place[2]) });
    } else if (note.kind === 'history') {
      if (note.reason === 'load') this.loaded(view, history, note, cause);
      history.places.push({ id: note.id, offset: note.offset });
    } else if (note.kind === 'stream') {
      const place = history.places.at(-1);
      if (place === undefined) history.places.push({ id: note.id, offset: note.offset });
      else {
        place.id = note.id;
        place.offset = note.offset;
      }
    } else if (note.kind === 'logged') history.hasAof = true;
    else if (note.kind === 'saved') history.hasAof = false;
  }

  finish(): CheckResult {
    return this.violations.result(this.compared, 'loads compared with what the node had been');
  }

  private loaded(view: NodeView, history: NodeHistory, note: HistoryNote, cause: CauseId): void {
    const { parent, parentOffset } = note;
    const { rotted, tore, lied, failedSync } = view.process.machine.disk.trouble;
    if (parent === null) return;
    const where = `${parent.slice(0, 8)}:${parentOffset}`;
    if (rotted || tore || lied || failedSync) {
      if (this.data.differs(parent, parentOffset, note.digestLo, note.digestHi) !== false) {
        this.damagedLoad ??= `${view.name} loaded what its disk had damaged, and calls it ${where}`;
      }
      return;
    }
    this.compared++;
    if (!history.places.some((place) => this.tree.contains(place.id, place.offset, parent, parentOffset))) {
      this.violations.add(`${view.name} loaded ${where}, where it had never been`, cause);
      return;
    }
    if (history.hasAof && this.data.differs(parent, parentOffset, note.digestLo, note.digestHi) === true) {
      this.violations.add(`${view.name} loaded other data than it had at ${where}`, cause);
    }
  }

  private history(view: NodeView): NodeHistory {
    let history = this.histories.get(view);
    if (history === undefined) {
      history = { places: [], hasAof: false };
      this.histories.set(view, history);
    }
    return history;
  }
}
