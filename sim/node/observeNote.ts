/** A note as a record: which integers of it go into the rolling hash, and how it stands in a trace. */
import { hashText } from '../../engine/core/hash.ts';
import type { LoggedNote, MovedNote, Note, RedirectNote, SlotsNote, StepNote } from '../../engine/core/notes.ts';
import type { CauseId } from '../../engine/core/units.ts';
import type { Kernel } from '../time/kernel.ts';
import { KIND } from '../time/kinds.ts';

/** The commonest note with a text has its hashes ready. */
const LOGGED_HASH: Readonly<Record<LoggedNote['state'], number>> = Object.freeze({
  written: hashText('written'), synced: hashText('synced'), failed: hashText('failed'), stopped: hashText('stopped'),
});

/** Returns the record's id. `because`: what it rests on, for the trace alone. Offsets and digests are mixed in whole; of rare notes their texts too. */
export const observeNote = (kernel: Kernel, node: number, note: Note, because: readonly CauseId[]): CauseId => {
  let a = 0;
  let b = 0;
  switch (note.kind) {
    case 'stream':
    case 'history':
      a = note.offset;
      b = note.digestLo ^ note.digestHi;
      break;
    case 'write':
    case 'saved':
      a = note.offset;
      break;
    case 'logged':
      a = note.offset;
      b = note.state === 'written' ? LOGGED_HASH.written : LOGGED_HASH[note.state];
      break;
    case 'replica':
      a = note.offset;
      b = hashText(note.event);
      break;
    case 'role':
    case 'belief':
      b = hashText(note.primary ?? '');
      break;
    case 'sync':
      b = hashText(note.state);
      break;
    case 'mark':
      b = hashText(note.name);
      break;
    case 'sentinel':
      a = hashText(note.event);
      b = hashText(note.detail);
      break;
    case 'vote':
      a = note.epoch;
      b = hashText(note.candidate);
      break;
    case 'leader':
      a = note.epoch;
      b = note.votes;
      break;
    case 'odown':
      a = note.agreeing;
      b = note.quorum;
      break;
    case 'epoch':
      a = note.current;
      b = note.config;
      break;
    case 'selected':
      a = note.replOffset;
      b = hashText(note.replica);
      break;
    case 'slots':
    case 'moved':
    case 'step':
    case 'redirect':
      [a, b] = integersOf(note);
      break;
    case 'cluster':
      a = hashText(note.event);
      b = hashText(note.node);
      break;
    default:
      b = hashText((note as { readonly kind: string }).kind);
  }
  return kernel.observe(KIND.note, node, a, b, !kernel.tracing ? null : because.length === 0 ? { note } : { note, because });
};

/** What goes into the hash of notes about slots and keys that move, who moves them, and who looks for them. */
const integersOf = (note: SlotsNote | MovedNote | StepNote | RedirectNote): readonly [number, number] => {
  switch (note.kind) {
    case 'slots': return [note.configEpoch, hashText(`${note.owner ?? ''} ${note.slots.length} ${note.slots[0] ?? ''}`)];
    case 'moved': return [note.offset, hashText(`${note.stage} ${note.keys.length} ${note.keys[0] ?? ''}`)];
    case 'step': return [note.number, hashText(`${note.step} ${note.slot ?? ''}`)];
    case 'redirect': return [note.slot, note.hops];
  }
};
