import { describe, expect, test } from 'vitest';
import { type Bytes, bytes } from '../../../../engine/core/bytes.ts';
import { ProtocolError } from '../../../../engine/core/errors.ts';
import { encodeCommand } from '../../../../engine/protocol/encode.ts';
import { RequestDecoder } from '../../../../engine/protocol/requestDecoder.ts';

const decode = (text: string, change: (decoder: RequestDecoder) => void = () => {}): (readonly Bytes[])[] => {
  const decoder = new RequestDecoder();
  change(decoder);
  decoder.push(bytes(text));
  const out: (readonly Bytes[])[] = [];
  for (let argv = decoder.next(); argv !== null; argv = decoder.next()) out.push(argv);
  return out;
};

describe('requests', () => {
  test('multibulk and inline requests, one after the other', () => {
    expect(decode('*2\r\n$3\r\nGET\r\n$1\r\na\r\nset "b c" \'d\'\r\nPING\n')).toEqual(
      [['GET', 'a'], ['set', 'b c', 'd'], ['PING']]);
  });

  test('quotes and escapes of inline requests', () => {
    expect(decode('x "\\x41\\n\\"\\q" \'it\\\'s\' ""\r\n')).toEqual([['x', 'A\n"q', "it's", '']]);
  });

  test('an argument may hold any byte, and be empty', () => {
    expect(decode('*3\r\n$0\r\n\r\n$2\r\n\r\n\r\n$3\r\n\0\xff*\r\n')).toEqual([['', '\r\n', '\0\xff*']]);
  });

  test('the byte behind CR is not looked at, as in Redis', () => {
    expect(decode('*1\rX$4\rYPINGZZ')).toEqual([['PING']]);
  });

  test('empty lines and empty requests are passed over and counted', () => {
    const decoder = new RequestDecoder();
    decoder.push(bytes('\n\r\n*0\r\n*-5\r\n  \n*1\r\n$4\r\nPING\r\n\n'));
    expect(decoder.next()).toEqual(['PING']);
    expect(decoder.skippedTotal).toBe(15);
    expect(decoder.frameLength).toBe(14);
    expect(decoder.next()).toBeNull();
    expect(decoder.skippedTotal).toBe(16);
    expect(decoder.buffered).toBe(0);
  });

  test('the frame comes back verbatim, and what follows it is buffered', () => {
    const decoder = new RequestDecoder();
    const first = encodeCommand(['SET', 'key', 'some longer value'].map(bytes));
    decoder.push(bytes(`${first}*1\r\n$4\r\nPI`));
    expect(decoder.next()).toEqual(['SET', 'key', 'some longer value']);
    expect(decoder.takeFrame()).toBe(first);
    expect(decoder.buffered).toBe(10);
    expect(decoder.next()).toBeNull();
    expect(decoder.buffered).toBe(10);
    decoder.push(bytes('NG\r\n'));
    expect(decoder.next()).toEqual(['PING']);
    expect(decoder.takeFrame()).toBe('*1\r\n$4\r\nPING\r\n');
    expect(decoder.buffered).toBe(0);
  });

  test('a value in very many chunks costs one join', () => {
    const value = 'v'.repeat(4_000_000);
    const frame = encodeCommand([bytes('SET'), bytes('k'), bytes(value)]);
    const decoder = new RequestDecoder();
    let found: readonly Bytes[] | null = null;
    for (let at = 0; at < frame.length; at += 100) {
      decoder.push(bytes(frame.slice(at, at + 100)));
      found = decoder.next() ?? found;
    }
    expect(found?.[2]).toBe(value);
    expect(decoder.takeFrame()).toBe(frame);
  });
});

describe('malformed requests', () => {
  const long = 'x'.repeat(70_000);
  test.each([
    ['*x\r\n', 'invalid multibulk length'],
    ['*01\r\n', 'invalid multibulk length'],
    ['*2147483648\r\n', 'invalid multibulk length'],
    ['*99999999999999999999\r\n', 'invalid multibulk length'],
    ['*1\r\nx4\r\n', "expected '$', got 'x'"],
    ['*1\r\n$-1\r\n', 'invalid bulk length'],
    ['*1\r\n$\r\n', 'invalid bulk length'],
    ['*1\r\n$536870913\r\n', 'invalid bulk length'],
    ['set "a\r\n', 'unbalanced quotes in request'],
    ['set "a"b\r\n', 'unbalanced quotes in request'],
    [long, 'too big inline request'],
    [`*${'1'.repeat(70_000)}`, 'too big mbulk count string'],
    [`*1\r\n$${'1'.repeat(70_000)}`, 'too big bulk count string'],
    [`*1\r\n${long}`, 'too big bulk count string'],
  ])('%#', (text, message) => {
    expect(() => decode(text)).toThrow(new ProtocolError(`Protocol error: ${message}`));
  });

  test('strangers get small limits', () => {
    const stranger = (decoder: RequestDecoder): void => {
      decoder.isAuthenticated = false;
    };
    expect(() => decode('*11\r\n', stranger)).toThrow('Protocol error: unauthenticated multibulk length');
    expect(() => decode('*1\r\n$16385\r\n', stranger)).toThrow('Protocol error: unauthenticated bulk length');
    expect(decode('*1\r\n$4\r\nAUTH\r\n', stranger)).toEqual([['AUTH']]);
  });

  test('an inline command in the primary\'s stream means that it is out of step; a newline does not', () => {
    const stream = (decoder: RequestDecoder): void => {
      decoder.isPrimaryStream = true;
    };
    expect(decode('\n\n*1\r\n$4\r\nPING\r\n', stream)).toEqual([['PING']]);
    expect(() => decode('PING\r\n', stream)).toThrow(ProtocolError);
  });
});
