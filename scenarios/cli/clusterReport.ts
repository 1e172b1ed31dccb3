/** What a run's report says of one failover of a cluster: whose slots went to whom, with whose votes, how long that took, and why. */
import type { ClusterFailoverReport } from '../../sim/report.ts';
import { type Style, grouped, indent, plural, seconds, wrap } from './tables.ts';

/** More ranges than these are counted only. */
const RANGES_SHOWN = 3;

export const clusterFailoverText = (style: Style, failover: ClusterFailoverReport): string => {
  const { name, replica, atMs, epoch, isByHand, votes, switchedMs, gapMs, outcome, because } = failover;
  const after = gapMs === null ? '' : `, ${seconds(gapMs)} after ${name} was first missed`;
  const done = switchedMs === null ? style.colours.yellow(outcome)
    : style.colours.green(`serves ${slotsText(failover)} at ${seconds(switchedMs)}${after}`);
  const how = votes !== null ? `, ${votes.given} of ${plural(votes.primaries, 'vote')}` : isByHand && switchedMs !== null ? ', no votes asked' : '';
  const head = `${seconds(atMs)}  ${replica} for ${name}, epoch ${epoch}${isByHand ? ', by hand' : ''}${how}: ${done}`;
  return [indent(wrap(style, head, 2)), ...because.slice(1).map((line) => indent(indent(wrap(style, line, 2))))].join('\n');
};

const slotsText = ({ slots }: ClusterFailoverReport): string => {
  const count = slots.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  const ranges = slots.slice(0, RANGES_SHOWN).map(([first, last]) => (first === last ? String(first) : `${first}-${last}`));
  return `${grouped(count)} ${count === 1 ? 'slot' : 'slots'} (${ranges.join(', ')}${slots.length > RANGES_SHOWN ? ', …' : ''})`;
};
