/**
 * The talk with a primary before the stream flows, as the table in `handshake.ts` has it: asks the questions of one step,
 * reads as many answers, goes on to the next, until PSYNC is answered or an answer ends the attempt.
 * Source: replication.c of Redis 7.0 (syncWithMaster).
 */
import type { Connection, Host } from '../host.ts';
import { type Bytes, bytes } from '../core/bytes.ts';
import type { Settings } from '../commands/settings.ts';
import { encodeCommand } from '../protocol/encode.ts';
import { ErrorReply } from '../protocol/reply.ts';
import { ReplyDecoder } from '../protocol/replyDecoder.ts';
import {
  type HandshakeStep, type PsyncAnswer, type Question, complaint, introduceQuestions, pingQuestions, readPsyncAnswer,
} from './handshake.ts';

export interface HandshakeParts {
  readonly host: Host;
  readonly settings: Settings;
  readonly connection: Connection;
  /** What PSYNC asks for, at the time of asking. */
  psync(): readonly Bytes[];
  /** A step begins. */
  entered(step: HandshakeStep): void;
}

/** `problem`: the attempt is over. `psync`: the answer, and what came behind it. */
export type HandshakeResult =
  | { readonly kind: 'more' }
  | { readonly kind: 'problem'; readonly reason: string }
  | { readonly kind: 'psync'; readonly answer: PsyncAnswer; readonly rest: Bytes };

export class HandshakeTalk {
  private readonly parts: HandshakeParts;
  private readonly decoder: ReplyDecoder = new ReplyDecoder();
  private step: HandshakeStep = 'ping';
  private questions: readonly Question[] = [];
  private answered = 0;

  constructor(parts: HandshakeParts) {
    this.parts = parts;
  }

  begin(): void {
    this.ask('ping');
  }

  receive(chunk: Bytes): HandshakeResult {
    const { decoder } = this;
    // A primary that prepares a snapshot sends newlines to keep the link alive.
    decoder.push(this.step === 'psync' ? chunk.replace(/^\n+/, '') as Bytes : chunk);
    for (;;) {
      const answer = decoder.next();
      if (answer === undefined) return { kind: 'more' };
      if (this.step === 'psync') return { kind: 'psync', answer: readPsyncAnswer(answer), rest: decoder.takeRest() };
      const question = this.questions[this.answered] as Question;
      const reason = complaint(question, answer);
      if (reason !== null) {
        this.parts.host.log('warning', reason);
        return { kind: 'problem', reason };
      }
      if (question.onError === 'ignored' && answer instanceof ErrorReply) {
        this.parts.host.log('notice', '(Non critical) Master does not understand '
          + `${question.argv[0] as Bytes} ${question.argv[1] as Bytes}: -${answer.text}`);
      }
      this.answered++;
      if (this.answered < this.questions.length) continue;
      if (this.step === 'ping') this.parts.host.log('notice', 'Master replied to PING, replication can continue...');
      this.ask(this.step === 'ping' ? 'introduce' : 'psync');
    }
  }

  private ask(step: HandshakeStep): void {
    const { connection, settings } = this.parts;
    this.step = step;
    this.answered = 0;
    if (step === 'ping') this.questions = pingQuestions();
    else if (step === 'introduce') this.questions = introduceQuestions(settings);
    else this.questions = [{ argv: this.parts.psync(), onError: 'fatal' }];
    this.parts.entered(step);
    connection.write(bytes(this.questions.map((question) => encodeCommand(question.argv)).join('')));
  }
}
