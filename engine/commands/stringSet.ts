/**
 * SET, GETEX and the rest that take an expiry with a string. What depends on the clock goes into the stream as an
 * absolute time, so that a replica which applies it later agrees.
 * Source: setGenericCommand and getexCommand in t_string.c of Redis 7.0, for behaviour.
 */
import { type Bytes, bytes, detach } from '../core/bytes.ts';
import { NO_EXPIRY } from '../keyspace/database.ts';
import { ErrorReply, OK, type Reply, SYNTAX_ERROR, WRONG_TYPE } from '../protocol/reply.ts';
import { isWord } from './arguments.ts';
import { type Call, type CommandRow, ONE_KEY } from './command.ts';
import {
  EX, EXAT, type ExpiryForm, PX, PXAT, isAlreadyPast, msText, readExpiry, storedMs,
} from './expireTime.ts';

const SET = bytes('SET');
const PERSIST = bytes('PERSIST');
const PXAT_WORD = bytes('PXAT');
const PEXPIREAT = bytes('PEXPIREAT');

/** The options behind SET's value or GETEX's key. */
interface SetOptions {
  condition: 'nx' | 'xx' | null;
  returnsOld: boolean;
  keepsTtl: boolean;
  persists: boolean;
  form: ExpiryForm | null;
  expiry: Bytes | null;
}

const NO_OPTIONS: Readonly<SetOptions> = {
  condition: null, returnsOld: false, keepsTtl: false, persists: false, form: null, expiry: null,
};

const EXPIRY_WORDS: ReadonlyMap<string, ExpiryForm> = new Map([['ex', EX], ['px', PX], ['exat', EXAT], ['pxat', PXAT]]);

/** Options from `from` on; null on any that is unknown or goes against another. */
const readOptions = (argv: readonly Bytes[], from: number, command: 'set' | 'getex'): Readonly<SetOptions> | null => {
  if (argv.length === from) return NO_OPTIONS;
  const options: SetOptions = { ...NO_OPTIONS };
  for (let index = from; index < argv.length; index++) {
    const form = expiryForm(argv[index] as Bytes);
    if (form !== undefined) {
      // The same unit may be given again, another may not.
      if (options.keepsTtl || options.persists || (options.form !== null && options.form !== form)) return null;
      if (++index >= argv.length) return null;
      options.form = form;
      options.expiry = argv[index] as Bytes;
    } else if (!readFlag(argv[index] as Bytes, options, command)) {
      return null;
    }
  }
  return options;
};

const expiryForm = (argument: Bytes): ExpiryForm | undefined => {
  for (const [word, form] of EXPIRY_WORDS) if (isWord(argument, word)) return form;
  return undefined;
};

const readFlag = (argument: Bytes, options: SetOptions, command: 'set' | 'getex'): boolean => {
  if (command === 'getex') {
    if (!isWord(argument, 'persist') || options.form !== null) return false;
    options.persists = true;
    return true;
  }
  if (isWord(argument, 'nx') && options.condition !== 'xx') options.condition = 'nx';
  else if (isWord(argument, 'xx') && options.condition !== 'nx') options.condition = 'xx';
  else if (isWord(argument, 'get')) options.returnsOld = true;
  else if (isWord(argument, 'keepttl') && options.form === null) options.keepsTtl = true;
  else return false;
  return true;
};

const set = (call: Call, argv: readonly Bytes[]): Reply => {
  const key = argv[1] as Bytes;
  const value = argv[2] as Bytes;
  const options = readOptions(argv, 3, 'set');
  if (options === null) return SYNTAX_ERROR;
  let when: bigint | null = null;
  if (options.form !== null) {
    const expiry = readExpiry(call, options.expiry as Bytes, options.form, 'set');
    if (expiry instanceof ErrorReply) return expiry;
    when = expiry;
  }
  const old = call.db.lookupWrite(key);
  if (options.returnsOld) call.db.countRead(key, old !== undefined);
  if (options.returnsOld && old !== undefined && typeof old.value !== 'string') return WRONG_TYPE;
  const oldValue = options.returnsOld && old !== undefined ? (old.value as Bytes) : null;
  if (options.condition !== null && (options.condition === 'nx') === (old !== undefined)) {
    return options.returnsOld ? oldValue : null;
  }
  const entry = call.db.put(key, detach(value), options.keepsTtl);
  call.db.notify('$', 'set', key);
  call.changed(1);
  if (when !== null) {
    call.db.setExpiry(entry, storedMs(when));
    call.db.notify('g', 'expire', key);
    call.propagate([SET, key, value, PXAT_WORD, msText(when)]);
  }
  if (!options.returnsOld) return OK;
  // A replica has nobody to return the old value to; a wholly rewritten command has lost the word already.
  if (when === null) call.propagate(argv.filter((argument, index) => index < 3 || !isWord(argument, 'get')));
  return oldValue;
};

