/** Turns, costs, clocks, pauses, ends, children: what a program feels of its process. */
import { describe, expect, it } from 'vitest';
import { type Bytes, bytes } from '../../../../engine/core/bytes.ts';
import { ms } from '../../../../engine/core/units.ts';
import type { Child, ChildResult, Host } from '../../../../engine/host.ts';
import { CHILD_SLICE_BYTES_MAX } from '../../../../sim/node/costs.ts';
import type { ProcessEnd, SimProcess } from '../../../../sim/node/simProcess.ts';
import { echoClient, echoLog, makeWorld, type World, must } from '../echo.ts';

const program = (run: (host: Host) => void): { world: World; process: SimProcess } => {
  const world = makeWorld(5);
  const process = world.process('p', run);
  process.start();
  return { world, process };
};

describe('turns', () => {
  it('let clocks go on with their costs, and make what falls due meanwhile wait in due order', () => {
    const seen: [string, number][] = [];
    const { world } = program((host) => {
      const at = (name: string) => (): void => { seen.push([name, host.monotonicMicros()]); };
      host.setTimer(ms(30), at('c'));
      host.setTimer(ms(20), at('b'));
      host.setTimer(ms(10), () => {
        const before = host.wallMicros();
        host.block(ms(50));
        expect(host.wallMicros() - before).toBe(50_000);
        at('a')();
      });
    });
    world.run(1);
    expect(seen.map(([name]) => name)).toEqual(['a', 'b', 'c']);
    expect(must(seen[1])[1]).toBeGreaterThanOrEqual(60_000);
    expect(must(seen[2])[1]).toBeGreaterThan(must(seen[1])[1]);
  });

  it('end with the program\'s handler, once each', () => {
    let turns = 0;
    let callbacks = 0;
    const { world } = program((host) => {
      host.onTurnEnd(() => { turns++; });
      for (let index = 0; index < 5; index++) host.setTimer(ms(index), () => { callbacks++; });
    });
    world.run(1);
    expect([turns, callbacks]).toEqual([6, 5]);
  });

  it('are stretched by slow, which block is not', () => {
    const lengths: number[] = [];
    const { world, process } = program((host) => {
      const measure = (): void => {
        const start = host.monotonicMicros();
        host.cost('command', 1000);
        lengths.push(host.monotonicMicros() - start);
        host.setTimer(ms(100), measure);
      };
      measure();
    });
    world.run(0.05);
    process.slow(10);
    world.run(0.1);
    expect(must(lengths[1]) / must(lengths[0])).toBeCloseTo(10, 1);
  });

  it('a cleared timer never fires, though it was due and waiting', () => {
    const seen: string[] = [];
    const { world } = program((host) => {
      const late = host.setTimer(ms(20), () => seen.push('late'));
      host.setTimer(ms(10), () => {
        host.block(ms(50));
        seen.push('blocked');
      });
      host.setTimer(ms(15), () => { host.clearTimer(late); });
    });
    world.run(1);
    expect(seen).toEqual(['blocked']);
  });
});

describe('pause', () => {
  it('keeps everything waiting; then each due timer fires once, in due order, before buffered input', () => {
    const world = makeWorld(1);
    const seen: string[] = [];
    const server = world.process('server', (host) => {
      host.setTimer(ms(250), () => seen.push('second'));
      host.setTimer(ms(200), () => seen.push('first'));
      host.listen(bytes(''), 7000, () => ({
        onData: () => { seen.push('data'); }, onWritable: () => undefined, onClose: () => undefined,
      }), () => undefined);
    });
    const client = world.process('client', echoClient([server.machine.address], 40, echoLog()));
    server.start();
    client.start();
    world.run(0.03);
    server.pause();
    expect(server.state).toBe('paused');
    world.run(0.5);
    expect(seen).toEqual([]);
    server.resume();
    world.run(0.02);
    expect(seen).toEqual(['first', 'second', 'data']);
  });
});

describe('ends', () => {
  it('exit ends it after its turn; kill and power at once; nothing of it runs again', () => {
    const world = makeWorld(1);
    const ends: ProcessEnd[] = [];
    let ticks = 0;
    const process = world.process('p', (host) => {
      const tick = (): void => { ticks++; host.setTimer(ms(10), tick); };
      tick();
      if (process.starts === 1) host.setTimer(ms(95), () => { host.exit(3); host.setTimer(ms(0), tick); });
    });
    process.onExit = (_, end): void => { ends.push(end); };
    process.start();
    world.run(1);
    expect(ticks).toBe(10);
    process.start();
    world.run(0.095);
    process.kill();
    world.run(1);
    expect(ticks).toBe(20);
    process.start();
    process.machine.power();
    world.run(1);
    expect(ticks).toBe(20);
    expect(ends).toEqual([{ kind: 'exit', status: 3 }, { kind: 'kill' }, { kind: 'power' }]);
    expect(process.state).toBe('dead');
  });

  it('leave no timers behind', () => {
    const { world, process } = program((host) => {
      for (let index = 0; index < 100; index++) host.setTimer(ms(1000 + index), () => undefined);
    });
    world.run(0.1);
    process.kill();
    world.run(10);
    expect(world.kernel.eventCounts().timer).toBeUndefined();
  });
});

