/**
 * BITFIELD: a string as fields of up to 64 bits, read, set and counted up, with three ways to overflow.
 * Source: bitfieldGeneric in bitops.c of Redis 7.0, for behaviour.
 */
import { type Bytes, EMPTY, lower } from '../core/bytes.ts';
import { narrow } from '../core/integers.ts';
import { ErrorReply, type Reply, SYNTAX_ERROR, WRONG_TYPE, error } from '../protocol/reply.ts';
import { readInt64 } from './arguments.ts';
import { packed, readBitOffset, unpacked } from './bitArguments.ts';
import { type Call, type CommandRow, ONE_KEY } from './command.ts';

type Overflow = 'wrap' | 'sat' | 'fail';

interface FieldType {
  readonly isSigned: boolean;
  readonly width: number;
}

interface Operation {
  readonly kind: 'get' | 'set' | 'incrby';
  readonly type: FieldType;
  readonly offset: number;
  readonly value: bigint;
  readonly overflow: Overflow;
}

const BAD_TYPE = error('ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.');
const BAD_OVERFLOW = error('ERR Invalid OVERFLOW type specified');
const READ_ONLY = error('ERR BITFIELD_RO only supports the GET subcommand');

const SIGNED_WIDTH_MAX = 64;

const readType = (word: Bytes): FieldType | ErrorReply => {
  const letter = word.charAt(0);
  const width = /^[1-9][0-9]?$/.test(word.slice(1)) ? Number(word.slice(1)) : 0;
  const widest = letter === 'i' ? SIGNED_WIDTH_MAX : letter === 'u' ? SIGNED_WIDTH_MAX - 1 : 0;
  return width < 1 || width > widest ? BAD_TYPE : { isSigned: letter === 'i', width };
};

/** The operations that the arguments spell. */
const readOperations = (argv: readonly Bytes[], isReadOnly: boolean): Operation[] | ErrorReply => {
  const operations: Operation[] = [];
  let overflow: Overflow = 'wrap';
  for (let index = 2; index < argv.length;) {
    const left = argv.length - index - 1;
    const word: string = lower(argv[index] as Bytes);
    if (word === 'overflow' && left >= 1) {
      const mode: string = lower(argv[index + 1] as Bytes);
      if (mode !== 'wrap' && mode !== 'sat' && mode !== 'fail') return BAD_OVERFLOW;
      overflow = mode;
      index += 2;
      continue;
    }
    const kind = word === 'get' && left >= 2 ? word : (word === 'set' || word === 'incrby') && left >= 3 ? word : null;
    if (kind === null) return SYNTAX_ERROR;
    const operation = readOperation(kind, argv, index, overflow);
    if (operation instanceof ErrorReply) return operation;
    operations.push(operation);
    index += kind === 'get' ? 3 : 4;
  }
  return isReadOnly && operations.some(({ kind }) => kind !== 'get') ? READ_ONLY : operations;
};

const readOperation = (
  kind: Operation['kind'], argv: readonly Bytes[], index: number, overflow: Overflow,
): Operation | ErrorReply => {
  const type = readType(argv[index + 1] as Bytes);
  if (type instanceof ErrorReply) return type;
  const offset = readBitOffset(argv[index + 2] as Bytes, type.width);
  if (offset instanceof ErrorReply) return offset;
  const value = kind === 'get' ? 0n : readInt64(argv[index + 3] as Bytes);
  return value instanceof ErrorReply ? value : { kind, type, offset, value, overflow };
};

/** The bits of a field as an unsigned number. */
const bitsOf = (content: Uint8Array, offset: number, width: number): bigint => {
  let value = 0n;
  for (let bit = offset; bit < offset + width;) {
    const at = Math.floor(bit / 8);
    const inByte = bit % 8;
    const taken = Math.min(8 - inByte, offset + width - bit);
    const byte = at < content.length ? content[at] as number : 0;
    value = (value << BigInt(taken)) | BigInt((byte >> (8 - inByte - taken)) & ((1 << taken) - 1));
    bit += taken;
  }
  return value;
};

const setBits = (content: Uint8Array, offset: number, width: number, value: bigint): void => {
  for (let bit = 0; bit < width; bit++) {
    const at = offset + bit;
    const mask = 1 << (7 - (at % 8));
    const place = Math.floor(at / 8);
    const isSet = ((value >> BigInt(width - 1 - bit)) & 1n) === 1n;
    content[place] = isSet ? (content[place] as number) | mask : (content[place] as number) & ~mask;
  }
};

const read = (content: Uint8Array, { type, offset }: Operation): bigint => {
  const value = bitsOf(content, offset, type.width);
  return type.isSigned ? BigInt.asIntN(type.width, value) : value;
};

/** `wanted` as the field can hold it; null where overflow is a failure. */
const fitted = ({ type: { isSigned, width }, overflow, kind }: Operation, wanted: bigint): bigint | null => {
  const least = isSigned ? -(1n << BigInt(width - 1)) : 0n;
  const most = isSigned ? -least - 1n : (1n << BigInt(width)) - 1n;
  // What is set into an unsigned field is an unsigned number, however it was written.
  const value = !isSigned && kind === 'set' ? BigInt.asUintN(64, wanted) : wanted;
  if (value >= least && value <= most) return value;
  if (overflow === 'fail') return null;
  if (overflow === 'sat') return value > most ? most : least;
  return isSigned ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value);
};

const bitfieldAs = (isReadOnly: boolean) => (call: Call, argv: readonly Bytes[]): Reply => {
  const operations = readOperations(argv, isReadOnly);
  if (operations instanceof ErrorReply) return operations;
  const key = argv[1] as Bytes;
  const writes = operations.filter(({ kind }) => kind !== 'get');
  const entry = writes.length > 0 ? call.db.lookupWrite(key) : undefined;
  const old = (writes.length > 0 ? entry : call.db.lookupRead(key))?.value ?? EMPTY;
  if (typeof old !== 'string') return WRONG_TYPE;
  // A string that is written to reaches to the last field, even if nothing fits.
  const bitsMax = writes.reduce((most, { offset, type }) => Math.max(most, offset + type.width), 0);
  const content = unpacked(old, Math.ceil(bitsMax / 8));
  const isGrown = content.length > old.length;
  let changes = 0;
  const replies = operations.map((operation): Reply => {
    const before = read(content, operation);
    if (operation.kind === 'get') return narrow(before);
    const after = fitted(operation, operation.kind === 'set' ? operation.value : before + operation.value);
    if (after === null) return null;
    setBits(content, operation.offset, operation.type.width, after);
    if (isGrown || after !== before) changes++;
    return narrow(operation.kind === 'set' ? before : after);
  });
  if (changes > 0 || isGrown) call.db.put(key, packed(content), true).form = 'raw';
  else if (entry !== undefined) entry.form = 'raw';
  if (changes > 0) {
    call.changed(changes);
    call.db.notify('$', 'setbit', key);
  }
  return replies;
};

export const bitfieldCommands: readonly CommandRow[] = [
  { name: 'bitfield', arity: -2, flags: ['write', 'denyoom'], keys: ONE_KEY, since: '3.2.0', handler: bitfieldAs(false) },
  { name: 'bitfield_ro', arity: -2, flags: ['readonly', 'fast'], keys: ONE_KEY, since: '6.0.0', handler: bitfieldAs(true) },
];
