/** The four ways to fail. Callers match by class, never by message. Error *replies* are values, not exceptions. */

/** Something the program guarantees about itself does not hold: a bug of ours, never bad input. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** Bytes from a peer that break the wire protocol. `message` is the text that follows `-ERR ` on the wire. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** A line of a configuration, and what is wrong with it, in the words that redis-server has for it. */
export interface WrongLine {
  /** From 1: within a file that is included, else within file, standard input and command line as one text. */
  readonly number: number;
  readonly text: string;
  readonly reason: string;
}

/** A configuration file, option or flag that cannot be used. The message names the place. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /** Null: it is about no line. */
  readonly line: WrongLine | null;
  constructor(message: string, line: WrongLine | null = null) {
    super(message);
    this.line = line;
  }
}

/** A scenario, plan or topology that cannot be used. The message names the file or the path of the wrong field. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
}

/** Throws `InvariantError` unless `condition` holds. State what must hold at the write and again at the read. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** For the arm of a switch that the types rule out. */
export const unreachable = (value: never): never => {
  throw new InvariantError(`unreachable: ${String(value)}`);
};
