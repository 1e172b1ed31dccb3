/** Scripts of the operator's, as child processes with our environment and no shell. Their output goes where ours goes. */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { constants as systemConstants } from 'node:os';
import type { Bytes } from '../core/bytes.ts';
import type { RunningScript, ScriptResult, Scripts } from '../host.ts';
import type { Turn } from './turn.ts';

/** How a shell says that it could not execute a program. */
const NOT_EXECUTED = 2;

export class NodeScripts implements Scripts {
  private readonly turn: Turn;

  constructor(turn: Turn) {
    this.turn = turn;
  }

  isExecutable(path: Bytes): boolean {
    try {
      accessSync(Buffer.from(path, 'latin1'), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  }

  run(path: Bytes, args: readonly Bytes[], done: (result: ScriptResult) => void): RunningScript | null {
    const text = (word: Bytes): string => Buffer.from(word, 'latin1').toString();
    const child = spawn(text(path), args.map(text), { stdio: ['ignore', 'inherit', 'inherit'] });
    let isOver = false;
    const end = (result: ScriptResult): void => {
      if (isOver) return;
      isOver = true;
      this.turn.arm();
      done(result);
    };
    child.on('error', () => end({ exitStatus: NOT_EXECUTED, signal: 0 }));
    child.on('exit', (code, signal) => end({
      exitStatus: code ?? 0, signal: signal === null ? 0 : systemConstants.signals[signal],
    }));
    return { pid: child.pid ?? 0, kill: () => child.kill('SIGKILL') };
  }
}
