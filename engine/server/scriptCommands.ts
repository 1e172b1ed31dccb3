/**
 * EVAL and its like, and SCRIPT: scripts by their text and by its SHA-1.
 * Source: eval.c of Redis 7.0 (evalGenericCommand, scriptCommand), for behaviour and messages.
 */
import { type Bytes, bytes, lower, toHex } from '../core/bytes.ts';
import { sha1 } from '../core/sha1.ts';
import { isWord, readInt64 } from '../commands/arguments.ts';
import { type Call, type CommandFlag, type CommandRow, type Handler, NO_KEYS } from '../commands/command.ts';
import { ErrorReply, OK, type Reply, Status, error } from '../protocol/reply.ts';
import type { ScriptEngine } from '../scripting/scriptEngine.ts';
import { NO_ENGINE } from './functionLibraries.ts';
import { type ScriptFlags, readScriptHead } from './scriptFlags.ts';
import type { ScriptRunner } from './scriptRunner.ts';

const SHA_LENGTH = 40;
const NO_SCRIPT = error('NOSCRIPT No matching script. Please use EVAL.');
const WRONG_FLUSH = error('ERR SCRIPT FLUSH only support SYNC|ASYNC option');
const NO_DEBUGGER = error('ERR SCRIPT DEBUG is not supported: there is no debugger');
const TOO_MANY_KEYS = error("ERR Number of keys can't be greater than number of args");
const NEGATIVE_KEYS = error("ERR Number of keys can't be negative");
const NOT_AN_INTEGER = error('ERR value is not an integer or out of range');

/** The scripts that were compiled, by SHA-1. They are in no file: clients send them again. */
export class ScriptCache {
  private readonly engine: () => ScriptEngine | null;
  private readonly scripts: Map<Bytes, ScriptFlags> = new Map();

  constructor(engine: () => ScriptEngine | null) {
    this.engine = engine;
  }

  get size(): number {
    return this.scripts.size;
  }

  flagsOf(sha: Bytes): ScriptFlags | undefined {
    return this.scripts.get(sha);
  }

  /** Its SHA-1; an error reply for what cannot be compiled. */
  add(body: Bytes): Bytes | ErrorReply {
    const sha = toHex(sha1(body));
    if (this.scripts.has(sha)) return sha;
    const head = readScriptHead(body);
    if (typeof head === 'string') return error(head);
    const engine = this.engine();
    if (engine === null) return error(NO_ENGINE);
    const problem = engine.compile(sha, head.code);
    if (problem !== null) return error(`ERR Error compiling script (new function): ${problem}`);
    this.scripts.set(sha, head.flags);
    return sha;
  }

  flush(): void {
    const engine = this.engine();
    for (const sha of this.scripts.keys()) engine?.forget(sha);
    this.scripts.clear();
  }
}

/** Keys and further arguments behind a count of keys; an error reply for a wrong count. */
export const splitKeys = (
  argv: readonly Bytes[], notANumber: ErrorReply = NOT_AN_INTEGER,
): { readonly keys: readonly Bytes[]; readonly args: readonly Bytes[] } | ErrorReply => {
  const count = readInt64(argv[2] as Bytes);
  if (typeof count !== 'bigint') return notANumber;
  if (count > BigInt(argv.length - 3)) return TOO_MANY_KEYS;
  if (count < 0n) return NEGATIVE_KEYS;
  const end = 3 + Number(count);
  return { keys: argv.slice(3, end), args: argv.slice(end) };
};

/** The keys that a call declares; none where the count is wrong, which the command says itself. */
export const declaredKeys = (argv: readonly Bytes[]): readonly Bytes[] => {
  const split = splitKeys(argv);
  return split instanceof ErrorReply ? [] : split.keys;
};

