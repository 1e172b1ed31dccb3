/** What a run's report says of sentinels: whom they watch, the failovers that they began and why, what they hold at the end. */
import type { FailoverReport, RunReport } from '../../sim/report.ts';
import type { ProcessSpec } from '../../sim/topology/topology.ts';
import { clusterFailoverText } from './clusterReport.ts';
import { type Style, indent, seconds, table, wrap } from './tables.ts';

/** `sentinel of mymain, quorum 2`. */
export const watchText = ({ directives }: ProcessSpec): string => {
  const watched = directives.filter(([first, second]) => first === 'sentinel' && second === 'monitor');
  return `sentinel of ${watched.map(([, , name, , , quorum]) => `${name ?? '?'}, quorum ${quorum ?? '?'}`).join('; ')}`;
};

/** Those of sentinels and of clusters; empty in a world without either. */
export const failoversText = (style: Style, { failovers }: RunReport): string => {
  if (failovers === undefined) return '';
  const title = style.colours.bold('Failovers');
  if (failovers.length === 0) return [title, indent('none was begun')].join('\n');
  return [title, ...failovers.map((failover) => (
    'sentinel' in failover ? failoverText(style, failover) : clusterFailoverText(style, failover)))].join('\n');
};

const failoverText = (style: Style, failover: FailoverReport): string => {
  const { name, sentinel, atMs, epoch, chosen, switchedMs, outcome, because } = failover;
  const done = switchedMs === null ? style.colours.yellow(outcome) : style.colours.green(`switched at ${seconds(switchedMs)}`);
  const head = `${seconds(atMs)}  ${sentinel} for ${name}${epoch === null ? '' : `, epoch ${epoch}`}`
    + `${chosen === null ? '' : `, chose ${chosen}`}: ${done}`;
  return [indent(head), ...because.slice(1).map((line) => indent(indent(wrap(style, line, 2))))].join('\n');
};

/** Empty in a world without sentinels. */
export const sentinelsText = (style: Style, { sentinels }: RunReport): string => {
  if (sentinels === undefined) return '';
  return [
    style.colours.bold('The sentinels at the end'),
    table(style, ['sentinel', 'state', 'watches', 'holds to be the primary', 'epoch', 'of its configuration'], sentinels.flatMap((one) => {
      const state = one.isTilted ? `${one.state}, TILT` : one.state;
      if (one.watched.length === 0) return [[one.name, state, '-', '-', '-', '-']];
      return one.watched.map((watched) => [
        one.name, state, watched.name, watched.primary ?? '-', String(watched.currentEpoch), String(watched.configEpoch)]);
    })),
  ].join('\n');
};
