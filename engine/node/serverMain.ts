/**
 * `faultline server`: the engine as a server process, started the way redis-server is.
 *
 * Always holds: wrong configuration ends the process with status 1 before anything listens, and says file, line and
 * directive; SIGTERM and SIGINT shut down as SHUTDOWN does, a second SIGINT at once; a broken invariant ends the process.
 * Source: server.c main, initServer and sigShutdownHandler of Redis 7.0, read for their behaviour.
 */
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Bytes, EMPTY, bytes } from '../core/bytes.ts';
import { ConfigError } from '../core/errors.ts';
import { parseSafeInteger } from '../core/integers.ts';
import { ms } from '../core/units.ts';
import { type Directive, type LogLevel, type ServerHandle, createLuaEngine, startSentinel, startServer } from '../index.ts';
import { directiveError } from '../server/configFile.ts';
import { COMMAND_DOCS } from '../server/commandDocs.ts';
import { HELP, type StartCommand, parseCommandLine } from './commandLine.ts';
import { readConfiguration } from './configReader.ts';
import { NodeHost } from './nodeHost.ts';

/** As Redis ends when it is interrupted twice, or cannot use its configuration. */
const FAILURE = 1;

/** `argv` is what follows `faultline server`. Returns once the server listens; signals and clients end it. */
export const runServer = (argv: readonly string[]): void => {
  const command = parseCommandLine(argv);
  if (command.kind === 'help') process.stdout.write(HELP);
  else if (command.kind === 'version') process.stdout.write(`Faultline server v=${version()} redis=7.0.15\n`);
  else start(command);
};

const start = (command: StartCommand): void => {
  try {
    serve(readConfiguration(command), command);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    fail(`\n*** FATAL CONFIG FILE ERROR (Faultline ${version()}) ***\n${error.message}`);
  }
};

const serve = (directives: readonly Directive[], { configFile, sentinel }: StartCommand): void => {
  const dataDirectory = resolve(lastText(directives, 'dir') ?? '.');
  const logFile = lastText(directives, 'logfile') ?? '';
  const pidFile = lastText(directives, 'pidfile') ?? '';
  checkDirectory(directives, dataDirectory);
  const running: { handle: ServerHandle | null } = { handle: null };
  const host = new NodeHost({
    dataDirectory,
    keepAliveMs: ms(lastNumber(directives, 'tcp-keepalive', 300) * 1000),
    acceptQueueMax: lastNumber(directives, 'tcp-backlog', 511),
    logFile: logFile === '' ? null : resolve(dataDirectory, logFile),
    logLevel: levelOf(lastText(directives, 'loglevel')),
    noteFile: process.env['FAULTLINE_NOTES'] ?? null,
    roleLetter: () => running.handle?.roleLetter() ?? (sentinel ? 'X' : 'M'),
    endProcess: (status) => {
      if (pidFile !== '') rmSync(pidFile, { force: true });
      process.exit(status);
    },
  });
  process.on('uncaughtException', (error) => {
    host.log('warning', `Crashed: ${error.stack ?? error.message}`);
    process.exit(FAILURE);
  });
  // Whoever read our log is gone; the server goes on, as Redis does without SIGPIPE.
  process.stdout.on('error', () => {});
  const file = configFile === null ? EMPTY : latin1(resolve(configFile));
  const handle = sentinel ? startSentinel(host, directives, { configFile: file, dataDirectory: latin1(dataDirectory) })
    : startServer(host, directives, {
      configFile: file, dataDirectory: latin1(dataDirectory), commandDocs: COMMAND_DOCS, scripting: createLuaEngine,
    });
  running.handle = handle;
  if (pidFile !== '') writeFileSync(pidFile, `${host.pid}\n`);
  listenToSignals(host, handle);
};

const listenToSignals = (host: NodeHost, handle: ServerHandle): void => {
  let interrupted = false;
  const shutDown = (signal: string): void => host.inTurn(() => {
    if (signal === 'SIGINT' && interrupted) {
      host.log('warning', 'You insist... exiting now.');
      host.exit(FAILURE);
      return;
    }
    interrupted = true;
    host.log('warning', `Received ${signal} scheduling shutdown...`);
    handle.shutdown();
  });
  process.on('SIGTERM', () => shutDown('SIGTERM'));
  process.on('SIGINT', () => shutDown('SIGINT'));
  process.on('SIGHUP', () => {});
};

/** The bytes of a path's name. */
const latin1 = (path: string): Bytes => bytes(Buffer.from(path).toString('latin1'));

/** Redis goes there as soon as it reads `dir`, and does not start when it cannot. */
const checkDirectory = (directives: readonly Directive[], directory: string): void => {
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true) return;
  const directive = directives.findLast(({ name }) => name === 'dir');
  const reason = `Can't chdir to '${directory}': No such directory`;
  throw directive === undefined ? new ConfigError(reason) : directiveError(directive, reason);
};

/** A word that is no level is left to the engine, which refuses it by its place. */
const levelOf = (word: string | null): LogLevel => {
  const level = word?.toLowerCase();
  return level === 'debug' || level === 'verbose' || level === 'warning' ? level : 'notice';
};

/** The last directive of that name counts. */
const lastText = (directives: readonly Directive[], name: string): string | null => {
  const value: Bytes | undefined = directives.findLast((directive) => directive.name === name)?.values[0];
  return value === undefined ? null : Buffer.from(value, 'latin1').toString();
};

/** Text that is no number is left to the engine, which refuses it by its place. */
const lastNumber = (directives: readonly Directive[], name: string, otherwise: number): number => {
  const value = directives.findLast((directive) => directive.name === name)?.values[0];
  return value === undefined ? otherwise : parseSafeInteger(value) ?? otherwise;
};

/** From package.json, which lies three directories above this file in dist. */
const version = (): string => {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  const description: unknown = JSON.parse(text);
  return typeof description === 'object' && description !== null && 'version' in description
    ? String(description.version) : '';
};

const fail = (message: string): void => {
  process.stderr.write(`${message}\n`);
  process.exitCode = FAILURE;
};
