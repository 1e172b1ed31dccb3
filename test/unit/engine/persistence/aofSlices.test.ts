/** An append-only file is loaded in slices, between which a server answers LOADING: whether annotations stand between the commands or not. */
import { expect, test } from 'vitest';
import { type Bytes, bytes, parseConfigText, startServer } from '../../../../engine/index.ts';
import { encodeCommand } from '../../../../engine/protocol/encode.ts';
import { SimProcess } from '../../../../sim/node/simProcess.ts';
import type { TraceRecord } from '../../../../sim/trace/traceEvent.ts';
import { makeWorld } from '../../sim/echo.ts';

const COMMANDS = 5000;
const SET = encodeCommand(['SET', 'k', 'v'] as unknown as readonly Bytes[]);

/** How often others had their turn before all was loaded. */
const slicesOf = (line: string): number => {
  const world = makeWorld(1);
  let timers = 0;
  let slices: number | null = null;
  world.kernel.attach({ record: ({ kind, detail }: TraceRecord) => {
    if (kind === 'timer') timers++;
    if (String(detail?.['message']).startsWith('DB loaded from append only file')) slices ??= timers;
  } });
  const process = new SimProcess(world.machine('machine'), {
    name: 'server', notes: { note: () => undefined },
    program: (host) => startServer(host, parseConfigText(bytes('appendonly yes\nsave ""\n'), 'test'), { keepsDigest: true }),
  });
  process.directory.makeDirectory(bytes('appendonlydir'));
  const write = (name: string, text: string): void => process.directory.open(bytes(`appendonlydir/${name}`), true).append(bytes(text));
  write('appendonly.aof.manifest', 'file incr.aof seq 1 type i\n');
  write('incr.aof', line.repeat(COMMANDS));
  process.start();
  world.run(1);
  if (slices === null) throw new Error('nothing was loaded');
  return slices;
};

test.each([['commands alone', SET], ['an annotation before each', `#TS:1700000000\r\n${SET}`], ['one behind each', `${SET}#TS:1700000000\r\n`]])(
  '%s: a slice for each thousand', (_what, line) => {
    // Not counting the turn in which it begins.
    expect(slicesOf(line)).toBeGreaterThanOrEqual(Math.floor(COMMANDS / 1024));
  });
