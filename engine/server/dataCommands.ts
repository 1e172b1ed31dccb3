/** The command families that know data only. */
import type { CommandRow } from '../commands/command.ts';
import { bitmapCommands } from '../commands/bitmaps.ts';
import { expiryCommands } from '../commands/expiry.ts';
import { geoCommands } from '../commands/geo.ts';
import { hashCommands } from '../commands/hashes.ts';
import { hyperLogLogCommands } from '../commands/hyperLogLogCommands.ts';
import { keyCommands } from '../commands/keys.ts';
import { listCommands } from '../commands/lists.ts';
import { setCommands } from '../commands/sets.ts';
import { sortedSetCommands } from '../commands/sortedSets.ts';
import { sortCommands } from '../commands/sort.ts';
import { streamCommands } from '../commands/streams.ts';
import { stringCommands } from '../commands/strings.ts';
import { dumpCommands } from '../persistence/dumpCommands.ts';

export const dataCommands: readonly (readonly CommandRow[])[] = [
  stringCommands, keyCommands, expiryCommands, setCommands, listCommands, hashCommands, sortedSetCommands, sortCommands,
  streamCommands, dumpCommands, bitmapCommands, hyperLogLogCommands, geoCommands,
];
