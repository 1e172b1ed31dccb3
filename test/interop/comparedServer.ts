/**
 * One of two servers that are given the same commands: its clients, those of them that wait for keys, its replication
 * stream and its append-only file, each up to a marker that a further client sets.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Bytes } from '../../engine/core/bytes.ts';
import { encodeCommand } from '../../engine/protocol/encode.ts';
import type { Reply } from '../../engine/protocol/reply.ts';
import { RawClient } from '../support/rawClient.ts';
import { type ServerKind, type ServerProcess, startServerProcess } from '../support/redisServer.ts';
import type { Words } from './randomCommands.ts';
import { areExpiredGone } from './serverState.ts';
import { StreamTap } from './streamTap.ts';

export const CLIENTS = 2;
export const WAITERS = 3;
/** Questions until a state is taken for not reached. */
const ATTEMPTS_MAX = 2000;
const DIRECTIVES: readonly string[] = [
  '--repl-diskless-sync', 'no', '--repl-ping-replica-period', '3600', '--repl-timeout', '3600', '--appendonly', 'yes',
  '--appendfsync', 'no', '--auto-aof-rewrite-percentage', '0', '--enable-debug-command', 'local',
  '--hz', '200',
];

interface Waiter {
  readonly client: RawClient;
  readonly id: number;
  isWaiting: boolean;
}

export class ComparedServer {
  readonly kind: ServerKind;
  private readonly server: ServerProcess;
  private readonly control: RawClient;
  private readonly clients: readonly RawClient[];
  private readonly waiters: readonly Waiter[];
  private readonly tap: StreamTap;
  private fileAt = 0;
  private markers = 0;
  /** What waiting clients were told, in the order in which they began to wait. */
  private told: (Reply | undefined)[] = [];

  private constructor(
    kind: ServerKind, server: ServerProcess, clients: readonly RawClient[], waiters: readonly Waiter[], tap: StreamTap,
  ) {
    const [control, ...others] = clients;
    if (control === undefined) throw new Error('no client to control the server with');
    this.kind = kind;
    this.server = server;
    this.control = control;
    this.clients = others;
    this.waiters = waiters;
    this.tap = tap;
  }

  static async start(kind: ServerKind, directives: readonly string[]): Promise<ComparedServer> {
    const server = await startServerProcess(kind, [...DIRECTIVES, ...directives]);
    try {
      const clients: RawClient[] = [];
      for (let index = 0; index <= CLIENTS; index++) clients.push(await RawClient.open(server.port));
      const waiters: Waiter[] = [];
      for (let index = 0; index < WAITERS; index++) {
        const client = await RawClient.open(server.port);
        waiters.push({ client, id: Number(await client.run('CLIENT', 'ID')), isWaiting: false });
      }
      return new ComparedServer(kind, server, clients, waiters, await StreamTap.open(server.port));
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** An empty server whose clients use database 0, whatever was before. */
  async reset(): Promise<void> {
    for (const waiter of this.waiters) {
      while (waiter.isWaiting) await this.control.run('CLIENT', 'UNBLOCK', String(waiter.id));
    }
    this.told = [];
    for (const client of this.clients) await client.run('RESET');
    await this.control.run('FLUSHALL');
    await this.takeText();
  }

  run(client: number, argv: Words): Promise<Reply> {
    return (this.clients[client] as RawClient).run(...argv);
  }

  command(...argv: Words): Promise<Reply> {
    return this.control.run(...argv);
  }

  /** One of the clients starts to wait, or is answered at once; true: none was free. */
  async wait(database: number, argv: Words): Promise<boolean> {
    const free = this.waiters.find((waiter) => !waiter.isWaiting);
    if (free === undefined) return true;
    await free.client.run('SELECT', String(database));
    const place = this.told.push(undefined) - 1;
    free.isWaiting = true;
    void free.client.run(...argv).then((reply) => {
      this.told[place] = reply;
      free.isWaiting = false;
    });
    await this.settleWaiters();
    return false;
  }

  /** Until each waiting client waits in the server too, or has its answer. */
  async settleWaiters(): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const blocked = await this.infoNumber('clients', 'blocked_clients');
      if (blocked === this.waiters.filter(({ isWaiting }) => isWaiting).length) return;
    }
    throw new Error(`${this.kind}: the waiting clients neither wait nor were answered`);
  }

  answersToWaiters(): readonly (Reply | undefined)[] {
    return [...this.told];
  }

  /** Until active expiry has deleted every key whose time has come. */
  async untilExpiredAreGone(): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) if (await areExpiredGone(this.control)) return;
    throw new Error(`${this.kind}: expired keys stay`);
  }

  /** What the stream and the append-only file have got since the last time. */
  async takeText(): Promise<{ readonly stream: string; readonly file: string }> {
    const marker = ['SET', `marker:${this.markers++}`, 'x'] as readonly string[] as readonly Bytes[];
    await this.control.run(...marker);
    const end = encodeCommand(marker);
    const stream = await this.tap.takeUntil(end);
    const text = this.readFile();
    const at = text.indexOf(end);
    if (at < 0) throw new Error(`${this.kind}: the append-only file lacks what the server has answered: ${text}`);
    this.fileAt += at + end.length;
    return { stream, file: text.slice(0, at) };
  }

  async stop(): Promise<void> {
    for (const client of [this.control, ...this.clients, ...this.waiters.map((waiter) => waiter.client)]) client.close();
    this.tap.close();
    await this.server.stop();
  }

  private async infoNumber(section: string, name: string): Promise<number> {
    const info = String(await this.control.run('INFO', section));
    return Number(new RegExp(`^${name}:([0-9]+)`, 'm').exec(info)?.[1] ?? NaN);
  }

  private readFile(): string {
    const file = openSync(join(this.server.directory, 'appendonlydir/appendonly.aof.1.incr.aof'), 'r');
    try {
      const buffer = Buffer.alloc(Math.max(0, fstatSync(file).size - this.fileAt));
      return buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.length, this.fileAt));
    } finally {
      closeSync(file);
    }
  }
}
