/**
 * The commands and flags of `faultline`, and nothing of what they do: a command is loaded when it is called. Answers with the exit status.
 *
 * `server` is not parsed here: everything behind the word belongs to the server, which is started as redis-server is.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { ConfigError } from '../../engine/core/errors.ts';
import type { ExploreFlags } from './exploreOptions.ts';
import type { CheckFlags } from './checkOptions.ts';
import type { ClaimsFlags } from './claimsCommand.ts';
import type { CompareFlags } from './compareCommand.ts';
import { packageRoot } from './files.ts';
import { nearest } from './nearest.ts';
import type { RunFlags } from './options.ts';
import type { QuorumFlags } from './quorumCommand.ts';
import type { ShrinkFlags } from './shrinkCommand.ts';
import type { ViewFlags } from './viewCommand.ts';

const BUILT: readonly string[] = ['run', 'list', 'explore', 'replay', 'shrink', 'compare', 'quorum', 'check', 'claims', 'server', 'view', 'help'];

const EXAMPLES = `
Examples:
  faultline run replication/primary-power-loss            the main job
  faultline run replication/primary-power-loss --seed 7   another course of the same
  faultline run my-compose.yaml                           the main job, on your deployment
  faultline run replication/link-cut --seeds 200          a campaign, with distributions
  faultline run replication/link-cut --verify             run again, twice, and compare every event
  faultline explore sentinel/chaos --budget 60s           search for violations and the worst, shrink what is found
  faultline replay faultline-failures/FILE.json           run a saved failure again, bit for bit
  faultline quorum                                        which failures a quorum survives: every cell run
  faultline claims                                        what the operator's notes say, and what runs show
  faultline run sentinel/primary-killed --html run.html   one page of that run, to look at or to send
  faultline view faultline-failures/FILE.json             the browser timeline, on a saved failure
  faultline server --port 7000                            the engine on real TCP
  faultline server --port 7001 --replicaof 127.0.0.1 7000
  faultline server sentinel.conf --sentinel

Exit status: 0 as expected; 1 an expectation or invariant failed; 2 wrong usage or unreadable input.
`;

/** Every command but `server`. `argv` without the program's name. Throws `CommanderError`, `ConfigError` or `ScenarioError` for wrong usage. */
export const runProgram = async (argv: readonly string[]): Promise<number> => {
  const [first] = argv;
  if (first !== undefined && !first.startsWith('-') && !BUILT.includes(first)) throw unknownCommand(first);
  let status = 0;
  const program = buildProgram((result) => {
    status = result;
  });
  await program.parseAsync([...argv], { from: 'user' });
  return status;
};

const unknownCommand = (name: string): ConfigError => {
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
    .option('--world <world>', 'virtual or real: on real Redis processes, on Linux (default: virtual)')
    .option('--network <kind>', 'with --world real: namespaces (as root), or proxies on the loopback (default: what this user can have)')
    .option('--server <path>', 'with --world real: the server to start (default: redis-server)')
    .option('--sentinel-server <path>', 'with --world real: the sentinel to start (default: the server, as a sentinel)')
    .option('--verify', 'run twice more and name the first event that differs')
    .option('--trace <file>', 'write every event, one JSON line each')
    .option('--save <file>', 'save the run for `faultline replay`')
    .option('--html <file>', 'write one page of the run, which opens in a browser without a server')
    .option('--json', 'one JSON document on standard output')
    .option('--quiet', 'one line a run')
    .action(async (targets: string[], flags: RunFlags) => finish(await (await import('./runCommand.ts')).runCommand(targets, flags)));
  program.command('list')
    .description('what there is')
    .option('--json', 'as JSON')
    .action(async (flags: { json?: boolean }) => finish((await import('./listCommand.ts')).listCommand(flags.json === true)));
  program.command('replay')
    .description('run a saved run again, bit for bit: whether its hash is the same, and whether it fails in the same way')
    .argument('<file>', 'a file that `faultline run --save`, `explore` or `shrink` wrote')
    .option('--module <files...>', 'modules with own checks and workloads that the run was made with')
    .option('--json', 'one JSON document on standard output')
    .option('--quiet', 'one line')
    .action(async (file: string, flags: RunFlags) => finish(await (await import('./runCommand.ts')).replayCommand(file, flags)));
  addExplore(program, finish);
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
    .action(async (flags: QuorumFlags) => finish(await (await import('./quorumCommand.ts')).quorumCommand(flags)));
  addClaims(program, finish);
  addCompare(program, finish);
  addCheck(program, finish);
  program.command('view')
    .description('the browser timeline on 127.0.0.1, until Ctrl-C')
    .argument('[file]', 'opened at once: a saved run, a failure, a report, a trace, a scenario as JSON, or a compose file')
    .option('--port <port>', 'where to serve it (default: any port that is free)')
    .action(async (file: string | undefined, flags: ViewFlags) => finish(await (await import('./viewCommand.ts')).viewCommand(file, flags)));
  program.command('server [arguments...]')
    .description('the engine on real TCP, started the way redis-server is: [CONF] [--port N …]');
  return program;
};

