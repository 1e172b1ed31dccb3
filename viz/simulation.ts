/** The page's hold on the worker: one request, one promise. */
import type { RunAnswer, RunRequest, RunResult } from './messages.ts';

interface Waiting {
  readonly resolve: (result: RunResult) => void;
  readonly reject: (error: Error) => void;
}

export class Simulation {
  private readonly worker: Worker;
  private readonly waiting: Map<number, Waiting> = new Map();
  private requests = 0;

  constructor() {
    this.worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    this.worker.addEventListener('message', (event: MessageEvent<RunAnswer>) => this.settle(event.data));
    this.worker.addEventListener('error', (event) => {
      for (const { reject } of this.waiting.values()) reject(new Error(event.message));
      this.waiting.clear();
    });
  }

  run(scenario: string, seed: number): Promise<RunResult> {
    this.requests += 1;
    const request: RunRequest = { id: this.requests, scenario, seed };
    return new Promise((resolve, reject) => {
      this.waiting.set(request.id, { resolve, reject });
      this.worker.postMessage(request);
    });
  }

  private settle(answer: RunAnswer): void {
    const waiting = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    if (answer.ok) waiting?.resolve(answer.result);
    else waiting?.reject(new Error(answer.message));
  }
}
