/** The stream commands, from their files. */
import type { CommandRow } from './command.ts';
import { streamAddCommands } from './streamAdd.ts';
import { streamClaimCommands } from './streamClaim.ts';
import { streamGroupCommands } from './streamGroups.ts';
import { streamInfoCommands } from './streamInfo.ts';
import { streamPendingCommands } from './streamPending.ts';
import { streamRangeCommands } from './streamRange.ts';
import { streamReadCommands } from './streamRead.ts';
import { streamTrimCommands } from './streamTrim.ts';

export const streamCommands: readonly CommandRow[] = [
  ...streamAddCommands, ...streamTrimCommands, ...streamRangeCommands, ...streamReadCommands, ...streamGroupCommands,
  ...streamPendingCommands, ...streamClaimCommands, ...streamInfoCommands,
];
