/**
 * The five sequential objects that workloads work on. States are text: a register's value, a counter's number, the elements of a
 * queue and the members of a set by lines, a lock's token and the earliest end of its lease.
 *
 * Always holds: values of registers, elements and members hold no line feed. See `model.ts` for what `essential` and `without` owe.
 */
import type { Bytes } from '../../../engine/index.ts';
import type { Call, CallResult, DataModel } from '../../client/call.ts';
import { type Model, endOf, grouped, isOk, isOpen } from './model.ts';

const MICROS_PER_MS = 1000;
const NONE = '';
const LINE = '\n';

/** What every model has that says nothing else. */
const plain = { alike: () => null, order: () => null, weaker: () => null } as const satisfies Partial<Model>;

const textOf = (result: CallResult): string => (typeof result === 'string' ? result : NONE);

/** Elements or members that a read saw. */
export const itemsOf = (result: CallResult): readonly Bytes[] => (result === null || typeof result === 'string' ? [] : result);

/** Executed, or perhaps; of open calls only those that change something. */
const mayMatter = (call: Call): boolean => isOk(call) || (isOpen(call) && call.what !== 'read');

/** The value that a call of a register saw, and the one that it made; undefined: none. */
export const sawValue = ({ what, result }: Call): string | undefined => (what === 'read' || what === 'cas' ? textOf(result) : undefined);
export const madeValue = ({ what, argument }: Call): string | undefined =>
  ((what === 'write' || what === 'cas') && argument !== null ? argument : undefined);

/** Those of `calls` that are kept, and all that made a value which one that is kept saw. */
const withMakers = (calls: readonly Call[], isKept: (call: Call) => boolean): readonly Call[] => {
  const kept = new Set(calls.filter(isKept));
  const makers = grouped(calls, madeValue);
  for (const call of kept) {
    const saw = sawValue(call);
    // What is added here is looked at by this loop too.
    if (saw !== undefined && saw !== NONE) for (const maker of makers.get(saw) ?? []) kept.add(maker);
  }
  return calls.filter((call) => kept.has(call));
};

export const registerModel: Model = {
  ...plain,
  name: 'register',
  initial: NONE,
  step: (state, { what, argument, result }) => {
    if (what === 'write') return argument ?? NONE;
    if (textOf(result) !== state) return null;
    return what === 'cas' ? argument ?? NONE : state;
  },
  // An open write that nobody saw can be left out: nobody read between it and the next.
  essential: (calls) => withMakers(calls.filter(mayMatter), isOk),
  without: (calls, victims) => withMakers(calls, (call) => !victims.has(call)),
};

const linesOf = (state: string): string[] => (state === NONE ? [] : state.slice(0, -1).split(LINE));
const stateOf = (items: readonly string[]): string => items.map((item) => item + LINE).join('');

/** Without these items, wherever they stand. `itemOf` tells which one a call is about. */
const withoutItems = (
  calls: readonly Call[], victims: ReadonlySet<Call>, itemOf: (call: Call) => Bytes | null,
): readonly Call[] => {
  const gone = new Set([...victims].map(itemOf).filter((item) => item !== null));
  return calls.flatMap((call) => {
    const item = itemOf(call);
    if (item !== null ? gone.has(item) : victims.has(call) && isOk(call)) return [];
    if (call.what !== 'read' || !itemsOf(call.result).some((one) => gone.has(one))) return [call];
    return [{ ...call, result: itemsOf(call.result).filter((one) => !gone.has(one)) }];
  });
};

/** Members are added and never taken away. */
export const setModel: Model = {
  ...plain,
  name: 'set',
  initial: NONE,
  step: (state, { what, argument, result }) => {
    const members = linesOf(state);
    if (what === 'read') return stateOf([...itemsOf(result)].sort()) === state ? state : null;
    if (argument === null || members.includes(argument)) return state;
    return stateOf([...members, argument].sort());
  },
  essential: (calls) => {
    const seen = new Set(calls.flatMap((call) => (isOk(call) && call.what === 'read' ? itemsOf(call.result) : [])));
    return calls.filter((call) => isOk(call) || (isOpen(call) && call.argument !== null && seen.has(call.argument)));
  },
  without: (calls, victims) => withoutItems(calls, victims, ({ argument }) => argument),
};

/** The element that a call of a queue put or took; null: it is about none. */
export const elementOf = ({ what, argument, result }: Call): Bytes | null => {
  if (what === 'push') return argument;
  return what === 'pop' && typeof result === 'string' ? result : null;
};

