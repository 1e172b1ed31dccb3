/**
 * What the network needs of a process, and how it hands work to it: the network never calls a program by itself.
 */
import type { CauseId } from '../../engine/core/units.ts';
import type { SimSocket } from './simSocket.ts';

/** Something for which a process must run a turn. */
export interface Work {
  /** The record that made it due; kept while it waits. */
  cause: CauseId;
  /** A timer comes before buffered input when a paused process goes on. */
  readonly isTimer: boolean;
  /** False when it became pointless while it waited: then no turn is run. */
  isDue(): boolean;
  /** The callbacks of the turn. */
  runTurn(): void;
}

/** A running process: the owner of sockets, listeners, timers and file callbacks. One object per start. */
export interface Owner {
  /** Index of its process. */
  readonly node: number;
  /** Of its name: part of what its connections' draws hang on. */
  readonly nameHash: number;
  /** Runs the turn now, or when the process is free. Ignored once it is dead. */
  submit(work: Work): void;
  /** To be flushed at the end of the present turn. */
  touch(socket: SimSocket): void;
  /** How many connections it has begun to this place before. */
  nextConnection(place: string): number;
}
