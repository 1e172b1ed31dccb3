/** Liveness: in the end a primary serves and every living data node follows its primary with the same history and data. */
import type { Check, CheckResult, FinalState } from './check.ts';
import type { NodeView } from './nodeView.ts';
import type { Serving } from './serving.ts';

/** What keeps a node from agreeing with the serving one; null when nothing does. */
const disagreement = (serving: NodeView, view: NodeView): string | null => {
  if (view === serving || !view.isAlive) return null;
  if (view.role !== 'replica') return `${view.name} is a primary of its own`;
  if (view.sync !== 'connected') return `${view.name} is not connected to a primary`;
  if (view.id !== serving.id) return `${view.name} follows another history`;
  if (view.offset !== serving.offset) return `${view.name} stands at offset ${view.offset}, not ${serving.offset}`;
  if (view.digestLo !== serving.digestLo || view.digestHi !== serving.digestHi) return `${view.name} holds other data`;
  return null;
};

/** The same against the primary that the node belongs to. */
export const astray = (serving: Serving, view: NodeView): string | null => {
  const above = serving.above(view);
  if (above !== null) return disagreement(above, view);
  return view.isAlive ? `${view.name} follows no living primary` : null;
};

export class Convergence implements Check {
  readonly name = 'convergence';
  readonly isSafety = false;

  finish({ serving, views }: FinalState): CheckResult {
    if (serving.primaries.length === 0) return { verdict: 'violated', detail: 'no primary serves' };
    const problems = views.map((view) => astray(serving, view)).filter((problem) => problem !== null);
    if (problems.length > 0) return { verdict: 'violated', detail: problems.join('; ') };
    const living = views.filter((view) => view.isAlive);
    const dead = views.filter((view) => !view.isAlive).map((view) => view.name);
    if (living.length < 2) return { verdict: 'not exercised', detail: 'fewer than two nodes live', comparisons: 0 };
    const note = dead.length === 0 ? '' : `; dead: ${dead.join(', ')}`;
    return { verdict: 'holds', detail: `${living.length} nodes agree${note}`, comparisons: living.length };
  }
}
