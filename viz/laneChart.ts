/** The timeline: a lane for each node and client, coloured by what it was, and a line for every strike of the plan. */
import { axisBottom, scaleBand, scaleLinear, select } from 'd3';
import type { StrikeReport } from '../sim/report.ts';
import type { Lane, LaneState } from './laneBuilder.ts';

const LANE_HEIGHT = 34;
const MARGIN = { top: 22, right: 12, bottom: 40, left: 120 };
const WIDTH_MIN = 560;
/** What the colours mean, in the order of the legend. */
const LEGEND: readonly LaneState[] = ['primary', 'replica', 'paused', 'dead', 'served', 'outage'];

const WORDS: Readonly<Record<LaneState, string>> = {
  primary: 'primary', replica: 'replica', paused: 'paused', dead: 'not running',
  idle: 'nothing yet', served: 'answered', outage: 'not answered',
};

/** Draws into `element`, as wide as it is; on a narrow screen the chart scrolls sideways. */
export const drawLanes = (
  element: HTMLElement, lanes: readonly Lane[], strikes: readonly StrikeReport[], endMs: number,
): void => {
  const width = Math.max(WIDTH_MIN, element.clientWidth);
  const height = MARGIN.top + lanes.length * LANE_HEIGHT + MARGIN.bottom;
  const time = scaleLinear([0, endMs / 1000], [MARGIN.left, width - MARGIN.right]);
  const rows = scaleBand(lanes.map((lane) => lane.name), [MARGIN.top, height - MARGIN.bottom]).padding(0.25);
  const svg = select(element).append('svg').attr('width', width).attr('height', height)
    .attr('role', 'img').attr('aria-label', 'What each node was over virtual time; the tables below say the same in words');
  svg.append('g').attr('class', 'axis').attr('transform', `translate(0,${height - MARGIN.bottom + 4})`)
    .call(axisBottom(time).ticks(8).tickFormat((value) => `${String(value)} s`));
  const lane = svg.selectAll('g.lane').data(lanes).join('g').attr('class', 'lane')
    .attr('transform', (each) => `translate(0,${rows(each.name) ?? 0})`);
  lane.append('text').attr('x', MARGIN.left - 8).attr('y', rows.bandwidth() / 2).attr('dy', '0.35em')
    .attr('text-anchor', 'end').text((each) => each.name);
  lane.selectAll('rect').data((each) => each.spans).join('rect')
    .attr('class', (span) => span.state)
    .attr('x', (span) => time(span.fromMs / 1000))
    .attr('width', (span) => Math.max(1, time(span.toMs / 1000) - time(span.fromMs / 1000)))
    .attr('height', rows.bandwidth())
    .append('title').text((span) => `${WORDS[span.state]}, ${span.fromMs / 1000} to ${span.toMs / 1000} s`);
  const struck = strikes.flatMap(({ atMs, entry }) => (atMs === null ? [] : [{ atMs, name: entry.do }]));
  const strike = svg.selectAll('g.strike-mark').data(struck).join('g').attr('class', 'strike-mark')
    .attr('transform', ({ atMs }) => `translate(${time(atMs / 1000)},0)`);
  strike.append('line').attr('class', 'strike').attr('y1', MARGIN.top - 4).attr('y2', height - MARGIN.bottom + 4);
  strike.append('title').text(({ name, atMs }) => `${name} at ${atMs / 1000} s`);
  const legend = select(element).append('p').attr('class', 'legend');
  for (const state of LEGEND) {
    const item = legend.append('span');
    item.append('i').attr('class', state);
    item.append('span').text(WORDS[state]);
  }
};
