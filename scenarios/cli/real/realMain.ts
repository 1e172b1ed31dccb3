/**
 * The process of one real run: it lives in the run's world namespace, gets its task from the process that started it and answers
 * with progress and the report. When that process goes, it clears the run away and ends.
 */
import { ConfigError, ScenarioError } from '../../../engine/core/errors.ts';
import { expandScenario } from '../../../sim/index.ts';
import type { ResolvedScenario } from '../../../sim/scenario.ts';
import { clearAway } from './clearAway.ts';
import type { RunNames } from './names.ts';
import type { Programs } from './programs.ts';
import { realRun } from './realRun.ts';
import type { RealReport } from './realReport.ts';
import type { NetworkKind } from './worldNetwork.ts';

export interface RealTask {
  readonly scenario: ResolvedScenario;
  readonly seed: number;
  readonly programs: Programs;
  readonly names: RunNames;
  readonly replay: string;
  readonly network: NetworkKind;
}

export type RealMessage =
  | { readonly kind: 'progress'; readonly ms: number }
  | { readonly kind: 'report'; readonly report: RealReport }
  /** `isOurs`: a fault of the program, not of what it was given. */
  | { readonly kind: 'failed'; readonly message: string; readonly isOurs: boolean };

const tell = (message: RealMessage): Promise<void> => new Promise((resolve) => {
  if (process.connected !== true || process.send === undefined) resolve();
  else process.send(message, () => resolve());
});

const work = async ({ scenario, seed, programs, names, replay, network }: RealTask): Promise<void> => {
  try {
    const report = await realRun({
      scenario: expandScenario(scenario, seed), seed, programs, names, replay, network, onProgress: (ms) => void tell({ kind: 'progress', ms }),
    });
    await tell({ kind: 'report', report });
  } catch (error) {
    const isOurs = !(error instanceof ConfigError || error instanceof ScenarioError);
    const message = error instanceof Error ? `${isOurs ? `${error.name}: ` : ''}${error.message}` : String(error);
    if (isOurs && process.env['FAULTLINE_DEBUG'] === '1' && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
    await tell({ kind: 'failed', message, isOurs });
  }
};

let names: RunNames | null = null;
let isOver = false;
let isAbandoned = false;

// The terminal's Ctrl-C reaches us too: who started us decides, and takes us away.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
process.on('disconnect', () => {
  if (isOver || names === null) process.exit(0);
  isAbandoned = true;
  void clearAway(names.id).finally(() => process.exit(0));
});
process.once('message', (task: RealTask) => {
  ({ names } = task);
  void work(task).finally(() => {
    // What was killed under the run while it is cleared away ends it too.
    if (isAbandoned) return;
    isOver = true;
    process.disconnect();
  });
});
