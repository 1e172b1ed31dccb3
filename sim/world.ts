/**
 * A world: one scenario set up from one seed. Machines, data nodes, clients, probes, the operator, the plan, and those who
 * watch. `runScenario` (in `run.ts`) drives it from its start to its report.
 */
import {
  type Note, type PlantedBugs, type Bytes, InvariantError, ScenarioError, bytes, micros, startServer, parseConfigText,
} from '../engine/index.ts';
import { AlwaysNoLoss } from './check/alwaysNoLoss.ts';
import { Convergence } from './check/convergence.ts';
import type { Check } from './check/check.ts';
import { EqualOffsetEqualData } from './check/equalOffsetEqualData.ts';
import { EverysecWindow } from './check/everysecWindow.ts';
import { HistoryPrefix } from './check/historyPrefix.ts';
import { HistoryTree } from './check/historyTree.ts';
import { Ledger } from './check/ledger.ts';
import { LoadsOwnPrefix } from './check/loadsOwnPrefix.ts';
import { NodeView } from './check/nodeView.ts';
import { FreshReads } from './check/staleReads.ts';
import { SyncCounts } from './check/syncCounts.ts';
import { History, type Operation, type Outcome, type Read, describeOperation } from './client/history.ts';
import { Operator } from './client/operator.ts';
import { type ProbeRecord, newProbeRecord, probeClient } from './client/probe.ts';
import { readerClient } from './client/reader.ts';
import { isWriter, workloadClient, workloadKeys } from './client/workload.ts';
import { PlanRunner } from './fault/planRunner.ts';
import type { WorldParts } from './fault/worldParts.ts';
import { Network } from './net/network.ts';
import { Machine } from './node/machine.ts';
import { type ProcessEnd, SimProcess } from './node/simProcess.ts';
import { RestartPolicies } from './node/restartPolicy.ts';
import type { ResolvedScenario } from './scenario.ts';
import { Kernel } from './time/kernel.ts';
import { KIND } from './time/kinds.ts';
import type { ProcessSpec } from './topology/topology.ts';
import type { TraceSink } from './trace/traceEvent.ts';

const MICROS_PER_MS = 1000;
/** Containers look names up anew each time: nothing in them caches. */
const NAME_TTL_MICROS = 0;
/** Clients, probes and the operator live beside the deployment. */
const CLIENT_NETWORK = '10.1.0.';

export class World {
  readonly scenario: ResolvedScenario;
  readonly kernel: Kernel;
  readonly history: History = new History();
  readonly tree: HistoryTree = new HistoryTree();
  readonly views: readonly NodeView[];
  readonly ledger: Ledger;
  readonly checks: readonly Check[];
  readonly syncs: SyncCounts = new SyncCounts();
  readonly probes: readonly ProbeRecord[];
  readonly plan: PlanRunner;
  readonly network: Network;
  private readonly machines: Map<string, Machine> = new Map();
  private readonly processes: Map<string, SimProcess> = new Map();
  private readonly beliefs: Map<string, string> = new Map();
  private readonly viewOf: Map<SimProcess, NodeView> = new Map();
  private readonly restarts: RestartPolicies;
  private clientMachines = 0;

  /** `sink` gets the trace from its first record. */
  constructor(scenario: ResolvedScenario, seed: number, bugs: PlantedBugs, sink: TraceSink | null) {
    this.scenario = scenario;
    this.kernel = new Kernel(seed);
    this.kernel.attach(sink);
    this.network = new Network(this.kernel);
    this.restarts = new RestartPolicies(this.kernel);
    for (const spec of scenario.topology.machines) {
      this.addMachine(spec.name, spec.zone, bytes(spec.address));
    }
    const views = scenario.topology.processes.map((spec) => this.addDataNode(spec, bugs));
    this.views = views.sort((left, right) => (left.name < right.name ? -1 : 1));
    this.ledger = new Ledger(this.history, this.tree, this.views);
    const equalData = new EqualOffsetEqualData();
    this.checks = [new HistoryPrefix(this.tree), equalData, new Convergence(), new FreshReads(this.history),
      new LoadsOwnPrefix(this.tree, equalData), new AlwaysNoLoss(this.history, this.ledger, this.tree),
      new EverysecWindow(this.history, this.ledger, this.tree, () => this.kernel.now)];
    this.history.onCompleted((operation) => this.observeCompletion(operation));
    this.history.onReadCompleted((read) => this.observeRead(read));
    this.probes = scenario.workload.probes.map((spec) => newProbeRecord(spec));
    this.addClients();
    const operator = new Operator();
    const operatorProcess = this.addClientProcess('operator', 'operator', operator.program);
    const parts: WorldParts = {
      kernel: this.kernel, network: this.network, machines: this.machines, processes: this.processes, views: this.views,
      operator, operatorProcess, beliefs: this.beliefs,
      bootedByItself: (machine) => this.restarts.booted(machine),
    };
    this.plan = new PlanRunner(parts, scenario.plan);
  }

  /** Starts every process: data nodes first, then everybody else, in the order of the scenario. */
  start(): void {
    for (const process of this.processes.values()) process.start();
  }

