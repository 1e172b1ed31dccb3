/**
 * What a decoder has been given and has not consumed yet: one flat string being parsed, and the chunks that came since.
 *
 * What always holds: `text` is joined with the waiting chunks only when they bring what the decoder waits for, so a value
 * that arrives in many chunks is copied once, and a consumed prefix is dropped by moving `at`, never by copying.
 */
import { type Bytes, EMPTY, bytes } from '../core/bytes.ts';

/** Longest line that may lack its end: PROTO_INLINE_MAX_SIZE. */
export const LINE_LENGTH_MAX: number = 64 * 1024;

export class InputBuffer {
  /** The bytes being parsed; those before `at` are consumed. */
  text: Bytes = EMPTY;
  at = 0;
  private waiting: Bytes[] = [];
  private waitingLength = 0;
  /** A chunk that came since the last join holds a CR or LF. */
  private waitingEndsLine = false;

  /** Bytes not consumed yet. */
  get length(): number {
    return this.text.length - this.at + this.waitingLength;
  }

  push(chunk: Bytes): void {
    if (this.at === this.text.length && this.waitingLength === 0) {
      this.text = chunk;
      this.at = 0;
      return;
    }
    if (chunk.length === 0) return;
    this.waiting.push(chunk);
    this.waitingLength += chunk.length;
    if (!this.waitingEndsLine) this.waitingEndsLine = chunk.includes('\n') || chunk.includes('\r');
  }

  /**
   * To be called before parsing goes on. `needed`: how many bytes from `at` the decoder waits for; 0 when it waits for
   * the end of a line. False: parsing would stop where it stopped before.
   */
  ready(needed: number): boolean {
    if (this.waitingLength > 0) {
      if (needed > 0 ? this.length < needed : !this.mayEndLine()) return false;
      this.join();
    }
    return this.text.length - this.at >= (needed > 0 ? needed : 1);
  }

  /** Lets go of a consumed text, which may be a large chunk. */
  release(): void {
    if (this.at === this.text.length && this.waitingLength === 0) {
      this.text = EMPTY;
      this.at = 0;
    }
  }

  /** Everything not consumed; nothing is left. */
  takeRest(): Bytes {
    if (this.waitingLength > 0) this.join();
    const rest = this.at === 0 ? this.text : bytes(this.text.slice(this.at));
    this.text = EMPTY;
    this.at = 0;
    return rest;
  }

  private mayEndLine(): boolean {
    return this.waitingEndsLine || this.at === this.text.length || this.length > LINE_LENGTH_MAX
      || this.text.charCodeAt(this.text.length - 1) === 13;
  }

  private join(): void {
    this.waiting.unshift(bytes(this.text.slice(this.at)));
    this.text = this.waiting.length === 1 ? (this.waiting[0] as Bytes) : bytes(this.waiting.join(''));
    this.at = 0;
    this.waiting = [];
    this.waitingLength = 0;
    this.waitingEndsLine = false;
  }
}
