/**
 * What one execution unit (a command, an EXEC) adds to the stream. Gathered while it runs, handed over at its end: one
 * command goes out bare, even from MULTI; two or more are wrapped.
 * Source: server.c of Redis 7.0 (propagatePendingCommands, alsoPropagate).
 */
import type { Bytes } from '../core/bytes.ts';
import { type StreamCommand, StreamUnit } from '../protocol/streamUnit.ts';

export class ExecutionUnit {
  /** How many commands are running inside one another; the unit ends when it is back at 0. */
  depth = 0;
  private commands: StreamCommand[] = [];

  add(database: number, argv: readonly Bytes[]): void {
    this.commands.push({ database, argv });
  }

  /** No change of data: for replicas, and for no file. */
  addForReplicas(database: number, argv: readonly Bytes[]): void {
    this.commands.push({ database, argv, isForReplicasOnly: true });
  }

  get isEmpty(): boolean {
    return this.commands.length === 0;
  }

  /** What was gathered, as one unit; gathering begins anew. */
  take(wrap: boolean): StreamUnit {
    const unit = new StreamUnit(this.commands, wrap);
    this.commands = [];
    return unit;
  }
}
