/** A note as a record: which integers of it go into the rolling hash, and how it stands in a trace. */
import { hashText } from '../../engine/core/hash.ts';
import type { Note } from '../../engine/core/notes.ts';
import type { CauseId } from '../../engine/core/units.ts';
import type { Kernel } from '../time/kernel.ts';
import { KIND } from '../time/kinds.ts';

/** Returns the record's id. Offsets and digests are mixed in whole; of rare notes their texts too. */
export const observeNote = (kernel: Kernel, node: number, note: Note): CauseId => {
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
      b = hashText(note.state);
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
    default:
      b = hashText((note as { readonly kind: string }).kind);
  }
  return kernel.observe(KIND.note, node, a, b, kernel.tracing ? { note } : null);
};
