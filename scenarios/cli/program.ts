/**
 * The commands and flags of `faultline`, and nothing of what they do. Answers with the exit status.
 *
 * `server` is not parsed here: everything behind the word belongs to the server, which is started as redis-server is.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { ConfigError } from '../../engine/core/errors.ts';
import { packageRoot } from './files.ts';
import { listCommand } from './listCommand.ts';
import { nearest } from './nearest.ts';
import type { RunFlags } from './options.ts';
import { type QuorumFlags, quorumCommand } from './quorumCommand.ts';
import { replayCommand, runCommand } from './runCommand.ts';

/** Commands of the design that no issue has built so far. */
const NOT_BUILT: readonly string[] = ['explore', 'shrink', 'compare', 'check', 'claims', 'view'];
const BUILT: readonly string[] = ['run', 'list', 'replay', 'quorum', 'server', 'help'];

const EXAMPLES = `
Examples:
  faultline run replication/primary-power-loss            the main job
  faultline run replication/primary-power-loss --seed 7   another course of the same
  faultline run my-compose.yaml                           the main job, on your deployment
  faultline run replication/link-cut --seeds 200          a campaign, with distributions
  faultline run replication/link-cut --verify             run again, twice, and compare every event
  faultline quorum                                        which failures a quorum survives: every cell run
  faultline server --port 7000                            the engine on real TCP
  faultline server --port 7001 --replicaof 127.0.0.1 7000
  faultline server sentinel.conf --sentinel

Exit status: 0 as expected; 1 an expectation or invariant failed; 2 wrong usage or unreadable input.
`;

/** `argv` without the program's name. Throws `CommanderError`, `ConfigError` or `ScenarioError` for wrong usage. */
export const runProgram = async (argv: readonly string[]): Promise<number> => {
  const [first] = argv;
  if (first === 'server') {
    const { runServer } = await import('../../engine/node/serverMain.ts');
    runServer(argv.slice(1));
    // It runs on after this returns; a wrong configuration has set the status already.
    return Number(process.exitCode ?? 0);
  }
  if (first !== undefined && !first.startsWith('-') && !BUILT.includes(first)) throw unknownCommand(first);
  let status = 0;
  const program = buildProgram((result) => {
    status = result;
  });
  await program.parseAsync([...argv], { from: 'user' });
  return status;
};

const unknownCommand = (name: string): ConfigError => {
  if (NOT_BUILT.includes(name)) return new ConfigError(`${name}: not built yet`);
  const names = nearest(name, BUILT);
  return new ConfigError(
    `unknown command '${name}': ${names.length === 0 ? "'faultline --help' shows them" : `did you mean ${names.join(' or ')}?`}`);
};

const buildProgram = (finish: (status: number) => void): Command => {
  const program = new Command('faultline');
  program
    .description('A deterministic simulator for Redis high availability: breaks things from a seed and says what was lost,'
      + ' for how long, and why.')
    .version(version())
    .exitOverride()
    // Whoever called prints the error, in one line.
    .configureOutput({ outputError: () => undefined })
    .addHelpText('after', EXAMPLES);
  program.command('run')
    .description('run and report')
    .argument('[targets...]', 'a scenario by name, a compose file, a scenario as JSON, or a saved run')
    .option('--seed <seed>', 'decimal seed of the run, or of the first one (default: 1)')
    .option('--seeds <count>', 'run this many seeds and show distributions')
    .option('--shard <i/n>', 'with --seeds: only the i-th of n shares')
    .option('--workers <count>', 'with --seeds: worker threads (default: the cores)')
    .option('--verify', 'run twice more and name the first event that differs')
    .option('--trace <file>', 'write every event, one JSON line each')
    .option('--save <file>', 'save the run for `faultline replay`')
    .option('--html <file>', 'not built yet')
    .option('--json', 'one JSON document on standard output')
    .option('--quiet', 'one line a run')
    .action(async (targets: string[], flags: RunFlags) => finish(await runCommand(targets, flags)));
  program.command('list')
    .description('what there is')
    .option('--json', 'as JSON')
    .action((flags: { json?: boolean }) => finish(listCommand(flags.json === true)));
  program.command('replay')
    .description('run a saved run again, bit for bit')
    .argument('<file>', 'a file that `faultline run --save` wrote')
    .option('--json', 'one JSON document on standard output')
    .option('--quiet', 'one line')
    .action((file: string, flags: RunFlags) => finish(replayCommand(file, flags)));
  program.command('quorum')
    .description('the availability tables of Sentinel and Cluster, every cell run')
    .option('--seeds <count>', 'runs of each cell of Sentinel, a fifth of that of Cluster (default: 20)')
    .option('--seed <seed>', 'the first seed (default: 1)')
    .option('--sentinels <count>', 'cells of up to so many sentinels (default: 7)')
    .option('--primaries <count>', 'cells of clusters of up to so many primaries (default: 5)')
    .option('--only <table>', 'sentinel or cluster')
    .option('--workers <count>', 'worker threads (default: the cores)')
    .option('--json', 'one JSON document on standard output')
    .option('--quiet', 'the verdict only')
    .action(async (flags: QuorumFlags) => finish(await quorumCommand(flags)));
  program.command('server [arguments...]')
    .description('the engine on real TCP, started the way redis-server is: [CONF] [--port N …]');
  return program;
};

const version = (): string => {
  const manifest: unknown = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'));
  return String((manifest as { readonly version?: unknown }).version);
};
