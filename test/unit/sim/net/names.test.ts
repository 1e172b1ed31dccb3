import { expect, it } from 'vitest';
import { bytes } from '../../../../engine/core/bytes.ts';
import { makeWorld } from '../echo.ts';

it('a resolver keeps an answer for its TTL, and no other machine does', () => {
  const world = makeWorld(1);
  const { names } = world.network;
  const [first, second] = [world.machine('m1'), world.machine('m2')];
  const name = bytes('redis');
  names.set(name, [bytes('10.0.0.1')], 10_000_000);
  expect(first.resolver.lookup(name).addresses).toEqual(['10.0.0.1']);
  names.set(name, [bytes('10.0.0.2')], 10_000_000);
  world.run(9);
  expect(first.resolver.lookup(name).addresses).toEqual(['10.0.0.1']);
  expect(second.resolver.lookup(name).addresses).toEqual(['10.0.0.2']);
  world.run(1);
  expect(first.resolver.lookup(name).addresses).toEqual(['10.0.0.2']);
});

it('addresses are themselves, unknown names nothing, and a silent server takes its time', () => {
  const world = makeWorld(1);
  const { resolver } = world.machine('m1');
  expect(resolver.lookup(bytes('10.1.2.3')).addresses).toEqual(['10.1.2.3']);
  expect(resolver.lookup(bytes('localhost')).addresses).toEqual(['127.0.0.1']);
  expect(resolver.lookup(bytes('nowhere')).addresses).toEqual([]);
  world.network.names.silences++;
  expect(resolver.lookup(bytes('elsewhere'))).toEqual({ addresses: [], delayMicros: 5_000_000 });
});
