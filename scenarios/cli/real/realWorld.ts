/**
 * A scenario on real processes: the machines, the simulator's own clients over real sockets, and what is heard of both. Runs in the
 * run's world namespace, where the switch is.
 *
 * Always holds: times are microseconds since the servers answered first, by the monotonic clock, for clients, strikes and logs alike; what
 * was logged before was logged at 0. A server's own start is no part of a scenario: one takes ten milliseconds for it, another a second.
 */
import { ConfigError, InvariantError } from '../../../engine/core/errors.ts';
import { bytes } from '../../../engine/core/bytes.ts';
import { type Host, type Note, SENTINEL_EVENT, type StepNote } from '../../../engine/index.ts';
import { History } from '../../../sim/client/history.ts';
import { Operator } from '../../../sim/client/operator.ts';
import { type ProbeRecord, newProbeRecord, probeClient } from '../../../sim/client/probe.ts';
import { readerClient } from '../../../sim/client/reader.ts';
import { type AdminTask, adminProgram } from '../../../sim/client/clusterAdmin.ts';
import { clusterCreator } from '../../../sim/client/clusterCreator.ts';
import { readableKeys } from '../../../sim/client/work/keys.ts';
import { isWriter, workloadClient } from '../../../sim/client/workload.ts';
import { isAdminKind } from '../../../sim/fault/clusterKinds.ts';
import type { ExpandedScenario } from '../../../sim/scenario.ts';
import { clusterPlaces, partsOf } from '../../../sim/topology/clusterSetup.ts';
import { type ProcessSpec, passwordOf } from '../../../sim/topology/topology.ts';
import type { SlotClaim } from './clusterRoles.ts';
import { type LoggedLine, messageOf } from './eventLog.ts';
import type { LinkRules } from './linkRules.ts';
import type { RunNames } from './names.ts';
import { type NodeAnswer, Observer, type Place } from './observer.ts';
import type { Programs } from './programs.ts';
import { RealDisk } from './realDisk.ts';
import type { FaultParts } from './realFaults.ts';
import { RealHost } from './realHost.ts';
import { RealMachineState } from './realMachines.ts';
import { RealProcess } from './realProcess.ts';
import { type Knowledge, resolveMachineRole, resolveRole } from './roles.ts';
import type { WorldNetwork } from './worldNetwork.ts';

const MICROS_PER_MS = 1000;
const START_MS_MAX = 30_000;
const START_STEP_MS = 5;
/** Before the end of settling nobody writes for so long. */
const QUIET_MS = 2000;

export interface RealWorldOptions {
  readonly scenario: ExpandedScenario;
  readonly programs: Programs;
  readonly names: RunNames;
  readonly network: WorldNetwork;
  readonly rules: LinkRules;
  /** Something happened that no plan asked for, and the run is worth nothing. */
  failed(error: unknown): void;
}

export class RealWorld {
  readonly scenario: ExpandedScenario;
  readonly history: History = new History();
  readonly probes: readonly ProbeRecord[];
  readonly lines: LoggedLine[] = [];
  readonly processes: Map<string, RealProcess> = new Map();
  readonly machines: Map<string, RealMachineState> = new Map();
  readonly rules: LinkRules;
  readonly network: WorldNetwork;
  /** Called with every step of a redis-cli. */
  stepped: (tool: string, note: StepNote) => void = () => undefined;
  /** Called with every line of a log. */
  heard: (line: LoggedLine) => void = () => undefined;
  private readonly options: RealWorldOptions;
  private readonly beliefs: Map<string, string> = new Map();
  private readonly clients: Map<string, RealHost> = new Map();
  private readonly answers: Map<string, NodeAnswer> = new Map();
  private readonly claims: Map<string, SlotClaim> = new Map();
  private readonly operator: Operator = new Operator();
  private observer: Observer | null = null;
  private programs: (readonly [string, (host: Host) => void])[] = [];
  /** Makes the cluster; clients come when it is up. Null: there is none to be made. */
  private creator: ((host: Host) => void) | null = null;
  /** Null until all servers answer. */
  private startedAt: number | null = null;
  private toolsStarted = 0;
  private leader: string | null = null;

