/**
 * Invariant: a request of a cluster's client finds its node after few redirections in a row. A long chain means that nodes send
 * clients to each other. A client that waited before it asked again has begun another chain.
 */
import type { CauseId, RedirectNote } from '../../engine/index.ts';
import { type Check, type CheckResult, Violations } from './check.ts';

/**
 * The most MOVED and ASK in a row that one request may meet: MOVED by a node of an old map, MOVED by its replica's successor, ASK
 * while the slot moves, and as much again where the move ends meanwhile. Clients commonly give up after 5 or 16.
 */
export const REDIRECTS_IN_A_ROW_MAX = 5;

export class RedirectsBounded implements Check {
  readonly name = 'redirects-bounded';
  readonly isSafety = false;
  private readonly violations: Violations = new Violations();
  private redirected = 0;
  private longest = 0;

  /** A client said how a request of its had fared. */
  clientNote({ hops, slot }: RedirectNote, client: string, cause: CauseId): void {
    this.redirected++;
    this.longest = Math.max(this.longest, hops);
    if (hops > REDIRECTS_IN_A_ROW_MAX) this.violations.add(`${client} was redirected ${hops} times in a row for slot ${slot}`, cause);
  }

  finish(): CheckResult {
    const result = this.violations.result(this.redirected, 'redirected requests');
    return this.redirected === 0 ? result : { ...result, detail: `${result.detail}; ${this.longest} times in a row at most` };
  }
}
