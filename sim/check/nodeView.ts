/** What the simulator knows of each data node, from its notes alone: the one picture that targets, ledger and checks share. */
import type { Bytes, HistoryNote, MarkNote, Note, Role, StreamNote, SyncState } from '../../engine/index.ts';
import type { SimProcess } from '../node/simProcess.ts';

export class NodeView {
  readonly process: SimProcess;
  readonly port: number;
  /** Null while the process is dead, or before its first word. */
  role: Role | null = null;
  /** Whom it follows, `host:port`. */
  primary: Bytes | null = null;
  sync: SyncState = 'none';
  /** It was connected to a primary since its process was last started. */
  wasConnected = false;
  /** The last sync of its append-only file failed: it answers writes and PING with MISCONF. */
  hasFailedSync = false;
  /** Its place in the tree of histories; null when its memory is gone. */
  id: Bytes | null = null;
  offset = 0;
  digestLo = 0;
  digestHi = 0;

  constructor(process: SimProcess, port: number) {
    this.process = process;
    this.port = port;
  }

  get name(): string {
    return this.process.name;
  }

  get isAlive(): boolean {
    return this.process.state !== 'dead';
  }

  /** Brings the view up to date. */
  note(note: Note): void {
    switch (note.kind) {
      case 'stream':
        this.streamed(note);
        break;
      case 'history':
        this.take(note);
        break;
      case 'role':
        this.role = note.role;
        this.primary = note.primary;
        break;
      case 'sync':
        this.sync = note.state;
        if (note.state === 'connected') this.wasConnected = true;
        break;
      default:
    }
  }

  /** A mark says more than that its state was reached where that state lasts. */
  marked(name: MarkNote['name']): void {
    if (name === 'aofSyncFailed') this.hasFailedSync = true;
    else if (name === 'aofSyncMended') this.hasFailedSync = false;
  }

  /** By far the commonest note, for those who know that it is one: reading the kind of any note takes its time. */
  streamed(note: StreamNote): void {
    this.id = note.id;
    this.offset = note.offset;
    this.digestLo = note.digestLo;
    this.digestHi = note.digestHi;
  }

  /** The process ended: memory is gone. */
  ended(): void {
    this.role = null;
    this.primary = null;
    this.sync = 'none';
    this.wasConnected = false;
    this.hasFailedSync = false;
    this.id = null;
    this.offset = 0;
  }

  private take(note: HistoryNote): void {
    this.id = note.id;
    this.offset = note.offset;
    this.digestLo = note.digestLo;
    this.digestHi = note.digestHi;
  }
}
