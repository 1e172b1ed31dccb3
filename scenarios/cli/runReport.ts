/**
 * A run's report as text: what was deployed, what struck, what was lost and why, how long nothing could be written, how
 * the nodes ended, what the checks say, and the command that does it again.
 */
import { describeLocator } from '../../sim/client/locate.ts';
import type { LostWrite, RunReport } from '../../sim/report.ts';
import type { ClientSpec, ResolvedScenario } from '../../sim/scenario.ts';
import { partsOf } from '../../sim/topology/clusterSetup.ts';
import type { Topology } from '../../sim/topology/topology.ts';
import { describeTarget } from '../describeEntry.ts';
import { incidents } from '../incidents/index.ts';
import type { Style } from './tables.ts';
import { failoversText, sentinelsText, watchText } from './sentinelReport.ts';
import { grouped, indent, plural, seconds, table, wrap } from './tables.ts';

export const runReportText = (style: Style, scenario: ResolvedScenario, report: RunReport): string => [
  header(style, scenario, report),
  topology(style, scenario),
  timeline(style, report),
  failoversText(style, report),
  ledger(style, report),
  lostWrites(style, report),
  staleReads(style, report),
  availability(style, report),
  syncs(style, report),
  nodes(style, scenario, report),
  sentinelsText(style, report),
  verdicts(style, report),
  evidence(style, report),
  footer(style, scenario, report),
].filter((section) => section !== '').join('\n\n');

const title = (style: Style, text: string): string => style.colours.bold(text);

const header = (style: Style, scenario: ResolvedScenario, report: RunReport): string =>
  [`${title(style, report.scenario)}  seed ${report.seed}`, wrap(style, scenario.teaches), ...reportedAt(report.scenario)].join('\n');

/** Where an incident was reported. */
const reportedAt = (name: string): readonly string[] =>
  incidents.filter(({ scenario }) => scenario.name === name).map(({ reports }) => `Reported: ${reports.join('\n          ')}`);

const topology = (style: Style, scenario: ResolvedScenario): string => {
  const rows = scenario.topology.processes.map((process) => {
    const machine = scenario.topology.machines.find(({ name }) => name === process.machine);
    const primary = process.directives.find(([name]) => name === 'replicaof');
    return [
      process.name, machine?.zone ?? '?', `${machine?.address ?? '?'}:${process.port}`,
      process.kind === 'sentinel' ? watchText(process) : clusterText(scenario.topology, process.name)
        ?? (primary === undefined ? 'primary' : `replica of ${primary.slice(1).join(':')}`),
    ];
  });
  const clients = scenario.workload.clients.map(
    (client) => [client.name, client.zone, '', describeClient(client)]);
  const warnings = scenario.topology.warnings.map(
    (warning) => indent(style.colours.yellow(wrap(style, `! ${warning}`, 2))));
  const notes = (scenario.topology.notes ?? []).map((note) => indent(style.colours.dim(wrap(style, `- ${note}`, 2))));
  return [
    title(style, `Deployed from ${scenario.topology.name}`),
    table(style, ['node', 'zone', 'address', 'starts as'], [...rows, ...clients]),
    ...warnings, ...notes,
  ].join('\n');
};

/** What a node of a cluster is made when that is created; null: it is in none. */
const clusterText = (topology: Topology, name: string): string | null => {
  const { cluster } = topology;
  const place = cluster?.create.indexOf(name) ?? -1;
  if (cluster === undefined || place < 0) return null;
  const part = partsOf(topology)[place];
  if (part?.kind !== 'primary') return `replica of ${cluster.create[part?.primary ?? 0] ?? '?'}`;
  return part.slots.length === 0 ? 'primary without slots' : `primary of the slots ${part.slots.map(({ first, last }) => `${first}-${last}`).join(', ')}`;
};

const describeClient = (
  { kind, operationsPerSecond, loop, wait, valueBytes, servers, readsFrom, queue, lock, ...locator }: ClientSpec,
): string => [
  `client: ${kind}, ${loop === 'closed' ? 'one at a time' : `${operationsPerSecond} a second`}`,
  ...(queue === undefined ? [] : [queue.side + (queue.takesBy === undefined ? '' : ` by ${queue.takesBy}`)]),
  ...(lock === undefined ? [] : [`for ${seconds(lock.holdMs)} of ${seconds(lock.leaseMs)}`]),
  ...(kind === 'reader' || locator.server === undefined
    ? [`${kind === 'reader' ? 'of' : 'to'} ${readsFrom === 'replicas' ? 'the replicas of ' : ''}${servers?.join(', ') ?? describeLocator(locator)}`] : []),
  ...(valueBytes === undefined ? [] : [`values of ${grouped(valueBytes)} bytes`]),
  ...(wait === undefined ? [] : [`WAIT ${wait.replicas} ${wait.timeoutMs}`]),
].join(', ');

