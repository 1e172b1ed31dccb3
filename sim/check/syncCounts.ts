/** What primaries answered to PSYNC over a run, counted from their notes. */
import type { Note } from '../../engine/index.ts';
import type { SyncsReport } from '../report.ts';

export class SyncCounts {
  private full = 0;
  private partialOk = 0;
  private partialRefused = 0;

  note(note: Note): void {
    if (note.kind !== 'replica') return;
    if (note.event === 'full-sync') this.full++;
    else if (note.event === 'partial-sync') this.partialOk++;
    else if (note.event === 'partial-refused') this.partialRefused++;
  }

  report(): SyncsReport {
    return { full: this.full, partialOk: this.partialOk, partialRefused: this.partialRefused };
  }
}
