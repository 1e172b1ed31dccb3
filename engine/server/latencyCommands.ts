/**
 * LATENCY: the monitor's spikes as lists, as a graph and in words, and the histograms of the commands.
 * Source: latency.c and sparkline.c of Redis 7.0, for behaviour; the words of DOCTOR are what its output is known by.
 */
import { type Bytes, bytes, lower } from '../core/bytes.ts';
import { type Call, type CommandRow, NO_KEYS } from '../commands/command.ts';
import type { Settings } from '../commands/settings.ts';
import { MapReply, type Reply, VerbatimReply, error } from '../protocol/reply.ts';
import type { Command } from './commandTable.ts';
import { LATENCY_HELP, helpRow } from './helpTexts.ts';
import type { LatencyMonitor, LatencySample } from './latencyMonitor.ts';

export interface LatencyParts {
  readonly monitor: LatencyMonitor;
  readonly settings: Settings;
  /** Asked for at each call, since the table is complete only once all families are in it. */
  commands(): ReadonlyMap<string, Command>;
}

const latest = ({ monitor }: LatencyParts): Reply => monitor.events.map((event): Reply => {
  const last = monitor.samples(event).at(-1) as LatencySample;
  return [bytes(event), last.unixSeconds, last.ms, monitor.highestMs(event)];
});

const reset = ({ monitor }: LatencyParts, names: readonly Bytes[]): Reply =>
  (names.length === 0 ? monitor.events : names).filter((name) => monitor.reset(name)).length;

/** Commands that were never called, or that there are not, are passed over; a container stands for what it contains. */
const histogram = ({ commands }: LatencyParts, names: readonly Bytes[]): Reply => {
  const shown: (readonly [Reply, Reply])[] = [];
  const show = (command: Command): void => {
    for (const one of command.subcommands?.values() ?? []) show(one);
    if (command.latency === null) return;
    shown.push([bytes(command.name), new MapReply([
      [bytes('calls'), command.latency.calls], [bytes('histogram_usec'), new MapReply(command.latency.steps())]])]);
  };
  const table = commands();
  for (const command of names.length === 0 ? table.values() : named(table, names)) show(command);
  return new MapReply(shown);
};

const named = (table: ReadonlyMap<string, Command>, names: readonly Bytes[]): readonly Command[] => names.flatMap((name) => {
  const [container = '', subcommand] = lower(name).split('|');
  const found = table.get(container);
  return (subcommand === undefined ? found : found?.subcommands?.get(subcommand)) ?? [];
});

const GRAPH_COLUMNS = 80;
const GRAPH_ROWS = 4;
/** What a column's top can look like, by how much of its row it fills. */
const LEVELS = '_o#';

/** How long ago in one unit: `5s`, `3m`. */
const ageText = (seconds: number): string => {
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
};

/** Rows of bars with the ages of the samples, standing upright, below. */
const bars = (samples: readonly LatencySample[], nowSeconds: number): string => {
  const values = samples.map(({ ms }) => ms);
  const least = Math.min(...values);
  const span = Math.max(1, Math.max(...values) - least);
  const labels = samples.map(({ unixSeconds }) => ageText(nowSeconds - unixSeconds));
  const steps = LEVELS.length * GRAPH_ROWS;
  const heights = values.map((value) => Math.min(steps - 1, Math.floor(((value - least) * steps) / span)));
  const lines: string[] = [];
  for (let row = GRAPH_ROWS - 1; row >= 0; row--) {
    lines.push(heights.map((height) => {
      const inRow = height - row * LEVELS.length;
      if (inRow < 0) return ' ';
      return inRow < LEVELS.length ? LEVELS.charAt(inRow) : '|';
    }).join(''));
  }
  const longest = Math.max(...labels.map((label) => label.length));
  const ages = Array.from({ length: longest }, (_, at) => labels.map((label) => label.charAt(at) || ' ').join(''));
  return [...lines, ' '.repeat(samples.length), ...ages].map((line) => `${line}\n`).join('');
};

const graph = ({ monitor }: LatencyParts, call: Call, event: Bytes): Reply => {
  const samples = monitor.samples(event);
  if (samples.length === 0) return error(`ERR No samples available for event '${event}'`);
  const values = samples.map(({ ms }) => ms);
  const title = `${event} - high ${Math.max(...values)} ms, low ${Math.min(...values)} ms (all time high ${monitor.highestMs(event)} ms)`;
  const shown = bars(samples, Math.floor(call.nowMs / 1000));
  return new VerbatimReply('txt', bytes(`${title}\n${'-'.repeat(GRAPH_COLUMNS)}\n${shown}`));
};

