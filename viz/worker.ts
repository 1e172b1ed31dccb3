/** Runs simulations away from the page, so that it stays responsive. The same modules as on Node, hence the same hashes. */
import { ScenarioError } from '../engine/core/errors.ts';
import { findScenario, isSavedRun, readSavedRun, resolve } from '../scenarios/index.ts';
import clusterCompose from '../scenarios/seeds/cluster.compose.yaml?raw';
import kubernetesValues from '../scenarios/seeds/kubernetes.values.yaml?raw';
import replicationCompose from '../scenarios/seeds/replication.compose.yaml?raw';
import sentinelCompose from '../scenarios/seeds/sentinel.compose.yaml?raw';
import standaloneCompose from '../scenarios/seeds/standalone.compose.yaml?raw';
import { type ResolvedScenario, runScenario, validateScenario } from '../sim/index.ts';
import type { Answer, QuestionName, Questions, Request } from './messages.ts';
import { Theatre } from './model/theatre.ts';

const SEED_FILES: ReadonlyMap<string, string> = new Map([
  ['replication.compose.yaml', replicationCompose],
  ['standalone.compose.yaml', standaloneCompose],
  ['sentinel.compose.yaml', sentinelCompose],
  ['cluster.compose.yaml', clusterCompose],
  ['kubernetes.values.yaml', kubernetesValues],
]);

const readSeedFile = (file: string): string => {
  const text = SEED_FILES.get(file);
  if (text === undefined) throw new ScenarioError(`${file}: does not come with this page`);
  return text;
};

const named = (name: string): ResolvedScenario => {
  const scenario = findScenario(name);
  if (scenario === null) throw new ScenarioError(`unknown scenario '${name}'`);
  return resolve(scenario, readSeedFile);
};

/** A saved run has its own seed. */
const parsed = (text: string, name: string, seed: number): { readonly scenario: ResolvedScenario; readonly seed: number } => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ScenarioError(`${name}: not JSON`);
  }
  if (isSavedRun(value)) return readSavedRun(value, name);
  return { scenario: resolve(validateScenario(value, name), readSeedFile), seed };
};

const theatre = new Theatre();

const timed = <Made extends { readonly wallMs: number }>(make: () => Made): Made => {
  const started = performance.now();
  return { ...make(), wallMs: Math.max(1, Math.round(performance.now() - started)) };
};

type Handlers = {
  readonly [Name in QuestionName]: (ask: Questions[Name]['ask'], onProgress: (virtualMs: number) => void) => Questions[Name]['answer'];
};

const handlers: Handlers = {
  report: ({ scenario, seed }) => timed(() => runScenario(named(scenario), seed)),
  open: ({ scenario, seed }, onProgress) => theatre.open(named(scenario), seed, onProgress),
  openText: ({ text, name, seed }, onProgress) => {
    const source = parsed(text, name, seed);
    return theatre.open(source.scenario, source.seed, onProgress);
  },
  fork: ({ parent, change }, onProgress) => theatre.fork(parent, change, onProgress),
  slice: ({ run, request }) => theatre.slice(run, request),
  record: ({ run, row }) => theatre.record(run, row),
  console: ({ run, at, node, commands }) => theatre.ask(run, at, node, commands),
  beliefs: ({ run, slot }) => theatre.beliefs(run, slot),
  difference: ({ left, right }) => theatre.difference(left, right),
};

const say = (answer: Answer): void => postMessage(answer);

addEventListener('message', ({ data: { id, name, ask } }: MessageEvent<Request>) => {
  const handle = handlers[name] as (asked: Request['ask'], onProgress: (virtualMs: number) => void) => Questions[QuestionName]['answer'];
  try {
    say({ id, kind: 'answer', answer: handle(ask, (virtualMs) => say({ id, kind: 'progress', virtualMs })) });
  } catch (error) {
    say({ id, kind: 'failure', message: error instanceof Error ? error.message : String(error) });
  }
});
