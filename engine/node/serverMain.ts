/**
 * `faultline server`: the engine as a server process, started the way redis-server is.
 *
 * Always holds: wrong configuration ends the process with status 1 before anything listens, and says line and directive in
 * redis-server's words; a broken invariant ends the process.
 * Source: server.c main and initServer of Redis 7.0, read for their behaviour.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Bytes, EMPTY, bytes } from '../core/bytes.ts';
import { ConfigError } from '../core/errors.ts';
import { ms } from '../core/units.ts';
import { type Config, type LogLevel, REDIS_VERSION, type ServerHandle, createLuaEngine, startSentinel, startServer } from '../index.ts';
import { COMMAND_DOCS } from '../server/commandDocs.ts';
import { HELP, type StartCommand, parseCommandLine } from './commandLine.ts';
import { type Configuration, UnreadableFile } from './configReader.ts';
import { becomeDaemon, forgetDaemon, isDaemon } from './daemon.ts';
import { systemReason } from './nodeErrors.ts';
import { machineFigures } from './machineFigures.ts';
import { NodeHost } from './nodeHost.ts';
import { formatLogLine, writeLogLine } from './nodeLog.ts';
import { listenToSignals } from './processSignals.ts';
import { complaint, loadConfiguration } from './startConfig.ts';

/** By which name the program was started: ours, or that of the programs it stands in for. */
export type ProgramName = 'faultline server' | 'redis-server' | 'redis-sentinel';

/** As Redis ends when it cannot use its configuration. */
const FAILURE = 1;

/** Where a daemon's ID goes unless `pidfile` says otherwise. */
const DAEMON_PID_FILE = '/var/run/redis.pid';

/** `argv` is what follows the program's name. Returns once the server listens; signals and clients end it. */
export const runServer = (argv: readonly string[], name: ProgramName = 'faultline server'): void => {
  const command = parseCommandLine(argv, name === 'redis-sentinel');
  if (command.kind === 'help') help(name);
  else if (command.kind === 'version') {
    process.stdout.write(`Redis server v=${REDIS_VERSION} sha=00000000:0 malloc=libc bits=64 build=faultline-${version()}\n`);
  } else start(command, argv, name);
};

/** Whoever asks redis-server for help gets it as he is used to. */
const help = (name: ProgramName): void => {
  if (name === 'faultline server') {
    process.stdout.write(HELP);
    return;
  }
  process.stderr.write(HELP.replaceAll('faultline server', name));
  process.exitCode = FAILURE;
};

const start = (command: StartCommand, argv: readonly string[], name: ProgramName): void => {
  const workingDirectory = process.cwd();
  const say = (level: LogLevel, message: string): void =>
    writeLogLine(null, formatLogLine(process.pid, command.sentinel ? 'X' : 'C', new Date(), level, message));
  try {
    if (command.fromStandardInput) say('warning', 'Reading config from stdin');
    const { configuration, config } = loadConfiguration(command);
    if (config.flag('daemonize') && !isDaemon()) becomeDaemon(workingDirectory, configuration.standardInput);
    else serve(configuration, config, command, resolve(workingDirectory, command.configFile ?? ''), argv.length === 0 ? name : null);
  } catch (error) {
    if (error instanceof UnreadableFile) say('warning', error.message);
    else if (error instanceof ConfigError) process.stderr.write(complaint(error));
    else throw error;
    process.exitCode = FAILURE;
  }
};

