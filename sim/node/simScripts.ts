/**
 * The operator's scripts in the virtual world: nothing of them runs. Each start stands in the trace with its path and its
 * arguments, takes a fixed time beside its process, and ends well; a killed one ends by that signal.
 */
import type { Bytes } from '../../engine/core/bytes.ts';
import { hashText } from '../../engine/core/hash.ts';
import { micros } from '../../engine/core/units.ts';
import type { RunningScript, ScriptResult, Scripts } from '../../engine/host.ts';
import { KIND } from '../time/kinds.ts';
import { Callback, type Running } from './running.ts';

/** How long a script takes. */
export const SCRIPT_MS = 20;
const MICROS_PER_MS = 1000;
const SIGKILL = 9;

export class SimScripts implements Scripts {
  private readonly running: Running;

  constructor(running: Running) {
    this.running = running;
  }

  /** A topology names scripts of images that are not here: all are taken to be there. */
  isExecutable(_path: Bytes): boolean {
    return true;
  }

  run(path: Bytes, args: readonly Bytes[], done: (result: ScriptResult) => void): RunningScript | null {
    const { running } = this;
    const { kernel } = running;
    if (!running.isAlive) return null;
    const pid = running.machine.newPid();
    kernel.observe(KIND.script, running.node, pid, hashText([path, ...args].join(' ')), kernel.tracing
      ? { path, arguments: args, pid } : null);
    const end = (result: ScriptResult, afterMicros: number): Callback => {
      const callback = new Callback(KIND.childDone, running, pid, () => done(result));
      kernel.schedule(callback, micros(running.currentMicros() + afterMicros));
      return callback;
    };
    let ending: Callback | null = end({ exitStatus: 0, signal: 0 }, SCRIPT_MS * MICROS_PER_MS);
    return {
      pid,
      kill: (): void => {
        if (ending === null || !running.isAlive || !kernel.cancel(ending)) return;
        ending = null;
        end({ exitStatus: 0, signal: SIGKILL }, 0);
      },
    };
  }
}