/** First in, first out. What is delivered again is no part of it. */
export const queueModel: Model = {
  ...plain,
  name: 'queue',
  initial: NONE,
  step: (state, call) => {
    const { what, argument, result } = call;
    switch (what) {
      case 'push': return state + (argument ?? NONE) + LINE;
      case 'read': return stateOf(itemsOf(result)) === state ? state : null;
      default:
    }
    if (isOpen(call)) return state.slice(state.indexOf(LINE) + 1);
    if (result === null) return state === NONE ? state : null;
    const head = textOf(result) + LINE;
    return state.startsWith(head) ? state.slice(head.length) : null;
  },
  // An open push that nobody saw: left out, together with the open pop that took it, if one did.
  essential: (calls) => {
    const matter = calls.filter((call) => mayMatter(call) && call.what !== 'redeliver');
    const seen = new Set(matter.flatMap((call) => (isOk(call) && call.what !== 'push'
      ? [elementOf(call), ...itemsOf(call.result)] : [])));
    return matter.filter((call) => isOk(call) || call.what === 'pop' || seen.has(call.argument));
  },
  alike: ({ what }) => (what === 'pop' ? 'pop' : null),
  order: (calls) => {
    const left = leftAt(calls);
    return (later, earlier) => {
      if (later.what !== 'push' || earlier.what !== 'push') return false;
      const first = left(earlier);
      const second = left(later);
      return first !== null && second !== null && first.end < second.start;
    };
  },
  without: (calls, victims) => withoutItems(calls, victims, elementOf),
};

interface Span { readonly start: number; readonly end: number }

/** Later than any time of a run; and later than that. */
const IN_THE_END = 2_251_799_813_685_248;
const NEVER = 4_503_599_627_370_496;

/** When an element left its queue: as its pop was on its way, or in the order in which it lay there in the end. Null: unknown. */
const leftAt = (calls: readonly Call[]): ((push: Call) => Span | null) => {
  const spans = new Map<Bytes, Span>();
  const isAnyOpen = calls.some((call) => call.what === 'pop' && isOpen(call));
  // An open pop may have taken whatever a read saw.
  const last = isAnyOpen ? undefined : calls.findLast((call) => call.what === 'read' && isOk(call));
  itemsOf(last?.result ?? null).forEach((item, place) => spans.set(item, { start: IN_THE_END + place, end: IN_THE_END + place }));
  for (const call of calls) {
    const element = call.what === 'pop' && isOk(call) ? elementOf(call) : null;
    if (element !== null) spans.set(element, { start: call.invokedAt, end: endOf(call) });
  }
  const unseen = isAnyOpen ? null : { start: NEVER, end: NEVER };
  return ({ argument }) => (argument === null ? null : spans.get(argument) ?? unseen);
};

const numberOf = (text: CallResult): number => Number(typeof text === 'string' ? text : '0');

const counter = { ...plain, name: 'counter', initial: '0', essential: (calls) => calls.filter(mayMatter) } as const satisfies Partial<Model>;

/** Counts as one that others may increase unseen: all that is left is that it never goes back. */
const risingModel: Model = {
  ...counter,
  step: (state, call) => {
    if (isOpen(call)) return state;
    const least = Number(state) + (call.what === 'increment' ? numberOf(call.argument) : 0);
    const found = numberOf(call.result);
    return found < least ? null : String(found);
  },
  without: (calls, victims) => calls.filter((call) => !victims.has(call)),
};

export const counterModel: Model = {
  ...counter,
  step: (state, call) => {
    if (call.what === 'read') return numberOf(call.result) === Number(state) ? state : null;
    const after = String(Number(state) + numberOf(call.argument));
    return isOpen(call) || numberOf(call.result) === Number(after) ? after : null;
  },
  alike: ({ argument }) => `by ${argument ?? NONE}`,
  weaker: (calls) => (calls.every(({ what, argument }) => what !== 'increment' || numberOf(argument) >= 0) ? risingModel : null),
  without: (calls, victims) => calls.filter((call) => !victims.has(call) || call.what !== 'read'),
};

const isRefused = ({ what, result, outcome }: Call): boolean => what === 'acquire' && outcome === 'ok' && result === null;

/** Held until it is released, or the lease may be over: whoever keeps time decides that, so clocks are believed within a call. */
export const lockModel: Model = {
  ...plain,
  name: 'lock',
  initial: NONE,
  step: (state, call) => {
    const [token, until] = state === NONE ? [] : state.split(LINE);
    if (call.what === 'release') {
      if (token === call.argument) return NONE;
      return isOpen(call) ? state : null;
    }
    if (isRefused(call)) return token === undefined ? null : state;
    if (token !== undefined && endOf(call) < Number(until)) return null;
    return `${call.argument ?? NONE}${LINE}${call.invokedAt + call.leaseMs * MICROS_PER_MS}`;
  },
  essential: (calls) => calls.filter(mayMatter),
  // Without a hold, somebody may have been refused for nothing.
  without: (calls, victims) => {
    const left = calls.filter((call) => !(victims.has(call) && isRefused(call)));
    if (left.some(isRefused)) return left;
    const gone = new Set([...victims].map(({ argument }) => argument));
    return left.filter(({ argument }) => !gone.has(argument));
  },
};

const MODELS: Readonly<Record<DataModel, Model>> = {
  register: registerModel, set: setModel, queue: queueModel, counter: counterModel, lock: lockModel,
};

export const modelOf = (name: DataModel): Model => MODELS[name];
