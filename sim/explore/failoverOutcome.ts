/**
 * One failover, watched from the fault to its outcome: was the primary found objectively down, was a leader elected, when did
 * the switch come. The run ends there, not at the scenario's end: a table of thousands of such runs cannot wait.
 *
 * A run ends at the switch, after so many tries, or when nobody began to try in time. A try is a round of `+try-failover`: with a
 * split vote several sentinels try in one round.
 */
import { type Note, SENTINEL_EVENT, ScenarioError, micros } from '../../engine/index.ts';
import { NOBODY_SERVES } from '../check/serving.ts';
import { NO_ENGINE_BUGS } from '../node/serverProgram.ts';
import type { ResolvedScenario } from '../scenario.ts';
import { World } from '../world.ts';

export interface FailoverOutcome {
  /** A sentinel held the primary to be objectively down. */
  readonly odown: boolean;
  /** A sentinel was elected. */
  readonly authorised: boolean;
  /** From the fault until the first sentinel's switch; null: that did not happen. */
  readonly failoverMs: number | null;
  readonly tries: number;
  /** Safety checks of Sentinel that were violated. */
  readonly violated: readonly string[];
}

export interface FailoverQuestion {
  /** Its plan strikes at `strikeMs` and not before. */
  readonly scenario: ResolvedScenario;
  readonly strikeMs: number;
  readonly triesMax: number;
}

/** ODOWN comes within down-after and a few asks; who has not begun by then will not. */
const NO_TRY_MS = 15_000;
/** A round is over when its election has timed out. */
const ROUND_MS = 12_000;
const STEP_MS = 100;
const MICROS_PER_MS = 1000;

/** Throws `ScenarioError` when some sentinel does not know all others and a replica by the time of the fault. */
export const observeFailover = ({ scenario, strikeMs, triesMax }: FailoverQuestion, seed: number): FailoverOutcome => {
  const world = new World(scenario, seed, NO_ENGINE_BUGS, null);
  const { kernel, watch } = world;
  const observed = new Observed(() => kernel.now / MICROS_PER_MS, strikeMs, triesMax);
  watch.listen((_, note) => observed.note(note));
  world.start();
  kernel.runUntil(micros(strikeMs * MICROS_PER_MS));
  observed.checkPremises(world.sentinels.length);
  kernel.runUntil(micros(kernel.now + 1));
  const someLive = world.sentinels.some((view) => view.isAlive);
  if (someLive) while (!observed.isOver()) kernel.runUntil(micros(kernel.now + STEP_MS * MICROS_PER_MS));
  const state = {
    tree: world.tree, views: world.views, sentinels: world.sentinels, clusterNodes: [], settledFrom: kernel.now,
    serving: NOBODY_SERVES, now: kernel.now,
  };
  return {
    odown: observed.odown, authorised: observed.authorised, failoverMs: observed.failoverMs, tries: observed.tries,
    violated: watch.checks.filter((check) => check.isSafety && check.finish(state).verdict === 'violated').map(({ name }) => name),
  };
};

class Observed {
  odown = false;
  authorised = false;
  failoverMs: number | null = null;
  tries = 0;
  private lastTryMs = 0;
  /** Meetings of sentinels, and replicas that they have learnt of. */
  private met = 0;
  private replicas = 0;
  private readonly nowMs: () => number;
  private readonly strikeMs: number;
  private readonly triesMax: number;

  constructor(nowMs: () => number, strikeMs: number, triesMax: number) {
    this.nowMs = nowMs;
    this.strikeMs = strikeMs;
    this.triesMax = triesMax;
  }

  note(note: Note): void {
    if (note.kind === 'odown') this.odown = true;
    else if (note.kind === 'leader') this.authorised = true;
    else if (note.kind === 'sentinel') this.event(note.event);
  }

  checkPremises(sentinels: number): void {
    const others = sentinels * (sentinels - 1);
    if (this.met >= others && this.replicas >= sentinels) return;
    throw new ScenarioError(`the fault strikes before everybody knows everybody: ${this.met} of ${others} meetings of sentinels, `
      + `${this.replicas} replicas known to ${sentinels} sentinels`);
  }

  isOver(): boolean {
    if (this.failoverMs !== null) return true;
    const nowMs = this.nowMs();
    if (this.tries === 0) return nowMs - this.strikeMs > NO_TRY_MS;
    return this.tries >= this.triesMax && nowMs - this.lastTryMs > ROUND_MS;
  }

  private event(event: string): void {
    if (event === SENTINEL_EVENT.sentinel) this.met++;
    else if (event === SENTINEL_EVENT.replica) this.replicas++;
    else if (event === SENTINEL_EVENT.switchPrimary) this.failoverMs ??= Math.ceil(this.nowMs() - this.strikeMs);
    else if (event === SENTINEL_EVENT.tryFailover && (this.tries === 0 || this.nowMs() - this.lastTryMs > ROUND_MS)) {
      this.tries++;
      this.lastTryMs = this.nowMs();
    }
  }
}
