/**
 * A reader: GETs of the registers that other clients write, at a steady rate, open-loop. It asks its servers in turn, over one
 * connection to each. A read that gets no answer in time takes its connection with it; while there is none, reads of that server
 * fail unsent and a new attempt is made at each of them. With `readsFrom: 'replicas'` it asks those that sentinels list; a read
 * fails unsent only while it is connected to none of them.
 *
 * A server that refuses is kept: a reader wants this one and no other.
 */
import {
  type Bytes, ErrorReply, type Host, type Reply, type Timer, bytes, micros, ms,
} from '../../engine/index.ts';
import type { ClientSpec, Locator } from '../scenario.ts';
import type { Read } from './history.ts';
import { locatedClient } from './locate.ts';
import { ReplicaClients } from './replicaClients.ts';
import type { ServerClient } from './serverClient.ts';
import { type Recorder, periodMs } from './workload.ts';

const GET: Bytes = bytes('GET');

/** The servers of a reader. */
interface Sources {
  start(): void;
  /** Those whose turn comes, in order. */
  readonly clients: readonly ServerClient[];
  end(reason: string): void;
}

/** A program for the Host that reads `keys` in turn; without keys it does nothing. `phaseMs` shifts its ticks. */
export const readerClient = (
  spec: ClientSpec, keys: readonly Bytes[], recorder: Recorder, phaseMs: number,
) => (host: Host): void => {
  if (keys.length > 0) new Reader(spec, keys, recorder, host).start(phaseMs);
};

/** The servers that a reader asks, each with its way there. */
export const readerLocators = (spec: ClientSpec): readonly Locator[] => {
  const { servers, password } = spec;
  if (servers === undefined || servers.length === 0) return [spec];
  return servers.map((server) => (password === undefined ? { server } : { server, password }));
};

const fixedSources = (host: Host, spec: ClientSpec): Sources => {
  const clients = readerLocators(spec).map((locator) => locatedClient(host, locator, spec.timeoutMs, {}));
  return {
    clients,
    start: () => {
      for (const client of clients) client.open();
    },
    end: (reason) => {
      for (const client of clients) client.end(reason);
    },
  };
};

const replicaSources = (replicas: ReplicaClients): Sources => ({
  get clients() {
    return replicas.open;
  },
  start: () => replicas.start(),
  end: (reason) => replicas.end(reason),
});

const sourcesOf = (host: Host, spec: ClientSpec): Sources =>
  (spec.readsFrom === 'replicas' && spec.sentinel !== undefined
    ? replicaSources(new ReplicaClients(host, spec.sentinel, spec.password, spec.timeoutMs)) : fixedSources(host, spec));

class Reader {
  private readonly spec: ClientSpec;
  private readonly keys: readonly Bytes[];
  private readonly recorder: Recorder;
  private readonly host: Host;
  private readonly sources: Sources;
  private sent = 0;

  constructor(spec: ClientSpec, keys: readonly Bytes[], recorder: Recorder, host: Host) {
    this.spec = spec;
    this.keys = keys;
    this.recorder = recorder;
    this.host = host;
    this.sources = sourcesOf(host, spec);
  }

  start(phaseMs: number): void {
    this.sources.start();
    this.host.setTimer(ms(phaseMs), () => this.tick());
  }

  private tick(): void {
    const { recorder, host, sources, keys } = this;
    if (recorder.now() >= recorder.stopAtMicros) {
      sources.end('workload over');
      return;
    }
    host.setTimer(ms(periodMs(this.spec)), () => this.tick());
    const { clients } = sources;
    const client = clients[this.sent % clients.length];
    // Every server is asked for every key.
    const key = keys[Math.floor(this.sent / Math.max(1, clients.length)) % keys.length] as Bytes;
    this.sent++;
    const read = recorder.history.invokeRead(this.spec.name, key, micros(recorder.now()), host.cause());
    if (client === undefined || !client.isOpen) {
      this.end(read, 'failed', null);
      client?.open();
      return;
    }
    const timer = host.setTimer(ms(this.spec.timeoutMs), () => client.close('no answer in time', key));
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
