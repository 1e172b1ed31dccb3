/** `faultline list`: what there is to run, and what each teaches. */
import { incidents, scenarios } from '../index.ts';
import { styleFor, table } from './tables.ts';

/** Of an incident: where it was reported. */
const reportsOf = (name: string): { readonly reports?: readonly string[] } => {
  const incident = incidents.find(({ scenario }) => scenario.name === name);
  return incident === undefined ? {} : { reports: incident.reports };
};

export const listCommand = (json: boolean): number => {
  const rows = scenarios.map(({ name, teaches, durationMs, settlingMs }) => ({ name, teaches, durationMs, settlingMs, ...reportsOf(name) }));
  const text = json
    ? JSON.stringify(rows, null, 2)
    : table(styleFor(process.stdout), ['scenario', 'what it teaches'], rows.map((row) => [row.name, row.teaches]));
  process.stdout.write(`${text}\n`);
  return 0;
};
