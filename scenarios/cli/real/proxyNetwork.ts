/**
 * The machines of a real run as addresses of the loopback, for those who are not root. Whoever calls a machine calls its face, and a
 * proxy there (one for each connection, a pipe for each direction) passes on what the link between the two lets pass. By the
 * caller's address it knows which link that is.
 *
 * Always holds: a server listens where nobody but the proxies calls it, and what it announces is its machine's face.
 */
import { type Server, type Socket, createConnection, createServer } from 'node:net';
import { ConfigError } from '../../../engine/core/errors.ts';
import { type ProcessSpec, isClusterNode } from '../../../sim/topology/topology.ts';
import type { LinkRules } from './linkRules.ts';
import { BLOCKS, BLOCK_FIRST, clientAddress, lockAddress, ownAddress } from './loopbackAddresses.ts';
import type { NameBook } from './nameBook.ts';
import { type LinkEnd, ProxiedConnection } from './proxiedConnection.ts';
import { ownerOfSocket } from './socketOwner.ts';
import type { Directives, MachineOfRun, RealMachine, WorldNetwork } from './worldNetwork.ts';

const LOCK_PORT = 47_890;
const BUS_PORT_OFFSET = 10_000;
const LISTENING_AFTER_MS = 5;

const LIMITS: readonly string[] = [
  'a machine without power, or behind a partition, is a proxy that says nothing: who calls it is connected, and waits for an answer where it would '
    + 'have waited for the connection',
  'servers get addresses where their configuration has names, and hear of a changed name at their next start',
  'what waits on a link stands in the buffers of two connections: a sender is stopped later than on one of its own',
  'what is lost is a piece as a program wrote it, not a segment; acknowledgements are never lost',
];

/** Directives that name a host, and where. */
const HOST_PLACES: readonly { readonly words: readonly string[]; readonly place: number }[] = [
  { words: ['replicaof'], place: 1 }, { words: ['replica-announce-ip'], place: 1 }, { words: ['cluster-announce-ip'], place: 1 },
  { words: ['sentinel', 'monitor'], place: 3 }, { words: ['sentinel', 'announce-ip'], place: 2 },
];

/** A block of the loopback that is this run's, until the answer's `close`. */
export const takeBlock = async (first: number): Promise<{ readonly block: number; close(): void }> => {
  for (let tried = 0; tried < BLOCKS; tried++) {
    const block = BLOCK_FIRST + ((first + tried) % BLOCKS);
    const lock = createServer();
    if (await listening(lock, LOCK_PORT, lockAddress(block)) === null) return { block, close: () => lock.close() };
  }
  throw new ConfigError(`--network proxies: port ${LOCK_PORT} is taken on all of the loopback`);
};

/** Null, or the code of the system's error. */
const listening = (server: Server, port: number, host: string): Promise<string | null> => new Promise((resolve) => {
  server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  server.listen(port, host, () => resolve(null));
});

/** A port of a machine's that others call. */
interface Door {
  readonly machine: RealMachine;
  readonly port: number;
  /** Listens at the face; null: the machine's kernel refuses. */
  server: Server | null;
}

export interface ProxyOptions {
  /** Of the loopback, and how it is given back. */
  readonly block: number;
  release(): void;
  /** The run cannot go on. */
  failed(error: unknown): void;
}

export class ProxyNetwork implements WorldNetwork {
  readonly kind = 'proxies';
  readonly limits: readonly string[] = LIMITS;
  readonly hasOwnDisks = false;
  readonly names: NameBook;
  private readonly rules: LinkRules;
  private readonly block: number;
  private readonly release: () => void;
  private readonly failed: (error: unknown) => void;
  /** Clients, by their address. */
  private readonly clientEnds: Map<string, LinkEnd> = new Map();
  private readonly machines: RealMachine[] = [];
  private readonly doors: Map<string, Door[]> = new Map();
  private readonly connections: Set<ProxiedConnection> = new Set();
  /** By the name of the process. */
  private readonly servers: Map<string, { readonly pid: number; readonly machine: RealMachine }> = new Map();
  private clients = 0;
  private isClosed = false;

  constructor(names: NameBook, rules: LinkRules, { block, release, failed }: ProxyOptions) {
    this.names = names;
    this.rules = rules;
    this.block = block;
    this.release = release;
    this.failed = failed;
  }

  async open(): Promise<void> {
    // Every address of the loopback is there already.
  }

  async addMachines(specs: readonly MachineOfRun[]): Promise<readonly RealMachine[]> {
    for (const { name, zone, address } of specs) {
      const machine: RealMachine = { name, zone, address, index: this.machines.length + 1 };
      this.machines.push(machine);
    }
    return this.machines;
  }

  async addClient(machine: string, isObserver: boolean = false): Promise<string> {
    const address = clientAddress(this.block, this.clients++);
    this.clientEnds.set(address, { machine, isObserver });
    return address;
  }

  async bootMachine(): Promise<void> {
    // It is there as soon as it may speak.
  }

  /** Silent: whoever calls is let in, and hears nothing. */
  async removeMachine(machine: RealMachine): Promise<void> {
    for (const connection of [...this.connections]) connection.lose(machine.name);
    for (const door of this.doorsOf(machine)) this.openDoor(door);
  }

  poweredOn(machine: RealMachine): void {
    for (const door of this.doorsOf(machine)) this.shut(door);
  }

  commandOn(_machine: RealMachine, words: readonly string[]): readonly string[] {
    return words;
  }

