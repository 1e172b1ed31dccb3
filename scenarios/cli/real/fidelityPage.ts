/** `docs/fidelity.md` as text: the machine and the method, the table, what was not done, and what became of each difference. */
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import type { Comparison } from './comparison.ts';
import { LEFT_OUT } from './fidelityList.ts';
import { LIMITS, MENDED } from './fidelityRemarks.ts';
import { type FinishedRun, STALL_MS_MAX, kindOf } from './fidelityState.ts';
import { differencesOf, fidelityTable } from './fidelityTable.ts';

const GIGABYTE: number = 1024 ** 3;

/** `runs`: all that the campaign made, those that do not count included. */
export const fidelityPage = (comparisons: readonly Comparison[], runs: readonly FinishedRun[], ownVersion: string): string => [
  '# How faithful the virtual world is',
  '',
  'The same scenarios in the virtual world and on real processes, measured by the same functions: what clients saw, what servers logged,',
  'what was read at the end. `npm run fidelity` makes this page; `faultline compare SCENARIO` makes one row of it again. Where medians are further',
  'apart than 20 % and 500 ms (losses: 1 percentage point), or a verdict or an order of events differs, the row says `different`.',
  'There are three worlds: `virtual` is the engine in the simulator, `ours on TCP` the same engine as `faultline server` on real sockets, files',
  'and clocks, `real` is redis-server. The machines of the last two are network namespaces.',
  '',
  ...ground(runs, ownVersion),
  '',
  '## The table',
  '',
  'Median (least to most).',
  '',
  fidelityTable(comparisons),
  '## Differences that are left',
  '',
  ...differences(comparisons),
  '## Differences that were found, and mended',
  '',
  ...MENDED.map((remark) => `- ${remark}`),
  '',
  '## Documented limits',
  '',
  ...LIMITS.map((remark) => `- ${remark}`),
  '',
  '## Not done',
  '',
  ...notDone(comparisons),
  ...LEFT_OUT.map(({ scenarios, why }) => `- ${scenarios}: ${why}.`),
  '',
].join('\n');

const ground = (runs: readonly FinishedRun[], ownVersion: string): readonly string[] => {
  const of = (kind: ReturnType<typeof kindOf>): readonly FinishedRun[] => runs.filter((run) => kindOf(run) === kind);
  const loads = runs.map(({ load }) => load).sort((left, right) => left - right);
  const days = [...new Set(runs.map(({ endedAt }) => endedAt.slice(0, 10)))].sort();
  const versions = [...new Set(runs.map(({ world, version }) => `${world}: ${version}`))].sort();
  const failed = of('failed').map(({ scenario, details }) => `\`${scenario}\`: ${details['failed'] ?? ''}`);
  return [
    `- Made on ${days.join(', ') || 'no day'}, virtual runs by Faultline ${ownVersion}.`,
    ...versions.map((version) => `- ${version}`),
    `- Machine: ${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / GIGABYTE)} GB, Linux ${release()}, `
      + `${distribution()}, Node ${process.version}. Load average at the ends of runs: ${loads[0] ?? 0} to ${loads.at(-1) ?? 0}, `
      + `${loads[Math.floor(loads.length / 2)] ?? 0} in the median.`,
    `- Runs: ${of('counted').length} count. ${of('disturbed').length} were made again, since the machine was so busy that the run's switch and clients `
      + `stood still for more than ${STALL_MS_MAX} ms; ${failed.length} came to nothing${failed.length === 0 ? '' : ` (${failed.join('; ')})`}.`,
  ];
};

const distribution = (): string => /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'unknown';

const differences = (comparisons: readonly Comparison[]): readonly string[] => {
  const different = comparisons.filter((comparison) => differencesOf(comparison).length > 0);
  if (different.length === 0) return ['No row of the table differs.', ''];
  return different.flatMap((comparison) => [`\`${comparison.scenario}\`:`, '', ...differencesOf(comparison).map((line) => `- ${line}`), '']);
};

const notDone = (comparisons: readonly Comparison[]): readonly string[] =>
  comparisons.flatMap(({ scenario, notDone: entries }) => entries.map((entry) => `- \`${scenario}\`: ${entry}`));
