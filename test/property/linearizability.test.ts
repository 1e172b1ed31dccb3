/**
 * The linearizability checker against the plainest one: every order tried. Random small histories of each kind, legal ones made by
 * running a model, broken ones by exchanging answers; and long ones that only have to be decided.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Model } from '../../sim/check/consistency/model.ts';
import { counterModel, lockModel, queueModel, registerModel, setModel } from '../../sim/check/consistency/models.ts';
import { judge } from '../../sim/check/consistency/linearizability.ts';
import { search } from '../../sim/check/consistency/search.ts';
import type { Call, DataModel } from '../../sim/client/call.ts';
import { type Line, callsOf, isLinearizable } from '../unit/sim/check/consistency/histories.ts';

const MODELS: readonly Model[] = [registerModel, setModel, queueModel, counterModel, lockModel];
const SMALL = 6;
const RUNS = 1500;

/** What a call asks, by a number; unique where workloads write unique values. */
const asked = (model: DataModel, kind: number, index: number): Pick<Line, 'what' | 'argument' | 'leaseMs'> => {
  const pick = <Item>(...items: readonly Item[]): Item => items[kind % items.length] as Item;
  switch (model) {
    case 'register': return pick({ what: 'read' }, { what: 'write', argument: `v${index}` }, { what: 'cas', argument: `v${index}` },
      { what: 'write', argument: `v${index}` }, { what: 'read' });
    case 'set': return pick({ what: 'read' }, { what: 'add', argument: `m${index}` });
    case 'queue': return pick({ what: 'push', argument: `e${index}` }, { what: 'pop' }, { what: 'push', argument: `e${index}` },
      { what: 'pop' }, { what: 'read' });
    case 'counter': return pick({ what: 'increment', argument: '1' }, { what: 'read' }, { what: 'increment', argument: '2' });
    case 'lock': return pick({ what: 'acquire', argument: `t${index}`, leaseMs: 0 }, { what: 'acquire', argument: `t${index}`, leaseMs: 1 },
      { what: 'release', argument: `t${index - 1}` });
  }
};

interface Draw { readonly kind: number; readonly from: number; readonly length: number; readonly fate: number }

const draws = (size: number, span: number): fc.Arbitrary<readonly Draw[]> => fc.array(fc.record({
  kind: fc.nat({ max: 9 }), from: fc.nat({ max: span }), length: fc.integer({ min: 1, max: 12 }), fate: fc.nat({ max: 9 }),
}), { minLength: 1, maxLength: size });

/** What a call answers in this state, such that the model agrees; null: it cannot be answered. */
const answers = (model: Model, state: string, line: Line, index: number): { readonly line: Line; readonly state: string } | null => {
  const numbers = Array.from({ length: 40 }, (_, number) => String(number));
  const items = state.split('\n').filter((item) => item !== '');
  const candidates: readonly Line['result'][] = [null, state, items[0] ?? null, items, `t${index}`, ...numbers];
  for (const result of candidates) {
    const answered = { ...line, result: result ?? null };
    const after = model.step(state, callsOf([answered])[0] as Call);
    if (after !== null) return { line: answered, state: after };
  }
  return null;
};

/** A history that has an order: each call takes effect when it is invoked plus a part of its length, and some answers go missing. */
const legal = (model: Model, drawn: readonly Draw[]): readonly Line[] => {
  const points = drawn.map(({ kind, from, length, fate }, index) => ({
    line: { model: model.name, ...asked(model.name, kind, index), from, to: from + length } as Line,
    at: from + (fate % (length + 1)), fate, index,
  })).sort((left, right) => left.at - right.at || left.index - right.index);
  let state = model.initial;
  return points.flatMap(({ line, fate, index }) => {
    const answered = answers(model, state, line, index);
    if (answered === null) return [];
    const isOpen = fate >= 8;
    // The answer to an open call is not known, but for what a compare-and-set had read before.
    const open = { ...line, to: null, result: line.what === 'cas' ? answered.line.result ?? null : null };
    if (!isOpen || fate === 8) ({ state } = answered);
    return [isOpen ? open : answered.line];
  });
};

