/** The view of the server that a handler gets: one object, set up anew for each command. */
import type { Host } from '../host.ts';
import type { Bytes } from '../core/bytes.ts';
import type { Random } from '../core/random.ts';
import type { Client } from '../commands/client.ts';
import type { Blocking, Call } from '../commands/command.ts';
import type { Database } from '../keyspace/database.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { NO_REPLY, type Reply } from '../protocol/reply.ts';

export class CallContext implements Call {
  readonly keyspace: Keyspace;
  readonly random: Random;
  client: Client;
  db: Database;
  nowMs = 0;
  denyBlocking = false;
  fromStream = false;
  /** Changes that the handler reported. */
  changes = 0;
  /** What the handler wants in the stream in its own place; null: itself. */
  substitutes: readonly (readonly Bytes[])[] | null = null;
  /** The command goes to replicas only. */
  toReplicasOnly = false;
  /** The handler made its client wait for keys. */
  blocking: Blocking | null = null;
  private readonly host: Host;

  constructor(host: Host, keyspace: Keyspace, random: Random, client: Client) {
    this.host = host;
    this.keyspace = keyspace;
    this.random = random;
    this.client = client;
    this.db = keyspace.database(0);
  }

  begin(client: Client, nowMs: number): void {
    this.client = client;
    this.db = this.keyspace.database(client.databaseId);
    this.nowMs = nowMs;
    this.fromStream = client.kind === 'primary';
    this.denyBlocking = this.fromStream || client.transaction !== null;
    this.changes = 0;
    this.substitutes = null;
    this.toReplicasOnly = false;
    this.blocking = null;
  }

  block(blocking: Blocking): Reply {
    if (this.denyBlocking) return blocking.timeoutReply;
    this.blocking = blocking;
    return NO_REPLY;
  }

  changed(count: number): void {
    this.changes += count;
  }

  propagate(...commands: readonly (readonly Bytes[])[]): void {
    this.substitutes = commands;
  }

  propagateToReplicas(): void {
    this.toReplicasOnly = true;
  }

  cost(elements: number): void {
    this.host.cost('element', elements);
  }
}