const EXPLORE_EXAMPLES = `
Half of each round are fresh seeds, half are new plans made from those of interesting runs (--no-mutate: fresh seeds only).

Examples:
  faultline explore sentinel/chaos --seeds 1000               1,000 runs on all cores
  faultline explore sentinel/chaos --budget 5m --resume s.json  five minutes more each time it is called
  faultline explore replication/link-cut --objective loss     the worst loss that changes of its plan can bring about
  faultline explore sentinel/chaos --shard 2/4 --junit r.xml --github    one job of four in continuous integration
  faultline explore sentinel/chaos --plant votesTwice         does it find a bug that is planted in the engine?

Exit status: 0 nothing failed; 1 some run failed; 2 wrong usage or unreadable input; 130 interrupted.
`;

const SHRINK_EXAMPLES = `
Examples:
  faultline shrink faultline-failures/FILE.json           a failure that explore or run --save wrote
  faultline shrink my-scenario.json --seed 17             a seed that fails
  faultline shrink my-scenario.json --seed 17 --check convergence
`;

const addExplore = (program: Command, finish: (status: number) => void): void => {
  program.command('explore')
    .description('search seeds and plans for violations and for the worst that can happen; shrink what is found')
    .argument('[targets...]', 'scenarios by name, compose files, scenarios as JSON')
    .option('--seed <seed>', 'the first seed (default: 1)')
    .option('--seeds <count>', 'runs of all shards together (default: 200, with --budget as many as it takes)')
    .option('--budget <time>', 'begin no further round after this long: 500ms, 60s, 5m, 1h')
    .option('--workers <count>', 'worker threads (default: the cores)')
    .option('--shard <i/n>', 'only the i-th of n shares of the seeds')
    .option('--objective <what>', 'go on mostly from runs of the worst loss, the longest outage, or the rarest course: loss, outage, rare')
    .option('--no-mutate', 'fresh seeds only, no new plans from old ones')
    .option('--no-shrink', 'leave failures as they were found')
    .option('--resume <file>', 'keep the state of the search here after each round, and go on from it')
    .option('--out <directory>', 'where failures are written (default: faultline-failures)')
    .option('--plant <bugs>', 'plant bugs in the engine, by their names, separated by commas')
    .option('--module <files...>', 'modules with own checks and workloads, which each worker loads')
    .option('--junit <file>', 'write a JUnit report')
    .option('--github', 'print annotations of GitHub Actions')
    .option('--json', 'one JSON document on standard output')
    .option('--quiet', 'one line for each scenario and each failure')
    .addHelpText('after', EXPLORE_EXAMPLES)
    .action(async (targets: string[], flags: ExploreFlags) => finish(await (await import('./exploreCommand.ts')).exploreCommand(targets, flags)));
  program.command('shrink')
    .description('the smallest plan, workload and deployment that still fail in the same way')
    .argument('<target>', 'a saved run, or a scenario (with --seed)')
    .option('--seed <seed>', 'the seed that fails (default: 1; a saved run has its own)')
    .option('--check <name>', 'the failure to keep (default: the saved one, or the one nearest to the root)')
    .option('--runs <count>', 'give up after so many runs (default: 400)')
    .option('--out <directory>', 'where the result is written (default: faultline-failures)')
    .option('--plant <bugs>', 'plant bugs in the engine, by their names, separated by commas')
    .option('--module <files...>', 'modules with own checks and workloads, which each worker loads')
    .option('--json', 'one JSON document on standard output')
    .option('--quiet', 'no progress')
    .addHelpText('after', SHRINK_EXAMPLES)
    .action(async (target: string, flags: ShrinkFlags) => finish(await (await import('./shrinkCommand.ts')).shrinkCommand(target, flags)));
};