/** The same with the answers of two calls of a kind exchanged. */
const broken = (lines: readonly Line[], first: number, second: number): readonly Line[] => {
  const peersOf = (place: number): readonly number[] => lines.flatMap((line, index) => (
    index !== place && line.to !== null && line.what === lines[place]?.what && line.what !== 'write' && line.what !== 'push' ? [index] : []));
  const places = lines.flatMap((_, index) => (peersOf(index).length > 0 ? [index] : []));
  const one = places[first % Math.max(1, places.length)] ?? 0;
  const peers = peersOf(one);
  const other = peers[second % Math.max(1, peers.length)] ?? one;
  return lines.map((line, index) => {
    const from = index === one ? lines[other] : index === other ? lines[one] : line;
    // What a pop found is no answer to a read.
    return line.to === null || from?.to === null || from?.what !== line.what ? line : { ...line, result: from.result ?? null };
  });
};

const shuffled = (calls: readonly Call[], by: number): readonly Call[] =>
  [...calls].sort((left, right) => ((left.index * 7 + by) % 5) - ((right.index * 7 + by) % 5) || left.index - right.index);

describe.each(MODELS.map((model) => [model.name, model] as const))('%s', (_name, model) => {
  test('small histories: as every order tried says, whatever the order they are given in', () => {
    let illegal = 0;
    fc.assert(fc.property(draws(SMALL, 20), fc.nat({ max: 5 }), fc.nat({ max: 5 }), (drawn, first, second) => {
      const calls = callsOf(broken(legal(model, drawn), first, second));
      const wanted = isLinearizable(model, calls) ? 'ok' : 'illegal';
      if (wanted === 'illegal') illegal++;
      expect(search(model, calls).verdict).toBe(wanted);
      const { verdict, refutation } = judge(model, calls);
      expect(verdict).toBe(wanted);
      expect(judge(model, shuffled(calls, second)).verdict).toBe(wanted);
      if (wanted === 'illegal') {
        expect(refutation.length).toBeGreaterThan(0);
        expect(refutation.length).toBeLessThanOrEqual(calls.length);
        // Nobody is left to have found what nobody made, as long as somebody had made it by then.
        const end = Math.max(...refutation.map(({ outcome, completedAt }) => (outcome === 'ok' ? completedAt ?? 0 : 0)));
        const made = new Set(refutation.map(({ argument }) => argument));
        const makers = new Map(calls.filter(({ what }) => what === 'write' || what === 'cas').map((call) => [call.argument, call]));
        for (const { model: kind, what, result } of refutation) {
          const maker = kind === 'register' && what !== 'write' ? makers.get(result as never) : undefined;
          if (maker !== undefined && maker.invokedAt <= end) expect(made).toContain(result);
        }
        // Open calls that explain nothing would only be in the way. A counter is refuted as one that must not go back.
        if (model.name !== 'counter') expect(isLinearizable(model, refutation)).toBe(false);
      }
    }), { numRuns: RUNS });
    expect(illegal).toBeGreaterThan(RUNS / 50);
  });

  test('long histories that have an order are accepted', () => {
    fc.assert(fc.property(draws(80, 300), (drawn) => {
      expect(judge(model, callsOf(legal(model, drawn))).verdict).toBe('ok');
    }), { numRuns: 150 });
  });

  test('leaving out what may be left out keeps a legal history legal', () => {
    fc.assert(fc.property(draws(SMALL, 20), fc.array(fc.nat({ max: SMALL }), { maxLength: 3 }), (drawn, places) => {
      const calls = callsOf(legal(model, drawn));
      expect(isLinearizable(model, calls)).toBe(true);
      const victims = new Set(places.flatMap((place) => (calls[place] === undefined ? [] : [calls[place]])));
      expect(isLinearizable(model, model.without(calls, victims))).toBe(true);
      expect(isLinearizable(model, model.essential(calls))).toBe(true);
      const weaker = model.weaker(calls);
      if (weaker !== null) expect(isLinearizable(weaker, weaker.without(calls, victims))).toBe(true);
    }), { numRuns: RUNS });
  });
});
