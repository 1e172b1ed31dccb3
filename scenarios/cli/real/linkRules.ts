/**
 * What the switch does with frames from one machine to another: nothing, or what the faults that stand now make of it.
 *
 * Faults overlap as in the virtual world: every partition that cuts a direction counts once, delays and losses add up, and
 * of several bandwidths the narrowest counts.
 */

/** What a fault does to one direction. */
export interface LinkEffect {
  readonly isCut?: boolean;
  readonly delayMs?: number;
  readonly lossPercent?: number;
  readonly bytesPerSecond?: number;
}

/** What stands on one direction now. */
export interface LinkState {
  readonly isCut: boolean;
  readonly delayMs: number;
  readonly lossPercent: number;
  /** Null: as wide as the machine makes it. */
  readonly bytesPerSecond: number | null;
}

const CLEAR: LinkState = Object.freeze({ isCut: false, delayMs: 0, lossPercent: 0, bytesPerSecond: null });
const PERCENT_MAX = 100;

export class LinkRules {
  private readonly effects: Map<string, LinkEffect[]> = new Map();
  private readonly states: Map<string, LinkState> = new Map();
  /** Machines without power. */
  private readonly silent: Set<string> = new Set();

  /** Puts an effect on every direction from one of `from` to one of `to`; the answer takes it back, once. */
  add(from: readonly string[], to: readonly string[], effect: LinkEffect): () => void {
    const keys = from.flatMap((left) => to.filter((right) => right !== left).map((right) => keyOf(left, right)));
    for (const key of keys) this.set(key, [...this.effects.get(key) ?? [], effect]);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      for (const key of keys) this.set(key, without(this.effects.get(key) ?? [], effect));
    };
  }

  /** Nothing leaves or reaches the machine until `speak`. */
  silence(machine: string): void {
    this.silent.add(machine);
  }

  speak(machine: string): void {
    this.silent.delete(machine);
  }

  isSilent(machine: string): boolean {
    return this.silent.has(machine);
  }

  /** Null: a machine at either end has no power. */
  between(from: string, to: string): LinkState | null {
    if (this.silent.has(from) || this.silent.has(to)) return null;
    return this.states.get(keyOf(from, to)) ?? CLEAR;
  }

  private set(key: string, effects: LinkEffect[]): void {
    if (effects.length === 0) {
      this.effects.delete(key);
      this.states.delete(key);
      return;
    }
    this.effects.set(key, effects);
    const sum = (value: (effect: LinkEffect) => number | undefined): number =>
      effects.reduce((total, effect) => total + (value(effect) ?? 0), 0);
    this.states.set(key, {
      isCut: effects.some(({ isCut }) => isCut === true), delayMs: sum(({ delayMs }) => delayMs),
      lossPercent: Math.min(PERCENT_MAX, sum(({ lossPercent }) => lossPercent)), bytesPerSecond: narrowest(effects),
    });
  }
}

const narrowest = (effects: readonly LinkEffect[]): number | null => {
  const widths = effects.flatMap(({ bytesPerSecond }) => bytesPerSecond ?? []);
  return widths.length === 0 ? null : Math.min(...widths);
};

const keyOf = (from: string, to: string): string => `${from}\u0000${to}`;

/** The list without the first such effect: two equal faults are two. */
const without = (effects: readonly LinkEffect[], effect: LinkEffect): LinkEffect[] => {
  const place = effects.indexOf(effect);
  return effects.filter((_, index) => index !== place);
};
