/**
 * The same deployment twice, apart from each other: real servers watched by a real redis-sentinel, and real servers watched
 * by ours. What is said to both names ports and identities by words in braces, so that the answers can be compared.
 *
 * Always holds: the two sides share nothing, so neither sentinel hears from the other what it should have understood itself.
 */
import { type Socket, connect } from 'node:net';
import type { Bytes } from '../../engine/core/bytes.ts';
import { encodeCommand } from '../../engine/protocol/encode.ts';
import { type ServerKind, type ServerProcess, eventually, startServerProcess } from './redisServer.ts';
import { NAME, fields } from './sentinelDeployment.ts';
import { type SentinelProcess, startSentinelProcess } from './sentinelProcess.ts';

export const BOTH_KINDS: readonly ServerKind[] = ['redis', 'faultline'];

/**
 * More than the second that passes between two PINGs and between two attempts to connect: with less, whether an instance that
 * cut its clients off is down for a moment is a matter of milliseconds, for either kind.
 */
const DOWN_AFTER_MS = 2500;

export interface SidesPlan {
  /** Replicas of each side's primary. */
  readonly replicas?: number;
  /** Directives of each server (`--name value …`). */
  readonly directives?: readonly string[];
  /** Commands that each server is given before the sentinels start. */
  readonly settings?: readonly (readonly string[])[];
  /** Further lines of each sentinel's file, with words in braces. */
  readonly lines?: readonly string[];
  readonly host?: string;
  /** Further words in braces, and what they stand for on one side. */
  readonly words?: (kind: ServerKind) => Readonly<Record<string, string>>;
  /** Until when a sentinel is taken to be ready; null: until it answers. */
  readonly isReady?: ((side: Side) => boolean) | null;
}

