/** What the page itself does for its tools: see `main.ts`. */
import type { RunView } from './model/theatre.ts';
import type { TimeMode } from './view/timeMap.ts';

export interface Page {
  show(run: RunView): void;
  openRecord(row: number): Promise<void>;
  /** A node is asked its own commands. */
  inspect(node: string, at: number): void;
  jumpToViolation(): void;
  say(message: string): void;
  /** How far a run has come, virtual ms. */
  running(virtualMs: number): void;
  mode(): TimeMode;
  setMode(mode: TimeMode): void;
  /** Whose owner the beliefs of a cluster are about. */
  slot(): number;
  setSlot(slot: number): void;
  /** What the form shows. */
  choose(scenario: string, seed: number): void;
}