const setWithExpiry = (call: Call, argv: readonly Bytes[], form: ExpiryForm, commandName: string): Reply => {
  const key = argv[1] as Bytes;
  const value = argv[3] as Bytes;
  const when = readExpiry(call, argv[2] as Bytes, form, commandName);
  if (when instanceof ErrorReply) return when;
  // For its deletion, should its time have come.
  call.db.lookupWrite(key);
  call.db.setExpiry(call.db.put(key, detach(value)), storedMs(when));
  call.db.notify('$', 'set', key);
  call.db.notify('g', 'expire', key);
  call.changed(1);
  call.propagate([SET, key, value, PXAT_WORD, msText(when)]);
  return OK;
};

const setex = (call: Call, argv: readonly Bytes[]): Reply => setWithExpiry(call, argv, EX, 'setex');

const psetex = (call: Call, argv: readonly Bytes[]): Reply => setWithExpiry(call, argv, PX, 'psetex');

const setnx = (call: Call, argv: readonly Bytes[]): Reply => {
  const key = argv[1] as Bytes;
  if (call.db.lookupWrite(key) !== undefined) return 0;
  call.db.put(key, detach(argv[2] as Bytes));
  call.db.notify('$', 'set', key);
  call.changed(1);
  return 1;
};

const getset = (call: Call, argv: readonly Bytes[]): Reply => {
  const key = argv[1] as Bytes;
  const old = call.db.lookupWrite(key)?.value;
  call.db.countRead(key, old !== undefined);
  if (old !== undefined && typeof old !== 'string') return WRONG_TYPE;
  call.db.put(key, detach(argv[2] as Bytes));
  call.db.notify('$', 'set', key);
  call.changed(1);
  call.propagate([SET, key, argv[2] as Bytes]);
  return old ?? null;
};

const getdel = (call: Call, argv: readonly Bytes[]): Reply => {
  const key = argv[1] as Bytes;
  const old = call.db.lookupWrite(key)?.value;
  call.db.countRead(key, old !== undefined);
  if (old === undefined) return null;
  if (typeof old !== 'string') return WRONG_TYPE;
  call.db.remove(key);
  call.db.notify('g', 'del', key);
  call.changed(1);
  call.propagate([call.keyspace.deletionNames.userDel, key]);
  return old;
};

const getex = (call: Call, argv: readonly Bytes[]): Reply => {
  const key = argv[1] as Bytes;
  const options = readOptions(argv, 2, 'getex');
  if (options === null) return SYNTAX_ERROR;
  const entry = call.db.lookupWrite(key);
  call.db.countRead(key, entry !== undefined);
  if (entry === undefined) return null;
  const value = entry.value;
  if (typeof value !== 'string') return WRONG_TYPE;
  if (options.form !== null) {
    const when = readExpiry(call, options.expiry as Bytes, options.form, 'getex');
    if (when instanceof ErrorReply) return when;
    if (!options.form.isRelative && isAlreadyPast(call, when)) {
      call.db.remove(key);
      call.db.notify('g', 'del', key);
      call.propagate([call.keyspace.deletionNames.expire, key]);
    } else {
      call.db.setExpiry(entry, storedMs(when));
      call.db.notify('g', 'expire', key);
      call.propagate([PEXPIREAT, key, msText(when)]);
    }
    call.changed(1);
  } else if (options.persists && entry.expireAtMs !== NO_EXPIRY) {
    call.db.setExpiry(entry, NO_EXPIRY);
    call.db.notify('g', 'persist', key);
    call.changed(1);
    call.propagate([PERSIST, key]);
  }
  return value;
};

const WRITE = ['write', 'denyoom'] as const;
const WRITE_FAST = ['write', 'denyoom', 'fast'] as const;
const TAKE_FAST = ['write', 'fast'] as const;

export const stringSetCommands: readonly CommandRow[] = [
  { name: 'set', arity: -3, flags: WRITE, keys: ONE_KEY, since: '1.0.0', handler: set },
  { name: 'setnx', arity: 3, flags: WRITE_FAST, keys: ONE_KEY, since: '1.0.0', handler: setnx },
  { name: 'setex', arity: 4, flags: WRITE, keys: ONE_KEY, since: '2.0.0', handler: setex },
  { name: 'psetex', arity: 4, flags: WRITE, keys: ONE_KEY, since: '2.6.0', handler: psetex },
  { name: 'getset', arity: 3, flags: WRITE_FAST, keys: ONE_KEY, since: '1.0.0', handler: getset },
  { name: 'getdel', arity: 2, flags: TAKE_FAST, keys: ONE_KEY, since: '6.2.0', handler: getdel },
  { name: 'getex', arity: -2, flags: TAKE_FAST, keys: ONE_KEY, since: '6.2.0', handler: getex },
];
