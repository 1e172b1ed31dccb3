/**
 * One sentinel on a fake host, with fake Redis nodes and fake other sentinels around it: what it says to them is kept, what
 * they answer is the test's to choose.
 */
import { type Bytes, bytes, lower } from '../../engine/core/bytes.ts';
import { Random } from '../../engine/core/random.ts';
import type { Call, CommandRow } from '../../engine/commands/command.ts';
import { PONG, OK, type Reply, error } from '../../engine/protocol/reply.ts';
import type { PeerSentinel, WatchedPrimary, WatchedReplica } from '../../engine/sentinel/instance.ts';
import { sentinelCommands } from '../../engine/sentinel/sentinelCommands.ts';
import { applySentinelDirectives } from '../../engine/sentinel/sentinelDirectives.ts';
import { NO_SENTINEL_BUGS, Sentinel, type SentinelBugs } from '../../engine/sentinel/sentinel.ts';
import { prepareSentinel } from '../../engine/sentinel/startup.ts';
import { startTicking } from '../../engine/sentinel/tick.ts';
import { type FakeConnection, FakeHost } from './fakeHost.ts';

export const OWN_ID: Bytes = bytes('a'.repeat(40));
export const PRIMARY = '10.0.1.1:6379';

/** A Redis node as a sentinel sees it. */
export class FakeNode {
  readonly said: string[] = [];
  role: 'primary' | 'replica';
  runId: string;
  /** It takes commands and answers nothing. */
  isSilent = false;
  ping: Reply = PONG;
  /** Of a primary: `ip:port` of those that it lists. */
  replicas: readonly string[] = [];
  follows: string | null = null;
  linkDownSeconds: number | null = null;
  priority = 100;
  offset = 1000;
  hearers: FakeConnection[] = [];

  constructor(runId: string, follows: string | null) {
    this.runId = runId.padEnd(40, '0');
    this.role = follows === null ? 'primary' : 'replica';
    this.follows = follows;
  }

  answer(argv: readonly Bytes[], connection: FakeConnection): Reply | null {
    this.said.push(argv.join(' '));
    if (this.isSilent) return null;
    switch (lower(argv[0] as Bytes)) {
      case 'ping': return this.ping;
      case 'info': return bytes(this.info());
      case 'subscribe':
        this.hearers.push(connection);
        return [bytes('subscribe'), argv[1] as Bytes, 1];
      case 'publish':
        this.hello(argv[2] as Bytes);
        return this.hearers.length;
      default: return OK;
    }
  }

  /** What others say on the hello channel. */
  hello(text: string): void {
    for (const connection of this.hearers) connection.deliver([bytes('message'), bytes('__sentinel__:hello'), bytes(text)]);
  }

  private info(): string {
    const lines = ['# Server', `run_id:${this.runId}`, '# Replication', `role:${this.role === 'primary' ? 'master' : 'slave'}`];
    if (this.role === 'replica') {
      const [host, port] = (this.follows ?? '?:0').split(':');
      lines.push(`master_host:${host}`, `master_port:${port}`, `master_link_status:${this.linkDownSeconds === null ? 'up' : 'down'}`);
      if (this.linkDownSeconds !== null) lines.push(`master_link_down_since_seconds:${this.linkDownSeconds}`);
      lines.push(`slave_priority:${this.priority}`, `slave_repl_offset:${this.offset}`, 'replica_announced:1');
    }
    for (const [index, at] of this.replicas.entries()) {
      const [ip, port] = at.split(':');
      lines.push(`slave${index}:ip=${ip},port=${port},state=online,offset=${this.offset},lag=0`);
    }
    return `${lines.join('\r\n')}\r\n`;
  }
}

/** Another sentinel: says whether it holds the primary to be down, and whom it voted for. */
export class FakePeer {
  readonly id: string;
  readonly asked: string[] = [];
  isDown = false;
  /** Null: it votes for nobody. `'asker'`: for whoever asks. */
  votesFor: string | null = null;
  isSilent = false;

  constructor(id: string) {
    this.id = id;
  }

  answer(argv: readonly Bytes[]): Reply | null {
    if (this.isSilent) return null;
    if (lower(argv[0] as Bytes) === 'ping') return PONG;
    if (lower(argv[0] as Bytes) !== 'sentinel') return OK;
    this.asked.push(argv.join(' '));
    const candidate = argv[5] as Bytes;
    const leader = candidate === '*' || this.votesFor === null ? '*' : this.votesFor === 'asker' ? candidate : this.votesFor;
    return [this.isDown ? 1 : 0, bytes(leader), leader === '*' ? 0 : Number(argv[4])];
  }
}