/** A connection whose answers are kept as they came over the wire. */
export class WireClient {
  private readonly socket: Socket;
  private text = '';
  private asked = 0;
  private arrived: () => void = () => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1').setNoDelay(true);
    socket.on('data', (chunk: string) => this.take(chunk));
    socket.on('close', () => this.take('<closed>'));
    socket.on('error', () => {});
  }

  static open(port: number): Promise<WireClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(new WireClient(socket)));
      socket.once('error', reject);
    });
  }

  /** All that arrives until a PING behind the command is answered; what had arrived before included. */
  async ask(words: readonly string[]): Promise<string> {
    const mark = `mark ${this.asked++}`;
    this.socket.write(encodeCommand(words as readonly Bytes[]) + encodeCommand(['PING', mark] as readonly string[] as readonly Bytes[]), 'latin1');
    const end = new RegExp(`(?:\\$4\\r\\npong\\r\\n)?\\$${mark.length}\\r\\n${mark}\\r\\n`);
    for (;;) {
      const found = end.exec(this.text);
      if (found !== null || this.text.endsWith('<closed>')) {
        const answer = found === null ? this.text : this.text.slice(0, found.index).replace(/[*>]2\r\n$/, '');
        this.text = found === null ? '<closed>' : this.text.slice(found.index + found[0].length);
        return answer;
      }
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

export class Side {
  readonly kind: ServerKind;
  /** The first is the primary. */
  readonly servers: ServerProcess[] = [];
  private watcher: SentinelProcess | null = null;
  private words: Readonly<Record<string, string>> = {};

  constructor(kind: ServerKind) {
    this.kind = kind;
  }

  get sentinel(): SentinelProcess {
    if (this.watcher === null) throw new Error('the sentinel has not started yet');
    return this.watcher;
  }

  set sentinel(sentinel: SentinelProcess) {
    this.watcher = sentinel;
  }

  get primary(): ServerProcess {
    return this.server(0);
  }

  get replica(): ServerProcess {
    return this.server(1);
  }

  server(index: number): ServerProcess {
    const found = this.servers[index];
    if (found === undefined) throw new Error(`no server ${index}`);
    return found;
  }

  /** Words in braces become what they stand for on this side. */
  filled(text: string): string {
    return text.replace(/\{(\w+)\}/g, (all, name: string) => {
      switch (name) {
        case 'primary': return String(this.primary.port);
        case 'replica': return String(this.replica.port);
        case 'second': return String(this.server(2).port);
        case 'sentinel': return String(this.sentinel.port);
        case 'id': return this.sentinel.cli('SENTINEL', 'MYID');
        default: return this.words[name] ?? all;
      }
    });
  }

  /** The other way round, so that both sides' texts can be compared. Identities made of one digit are the test's own. */
  plain(text: string): string {
    const names = ['primary', 'replica', 'second'];
    let result = text.replace(/\b(?!(.)\1{39})[0-9a-f]{40}\b/g, '{runid}');
    for (const [index, { port, directory }] of this.servers.entries()) {
      result = result.replaceAll(directory, `{directory of ${names[index]}}`).replaceAll(String(port), `{${names[index]}}`);
    }
    for (const [name, value] of Object.entries(this.words)) result = result.replaceAll(value, `{${name}}`);
    if (this.watcher !== null) {
      result = result.replaceAll(this.watcher.file.replace(/\/[^/]*$/, ''), '{directory}').replaceAll(String(this.watcher.port), '{sentinel}');
    }
    return result;
  }

  async start(plan: SidesPlan): Promise<void> {
    const host = plan.host ?? '127.0.0.1';
    this.words = plan.words?.(this.kind) ?? {};
    const directives = ['--repl-diskless-sync-delay', '0', '--enable-debug-command', 'yes', ...plan.directives ?? []];
    for (let index = 0; index <= (plan.replicas ?? 1); index++) {
      const follows = index === 0 ? [] : ['--replicaof', '127.0.0.1', String(this.primary.port)];
      this.servers.push(await startServerProcess('redis', [...directives, ...follows]));
    }
    for (const words of plan.settings ?? []) for (const server of this.servers) server.cli(...words);
    const lines = [`sentinel monitor ${NAME} ${host} {primary} 1`, `sentinel down-after-milliseconds ${NAME} ${DOWN_AFTER_MS}`, ...plan.lines ?? []];
    this.watcher = await startSentinelProcess(this.kind, lines.map((line) => this.filled(line)));
    if (plan.isReady === null) return;
    const isReady = plan.isReady ?? ((side: Side): boolean => side.knowsReplicas(plan.replicas ?? 1));
    await eventually(() => isReady(this), (ready) => ready);
    // What it published meanwhile was sent before these answers: it is heard before anything that the test makes it publish.
    const client = await WireClient.open(this.sentinel.port);
    for (let round = 0; round < 2; round++) await client.ask(['PING']);
    client.close();
  }

  knowsReplicas(count: number): boolean {
    const master = fields(this.sentinel.cli('SENTINEL', 'MASTER', NAME));
    const text = this.sentinel.cli('SENTINEL', 'REPLICAS', NAME);
    return master.get('flags') === 'master' && (text.match(/^master-link-status\nok$/gm) ?? []).length === count
      && !/disconnected|s_down/.test(text);
  }

  /** What it has published since its event number `from`, in braces. */
  published(from = 0): readonly string[] {
    return this.sentinel.events.slice(from).map(({ event, text }) => this.plain(`${event} ${text}`));
  }

  /** Until it has published all of these, by the beginning of the event's text. */
  async hasPublished(events: readonly string[], from = 0, withinMs?: number): Promise<void> {
    await eventually(() => this.published(from), (published) =>
      events.every((event) => published.some((one) => one.startsWith(event))), withinMs);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.servers, ...this.watcher === null ? [] : [this.watcher]].map((one) => one.stop()));
    this.watcher?.remove();
  }
}

/** Both sides, stopped however `use` ends. */
export const withSides = async (plan: SidesPlan, use: (sides: readonly [Side, Side]) => Promise<void>): Promise<void> => {
  const sides = [new Side('redis'), new Side('faultline')] as const;
  try {
    await Promise.all(sides.map((side) => side.start(plan)));
    await use(sides);
  } finally {
    await Promise.all(sides.map((side) => side.stop()));
  }
};
