/**
 * A world: one scenario set up from one seed. Machines, data nodes, clients, probes, the operator, the plan, and those who
 * watch. `runScenario` (in `run.ts`) drives it from its start to its report.
 */
import {
  type Bytes, type CauseId, InvariantError, type Note, ScenarioError, bytes, micros,
} from '../engine/index.ts';
import { AlwaysNoLoss } from './check/alwaysNoLoss.ts';
import { exitText } from './check/causeRecord.ts';
import type { Check } from './check/check.ts';
import { Chronicle } from './check/chronicle.ts';
import { ClusterWatch } from './check/clusterWatch.ts';
import { type ConfiguredWorld, configuredChecks } from './check/configuredChecks.ts';
import { consistencyChecks } from './check/consistency/consistencyChecks.ts';
import { Convergence } from './check/convergence.ts';
import { EqualOffsetEqualData } from './check/equalOffsetEqualData.ts';
import { EverysecWindow } from './check/everysecWindow.ts';
import { HistoryPrefix } from './check/historyPrefix.ts';
import { HistoryTree } from './check/historyTree.ts';
import { Ledger } from './check/ledger.ts';
import { LoadsOwnPrefix } from './check/loadsOwnPrefix.ts';
import { NodeView } from './check/nodeView.ts';
import { Places } from './check/places.ts';
import { SentinelView } from './check/sentinelView.ts';
import { SentinelWatch } from './check/sentinelWatch.ts';
import { FreshReads } from './check/staleReads.ts';
import { SyncCounts } from './check/syncCounts.ts';
import { type AdminTask, adminProgram } from './client/clusterAdmin.ts';
import { type Call, describeCall, describeResult } from './client/call.ts';
import { clusterCreator } from './client/clusterCreator.ts';
import { History, type Operation, type Outcome, type Read, describeOperation } from './client/history.ts';
import { Operator } from './client/operator.ts';
import { type ProbeRecord, newProbeRecord, probeClient } from './client/probe.ts';
import { readerClient } from './client/reader.ts';
import { readableKeys } from './client/work/keys.ts';
import { isWriter, workloadClient } from './client/workload.ts';
import { Hindrances } from './fault/hindrances.ts';
import { PlanRunner } from './fault/planRunner.ts';
import { expandScenario } from './fault/expandPlan.ts';
import type { WorldParts } from './fault/worldParts.ts';
import { Network } from './net/network.ts';
import { Machine } from './node/machine.ts';
import { RestartPolicies } from './node/restartPolicy.ts';
import { type Bugs, serverProgram } from './node/serverProgram.ts';
import { type NoteSink, type ProcessEnd, SimProcess } from './node/simProcess.ts';
import type { OwnKey, OwnParts, WorkloadFactory } from './own.ts';
import type { ExpandedScenario, ResolvedScenario } from './scenario.ts';
import { Kernel } from './time/kernel.ts';
import { KIND } from './time/kinds.ts';
import { clusterPlaces, partsOf } from './topology/clusterSetup.ts';
import { type ProcessSpec, configFileOf, directiveOf, isClusterNode, passwordOf } from './topology/topology.ts';
import type { TraceSink } from './trace/traceEvent.ts';

const MICROS_PER_MS = 1000;
/** Redis's own. */
const NODE_TIMEOUT_MS_DEFAULT = 15_000;
/** Containers look names up anew each time: nothing in them caches. */
const NAME_TTL_MICROS = 0;
/** Clients, probes and the operator live beside the deployment. */
const CLIENT_NETWORK = '10.1.0.';
/** What actions start. */
const TOOL = 'redis-cli';

/** A check with its `note`: looking that up in one of many classes takes longer than most calls of it. */
interface Hearer {
  readonly check: Check;
  readonly hear: NonNullable<Check['note']>;
}

