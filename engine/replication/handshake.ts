/**
 * What a replica says before the stream flows, as a table of steps. Each step sends commands and reads as many answers.
 *
 *   ping -> introduce (AUTH, listening-port, ip-address, capa) -> psync -> transfer | stream
 *
 * Source: replication.c of Redis 7.0 (syncWithMaster, slaveTryPartialResynchronization), for behaviour.
 */
import { type Bytes, EMPTY, bytes } from '../core/bytes.ts';
import { type Settings, replicationPort } from '../commands/settings.ts';
import { ErrorReply, type Reply, Status } from '../protocol/reply.ts';
import { NO_PRIMARY_LINK } from '../protocol/wireNames.ts';

export type HandshakeStep = 'ping' | 'introduce' | 'psync';

/** One question of the handshake, and what an error in its answer means. */
export interface Question {
  readonly argv: readonly Bytes[];
  /** `fatal`: the attempt is given up. `ignored`: an old primary does not know it. `auth`: wrong credentials. */
  readonly onError: 'fatal' | 'ignored' | 'ping' | 'auth';
}

export const pingQuestions = (): readonly Question[] => [{ argv: [bytes('PING')], onError: 'ping' }];

export const introduceQuestions = (settings: Settings): readonly Question[] => {
  const questions: Question[] = [];
  const user = settings.text('masteruser');
  const password = settings.text('masterauth');
  if (password !== EMPTY) {
    const argv = user === EMPTY ? [bytes('AUTH'), password] : [bytes('AUTH'), user, password];
    questions.push({ argv, onError: 'auth' });
  }
  const announcedPort = settings.number('replica-announce-port');
  const port = announcedPort === 0 ? replicationPort(settings) : announcedPort;
  questions.push({ argv: [bytes('REPLCONF'), bytes('listening-port'), bytes(String(port))], onError: 'ignored' });
  const announcedAddress = settings.text('replica-announce-ip');
  if (announcedAddress !== EMPTY) {
    questions.push({ argv: [bytes('REPLCONF'), bytes('ip-address'), announcedAddress], onError: 'ignored' });
  }
  questions.push({
    argv: [bytes('REPLCONF'), bytes('capa'), bytes('eof'), bytes('capa'), bytes('psync2')], onError: 'ignored',
  });
  return questions;
};

/** What is wrong with an answer, or null when the handshake goes on. */
export const complaint = (question: Question, answer: Reply): string | null => {
  if (!(answer instanceof ErrorReply)) return null;
  const text = answer.text;
  if (question.onError === 'ignored') return null;
  if (question.onError === 'auth') return `Unable to AUTH to MASTER: -${text}`;
  if (question.onError === 'ping') {
    const known = text.startsWith('NOAUTH') || text.startsWith('NOPERM')
      || text.startsWith('ERR operation not permitted');
    return known ? null : `Error reply to PING from master: '-${text}'`;
  }
  return text;
};

export type PsyncAnswer =
  | { readonly kind: 'full'; readonly id: Bytes; readonly offset: number }
  /** `id` is null where the primary named none (no psync2). */
  | { readonly kind: 'continue'; readonly id: Bytes | null }
  /** Not now: try again from the start, at the next cron. */
  | { readonly kind: 'later'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

export const readPsyncAnswer = (answer: Reply): PsyncAnswer => {
  if (answer instanceof ErrorReply) {
    const later = answer.text.startsWith(NO_PRIMARY_LINK) || answer.text.startsWith('LOADING');
    return { kind: later ? 'later' : 'refused', reason: `-${answer.text}` };
  }
  if (!(answer instanceof Status)) return { kind: 'refused', reason: 'unexpected answer to PSYNC' };
  const words = answer.text.split(' ');
  if (words[0] === 'CONTINUE') {
    const id = words[1];
    return { kind: 'continue', id: id !== undefined && id.length === 40 ? bytes(id) : null };
  }
  const [word, id, offset] = words;
  if (word === 'FULLRESYNC' && id !== undefined && id.length === 40 && offset !== undefined
    && /^[0-9]{1,15}$/.test(offset)) {
    return { kind: 'full', id: bytes(id), offset: Number(offset) };
  }
  return { kind: 'refused', reason: `unexpected answer to PSYNC: ${answer.text}` };
};
