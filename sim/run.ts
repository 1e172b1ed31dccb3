/**
 * Runs a scenario from a seed to its report: faults, settling, the final read, the verdicts.
 *
 * What always holds: the report is a function of (scenario, seed, planted bugs) and of nothing else; a sink changes nothing.
 */
import { type Bytes, ScenarioError, bytes, lanesHex, micros } from '../engine/index.ts';
import { shortName } from './check/causeRecord.ts';
import type { CheckResult, FinalState } from './check/check.ts';
import { clusterFinalReader } from './check/clusterFinalRead.ts';
import { recordFinalReads } from './check/consistency/keyHistories.ts';
import { astray } from './check/convergence.ts';
import { deadForGood } from './check/deadForGood.ts';
import { doubtsOf } from './check/doubt.ts';
import { withExcuses } from './check/excuses.ts';
import { type FinalReadResult, finalReader, newFinalRead } from './check/finalRead.ts';
import type { NodeView } from './check/nodeView.ts';
import { type Inventory, NOTHING_MOVED, inventoryTask, keysInPlace, newInventory } from './check/keysInPlace.ts';
import { modelAgrees } from './check/modelAgrees.ts';
import type { SentinelView } from './check/sentinelView.ts';
import { NOBODY_SERVES, type Serving, servedByOne, servedByRanges } from './check/serving.ts';
import type { StalledWorld } from './check/stalledWorld.ts';
import { judgeReads, staleness } from './check/staleReads.ts';
import { adminProgram } from './client/clusterAdmin.ts';
import type { History } from './client/history.ts';
import type { ProbeRecord } from './client/probe.ts';
import { type Call, describeCall, describeResult } from './client/call.ts';
import { keptKeys } from './client/work/keys.ts';
import { isWriter } from './client/workload.ts';
import { expandScenario } from './fault/expandPlan.ts';
import { type Bugs, NO_ENGINE_BUGS } from './node/serverProgram.ts';
import type { OwnParts } from './own.ts';
import type { EvidenceCall, NodeReport, RunReport, SentinelReport, StrikeReport, VerdictReport, ZoneOutage } from './report.ts';
import type { Bounds, ExpandedScenario, Locator, ResolvedScenario } from './scenario.ts';
import { KIND } from './time/kinds.ts';
import { TraceWriter } from './trace/traceWriter.ts';
import type { TraceSink } from './trace/traceEvent.ts';
import { World } from './world.ts';

export interface RunOptions extends OwnParts {
  /** Gets the trace, a line at a time. */
  readonly writeTrace?: (line: string) => void;
  /** Gets the trace's records. Not together with `writeTrace`. */
  readonly sink?: TraceSink;
  /** Names of bugs to plant: see `PlantedBugs` and `SentinelBugs`. */
  readonly bugs?: readonly string[];
  /** The command that runs this again, for the report. */
  readonly replay?: string;
  /** Gets, at the end, what clients saw: all that there is to see of real processes too. */
  readonly onEnd?: (seen: { readonly history: History; readonly read: FinalReadResult; readonly probes: readonly ProbeRecord[] }) => void;
}

const MICROS_PER_MS = 1000;
const PROGRESS_STEP_MS = 1000;
/** How long the final read may take, and how long nodes may be apart at the end. */
const FINAL_READ_MS = 10_000;
const FINAL_STEP_MS = 50;

/** Runs one scenario. Throws `ScenarioError` where it cannot be set up. */
export const runScenario = (resolved: ResolvedScenario, seed: number, options: RunOptions = {}): RunReport => {
  const run = runInSteps(resolved, seed, options);
  let step = run.next();
  while (step.done !== true) step = run.next();
  return step.value;
};

/**
 * The same in steps of about a virtual second, for who must do something else meanwhile, or may stop: each step says how many virtual
 * ms have passed. Throws `ScenarioError` at the first step where it cannot be set up.
 */