/** `startedBare`: the program's name where there was not one argument. `configFile` is absolute. */
const serve = (
  { directives }: Configuration, config: Config, command: StartCommand, configFile: string, startedBare: string | null,
): void => {
  forgetDaemon();
  const { sentinel } = command;
  const running: { handle: ServerHandle | null; letter: string } = { handle: null, letter: sentinel ? 'X' : 'C' };
  const host = makeHost(config, running);
  process.on('uncaughtException', (error) => {
    host.log('warning', `Crashed: ${error.stack ?? error.message}`);
    process.exit(FAILURE);
  });
  // Whoever read our log is gone; the server goes on, as Redis does without SIGPIPE.
  process.stdout.on('error', () => {});
  host.log('warning', 'oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo');
  host.log('warning', `Redis version=${REDIS_VERSION}, bits=64, commit=00000000, modified=0, pid=${host.pid}, just started`);
  host.log('warning', startedBare === null ? 'Configuration loaded'
    : `Warning: no config file specified, using the default config. In order to specify a config file use ${startedBare} /path/to/redis.conf`);
  if (!sentinel) running.letter = 'M';
  host.log('notice', 'monotonic clock: POSIX clock_gettime');
  const options = {
    configFile: command.configFile === null ? EMPTY : latin1(configFile), dataDirectory: latin1(process.cwd()),
    listens: () => listens(host, config, sentinel), leaves: () => removePidFile(host, config),
  };
  const handle = sentinel ? startSentinel(host, directives, options)
    : startServer(host, directives, { ...options, commandDocs: COMMAND_DOCS, scripting: createLuaEngine, machine: machineFigures });
  running.handle = handle;
  listenToSignals(host, handle);
};

const makeHost = (config: Config, running: { readonly handle: ServerHandle | null; readonly letter: string }): NodeHost => {
  const logFile = text(config, 'logfile');
  const level = text(config, 'loglevel') as LogLevel;
  return new NodeHost({
    dataDirectory: process.cwd(),
    keepAliveMs: ms(config.number('tcp-keepalive') * 1000),
    acceptQueueMax: config.number('tcp-backlog'),
    // Where it was at the start: `dir` may change.
    logFile: logFile === '' ? null : resolve(logFile),
    logLevel: () => running.handle?.logLevel() ?? level,
    noteFile: process.env['FAULTLINE_NOTES'] ?? null,
    roleLetter: () => running.handle?.roleLetter() ?? running.letter,
  });
};

/** Once the sockets are open: a server that cannot have its port leaves the other's file alone. */
const listens = (host: NodeHost, config: Config, sentinel: boolean): void => {
  const file = pidFileOf(config);
  if (file !== '') {
    try {
      writeFileSync(file, `${host.pid}\n`);
    } catch (error) {
      host.log('warning', `Failed to write PID file: ${systemReason(error)}`);
    }
  }
  if (config.flag('set-proc-title')) process.title = processTitle(config, sentinel);
};

const removePidFile = (host: NodeHost, config: Config): void => {
  const file = pidFileOf(config);
  if (file === '') return;
  host.log('notice', 'Removing the pid file.');
  rmSync(file, { force: true });
};

const pidFileOf = (config: Config): string => {
  const file = text(config, 'pidfile');
  return file === '' && config.flag('daemonize') ? DAEMON_PID_FILE : file;
};

/** What ps shows. */
const processTitle = (config: Config, sentinel: boolean): string => {
  const port = config.number('port');
  const address = text(config, 'bind').split(' ')[0] ?? '';
  const values: Readonly<Record<string, string>> = {
    title: sentinel ? 'redis-sentinel' : 'redis-server',
    'listen-addr': port === 0 ? text(config, 'unixsocket') : `${address}:${port}`,
    'server-mode': sentinel ? '[sentinel]' : config.flag('cluster-enabled') ? '[cluster]' : '',
    port: String(port), 'tls-port': '0', unixsocket: text(config, 'unixsocket'), 'config-file': '',
  };
  return text(config, 'proc-title-template').replace(/\{([^}]*)\}/g, (_whole, name: string) => values[name] ?? '').trimEnd();
};

/** The bytes of a path's name, and back. */
const latin1 = (path: string): Bytes => bytes(Buffer.from(path).toString('latin1'));
const text = (config: Config, name: string): string => Buffer.from(config.text(name), 'latin1').toString();

/** From package.json, which lies three directories above this file in dist. */
const version = (): string => {
  const content = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  const description: unknown = JSON.parse(content);
  return typeof description === 'object' && description !== null && 'version' in description
    ? String(description.version) : '';
};
