/**
 * A conversation of several connections with one server, step by step, and the bytes that each connection was sent. For
 * comparing servers where what one client does reaches others.
 *
 * Each step is processed before the next is sent: a question on a connection of its own, asked behind the step, is answered
 * only in a round of the server's loop that had the step too.
 */
import { type Socket, connect } from 'node:net';
import type { Bytes } from '../../engine/core/bytes.ts';
import { encodeCommand } from '../../engine/protocol/encode.ts';

/** Who says it, and the command's words. The connection is opened at its first step. */
export type Step = readonly [who: string, ...words: readonly string[]];

/** What stands at the end of every connection's bytes once everything before has come. */
const END = 'the end of the conversation';
const CLOSED = '<closed>';

class Speaker {
  text = '';
  private readonly socket: Socket;
  private arrived: () => void = () => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1').setNoDelay(true);
    socket.on('data', (chunk: string) => this.take(chunk));
    socket.on('close', () => this.take(CLOSED));
    // A connection that was killed may be reset: that it is closed is what counts.
    socket.on('error', () => {});
  }

  static open(port: number): Promise<Speaker> {
    return new Promise((resolve, reject) => {
      // A connection is accepted a round before it is first read: the answer to a PING shows that both lie behind it.
      const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
      socket.once('error', reject);
      socket.once('data', () => resolve(new Speaker(socket)));
    });
  }

  get localPort(): number {
    return this.socket.localPort ?? 0;
  }

  say(words: readonly string[]): void {
    this.socket.write(encodeCommand(words as readonly Bytes[]), 'latin1');
  }

  async until(isThere: (text: string) => boolean): Promise<void> {
    while (!isThere(this.text)) {
      await new Promise<void>((resolve) => {
        this.arrived = resolve;
      });
    }
  }

  close(): void {
    this.socket.destroy();
  }

  private take(chunk: string): void {
    this.text += chunk;
    this.arrived();
  }
}

/**
 * What each connection was sent, by its name; `<closed>` at the end where the server closed it. `@name` in a word stands for
 * the address of that connection.
 */
export const converse = async (port: number, steps: readonly Step[]): Promise<Record<string, string>> => {
  const speakers = new Map<string, Speaker>();
  const clock = await Speaker.open(port);
  const spoken = (word: string): string => word.replace(/@(\w+)/, (all, name: string) => {
    const other = speakers.get(name);
    return other === undefined ? all : `127.0.0.1:${other.localPort}`;
  });
  try {
    for (const [index, [who, ...words]] of steps.entries()) {
      const speaker = speakers.get(who) ?? await Speaker.open(port);
      speakers.set(who, speaker);
      speaker.say(words.map(spoken));
      clock.say(['PING', `step ${index}`]);
      await clock.until((text) => text.endsWith(`step ${index}\r\n`));
    }
    const said: Record<string, string> = {};
    for (const [name, speaker] of speakers) {
      speaker.say(['PING', END]);
      await speaker.until((text) => text.endsWith(`${END}\r\n`) || text.endsWith(CLOSED));
      said[name] = speaker.text;
    }
    return said;
  } finally {
    clock.close();
    for (const speaker of speakers.values()) speaker.close();
  }
};
