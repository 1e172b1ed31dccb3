/**
 * One run on real processes, from the first machine to the report: faults, settling, the final read, the verdicts. The same phases
 * as `sim/run.ts`, by the wall clock.
 */
import { mkdirSync } from 'node:fs';
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { clusterFinalReader } from '../../../sim/check/clusterFinalRead.ts';
import { recordFinalReads } from '../../../sim/check/consistency/keyHistories.ts';
import { type FinalReadResult, type WantedKey, finalReader, newFinalRead, readingOf, valueOf } from '../../../sim/check/finalRead.ts';
import { observedLedger } from '../../../sim/check/observedLedger.ts';
import { keptKeys } from '../../../sim/client/work/keys.ts';
import { isWriter } from '../../../sim/client/workload.ts';
import { zoneOutages } from '../../../sim/run.ts';
import { ErrorReply, type Reply, micros } from '../../../engine/index.ts';
import type { ExpandedScenario } from '../../../sim/scenario.ts';
import { FrameSwitch } from './frameSwitch.ts';
import { LinkRules } from './linkRules.ts';
import { facesOf, withAddresses } from './loopbackAddresses.ts';
import { NameBook } from './nameBook.ts';
import type { RunNames } from './names.ts';
import type { Programs } from './programs.ts';
import { type EndNode, disagreements } from './realChecks.ts';
import { ProxyNetwork, takeBlock } from './proxyNetwork.ts';
import { RealNetwork } from './realNetwork.ts';
import { RealPlan } from './realPlan.ts';
import type { RealProcess } from './realProcess.ts';
import { type RealEnd, type RealReport, realReport } from './realReport.ts';
import { RealWorld, type RealWorldOptions } from './realWorld.ts';
import type { NetworkKind, WorldNetwork } from './worldNetwork.ts';

const MICROS_PER_MS = 1000;
const FINAL_READ_MS = 10_000;
/** How long nodes may be apart at the end: a PING of the stream may just be under way. */
const AGREEMENT_MS = 2000;
const STEP_MS = 50;
const IPV4 = /^[0-9]{1,3}(?:\.[0-9]{1,3}){3}$/;
const PROGRESS_MS = 1000;
const STALL_RESOLUTION_MS = 20;
const NANOS_PER_MS = 1_000_000;

export interface RealRunOptions {
  readonly scenario: ExpandedScenario;
  /** That the plan was drawn from, where it was drawn. */
  readonly seed: number;
  readonly programs: Programs;
  readonly names: RunNames;
  readonly network: NetworkKind;
  /** The command that runs this again. */
  readonly replay: string;
  /** Called about once a second with the milliseconds of the run so far. */
  onProgress(ms: number): void;
}

/** Rejects with a `ConfigError` when the run is worth nothing. Whoever called clears the run away. */
export const realRun = async (options: RealRunOptions): Promise<RealReport> => {
  const { seed, programs, names, replay } = options;
  mkdirSync(names.directory, { recursive: true });
  let fail: (error: unknown) => void = () => undefined;
  const failure = new Promise<never>((_, reject) => {
    fail = reject;
  });
  // Whoever waits hears of it; without anybody it is no error of its own.
  failure.catch(() => undefined);
  const failed = (error: unknown): void => fail(error);
  const { scenario, network, rules, faces } = await groundOf(options, failed);
  const world = new RealWorld({ scenario, programs, names, network, rules, failed });
  try {
    await Promise.race([failure, world.prepare()]);
    await Promise.race([failure, world.startServers()]);
    const started = performance.now();
    const stalls = monitorEventLoopDelay({ resolution: STALL_RESOLUTION_MS });
    stalls.enable();
    const plan = new RealPlan(world);
    world.begin();
    plan.start();
    const progress = setInterval(() => options.onProgress(Math.floor(world.now() / MICROS_PER_MS)), PROGRESS_MS);
    try {
      await Promise.race([failure, waitUntil(world, scenario.durationMs)]);
      plan.settle();
      await Promise.race([failure, waitUntil(world, scenario.durationMs + scenario.settlingMs)]);
      const end = await Promise.race([failure, endOf(world, performance.now() - started, stalls)]);
      const report = realReport(scenario, end, plan, { versions: programs.versions, seed, replay, network });
      return withAddresses(report, new Map([...faces].map(([address, face]) => [face, address])));
    } finally {
      stalls.disable();
      clearInterval(progress);
    }
  } finally {
    world.close();
  }
};

/** The network, and the scenario with the addresses that its machines have there. */
const groundOf = async (
  { scenario, names, network: kind }: RealRunOptions, failed: (error: unknown) => void,
): Promise<Pick<RealWorldOptions, 'scenario' | 'rules'> & { readonly network: WorldNetwork; readonly faces: ReadonlyMap<string, string> }> => {
  const rules = new LinkRules();
  const book = new NameBook();
  if (kind === 'namespaces') return { scenario, rules, network: new RealNetwork(book, names, new FrameSwitch(rules)), faces: new Map() };
  const { block, close } = await takeBlock(process.pid);
  const network = new ProxyNetwork(book, rules, { block, release: close, failed });
  const faces = facesOf(scenario, block);
  return { scenario: withAddresses(scenario, faces), rules, network, faces };
};

const sleep = (ms: number): Promise<void> => new Promise((resolve) => {
  setTimeout(resolve, ms);
});

const waitUntil = (world: RealWorld, atMs: number): Promise<void> => sleep(Math.max(0, atMs - world.now() / MICROS_PER_MS));