export class World {
  readonly scenario: ExpandedScenario;
  readonly kernel: Kernel;
  readonly history: History = new History();
  readonly tree: HistoryTree = new HistoryTree();
  /** The data nodes, ordered by name; so are the sentinels. */
  readonly views: readonly NodeView[];
  readonly sentinels: readonly SentinelView[];
  readonly watch: SentinelWatch;
  readonly clusterWatch: ClusterWatch;
  readonly places: Places;
  readonly chronicle: Chronicle;
  readonly ledger: Ledger;
  readonly loads: LoadsOwnPrefix;
  readonly checks: readonly Check[];
  readonly syncs: SyncCounts = new SyncCounts();
  readonly probes: readonly ProbeRecord[];
  readonly plan: PlanRunner;
  /** Keys of the user's own workloads. */
  readonly ownKeys: readonly OwnKey[];
  readonly network: Network;
  private readonly machines: Map<string, Machine> = new Map();
  private readonly processes: Map<string, SimProcess> = new Map();
  private readonly beliefs: Map<string, string> = new Map();
  private readonly viewOf: Map<SimProcess, NodeView> = new Map();
  private readonly sentinelOf: Map<SimProcess, SentinelView> = new Map();
  private readonly hindrances: Hindrances = new Hindrances();
  /** Who wants to hear of which kind of note: most checks care for few. */
  private readonly hearers: Map<Note['kind'], Hearer[]> = new Map();
  private readonly streamHearers: readonly Hearer[];
  private readonly loggedHearers: readonly Hearer[];
  readonly restarts: RestartPolicies;
  /** How often each state worth reaching was reached, in the order of their first time. */
  private readonly reached: Map<string, number> = new Map();
  private clientMachines = 0;
  /** Programs that actions of the plan have started. */
  toolsStarted = 0;
  /** Clients that come when the cluster is up. */
  private waiting: SimProcess[] = [];

  /** `sink` gets the trace from its first record; `own`: checks and workloads that come with the user. */
  constructor(resolved: ResolvedScenario, seed: number, bugs: Bugs, sink: TraceSink | null, own: OwnParts = {}) {
    const scenario = expandScenario(resolved, seed);
    this.scenario = scenario;
    this.kernel = new Kernel(seed);
    this.kernel.attach(sink);
    this.network = new Network(this.kernel);
    this.restarts = new RestartPolicies(this.kernel);
    for (const spec of scenario.topology.machines) {
      this.addMachine(spec.name, spec.zone, bytes(spec.address), spec.clockOffsetMs);
    }
    for (const spec of scenario.topology.processes) this.addServer(spec, bugs);
    this.views = [...this.viewOf.values()].sort(byName);
    this.sentinels = [...this.sentinelOf.values()].sort(byName);
    const places = new Places(this.network.names, this.views, this.sentinels);
    this.places = places;
    this.watch = new SentinelWatch({
      nodes: this.views, sentinels: this.sentinels, find: (place) => places.node(place), hindrances: this.hindrances,
      now: () => this.kernel.now,
    });
    this.clusterWatch = new ClusterWatch({ nodes: this.clusterNodes(), hindrances: this.hindrances, now: () => this.kernel.now });
    this.chronicle = new Chronicle({
      find: (place) => places.process(place), followed: (process) => this.viewOf.get(process)?.primary ?? null,
      hindrances: this.hindrances,
      clusterProcess: (id) => this.clusterWatch.processCalled(id), clusterName: (process) => this.clusterWatch.nameOf(process),
    });
    this.ledger = new Ledger(this.history, this.tree, this.views);
    const equalData = new EqualOffsetEqualData();
    this.loads = new LoadsOwnPrefix(this.tree, equalData);
    this.checks = [new HistoryPrefix(this.tree), equalData, new Convergence(), new FreshReads(this.history),
      this.loads, new AlwaysNoLoss(this.history, this.ledger, this.tree),
      new EverysecWindow(this.history, this.ledger, this.tree, () => this.kernel.now), ...this.watch.checks, ...this.clusterWatch.checks,
      ...configuredChecks(this.configuredWorld()), ...consistencyChecks(this.history, Object.keys(scenario.expects.verdicts)), ...(own.checks ?? []).map((make) => make(this.configuredWorld()))];
    for (const check of this.checks) {
      const { note: hear } = check;
      if (hear === undefined) continue;
      for (const kind of check.hears ?? []) this.hearers.set(kind, [...this.hearers.get(kind) ?? [], { check, hear }]);
    }
    this.streamHearers = this.hearers.get('stream') ?? [];
    this.loggedHearers = this.hearers.get('logged') ?? [];
    this.history.onCompleted((operation) => this.observeCompletion(operation));
    this.history.onReadCompleted((read) => this.observeRead(read));
    this.history.onCallCompleted((call) => this.observeCall(call));
    this.probes = scenario.workload.probes.map((spec) => newProbeRecord(spec));
    if (scenario.topology.cluster !== undefined) this.addCreator();
    this.addClients();
    this.ownKeys = (own.workloads ?? []).flatMap((make) => this.addOwn(make));
    const operator = new Operator();
    const operatorProcess = this.addClientProcess('operator', 'operator', operator.program);
    const parts: WorldParts = {
      kernel: this.kernel, network: this.network, machines: this.machines, processes: this.processes, views: this.views,
      operator, operatorProcess, beliefs: this.beliefs, sentinels: this.sentinels, hindrances: this.hindrances,
      sentinelLeader: () => this.watch.leader, cluster: this.clusterWatch,
      clients: new Set([...scenario.workload.clients, ...scenario.workload.probes].map(({ name }) => name)),
      bootedByItself: (machine) => this.restarts.booted(machine),
      startTool: (task) => this.startTool(task), clusterPassword: this.clusterPassword(),
    };
    this.plan = new PlanRunner(parts, scenario.plan);
  }

