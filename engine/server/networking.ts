/**
 * The clients of one process: their connections, input, output and limits. What a request means is for whoever owns them.
 *
 * Always holds: a client that is closed gets no more input and leaves nothing behind; output goes out at the end of a turn.
 * Source: networking.c of Redis 7.0 (acceptCommonHandler, readQueryFromClient, handleClientsWithPendingWrites).
 */
import type { Connection, ConnectionHandlers, Host } from '../host.ts';
import { type Bytes, bytes } from '../core/bytes.ts';
import { ProtocolError, assert } from '../core/errors.ts';
import { mark } from '../core/marks.ts';
import { Client } from '../commands/client.ts';
import { FRAME_LENGTH_MAX } from '../protocol/requestDecoder.ts';
import { ErrorReply } from '../protocol/reply.ts';
import { describeClient } from './clientDescription.ts';
import type { Config } from './config.ts';
import { parseMemory } from './configValues.ts';
import { type OutputLimits, overOutputLimit, parseOutputLimits } from './outputLimits.ts';
import type { ProcessState } from './processState.ts';
import { refusalByProtectedMode } from './protectedMode.ts';

const MS_PER_SECOND = 1000;
/** The least that `client-query-buffer-limit` can be. */
const UNPARSED_BYTES_ALWAYS_ALLOWED = 1024 * 1024;
const FULL = bytes('-ERR max number of clients reached\r\n');

/** What the process does with its clients. */
export interface ClientUser {
  /** One request. */
  handle(client: Client, argv: readonly Bytes[]): void;
  /** After each request. False: no more input is taken from anybody. */
  handled(client: Client): boolean;
  /** A connection has room again. */
  writable(client: Client): void;
  /** The client is gone: it must not stand anywhere any more. */
  removed(client: Client): void;
}

export class Networking {
  private readonly host: Host;
  private readonly config: Config;
  private readonly state: ProcessState;
  private readonly user: ClientUser;
  private outputLimits: OutputLimits;
  /** Clients with output, linked by `nextPending`. */
  private firstPending: Client | null = null;
  private lastPending: Client | null = null;
  private nextClientId = 1;
  private readonly addPending = (client: Client): void => {
    if (this.lastPending === null) this.firstPending = client;
    else this.lastPending.nextPending = client;
    this.lastPending = client;
  };

  constructor(host: Host, config: Config, state: ProcessState, user: ClientUser) {
    this.host = host;
    this.config = config;
    this.state = state;
    this.user = user;
    this.outputLimits = this.readOutputLimits();
    config.onChange('client-output-buffer-limit', () => {
      this.outputLimits = this.readOutputLimits();
    });
    config.onChange('proto-max-bulk-len', () => {
      for (const { decoder } of state.clients.values()) decoder.bulkLengthMax = config.number('proto-max-bulk-len');
    });
  }

  accept(connection: Connection): ConnectionHandlers {
    const refusal = this.state.clients.size >= this.config.number('maxclients') ? FULL : refusalByProtectedMode(this.config, connection);
    if (refusal !== null) {
      this.state.stats.rejectedConnections++;
      connection.write(refusal);
      connection.close();
      return REJECTED;
    }
    return new ClientHandlers(this, this.adopt(connection));
  }

  /** Makes a client of a connection. */
  adopt(connection: Connection): Client {
    const client = new Client(this.nextClientId++, connection, this.host.wallMs(), this.addPending);
    this.config.acl.begin(client);
    client.decoder.bulkLengthMax = this.config.number('proto-max-bulk-len');
    this.state.clients.set(client.id, client);
    this.state.stats.connections++;
    return client;
  }

  receive(client: Client, chunk: Bytes): void {
    if (client.closed || client.closing) return;
    const { stats } = this.state;
    stats.bytesIn += chunk.length;
    stats.readsProcessed++;
    this.host.cost('byte', chunk.length);
    client.lastInteractionMs = this.host.wallMs();
    client.decoder.push(chunk);
    this.processInput(client);
    if (client.decoder.unparsed > UNPARSED_BYTES_ALWAYS_ALLOWED) this.checkQueryBuffer(client);
  }

