/**
 * Where a turn ends on Node. libuv hands over everything that one poll found readable, then runs the check phase: the first
 * callback into the program arms one `setImmediate`, which runs the program's end-of-turn handler and then sends what
 * the turn has written, once per connection.
 *
 * Always holds: every callback into the program is followed by exactly one end of a turn before the next poll; nothing
 * that the program writes reaches a socket before its handler has run (it syncs the AOF there).
 * Source: the phases of Node's event loop; Redis's beforeSleep.
 */

/** Something that gathers output during the turn. */
export interface Flushable {
  flush(): void;
}

export class Turn {
  private armed = false;
  private waiting: Flushable[] = [];
  private handler: () => void = () => {};
  private exitStatus: number | null = null;
  private readonly endProcess: (status: number) => void;
  private readonly endBound = (): void => this.end();

  constructor(endProcess: (status: number) => void) {
    this.endProcess = endProcess;
  }

  onEnd(handler: () => void): void {
    this.handler = handler;
  }

  /** Called before every callback into the program. */
  arm(): void {
    if (this.armed) return;
    this.armed = true;
    setImmediate(this.endBound);
  }

  /** Asks for one flush at the end of this turn. The caller asks at most once per turn. */
  flushAtEnd(output: Flushable): void {
    this.waiting.push(output);
    this.arm();
  }

  /** The process ends once this turn's output has been handed to the kernel. */
  exitAtEnd(status: number): void {
    this.exitStatus = status;
    this.arm();
  }

  private end(): void {
    this.handler();
    const outputs = this.waiting;
    this.waiting = [];
    for (const output of outputs) output.flush();
    // Only now: what the handler itself wrote belongs to this turn and must not start another.
    this.armed = false;
    if (this.exitStatus !== null) this.endProcess(this.exitStatus);
  }
}
