/**
 * CLIENT PAUSE and its uses inside (FAILOVER, shutdown): until when which requests wait. Wall-clock milliseconds.
 * Source: networking.c of Redis 7.0 (pauseClients, areClientsPaused).
 */

export type PauseScope = 'all' | 'write';
export type PauseReason = 'client' | 'failover' | 'shutdown';

export class Pause {
  private readonly reasons: Map<PauseReason, { readonly scope: PauseScope; readonly untilMs: number }> = new Map();

  /** Pauses for one reason; a longer time or wider scope that is already there stays. */
  start(reason: PauseReason, scope: PauseScope, untilMs: number): void {
    const known = this.reasons.get(reason);
    this.reasons.set(reason, {
      scope: known?.scope === 'all' ? 'all' : scope,
      untilMs: Math.max(untilMs, known?.untilMs ?? 0),
    });
  }

  end(reason: PauseReason): void {
    this.reasons.delete(reason);
  }

  /** Something is paused, or was until it was last asked. */
  get isActive(): boolean {
    return this.reasons.size > 0;
  }

  /** What is paused now; null: nothing. */
  scope(nowMs: number): PauseScope | null {
    if (this.reasons.size === 0) return null;
    let scope: PauseScope | null = null;
    for (const [reason, pause] of this.reasons) {
      if (pause.untilMs <= nowMs) this.reasons.delete(reason);
      else if (scope !== 'all') scope = pause.scope;
    }
    return scope;
  }
}