  constructor(options: RealWorldOptions) {
    this.options = options;
    this.scenario = options.scenario;
    this.rules = options.rules;
    this.network = options.network;
    this.probes = this.scenario.workload.probes.map((spec) => newProbeRecord(spec));
  }

  /** Ends the run as worth nothing. */
  fail(error: unknown): void {
    this.options.failed(error);
  }

  now(): number {
    return this.startedAt === null ? 0 : Math.floor((performance.now() - this.startedAt) * MICROS_PER_MS);
  }

  /** Machines, disks, names and the clients' addresses. Nothing runs yet. */
  async prepare(): Promise<void> {
    const { topology, plan } = this.scenario;
    await this.network.open();
    const machineOf = new Map(topology.machines.map((machine) => [machine.name, machine]));
    for (const { name, aliases, machine } of topology.processes) {
      for (const alias of [name, ...aliases]) this.network.names.add(alias, machineOf.get(machine)?.address ?? '');
    }
    const hasOwnDisks = this.network.hasOwnDisks && plan.some((entry) => OF_THE_DISK.includes(entry.do));
    for (const real of await this.network.addMachines(topology.machines)) {
      const disk = new RealDisk(this.options.names.directory, real.name, hasOwnDisks);
      await disk.open();
      this.machines.set(real.name, new RealMachineState(real, {
        rules: this.rules, network: this.network, disk, isFree: (address) => [...this.machines.values()].every((other) => other.real.address !== address),
        failed: (error) => this.options.failed(error),
      }));
    }
    for (const spec of topology.processes) await this.addProcess(spec);
    this.observer = new Observer(await this.addHost('observer', true));
    await this.addClients();
  }

  /** Starts all servers, and rejects when one does not answer. */
  async startServers(): Promise<void> {
    for (const process of this.processes.values()) process.start();
    const until = performance.now() + START_MS_MAX;
    for (const process of this.processes.values()) {
      while (await this.observing.ask(this.placeOf(process), [['PING']]) === null) {
        if (performance.now() > until) throw new ConfigError(`${process.name} does not answer ${START_MS_MAX / MICROS_PER_MS} s after its start`);
        await new Promise((resolve) => {
          setTimeout(resolve, START_STEP_MS);
        });
      }
    }
  }

  /** The first instant: clients come. */
  begin(): void {
    this.startedAt = performance.now();
    this.startProgram('operator', this.operator.program);
    if (this.creator === null) this.startPrograms();
    else this.startProgram('cluster-creator', this.creator);
  }

  /** Ends the network; processes are ended by whoever clears the run away. */
  close(): void {
    this.network.close();
  }

  /** A further client, with an address of its own. */
  async run(name: string, program: (host: Host) => void): Promise<void> {
    await this.addHost(name);
    this.startProgram(name, program);
  }

  get observing(): Observer {
    if (this.observer === null) throw new InvariantError('nobody observes before the world is prepared');
    return this.observer;
  }

  placeOf(process: RealProcess): Place {
    return { address: process.machine.address, port: process.spec.port, password: passwordOf(process.spec) };
  }

  /** Asks every data node that lives what it is. */
  async look(): Promise<void> {
    await Promise.all([...this.processes.values()].map(async (process) => {
      if (process.state === 'dead') this.answers.delete(process.name);
      if (process.state !== 'running') return;
      if (process.spec.kind === 'sentinel') {
        const name = process.spec.directives.find(([, word]) => word === 'monitor')?.[2];
        const belief = name === undefined ? null : await this.observing.belief(this.placeOf(process), name);
        if (belief !== null) this.beliefs.set(process.name, belief);
        return;
      }
      const answer = await this.observing.node(this.placeOf(process));
      if (answer !== null) this.answers.set(process.name, answer);
      if (this.scenario.topology.cluster !== undefined) await this.lookAtSlots(process);
    }));
  }

