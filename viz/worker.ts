/** Runs simulations away from the page, so that it stays responsive. The same modules as on Node, hence the same hashes. */
import { ScenarioError } from '../engine/core/errors.ts';
import clusterCompose from '../scenarios/seeds/cluster.compose.yaml?raw';
import kubernetesValues from '../scenarios/seeds/kubernetes.values.yaml?raw';
import replicationCompose from '../scenarios/seeds/replication.compose.yaml?raw';
import sentinelCompose from '../scenarios/seeds/sentinel.compose.yaml?raw';
import standaloneCompose from '../scenarios/seeds/standalone.compose.yaml?raw';
import { runScenario } from '../sim/index.ts';
import type { Answer, QuestionName, Questions, Request } from './messages.ts';
import { namedScenario, readSource } from './model/source.ts';
import { findAnchors } from './model/anchors.ts';
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

const theatre = new Theatre();

const timed = <Made extends { readonly wallMs: number }>(make: () => Made): Made => {
  const started = performance.now();
  return { ...make(), wallMs: Math.max(1, Math.round(performance.now() - started)) };
};

type Handlers = {
  readonly [Name in QuestionName]: (ask: Questions[Name]['ask'], onProgress: (virtualMs: number) => void) => Questions[Name]['answer'];
};

const handlers: Handlers = {
  report: ({ scenario, seed }) => timed(() => runScenario(namedScenario(scenario, readSeedFile), seed)),
  open: ({ scenario, seed }, onProgress) => theatre.open(namedScenario(scenario, readSeedFile), seed, onProgress),
  openText: ({ text, name, seed }, onProgress) => theatre.openSource(readSource(text, name, seed, readSeedFile), onProgress),
  fork: ({ parent, change }, onProgress) => theatre.fork(parent, change, onProgress),
  slice: ({ run, request }) => theatre.slice(run, request),
  record: ({ run, row }) => theatre.record(run, row),
  console: ({ run, at, node, commands }) => theatre.ask(run, at, node, commands),
  beliefs: ({ run, slot }) => theatre.beliefs(run, slot),
  anchors: ({ run, anchors }) => findAnchors(theatre.recording(run), anchors),
  difference: ({ left, right }) => theatre.difference(left, right),
  events: ({ run, request }) => theatre.events(run, request),
  search: ({ run, text }) => theatre.search(run, text),
  messageWords: ({ run }) => theatre.messageWords(run),
  presets: ({ run }) => theatre.presets(run),
  export: ({ run, format, from, to }) => theatre.export(run, format, from, to),
  openRuns: () => theatre.openRuns(),
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
