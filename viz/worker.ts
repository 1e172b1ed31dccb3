/** Runs simulations away from the page, so that it stays responsive. The same modules as on Node, hence the same hashes. */
import { ScenarioError } from '../engine/core/errors.ts';
import { findScenario } from '../scenarios/index.ts';
import { runScenario } from '../sim/run.ts';
import type { ResolvedScenario } from '../sim/scenario.ts';
import type * as filesModule from './files.ts';
import { afterLua, withLua } from './lua.ts';
import type { Answer, LongName, QuestionName, Questions, Request, Said } from './messages.ts';
import { findAnchors } from './model/anchors.ts';
import { type Slice, buffersOf } from './model/slice.ts';
import { type Opening, Theatre } from './model/theatre.ts';
import { SENTENCES } from './texts/sentences.ts';

type Files = typeof filesModule;

/** Loaded when it is first needed. */
const files = (): Promise<Files> => import('./files.ts');

/** At once where no file has to be read. */
const named = (name: string): ResolvedScenario | Promise<ResolvedScenario> => {
  const known = findScenario(name);
  if (known === null) throw new ScenarioError(`unknown scenario '${name.slice(0, NAME_SHOWN_MAX)}'`);
  const { topology } = known;
  return 'file' in topology ? files().then(({ scenarioWithFile }) => scenarioWithFile(name)) : { ...known, topology };
};

const NAME_SHOWN_MAX = 80;

const theatre = new Theatre();

const timed = <Made extends { readonly wallMs: number }>(make: () => Made): Made => {
  const started = performance.now();
  return { ...make(), wallMs: Math.max(1, Math.round(performance.now() - started)) };
};

type ShortName = Exclude<QuestionName, LongName>;

type Maybe<Made> = Made | Promise<Made>;

type Handlers = { readonly [Name in ShortName]: (ask: Questions[Name]['ask']) => Maybe<Questions[Name]['answer']> };

type LongHandlers = { readonly [Name in LongName]: (ask: Questions[Name]['ask']) => Maybe<Opening> };

const handlers: Handlers = {
  report: async ({ scenario, seed }) => {
    const source = await named(scenario);
    return timed(() => runScenario(source, seed));
  },
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
  export: async ({ run, format, from, to }) => (await import('./model/exports.ts')).exportText(theatre.played(run, format === 'run'), format, from, to),
  openRuns: () => theatre.openRuns(),
  speak: ({ language }) => {
    theatre.speak(SENTENCES[language]);
    return null;
  },
};

const longHandlers: LongHandlers = {
  open: ({ scenario, seed }) => {
    const source = named(scenario);
    return source instanceof Promise ? source.then((read) => theatre.open(read, seed)) : theatre.open(source, seed);
  },
  openText: async ({ text, name, seed }) => theatre.openSource((await files()).openedSource(text, name, seed)),
  fork: ({ parent, change }) => theatre.fork(parent, change),
};

const isLong = (name: QuestionName): name is LongName => name in longHandlers;

/** How long the worker does one thing before it hears what else is asked. */
const TURN_MS = 30;

/** Runs that are being made, or wait for their turn. */
let openings: readonly { readonly id: number; readonly run: Opening; readonly again: () => Maybe<Opening> }[] = [];
/** Those that wait for a part of the worker to be loaded. */
let loading: readonly number[] = [];
let isAwake = false;
/** A message to itself comes behind what the page has asked meanwhile, and sooner than any timer. */
const turns = new MessageChannel();

const say = (answer: Answer, given: Transferable[] = []): void => postMessage(answer, { transfer: given });

const fail = (id: number, error: unknown): void =>
  say({ id, kind: 'failure', message: error instanceof Error ? error.message : String(error) });

const wake = (): void => {
  if (isAwake) return;
  isAwake = true;
  turns.port2.postMessage(null);
};

/** Goes on with the first run that is wanted; without any, gets ready for the next look into the one that is shown. */
const turn = (): void => {
  const [first] = openings;
  const until = performance.now() + TURN_MS;
  if (first === undefined) {
    if (theatre.tend()) wake();
    return;
  }
  const { id, run, again } = first;
  try {
    let step = run.next();
    while (step.done !== true && performance.now() < until) step = run.next();
    if (step.done === true) say({ id, kind: 'answer', answer: step.value });
    else say({ id, kind: 'progress', virtualMs: step.value });
    if (step.done === true) openings = openings.slice(1);
  } catch (error) {
    openings = openings.slice(1);
    const anew = afterLua(error, again);
    if (anew === null) fail(id, error);
    else load(id, anew, again);
  }
  wake();
};

turns.port1.addEventListener('message', () => {
  isAwake = false;
  turn();
});
turns.port1.start();

const hear = ({ id, name, ask }: Request): void => {
  if (isLong(name)) {
    const begin = longHandlers[name] as (asked: Request['ask']) => Maybe<Opening>;
    const again = (): Maybe<Opening> => begin(ask);
    const run = again();
    if (run instanceof Promise) load(id, run, again);
    else openings = [...openings, { id, run, again }];
    return;
  }
  const handle = handlers[name] as (asked: Request['ask']) => Maybe<Questions[ShortName]['answer']>;
  const answer = withLua(() => handle(ask));
  if (answer instanceof Promise) answer.then((made) => say({ id, kind: 'answer', answer: made }), (error: unknown) => fail(id, error));
  else say({ id, kind: 'answer', answer }, name === 'slice' ? buffersOf(answer as Slice) : []);
};

/** The run is begun when what it needs is there, unless nobody wants it any more. */
const load = (id: number, opening: Promise<Opening>, again: () => Maybe<Opening>): void => {
  loading = [...loading, id];
  const loaded = (then: () => void): void => {
    if (!loading.includes(id)) return;
    loading = loading.filter((other) => other !== id);
    then();
    wake();
  };
  opening.then((run) => loaded(() => {
    openings = [...openings, { id, run, again }];
  }), (error: unknown) => loaded(() => fail(id, error)));
};

addEventListener('message', ({ data }: MessageEvent<Said>) => {
  if (data.name === 'stop') {
    for (const id of [...loading, ...openings.map((opening) => opening.id)]) say({ id, kind: 'stopped' });
    openings = [];
    loading = [];
    return;
  }
  try {
    hear(data);
  } catch (error) {
    fail(data.id, error);
  }
  wake();
});