const HELP: readonly string[] = [
  'SCRIPT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  'DEBUG (YES|SYNC|NO)', '    Set the debug mode for subsequent scripts executed.',
  'EXISTS <sha1> [<sha1> ...]', '    Return information about the existence of the scripts in the script cache.',
  'FLUSH [ASYNC|SYNC]', '    Flush the Lua scripts cache. Very dangerous on replicas.',
  '    When called without the optional mode argument, the behavior is determined by the',
  '    lazyfree-lazy-user-flush configuration directive. Valid modes are:',
  '    * ASYNC: Asynchronously flush the scripts cache.', '    * SYNC: Synchronously flush the scripts cache.',
  'KILL', '    Kill the currently executing Lua script.',
  'LOAD <script>', '    Load a script into the scripts cache without executing it.',
  'HELP', '    Prints this help.',
];

const flush = (cache: ScriptCache, argv: readonly Bytes[]): Reply => {
  const isGood = argv.length === 2 || (argv.length === 3 && (isWord(argv[2], 'sync') || isWord(argv[2], 'async')));
  if (!isGood) return WRONG_FLUSH;
  cache.flush();
  return OK;
};

/** Flags of everything that runs scripts. */
export const RUNNING_FLAGS: readonly CommandFlag[] = ['noscript', 'stale', 'skip_monitor', 'no_mandatory_keys', 'movablekeys'];

export const scriptCommands = (
  cache: ScriptCache, runner: ScriptRunner, engine: () => ScriptEngine | null,
): readonly CommandRow[] => {
  const runCached = (call: Call, argv: readonly Bytes[], sha: Bytes, isReadOnlyCommand: boolean): Reply => {
    const split = splitKeys(argv);
    if (split instanceof ErrorReply) return split;
    const flags = cache.flagsOf(sha);
    const lua = engine();
    if (flags === undefined || lua === null) return NO_SCRIPT;
    const { client } = call;
    return runner.run({
      client, kind: 'script', name: sha, argv, keys: split.keys, flags, isReadOnlyCommand,
      start: () => lua.start(sha, split.keys, split.args, client.protocol),
    });
  };
  const evaluate = (isReadOnlyCommand: boolean): Handler => (call, argv) => {
    const split = splitKeys(argv);
    if (split instanceof ErrorReply) return split;
    const sha = cache.add(argv[1] as Bytes);
    return sha instanceof ErrorReply ? sha : runCached(call, argv, sha, isReadOnlyCommand);
  };
  const evaluateCached = (isReadOnlyCommand: boolean): Handler => (call, argv) => {
    const sha = lower(argv[1] as Bytes);
    return sha.length === SHA_LENGTH ? runCached(call, argv, sha, isReadOnlyCommand) : NO_SCRIPT;
  };
  const running = (name: string, since: string, handler: Handler, more: readonly CommandFlag[] = []): CommandRow =>
    ({ name, arity: -3, flags: [...more, ...RUNNING_FLAGS], keys: NO_KEYS, movableKeys: declaredKeys, since, handler });
  const row = (name: string, arity: number, handler: Handler, more: readonly CommandFlag[] = []): CommandRow =>
    ({ name: `script|${name}`, arity, flags: ['noscript', ...more], keys: NO_KEYS, since: '2.6.0', handler });
  return [
    running('eval', '2.6.0', evaluate(false)), running('evalsha', '2.6.0', evaluateCached(false)),
    running('eval_ro', '7.0.0', evaluate(true), ['readonly']), running('evalsha_ro', '7.0.0', evaluateCached(true), ['readonly']),
    row('kill', 2, () => runner.kill('script'), ['allow_busy']),
    row('exists', -3, (_call, argv) => argv.slice(2).map((sha) => (cache.flagsOf(lower(sha)) === undefined ? 0 : 1))),
    row('flush', -2, (_call, argv) => flush(cache, argv)),
    row('load', 3, (_call, argv) => cache.add(argv[2] as Bytes), ['stale']),
    row('debug', 3, () => NO_DEBUGGER),
    { name: 'script|help', arity: 2, flags: ['loading', 'stale'], keys: NO_KEYS, since: '5.0.0',
      handler: () => HELP.map((line) => new Status(bytes(line))) },
  ];
};
