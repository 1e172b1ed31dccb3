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
import { ConfigError } from '../../../engine/core/errors.ts';
import type { ProcessSpec } from '../../../sim/topology/topology.ts';
import { NAMESPACE_FILES, endProcesses } from './clearAway.ts';
import { VNI_MAX, addressNumber } from './frame.ts';
import { type FrameSwitch, SWITCH_ADDRESS, TUNNEL_ADDRESS, VXLAN_PORT } from './frameSwitch.ts';
import { type RunNames, machineNamespace } from './names.ts';
import { type NameBook, SILENCE_MS } from './nameBook.ts';
import { ip, run } from './shell.ts';
import type { Directives, MachineOfRun, RealMachine, WorldNetwork } from './worldNetwork.ts';

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

/** Makes the two namespaces that every run has. Called by the process that starts the run. */
export const makeGround = async ({ tunnel, world }: RunNames): Promise<void> => {
  await ip(null, [`netns add ${tunnel}`, `netns add ${world}`]).catch((error: unknown) => {
    throw error instanceof ConfigError ? new ConfigError(`${error.message}; --network proxies needs no namespaces`) : error;
  });
  await ip(tunnel, [
    'link set lo up', `link add hub mtu ${TUNNEL_MTU} type veth peer name hub mtu ${TUNNEL_MTU} netns ${world}`,
    `addr add ${TUNNEL_ADDRESS}/30 dev hub`, 'link set hub up',
  ]);
  await ip(world, ['link set lo up', `addr add ${SWITCH_ADDRESS}/30 dev hub`, 'link set hub up']);
};

/** Nobody has this address: what is sent there gets lost. */
const SILENT_NAME_SERVER = '10.255.255.254';
const SILENCE_SECONDS: number = SILENCE_MS / 1000;

export class RealNetwork implements WorldNetwork {
  readonly kind = 'namespaces';
  readonly limits: readonly string[] = [];
  readonly hasOwnDisks = true;
  readonly names: NameBook;
  private readonly run: RunNames;
  private readonly frames: FrameSwitch;
  private readonly machines: RealMachine[] = [];
  /** Namespaces that exist: those of machines that have power, or are ready for it. */
  private readonly booted: Set<string> = new Set();
  private clients = 0;

  constructor(names: NameBook, runNames: RunNames, frames: FrameSwitch) {
    this.names = names;
    this.run = runNames;
    this.frames = frames;
    names.changed = () => {
      for (const namespace of this.booted) this.writeNames(namespace);
    };
  }

  /** The switch, and the device of the clients, in our own namespace. */
  async open(): Promise<void> {
    const { tunnel, world } = this.run;
    await this.frames.open();
    await ip(tunnel, [vxlan(CLIENTS_VNI), `link set vx${CLIENTS_VNI} netns ${world} name clients`]);
    await ip(world, [`link set clients ${DEVICE}`, 'link set clients up', 'route add default dev clients']);
  }

  async addMachines(specs: readonly MachineOfRun[]): Promise<readonly RealMachine[]> {
    for (const { name, zone, address } of specs) this.machines.push({ name, zone, address, index: this.machines.length + 1 });
    await Promise.all(this.machines.map((machine) => this.bootMachine(machine)));
    return this.machines;
  }

  /** An address of our own that stands for a client, or for what runs on a machine before its process does. */
  async addClient(machine: string, isObserver: boolean = false): Promise<string> {
    const place = this.clients++;
    const address = `${CLIENT_NETWORK}${Math.floor(place / CLIENTS_PER_NETWORK)}.${(place % CLIENTS_PER_NETWORK) + 1}`;
    this.frames.connect(addressNumber(address), { machine, vni: CLIENTS_VNI, isObserver });
    await ip(this.run.world, [`addr add ${address}/32 dev clients`]);
    return address;
  }

  async bootMachine(machine: RealMachine): Promise<void> {
    const { name, address, index: vni } = machine;
    const namespace = this.namespaceOf(machine);
    this.frames.connect(addressNumber(address), { machine: name, vni });
    await ip(null, [`netns add ${namespace}`]);
    await ip(this.run.tunnel, [vxlan(vni), `link set vx${vni} netns ${namespace} name eth0`]);
    await ip(namespace, [
      'link set lo up', `link set eth0 ${DEVICE}`, `addr add ${address}/32 dev eth0`, 'link set eth0 up', 'route add default dev eth0',
    ]);
    mkdirSync(join(NAMESPACE_FILES, namespace), { recursive: true });
    this.booted.add(namespace);
    this.writeNames(namespace);
  }

  /** Takes the namespace away, with every connection and whoever still runs in it. */
  async removeMachine(machine: RealMachine): Promise<void> {
    const namespace = this.namespaceOf(machine);
    this.booted.delete(namespace);
    await endProcesses(namespace);
    this.frames.disconnect(addressNumber(machine.address));
    // The device first: a namespace is taken down later, and its identifier would still be in use.
    await ip(namespace, ['link del eth0']);
    await run('ip', ['netns', 'del', namespace]);
    rmSync(join(NAMESPACE_FILES, namespace), { recursive: true, force: true });
  }

  poweredOn(): void {
    // Its kernel answers already; the switch lets it.
  }

  commandOn(machine: RealMachine, words: readonly string[]): readonly string[] {
    return ['ip', 'netns', 'exec', this.namespaceOf(machine), ...words];
  }

  directivesOn(_machine: RealMachine, _spec: ProcessSpec, given: Directives): Directives {
    return given;
  }

  serverIs(): void {
    // The machine's own kernel knows who listens.
  }

  reset(from: readonly string[], to: readonly string[]): string {
    this.frames.reset(from, to);
    return 'connections are reset by what is sent next on each';
  }

  close(): void {
    this.frames.close();
  }

  private namespaceOf({ index }: RealMachine): string {
    return machineNamespace(this.run, index);
  }

  /** In place, since processes have the files themselves. Without the name server nobody is asked but one who never answers. */
  private writeNames(namespace: string): void {
    const write = (file: string, text: string): void => writeFileSync(join(NAMESPACE_FILES, namespace, file), text);
    write('hosts', this.names.hostsText());
    write('nsswitch.conf', `hosts: ${this.names.isSilent ? 'dns' : 'files'}\n`);
    write('resolv.conf', `nameserver ${SILENT_NAME_SERVER}\noptions timeout:${SILENCE_SECONDS} attempts:1\n`);
  }
}

const vxlan = (vni: number): string => `link add vx${vni} type vxlan id ${vni} local ${TUNNEL_ADDRESS} remote ${SWITCH_ADDRESS} `
  + `dstport ${VXLAN_PORT} dev hub nolearning`;
