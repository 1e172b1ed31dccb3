/**
 * Strikes the entries of a plan on real processes: by the wall clock, or when a log tells of what the entry waits for. Keeps what
 * each did, and which could not be done.
 */
import { SENTINEL_EVENT, type StepNote } from '../../../engine/index.ts';
import type { StrikeReport } from '../../../sim/report.ts';
import type { EventPattern, PlanEntry } from '../../../sim/scenario.ts';
import { type LoggedLine, eventOf } from './eventLog.ts';
import { type RealStrike, endsWithSettling, isHealed, strike } from './realFaults.ts';
import type { RealWorld } from './realWorld.ts';

/** Nodes are asked who they are so long before an entry strikes. */
const LOOK_MS = 40;
const MICROS_PER_MS = 1000;
/** The kind of pattern that waits for a step of a redis-cli. */
const STEP = 'note.step';

/** An entry that this world could not do. */
export interface UndoneEntry {
  readonly entry: PlanEntry;
  readonly reason: string;
}

interface Step {
  readonly entry: PlanEntry;
  awaited: number;
  atMs: number | null;
  resolved: string | null;
  outcome: string;
  notDone: string | null;
  undo: (() => void) | null;
}

export class RealPlan {
  private readonly world: RealWorld;
  private readonly steps: readonly Step[];
  private readonly timers: Set<NodeJS.Timeout> = new Set();
  /** Strikes come one after the other, in the order of their times. */
  private last: Promise<void> = Promise.resolve();
  private isSettled = false;

  constructor(world: RealWorld) {
    this.world = world;
    this.steps = world.scenario.plan.map((entry) => ({
      entry, awaited: 'after' in entry.when ? entry.when.nth ?? 1 : 0, atMs: null, resolved: null, outcome: 'its time never came',
      notDone: null, undo: null,
    }));
  }

  start(): void {
    for (const step of this.steps) {
      const { when } = step.entry;
      if ('after' in when) {
        if (when.after.kind !== STEP && eventFor(when.after) === null) step.notDone = `no log tells of '${when.after.kind}'`;
      } else this.schedule(step, 'atMs' in when ? when.atMs : when.atMicros / MICROS_PER_MS);
    }
    this.world.heard = (line) => this.heard(line);
    this.world.stepped = (tool, note) => this.stepped(tool, note);
  }

  /** The environment's faults end. */
  settle(): void {
    this.isSettled = true;
    for (const timer of this.timers) clearTimeout(timer);
    for (const step of this.steps) if (endsWithSettling(step.entry)) end(step);
  }

  reports(): StrikeReport[] {
    return this.steps.map(({ entry, atMs, resolved, outcome, notDone }) =>
      ({ entry, atMs, resolved, outcome: notDone === null ? outcome : `not done: ${notDone}` }));
  }

  undone(): UndoneEntry[] {
    return this.steps.flatMap(({ entry, notDone }) => (notDone === null ? [] : [{ entry, reason: notDone }]));
  }

  private heard({ node, message }: LoggedLine): void {
    const event = eventOf(message);
    if (event !== null) this.happened(node, (after) => eventFor(after) === event);
  }

  /** A redis-cli of the plan tells its steps itself. */
  private stepped(tool: string, note: StepNote): void {
    const told: Readonly<Record<string, unknown>> = { ...note };
    this.happened(tool, ({ kind, fields }) => kind === STEP
      && Object.entries(fields ?? {}).every(([name, value]) => String(told[name]) === value));
  }

  private happened(node: string, isMeant: (pattern: EventPattern) => boolean): void {
    for (const step of this.steps) {
      const { when } = step.entry;
      if (step.awaited === 0 || !('after' in when)) continue;
      const { after, delayMs } = when;
      if (!isMeant(after) || (after.node !== undefined && after.node !== node)) continue;
      step.awaited--;
      if (step.awaited === 0) this.schedule(step, this.world.now() / MICROS_PER_MS + (delayMs ?? 0));
    }
  }

  private schedule(step: Step, atMs: number): void {
    const now = this.world.now() / MICROS_PER_MS;
    this.timer(Math.max(0, atMs - LOOK_MS - now), () => {
      this.last = this.last.then(() => this.prepareAndStrike(step, atMs)).catch((error: unknown) => this.world.fail(error));
    });
  }

  private async prepareAndStrike(step: Step, atMs: number): Promise<void> {
    await this.world.look();
    const wait = atMs - this.world.now() / MICROS_PER_MS;
    if (wait > 0) {
      await new Promise<void>((resolve) => {
        setTimeout(resolve, wait);
      });
    }
    if (!this.isSettled) this.strike(step);
  }

  private strike(step: Step): void {
    step.atMs = this.world.now() / MICROS_PER_MS;
    const result = strike(this.world.faultParts(), step.entry, (outcome) => {
      step.outcome = outcome;
    });
    if (result === 'nobody') step.outcome = 'not exercised: the target was nobody';
    else if ('notDone' in result) step.notDone = result.notDone;
    else this.struck(step, result);
  }

  private struck(step: Step, { resolved, outcome, undo }: RealStrike): void {
    step.resolved = resolved;
    // An operator's answer may have come before.
    if (step.outcome === 'its time never came') step.outcome = outcome;
    step.undo = undo ?? null;
    if (step.entry.do === 'heal') for (const other of this.steps) if (isHealed(other.entry)) end(other);
    if (step.entry.forMs !== undefined && undo !== undefined) this.timer(step.entry.forMs, () => end(step));
  }

  private timer(delayMs: number, call: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      call();
    }, delayMs);
    this.timers.add(timer);
  }
}

const end = (step: Step): void => {
  step.undo?.();
  step.undo = null;
};

/** The event of a log that stands for a note of the simulator's; null: none does. */
const eventFor = ({ kind, fields }: EventPattern): string | null => {
  switch (kind) {
    case 'note.leader': return SENTINEL_EVENT.electedLeader;
    case 'note.vote': return SENTINEL_EVENT.voteForLeader;
    case 'note.selected': return SENTINEL_EVENT.selectedReplica;
    case 'note.mark': return fields?.['name'] === 'failoverHandedOver' ? 'handed-over' : null;
    case 'note.sentinel': return fields?.['event'] ?? null;
    default: return null;
  }
};
