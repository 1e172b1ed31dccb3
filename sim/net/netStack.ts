/**
 * The network side of one machine: its addresses, listening ports, open sockets and links. It knows up from down and
 * one boot from the next; the machine says which.
 */
import { type Bytes, bytes } from '../../engine/core/bytes.ts';
import type { Connection, ConnectionHandlers, ConnectOptions, NetError } from '../../engine/host.ts';
import type { Micros } from '../../engine/core/units.ts';
import type { Kernel } from '../time/kernel.ts';
import { KIND } from '../time/kinds.ts';
import { EPHEMERAL_PORT_FIRST, EPHEMERAL_PORT_LAST } from './limits.ts';
import type { Link } from './link.ts';
import type { Network } from './network.ts';
import { Opening } from './opening.ts';
import type { Owner } from './owner.ts';
import { SimListener } from './simListener.ts';
import { SimSocket } from './simSocket.ts';

export const LOOPBACK: Bytes = bytes('127.0.0.1');

/** What programs write for "every address of this machine": all of IPv4, and all of IPv6 (a socket of its own). */
const ANY_IPV4: readonly string[] = ['', '*', '-*', '0.0.0.0'];
const ANY_IPV6: readonly string[] = ['::', '::*', '-::*'];
const ANY_ADDRESSES: readonly string[] = [...ANY_IPV4, ...ANY_IPV6];
/** As listeners have it. */
const ALL_IPV4: Bytes = bytes('');
const ALL_IPV6: Bytes = bytes('::');

export class NetStack {
  readonly kernel: Kernel;
  readonly network: Network;
  readonly name: string;
  readonly zone: string;
  /** Index of the machine among nodes. */
  readonly node: number;
  /** Index among machines. */
  readonly place: number;
  address: Bytes;
  isUp = true;
  /** Counts losses of power: a connection from before one is answered with a RST. */
  boot = 0;
  /** Open ends, in the order they were made. */
  readonly sockets: Set<SimSocket> = new Set();
  private readonly listeners: SimListener[] = [];
  private readonly links: (Link | undefined)[] = [];
  private nextPort = EPHEMERAL_PORT_FIRST;

  constructor(network: Network, place: number, node: number, name: string, zone: string, address: Bytes) {
    this.kernel = network.kernel;
    this.network = network;
    this.place = place;
    this.node = node;
    this.name = name;
    this.zone = zone;
    this.address = address;
  }

  /** Whether this machine answers to `address`. */
  has(address: Bytes): boolean {
    return address === this.address || isLoopback(address);
  }

  linkTo(target: NetStack): Link {
    const known = this.links[target.place];
    if (known !== undefined) return known;
    const link = this.network.makeLink(this, target);
    this.links[target.place] = link;
    return link;
  }

  listenerAt(address: Bytes, port: number): SimListener | null {
    for (const listener of this.listeners) {
      if (listener.port === port && (listener.address === address || listener.address === allOf(address))) return listener;
    }
    return null;
  }

  /** Binds a port (0: any free one). */
  listen(
    owner: Owner, address: Bytes, port: number, accept: (connection: Connection) => ConnectionHandlers,
  ): SimListener | NetError {
    const bound = ANY_IPV4.includes(address) ? ALL_IPV4 : ANY_IPV6.includes(address) ? ALL_IPV6
      : address === 'localhost' ? LOOPBACK : address;
    if (bound !== ALL_IPV4 && bound !== ALL_IPV6 && !this.has(bound)) return 'badAddress';
    const isTaken = this.listeners.some((other) => other.port === port
      && (other.address === bound || other.address === allOf(bound) || bound === allOf(other.address)));
    if (isTaken) return 'inUse';
    const listener = new SimListener(this, owner, bound, port === 0 ? this.ephemeralPort() : port, accept);
    this.listeners.push(listener);
    return listener;
  }

  removeListener(listener: SimListener): void {
    const place = this.listeners.indexOf(listener);
    if (place >= 0) this.listeners.splice(place, 1);
  }

  /** Begins a connection; its SYN leaves at the turn's end. The error is one that needs no network. */
  connect(
    owner: Owner, address: Bytes, port: number, options: ConnectOptions, handlers: ConnectionHandlers,
    opened: (result: Connection | NetError) => void,
  ): SimSocket | NetError {
    const remote = address === 'localhost' ? LOOPBACK : address;
    if (!isAddress(remote) || port < 1 || port > 65535) return 'badAddress';
    const local = isLoopback(remote) ? remote : this.address;
    if (options.bind !== null && !ANY_ADDRESSES.includes(options.bind) && !this.has(options.bind)) return 'badAddress';
    const id = this.network.nextConnectionId();
    const socket = new SimSocket(id, this, owner, options.bind ?? local, this.ephemeralPort(), remote, port);
    socket.opening = new Opening(socket, options.keepAliveMs * 1000, handlers, opened);
    owner.touch(socket);
    return socket;
  }

  /** A process ended: its ports are free, its connections end in their order. */
  abandon(owner: Owner, now: Micros): void {
    for (const listener of this.listeners.slice()) if (listener.owner === owner) listener.abandon();
    for (const socket of [...this.sockets]) if (socket.owner === owner) socket.abandon(now);
  }

  /** The machine lost its power: nothing more leaves it, and nothing that arrives is answered until it boots. */
  powerOff(now: Micros): void {
    this.isUp = false;
    this.boot++;
    for (const listener of this.listeners.slice()) listener.abandon();
    for (const socket of [...this.sockets]) socket.vanish(now);
  }

  powerOn(): void {
    this.isUp = true;
  }

  /** A handshake's packet got lost here. */
  observeDrop(socket: SimSocket, reason: string): void {
    const { kernel } = this;
    kernel.observe(KIND.drop, socket.node, socket.id, 0, kernel.tracing
      ? { connection: socket.id, to: `${socket.remoteAddress}:${socket.remotePort}`, bytes: 0, reason } : null);
  }

  private ephemeralPort(): number {
    const port = this.nextPort;
    this.nextPort = port === EPHEMERAL_PORT_LAST ? EPHEMERAL_PORT_FIRST : port + 1;
    return port;
  }
}

/** Every address of the same family. */
const allOf = (address: Bytes): Bytes => (address.includes(':') ? ALL_IPV6 : ALL_IPV4);

export const isLoopback = (address: Bytes): boolean => address === '::1' || address.startsWith('127.');

/** Whether a text is spelled like an IPv4 or IPv6 address. */
export const isAddress = (text: Bytes): boolean =>
  /^\d{1,3}(\.\d{1,3}){3}$/.test(text) || (text.includes(':') && /^[0-9a-fA-F:.]+$/.test(text));