export function* runInSteps(resolved: ResolvedScenario, seed: number, options: RunOptions = {}): Generator<number, RunReport> {
  const scenario = expandScenario(resolved, seed);
  const world = new World(scenario, seed, plantedBugs(options.bugs ?? []), sinkOf(scenario, seed, options), options);
  const { kernel } = world;
  world.start();
  yield* advance(world, scenario.durationMs);
  const settledFrom = kernel.now;
  world.plan.settle();
  yield* advance(world, scenario.durationMs + scenario.settlingMs);
  const outageEnd = kernel.now;
  const read = readBack(world);
  if (read.isPrimary) recordFinalReads(world.history, scenario.workload.clients, read, kernel.now);
  const serving = servingAfter(world, read);
  if (serving.primaries.length > 0) awaitAgreement(world, serving);
  const inventory = takeInventory(world);
  const { tree, views, sentinels } = world;
  const clusterNodes = world.clusterWatch.views;
  const state: FinalState = { tree, views, sentinels, clusterNodes, serving, settledFrom, now: kernel.now };
  options.onEnd?.({ history: world.history, read, probes: world.probes });
  return report(world, state, { read, inventory, outageEnd }, seed, options);
}

export type Verification =
  | { readonly equal: true; readonly traceHash: string }
  | {
    readonly equal: false;
    readonly firstDifference: { readonly event: number; readonly atMs: number; readonly first: string; readonly second: string };
  };

/** Runs twice and names the first event that differs. */
export const verifyScenario = (scenario: ResolvedScenario, seed: number, bugs: readonly string[] = []): Verification => {
  const first = runScenario(scenario, seed, { bugs }).traceHash;
  const second = runScenario(scenario, seed, { bugs }).traceHash;
  if (first === second) return { equal: true, traceHash: first };
  const lines: string[] = [];
  runScenario(scenario, seed, { bugs, writeTrace: (line) => lines.push(line) });
  let index = 0;
  let difference = { event: 0, atMs: 0, first, second };
  let found = false;
  runScenario(scenario, seed, { bugs, writeTrace: (line) => {
    const other = lines[index++] ?? 'the end of the trace';
    if (found || other === line) return;
    found = true;
    const record = JSON.parse(line) as { id?: number; at?: number };
    difference = { event: record.id ?? 0, atMs: (record.at ?? 0) / MICROS_PER_MS, first: other, second: line };
  } });
  return { equal: false, firstDifference: difference };
};

const sinkOf = (scenario: ExpandedScenario, seed: number, { sink, writeTrace }: RunOptions): TraceSink | null => {
  if (sink !== undefined) return sink;
  return writeTrace === undefined ? null : new TraceWriter(writeTrace, seed, { scenario: scenario.name, plan: scenario.plan });
};

const plantedBugs = (names: readonly string[]): Bugs => {
  const bugs: Record<keyof Bugs, boolean> = { ...NO_ENGINE_BUGS };
  for (const name of names) {
    if (!(name in bugs)) throw new ScenarioError(`no bug is called '${name}'; there are ${Object.keys(bugs).join(', ')}`);
    bugs[name as keyof Bugs] = true;
  }
  return bugs;
};

function* advance({ kernel }: World, untilMs: number): Generator<number, void> {
  const until = untilMs * MICROS_PER_MS;
  while (kernel.now < until) {
    kernel.runUntil(micros(Math.min(until, kernel.now + PROGRESS_STEP_MS * MICROS_PER_MS)));
    yield Math.floor(kernel.now / MICROS_PER_MS);
  }
}

/**
 * One more client asks for everything that was written: the primary that the living sentinels believe in, else the server, or the
 * cluster, that the workload's way leads to.
 */
const readBack = (world: World): FinalReadResult => {
  const result = newFinalRead();
  const clients = world.scenario.workload.clients.filter(isWriter);
  const way = clients[0] ?? world.scenario.workload.probes[0];
  if (way === undefined) return result;
  const believed = world.watch.primary((way.sentinel ?? way.sentinelOnce)?.name);
  const locator = believed === null ? way : directLocator(believed, way);
  const keys = [...world.ownKeys, ...keptKeys(clients)];
  const { kernel } = world;
  const now = (): number => kernel.now;
  const program = way.cluster !== undefined ? clusterFinalReader(way.cluster, way.password, keys, result, now)
    : finalReader(locator, keys, result, now);
  world.addClientProcess('reader', clients[0]?.zone ?? 'reader', program).start();
  const until = kernel.now + FINAL_READ_MS * MICROS_PER_MS;
  while (!result.done && kernel.now < until) kernel.runUntil(micros(kernel.now + FINAL_STEP_MS * MICROS_PER_MS));
  return result;
};

