/**
 * The machines of a real run as network namespaces, joined by the switch; and the names that they know each other by.
 *
 *     tunnel namespace:  the kernel's end of every VXLAN device        --veth-->  world namespace: switch and clients
 *     machine namespace: one VXLAN device with the machine's address, and its own hosts file
 *
 * Always holds: a machine's namespace is made anew at each boot, so nothing of its old connections is left: a peer's next segment
 * is reset.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NAMESPACE_FILES, endProcesses } from './clearAway.ts';
import { VNI_MAX, addressNumber } from './frame.ts';
import { type FrameSwitch, SWITCH_ADDRESS, TUNNEL_ADDRESS, VXLAN_PORT } from './frameSwitch.ts';
import { type RunNames, machineNamespace } from './names.ts';
import { ip, run } from './shell.ts';

/** Room for a whole frame of 1500 bytes and what VXLAN puts around it. */
const TUNNEL_MTU = 9000;
const MTU = 1500;
/** All devices have this one; see `readdress`. */
const HARDWARE_ADDRESS = '02:00:00:00:00:01';
/** The identifier of the clients' device. */
const CLIENTS_VNI: number = VNI_MAX;
/** Further addresses of the world's namespace, one for each client and each machine's entrypoint. */
const CLIENT_NETWORK = '10.1.';
const CLIENTS_PER_NETWORK = 250;
/** A frame at a time: the switch sees what a network card would send. */
const DEVICE: string = `address ${HARDWARE_ADDRESS} arp off mtu ${MTU} gso_max_segs 1`;

export interface RealMachine {
  readonly name: string;
  readonly zone: string;
  readonly address: string;
  readonly namespace: string;
  readonly vni: number;
}

/** Makes the two namespaces that every run has. Called by the process that starts the run. */
export const makeGround = async ({ tunnel, world }: RunNames): Promise<void> => {
  await ip(null, [`netns add ${tunnel}`, `netns add ${world}`]);
  await ip(tunnel, [
    'link set lo up', `link add hub mtu ${TUNNEL_MTU} type veth peer name hub mtu ${TUNNEL_MTU} netns ${world}`,
    `addr add ${TUNNEL_ADDRESS}/30 dev hub`, 'link set hub up',
  ]);
  await ip(world, ['link set lo up', `addr add ${SWITCH_ADDRESS}/30 dev hub`, 'link set hub up']);
};

export class RealNetwork {
  private readonly names: RunNames;
  private readonly frames: FrameSwitch;
  private readonly hosts: Map<string, readonly string[]> = new Map();
  private readonly machines: RealMachine[] = [];
  /** Namespaces that exist: those of machines that have power, or are ready for it. */
  private readonly booted: Set<string> = new Set();
  private clients = 0;

  constructor(names: RunNames, frames: FrameSwitch) {
    this.names = names;
    this.frames = frames;
  }

  /** The device of the clients, in our own namespace. */
  async open(): Promise<void> {
    const { tunnel, world } = this.names;
    await ip(tunnel, [vxlan(CLIENTS_VNI), `link set vx${CLIENTS_VNI} netns ${world} name clients`]);
    await ip(world, [`link set clients ${DEVICE}`, 'link set clients up', 'route add default dev clients']);
  }

  async addMachines(specs: readonly { readonly name: string; readonly zone: string; readonly address: string }[]): Promise<readonly RealMachine[]> {
    for (const { name, zone, address } of specs) {
      const index = this.machines.length + 1;
      const machine: RealMachine = { name, zone, address, namespace: machineNamespace(this.names, index), vni: index };
      this.machines.push(machine);
      this.frames.connect(addressNumber(address), { machine: name, vni: index });
    }
    await Promise.all(this.machines.map((machine) => this.bootMachine(machine)));
    return this.machines;
  }

  /** An address of our own that stands for a client, or for what runs on a machine before its process does. */
  async addClient(machine: string, isObserver: boolean = false): Promise<string> {
    const place = this.clients++;
    const address = `${CLIENT_NETWORK}${Math.floor(place / CLIENTS_PER_NETWORK)}.${(place % CLIENTS_PER_NETWORK) + 1}`;
    this.frames.connect(addressNumber(address), { machine, vni: CLIENTS_VNI, isObserver });
    await ip(this.names.world, [`addr add ${address}/32 dev clients`]);
    return address;
  }

  async bootMachine({ namespace, address, vni }: RealMachine): Promise<void> {
    await ip(null, [`netns add ${namespace}`]);
    await ip(this.names.tunnel, [vxlan(vni), `link set vx${vni} netns ${namespace} name eth0`]);
    await ip(namespace, [
      'link set lo up', `link set eth0 ${DEVICE}`, `addr add ${address}/32 dev eth0`, 'link set eth0 up', 'route add default dev eth0',
    ]);
    mkdirSync(join(NAMESPACE_FILES, namespace), { recursive: true });
    this.booted.add(namespace);
    this.writeHosts(namespace);
  }

  /** Takes the namespace away, with every connection and whoever still runs in it. */
  async removeMachine({ namespace }: RealMachine): Promise<void> {
    this.booted.delete(namespace);
    await endProcesses(namespace);
    // The device first: a namespace is taken down later, and its identifier would still be in use.
    await ip(namespace, ['link del eth0']);
    await run('ip', ['netns', 'del', namespace]);
    rmSync(join(NAMESPACE_FILES, namespace), { recursive: true, force: true });
  }

  /** What the name means from now on, for machines and clients. */
  setName(name: string, addresses: readonly string[]): void {
    this.hosts.set(name, addresses);
    for (const namespace of this.booted) this.writeHosts(namespace);
  }

  /** Adds an address to what a name means; call before the machines are made. */
  addName(name: string, address: string): void {
    this.hosts.set(name, [...this.hosts.get(name) ?? [], address]);
  }

  addressesOf(name: string): readonly string[] {
    return this.hosts.get(name) ?? [];
  }

  /** In place, since processes have the file itself. */
  private writeHosts(namespace: string): void {
    const lines = [...this.hosts].flatMap(([name, addresses]) => addresses.map((address) => `${address} ${name}\n`));
    writeFileSync(join(NAMESPACE_FILES, namespace, 'hosts'), `127.0.0.1 localhost\n${lines.join('')}`);
  }
}

const vxlan = (vni: number): string => `link add vx${vni} type vxlan id ${vni} local ${TUNNEL_ADDRESS} remote ${SWITCH_ADDRESS} `
  + `dstport ${VXLAN_PORT} dev hub nolearning`;
