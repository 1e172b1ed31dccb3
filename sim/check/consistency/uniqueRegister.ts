/**
 * Registers whose every value is written once, decided without a search. A write and its reads form a cluster; where a compare-and-set
 * replaces a value, the cluster of the new one comes right behind that of the old one, so clusters form chains. Of two chains one must
 * come wholly before the other; that is impossible both ways where each has a call that was over before one of the other began. No
 * such pair, and every chain in order in itself: linearizable.
 *
 * Always holds: the witness that comes back is illegal by itself.
 * Source: Gibbons and Korach, "Testing Shared Memories" (1997), for registers whose reads tell which write they saw.
 */
import type { Bytes } from '../../../engine/index.ts';
import type { Call } from '../../client/call.ts';
import { endOf, grouped } from './model.ts';
import { madeValue, sawValue } from './models.ts';

const INITIAL = '';

/** Clusters, one behind the other. Of the first one of all the initial value has no write: it was there before everything. */
interface Chain {
  /** Who made each value; null: the initial one. */
  readonly makers: readonly (Call | null)[];
  /** The call that was over first, and the one that was invoked last, and the place of their clusters. */
  readonly over: Placed | null;
  readonly begun: Placed | null;
}

interface Placed {
  readonly call: Call;
  readonly place: number;
}

const overAt = ({ makers, over }: Chain): number => (makers[0] === null || over === null ? -Infinity : endOf(over.call));
const begunAt = ({ begun }: Chain): number => begun?.call.invokedAt ?? -Infinity;

/** Calls that refute the history; none: it is linearizable. Null: a value is written twice, this needs a search. */
export const decideRegister = (calls: readonly Call[]): readonly Call[] | null => {
  const makers = grouped(calls, madeValue);
  for (const sameValue of makers.values()) if (sameValue.length > 1) return null;
  return new Register(calls, makers).decide();
};

class Register {
  private readonly makers: ReadonlyMap<string, readonly Call[]>;
  private readonly reads: ReadonlyMap<string, readonly Call[]>;
  private readonly replacers: ReadonlyMap<string, readonly Call[]>;

  constructor(calls: readonly Call[], makers: ReadonlyMap<Bytes | string, readonly Call[]>) {
    this.makers = makers;
    this.reads = grouped(calls, (call) => (call.what === 'read' ? sawValue(call) : undefined));
    this.replacers = grouped(calls, (call) => (call.what === 'cas' ? sawValue(call) : undefined));
  }

  decide(): readonly Call[] {
    return this.closed(this.refutation());
  }

  /** Where the value that a compare-and-set replaced was made by a call that is left out here, it counts as a mere write. */
  private closed(calls: readonly Call[]): readonly Call[] {
    const made = new Set(calls.map(madeValue));
    return calls.map((call): Call => {
      const value = call.what === 'cas' ? sawValue(call) ?? INITIAL : INITIAL;
      return value === INITIAL || made.has(value) || !this.makers.has(value) ? call : { ...call, what: 'write', result: null };
    });
  }

  private refutation(): readonly Call[] {
    const strange = this.strange();
    if (strange !== null) return strange;
    const reached = new Set<string>();
    const chains: Chain[] = [];
    const starts = [...this.makers.values()].flatMap(([maker]) => (maker?.what === 'write' ? [maker] : []));
    for (const start of [null, ...starts]) {
      const chain = this.chainFrom(start, reached);
      if ('refutation' in chain) return chain.refutation;
      chains.push(chain);
    }
    for (const [value, [maker]] of this.makers) if (maker !== undefined && !reached.has(value)) return this.circle(maker);
    const pair = conflict(chains);
    return pair === null ? [] : [...new Set(pair.flatMap(extremes))];
  }

  /** A value that nobody made, or that two replaced. */
  private strange(): readonly Call[] | null {
    for (const [value, readers] of this.reads) if (value !== INITIAL && !this.makers.has(value)) return readers.slice(0, 1);
    for (const [value, replacers] of this.replacers) {
      if (value !== INITIAL && !this.makers.has(value)) return this.withWitness(replacers.slice(0, 1));
      if (replacers.length > 1) return this.withWitness([...(this.makers.get(value) ?? []), ...replacers]);
    }
    return null;
  }

