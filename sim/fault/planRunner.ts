/**
 * Strikes the entries of a plan: at their time, or at the n-th note that matches their pattern. Keeps what each did, ends faults
 * when their time is over, and ends those of the environment when settling begins.
 */
import { type Micros, type Note, ScenarioError, micros } from '../../engine/index.ts';
import type { SimProcess } from '../node/simProcess.ts';
import type { StrikeReport } from '../report.ts';
import type { EventPattern, PlanEntry } from '../scenario.ts';
import { KIND } from '../time/kinds.ts';
import { Later } from '../time/simEvent.ts';
import type { Hindrance } from './hindrances.ts';
import { HEAL, type KindRow, findKind } from './kinds.ts';
import { checkTarget } from './target.ts';
import type { WorldParts } from './worldParts.ts';

const MICROS_PER_MS = 1000;
/** Kinds that `heal` ends. */
const HEALED: readonly string[] = ['partition', 'clog', 'lossy', 'bandwidth'];

/** One entry and what became of it. */
class PlanStep {
  readonly entry: PlanEntry;
  readonly ordinal: number;
  readonly row: KindRow;
  /** How many matching notes are still to come; 0: no pattern. */
  awaited: number;
  atMicros: Micros | null = null;
  resolved: string | null = null;
  outcome = 'its time never came';
  undo: (() => void) | null = null;
  hindrance: Hindrance | null = null;

  constructor(entry: PlanEntry, ordinal: number) {
    const row = findKind(entry.do);
    if (row === undefined) throw new ScenarioError(`plan[${ordinal}].do: no fault or action is called '${entry.do}'`);
    if (row.needsTarget && entry.target === undefined) {
      throw new ScenarioError(`plan[${ordinal}].target: '${entry.do}' needs a target`);
    }
    for (const name of row.parameters) {
      if (entry.with?.[name] === undefined) throw new ScenarioError(`plan[${ordinal}].with.${name}: missing`);
    }
    row.check?.(entry);
    this.entry = entry;
    this.ordinal = ordinal;
    this.row = row;
    this.awaited = 'after' in entry.when ? entry.when.nth ?? 1 : 0;
  }
}

export class PlanRunner {
  private readonly parts: WorldParts;
  private readonly steps: readonly PlanStep[];
  private waiting: PlanStep[];

  /** Throws `ScenarioError` for an entry that cannot be. */
  constructor(parts: WorldParts, plan: readonly PlanEntry[]) {
    this.parts = parts;
    this.steps = plan.map((entry, ordinal) => new PlanStep(entry, ordinal));
    // Other names may come into the world by then; a slot that does not exist never will.
    for (const { entry } of this.steps) for (const target of targetsOf(entry)) checkTarget(parts, target);
    this.waiting = this.steps.filter((step) => step.awaited > 0);
    for (const step of this.steps) {
      const { when } = step.entry;
      if ('atMs' in when) this.schedule(step, micros(Math.floor(when.atMs * MICROS_PER_MS)));
      else if ('atMicros' in when) this.schedule(step, micros(when.atMicros));
    }
  }

  /** A note of some process: entries may wait for it. */
  note(process: SimProcess, note: Note): void {
    if (this.waiting.length === 0) return;
    for (const step of this.waiting) {
      const { when } = step.entry;
      if (!('after' in when) || !matches(when.after, process, note)) continue;
      step.awaited--;
      if (step.awaited === 0) {
        this.schedule(step, micros(this.parts.kernel.now + Math.floor((when.delayMs ?? 0) * MICROS_PER_MS)));
      }
    }
    this.waiting = this.waiting.filter((step) => step.awaited > 0);
  }

  /** Settling: the environment's faults end; what no human would mend stays. */
  settle(): void {
    this.waiting = [];
    for (const step of this.steps) if (step.row.isFault) this.end(step);
  }

  reports(): StrikeReport[] {
    return this.steps.map((step) => ({
      entry: step.entry, atMs: step.atMicros === null ? null : step.atMicros / MICROS_PER_MS, resolved: step.resolved,
      outcome: step.outcome,
    }));
  }

  private strike(step: PlanStep): void {
    const { kernel } = this.parts;
    step.atMicros = kernel.now;
    const made = step.row.strike(this.parts, step.entry, (outcome) => {
      step.outcome = outcome;
    });
    const kind = step.row.isFault ? KIND.fault : KIND.action;
    const event = kernel.observe(kind, 0, step.ordinal, made === null ? 0 : 1, kernel.tracing
      ? { do: step.entry.do, target: step.entry.target ?? null, resolved: made?.resolved ?? null } : null);
    if (made === null) {
      step.outcome = 'not exercised: the target was nobody';
      return;
    }
    step.resolved = made.resolved;
    step.outcome = made.outcome;
    step.undo = made.undo ?? null;
    if (made.reach !== undefined) {
      step.hindrance = this.parts.hindrances.add(
        event, kernel.now, `${step.entry.do}: ${made.resolved}`, made.reach, made.undo !== undefined);
    }
    if (step.row.name === HEAL) for (const other of this.steps) if (HEALED.includes(other.entry.do)) this.end(other);
    if (step.entry.forMs !== undefined && step.undo !== null) {
      const undoing = new Later(KIND.plan, 0, step.ordinal, 1, () => this.end(step));
      kernel.schedule(undoing, micros(kernel.now + Math.floor(step.entry.forMs * MICROS_PER_MS)));
    }
  }

  private end(step: PlanStep): void {
    const { undo } = step;
    if (undo === null) return;
    step.undo = null;
    const { kernel } = this.parts;
    const event = kernel.observe(KIND.fault, 0, step.ordinal, 2, kernel.tracing ? { do: step.entry.do, ends: true } : null);
    if (step.hindrance !== null) this.parts.hindrances.end(step.hindrance, event, kernel.now);
    undo();
  }

  private schedule(step: PlanStep, at: Micros): void {
    const striking = new Later(KIND.plan, 0, step.ordinal, 0, () => this.strike(step));
    this.parts.kernel.schedulePlan(striking, at, step.ordinal);
  }
}

/** All texts of an entry that may be targets. */
const targetsOf = ({ target, with: parameters = {} }: PlanEntry): readonly string[] => [
  ...(target === undefined ? [] : [target]),
  ...Object.values(parameters).flat(2).filter((value) => typeof value === 'string'),
];

const matches = (pattern: EventPattern, process: SimProcess, note: Note): boolean => {
  if (pattern.kind !== `note.${note.kind}`) return false;
  if (pattern.node !== undefined && pattern.node !== process.name) return false;
  const fields = note as unknown as Readonly<Record<string, unknown>>;
  for (const [name, value] of Object.entries(pattern.fields ?? {})) if (String(fields[name]) !== value) return false;
  return true;
};
