/** ZADD and ZINCRBY. Source: zaddGenericCommand and zsetAdd in t_zset.c of Redis 7.0, for behaviour. */
import { type Bytes, lower } from '../core/bytes.ts';
import { SortedSetValue } from '../keyspace/sortedSetValue.ts';
import { DoubleReply, ErrorReply, type Reply, SYNTAX_ERROR, error } from '../protocol/reply.ts';
import { writeKind } from './arguments.ts';
import { type Call, type CommandRow, type Handler, ONE_KEY } from './command.ts';
import { readDouble } from './doubleArgument.ts';

const NX_AND_XX = error('ERR XX and NX options at the same time are not compatible');
const GT_LT_NX = error('ERR GT, LT, and/or NX options at the same time are not compatible');
const ONE_PAIR = error('ERR INCR option supports a single increment-element pair');
const NOT_A_NUMBER = error('ERR resulting score is not a number (NaN)');

interface AddOptions {
  nx: boolean;
  xx: boolean;
  gt: boolean;
  lt: boolean;
  ch: boolean;
  incr: boolean;
}

interface AddRequest {
  readonly options: AddOptions;
  readonly pairs: readonly { readonly member: Bytes; readonly score: number }[];
}

const readRequest = (argv: readonly Bytes[], incr: boolean): AddRequest | ErrorReply => {
  const options: AddOptions = { nx: false, xx: false, gt: false, lt: false, ch: false, incr };
  let at = 2;
  for (; at < argv.length; at++) {
    const word: string = lower(argv[at] as Bytes);
    if (!isOption(word)) break;
    options[word] = true;
  }
  const words = argv.length - at;
  if (words === 0 || words % 2 === 1) return SYNTAX_ERROR;
  if (options.nx && options.xx) return NX_AND_XX;
  if ((options.gt && options.nx) || (options.lt && options.nx) || (options.gt && options.lt)) return GT_LT_NX;
  if (options.incr && words > 2) return ONE_PAIR;
  const pairs: { readonly member: Bytes; readonly score: number }[] = [];
  for (let index = at; index < argv.length; index += 2) {
    const score = readDouble(argv[index] as Bytes);
    if (score instanceof ErrorReply) return score;
    pairs.push({ member: argv[index + 1] as Bytes, score });
  }
  return { options, pairs };
};

const isOption = (word: string): word is keyof AddOptions =>
  word === 'nx' || word === 'xx' || word === 'gt' || word === 'lt' || word === 'ch' || word === 'incr';

/** The score to set, null when the options forbid it. */
const scoreToSet = (old: number | undefined, given: number, options: AddOptions): number | null | ErrorReply => {
  if (old === undefined) return options.xx ? null : given;
  if (options.nx) return null;
  const score = options.incr ? old + given : given;
  if (Number.isNaN(score)) return NOT_A_NUMBER;
  if ((options.lt && score >= old) || (options.gt && score <= old)) return null;
  return score;
};

/** ZADD or ZINCRBY by its words; `changes` is how much it did. */
export const addMembers = (call: Call, argv: readonly Bytes[], incr: boolean): { readonly reply: Reply; readonly changes: number } => {
  const refused = (reply: Reply): { readonly reply: Reply; readonly changes: number } => ({ reply, changes: 0 });
  const key = argv[1] as Bytes;
  const request = readRequest(argv, incr);
  if (request instanceof ErrorReply) return refused(request);
  const target = writeKind(call, key, SortedSetValue);
  if (target instanceof ErrorReply) return refused(target);
  const { options } = request;
  if (target === undefined && options.xx) return refused(options.incr ? null : 0);
  const set = target === undefined ? new SortedSetValue() : target.value;
  const counts = { added: 0, changed: 0, same: 0 };
  let last: number | null = null;
  for (const { member, score: given } of request.pairs) {
    const score = scoreToSet(set.score(member), given, options);
    if (score instanceof ErrorReply) return refused(score);
    last = score;
    if (score !== null) counts[set.set(member, score, call.keyspace.limits)]++;
  }
  const changes = counts.added + counts.changed;
  if (target === undefined) call.db.put(key, set);
  else if (changes > 0) call.db.changed(target.entry);
  if (changes > 0) call.db.notify('z', options.incr ? 'zincr' : 'zadd', key);
  call.changed(changes);
  if (options.incr) return { reply: last === null ? null : new DoubleReply(last), changes };
  return { reply: options.ch ? changes : counts.added, changes };
};

const addAs = (incr: boolean): Handler => (call, argv) => addMembers(call, argv, incr).reply;

const FLAGS = ['write', 'denyoom', 'fast'] as const;

export const sortedSetAddCommands: readonly CommandRow[] = [
  { name: 'zadd', arity: -4, flags: FLAGS, keys: ONE_KEY, since: '1.2.0', handler: addAs(false) },
  { name: 'zincrby', arity: 4, flags: FLAGS, keys: ONE_KEY, since: '1.2.0', handler: addAs(true) },
];