export interface BenchOptions {
  readonly lines?: readonly string[];
  readonly bugs?: Partial<SentinelBugs>;
  readonly quorum?: number;
}

export class SentinelBench {
  readonly host: FakeHost = new FakeHost();
  readonly sentinel: Sentinel;
  readonly published: string[] = [];
  readonly nodes: Map<string, FakeNode> = new Map();
  saves = 0;
  canSave = true;
  private readonly rows: ReadonlyMap<string, CommandRow>;

  constructor({ lines = [], bugs = {}, quorum = 2 }: BenchOptions = {}) {
    this.sentinel = new Sentinel({
      host: this.host, random: new Random(bytes('twelve bytes')),
      settings: { number: () => 26379, flag: () => false, text: () => bytes('') },
      publish: (channel, message) => this.published.push(`${channel} ${message}`),
      saveConfig: () => {
        this.saves++;
        return this.canSave;
      },
      bugs: { ...NO_SENTINEL_BUGS, ...bugs },
    });
    const [ip, port] = PRIMARY.split(':');
    this.configure(`myid ${OWN_ID}`, `monitor one ${ip} ${port} ${quorum}`, 'down-after-milliseconds one 5000',
      'failover-timeout one 20000', ...lines);
    this.rows = new Map(sentinelCommands(this.sentinel).map((row) => [row.name, row]));
  }

  get primary(): WatchedPrimary {
    return this.sentinel.primaries.get(bytes('one')) as WatchedPrimary;
  }

  configure(...lines: readonly string[]): void {
    applySentinelDirectives(this.sentinel, lines.map((line) => ({
      name: bytes('sentinel'), values: (line === '' ? [] : line.split(' ')) as Bytes[], place: 'the test',
    })), ({ values }, reason) => new Error(`${values.join(' ')}: ${reason}`));
  }

  /** Starts the timer and lets connections be made. */
  start(): void {
    prepareSentinel(this.sentinel);
    startTicking(this.sentinel);
    this.host.advance(1500);
  }

  node(at: string, follows: string | null): FakeNode {
    const node = new FakeNode(at.replaceAll(/\D/g, ''), follows);
    this.nodes.set(at, node);
    this.host.answerers.set(at, (argv, connection) => node.answer(argv, connection));
    return node;
  }

  /** A primary with `count` replicas, 10.0.1.2 and following. */
  group(count: number): { readonly primary: FakeNode; readonly replicas: readonly FakeNode[] } {
    const primary = this.node(PRIMARY, null);
    const places = Array.from({ length: count }, (_, index) => `10.0.1.${index + 2}:6379`);
    primary.replicas = places;
    return { primary, replicas: places.map((at) => this.node(at, PRIMARY)) };
  }

  /** Another sentinel, known from the configuration. */
  peer(digit: string): FakePeer {
    const id = digit.repeat(40);
    const at = `10.0.2.${Number.parseInt(digit, 16)}`;
    const peer = new FakePeer(id);
    this.host.answerers.set(`${at}:26379`, (argv) => peer.answer(argv));
    this.configure(`known-sentinel one ${at} 26379 ${id}`);
    return peer;
  }

  /** Nobody can reach the node, and those who are connected hear nothing more. */
  silence(at: string): void {
    const node = this.nodes.get(at);
    if (node !== undefined) node.isSilent = true;
  }

  run(...words: readonly string[]): Reply {
    const argv = words as readonly Bytes[];
    const name = lower(argv[0] as Bytes);
    const row = this.rows.get(name) ?? this.rows.get(`${name}|${lower(argv[1] as Bytes)}`);
    return row === undefined ? error('ERR no such command') : row.handler({} as Call, argv);
  }

  replica(name: string): WatchedReplica {
    return this.primary.replicas.get(bytes(name)) as WatchedReplica;
  }

  peerState(digit: string): PeerSentinel {
    return this.primary.sentinels.get(bytes(digit.repeat(40))) as PeerSentinel;
  }

  /** The events since the last call, by name and text. */
  events(): readonly string[] {
    return this.host.notes.splice(0).flatMap((note) => (note.kind === 'sentinel' ? [`${note.event} ${note.detail}`] : []));
  }

  eventNames(): readonly string[] {
    return this.events().map((event) => event.split(' ')[0] as string);
  }
}
