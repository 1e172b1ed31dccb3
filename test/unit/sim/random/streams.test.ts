import { expect, it } from 'vitest';
import { drawHash } from '../../../../sim/random/drawHash.ts';
import { LAN_LATENCY_MICROS, QuantileTable } from '../../../../sim/random/quantiles.ts';
import { Streams } from '../../../../sim/random/streams.ts';

it('a stream is its seed and name, whatever else is drawn', () => {
  const alone = new Streams(42);
  const first = Array.from({ length: 20 }, () => alone.named('a').below(1000));
  const crowded = new Streams(42);
  const again = Array.from({ length: 20 }, () => {
    crowded.named('b').integer();
    return crowded.named('a').below(1000);
  });
  expect(again).toEqual(first);
  expect(Array.from({ length: 20 }, () => new Streams(43).named('a').below(1000))).not.toEqual(first);
});

it('draws lie in their ranges', () => {
  const stream = new Streams(1).named('x');
  const seen = new Set<number>();
  for (let index = 0; index < 1000; index++) seen.add(stream.between(3, 6));
  expect([...seen].sort()).toEqual([3, 4, 5, 6]);
  expect(stream.bytes(50)).toHaveLength(50);
  expect(stream.shuffle([1, 2, 3, 4, 5]).sort()).toEqual([1, 2, 3, 4, 5]);
  expect([...Array(100)].filter(() => stream.chance(0))).toHaveLength(0);
  expect([...Array(100)].filter(() => stream.chance(1_000_000))).toHaveLength(100);
  expect(() => new Streams(-1)).toThrow();
});

it('latencies have the median and the tail that they claim', () => {
  const seed = { lo: 1, hi: 2 };
  const draws = Array.from({ length: 20_000 }, (_, index) => LAN_LATENCY_MICROS.at(drawHash(seed, 3, 4, index)));
  draws.sort((left, right) => left - right);
  expect(draws[10_000]).toBeGreaterThan(145);
  expect(draws[10_000]).toBeLessThan(155);
  expect(draws[19_800]).toBeGreaterThan(1000);
  expect(draws[19_999]).toBeLessThanOrEqual(2000);
  expect(() => new QuantileTable([1, 2, 3, 4])).toThrow();
  expect(() => new QuantileTable([3, 2, 3])).toThrow();
});
