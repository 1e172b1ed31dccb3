/**
 * The network of a world: its machines' stacks, the links between them, names, and the faults of links.
 *
 * Every fault returns or takes what ends it, so that overlapping faults can be ended one by one, in any order.
 */
import type { Bytes } from '../../engine/core/bytes.ts';
import { ScenarioError, assert } from '../../engine/core/errors.ts';
import type { Kernel } from '../time/kernel.ts';
import { KIND } from '../time/kinds.ts';
import {
  LAN_LATENCY_MICROS, LOOPBACK_LATENCY_MICROS, type QuantileTable, ZONES_LATENCY_MICROS,
} from '../random/quantiles.ts';
import { Link, type LinkChange } from './link.ts';
import { Names } from './names.ts';
import { NetStack, isLoopback } from './netStack.ts';
import { Partition } from './partition.ts';

/** Latency tables by distance. All have defaults. */
export interface NetworkOptions {
  /** A machine to itself. */
  readonly loopback?: QuantileTable;
  /** Between machines of one zone. */
  readonly sameZone?: QuantileTable;
  readonly otherZone?: QuantileTable;
}

export class Network {
  readonly kernel: Kernel;
  readonly names: Names;
  private readonly options: NetworkOptions;
  private readonly stacks: NetStack[] = [];
  private readonly addresses: Map<Bytes, NetStack> = new Map();
  private connections = 0;

  constructor(kernel: Kernel, options: NetworkOptions = {}) {
    this.kernel = kernel;
    this.options = options;
    this.names = new Names(kernel);
  }

  /** A machine is put on the network. `node` is its index in the kernel. */
  addStack(node: number, name: string, zone: string, address: Bytes): NetStack {
    if (this.addresses.has(address)) throw new ScenarioError(`two machines have the address ${address}`);
    const stack = new NetStack(this, this.stacks.length, node, name, zone, address);
    this.stacks.push(stack);
    this.addresses.set(address, stack);
    return stack;
  }

  /** Gives a machine another address; its old one is nobody's from now on. */
  move(stack: NetStack, address: Bytes): void {
    if (address === stack.address) return;
    if (this.addresses.has(address)) throw new ScenarioError(`two machines have the address ${address}`);
    assert(this.addresses.get(stack.address) === stack, 'an address belongs to another machine');
    this.addresses.delete(stack.address);
    this.addresses.set(address, stack);
    stack.address = address;
  }

  /** Who answers to `address`, seen from a machine. */
  stackAt(from: NetStack, address: Bytes): NetStack | null {
    return isLoopback(address) ? from : (this.addresses.get(address) ?? null);
  }

  nextConnectionId(): number {
    return ++this.connections;
  }

  makeLink(from: NetStack, to: NetStack): Link {
    const { loopback, sameZone, otherZone } = this.options;
    if (from === to) return new Link(from, to, loopback ?? LOOPBACK_LATENCY_MICROS);
    if (from.zone === to.zone) return new Link(from, to, sameZone ?? LAN_LATENCY_MICROS);
    return new Link(from, to, otherZone ?? ZONES_LATENCY_MICROS);
  }

  /** Parts the groups from each other, both ways. Machines in no group keep all their links. */
  cut(groups: readonly (readonly NetStack[])[]): Partition {
    const links: Link[] = [];
    for (const [index, group] of groups.entries()) {
      for (const [other, others] of groups.entries()) {
        if (index !== other) links.push(...this.linksBetween(group, others));
      }
    }
    return new Partition(this.kernel, links);
  }

  /** Cuts one direction: what `from` sends to `to` does not arrive; what `to` sends does. */
  cutOneWay(from: readonly NetStack[], to: readonly NetStack[]): Partition {
    return new Partition(this.kernel, this.linksBetween(from, to));
  }

  /** Changes the links from `from` to `to` (one way) until it is undone. */
  changeLinks(from: readonly NetStack[], to: readonly NetStack[], change: LinkChange): { undo(): void } {
    const { kernel } = this;
    const links = this.linksBetween(from, to);
    // A copy of its own, so that the same change made twice is undone once each.
    const own = { ...change };
    for (const link of links) link.addChange(own);
    kernel.observe(KIND.link, 0, links.length, 1, kernel.tracing
      ? { links: links.map((link) => [link.from.name, link.to.name]), ...describe(change) } : null);
    return {
      undo: (): void => {
        for (const link of links) link.removeChange(own);
        kernel.observe(KIND.link, 0, links.length, 0, null);
      },
    };
  }

  /** Resets every connection between the two groups, at both ends. Returns how many. */
  resetConnections(left: readonly NetStack[], right: readonly NetStack[]): number {
    let count = 0;
    for (const stack of left) {
      for (const socket of [...stack.sockets]) {
        const other = socket.out?.receiver;
        if (other === undefined || !right.includes(other.stack) || socket.isClosed()) continue;
        count++;
        socket.fail('reset');
        other.fail('reset');
      }
    }
    this.kernel.observe(KIND.link, 0, count, 2, this.kernel.tracing ? { resets: count } : null);
    return count;
  }

  private linksBetween(from: readonly NetStack[], to: readonly NetStack[]): Link[] {
    const links: Link[] = [];
    for (const source of from) {
      for (const target of to) if (source !== target) links.push(source.linkTo(target));
    }
    return links;
  }
}

/** A change without its table, which says nothing in a trace. */
const describe = (change: LinkChange): { clogMicros: number; lossPerMillion: number; bandwidthBytesPerMs: number | null } => ({
  clogMicros: change.clogMicros ?? 0,
  lossPerMillion: change.lossPerMillion ?? 0,
  bandwidthBytesPerMs: change.bandwidthBytesPerMs ?? null,
});
