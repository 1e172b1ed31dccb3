/**
 * What an operator's redis-cli does to a cluster, as a script of steps: each step is one command to one node over the network, or
 * a rest. A script is a generator that yields its steps and gets the answers; this file carries the steps out on a Host.
 *
 * Always holds: one step at a time; a script ends once, with a line that says how; whoever ends the process in between leaves the
 * cluster as the steps so far have made it.
 * Source: clusterManagerLoadInfoFromNode and CLUSTER_MANAGER_COMMAND in redis-cli.c of Redis 7.0, read for their behaviour.
 */
import { type Bytes, ErrorReply, type Host, type Reply, Status, bytes, ms } from '../../engine/index.ts';
import { type ClusterMember, readMembers } from './clusterMembers.ts';
import { authGreetings } from './greetings.ts';
import { RedisClient, parseServerName } from './redisClient.ts';

const CONNECT_TIMEOUT_MS = 5000;
/** redis-cli has no limit of its own, but its keepalive finds a dead peer in about this time. */
const ANSWER_TIMEOUT_MS = 30_000;

/** One step; a script gets what became of it. Undefined: no answer. */
export type AdminStep =
  | { readonly kind: 'ask'; readonly node: Bytes; readonly argv: readonly Bytes[] }
  | { readonly kind: 'rest'; readonly forMs: number }
  | { readonly kind: 'tell'; readonly step: string; readonly slot: number | null; readonly node: Bytes };

export type Script<Result> = Generator<AdminStep, Result, Reply | undefined>;

/** Why a script cannot go on: the line that it ends with. */
export class AdminFailure {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export interface AdminTask {
  /** The plan's action. */
  readonly name: string;
  readonly password: string | undefined;
  /** The script; its result is the line that it ends with. */
  script(): Script<string | AdminFailure>;
  ended(outcome: string): void;
}

/** A program for the Host that carries out one script, and is idle then. */
export const adminProgram = (task: AdminTask) => (host: Host): void => {
  new Admin(host, task).start();
};

class Admin {
  private readonly host: Host;
  private readonly task: AdminTask;
  private readonly script: Script<string | AdminFailure>;
  private readonly clients: Map<Bytes, RedisClient> = new Map();
  private told = 0;

  constructor(host: Host, task: AdminTask) {
    this.host = host;
    this.task = task;
    this.script = task.script();
  }

  start(): void {
    this.goOn(undefined);
  }

  private goOn(reply: Reply | undefined): void {
    let answer = reply;
    for (;;) {
      const { done, value } = this.script.next(answer);
      if (done === true) {
        this.task.ended(value instanceof AdminFailure ? `failed: ${value.text}` : value);
        for (const client of this.clients.values()) client.close('done');
        return;
      }
      if (value.kind === 'ask') return this.ask(value.node, value.argv);
      if (value.kind === 'rest') {
        this.host.setTimer(ms(value.forMs), () => this.goOn(undefined));
        return;
      }
      const { step, slot, node } = value;
      this.told++;
      this.host.note({ kind: 'step', task: this.task.name, step, number: this.told, slot, node });
      answer = undefined;
    }
  }

  private ask(node: Bytes, argv: readonly Bytes[]): void {
    let isOver = false;
    const over = (reply: Reply | undefined): void => {
      if (isOver) return;
      isOver = true;
      this.host.clearTimer(timer);
      this.goOn(reply);
    };
    const client = this.clientOf(node, () => client.send(argv, over), () => over(undefined));
    const timer = this.host.setTimer(ms(ANSWER_TIMEOUT_MS), () => client.close('no answer'));
    if (client.isOpen) client.send(argv, over);
    else client.open(parseServerName(node));
  }

  /** The open connection to a node, or a new one that is to be opened. */
  private clientOf(node: Bytes, opened: () => void, lost: () => void): RedisClient {
    const known = this.clients.get(node);
    if (known !== undefined && known.isOpen) return known;
    const client = new RedisClient(this.host, CONNECT_TIMEOUT_MS, { opened, lost }, authGreetings(this.task.password));
    this.clients.set(node, client);
    return client;
  }
}

/** One command; the answer, or a failure where there is none or it is an error. */
export function* ask(node: Bytes, ...words: readonly (string | number)[]): Script<Reply | AdminFailure> {
  const reply = yield { kind: 'ask', node, argv: words.map((word) => bytes(String(word))) };
  if (reply === undefined) return new AdminFailure(`${words.slice(0, 2).join(' ')}: no answer of ${node}`);
  return reply instanceof ErrorReply ? new AdminFailure(reply.text) : reply;
}

export function* rest(forMs: number): Script<void> {
  if (forMs > 0) yield { kind: 'rest', forMs };
}

/** Lets plans know that a step was done. */
export function* tell(step: string, slot: number | null, node: Bytes): Script<void> {
  yield { kind: 'tell', step, slot, node };
}

/** The cluster as redis-cli sees it. */
export interface ClusterPicture {
  /** Those that answer, in the order in which the first node named them; it stands first. */
  readonly members: readonly ClusterMember[];
  /** Primaries that do not answer, or that the first node has given up. */
  readonly unreachable: number;
}

/** Asks one node who there is, and then every member for its own slots. */
export function* loadCluster(first: Bytes): Script<ClusterPicture | AdminFailure> {
  const reply = yield* ask(first, 'CLUSTER', 'NODES');
  if (reply instanceof AdminFailure) return reply;
  const listed = readMembers(textOf(reply), first);
  const members = listed.filter(({ isMyself }) => isMyself);
  let unreachable = 0;
  for (const member of listed) {
    if (member.isMyself) continue;
    const own = member.isFailing ? null : yield* ask(member.place, 'CLUSTER', 'NODES');
    const itself = own === null || own instanceof AdminFailure ? undefined
      : readMembers(textOf(own), member.place).find(({ isMyself }) => isMyself);
    if (itself !== undefined) members.push(itself);
    else if (member.isPrimary) unreachable++;
  }
  return { members, unreachable };
}

/** An answer as text. */
export const textOf = (reply: Reply): string => (typeof reply === 'string' ? reply : reply instanceof Status ? reply.text : '');
