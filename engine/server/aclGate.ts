/**
 * The ACL before each command: what a client hears that may not run it.
 * Source: server.c and multi.c of Redis 7.0 (processCommand, execCommand), for messages.
 */
import type { Bytes } from '../core/bytes.ts';
import type { Client } from '../commands/client.ts';
import { type ErrorReply, error } from '../protocol/reply.ts';
import type { Acl } from './acl.ts';
import type { Denial } from './aclSelector.ts';
import type { Command } from './commandTable.ts';

const NO_KEY_PERMISSION = error('NOPERM this user has no permissions to access one of the keys used as arguments');
const NO_CHANNEL_PERMISSION = error('NOPERM this user has no permissions to access one of the channels used as arguments');
const REASONS_IN_EXEC: Readonly<Record<Denial['reason'], string>> = {
  command: 'no permission to execute the command or subcommand', key: 'no permission to touch the specified keys',
  channel: 'no permission to access one of the channels used as arguments to the command',
};

/** What the client's user may not do, which is logged; null: it may. */
export const refusalByAcl = (
  acl: Acl, client: Client, command: Command, argv: readonly Bytes[], nowMs: () => number,
): ErrorReply | null => {
  // Nearly everybody may do everything.
  if (client.user === null || client.user.isUnrestricted) return null;
  const denial = acl.refusal(client, command, argv, client.transaction === null ? 'toplevel' : 'multi', nowMs());
  if (denial === null) return null;
  if (denial.reason === 'command') return error(`NOPERM this user has no permissions to run the '${command.name}' command`);
  return denial.reason === 'key' ? NO_KEY_PERMISSION : NO_CHANNEL_PERMISSION;
};

/** EXEC: the user's rights may have changed since the command was queued. */
export const refusalInExec = (acl: Acl, client: Client, command: Command, argv: readonly Bytes[], nowMs: number): ErrorReply | null => {
  const denial = acl.refusal(client, command, argv, 'multi', nowMs);
  return denial === null ? null : error('NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. '
    + `This command is no longer allowed for the following reason: ${REASONS_IN_EXEC[denial.reason]}`);
};
