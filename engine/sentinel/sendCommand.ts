/** Commands to an instance, counted until their replies are there. Source: instanceLink in sentinel.c of Redis 7.0. */
import type { Bytes } from '../core/bytes.ts';
import type { Reply } from '../protocol/reply.ts';
import type { CommandConnection } from './commandConnection.ts';
import type { Instance } from './instance.ts';

/** Sends a command whose reply is awaited. */
export const sendOver = (
  instance: Instance, connection: CommandConnection, argv: readonly Bytes[], onReply: (reply: Reply) => void,
): void => {
  const { link } = instance;
  link.pendingCommands++;
  connection.send(argv, (reply) => {
    link.pendingCommands--;
    onReply(reply);
  });
};

/** Sends a command over an instance's command connection; false while there is none. */
export const send = (instance: Instance, argv: readonly Bytes[], onReply: (reply: Reply) => void): boolean => {
  const { commands } = instance.link;
  if (commands === null) return false;
  sendOver(instance, commands, argv, onReply);
  return true;
};