/** Who serves what: the nodes that the final read found. */
const servingAfter = (world: World, { isPrimary, server, servers }: FinalReadResult): Serving => {
  if (!isPrimary) return NOBODY_SERVES;
  if (server !== null) return servedByOne(world.viewAt(server) ?? null);
  const owners = [...servers].flatMap(([key, place]) => {
    const view = world.places.node(place);
    return view === null ? [] : [[key, view] as const];
  });
  return servedByRanges(new Map(owners), (place) => world.places.node(place));
};

const directLocator = (server: string, { password }: Locator): Locator =>
  (password === undefined ? { server } : { server, password });

/** Where slots were moved, every primary is asked for its keys; null: nothing ever moved. */
const takeInventory = (world: World): Inventory | null => {
  const { kernel, ledger, clusterWatch } = world;
  if (clusterWatch.views.length === 0 || (world.toolsStarted === 0 && ledger.moves.moved === 0)) return null;
  const inventory = newInventory();
  const primaries = world.views.filter(({ isAlive, role }) => isAlive && role === 'primary');
  const places = new Map(primaries.map((view) => [view, bytes(`${view.process.machine.address}:${view.port}`)]));
  world.addClientProcess('inventory', 'reader', adminProgram(inventoryTask(places, world.clusterPassword(), inventory))).start();
  const until = kernel.now + FINAL_READ_MS * MICROS_PER_MS;
  while (!inventory.done && kernel.now < until) kernel.runUntil(micros(kernel.now + FINAL_STEP_MS * MICROS_PER_MS));
  return inventory;
};

/** What was asked when all was over. */
interface LastWords {
  readonly read: FinalReadResult;
  readonly inventory: Inventory | null;
  /** When outages stopped to count. */
  readonly outageEnd: number;
}

/** Lets what is on the wire arrive: a PING of the stream may just be under way. */
const awaitAgreement = (world: World, serving: Serving): void => {
  const { kernel, views } = world;
  const until = kernel.now + PROGRESS_STEP_MS * MICROS_PER_MS;
  while (kernel.now < until && views.some((view) => astray(serving, view) !== null)) {
    kernel.runUntil(micros(kernel.now + FINAL_STEP_MS * MICROS_PER_MS));
  }
};

