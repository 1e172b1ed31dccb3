/**
 * The connections that MIGRATE keeps to other nodes, and one conversation over such a connection: requests out, so many replies in.
 *
 * Always holds: one conversation at a time; a connection that failed is in the cache no more.
 * Source: migrateGetSocket, migrateCloseTimedoutSockets and migrateCommand in cluster.c, and syncio.c, of Redis 7.0.
 */
import type { Connection, ConnectionHandlers, Host, NetError, Timer } from '../host.ts';
import { type Bytes, slice } from '../core/bytes.ts';
import { ProtocolError, assert } from '../core/errors.ts';
import { ms } from '../core/units.ts';
import type { Reply } from '../protocol/reply.ts';
import { ReplyDecoder } from '../protocol/replyDecoder.ts';
import { connectToPrimary } from '../replication/primaryConnection.ts';

const CACHED_SOCKETS_MAX = 64;
const IDLE_SECONDS_MAX = 10;
const WRITE_BYTES = 65_536;
const PORT_MAX = 65_535;
const MS_PER_SECOND = 1000;

/** How a conversation ended: with all replies, or early. */
export interface TalkResult {
  readonly replies: readonly Reply[];
  readonly failure: { readonly stage: 'writing' | 'reading'; readonly isTimeout: boolean } | null;
}

interface Talk {
  readonly text: Bytes;
  readonly expected: number;
  readonly timeoutMs: number;
  readonly replies: Reply[];
  readonly done: (result: TalkResult) => void;
  /** So much of `text` was handed over. */
  at: number;
  stage: 'writing' | 'reading';
}

export class MigrateSocket {
  /** The database that is selected there; -1: not known. */
  database = -1;
  usedSeconds = 0;
  private readonly host: Host;
  private readonly forget: () => void;
  private readonly decoder: ReplyDecoder = new ReplyDecoder();
  private connection: Connection | null = null;
  private talking: Talk | null = null;
  private timer: Timer | null = null;

  constructor(host: Host, forget: () => void) {
    this.host = host;
    this.forget = forget;
  }

  readonly handlers: ConnectionHandlers = {
    onData: (chunk) => this.receive(chunk),
    onWritable: () => {
      if (this.talking?.stage === 'writing') this.write(this.talking);
    },
    onClose: () => this.fail(false),
  };

  opened(connection: Connection): void {
    this.connection = connection;
  }

  /** Sends `text` and waits for so many replies; `timeoutMs` is for each step, not for the whole. */
  talk(text: Bytes, expected: number, timeoutMs: number, done: (result: TalkResult) => void): void {
    assert(this.talking === null, 'one conversation at a time');
    this.talking = { text, expected, timeoutMs, replies: [], done, at: 0, stage: 'writing' };
    this.write(this.talking);
  }

  close(): void {
    this.forget();
    this.connection?.close();
    this.connection = null;
  }

  private write(talk: Talk): void {
    this.arm(talk.timeoutMs);
    while (talk.at < talk.text.length) {
      const end = Math.min(talk.text.length, talk.at + WRITE_BYTES);
      const hasRoom = this.connection?.write(slice(talk.text, talk.at, end)) ?? true;
      talk.at = end;
      if (!hasRoom) return;
    }
    talk.stage = 'reading';
    this.endIfComplete(talk);
  }

  private receive(chunk: Bytes): void {
    const talk = this.talking;
    // Nobody asked: what comes now cannot be told from an answer later.
    if (talk === null) return this.close();
    this.decoder.push(chunk);
    try {
      for (let reply = this.decoder.next(); reply !== undefined; reply = this.decoder.next()) talk.replies.push(reply);
    } catch (failure) {
      if (!(failure instanceof ProtocolError)) throw failure;
      this.fail(false);
      return;
    }
    this.arm(talk.timeoutMs);
    this.endIfComplete(talk);
  }

  private endIfComplete(talk: Talk): void {
    if (talk.stage === 'reading' && talk.replies.length >= talk.expected) this.end(null);
  }

  private fail(isTimeout: boolean): void {
    this.close();
    if (this.talking !== null) this.end({ stage: this.talking.stage, isTimeout });
  }

  private end(failure: TalkResult['failure']): void {
    const talk = this.talking;
    assert(talk !== null, 'only a conversation ends');
    this.talking = null;
    this.disarm();
    talk.done({ replies: talk.replies, failure });
  }

  private arm(timeoutMs: number): void {
    this.disarm();
    this.timer = this.host.setTimer(ms(timeoutMs), () => {
      this.timer = null;
      this.fail(true);
    });
  }

  private disarm(): void {
    if (this.timer !== null) this.host.clearTimer(this.timer);
    this.timer = null;
  }
}

export class MigrateSockets {
  private readonly host: Host;
  private readonly sockets: Map<string, MigrateSocket> = new Map();

  private readonly isTls: () => boolean;

  constructor(host: Host, isTls: () => boolean) {
    this.host = host;
    this.isTls = isTls;
  }

  get size(): number {
    return this.sockets.size;
  }

  /** The connection to that node: the one that is there, or a new one. `done` is called once. */
  get(name: Bytes, portText: Bytes, timeoutMs: number, done: (result: MigrateSocket | NetError) => void): void {
    const place = `${name}:${portText}`;
    const known = this.sockets.get(place);
    if (known !== undefined) {
      known.usedSeconds = this.seconds;
      done(known);
      return;
    }
    const port = /^[0-9]{1,5}$/.test(portText) ? Number(portText) : 0;
    if (port < 1 || port > PORT_MAX) {
      done('badAddress');
      return;
    }
    const socket = new MigrateSocket(this.host, () => {
      if (this.sockets.get(place) === socket) this.sockets.delete(place);
    });
    const end = (result: MigrateSocket | NetError): void => {
      this.host.clearTimer(timer);
      done(result);
    };
    const attempt = connectToPrimary(this.host, { host: name, port, isTls: this.isTls() }, socket.handlers, (result) => {
      if (typeof result === 'string') {
        end(result === 'unknownName' ? 'badAddress' : result);
        return;
      }
      this.makeRoom();
      socket.opened(result);
      socket.usedSeconds = this.seconds;
      this.sockets.set(place, socket);
      end(socket);
    });
    const timer = this.host.setTimer(ms(timeoutMs), () => {
      attempt.cancel();
      done('timeout');
    });
    attempt.begin();
  }

  /** Once a second: connections that nobody used for a while are closed. */
  closeIdle(): void {
    for (const socket of [...this.sockets.values()]) if (this.seconds - socket.usedSeconds > IDLE_SECONDS_MAX) socket.close();
  }

  private makeRoom(): void {
    for (const socket of this.sockets.values()) {
      if (this.sockets.size < CACHED_SOCKETS_MAX) return;
      socket.close();
    }
  }

  private get seconds(): number {
    return Math.floor(this.host.wallMs() / MS_PER_SECOND);
  }
}