const endOf = async (world: RealWorld, ranMs: number, stalls: IntervalHistogram): Promise<RealEnd> => {
  const { scenario, history, probes } = world;
  const outageEnd = world.now();
  stalls.disable();
  const read = await readBack(world);
  if (read.isPrimary) recordFinalReads(history, scenario.workload.clients, read, micros(world.now()));
  const failingZones = probes.filter(({ write }) => write.isOpen).map(({ spec }) => spec.zone);
  const rest = {
    history, read, ledger: observedLedger(history, read), lines: world.lines, failingZones,
    isCluster: scenario.topology.cluster !== undefined,
    hasSentinels: scenario.topology.processes.some(({ kind }) => kind === 'sentinel'),
    zones: zoneOutages(probes, outageEnd), ranMs: Math.round(ranMs), stallMs: Math.round(stalls.max / NANOS_PER_MS),
    states: new Map([...world.processes.values()].map((process) => [process.name, process.state] as const)),
  };
  const until = performance.now() + AGREEMENT_MS;
  for (;;) {
    await world.look();
    const [nodes, beliefs, slotMaps] = await Promise.all([endNodes(world, read), beliefsOf(world), slotMapsOf(world)]);
    const end: RealEnd = { ...rest, nodes, beliefs, slotMaps, wallMs: Math.round(performance.now()) };
    if (performance.now() > until || disagreements(end).length === 0) return end;
    await sleep(STEP_MS);
  }
};

const readBack = async (world: RealWorld): Promise<FinalReadResult> => {
  const result = newFinalRead();
  const { clients, probes } = world.scenario.workload;
  const writers = clients.filter(isWriter);
  const way = writers[0] ?? probes[0];
  if (way === undefined) return result;
  const keys = wantedKeys(world);
  const now = (): number => world.now();
  await world.run('reader', way.cluster === undefined ? finalReader(way, keys, result, now)
    : clusterFinalReader(way.cluster, way.password, keys, result, now));
  const until = performance.now() + FINAL_READ_MS;
  while (!result.done && performance.now() < until) await sleep(STEP_MS);
  return result;
};

const wantedKeys = (world: RealWorld): readonly WantedKey[] => keptKeys(world.scenario.workload.clients.filter(isWriter));

const livingOf = (world: RealWorld, kind: 'redis' | 'sentinel'): readonly RealProcess[] =>
  [...world.processes.values()].filter((process) => process.spec.kind === kind && process.state === 'running');

const endNodes = (world: RealWorld, read: FinalReadResult): Promise<readonly EndNode[]> =>
  Promise.all([...world.processes.values()].filter(({ spec }) => spec.kind === 'redis').map(async (process): Promise<EndNode> => {
    const { name, machine, spec } = process;
    const isAlive = process.state !== 'dead';
    return {
      name, isAlive, places: [machine.address, spec.name, ...spec.aliases].map((host) => `${host}:${spec.port}`),
      answer: isAlive ? world.answerOf(process) : null, differingKeys: isAlive ? await differingKeys(world, process, read) : null,
    };
  }));

/** Keys that the node has in another state than the final read found them. Keys of another node's are nobody's business here. */
const differingKeys = async (world: RealWorld, process: RealProcess, { values }: FinalReadResult): Promise<readonly string[] | null> => {
  const keys = wantedKeys(world).filter(({ key }) => values.has(key));
  const isCluster = world.scenario.topology.cluster !== undefined;
  const replies = await world.observing.ask(world.placeOf(process), [
    [isCluster ? 'READONLY' : 'PING'], ...keys.map((wanted) => readingOf(wanted))]);
  if (replies === null) return null;
  return keys.flatMap((wanted, index) => {
    const reply = replies[index + 1] as Reply;
    const isElsewhere = reply instanceof ErrorReply;
    return isElsewhere || isSame(values.get(wanted.key) ?? null, valueOf(reply, wanted)) ? [] : [wanted.key];
  });
};

type Value = ReturnType<typeof valueOf>;

const isSame = (left: Value, right: Value): boolean => {
  if (left instanceof Set && right instanceof Set) return left.size === right.size && [...left].every((member) => right.has(member));
  if (Array.isArray(left) && Array.isArray(right)) return left.length === right.length && left.every((element, index) => element === right[index]);
  return left === right;
};

const beliefsOf = (world: RealWorld): Promise<RealEnd['beliefs']> => Promise.all(livingOf(world, 'sentinel').map(async (process) => {
  const name = process.spec.directives.find(([, word]) => word === 'monitor')?.[2] ?? '';
  return { sentinel: process.name, place: await world.observing.belief(world.placeOf(process), name) };
}));

const slotMapsOf = async (world: RealWorld): Promise<RealEnd['slotMaps']> => {
  if (world.scenario.topology.cluster === undefined) return [];
  return Promise.all(livingOf(world, 'redis').map(async (process) =>
    ({ node: process.name, map: await world.observing.slotMap(world.placeOf(process)) })));
};

/** What is wrong with a scenario for this world, before anything is started; null: nothing. */
export const whyNotReal = ({ topology }: ExpandedScenario): string | null => {
  const wrong = topology.machines.find(({ address }) => !IPV4.test(address) || address.startsWith('127.') || address.startsWith('169.254.'));
  return wrong === undefined ? null : `${wrong.name}: '${wrong.address}' is no address that a machine of the real world can have`;
};