const report = (
  world: World, state: FinalState, { read, inventory, outageEnd }: LastWords, seed: number, options: RunOptions,
): RunReport => {
  const { scenario, kernel, ledger } = world;
  const surviving = ledger.surviving(state);
  const checked = world.checks.map((check) => ({ name: check.name, isSafety: check.isSafety, ...check.finish(state) }));
  const agreement = {
    name: 'model-agrees', isSafety: true, ...unlessDamaged(modelAgrees(surviving, world.history, read, judgedByOthers(scenario)), world.loads.damagedLoad),
  };
  const inPlace = inventory === null ? NOTHING_MOVED : keysInPlace(inventory, surviving, state.serving, ledger.moves.moved);
  const ledgerReport = ledger.report(state, doubtsOf([...checked, agreement]));
  const stale = staleness(judgeReads(world.history));
  const syncs = world.syncs.report();
  const zones = zoneOutages(world.probes, outageEnd);
  const unavailableMs = zones.length === 0 ? 0 : Math.min(...zones.map((zone) => zone.writeMs));
  const strikes = world.plan.reports();
  const judged: readonly Judged[] = [
    ...checked,
    {
      name: 'ledger-no-bugs', isSafety: true,
      ...(ledgerReport.acknowledged === 0 ? { verdict: 'not exercised' as const, detail: 'nothing was acknowledged', comparisons: 0 }
        : ledgerReport.bugs > 0
          ? { verdict: 'violated' as const, detail: `${ledgerReport.bugs} acknowledged writes lost without an explanation` }
          : { verdict: 'holds' as const, detail: `${ledgerReport.lost} lost, each explained`, comparisons: ledgerReport.acknowledged }),
    },
    agreement,
    ...(world.clusterWatch.views.length === 0 ? [] : [{ name: 'no-key-lost-or-doubled', isSafety: false, ...inPlace }]),
    { name: 'service-restored', isSafety: false, ...serviceRestored(world, state) },
  ];
  const { verdicts: expected } = scenario.expects;
  const results = withExcuses(judged, stalledWorld(world, strikes), state, 'stall-is-excusable' in expected);
  const verdicts = results.map(({ name, verdict, detail, ...rest }: Judged): VerdictReport => ({
    name, verdict, expected: expected[name] ?? null, detail,
    ...(rest.comparisons === undefined ? {} : { comparisons: rest.comparisons }),
    ...(rest.event === undefined ? {} : { event: rest.event }),
    ...(rest.evidence === undefined ? {} : { evidence: rest.evidence.map(evidenceOf) }),
  }));
  const failovers = failoversOf(world);
  const failures = [
    ...judge(results, expected),
    ...Object.keys(expected).filter((name) => results.every((result) => result.name !== name))
      .map((name) => `no check is called '${name}'`),
    ...outOfBounds('lost writes', ledgerReport.lost, scenario.expects.lost),
    ...outOfBounds('unavailable ms', unavailableMs, scenario.expects.unavailableMs),
    ...outOfBounds('lost writes that WAIT had acknowledged', ledgerReport.waited.lost, scenario.expects.waitedLost),
    ...outOfBounds('full synchronisations', syncs.full, scenario.expects.fullSyncs),
    ...outOfBounds('stale ms', stale.maxMs, scenario.expects.staleMs),
    ...outOfBounds('failovers', failovers.filter(({ switchedMs }) => switchedMs !== null).length, scenario.expects.failovers),
    ...strikes.filter((strike) => strike.resolved === null && strike.entry.mayMiss !== true)
      .map((strike) => `plan entry '${strike.entry.do}' was not exercised: ${strike.outcome}`),
  ];
  kernel.observe(KIND.verdict, 0, ledgerReport.acknowledged, ledgerReport.lost, null);
  return {
    scenario: scenario.name, seed, ok: failures.length === 0, traceHash: kernel.hash,
    virtualMs: Math.floor(kernel.now / MICROS_PER_MS), wallMs: 0, events: kernel.events,
    eventsByKind: kernel.eventCounts(), plan: scenario.plan, strikes, fired: firedKinds(strikes), marks: world.marks(),
    replay: options.replay ?? `npx faultline run ${scenario.name} --seed ${seed}`, ledger: ledgerReport, staleness: stale,
    syncs, unavailableMs, zones, nodes: world.views.map(nodeReport), verdicts, failures, warnings: scenario.topology.warnings,
    ...(world.sentinels.length === 0 && world.clusterWatch.views.length === 0 ? {} : { failovers }),
    ...(world.sentinels.length === 0 ? {} : { sentinels: world.sentinels.map(sentinelReport) }),
  };
};

/** Keys that the ledger does not follow. */
const judgedByOthers = ({ workload }: ExpandedScenario): ReadonlySet<Bytes> =>
  new Set(keptKeys(workload.clients.filter(({ kind }) => kind !== 'setAdd' && kind !== 'register')).map(({ key }) => key));

const evidenceOf = (call: Call): EvidenceCall => ({
  client: call.client, process: call.process, call: describeCall(call), invokedMs: call.invokedAt / MICROS_PER_MS,
  completedMs: call.outcome === 'ok' && call.completedAt !== null ? call.completedAt / MICROS_PER_MS : null,
  result: call.outcome === 'ok' && SAYING.has(call.what) ? describeResult(call.result) : null,
});

/** Calls whose answers say more than that they were executed. */
const SAYING: ReadonlySet<string> = new Set(['read', 'cas', 'pop', 'redeliver', 'increment', 'acquire']);

/** A check's name beside its result. */
interface Judged extends CheckResult {
  readonly name: string;
  readonly isSafety: boolean;
}

/** Where a node loaded what its disk had damaged nobody knows what it holds: the model cannot agree, and need not. */
const unlessDamaged = (result: CheckResult, damagedLoad: string | null): CheckResult =>
  (result.verdict !== 'violated' || damagedLoad === null ? result
    : { verdict: 'unknown', detail: `${damagedLoad}; ${result.detail}` });