  /**
   * Starts every process: those of the topology first, then everybody else, in the order of the scenario. Where there is a cluster
   * to be made, clients come when it is up.
   */
  start(): void {
    for (const process of this.processes.values()) if (!this.waiting.includes(process)) process.start();
  }

  /** Adds a client process on a machine of its own. Names are unique in the world. */
  addClientProcess(name: string, zone: string, program: SimProcess['program']): SimProcess {
    // A deployment of somebody's own may have addresses of that network already.
    const taken = new Set<string>(this.scenario.topology.machines.map((machine) => machine.address));
    do this.clientMachines++; while (taken.has(`${CLIENT_NETWORK}${this.clientMachines}`));
    const address = bytes(`${CLIENT_NETWORK}${this.clientMachines}`);
    const machine = this.addMachine(name, zone, address);
    const process = new SimProcess(machine, {
      name, program, notes: { note: (from, note) => this.clientNote(from, note) },
    });
    this.processes.set(name, process);
    return process;
  }

  private startTool(task: AdminTask): SimProcess {
    this.toolsStarted++;
    const process = this.addClientProcess(this.toolsStarted === 1 ? TOOL : `${TOOL}-${this.toolsStarted}`, 'operator', adminProgram(task));
    process.start();
    return process;
  }

  /** How often each state worth reaching was reached; ordered by name. */
  marks(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.reached].sort(([left], [right]) => (left < right ? -1 : 1)));
  }

  private mark(name: string): void {
    this.reached.set(name, (this.reached.get(name) ?? 0) + 1);
  }

  /** The data node at `address:port`; undefined when there is none. */
  viewAt(server: string): NodeView | undefined {
    return this.views.find((view) => `${view.process.machine.address}:${view.port}` === server);
  }

  private configuredWorld(): ConfiguredWorld {
    const { scenario, views, history, ledger, tree } = this;
    return { scenario, views, history, ledger, tree, now: () => this.kernel.now };
  }

  private addMachine(name: string, zone: string, address: Bytes, clockOffsetMs: number = 0): Machine {
    if (this.machines.has(name)) throw new ScenarioError(`two machines or clients are called '${name}'`);
    const machine = new Machine(this.kernel, this.network, {
      name, zone, address, clockOffsetMicros: clockOffsetMs * MICROS_PER_MS,
    });
    this.machines.set(name, machine);
    return machine;
  }

  private addServer(spec: ProcessSpec, bugs: Bugs): void {
    const machine = this.machines.get(spec.machine);
    if (machine === undefined) throw new ScenarioError(`${spec.origin}: no machine is called '${spec.machine}'`);
    for (const alias of [spec.name, ...spec.aliases]) {
      const known = this.network.names.find(bytes(alias));
      const addresses = known === null ? [machine.address] : [...known.addresses, machine.address];
      this.network.names.set(bytes(alias), addresses, NAME_TTL_MICROS);
    }
    const process: SimProcess = new SimProcess(machine, {
      name: spec.name, program: serverProgram(spec, bugs, () => process), onExit: (ended, end) => this.ended(ended, end),
    });
    process.keepsData = spec.persistentData;
    if (configFileOf(spec) === 'none') process.startsWithAof = directiveOf(spec, 'appendonly')?.[0] === 'yes';
    this.restarts.set(process, spec.restart);
    this.processes.set(spec.name, process);
    process.notes = spec.kind === 'sentinel' ? this.watchSentinel(process, spec.port) : this.watchDataNode(process, spec.port);
  }

  private watchDataNode(process: SimProcess, port: number): NoteSink {
    const view = new NodeView(process, port);
    this.viewOf.set(process, view);
    return { ...this.causes(), note: (_, note, event) => this.dataNote(view, note, event) };
  }

  private watchSentinel(process: SimProcess, port: number): NoteSink {
    const view = new SentinelView(process, port);
    this.sentinelOf.set(process, view);
    return { ...this.causes(), note: (_, note, event) => this.sentinelNote(view, note, event) };
  }

  /** What records list under `because` stands in the trace alone: nobody asks without one. */
  private causes(): Pick<NoteSink, 'because'> {
    return this.kernel.tracing ? { because: (process, note) => this.chronicle.because(process, note) } : {};
  }

  private addClients(): void {
    const { clients } = this.scenario.workload;
    const stopAtMicros = this.scenario.durationMs * MICROS_PER_MS;
    const registers = readableKeys(clients);
    const seed = this.kernel.streams.named('workloads').below(WORKLOAD_SEEDS);
    const recorder = { history: this.history, now: (): number => this.kernel.now, stopAtMicros, seed };
    for (const spec of clients) {
      const phaseMs = this.kernel.streams.named(`phase/${spec.name}`).below(Math.floor(1000 / spec.operationsPerSecond) + 1);
      this.addUser(spec.name, spec.zone, isWriter(spec) ? workloadClient(spec, recorder, phaseMs)
        : readerClient(spec, registers, recorder, phaseMs));
    }
    // Probes go on through settling, and stop in time for the nodes to be equal at its end.
    const probesStopAt = (this.scenario.durationMs + Math.max(0, this.scenario.settlingMs - QUIET_MS)) * MICROS_PER_MS;
    for (const record of this.probes) {
      this.addUser(record.spec.name, record.spec.zone, probeClient(record, () => this.kernel.now, probesStopAt));
    }
  }

  private addOwn(make: WorkloadFactory): readonly OwnKey[] {
    const { scenario, history } = this;
    const recorder = { history, now: (): number => this.kernel.now, stopAtMicros: scenario.durationMs * MICROS_PER_MS };
    const { name, zone, program, keys } = make({ scenario, recorder });
    this.addUser(name, zone, program);
    return keys;
  }

  private addUser(name: string, zone: string, program: SimProcess['program']): void {
    const process = this.addClientProcess(name, zone, program);
    if (this.scenario.topology.cluster !== undefined) this.waiting.push(process);
  }

  /** Who makes a cluster of the nodes, and then lets the clients come. */
  private addCreator(): void {
    const { topology } = this.scenario;
    const nodes = clusterPlaces(topology);
    const first = topology.processes.find(({ name }) => name === topology.cluster?.create[0]);
    this.addClientProcess('cluster-creator', this.machines.get(first?.machine ?? '')?.zone ?? 'operator', clusterCreator({
      nodes, parts: partsOf(topology), password: this.clusterPassword(),
      created: () => {
        const { waiting } = this;
        this.waiting = [];
        for (const process of waiting) process.start();
      },
    }));
  }

  /** What the nodes of the cluster want to hear first. */
  clusterPassword(): string | undefined {
    const { processes, cluster } = this.scenario.topology;
    const first = processes.find(({ name }) => name === cluster?.create[0]);
    return first === undefined ? undefined : passwordOf(first) ?? undefined;
  }

  /** The data nodes that are part of a cluster, and their `cluster-node-timeout`. */
  private clusterNodes(): ReadonlyMap<NodeView, number> {
    const { processes } = this.scenario.topology;
    return new Map(this.views.flatMap((view) => {
      const spec = processes.find(({ name }) => name === view.name);
      if (spec === undefined || !isClusterNode(spec)) return [];
      return [[view, Number(directiveOf(spec, 'cluster-node-timeout')?.[0] ?? NODE_TIMEOUT_MS_DEFAULT)] as const];
    }));
  }

  private dataNote(view: NodeView, note: Note, event: CauseId): void {
    const cause = this.kernel.cause();
    const { kind } = note;
    let hearers: readonly Hearer[] | undefined;
    if (kind === 'stream') {
      view.streamed(note);
      this.ledger.positions.streamed(view, note);
      hearers = this.streamHearers;
    } else if (kind === 'logged') {
      this.ledger.positions.logged(view, note);
      hearers = this.loggedHearers;
    } else {
      if (kind === 'write') this.ledger.executed(view, note, cause, this.kernel.now);
      else this.rareNote(view, note, event, cause);
      hearers = this.hearers.get(kind);
    }
    if (hearers !== undefined) for (const { check, hear } of hearers) hear.call(check, view, note, cause);
    this.plan.note(view.process, note);
  }

  /** Any but those that come with every write. */
  private rareNote(view: NodeView, note: Note, event: CauseId, cause: CauseId): void {
    const { kind } = note;
    if (kind === 'mark') {
      this.mark(note.name);
      view.marked(note.name);
      return;
    }
    view.note(note);
    if (kind === 'history') this.tree.add(note);
    this.ledger.note(view, note, cause, this.kernel.now);
    if (kind === 'replica') this.syncs.note(note);
    if (kind === 'sync') this.watch.nodes.note(view, note);
    this.clusterWatch.note(view, note, event);
    if (DECISIONS.includes(kind)) this.chronicle.note(view.process, note, event, this.kernel.now, cause);
  }

  private sentinelNote(view: SentinelView, note: Note, event: CauseId): void {
    const cause = this.kernel.cause();
    const { process } = view;
    if (note.kind === 'mark') {
      this.mark(note.name);
      this.plan.note(process, note);
      return;
    }
    this.chronicle.note(process, note, event, this.kernel.now, cause);
    this.watch.note(view, note, event, cause);
    if (note.kind === 'belief') {
      const [first] = view.watched.values();
      this.beliefs.set(view.name, first?.primary ?? '');
    }
    this.plan.note(process, note);
  }

  private observeCompletion(operation: Operation): void {
    const client = this.processes.get(operation.client);
    if (client === undefined) throw new InvariantError('an operation of an unknown client');
    const { kernel } = this;
    kernel.observe(KIND.complete, client.node, operation.index, OUTCOMES.indexOf(operation.outcome), kernel.tracing ? {
      outcome: operation.outcome, operation: describeOperation(operation), invokedAt: operation.invokedAt,
      ...this.swallowed(client, operation),
    } : null);
  }

  /** An operation without an answer: what stood between the client and its server since it asked. */
  private swallowed(client: SimProcess, { outcome, invokedAt }: Operation): { readonly because?: readonly CauseId[] } {
    const belief = this.beliefs.get(client.name);
    const server = outcome !== 'unknown' || belief === undefined ? undefined : this.viewAt(belief);
    if (server === undefined) return {};
    const found = this.hindrances.silencing(client, server.process, this.hindrances.lastBefore(invokedAt));
    return found.length === 0 ? {} : { because: found.map(({ event }) => event) };
  }

  private observeRead(read: Read): void {
    const client = this.processes.get(read.client);
    if (client === undefined) throw new InvariantError('a read of an unknown client');
    const { kernel } = this;
    kernel.observe(KIND.complete, client.node, read.index, OUTCOMES.indexOf(read.outcome), kernel.tracing
      ? { outcome: read.outcome, operation: `read ${read.key}`, invokedAt: read.invokedAt } : null);
  }

  private observeCall(call: Call): void {
    const client = this.processes.get(call.client);
    if (client === undefined) throw new InvariantError('a call of an unknown client');
    const { kernel } = this;
    kernel.observe(KIND.complete, client.node, call.index, OUTCOMES.indexOf(call.outcome), kernel.tracing ? {
      outcome: call.outcome, operation: describeCall(call), invokedAt: call.invokedAt,
      ...(call.outcome === 'ok' && call.result !== null ? { result: describeResult(call.result) } : {}),
    } : null);
  }

  private clientNote(process: SimProcess, note: Note): void {
    if (note.kind === 'belief') this.beliefs.set(process.name, note.primary ?? '');
    else if (note.kind === 'mark') this.mark(note.name);
    else if (note.kind === 'step') this.plan.note(process, note);
    else if (note.kind === 'redirect') this.clusterWatch.redirects.clientNote(note, process.name, this.kernel.cause());
  }

  private ended(process: SimProcess, end: ProcessEnd): void {
    const { kernel } = this;
    if (end.kind === 'exit') {
      const { starts } = process;
      this.hindrances.add(kernel.lastId, kernel.now, exitText(process.name, end.status),
        { processes: [process], stands: () => process.starts === starts }, false);
    }
    this.chronicle.ended(process);
    const view = this.viewOf.get(process);
    const sentinel = this.sentinelOf.get(process);
    if (view !== undefined) {
      this.ledger.positions.ended(view, end.kind, kernel.lastId, micros(kernel.now));
      view.ended();
      this.clusterWatch.ended(view);
      for (const check of this.checks) check.ended?.(view, end);
    } else if (sentinel !== undefined) {
      this.watch.ended(sentinel);
      this.beliefs.delete(sentinel.name);
    }
    this.restarts.ended(process, end);
  }
}

const byName = (left: { readonly name: string }, right: { readonly name: string }): number => (left.name < right.name ? -1 : 1);

/** Before the end of settling nobody writes for so long. */
const QUIET_MS = 2000;

/** Kinds of a data node's notes that chains of causes are made of. */
const DECISIONS: readonly Note['kind'][] = ['replica', 'sync', 'cluster', 'vote', 'leader', 'slots'];

/** What clients with a choice choose by. */
const WORKLOAD_SEEDS = 0x7fff_ffff;

const OUTCOMES: readonly Outcome[] = ['pending', 'ok', 'failed', 'unknown'];

