/** A connection under random cuts, losses, delays and pauses: what arrives is always a prefix of what was written. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bytes } from '../../engine/core/bytes.ts';
import { ms } from '../../engine/core/units.ts';
import type { Connection } from '../../engine/host.ts';
import type { Partition } from '../../sim/net/partition.ts';
import { makeWorld, PORT } from '../unit/sim/echo.ts';

const step = fc.record({
  act: fc.constantFrom('write', 'big', 'cut', 'oneWay', 'heal', 'pause', 'resume', 'wait', 'lossy'),
  waitMs: fc.nat(900),
});

it('keeps order and bytes, and delivers everything once all faults end', () => {
  fc.assert(fc.property(fc.nat(1_000_000), fc.array(step, { maxLength: 40, size: 'max' }), (seed, steps) => {
    const world = makeWorld(seed);
    let received = '';
    let written = '';
    let toWrite = '';
    let connection: Connection | null = null;
    const server = world.process('server', (host) => {
      host.listen(bytes(''), PORT, () => ({
        onData: (chunk) => { received += chunk; }, onWritable: () => undefined, onClose: () => undefined,
      }), () => undefined);
    });
    const client = world.process('client', (host) => {
      const tick = (): void => {
        host.setTimer(ms(20), tick);
        if (connection === null || toWrite === '') return;
        connection.write(bytes(toWrite));
        written += toWrite;
        toWrite = '';
      };
      tick();
      host.connect(server.machine.address, PORT, { keepAliveMs: ms(0), bind: null }, {
        onData: () => undefined, onWritable: () => undefined, onClose: () => undefined,
      }, (result) => { if (typeof result !== 'string') connection = result; });
    });
    server.start();
    world.run(0.01);
    client.start();
    world.run(0.05);
    const cuts: Partition[] = [];
    const undo: { undo(): void }[] = [];
    const [left, right] = [[server.machine.stack], [client.machine.stack]];
    for (const [index, { act, waitMs }] of steps.entries()) {
      if (act === 'write') toWrite += `${index},`;
      else if (act === 'big') toWrite += `${index}`.repeat(100_000);
      else if (act === 'cut') cuts.push(world.network.cut([left, right]));
      else if (act === 'oneWay') cuts.push(world.network.cutOneWay(index % 2 === 0 ? left : right, index % 2 === 0 ? right : left));
      else if (act === 'heal') cuts.shift()?.heal();
      else if (act === 'pause') server.pause();
      else if (act === 'resume') server.resume();
      else if (act === 'lossy') undo.push(world.network.changeLinks(right, left, { lossPerMillion: 200_000 }));
      world.run(waitMs / 1000);
      expect(written.startsWith(received)).toBe(true);
    }
    server.resume();
    for (const cut of cuts) cut.heal();
    for (const change of undo) change.undo();
    world.run(150);
    expect(received).toBe(written);
  }), { numRuns: 40 });
});
