/** The page's hold on the worker: one question, one promise. */
import type { Answer, QuestionName, Questions } from './messages.ts';
import { startWorker } from './startWorker.ts';

interface Waiting {
  resolve(answer: Questions[QuestionName]['answer']): void;
  reject(error: Error): void;
  readonly onProgress: ((virtualMs: number) => void) | undefined;
}

export class TheatreClient {
  private readonly worker: Worker;
  private readonly waiting: Map<number, Waiting> = new Map();
  private questions = 0;

  constructor() {
    this.worker = startWorker();
    this.worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => this.hear(data));
    this.worker.addEventListener('error', (event) => {
      for (const { reject } of this.waiting.values()) reject(new Error(event.message));
      this.waiting.clear();
    });
  }

  /** Rejects with what the worker says went wrong. */
  ask<Name extends QuestionName>(
    name: Name, ask: Questions[Name]['ask'], onProgress?: (virtualMs: number) => void,
  ): Promise<Questions[Name]['answer']> {
    const id = ++this.questions;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as Waiting['resolve'], reject, onProgress });
      this.worker.postMessage({ id, name, ask });
    });
  }

  private hear(answer: Answer): void {
    const waiting = this.waiting.get(answer.id);
    if (waiting === undefined) return;
    if (answer.kind === 'progress') {
      waiting.onProgress?.(answer.virtualMs);
      return;
    }
    this.waiting.delete(answer.id);
    if (answer.kind === 'answer') waiting.resolve(answer.answer);
    else waiting.reject(new Error(answer.message));
  }
}