const timeline = (style: Style, report: RunReport): string => {
  if (report.strikes.length === 0) return [title(style, 'The plan'), indent('nothing is done to it')].join('\n');
  const inOrder = [...report.strikes].sort((left, right) => (left.atMs ?? Infinity) - (right.atMs ?? Infinity));
  return [
    title(style, 'The plan, as it struck'),
    table(style, ['at', 'do', 'target', 'was', 'outcome'], inOrder.map((strike) => [
      strike.atMs === null ? style.colours.yellow('never') : seconds(strike.atMs),
      strike.entry.do,
      describeTarget(strike.entry),
      strike.resolved ?? '-',
      strike.outcome,
    ])),
  ].join('\n');
};

const ledger = (style: Style, report: RunReport): string => {
  const { ledger: sums } = report;
  const bugs = `${grouped(sums.bugs)} bugs`;
  return [
    title(style, 'The write ledger'),
    indent([
      `${grouped(sums.acknowledged)} acknowledged = ${grouped(sums.survived)} survived + ${grouped(sums.superseded)}`
        + ` superseded + ${grouped(sums.lost)} lost + ${grouped(sums.unknown)} unknown`,
      `${grouped(sums.lost)} lost = ${grouped(sums.permitted)} permitted + `
        + (sums.bugs === 0 ? bugs : style.colours.red(bugs)),
      `${grouped(sums.unacknowledged)} not acknowledged, ${grouped(sums.unacknowledgedEffective)} of which took effect`,
      ...(sums.waited.acknowledged === 0 ? [] : [
        `${grouped(sums.waited.acknowledged)} acknowledged by WAIT too, ${grouped(sums.waited.lost)} of which were lost`]),
    ].join('\n')),
  ].join('\n');
};

/** Only where there were readers. */
const staleReads = (style: Style, { staleness }: RunReport): string => {
  if (staleness.reads === 0) return '';
  const worst = staleness.stale === 0 ? '' : `: up to ${seconds(staleness.maxMs)}, in the median ${seconds(staleness.medianMs)}`;
  return [
    title(style, 'What readers saw'),
    indent(`${grouped(staleness.stale)} of ${plural(staleness.reads, 'read')} were out of date${worst}`),
  ].join('\n');
};

/** Only where replicas asked for anything. */
const syncs = (style: Style, { syncs: counts }: RunReport): string => {
  if (counts.full + counts.partialOk + counts.partialRefused === 0) return '';
  return [
    title(style, 'Synchronisations'),
    indent(`${grouped(counts.full)} full, ${grouped(counts.partialOk)} partial, `
      + `${plural(counts.partialRefused, 'request')} to resume refused`),
  ].join('\n');
};

/** Grouped by cause; bugs first, then the most frequent. The first write of each group stands for the others. */
const lostWrites = (style: Style, report: RunReport): string => {
  const groups = new Map<string, LostWrite[]>();
  for (const write of report.ledger.lostWrites) {
    const key = `${write.permitted ? 'permitted' : 'BUG'}|${write.cause}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [write]);
    else group.push(write);
  }
  const sorted = [...groups.values()].sort((left, right) =>
    Number(left[0]?.permitted ?? true) - Number(right[0]?.permitted ?? true) || right.length - left.length);
  if (sorted.length === 0) return '';
  return [title(style, 'Lost, and why'), ...sorted.map((group) => lostGroup(style, group))].join('\n');
};

const lostGroup = (style: Style, group: readonly LostWrite[]): string => {
  const [first] = group;
  if (first === undefined) return '';
  const word = first.permitted ? style.colours.green('permitted') : style.colours.red('BUG');
  const chain = first.chain.map((step) => [
    step.node, seconds(step.atMs), `#${step.event}`,
    `${step.what} [${step.rule ?? style.colours.red('no rule permits it')}]`,
  ]);
  return [
    indent(`${plural(group.length, 'write')}: ${first.cause}, ${word}`),
    indent(indent(wrap(style,
      `the first: ${first.client} ${first.operation}, acknowledged at ${seconds(first.acknowledgedMs)}`
      + (first.acknowledgedBy === null ? '' : `, by WAIT for ${plural(first.acknowledgedBy, 'replica')}`)
      + ` (${first.position ?? 'never executed'})`, 2))),
    ...(chain.length === 0 ? [] : [indent(table(
      { ...style, width: style.width - 2 }, ['copy', 'at', 'event', 'what became of it'], chain))]),
  ].join('\n');
};