  /** Who sends faster than it is served, or something too long, has to go. What our primary sends is its stream. */
  private checkQueryBuffer(client: Client): void {
    const bytesMax = Math.min(this.config.number('client-query-buffer-limit'), FRAME_LENGTH_MAX);
    if (client.decoder.unparsed <= bytesMax || client.kind === 'primary' || client.closed) return;
    this.host.log('warning', `Closing client that reached max query buffer length: ${describeClient(client, this.host.wallMs())}`);
    client.connection.reset();
    this.forget(client);
  }

  /** Takes up what the client has sent, as far as it may run now. */
  processInput(client: Client): void {
    const { decoder } = client;
    try {
      while (client.blocked === null && !client.closed && !client.closing) {
        decoder.isAuthenticated = !this.config.acl.mustAuthenticate(client);
        const argv = decoder.next();
        if (argv === null) return;
        client.request = argv;
        this.user.handle(client, argv);
        client.request = null;
        if (!this.user.handled(client)) return;
      }
    } catch (failure) {
      if (!(failure instanceof ProtocolError)) throw failure;
      if (client.kind === 'primary') this.host.log('warning', `Protocol error from master: ${failure.message}`);
      client.reply(new ErrorReply(`ERR ${failure.message}`));
      client.closing = true;
      if (client.kind === 'primary') this.drop(client, 'protocol error');
    }
  }

  writable(client: Client): void {
    client.onWritable();
    this.user.writable(client);
    if (client.closing && client.output.length === 0) this.drop(client, 'closed after its last reply');
  }

  /** Forgets a client and closes its connection. Harmless when done twice. */
  drop(client: Client, reason: string): void {
    if (client.closed) return;
    this.host.log('verbose', `Client closed connection ${client.address}: ${reason}`);
    client.connection.close();
    this.forget(client);
  }

  /** The peer closed the connection. */
  forget(client: Client): void {
    if (client.closed) return;
    client.closed = true;
    this.state.clients.delete(client.id);
    this.user.removed(client);
  }

  /** Socket writes, at the end of a turn. */
  flushOutput(): void {
    const { stats } = this.state;
    let next = this.firstPending;
    this.firstPending = null;
    this.lastPending = null;
    while (next !== null) {
      const client = next;
      next = client.nextPending;
      client.nextPending = null;
      stats.bytesOut += client.outputBytes;
      stats.writesProcessed++;
      const isEmpty = client.flush();
      if (client.closing && isEmpty) this.drop(client, 'closed after its last reply');
      else if (!isEmpty) this.checkOutputLimit(client);
    }
  }

  /** Once a second: who holds too much output, who was idle for too long. */
  closeIdle(): void {
    for (const client of [...this.state.clients.values()]) if (client.outputBytes > 0) this.checkOutputLimit(client);
    const seconds = this.config.number('timeout');
    if (seconds === 0) return;
    const oldest = this.host.wallMs() - seconds * MS_PER_SECOND;
    for (const client of [...this.state.clients.values()]) {
      if (client.type === 'normal' && client.blocked === null && client.lastInteractionMs < oldest) this.drop(client, 'idle');
    }
  }

  private checkOutputLimit(client: Client): void {
    const backlogBytes = this.config.number('repl-backlog-size');
    if (!overOutputLimit(client, this.outputLimits, backlogBytes, this.host.wallMs())) return;
    this.host.log('warning',
      `Client ${client.address} scheduled to be closed ASAP for overcoming of output buffer limits.`);
    if (client.type === 'replica') mark(this.host, 'replicaDroppedForOutput');
    client.connection.reset();
    this.forget(client);
  }

  private readOutputLimits(): OutputLimits {
    const limits = parseOutputLimits(this.config.text('client-output-buffer-limit'), parseMemory);
    assert(limits !== null, 'the configuration checks output limits');
    return limits;
  }
}

/** The callbacks of one accepted connection. */
class ClientHandlers implements ConnectionHandlers {
  private readonly networking: Networking;
  private readonly client: Client;

  constructor(networking: Networking, client: Client) {
    this.networking = networking;
    this.client = client;
  }

  onData(chunk: Bytes): void {
    this.networking.receive(this.client, chunk);
  }

  onWritable(): void {
    this.networking.writable(this.client);
  }

  onClose(): void {
    this.networking.forget(this.client);
  }
}

const REJECTED: ConnectionHandlers = { onData: () => {}, onWritable: () => {}, onClose: () => {} };
