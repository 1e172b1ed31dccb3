/**
 * `npm run mutants`: plants every bug of the table, one after the other, and lets chaos look for it. Prints the bug, the scenario, how
 * many seeds it took and which checks saw it. Exit status 1 where one was not found.
 *
 *     npm run mutants -- [--seeds N] [BUG …]
 */
import Table from 'cli-table3';
import { countOf, flagsOf } from '../support/flags.ts';
import { hunt } from './search.ts';
import { MUTANTS } from './table.ts';

const SEEDS_DEFAULT = '100';

const { values, positionals } = flagsOf({ options: { seeds: { type: 'string', default: SEEDS_DEFAULT } }, allowPositionals: true });
const seedsMax = countOf('seeds', values.seeds);
const unknown = positionals.find((name) => MUTANTS.every(({ bug }) => bug !== name));
if (unknown !== undefined) {
  process.stderr.write(`no bug is called '${unknown}'; there are ${MUTANTS.map(({ bug }) => bug).join(', ')}\n`);
  process.exit(2);
}
const table = new Table({ head: ['bug', 'scenario', 'seeds', 'seen by'], style: { head: [], border: [] } });
let missed = 0;
for (const mutant of MUTANTS) {
  const { bug, scenario } = mutant;
  if (positionals.length > 0 && !positionals.includes(bug)) continue;
  const found = hunt(mutant, seedsMax);
  if (found === null) missed++;
  table.push([bug, scenario.name, found === null ? `none of ${seedsMax}` : String(found.seed), found?.checks.join('\n') ?? '-']);
  process.stderr.write(`${bug}: ${found === null ? 'not found' : `seed ${found.seed}`}\n`);
}
process.stdout.write(`${table.toString()}\n`);
process.exitCode = missed === 0 ? 0 : 1;
