/**
 * A reader: GETs of the registers that other clients write, at a steady rate, open-loop. It asks its servers in turn, over one
 * connection to each. A read that gets no answer in time takes its connection with it; while there is none, reads of that server
 * fail unsent and a new attempt is made at each of them.
 *
 * A server that refuses is kept: a reader wants this one and no other.
 */
import {
  type Bytes, ErrorReply, type Host, type Reply, type Timer, bytes, micros, ms,
} from '../../engine/index.ts';
import type { ClientSpec } from '../scenario.ts';
import type { Read } from './history.ts';
import { RedisClient, type ServerName, parseServerName } from './redisClient.ts';
import { type Recorder, periodMs } from './workload.ts';

const GET: Bytes = bytes('GET');

interface Source {
  readonly server: ServerName;
  readonly client: RedisClient;
}

/** A program for the Host that reads `keys` in turn; without keys it does nothing. `phaseMs` shifts its ticks. */
export const readerClient = (
  spec: ClientSpec, keys: readonly Bytes[], recorder: Recorder, phaseMs: number,
) => (host: Host): void => {
  if (keys.length > 0) new Reader(spec, keys, recorder, host).start(phaseMs);
};

/** The servers that a reader asks, as the scenario writes them. */
export const readerServers = (spec: ClientSpec): readonly string[] =>
  (spec.servers === undefined || spec.servers.length === 0 ? [spec.server] : spec.servers);

class Reader {
  private readonly spec: ClientSpec;
  private readonly keys: readonly Bytes[];
  private readonly recorder: Recorder;
  private readonly host: Host;
  private readonly sources: readonly Source[];
  private sent = 0;

  constructor(spec: ClientSpec, keys: readonly Bytes[], recorder: Recorder, host: Host) {
    this.spec = spec;
    this.keys = keys;
    this.recorder = recorder;
    this.host = host;
    this.sources = readerServers(spec).map((name) => (
      { server: parseServerName(name), client: new RedisClient(host, spec.timeoutMs, {}) }));
  }

  start(phaseMs: number): void {
    for (const { client, server } of this.sources) client.open(server);
    this.host.setTimer(ms(phaseMs), () => this.tick());
  }

  private tick(): void {
    const { recorder, host, sources, keys } = this;
    if (recorder.now() >= recorder.stopAtMicros) {
      for (const { client } of sources) client.close('workload over');
      return;
    }
    host.setTimer(ms(periodMs(this.spec)), () => this.tick());
    const { client, server } = sources[this.sent % sources.length] as Source;
    // Every server is asked for every key.
    const key = keys[Math.floor(this.sent / sources.length) % keys.length] as Bytes;
    this.sent++;
    const read = recorder.history.invokeRead(this.spec.name, key, micros(recorder.now()), host.cause());
    if (!client.isOpen) {
      this.end(read, 'failed', null);
      client.open(server);
      return;
    }
    const timer = host.setTimer(ms(this.spec.timeoutMs), () => client.close('no answer in time'));
    client.send([GET, key], (reply) => this.answered(read, timer, reply));
  }

  private answered(read: Read, timer: Timer, reply: Reply | undefined): void {
    this.host.clearTimer(timer);
    if (reply === undefined) this.end(read, 'unknown', null);
    else if (reply instanceof ErrorReply) this.end(read, 'failed', null);
    else this.end(read, 'ok', typeof reply === 'string' ? reply : null);
  }

  private end(read: Read, outcome: 'ok' | 'failed' | 'unknown', value: Bytes | null): void {
    this.recorder.history.completeRead(read, outcome, value, micros(this.recorder.now()), this.host.cause());
  }
}
