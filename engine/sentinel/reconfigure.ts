/** One transaction that makes an instance a replica of another, or a primary. Source: sentinelSendSlaveOf of Redis 7.0. */
import { type Bytes, bytes } from '../core/bytes.ts';
import { COMMAND_SLAVEOF } from '../protocol/wireNames.ts';
import type { InstanceAddress } from './address.ts';
import type { WatchedReplica } from './instance.ts';
import { send } from './sendCommand.ts';
import type { Sentinel } from './sentinel.ts';

/**
 * Clients are cut off with it, so that they ask again who the primary is. `to` null: it becomes a primary. False: there is no
 * connection to send it over.
 */
export const sendReplicaof = (sentinel: Sentinel, replica: WatchedReplica, to: InstanceAddress | null): boolean => {
  const { primary } = replica;
  const name = (word: string): Bytes => sentinel.command(primary, word);
  const target = to === null ? [bytes('NO'), bytes('ONE')] : [sentinel.shown(to), bytes(String(to.port))];
  const commands: readonly (readonly Bytes[])[] = [
    [name('MULTI')],
    [name(COMMAND_SLAVEOF), ...target],
    [name('CONFIG'), bytes('REWRITE')],
    [name('CLIENT'), bytes('KILL'), bytes('TYPE'), bytes('normal')],
    [name('CLIENT'), bytes('KILL'), bytes('TYPE'), bytes('pubsub')],
    [name('EXEC')],
  ];
  return commands.every((argv) => send(replica, argv, () => {}));
};