  /** Adds a client process on a machine of its own. Names are unique in the world. */
  addClientProcess(name: string, zone: string, program: SimProcess['program']): SimProcess {
    this.clientMachines++;
    const address = bytes(`${CLIENT_NETWORK}${this.clientMachines}`);
    const machine = this.addMachine(name, zone, address);
    const process = new SimProcess(machine, {
      name, program, notes: { note: (from, note) => this.clientNote(from, note) },
    });
    this.processes.set(name, process);
    return process;
  }

  /** The data node at `address:port`; undefined when there is none. */
  viewAt(server: string): NodeView | undefined {
    return this.views.find((view) => `${view.process.machine.address}:${view.port}` === server);
  }

  private addMachine(name: string, zone: string, address: Bytes): Machine {
    if (this.machines.has(name)) throw new ScenarioError(`two machines or clients are called '${name}'`);
    const machine = new Machine(this.kernel, this.network, { name, zone, address });
    this.machines.set(name, machine);
    return machine;
  }

  private addDataNode(spec: ProcessSpec, bugs: PlantedBugs): NodeView {
    const machine = this.machines.get(spec.machine);
    if (machine === undefined) throw new ScenarioError(`${spec.origin}: no machine is called '${spec.machine}'`);
    for (const alias of [spec.name, ...spec.aliases]) {
      const known = this.network.names.find(bytes(alias));
      const addresses = known === null ? [machine.address] : [...known.addresses, machine.address];
      this.network.names.set(bytes(alias), addresses, NAME_TTL_MICROS);
    }
    const text = spec.directives.map((words) => words.map(quoteWord).join(' ')).join('\n');
    const directives = parseConfigText(bytes(text), spec.origin);
    const process = new SimProcess(machine, {
      name: spec.name,
      program: (host) => {
        startServer(host, directives, { keepsDigest: true, bugs });
      },
      notes: { note: (from, note) => this.dataNote(from, note) },
      onExit: (ended, end) => this.ended(ended, end),
    });
    this.restarts.set(process, spec.restart);
    this.processes.set(spec.name, process);
    const view = new NodeView(process, spec.port);
    this.viewOf.set(process, view);
    return view;
  }

  private addClients(): void {
    const { clients } = this.scenario.workload;
    const stopAtMicros = this.scenario.durationMs * MICROS_PER_MS;
    const registers = clients.flatMap((spec) => (spec.kind === 'register' ? workloadKeys(spec) : []));
    const recorder = { history: this.history, now: (): number => this.kernel.now, stopAtMicros };
    for (const spec of clients) {
      const phaseMs = this.kernel.streams.named(`phase/${spec.name}`).below(Math.floor(1000 / spec.operationsPerSecond) + 1);
      this.addClientProcess(spec.name, spec.zone, isWriter(spec) ? workloadClient(spec, recorder, phaseMs)
        : readerClient(spec, registers, recorder, phaseMs));
    }
    // Probes go on through settling, and stop in time for the nodes to be equal at its end.
    const probesStopAt = (this.scenario.durationMs + Math.max(0, this.scenario.settlingMs - QUIET_MS)) * MICROS_PER_MS;
    for (const record of this.probes) {
      this.addClientProcess(record.spec.name, record.spec.zone, probeClient(record, () => this.kernel.now, probesStopAt));
    }
  }

  private dataNote(process: SimProcess, note: Note): void {
    const view = this.viewOf.get(process);
    if (view === undefined) throw new InvariantError('a note of an unknown data node');
    const cause = this.kernel.cause();
    view.note(note);
    if (note.kind === 'history') this.tree.add(note);
    this.ledger.note(view, note, cause, this.kernel.now);
    this.syncs.note(note);
    for (const check of this.checks) check.note?.(view, note, cause);
    this.plan.note(process, note);
  }

  private observeCompletion(operation: Operation): void {
    const client = this.processes.get(operation.client);
    if (client === undefined) throw new InvariantError('an operation of an unknown client');
    const { kernel } = this;
    kernel.observe(KIND.complete, client.node, operation.index, OUTCOMES.indexOf(operation.outcome), kernel.tracing
      ? { outcome: operation.outcome, operation: describeOperation(operation), invokedAt: operation.invokedAt } : null);
  }

  private observeRead(read: Read): void {
    const client = this.processes.get(read.client);
    if (client === undefined) throw new InvariantError('a read of an unknown client');
    const { kernel } = this;
    kernel.observe(KIND.complete, client.node, read.index, OUTCOMES.indexOf(read.outcome), kernel.tracing
      ? { outcome: read.outcome, operation: `read ${read.key}`, invokedAt: read.invokedAt } : null);
  }

  private clientNote(process: SimProcess, note: Note): void {
    if (note.kind === 'belief') this.beliefs.set(process.name, note.primary ?? '');
  }

  private ended(process: SimProcess, end: ProcessEnd): void {
    const view = this.viewOf.get(process);
    if (view === undefined) return;
    this.ledger.positions.ended(view, end.kind, this.kernel.lastId, micros(this.kernel.now));
    view.ended();
    for (const check of this.checks) check.ended?.(view, end);
    this.restarts.ended(process, end);
  }
}

/** Before the end of settling nobody writes for so long. */
const QUIET_MS = 2000;

const OUTCOMES: readonly Outcome[] = ['pending', 'ok', 'failed', 'unknown'];

const quoteWord = (word: string): string =>
  (/^[!#$%&(-[\]-~]+$/.test(word) ? word : `"${word.replace(/["\\]/g, '\\$&')}"`);