  /** What a dead node owned is known still. */
  private async lookAtSlots(process: RealProcess): Promise<void> {
    const claim = await this.observing.claim(this.placeOf(process));
    if (claim !== null) this.claims.set(process.name, claim);
    else if (this.answerOf(process)?.role === 'replica') this.claims.delete(process.name);
  }

  answerOf(process: RealProcess): NodeAnswer | null {
    return this.answers.get(process.name) ?? null;
  }

  /** What faults act on, by what is known now; `look` makes it fresh. */
  faultParts(): FaultParts {
    const known = this.knowledge();
    return {
      processes: (target) => {
        const names = resolveRole(known, target);
        if (names === null) return null;
        return names.flatMap((name) => this.processes.get(name) ?? []);
      },
      machineNames: (target) => resolveMachineRole(known, target),
      machine: (name) => this.machines.get(name),
      everyone: [...this.machines.keys(), ...this.clients.keys()],
      addEffect: (from, to, effect) => this.rules.add(from, to, effect),
      network: this.network,
      operate: (process, words, done) => this.operator.run(
        bytes(process.machine.address), process.spec.port, words.map((word) => bytes(word)), done),
      startTool: (task) => this.startTool(task), killTool: (name) => this.killTool(name), clusterPassword: this.clusterPassword,
    };
  }

