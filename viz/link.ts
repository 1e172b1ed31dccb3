/**
 * A run in the address bar: what was opened, from which seed, every fork, what is looked at, and the hash that it must come to. What
 * is short and speaks for itself stands in the query; what is long (a scenario of one's own, the forks) is compressed and stands in
 * the fragment, which no server ever sees.
 *
 *   ?scenario=sentinel/primary-killed&seed=1&shown=2&hash=…&mode=real&from=0&to=105000000&now=20000000&row=17&hide=bus&hideWord=PING#forks=…
 *   ?seed=1&…#run=…
 *
 * Always holds: a link from a stranger opens nothing but a bounded simulation. Lengths are bounded here, before and after
 * decompression; what the texts say is validated where it is run (`source.ts`, `Theatre.fork`).
 */
import { ScenarioError } from '../engine/core/errors.ts';
import type { ForkChange } from './model/theatre.ts';
import type { Filter } from './view/filters.ts';
import { MESSAGE_FAMILIES } from './view/palette.ts';
import type { TimeMode } from './view/timeMap.ts';

/** Characters of a compressed part, and of what it may hold. */
export const PACKED_LENGTH_MAX = 100_000;
export const UNPACKED_LENGTH_MAX = 2_000_000;
export const LINK_FORKS_MAX = 32;
const TEXT_MAX = 400;
const NAME = /^[\w./-]{1,120}$/;
const HASH = /^[0-9a-f]{1,64}$/;
const MODES: readonly TimeMode[] = ['real', 'warped', 'steps'];
const SLOT_MAX = 16_383;
/** Names in a filter, and how long each may be. */
export const FILTER_NAMES_MAX = 200;
const FILTER_NAME_LENGTH_MAX = 120;

/** A fork by the place of its parent: 0 is the root, 1 the first fork. */
export interface LinkFork {
  readonly parent: number;
  readonly change: ForkChange;
}

export interface LinkView {
  readonly mode: TimeMode;
  /** Edges of the picture, virtual microseconds. */
  readonly from: number;
  readonly to: number;
  readonly now: number | null;
  readonly row: number | null;
  /** Whose owner the beliefs of a cluster are about. */
  readonly slot: number;
  /** Which messages are not drawn. */
  readonly filter: Filter;
}

export interface Link {
  /** The name of one of ours, or a saved run as text. */
  readonly source: { readonly scenario: string } | { readonly run: string };
  readonly seed: number;
  readonly forks: readonly LinkFork[];
  /** The run that is shown: 0 is the root. */
  readonly shown: number;
  /** Of the run that is shown; null: the link does not say. */
  readonly traceHash: string | null;
  readonly view: LinkView | null;
}

/** Names in the query that are ours; all others (the language, a lesson) stay as they are. */
const OWN: readonly string[] = ['scenario', 'seed', 'shown', 'hash', 'mode', 'from', 'to', 'now', 'row', 'slot', 'hide', 'hideWord', 'hideNode'];

/** The same page without any run. */
export const bareAddress = (base: string): string => {
  const address = new URL(base);
  for (const name of OWN) address.searchParams.delete(name);
  address.hash = '';
  return address.href;
};

/** The address that opens `link`, on the page that stands at `base`. Rejects with `ScenarioError` for what is too long for one. */
export const addressOf = async (link: Link, base: string): Promise<string> => {
  const address = new URL(bareAddress(base));
  const { source, seed, forks, shown, traceHash, view } = link;
  const fragment = new URLSearchParams();
  if ('scenario' in source) address.searchParams.set('scenario', source.scenario);
  else fragment.set('run', await pack(source.run));
  address.searchParams.set('seed', String(seed));
  if (forks.length > 0) {
    fragment.set('forks', await pack(JSON.stringify(forks)));
    address.searchParams.set('shown', String(shown));
  }
  if (traceHash !== null) address.searchParams.set('hash', traceHash);
  if (view !== null) {
    const { mode, from, to, now, row, slot, filter: { hiddenFamilies, hiddenWords, hiddenNodes } } = view;
    for (const [name, value] of Object.entries({ mode, from: Math.floor(from), to: Math.ceil(to), now, row, slot: slot === 0 ? null : slot })) {
      if (value !== null) address.searchParams.set(name, typeof value === 'number' ? String(Math.round(value)) : value);
    }
    if (hiddenFamilies.size > 0) address.searchParams.set('hide', [...hiddenFamilies].join(','));
    for (const word of [...hiddenWords].slice(0, FILTER_NAMES_MAX)) address.searchParams.append('hideWord', word);
    for (const node of [...hiddenNodes].slice(0, FILTER_NAMES_MAX)) address.searchParams.append('hideNode', node);
  }
  address.hash = fragment.toString();
  return address.href;
};

/** Null: the address names no run. Rejects with `ScenarioError`, one line. */
export const linkIn = async (href: string): Promise<Link | null> => {
  const { searchParams, hash } = new URL(href);
  const fragment = new URLSearchParams(hash.slice(1));
  const packed = fragment.get('run');
  const scenario = searchParams.get('scenario');
  if (packed === null && scenario === null) return null;
  if (packed === null && !NAME.test(scenario ?? '')) throw new ScenarioError('the link names no scenario that could be one');
  const forks = readForks(fragment.get('forks') === null ? '[]' : await unpack(fragment.get('forks') as string));
  const traceHash = searchParams.get('hash');
  if (traceHash !== null && !HASH.test(traceHash)) throw new ScenarioError('the link names a hash that is none');
  return {
    source: packed === null ? { scenario: scenario ?? '' } : { run: await unpack(packed) },
    seed: integerIn(searchParams, 'seed', Number.MAX_SAFE_INTEGER) ?? 1, forks,
    shown: integerIn(searchParams, 'shown', forks.length) ?? 0, traceHash, view: viewIn(searchParams),
  };
};