describe('clocks', () => {
  it('drift changes both clocks and the length of timers; a jump only the wall clock', () => {
    const world = makeWorld(1);
    const machine = world.machine('m');
    const hosts: Host[] = [];
    const fired: number[] = [];
    const process = world.process('p', (given) => {
      hosts.push(given);
      const tick = (): void => { fired.push(world.kernel.now); given.setTimer(ms(1000), tick); };
      given.setTimer(ms(1000), tick);
    });
    process.machine.driftClock(100_000);
    process.start();
    world.run(2);
    expect(must(hosts[0]).monotonicMicros()).toBe(2_200_000);
    expect(Math.floor(must(fired[0]) / 1000)).toBe(909);
    const wall = must(hosts[0]).wallMs();
    process.machine.jumpClock(-60_000_000);
    expect(must(hosts[0]).wallMs()).toBe(wall - 60_000);
    expect(must(hosts[0]).monotonicMicros()).toBe(2_200_000);
    process.machine.driftClock(0);
    world.run(1);
    expect(must(hosts[0]).monotonicMicros()).toBe(3_200_000);
    expect(machine.clock.wallMicros(world.kernel.now)).toBe(world.kernel.startMicros + 3_000_000);
  });
});

describe('children', () => {
  const pieces = function* (count: number, size: number): Iterator<Bytes, void> {
    for (let index = 0; index < count; index++) yield bytes(String.fromCharCode(97 + (index % 26)).repeat(size));
  };

  it('write a file in slices, sync and rename it', () => {
    const results: ChildResult[] = [];
    const { world, process } = program((host) => {
      const target = { kind: 'file', temporaryPath: bytes('temp.rdb'), path: bytes('dump.rdb') } as const;
      host.startChild(pieces(100, 10_000), target, (result) => results.push(result));
    });
    world.run(0.003);
    expect(process.directory.exists(bytes('temp.rdb'))).toBe(true);
    expect(process.directory.exists(bytes('dump.rdb'))).toBe(false);
    world.run(1);
    expect(results).toEqual([{ ok: true }]);
    expect(process.directory.list(bytes(''))).toEqual(['dump.rdb']);
    process.machine.power();
    expect(must(process.directory.find(bytes('dump.rdb'))).size).toBe(1_000_000);
  });

  it('fail when killed, or when the disk is full, and vanish with their process', () => {
    const results: ChildResult[] = [];
    const target = { kind: 'file', temporaryPath: bytes('t'), path: bytes('d') } as const;
    const { world, process } = program((host) => {
      const child = host.startChild(pieces(1000, 10_000), target, (result) => results.push(result));
      host.setTimer(ms(10), () => child.kill());
      host.setTimer(ms(500), () => {
        process.machine.disk.isFull = true;
        host.startChild(pieces(10, 10), target, (result) => results.push(result));
      });
      host.setTimer(ms(900), () => {
        process.machine.disk.isFull = false;
        host.startChild(pieces(1000, 10_000), target, (result) => results.push(result));
      });
    });
    world.run(0.91);
    expect(results).toEqual([{ ok: false, reason: 'killed' }, { ok: false, reason: 'full' }]);
    process.kill();
    world.run(5);
    expect(results).toHaveLength(2);
    expect(process.directory.exists(bytes('d'))).toBe(false);
  });

  it('feed a pipe no faster than the parent reads, and stop while paused', () => {
    const got: Bytes[] = [];
    const children: Child[] = [];
    const results: ChildResult[] = [];
    const { world, process } = program((host) => {
      children.push(host.startChild(pieces(100, 10_000), { kind: 'pipe', onChunk: (chunk) => got.push(chunk) },
        (result) => results.push(result)));
    });
    world.run(0.002);
    must(children[0]).pause();
    const count = got.length;
    world.run(1);
    expect(got.length - count).toBeLessThanOrEqual(1);
    must(children[0]).resume();
    process.pause();
    world.run(1);
    expect(results).toEqual([]);
    process.resume();
    world.run(1);
    expect(results).toEqual([{ ok: true }]);
    expect(got.join('').length).toBe(1_000_000);
    expect(Math.max(...got.map((chunk) => chunk.length))).toBeLessThan(CHILD_SLICE_BYTES_MAX + 10_000);
  });
});

describe('identity', () => {
  it('entropy and pids depend on the seed and the process alone', () => {
    const draw = (seed: number, isAccompanied: boolean): { entropy: Bytes; pid: number } => {
      const world = makeWorld(seed);
      let entropy = bytes('');
      let pid = 0;
      const process = world.process('p', (host) => { entropy = host.entropy(20); pid = host.pid; });
      if (isAccompanied) world.process('q', (host) => { host.entropy(100); }).start();
      process.start();
      world.run(0.1);
      return { entropy, pid };
    };
    expect(draw(1, true)).toEqual(draw(1, false));
    expect(draw(2, false).entropy).not.toBe(draw(1, false).entropy);
  });
});
