/**
 * The configuration of a start, read and checked as redis-server does it before it does anything else.
 *
 * Always holds: what is wrong is an error before the log, a pidfile or a socket is touched. The process is in `dir` afterwards.
 * Source: loadServerConfigFromString in config.c and sentinelCheckConfigFile in sentinel.c of Redis 7.0, for behaviour.
 */
import { constants as access, accessSync, appendFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConfigError } from '../core/errors.ts';
import { Config, type Directive, REDIS_VERSION, sentinelConfig } from '../index.ts';
import type { StartCommand } from './commandLine.ts';
import { type Configuration, UnreadableFile, readConfiguration } from './configReader.ts';
import { systemReason } from './nodeErrors.ts';

export interface LoadedConfiguration {
  readonly configuration: Configuration;
  readonly config: Config;
}

/** Throws `ConfigError`. */
export const loadConfiguration = (command: StartCommand): LoadedConfiguration => {
  const workingDirectory = process.cwd();
  const configuration = readConfiguration(command);
  const config = command.sentinel ? sentinelConfig(configuration.directives) : serverConfig(configuration.directives);
  const logFile = Buffer.from(config.text('logfile'), 'latin1').toString();
  if (logFile !== '') checkLogFile(logFile);
  if (command.sentinel) checkSentinelFile(command.configFile, workingDirectory);
  return { configuration, config };
};

/** What redis-server says of it on standard error. */
export const complaint = ({ line, message }: ConfigError): string => {
  const said = line === null ? message : `Reading the configuration file, at line ${line.number}\n>>> '${line.text}'\n${line.reason}`;
  return `\n*** FATAL CONFIG FILE ERROR (Redis ${REDIS_VERSION}) ***\n${said}\n`;
};

const serverConfig = (directives: readonly Directive[]): Config => {
  const config = new Config();
  config.load(directives);
  return config;
};

const checkLogFile = (logFile: string): void => {
  try {
    appendFileSync(logFile, '');
  } catch (error) {
    throw new ConfigError(`Can't open the log file: ${systemReason(error)}`);
  }
};

/** It keeps its promises there. */
const checkSentinelFile = (configFile: string | null, workingDirectory: string): void => {
  if (configFile === null) throw new UnreadableFile('Sentinel needs config file on disk to save state. Exiting...');
  const file = resolve(workingDirectory, configFile);
  try {
    accessSync(file, access.W_OK);
  } catch (error) {
    throw new UnreadableFile(`Sentinel config file ${file} is not writable: ${systemReason(error)}. Exiting...`);
  }
};
