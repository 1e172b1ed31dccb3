/**
 * Invariant: only a replica that a primary of the name ever listed is promoted: one that synchronised with it directly, or a
 * primary that was replaced. A sub-replica that no primary ever listed is not known to any sentinel.
 */
import type { CauseId, Note } from '../../engine/index.ts';
import { type Check, type CheckResult, Violations } from './check.ts';
import type { FindNode, NamedNodes } from './namedNodes.ts';
import type { SentinelView } from './sentinelView.ts';

export class OnlyListedPromoted implements Check {
  readonly name = 'only-listed-replicas-promoted';
  readonly isSafety = true;
  private readonly nodes: NamedNodes;
  private readonly find: FindNode;
  private readonly violations: Violations = new Violations();
  private compared = 0;

  constructor(nodes: NamedNodes, find: FindNode) {
    this.nodes = nodes;
    this.find = find;
  }

  sentinelNote(view: SentinelView, note: Note, cause: CauseId): void {
    if (note.kind !== 'selected') return;
    this.compared++;
    const node = this.find(note.replica);
    if (node === null) this.violations.add(`${view.name} chose ${note.replica}, where there is no data node`, cause);
    else if (!this.nodes.has(note.name, node)) {
      this.violations.add(`${view.name} chose ${node.name}, which no primary of ${note.name} ever had as its replica`, cause);
    }
  }

  finish(): CheckResult {
    return this.violations.result(this.compared, 'replicas chosen for promotion');
  }
}