const viewIn = (searchParams: URLSearchParams): LinkView | null => {
  const [from, to] = [integerIn(searchParams, 'from', Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER),
    integerIn(searchParams, 'to', Number.MAX_SAFE_INTEGER)];
  if (from === null || to === null) return null;
  if (to <= from) throw new ScenarioError('the link: to must be after from');
  const mode = MODES.find((one) => one === searchParams.get('mode')) ?? 'real';
  return { mode, from, to, now: integerIn(searchParams, 'now', Number.MAX_SAFE_INTEGER), row: integerIn(searchParams, 'row', Number.MAX_SAFE_INTEGER),
    slot: integerIn(searchParams, 'slot', SLOT_MAX) ?? 0,
    filter: filterIn(searchParams) };
};

/** A name that the run does not have hides nothing. */
const filterIn = (searchParams: URLSearchParams): Filter => {
  const families = searchParams.get('hide')?.split(',') ?? [];
  const names = (parameter: string): ReadonlySet<string> => {
    const found = searchParams.getAll(parameter);
    if (found.length > FILTER_NAMES_MAX || found.some(({ length }) => length > FILTER_NAME_LENGTH_MAX)) {
      throw new ScenarioError(`the link: ${parameter} must be at most ${FILTER_NAMES_MAX} names of at most ${FILTER_NAME_LENGTH_MAX} characters`);
    }
    return new Set(found);
  };
  return {
    hiddenFamilies: new Set(MESSAGE_FAMILIES.filter((family) => families.includes(family))), hiddenWords: names('hideWord'),
    hiddenNodes: names('hideNode'),
  };
};

/** Null: it is not there. */
const integerIn = (searchParams: URLSearchParams, name: string, max: number, min = 0): number | null => {
  const said = searchParams.get(name);
  if (said === null) return null;
  const value = Number(said);
  if (!/^-?\d{1,16}$/.test(said) || value < min || value > max) throw new ScenarioError(`the link: ${name} must be a whole number from ${min} to ${max}`);
  return value;
};

const readForks = (json: string): readonly LinkFork[] => {
  let forks: unknown;
  try {
    forks = JSON.parse(json);
  } catch {
    throw new ScenarioError('the link: its forks are not JSON');
  }
  if (!Array.isArray(forks) || forks.length > LINK_FORKS_MAX) throw new ScenarioError(`the link: must have at most ${LINK_FORKS_MAX} forks`);
  return forks.map((value: unknown, index) => {
    const { parent, change } = (value ?? {}) as { readonly parent?: unknown; readonly change?: unknown };
    if (typeof parent !== 'number' || !Number.isInteger(parent) || parent < 0 || parent > index) {
      throw new ScenarioError(`the link: fork ${index + 1} has no parent before it`);
    }
    return { parent, change: readChange(change, index) };
  });
};

const readChange = (value: unknown, index: number): ForkChange => {
  const { kind, entries, process, directive, value: set } = (value ?? {}) as { readonly [name: string]: unknown };
  const isText = (one: unknown): one is string => typeof one === 'string' && one.length <= TEXT_MAX;
  // The entries themselves are validated with the scenario that they make.
  if (kind === 'plan' && Array.isArray(entries)) return { kind, entries };
  if (kind === 'setting' && isText(process) && isText(directive) && isText(set)) return { kind, process, directive, value: set };
  throw new ScenarioError(`the link: fork ${index + 1} is neither a plan nor a setting`);
};

/** Deflated, in the letters that an address takes as they are. */
export const pack = async (text: string): Promise<string> => {
  const packed = new Uint8Array(await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'))).arrayBuffer());
  const encoded = btoa(Array.from(packed, (byte) => String.fromCharCode(byte)).join(''))
    .replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  if (encoded.length > PACKED_LENGTH_MAX) throw new ScenarioError('the run is too long for a link: save it as a file instead');
  return encoded;
};

/** Rejects with `ScenarioError` for what is no packed text, or too long. */
export const unpack = async (encoded: string): Promise<string> => {
  if (encoded.length > PACKED_LENGTH_MAX || !/^[\w-]*$/.test(encoded)) throw new ScenarioError('the link is damaged, or too long');
  try {
    const packed = Uint8Array.from(atob(encoded.replace(/-/g, '+').replace(/_/g, '/')), (character) => character.charCodeAt(0));
    return await inflated(packed);
  } catch (error) {
    if (error instanceof ScenarioError) throw error;
    throw new ScenarioError('the link is damaged: a part of it is missing or was changed');
  }
};

/** Stops as soon as it is too long: a few bytes can stand for many. */
const inflated = async (packed: Uint8Array<ArrayBuffer>): Promise<string> => {
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const parts: string[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return parts.join('') + decoder.decode();
    length += value.length;
    if (length > UNPACKED_LENGTH_MAX) {
      await reader.cancel();
      throw new ScenarioError(`the link holds more than ${UNPACKED_LENGTH_MAX} characters`);
    }
    parts.push(decoder.decode(value, { stream: true }));
  }
};
