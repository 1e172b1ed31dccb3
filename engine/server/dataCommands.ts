/** The command families that know data only. */
import type { CommandRow } from '../commands/command.ts';
import { expiryCommands } from '../commands/expiry.ts';
import { keyCommands } from '../commands/keys.ts';
import { setCommands } from '../commands/sets.ts';
import { stringCommands } from '../commands/strings.ts';

export const dataCommands: readonly (readonly CommandRow[])[] = [
  stringCommands, keyCommands, expiryCommands, setCommands,
];
