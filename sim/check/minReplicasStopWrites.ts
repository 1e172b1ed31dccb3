/**
 * Invariant: a primary with `min-replicas-to-write` N executes no write of a client while fewer than N replicas are attached to
 * it. Attached are those that it granted a synchronisation and has not dropped since: all that count as in step are among them, so
 * a write beyond that is refused by the real thing without fail. How old their acknowledgements are no note tells.
 *
 * A command that had to wait is executed later without being asked again: only commands that never wait are judged.
 * Source: processCommand, refreshGoodSlavesCount in Redis 7.0.
 */
import type { CauseId, Note } from '../../engine/index.ts';
import { type Check, type CheckResult, Violations } from './check.ts';
import type { NodeView } from './nodeView.ts';

const NEVER_WAIT: readonly string[] = ['set', 'sadd', 'incr', 'rpush', 'lpush', 'hset', 'zadd'];

export class MinReplicasStopWrites implements Check {
  readonly name = 'min-replicas-stop-writes';
  readonly isSafety = true;
  readonly hears: readonly Note['kind'][] = ['replica', 'write'];
  private readonly needed: ReadonlyMap<NodeView, number>;
  private readonly attached: Map<NodeView, number> = new Map();
  private readonly violations: Violations = new Violations();
  private compared = 0;

  /** `needed`: the nodes whose `min-replicas-to-write` is in force, and does not change in the run. */
  constructor(needed: ReadonlyMap<NodeView, number>) {
    this.needed = needed;
  }

  note(view: NodeView, note: Note, cause: CauseId): void {
    const needed = this.needed.get(view);
    if (needed === undefined) return;
    const attached = this.attached.get(view) ?? 0;
    if (note.kind === 'replica') {
      if (note.event === 'full-sync' || note.event === 'partial-sync') this.attached.set(view, attached + 1);
      // Before its snapshot began it was not granted one.
      else if (note.event === 'dropped' && note.detail !== 'waitStart') this.attached.set(view, Math.max(0, attached - 1));
    } else if (note.kind === 'write' && NEVER_WAIT.includes((note.argv[0] ?? '').toLowerCase())) {
      this.compared++;
      if (attached >= needed) return;
      this.violations.add(`${view.name} executed a write at ${note.id.slice(0, 8)}:${note.offset} with ${attached} replicas `
        + `attached, ${needed} are needed`, cause);
    }
  }

  ended(view: NodeView): void {
    this.attached.delete(view);
  }

  finish(): CheckResult {
    return this.violations.result(this.compared, 'writes that needed replicas in step');
  }
}
