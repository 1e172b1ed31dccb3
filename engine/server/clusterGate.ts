/**
 * Before a request runs on a node of a cluster: does it belong here? And do the clients that wait for keys still wait in the right
 * place? Source: processCommand in server.c and clientsCronHandleTimeout in timeout.c of Redis 7.0.
 */
import type { Host } from '../host.ts';
import type { Bytes } from '../core/bytes.ts';
import { InvariantError } from '../core/errors.ts';
import type { Client } from '../commands/client.ts';
import type { ClusterState } from '../cluster/clusterState.ts';
import { isPlainlyHere, redirection, redirectionOfWaiting } from '../cluster/redirect.ts';
import { NO_EXPIRY } from '../keyspace/database.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import type { ErrorReply } from '../protocol/reply.ts';
import { keysOf } from './commandKeys.ts';
import type { Command } from './commandTable.ts';

const SHARD_COMMANDS: readonly string[] = ['ssubscribe', 'sunsubscribe', 'spublish'];

export class ClusterGate {
  private readonly state: ClusterState;
  private readonly host: Host;
  private readonly keyspace: Keyspace;
  private readonly find: (argv: readonly Bytes[]) => Command | undefined;

  constructor(state: ClusterState, host: Host, keyspace: Keyspace, find: (argv: readonly Bytes[]) => Command | undefined) {
    this.state = state;
    this.host = host;
    this.keyspace = keyspace;
    this.find = find;
  }

  /** Null: it may run here. EXEC belongs where all that it would run belongs. */
  redirection(client: Client, command: Command, argv: readonly Bytes[]): ErrorReply | null {
    if (client.kind === 'primary') return null;
    const queued = command.name === 'exec' ? client.transaction : null;
    const keys = queued === null ? keysOf(command, argv) : queued.queue.flatMap((words) => keysOf(this.command(words), words));
    if (keys.length === 0 || (keys.length === 1 && isPlainlyHere(this.state, keys[0] as Bytes))) return null;
    return redirection(this.state, {
      keys,
      isWrite: command.isWrite,
      queuedWrites: queued?.writes ?? false,
      isShardPubsub: SHARD_COMMANDS.includes(command.name),
      isMigrate: command.name === 'migrate',
      isAsking: client.isAsking || command.flags.includes('asking'),
      isReadOnlyClient: client.isReadOnly,
    }, (key) => this.exists(key));
  }

  /** Why a client that waits for keys waits in vain; null: it does not, or does not wait for keys. */
  redirectionOfWaiting(client: Client): ErrorReply | null {
    const { blocked } = client;
    if (blocked?.kind !== 'keys') return null;
    const mayRead = client.isReadOnly && !this.command(blocked.argv).isWrite;
    return redirectionOfWaiting(this.state, blocked.blocking.keys[0] as Bytes, mayRead);
  }

  private command(argv: readonly Bytes[]): Command {
    const command = this.find(argv);
    if (command === undefined) throw new InvariantError('a request that was accepted has a command');
    return command;
  }

  /** A key whose time has come counts as gone, deleted or not. */
  private exists(key: Bytes): boolean {
    const entry = this.keyspace.database(0).peek(key);
    return entry !== undefined && (entry.expireAtMs === NO_EXPIRY || entry.expireAtMs >= this.host.wallMs());
  }
}
