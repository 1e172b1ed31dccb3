/**
 * What the server and a script engine know of each other. The server has commands, caches and the clock; the engine runs Lua and
 * turns values into replies. An engine is handed to the server when it starts, so that a build without scripts carries no Lua.
 *
 * Always holds: at most one run is under way on an engine; a run does nothing between two calls of `step`.
 */
import type { Bytes } from '../core/bytes.ts';
import { ErrorReply, type Reply } from '../protocol/reply.ts';

/** `redis.set_repl`: where what a script writes goes. */
export const REPLICATE_TO_FILE = 1;
export const REPLICATE_TO_REPLICAS = 2;
export const REPLICATE_TO_ALL: number = REPLICATE_TO_FILE | REPLICATE_TO_REPLICAS;

export type ScriptLogLevel = 'debug' | 'verbose' | 'notice' | 'warning';

/** What scripts ask of the server around them. */
export interface ScriptServices {
  /** Runs a command as the script's client. A refusal or failure is an error reply. `protocol`: how replies are shaped. */
  call(argv: readonly Bytes[], protocol: 2 | 3): Reply;
  /** Whether the script's user may run the command; null: there is no such command. */
  mayCall(argv: readonly Bytes[]): boolean | null;
  log(level: ScriptLogLevel, message: Bytes): void;
  setReplication(flags: number): void;
  /** So many instructions of Lua were executed. */
  cost(instructions: number): void;
}

/** An error whose cause, a command inside the script, was counted as an error already. */
export class CountedError extends ErrorReply {}

export type RunStep = { readonly done: false } | { readonly done: true; readonly reply: Reply };

/** One script that runs. Replies are shaped for a client of the protocol it was started for. */
export interface ScriptRun {
  /** Executes about so many instructions, or all that are left where it cannot be interrupted. */
  step(instructions: number): RunStep;
  /** The next step ends it with this error. */
  kill(message: string): void;
}

/** What `redis.register_function` was told. */
export interface RegisteredFunction {
  readonly name: Bytes;
  readonly description: Bytes | null;
  readonly flags: readonly Bytes[];
}

/** What a library's code left: its functions, which `startFunction` can call; nothing is in force before `adopt`. */
export interface LoadedLibrary {
  readonly functions: readonly RegisteredFunction[];
}

export interface ScriptEngine {
  /** Compiles a script under its SHA-1, in 40 hexadecimal digits. Null, or what is wrong with it. */
  compile(sha: Bytes, body: Bytes): string | null;
  /** A compiled script. */
  start(sha: Bytes, keys: readonly Bytes[], args: readonly Bytes[], client: 2 | 3): ScriptRun;
  /** Drops a compiled script. */
  forget(sha: Bytes): void;
  /** Runs a library's code, which registers functions. A text: why it failed. */
  load(code: Bytes): LoadedLibrary | string;
  startFunction(library: LoadedLibrary, name: Bytes, keys: readonly Bytes[], args: readonly Bytes[], client: 2 | 3): ScriptRun;
}

export type CreateScriptEngine = (services: ScriptServices) => ScriptEngine;