const availability = (style: Style, report: RunReport): string => [
  title(style, 'Not available'),
  indent(`writes: ${seconds(report.unavailableMs)} in the best-placed zone`),
  ...(report.zones.length === 0 ? [] : [table(style, ['zone', 'no writes for', 'no reads for'], report.zones.map(
    (zone) => [zone.zone, seconds(zone.writeMs), seconds(zone.readMs)]))]),
].join('\n');

const nodes = (style: Style, scenario: ResolvedScenario, report: RunReport): string => {
  const digests = new Set(report.nodes.map((node) => node.digest).filter((digest) => digest !== null));
  const primaries = report.nodes.filter(({ role }) => role === 'primary').length;
  return [
    title(style, 'The nodes at the end'),
    table(style, ['node', 'state', 'role', 'follows', 'replication ID', 'offset', 'data'], report.nodes.map((node) => [
      node.name, node.state, node.role ?? '-', node.primary ?? '-', node.replicationId?.slice(0, 12) ?? '-',
      node.offset === null ? '-' : grouped(node.offset), node.digest?.slice(0, 16) ?? '-',
    ])),
    indent(dataText(digests.size, primaries, scenario) ?? style.colours.yellow(`${digests.size} different data sets`)),
  ].join('\n');
};

/** Null: there are more data sets than there should be. */
const dataText = (dataSets: number, primaries: number, { topology: { cluster } }: ResolvedScenario): string | null => {
  if (dataSets <= 1) return 'all nodes that have data have the same';
  return cluster !== undefined && dataSets === primaries ? `${dataSets} data sets, one for each primary` : null;
};

const verdicts = (style: Style, report: RunReport): string => [
  title(style, 'What the checks say'),
  table(style, ['', 'check', 'verdict', 'expected', 'detail'], report.verdicts.map((each) => {
    // What a world cannot show is no failure of the scenario's.
    const met = each.expected === null || each.verdict === 'not observable' ? each.verdict !== 'violated' : each.verdict === each.expected;
    return [
      met ? style.colours.green('✓') : style.colours.red('✗'), each.name, each.verdict, each.expected ?? '-', each.detail,
    ];
  })),
].join('\n');

/** The calls that show why a consistency check was violated. */
const evidence = (style: Style, report: RunReport): string => report.verdicts.flatMap(({ name, evidence: calls = [] }) => (
  calls.length === 0 ? [] : [[
    title(style, `What cannot all be right: ${name}`),
    table(style, ['client', 'asked at', 'answered at', 'call', 'result'], calls.map((call) => [
      call.process === 0 ? call.client : `${call.client}/${call.process}`, seconds(call.invokedMs),
      call.completedMs === null ? 'never' : seconds(call.completedMs), call.call, call.result ?? '',
    ])),
  ].join('\n')])).join('\n\n');

const footer = (style: Style, scenario: ResolvedScenario, report: RunReport): string => {
  // The importer's warnings stand with the topology already.
  const warnings = report.warnings.filter((warning) => !scenario.topology.warnings.includes(warning));
  const rate = report.wallMs === 0 ? '' : ` (${grouped(Math.round(report.virtualMs / report.wallMs))} times real time)`;
  return [
    report.ok ? style.colours.green('OK: everything is as the scenario expects') : style.colours.red('NOT OK'),
    ...report.failures.map((failure) => indent(style.colours.red(wrap(style, failure, 2)))),
    ...warnings.map((warning) => indent(style.colours.yellow(wrap(style, `! ${warning}`, 2)))),
    `trace hash ${report.traceHash}, ${plural(report.events, 'event')}, ${seconds(report.virtualMs)} of virtual time in `
      + `${seconds(report.wallMs)}${rate}`,
    `again: ${report.replay}`,
  ].join('\n');
};