  directivesOn(machine: RealMachine, spec: ProcessSpec, given: Directives): Directives {
    const own = ownAddress(this.block, machine.index);
    const kept = given.filter(([name]) => name !== 'bind' && name !== 'bind-source-addr').map((words) => this.withAddress(words));
    const announced: Directives = spec.kind === 'sentinel' ? [['sentinel', 'announce-ip', machine.address]]
      : [['replica-announce-ip', machine.address], ...(isClusterNode(spec) ? [['cluster-announce-ip', machine.address]] : [])];
    const has = (words: readonly string[]): boolean => kept.some((other) => words.slice(0, -1).every((word, place) => other[place] === word));
    return [['bind', own], ['bind-source-addr', own], ...announced.filter((words) => !has(words)), ...kept];
  }

  serverIs(machine: RealMachine, spec: ProcessSpec, pid: number | null): void {
    if (pid === null) this.servers.delete(spec.name);
    else this.servers.set(spec.name, { pid, machine });
    const ports = isClusterNode(spec) ? [spec.port, spec.port + BUS_PORT_OFFSET] : [spec.port];
    for (const port of ports) {
      const door = this.doorsOf(machine).find((one) => one.port === port) ?? this.newDoor(machine, port);
      if (pid !== null) this.openWhenAnswered(door, () => this.servers.get(spec.name)?.pid !== pid);
      else if (!this.rules.isSilent(machine.name)) this.shut(door);
    }
  }

  reset(from: readonly string[], to: readonly string[]): string {
    const isMeant = (one: LinkEnd, other: LinkEnd): boolean => !one.isObserver && !other.isObserver
      && ((from.includes(one.machine) && to.includes(other.machine)) || (from.includes(other.machine) && to.includes(one.machine)));
    const found = [...this.connections].filter((connection) => isMeant(connection.from, connection.to));
    for (const connection of found) connection.reset();
    return `${found.length} connections reset`;
  }

  close(): void {
    this.isClosed = true;
    this.release();
    for (const connection of this.connections) connection.drop();
    for (const doors of this.doors.values()) for (const door of doors) this.shut(door);
  }

  /** A program of this user's has no hosts file of its own: a name that it is to call is the address that it means now. */
  private withAddress(words: readonly string[]): readonly string[] {
    const place = HOST_PLACES.find((known) => known.words.every((word, index) => words[index] === word))?.place ?? -1;
    return words.map((word, index) => (index === place ? this.names.addressesOf(word)[0] ?? word : word));
  }

  private doorsOf(machine: RealMachine): readonly Door[] {
    return this.doors.get(machine.name) ?? [];
  }

  private newDoor(machine: RealMachine, port: number): Door {
    const door: Door = { machine, port, server: null };
    this.doors.set(machine.name, [...this.doorsOf(machine), door]);
    return door;
  }

  /** The door opens when the server listens behind it, as the port of a machine does. */
  private openWhenAnswered(door: Door, hasEnded: () => boolean): void {
    const isOver = (): boolean => this.isClosed || hasEnded() || this.rules.isSilent(door.machine.name);
    if (isOver()) return;
    const probe = createConnection({ host: ownAddress(this.block, door.machine.index), port: door.port });
    probe.on('connect', () => {
      probe.destroy();
      if (!isOver()) this.openDoor(door);
    });
    probe.on('error', () => setTimeout(() => this.openWhenAnswered(door, hasEnded), LISTENING_AFTER_MS));
  }

  private openDoor(door: Door): void {
    if (door.server !== null) return;
    const { port } = door;
    const { address } = door.machine;
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (caller) => this.called(door, caller));
    door.server = server;
    void listening(server, port, address).then((error) => {
      if (error !== null) this.failed(new ConfigError(`${door.machine.name}: ${address}:${port} cannot be listened on (${error}); another program has the port`));
    });
  }

  private shut(door: Door): void {
    door.server?.close();
    door.server = null;
  }

  private called(door: Door, caller: Socket): void {
    const found = this.callerOf(caller);
    if (found === null) {
      caller.resetAndDestroy();
      return;
    }
    const { from, localAddress } = found;
    const { machine, port } = door;
    const connection: ProxiedConnection = new ProxiedConnection({
      rules: this.rules, from, to: { machine: machine.name, isObserver: from.isObserver }, caller,
      target: { host: ownAddress(this.block, machine.index), port, localAddress }, over: () => this.connections.delete(connection),
    });
    this.connections.add(connection);
  }

  /** Who calls, and the address that a server is to see: of a machine its face. Null: nobody of this run. */
  private callerOf(caller: Socket): { readonly from: LinkEnd; readonly localAddress: string } | null {
    const { remoteAddress = '', remotePort = 0, localAddress = '', localPort = 0 } = caller;
    const client = this.clientEnds.get(remoteAddress);
    if (client !== undefined) return { from: client, localAddress: remoteAddress };
    const servers = [...this.servers.values()];
    const known = this.machines.find(({ index }) => ownAddress(this.block, index) === remoteAddress);
    const pid = known === undefined
      ? ownerOfSocket({ address: remoteAddress, port: remotePort }, { address: localAddress, port: localPort }, servers.map((one) => one.pid)) : null;
    const machine = known ?? servers.find((one) => one.pid === pid)?.machine;
    return machine === undefined ? null : { from: { machine: machine.name, isObserver: false }, localAddress: machine.address };
  }
}
