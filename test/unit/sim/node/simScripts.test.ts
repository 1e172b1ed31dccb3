/** Scripts of the operator's: in the trace, ending well after their time, or by the signal that killed them. */
import { expect, test } from 'vitest';
import { type Host, type RunningScript, type ScriptResult, bytes, micros } from '../../../../engine/index.ts';
import { Network } from '../../../../sim/net/network.ts';
import { Machine } from '../../../../sim/node/machine.ts';
import { SimProcess } from '../../../../sim/node/simProcess.ts';
import { SCRIPT_MS } from '../../../../sim/node/simScripts.ts';
import { Kernel } from '../../../../sim/time/kernel.ts';
import type { TraceRecord } from '../../../../sim/trace/traceEvent.ts';

/** Runs one script in a process of its own; `act` is called a millisecond later. */
const scripted = (act: (process: SimProcess, script: RunningScript) => void): { ended: [number, ScriptResult][]; trace: TraceRecord[] } => {
  const kernel = new Kernel(1);
  const ended: [number, ScriptResult][] = [];
  const trace: TraceRecord[] = [];
  kernel.attach({ record: (record) => void trace.push(record) });
  const machine = new Machine(kernel, new Network(kernel), { name: 'm', zone: 'a', address: bytes('10.0.0.1') });
  let script: RunningScript | null = null;
  const program = ({ scripts }: Host): void => {
    expect(scripts.isExecutable(bytes('/no/such'))).toBe(true);
    script = scripts.run(bytes('/etc/notify.sh'), [bytes('+sdown'), bytes('it')], (result) => ended.push([kernel.now, result]));
  };
  const process = new SimProcess(machine, { name: 'p', program });
  process.start();
  kernel.runUntil(micros(1000));
  act(process, script as unknown as RunningScript);
  kernel.runUntil(micros(1_000_000));
  return { ended, trace };
};

test('it ends with status 0 after its time, and its start is in the trace', () => {
  const { ended, trace } = scripted(() => {});
  expect(ended).toHaveLength(1);
  expect(ended[0]?.[1]).toEqual({ exitStatus: 0, signal: 0 });
  expect(Math.floor((ended[0]?.[0] ?? 0) / 1000)).toBe(SCRIPT_MS);
  expect(trace.find((record) => record.kind === 'script')).toMatchObject({
    node: 'p', detail: { path: '/etc/notify.sh', arguments: ['+sdown', 'it'], pid: expect.any(Number) } });
});

test('killed, it ends at once by the signal, and once only', () => {
  const { ended } = scripted((_, script) => {
    script.kill();
    script.kill();
  });
  expect(ended).toEqual([[1000, { exitStatus: 0, signal: 9 }]]);
});

test('nobody hears of its end in a process that is dead', () => {
  expect(scripted((process) => process.kill()).ended).toEqual([]);
});