const DISABLED = "I'm sorry, Dave, I can't do that. Latency monitoring is disabled in this Redis instance. You may use \"CONFIG SET "
  + 'latency-monitor-threshold <milliseconds>." in order to enable it. If we weren\'t in a deep space mission I\'d suggest to take a look '
  + 'at https://redis.io/topics/latency-monitor.\n';
const NO_SPIKES = 'Dave, no latency spike was observed during the lifetime of this Redis instance, not in the slightest bit. I honestly '
  + 'think you ought to sit down calmly, take a stress pill, and think things over.\n';
const GREETING = "Dave, I have observed latency spikes in this Redis instance. You don't mind talking about it, do you Dave?\n";
const CHECK_SLOWLOG = '- Check your Slow Log to understand what are the commands you are running which are too slow to execute. Please '
  + 'check https://redis.io/commands/slowlog for more information.\n';
const LARGE_OBJECTS = '- Deleting, expiring or evicting (because of maxmemory policy) large objects is a blocking operation. If you have '
  + 'very large objects that are often deleted, expired, or evicted, try to fragment those objects into multiple smaller objects.\n';

/** What to do about slow commands; the other kinds of event have no advice of their own. */
const advice = ({ monitor, settings }: LatencyParts): string => {
  if (!monitor.events.includes('command')) return '';
  const slowerThan = settings.number('slowlog-log-slower-than');
  const limitMicros = monitor.thresholdMs * 1000;
  const what = slowerThan < 0 || settings.number('slowlog-max-len') === 0
    ? "- You should enable the Slow Log. Please use 'CONFIG SET slowlog-log-slower-than "
    : slowerThan > limitMicros
      ? '- Your current Slow Log configuration only logs events that are slower than your configured latency monitor threshold. Please '
        + "use 'CONFIG SET slowlog-log-slower-than " : null;
  return `${what === null ? '' : `${what}${limitMicros}'.\n`}${CHECK_SLOWLOG}${LARGE_OBJECTS}`;
};

const doctor = (parts: LatencyParts, call: Call): string => {
  const { monitor } = parts;
  if (monitor.events.length === 0) return monitor.thresholdMs === 0 ? DISABLED : NO_SPIKES;
  const spikes = monitor.events.map((event, index) => {
    const found = monitor.analyse(event, call.nowMs);
    const hundredths = Math.floor(found.periodSeconds * 100 + 0.5);
    const period = `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, '0')}`;
    return `${index + 1}. ${event}: ${found.samples} latency spikes (average ${found.averageMs}ms, mean deviation ${found.deviationMs}ms, `
      + `period ${period} sec). Worst all time event ${found.highestMs}ms.\n`;
  }).join('');
  const advised = advice(parts);
  const end = advised === '' ? '\nWhile there are latency events logged, I\'m not able to suggest any easy fix. Please use the Redis '
    + 'community to get some help, providing this report in your help request.\n' : `\nI have a few advices for you:\n\n${advised}`;
  return `${GREETING}\n${spikes}${end}`;
};

export const latencyCommands = (parts: LatencyParts): readonly CommandRow[] => {
  const row = (name: string, arity: number, handler: CommandRow['handler'], since = '2.8.13'): CommandRow => ({
    name: `latency|${name}`, arity, flags: ['admin', 'noscript', 'loading', 'stale'], keys: NO_KEYS, since, handler,
  });
  return [
    row('latest', 2, () => latest(parts)),
    row('history', 3, (_call, argv) =>
      parts.monitor.samples(argv[2] as Bytes).map(({ unixSeconds, ms }): Reply => [unixSeconds, ms])),
    row('reset', -2, (_call, argv) => reset(parts, argv.slice(2))),
    row('graph', 3, (call, argv) => graph(parts, call, argv[2] as Bytes)),
    row('doctor', 2, (call) => new VerbatimReply('txt', bytes(doctor(parts, call)))),
    row('histogram', -2, (_call, argv) => histogram(parts, argv.slice(2)), '7.0.0'),
    helpRow('latency', LATENCY_HELP, '2.8.13'),
  ];
};
