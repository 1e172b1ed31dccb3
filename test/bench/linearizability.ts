/**
 * The speed of the linearizability checker: 10,000 operations of five concurrent clients on 10 keys, in all one second of a machine whose
 * bare heap makes 4.5 million events a second. Registers whose values are unique need no search; counters do, and are the slower ones,
 * so half of the keys are these.
 */
import { judge } from '../../sim/check/consistency/linearizability.ts';
import { counterModel, registerModel } from '../../sim/check/consistency/models.ts';
import type { Call } from '../../sim/client/call.ts';
import { NO_CAUSE, bytes, micros } from '../../engine/index.ts';
import { bareHeapRate } from './bareHeap.ts';
import type { BenchRow } from './server.ts';

const OPERATIONS = 10_000;
const KEYS = 10;
const CLIENTS = 5;
const REPETITIONS = 7;
const TARGET_BARE_HEAP_RATE = 4_500_000;
const BARE_HEAP_EVENTS = 2_000_000;
/** One of so many is never answered. */
const OPEN_EVERY = 200;

/** Five clients, each asking again as soon as it is answered; every operation takes effect at some instant in between. */
const history = (model: 'register' | 'counter', seed: number): readonly Call[] => {
  let state = seed;
  const below = (count: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % count;
  };
  const free = Array.from({ length: CLIENTS }, () => 0);
  const drawn = Array.from({ length: OPERATIONS / KEYS }, (_, index) => {
    const client = free.indexOf(Math.min(...free));
    const from = (free[client] ?? 0) + below(10);
    const to = from + 1 + below(30);
    free[client] = to + 1;
    return { index, client, from, to, at: from + below(to - from + 1), choice: below(4) };
  });
  let value: string | null = null;
  let count = 0;
  return [...drawn].sort((left, right) => left.at - right.at || left.index - right.index).map(({ index, client, from, to, choice }): Call => {
    const isOpen = index % OPEN_EVERY === OPEN_EVERY - 1;
    const common = {
      index, client: `C${client}`, process: 1, key: bytes('k'), model, leaseMs: 0, invokedAt: micros(from),
      completedAt: isOpen ? null : micros(to), outcome: isOpen ? 'unknown' : 'ok', completedBy: NO_CAUSE,
    } as const;
    if (model === 'counter') {
      const what = choice === 0 ? 'read' : 'increment';
      if (what === 'increment') count++;
      return { ...common, what, argument: what === 'read' ? null : bytes('1'), result: isOpen ? null : bytes(String(count)) };
    }
    const found = value === null ? null : bytes(value);
    if (choice <= 1) return { ...common, what: 'read', argument: null, result: isOpen ? null : found };
    value = `v${index}`;
    return { ...common, what: choice === 2 ? 'cas' : 'write', argument: bytes(value), result: choice === 2 ? found : null };
  });
};

export const linearizabilityBench = (onProgress: (line: string) => void): BenchRow => {
  const histories = Array.from({ length: KEYS }, (_, key) => history(key % 2 === 0 ? 'register' : 'counter', key + 1));
  const repetitions = [];
  for (let repetition = 0; repetition <= REPETITIONS; repetition++) {
    const against = (OPERATIONS * bareHeapRate(BARE_HEAP_EVENTS)) / TARGET_BARE_HEAP_RATE;
    const started = performance.now();
    for (const calls of histories) {
      const { verdict } = judge(calls[0]?.model === 'counter' ? counterModel : registerModel, calls);
      if (verdict !== 'ok') throw new Error('a history that has an order was not accepted');
    }
    const value = OPERATIONS / ((performance.now() - started) / 1000);
    if (repetition > 0) repetitions.push({ value, against, ratio: value / against });
    onProgress(`linearizability: ${Math.round(value)} operations a second`);
  }
  const median = repetitions.sort((left, right) => left.ratio - right.ratio)[Math.floor(REPETITIONS / 2)];
  if (median === undefined) throw new Error('no repetition was measured');
  return { name: 'linearizability, 10 keys, 5 clients', unit: 'operations/s', target: 1, ...median };
};
