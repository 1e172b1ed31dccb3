/**
 * The switch that joins the machines of a real run: a socket that gets every frame, and passes it on, late, or not at all.
 *
 * A machine is a network namespace whose only device is a VXLAN one, and every VXLAN device sends to this socket. So delay, loss
 * and one-way cuts need nothing of the kernel but VXLAN, and a dropped frame is dropped in silence: no reset, no ICMP.
 *
 * A narrow link passes one frame after the other. Connections that are to be reset are so by their next segment: both its ends get a
 * RST with the numbers that they expect, and the segment is gone.
 *
 * Always holds: frames of one direction leave in the order in which they came.
 */
import { type Socket, createSocket } from 'node:dgram';
import { frameEnds, readdress, resetsFor, segmentOf } from './frame.ts';
import type { LinkRules, LinkState } from './linkRules.ts';

/** Where the socket is, and where the kernel's end of all VXLAN devices is: seen from nowhere else. */
export const SWITCH_ADDRESS = '169.254.254.2';
export const TUNNEL_ADDRESS = '169.254.254.1';
export const VXLAN_PORT = 4789;
const RECEIVE_BUFFER_BYTES: number = 4 * 1024 * 1024;

/** Who has an address. */
export interface Station {
  /** Name of the machine, or of the client: what faults are about. */
  readonly machine: string;
  /** Network identifier of the device that has the address. */
  readonly vni: number;
  /** Whose frames no partition holds up: it looks on. */
  readonly isObserver?: boolean;
}

/** Frames of one direction that wait for their time. */
interface Queue {
  /** When the last of them has left. */
  until: number;
  readonly frames: { readonly due: number; readonly datagram: Buffer }[];
  timer: NodeJS.Timeout | null;
}

export class FrameSwitch {
  private readonly rules: LinkRules;
  private readonly stations: Map<number, Station> = new Map();
  private readonly queues: Map<string, Queue> = new Map();
  /** Links whose connections are to be reset, each with those that were opened since. */
  private readonly doomed: Map<string, Set<string>> = new Map();
  private readonly socket: Socket = createSocket('udp4');
  passed = 0;
  dropped = 0;

  constructor(rules: LinkRules) {
    this.rules = rules;
    this.socket.on('message', (datagram) => this.received(datagram));
  }

  /** Rejects when the socket cannot be had. */
  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.once('error', reject);
      this.socket.bind(VXLAN_PORT, SWITCH_ADDRESS, () => {
        this.socket.off('error', reject);
        // A frame that could not be sent is a frame lost, as on any network.
        this.socket.on('error', () => undefined);
        this.socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
        resolve();
      });
    });
  }

  connect(address: number, station: Station): void {
    this.stations.set(address, station);
  }

  disconnect(address: number): void {
    this.stations.delete(address);
  }

  /** Connections that exist between one of `from` and one of `to`. */
  reset(from: readonly string[], to: readonly string[]): void {
    for (const left of from) for (const right of to) if (left !== right) this.doomed.set(pairOf(left, right), new Set());
  }

  close(): void {
    for (const { timer } of this.queues.values()) if (timer !== null) clearTimeout(timer);
    this.socket.close();
  }

  private received(datagram: Buffer): void {
    const ends = frameEnds(datagram);
    const from = ends === null ? undefined : this.stations.get(ends.from);
    const to = ends === null ? undefined : this.stations.get(ends.to);
    if (from === undefined || to === undefined) return;
    const link = this.rules.between(from.machine, to.machine);
    const looksOn = from.isObserver === true || to.isObserver === true;
    if (link === null || (!looksOn && isDropped(link))) {
      this.dropped++;
      return;
    }
    if (!looksOn && this.isReset(datagram, from, to)) return;
    readdress(datagram, to.vni);
    const key = `${from.machine}\u0000${to.machine}`;
    const queue = this.queues.get(key);
    if (looksOn || (link.delayMs === 0 && link.bytesPerSecond === null && queue === undefined)) this.pass(datagram);
    else this.later(key, queue ?? { frames: [], timer: null, until: 0 }, datagram, link);
  }

  /** Whether the frame is of a connection that is to be reset; then it is. */
  private isReset(datagram: Buffer, from: Station, to: Station): boolean {
    const since = this.doomed.get(pairOf(from.machine, to.machine));
    const segment = since === undefined ? null : segmentOf(datagram);
    if (since === undefined || segment === null) return false;
    if (segment.opens) since.add(segment.connection);
    if (since.has(segment.connection)) return false;
    for (const { frame, isBack } of resetsFor(datagram)) {
      readdress(frame, isBack ? from.vni : to.vni);
      this.pass(frame);
    }
    return true;
  }

  private later(key: string, queue: Queue, datagram: Buffer, { delayMs, bytesPerSecond }: LinkState): void {
    this.queues.set(key, queue);
    const takesMs = bytesPerSecond === null ? 0 : (datagram.length * MS_PER_SECOND) / bytesPerSecond;
    queue.until = Math.max(queue.until, performance.now() + delayMs) + takesMs;
    queue.frames.push({ due: queue.until, datagram });
    if (queue.timer === null) this.arm(key, queue);
  }

  private arm(key: string, queue: Queue): void {
    const [first] = queue.frames;
    if (first === undefined) {
      this.queues.delete(key);
      return;
    }
    queue.timer = setTimeout(() => {
      queue.timer = null;
      const now = performance.now();
      while (queue.frames[0] !== undefined && queue.frames[0].due <= now) {
        this.pass((queue.frames.shift() as { readonly datagram: Buffer }).datagram);
      }
      this.arm(key, queue);
    }, Math.max(0, Math.ceil(first.due - performance.now())));
  }

  private pass(datagram: Buffer): void {
    this.passed++;
    this.socket.send(datagram, VXLAN_PORT, TUNNEL_ADDRESS);
  }
}

const PERCENT = 100;
const MS_PER_SECOND = 1000;

/** The same for both directions. */
const pairOf = (left: string, right: string): string => (left < right ? `${left}\u0000${right}` : `${right}\u0000${left}`);

const isDropped = ({ isCut, lossPercent }: LinkState): boolean => isCut || (lossPercent > 0 && Math.random() * PERCENT < lossPercent);