const CHECK_EXAMPLES = `
Examples:
  faultline check docker-compose.yaml                         every single failure, 12 seeds each
  faultline check values.yaml --pairs                         and every two at once
  faultline check redis.conf replica.conf sentinel.conf       plain configuration files, together one deployment
  faultline check values.yaml --require 'survives=1machine,lost<=0.1%,outage<=15s'
                                                              exit status 1 where that is not so: for continuous integration
  faultline check values.yaml --fix                           mends what it can in a copy, and shows both tables side by side
  faultline check values.yaml --show 'node-0/power' --seed 7  one of those runs in full (--html FILE: as a timeline)

Exit status: 0 as required; 1 a requirement is not met; 2 wrong usage or unreadable input.
`;

const addCheck = (program: Command, finish: (status: number) => void): void => {
  program.command('check')
    .description('your own deployment: what it survives, and what it can lose: every failure run, over seeds')
    .argument('[files...]', 'a compose file, Helm values, redis.conf and sentinel.conf')
    .option('--seeds <count>', 'runs of each single failure (default: 12)')
    .option('--seed <seed>', 'the first seed (default: 1)')
    .option('--pairs', 'every two failures at once, too')
    .option('--pair-seeds <count>', 'runs of each pair (default: 4)')
    .option('--within <time>', 'how long a failure stands: 90s, 5m (default: what this configuration needs to recover)')
    .option('--require <what>', 'set the exit status: survives=1machine,lost<=0.1%,outage<=15s')
    .option('--place <file>', 'which process runs on which machine, and which machine stands in which zone (YAML)')
    .option('--only <text>', 'only failures in whose names this stands')
    .option('--no-findings', 'the table only: do not look for what is wrong')
    .option('--fix', 'write the mended files beside the originals, and show both tables')
    .option('--show <failure>', 'one run of that failure in full, of --seed; with --save or --html')
    .option('--save <file>', 'with --show: save the run for `faultline replay`')
    .option('--html <file>', 'write one page of the table; with --show: of that run')
    .option('--workers <count>', 'worker threads (default: the cores)')
    .option('--json', 'one JSON document on standard output')
    .option('--quiet', 'the verdict lines only')
    .addHelpText('after', CHECK_EXAMPLES)
    .action(async (files: string[], flags: CheckFlags) => finish(await (await import('./checkCommand.ts')).checkCommand(files, flags)));
};

const CLAIMS_EXAMPLES = `
Examples:
  faultline claims                          all statements, each with its verdict and its evidence
  faultline claims --only 3,11              two of them
  faultline claims --page docs/claims.md    write the page again
  faultline claims --check docs/claims.md   does the page still say what runs show?

Exit status: 0 every verdict is as recorded, and the page as it should be; 1 one is not; 2 wrong usage or unreadable input.
`;

const addClaims = (program: Command, finish: (status: number) => void): void => {
  program.command('claims')
    .description("the statements of the operator's notes, each run, with its verdict: holds, holds if, refuted")
    .option('--only <numbers>', 'these only, separated by commas')
    .option('--page <file>', 'write the page of all verdicts')
    .option('--check <file>', 'hold a page against the run')
    .option('--workers <count>', 'worker threads (default: the cores)')
    .option('--json', 'one JSON document on standard output')
    .option('--quiet', 'a line for each')
    .addHelpText('after', CLAIMS_EXAMPLES)
    .action(async (flags: ClaimsFlags) => finish(await (await import('./claimsCommand.ts')).claimsCommand(flags)));
};

const addCompare = (program: Command, finish: (status: number) => void): void => {
  program.command('compare')
    .description('the same scenario in the virtual world and on real Redis processes, side by side (Linux)')
    .argument('<targets...>', 'scenarios by name, or files')
    .option('--runs <count>', 'real runs of each (default: 3)')
    .option('--seeds <count>', 'virtual runs of each (default: 20)')
    .option('--seed <seed>', 'the first seed (default: 1)')
    .option('--parallel <count>', 'real runs at the same time (default: 1)')
    .option('--server <path>', 'the server to start (default: redis-server)')
    .option('--sentinel-server <path>', 'the sentinel to start (default: the server, as a sentinel)')
    .option('--network <kind>', 'namespaces (as root), or proxies on the loopback (default: what this user can have)')
    .option('--own', "a third column: Faultline's own server on real TCP")
    .option('--workers <count>', 'worker threads for the virtual runs (default: the cores)')
    .option('--json', 'one JSON document on standard output')
    .option('--quiet', 'a line for each, and what differs')
    .action(async (targets: string[], flags: CompareFlags) => finish(await (await import('./compareCommand.ts')).compareCommand(targets, flags)));
};

const version = (): string => {
  const manifest: unknown = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'));
  return String((manifest as { readonly version?: unknown }).version);
};
