/** What a replica says, and what it makes of the answers. */
import { describe, expect, test } from 'vitest';
import { type Bytes, bytes } from '../../../../engine/core/bytes.ts';
import { PONG, type Reply, Status, error } from '../../../../engine/protocol/reply.ts';
import {
  type Question, complaint, introduceQuestions, pingQuestions, readPsyncAnswer,
} from '../../../../engine/replication/handshake.ts';
import { Config } from '../../../../engine/server/config.ts';

const ID = 'd'.repeat(40);
const settings = (values: Readonly<Record<string, string>>): Config => {
  const config = new Config();
  const pairs = Object.entries(values).map(([name, value]) => [bytes(name), bytes(value)] as const);
  expect(config.set(pairs)).toBeNull();
  return config;
};
const words = (questions: readonly Question[]): string[] => questions.map(({ argv }) => argv.join(' '));

describe('questions', () => {
  test('plain', () => {
    expect(words(pingQuestions())).toEqual(['PING']);
    expect(words(introduceQuestions(settings({})))).toEqual(['REPLCONF listening-port 6379', 'REPLCONF capa eof capa psync2']);
  });

  test('with a password, a user, and what is to be announced', () => {
    expect(words(introduceQuestions(settings({ masterauth: 'secret' })))[0]).toBe('AUTH secret');
    expect(words(introduceQuestions(settings({
      masterauth: 'secret', masteruser: 'joe', 'replica-announce-ip': '1.2.3.4', 'replica-announce-port': '77' }))))
      .toEqual(['AUTH joe secret', 'REPLCONF listening-port 77', 'REPLCONF ip-address 1.2.3.4', 'REPLCONF capa eof capa psync2']);
  });
});

describe('answers on the way', () => {
  const ask = (onError: Question['onError'], answer: Reply): string | null => complaint({ argv: [] as Bytes[], onError }, answer);

  test('anything but an error is fine', () => expect(ask('ping', PONG)).toBeNull());
  test('an old primary may not know REPLCONF', () => expect(ask('ignored', error('ERR unknown'))).toBeNull());
  test('a PING that wants a password is answered all the same', () => {
    for (const text of ['NOAUTH Authentication required.', 'NOPERM no', 'ERR operation not permitted']) {
      expect(ask('ping', error(text))).toBeNull();
    }
    expect(ask('ping', error('LOADING wait'))).toContain('LOADING wait');
    expect(ask('ping', error('MISCONF disk'))).toContain('MISCONF disk');
  });
  test('wrong credentials end the attempt', () => expect(ask('auth', error('WRONGPASS no'))).toContain('WRONGPASS'));
});

describe('the answer to PSYNC', () => {
  test.each<[Reply, ReturnType<typeof readPsyncAnswer>]>([
    [new Status(`FULLRESYNC ${ID} 0`), { kind: 'full', id: bytes(ID), offset: 0 }],
    [new Status(`FULLRESYNC ${ID} 123456789012345`), { kind: 'full', id: bytes(ID), offset: 123456789012345 }],
    [new Status(`CONTINUE ${ID}`), { kind: 'continue', id: bytes(ID) }],
    [new Status('CONTINUE'), { kind: 'continue', id: null }],
    [new Status('CONTINUE short'), { kind: 'continue', id: null }],
    [error("NOMASTERLINK Can't SYNC while not connected with my master"),
      { kind: 'later', reason: "-NOMASTERLINK Can't SYNC while not connected with my master" }],
    [error('LOADING Redis is loading the dataset in memory'), { kind: 'later', reason: '-LOADING Redis is loading the dataset in memory' }],
    [error('ERR unknown command'), { kind: 'refused', reason: '-ERR unknown command' }],
    [new Status(`FULLRESYNC ${ID}`), { kind: 'refused', reason: `unexpected answer to PSYNC: FULLRESYNC ${ID}` }],
    [new Status(`FULLRESYNC ${ID} -1`), { kind: 'refused', reason: `unexpected answer to PSYNC: FULLRESYNC ${ID} -1` }],
    [new Status('FULLRESYNC short 1'), { kind: 'refused', reason: 'unexpected answer to PSYNC: FULLRESYNC short 1' }],
    [new Status('OK'), { kind: 'refused', reason: 'unexpected answer to PSYNC: OK' }],
    [5, { kind: 'refused', reason: 'unexpected answer to PSYNC' }],
  ])('%j', (answer, meaning) => expect(readPsyncAnswer(answer)).toEqual(meaning));
});
