/** The page's hold on the worker: one question, one promise. */
import type { Answer, LongName, QuestionName, Questions, Said } from './messages.ts';
import { startWorker } from './startWorker.ts';
import { text } from './texts/text.ts';

interface Waiting {
  resolve(answer: Questions[QuestionName]['answer']): void;
  reject(error: Error): void;
  readonly onProgress: ((virtualMs: number) => void) | undefined;
  readonly isRun: boolean;
}

/** The person did not want the run any more. */
export class StoppedError extends Error {}

const LONG: ReadonlySet<QuestionName> = new Set<LongName>(['open', 'openText', 'fork']);

export class TheatreClient {
  private readonly worker: Worker;
  private readonly waiting: Map<number, Waiting> = new Map();
  private questions = 0;
  /** Hears when the first run begins to be made, and when the last one is. */
  onRunning: (isRunning: boolean) => void = () => undefined;

  constructor() {
    this.worker = startWorker();
    this.worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => this.hear(data));
    this.worker.addEventListener('error', (event) => {
      for (const { reject } of this.waiting.values()) reject(new Error(event.message));
      this.waiting.clear();
      this.onRunning(false);
    });
  }

  /** Rejects with what the worker says went wrong. */
  ask<Name extends QuestionName>(
    name: Name, ask: Questions[Name]['ask'], onProgress?: (virtualMs: number) => void,
  ): Promise<Questions[Name]['answer']> {
    const id = ++this.questions;
    return new Promise((resolve, reject) => {
      const isRun = LONG.has(name);
      const isFirst = isRun && !this.isRunning;
      this.waiting.set(id, { resolve: resolve as Waiting['resolve'], reject, onProgress, isRun });
      if (isFirst) this.onRunning(true);
      this.worker.postMessage({ id, name, ask });
    });
  }

  /** Whoever waits for a run hears that it was stopped; what is shown stays as it is. */
  stop(): void {
    this.worker.postMessage({ name: 'stop' } satisfies Said);
  }

  private get isRunning(): boolean {
    return [...this.waiting.values()].some(({ isRun }) => isRun);
  }

  private hear(answer: Answer): void {
    const waiting = this.waiting.get(answer.id);
    if (waiting === undefined) return;
    if (answer.kind === 'progress') {
      waiting.onProgress?.(answer.virtualMs);
      return;
    }
    this.waiting.delete(answer.id);
    if (waiting.isRun && !this.isRunning) this.onRunning(false);
    if (answer.kind === 'answer') waiting.resolve(answer.answer);
    else waiting.reject(answer.kind === 'stopped' ? new StoppedError(text('page.stopped')) : new Error(answer.message));
  }
}