  private knowledge(): Knowledge {
    const sorted = [...this.processes.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
    return {
      nodes: sorted.filter(({ spec }) => spec.kind === 'redis').map((process) => {
        const answer = this.answers.get(process.name);
        return {
          name: process.name, machine: process.machine.name, isAlive: process.state !== 'dead', role: answer?.role ?? null,
          offset: answer?.offset ?? 0, place: `${process.machine.address}:${process.spec.port}`, primary: answer?.primary ?? null,
        };
      }),
      sentinels: sorted.filter(({ spec }) => spec.kind === 'sentinel')
        .map((process) => ({ name: process.name, machine: process.machine.name, isAlive: process.state !== 'dead' })),
      leader: this.leader, beliefs: this.beliefs, claims: this.claims,
      processes: new Map([
        ...[...this.processes.values()].map((process) => [process.name, process.machine.name] as const),
        ...[...this.clients.keys()].map((name) => [name, name] as const)]),
      machines: new Map([...this.machines].map(([name, { processes }]) => [name, processes.map((process) => process.name)])),
      zones: new Map([...this.machines].map(([name, { real }]) => [name, real.zone])),
      clients: new Map([...this.scenario.workload.clients, ...this.scenario.workload.probes].map(({ name, zone }) => [name, zone])),
    };
  }

  private async addProcess(spec: ProcessSpec): Promise<void> {
    const machine = this.machines.get(spec.machine);
    if (machine === undefined) throw new ConfigError(`${spec.origin}: no machine is called '${spec.machine}'`);
    const entrypointAddress = await this.network.addClient(spec.machine);
    const process: RealProcess = new RealProcess(spec, {
      machine: machine.real, network: this.network, directory: machine.disk.directory, programs: this.options.programs, entrypointAddress,
      lookUp: (name) => this.network.names.lookUp(name), isUp: () => machine.isUp,
      logged: (line) => this.logged(spec.name, line), endedByItself: (status, signal) => this.ended(process, status, signal),
    });
    machine.processes.push(process);
    this.processes.set(spec.name, process);
  }

  private ended(process: RealProcess, status: number | null, signal: string | null): void {
    this.answers.delete(process.name);
    if (signal !== null && !this.mayCrash) {
      this.options.failed(new ConfigError(`${process.name} was ended by ${signal}, which the plan does not say`));
      return;
    }
    if (!process.diedAtBirth && this.startedAt !== null) return;
    const why = process.lastLines.findLast((line) => line.trim() !== '') ?? 'it said nothing';
    this.options.failed(new ConfigError(
      `${process.name} ended by itself as soon as it was started (${signal ?? `status ${status ?? 'none'}`}): ${messageOf(why) ?? why}`));
  }

  /** The plan has a server crash itself. */
  private get mayCrash(): boolean {
    return this.scenario.plan.some((entry) => entry.do === 'command' && /debug/i.test(String(entry.with?.['argv'])));
  }

  private logged(node: string, line: string): void {
    const message = messageOf(line);
    if (message === null) return;
    const logged: LoggedLine = { node, atMs: this.now() / MICROS_PER_MS, message };
    if (message.startsWith(`${SENTINEL_EVENT.electedLeader} `)) this.leader = node;
    this.lines.push(logged);
    this.heard(logged);
  }

  private async addClients(): Promise<void> {
    const { scenario, history } = this;
    const { clients } = scenario.workload;
    const now = (): number => this.now();
    const recorder = { history, now, stopAtMicros: scenario.durationMs * MICROS_PER_MS };
    const registers = readableKeys(clients);
    for (const spec of clients) {
      const phaseMs = Math.floor(Math.random() * (Math.floor(1000 / spec.operationsPerSecond) + 1));
      await this.addProgram(spec.name, isWriter(spec) ? workloadClient(spec, recorder, phaseMs)
        : readerClient(spec, registers, recorder, phaseMs));
    }
    const probesStopAt = (scenario.durationMs + Math.max(0, scenario.settlingMs - QUIET_MS)) * MICROS_PER_MS;
    for (const record of this.probes) await this.addProgram(record.spec.name, probeClient(record, now, probesStopAt));
    await this.addHost('operator');
    if (scenario.topology.cluster !== undefined) await this.addCreator();
  }

  private get clusterPassword(): string | undefined {
    const { topology } = this.scenario;
    const first = topology.processes.find(({ name }) => name === topology.cluster?.create[0]);
    return first === undefined ? undefined : passwordOf(first) ?? undefined;
  }

  private async addCreator(): Promise<void> {
    const { topology } = this.scenario;
    const nodes = clusterPlaces(topology);
    const creator = clusterCreator({
      nodes, parts: partsOf(topology), password: this.clusterPassword,
      created: () => this.startPrograms(),
    });
    await this.addHost('cluster-creator');
    this.creator = creator;
    const tools = this.scenario.plan.filter((entry) => isAdminKind(entry.do)).length;
    for (let ordinal = 1; ordinal <= tools; ordinal++) await this.addHost(toolName(ordinal));
  }

  private startTool(task: AdminTask): string {
    const name = toolName(++this.toolsStarted);
    this.startProgram(name, adminProgram(task));
    return name;
  }

  private killTool(name: string): boolean {
    const ordinal = Array.from({ length: this.toolsStarted }, (_, index) => toolName(index + 1)).indexOf(name);
    if (ordinal < 0) return false;
    this.clients.get(name)?.kill();
    return true;
  }

  private async addProgram(name: string, program: (host: Host) => void): Promise<void> {
    await this.addHost(name);
    this.programs.push([name, program]);
  }

  private async addHost(name: string, isObserver: boolean = false): Promise<RealHost> {
    const host = new RealHost({
      address: await this.network.addClient(name, isObserver), lookUp: (alias) => this.network.names.lookUp(alias),
      noted: (note) => this.noted(name, note),
    });
    if (!isObserver) this.clients.set(name, host);
    return host;
  }

  private noted(client: string, note: Note): void {
    if (note.kind === 'belief') this.beliefs.set(client, note.primary ?? '');
    else if (note.kind === 'step') this.stepped(client, note);
  }

  private startPrograms(): void {
    const { programs } = this;
    this.programs = [];
    for (const [name, program] of programs) this.startProgram(name, program);
  }

  private startProgram(name: string, program: (host: Host) => void): void {
    const host = this.clients.get(name);
    if (host === undefined) throw new InvariantError(`no client is called ${name}`);
    host.inTurn(() => program(host));
  }
}

/** Plans with one of these need disks that can lose what was not synced, or be full. */
const OF_THE_DISK: readonly string[] = ['power', 'newAddress', 'fullDisk'];

/** The plan's redis-cli processes, in the order of their starts: names as in the virtual world. */
const toolName = (ordinal: number): string => (ordinal === 1 ? 'redis-cli' : `redis-cli-${ordinal}`);