  /** What was never answered is known by somebody who saw it. */
  private withWitness(calls: readonly Call[]): readonly Call[] {
    const all = new Set(calls);
    for (const call of all) {
      if (call.outcome === 'ok') continue;
      const value = madeValue(call) ?? INITIAL;
      const witness = this.reads.get(value)?.[0] ?? this.replacers.get(value)?.[0];
      if (witness !== undefined) all.add(witness);
    }
    return [...all];
  }

  /** Compare-and-sets that replace each other in a circle. */
  private circle(first: Call): readonly Call[] {
    const found = new Set<Call>();
    for (let maker: Call | undefined = first; maker !== undefined && !found.has(maker);) {
      found.add(maker);
      maker = this.makers.get(sawValue(maker) ?? INITIAL)?.[0];
    }
    return this.withWitness([...found]);
  }

  private chainFrom(start: Call | null, reached: Set<string>): Chain | { readonly refutation: readonly Call[] } {
    const makers: (Call | null)[] = [];
    let over: Placed | null = null;
    let begun: Placed | null = null;
    for (let maker: Call | null | undefined = start; maker !== undefined;) {
      const value: string = maker === null ? INITIAL : madeValue(maker) ?? INITIAL;
      const place = makers.length;
      const earlier: Placed | null = begun;
      makers.push(maker);
      reached.add(value);
      for (const call of [...(maker === null ? [] : [maker]), ...this.reads.get(value) ?? []]) {
        if (earlier !== null && endOf(call) < earlier.call.invokedAt) {
          return { refutation: [...new Set([...between(makers, earlier.place, place), earlier.call, call])] };
        }
        if (maker !== null && endOf(call) < maker.invokedAt) return { refutation: [maker, call] };
        if (over === null || endOf(call) < endOf(over.call)) over = { call, place };
        if (begun === null || call.invokedAt > begun.call.invokedAt) begun = { call, place };
      }
      maker = this.replacers.get(value)?.[0];
    }
    return { makers, over, begun };
  }
}

const between = (makers: readonly (Call | null)[], from: number, to: number): readonly Call[] =>
  makers.slice(Math.min(from, to), Math.max(from, to) + 1).filter((maker) => maker !== null);

/** The calls that make a chain reach as far as it does, and who made what they saw. */
const extremes = ({ makers, over, begun }: Chain): readonly Call[] => [
  ...between(makers, makers[0] === null ? 0 : over?.place ?? 0, begun?.place ?? 0), ...[over, begun].flatMap((placed) => (placed === null ? [] : [placed.call])),
];

/** Two chains neither of which can come first. Where there are any, one of them spans from an answer to a later invocation. */
const conflict = (chains: readonly Chain[]): readonly [Chain, Chain] | null => {
  const spans = chains.filter((chain) => overAt(chain) < begunAt(chain)).sort((left, right) => overAt(left) - overAt(right));
  // Of all spans up to each, the one that reaches furthest.
  const furthest: Chain[] = [];
  for (const [place, span] of spans.entries()) {
    const last = furthest[place - 1];
    if (last !== undefined && overAt(span) < begunAt(last) && overAt(last) < begunAt(span)) return [last, span];
    furthest.push(last === undefined || begunAt(span) > begunAt(last) ? span : last);
  }
  for (const chain of chains) {
    if (overAt(chain) < begunAt(chain)) continue;
    // The spans that were over before this one's last invocation: does one reach beyond its first answer?
    const span = furthest[countBelow(spans, begunAt(chain)) - 1];
    if (span !== undefined && overAt(chain) < begunAt(span)) return [span, chain];
  }
  return null;
};

/** How many of these, which are sorted, were over before that time. */
const countBelow = (spans: readonly Chain[], time: number): number => {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (overAt(spans[middle] as Chain) < time) low = middle + 1;
    else high = middle;
  }
  return low;
};
