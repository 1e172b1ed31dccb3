/**
 * Rewrites that fail again and again are tried less and less often: each leaves an increment behind, and would fill the
 * directory. Source: aof.c of Redis 7.0 (aofRewriteLimited).
 */
import type { Host } from '../host.ts';

const FAILURES_MAX = 3;
const DELAY_MINUTES_MAX = 60;
const SECONDS_PER_MINUTE = 60;

export class RewriteLimit {
  /** Failures in a row. */
  failures = 0;
  private delayMinutes = 0;
  private nextUnixSeconds = 0;
  private readonly host: Host;

  constructor(host: Host) {
    this.host = host;
  }

  /** Whether a rewrite has to wait now. */
  isReached(): boolean {
    if (this.failures < FAILURES_MAX) {
      this.delayMinutes = 0;
      this.nextUnixSeconds = 0;
      return false;
    }
    const now = Math.floor(this.host.wallMs() / 1000);
    if (this.nextUnixSeconds !== 0) {
      if (now < this.nextUnixSeconds) return true;
      this.nextUnixSeconds = 0;
      return false;
    }
    this.delayMinutes = Math.min(DELAY_MINUTES_MAX, this.delayMinutes === 0 ? 1 : this.delayMinutes * 2);
    this.nextUnixSeconds = now + this.delayMinutes * SECONDS_PER_MINUTE;
    this.host.log('warning', 'Background AOF rewrite has repeatedly failed and triggered the limit, will retry in '
      + `${this.delayMinutes} minutes`);
    return true;
  }
}
