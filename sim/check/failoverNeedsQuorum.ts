/**
 * Invariant: nobody leads a failover without the votes of the majority of all sentinels that it knows, and of the quorum, nor
 * before the quorum agreed that the primary is down. Votes are counted as the voters gave them, not only as the leader says.
 * A failover that an operator forces needs neither.
 */
import { type Bytes, type CauseId, type LeaderNote, type Note, SENTINEL_EVENT } from '../../engine/index.ts';
import { type Check, type CheckResult, Violations } from './check.ts';
import type { SentinelView } from './sentinelView.ts';

/** What one sentinel found about one name. */
interface Finding {
  /** So many agreed that it is down; null: it is not held to be objectively down. */
  agreeing: number | null;
  /** The same when the last failover was begun. */
  atStart: number | null;
}

export class FailoverNeedsQuorum implements Check {
  readonly name = 'failover-needs-quorum-and-majority';
  readonly isSafety = true;
  private readonly findings: Map<SentinelView, Map<Bytes, Finding>> = new Map();
  /** Voters by name, epoch and candidate. */
  private readonly voters: Map<string, Set<SentinelView>> = new Map();
  private readonly violations: Violations = new Violations();
  private compared = 0;

  sentinelNote(view: SentinelView, note: Note, cause: CauseId): void {
    if (note.kind === 'odown') this.finding(view, note.name).agreeing = note.agreeing;
    else if (note.kind === 'sentinel' && note.name !== null) this.event(view, note.name, note.event);
    else if (note.kind === 'vote') {
      const key = ballot(note.name, note.epoch, note.candidate);
      this.voters.set(key, (this.voters.get(key) ?? new Set<SentinelView>()).add(view));
    } else if (note.kind === 'leader' && !note.isForced) this.elected(view, note, cause);
  }

  finish(): CheckResult {
    return this.violations.result(this.compared, 'elections counted');
  }

  private event(view: SentinelView, name: Bytes, event: string): void {
    const finding = this.finding(view, name);
    if (event === SENTINEL_EVENT.noOdown || event === SENTINEL_EVENT.switchPrimary) finding.agreeing = null;
    else if (event === SENTINEL_EVENT.tryFailover) finding.atStart = finding.agreeing;
  }

  private elected(view: SentinelView, { name, epoch, leader, votes, known, quorum }: LeaderNote, cause: CauseId): void {
    this.compared++;
    const needed = Math.max(Math.floor(known / 2) + 1, quorum);
    const given = this.voters.get(ballot(name, epoch, leader))?.size ?? 0;
    const { atStart } = this.finding(view, name);
    const leads = `${view.name} leads a failover of ${name} in epoch ${epoch}`;
    if (votes < needed) this.violations.add(`${leads} with ${votes} of the ${needed} votes that it needs`, cause);
    else if (given < needed) this.violations.add(`${leads}, but ${given} sentinels voted for it and it needs ${needed}`, cause);
    else if (atStart === null) this.violations.add(`${leads} of a primary that was not objectively down`, cause);
    else if (atStart < quorum) this.violations.add(`${leads}, but ${atStart} agreed that it is down, and the quorum is ${quorum}`, cause);
  }

  private finding(view: SentinelView, name: Bytes): Finding {
    const names = this.findings.get(view) ?? new Map<Bytes, Finding>();
    this.findings.set(view, names);
    const finding = names.get(name) ?? { agreeing: null, atStart: null };
    names.set(name, finding);
    return finding;
  }
}

const ballot = (name: Bytes, epoch: number, candidate: Bytes): string => `${name} ${epoch} ${candidate}`;
