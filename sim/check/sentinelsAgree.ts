/**
 * Liveness: in the end all living sentinels hold the same address to be that of a name's primary: that of the newest
 * configuration which any of them has. Sentinels that were cut off, stopped or started so shortly before the end that the
 * news need not have reached them are not judged.
 */
import type { Bytes, Note } from '../../engine/index.ts';
import type { Check, CheckResult, FinalState } from './check.ts';
import { type SentinelView, believedPrimary, watchedNames } from './sentinelView.ts';

/**
 * What a sentinel may take to hear the news: 15 s until it makes a dead connection anew, a second to be allowed to, a hello
 * every 2 s, and as much again for the other side.
 */
export const NEWS_MS_MAX = 40_000;
const MICROS_PER_MS = 1000;

export class SentinelsAgree implements Check {
  readonly name = 'sentinels-agree';
  readonly isSafety = false;
  private readonly now: () => number;
  private readonly lastHindered: (view: SentinelView) => number | null;
  /** When each was first heard of since its present start. */
  private readonly upSince: Map<SentinelView, { readonly start: number; readonly at: number }> = new Map();

  /** `lastHindered`: when something last stood in a sentinel's way, in virtual microseconds; null: nothing ever did. */
  constructor(now: () => number, lastHindered: (view: SentinelView) => number | null) {
    this.now = now;
    this.lastHindered = lastHindered;
  }

  sentinelNote(view: SentinelView, _note: Note): void {
    const { starts } = view.process;
    if (this.upSince.get(view)?.start !== starts) this.upSince.set(view, { start: starts, at: this.now() });
  }

  finish({ sentinels, now }: FinalState): CheckResult {
    const living = sentinels.filter((view) => view.isAlive);
    const judged = living.filter((view) => this.hadTime(view, now));
    if (judged.length < 2) {
      return { verdict: 'not exercised', detail: `${judged.length} sentinels lived unhindered for the last ${NEWS_MS_MAX} ms`, comparisons: 0 };
    }
    const names = watchedNames(judged);
    const problems = names.flatMap((name) => this.disagreement(name, living, judged));
    if (problems.length > 0) return { verdict: 'violated', detail: problems.join('; ') };
    if (names.length === 0) return { verdict: 'not exercised', detail: 'nothing is watched', comparisons: 0 };
    const left = living.filter((view) => !judged.includes(view)).map((view) => view.name);
    const primaries = names.map((name) => `${name} is ${believedPrimary(living, name) ?? 'nowhere'}`).join(', ');
    return {
      verdict: 'holds',
      comparisons: judged.length,
      detail: `${judged.length} sentinels agree that ${primaries}${left.length === 0 ? '' : `; not judged: ${left.join(', ')}`}`,
    };
  }

  private hadTime(view: SentinelView, now: number): boolean {
    const since = Math.max(this.upSince.get(view)?.at ?? now, this.lastHindered(view) ?? 0);
    return view.process.state === 'running' && now - since >= NEWS_MS_MAX * MICROS_PER_MS;
  }

  private disagreement(name: Bytes, living: readonly SentinelView[], judged: readonly SentinelView[]): string[] {
    const right = believedPrimary(living, name);
    return judged.flatMap((view) => {
      const watched = view.watched.get(name);
      if (watched === undefined || watched.primary === right) return [];
      return [`${view.name} holds ${watched.primary ?? 'nobody'} (epoch ${watched.configEpoch}) to be the primary of ${name}, not ${right ?? 'nobody'}`];
    });
  }
}