/** What excuses for stalls are computed from. */
const stalledWorld = (world: World, strikes: readonly StrikeReport[]): StalledWorld => ({
  topology: world.scenario.topology, strikes, nowMs: world.kernel.now / MICROS_PER_MS,
  find: (place) => world.places.node(place),
  deadForGood: (process) => deadForGood(process, world.restarts.policyOf(process)),
  entries: () => world.scenario.workload.clients.flatMap(({ server }) => {
    const view = server === undefined ? null : world.places.node(bytes(server));
    return view === null ? [] : [view];
  }),
});

export const firedKinds = (strikes: readonly StrikeReport[]): Readonly<Record<string, number>> => {
  const fired: Record<string, number> = {};
  for (const { entry, resolved } of strikes) if (resolved !== null) fired[entry.do] = (fired[entry.do] ?? 0) + 1;
  return fired;
};

const failoversOf = ({ watch, clusterWatch, chronicle }: World): NonNullable<RunReport['failovers']> => [
  ...watch.failovers.report(chronicle),
  ...clusterWatch.failovers.report(chronicle, (id) => clusterWatch.processCalled(id)?.name ?? shortName(id)),
].sort((left, right) => left.event - right.event);

/** Of several probes in a zone, one for each range of slots, the worst counts. */
export const zoneOutages = (probes: readonly ProbeRecord[], end: number): readonly ZoneOutage[] => {
  const zones = new Map<string, ZoneOutage>();
  for (const { spec: { zone }, write, read } of probes) {
    const known = zones.get(zone);
    zones.set(zone, {
      zone, writeMs: Math.max(known?.writeMs ?? 0, ceilMs(write.totalMicros(end))),
      readMs: Math.max(known?.readMs ?? 0, ceilMs(read.totalMicros(end))),
    });
  }
  return [...zones.values()];
};

/** Expected verdicts must come; safety that nobody named must not be violated. */
export const judge = (
  results: readonly { name: string; isSafety: boolean; verdict: string; detail: string }[],
  expected: Readonly<Record<string, string>>,
): string[] => results.flatMap(({ name, isSafety, verdict, detail }) => {
  const wanted = expected[name];
  if (wanted !== undefined) return wanted === verdict ? [] : [`${name}: ${verdict}, expected ${wanted} (${detail})`];
  return isSafety && verdict === 'violated' ? [`${name}: violated (${detail})`] : [];
});

export const outOfBounds = (what: string, value: number, bounds: Bounds | undefined): string[] => {
  if (bounds === undefined) return [];
  const low = bounds.min !== undefined && value < bounds.min;
  const high = bounds.max !== undefined && value > bounds.max;
  return low || high ? [`${what}: ${value}, expected ${bounds.min ?? 0} to ${bounds.max ?? 'any'}`] : [];
};

const serviceRestored = (world: World, { serving }: FinalState): Pick<VerdictReport, 'verdict' | 'detail'> => {
  const { primaries } = serving;
  if (primaries.length === 0) return { verdict: 'violated', detail: 'no primary takes writes where the clients look for one' };
  const unserved = [...world.history.operations, ...keptKeys(world.scenario.workload.clients)].find(({ key }) => serving.of(key) === null);
  if (unserved !== undefined) return { verdict: 'violated', detail: `nobody serves ${unserved.key}` };
  const open = world.probes.filter((probe) => probe.write.isOpen).map((probe) => probe.spec.zone);
  if (open.length > 0) return { verdict: 'violated', detail: `writes still fail from ${open.join(', ')}` };
  return { verdict: 'holds', detail: `${primaries.map(({ name }) => name).join(', ')} ${primaries.length === 1 ? 'takes' : 'take'} writes` };
};

const nodeReport = (view: NodeView): NodeReport => ({
  name: view.name, state: view.process.state, role: view.role, primary: view.primary,
  replicationId: view.id, offset: view.id === null ? null : view.offset,
  digest: view.id === null ? null : lanesHex({ lo: view.digestLo, hi: view.digestHi }),
});

const sentinelReport = (view: SentinelView): SentinelReport => ({
  name: view.name, state: view.process.state, isTilted: view.isTilted,
  watched: [...view.watched.values()].map(({ name, primary, currentEpoch, configEpoch }) => (
    { name, primary, currentEpoch, configEpoch })),
});

const ceilMs = (time: number): number => Math.ceil(time / MICROS_PER_MS);

