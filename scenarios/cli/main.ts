#!/usr/bin/env node
/**
 * The `faultline` command: runs the program and turns what it answers or throws into an exit status. Wrong usage and
 * unreadable input are one line and status 2; an error of our own is one line with how to report it, and status 1; no
 * stack is shown unless FAULTLINE_DEBUG is 1.
 */
import { CommanderError } from 'commander';
import { ConfigError, ScenarioError } from '../../engine/core/errors.ts';

const HELP_CODES: readonly string[] = ['commander.helpDisplayed', 'commander.version', 'commander.help'];

const oneLine = (text: string): string => text.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');

const fail = (message: string, status: number): number => {
  process.stderr.write(`faultline: ${oneLine(message)}\n`);
  return status;
};

const statusOf = (error: unknown): number => {
  if (error instanceof CommanderError) {
    // Bare `faultline` prints the help as an answer to wrong usage.
    if (HELP_CODES.includes(error.code)) return error.exitCode === 0 ? 0 : 2;
    return fail(error.message, 2);
  }
  if (error instanceof ConfigError || error instanceof ScenarioError) return fail(error.message, 2);
  if (process.env['FAULTLINE_DEBUG'] === '1' && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return fail(
    `internal error: ${what} (please report it with this command line; FAULTLINE_DEBUG=1 shows where)`, 1);
};

// A reader that went away (`faultline list | head -1`) is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

/** A server starts without loading what the other commands need: that takes several times as long as all the rest of its start. */
const command = async (argv: readonly string[]): Promise<number> => {
  if (argv[0] !== 'server') return (await import('./program.ts')).runProgram(argv);
  await (await import('../../engine/node/launch.ts')).launchServer(argv.slice(1), 'faultline server');
  // It runs on after this returns; a wrong configuration has set the status already.
  return Number(process.exitCode ?? 0);
};

process.exitCode = await command(process.argv.slice(2)).catch(statusOf);
