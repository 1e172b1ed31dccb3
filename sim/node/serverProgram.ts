/**
 * What a process of the topology runs: its image's entrypoint, then the server or the sentinel, with the directives that the
 * entrypoint gives it on its command line or in its configuration file.
 */
import {
  type Bytes, type ClusterBugs, ConfigError, type Directive, type Host, NO_BUGS, NO_CLUSTER_BUGS, NO_SENTINEL_BUGS, type PlantedBugs,
  type SentinelBugs, bytes, createLuaEngine, parseConfigText, startSentinel, startServer,
} from '../../engine/index.ts';
import { runEntrypoint } from '../topology/entrypoint.ts';
import { type ProcessSpec, configFileOf } from '../topology/topology.ts';
import { CONFIG_FILE, configText, prepareConfigFile } from './configFile.ts';
import type { SimProcess } from './simProcess.ts';

/** Bugs of the engine that a test may plant, by name. */
export type Bugs = PlantedBugs & SentinelBugs & ClusterBugs;

export const NO_ENGINE_BUGS: Bugs = { ...NO_BUGS, ...NO_SENTINEL_BUGS, ...NO_CLUSTER_BUGS };

/** A sentinel's configuration file, in its data directory. */
const SENTINEL_FILE: Bytes = bytes('sentinel.conf');

/** A server of a topology is there for others; whoever wants it otherwise says so, and the last one counts. */
const UNPROTECTED: Directive = { name: bytes('protected-mode'), values: [bytes('no')], place: 'the virtual world' };

type Directives = ProcessSpec['directives'];

/** Throws `ConfigError` for directives that no configuration file can hold. */
export const serverProgram = (spec: ProcessSpec, bugs: Bugs, self: () => SimProcess): ((host: Host) => void) => {
  parseConfigText(configText(withPort(spec, spec.directives)), spec.origin);
  return (host) => {
    const process = self();
    runEntrypoint(host, spec, process.machine.address, process.starts - 1, (directives) => {
      run(host, spec, process, withPort(spec, directives), bugs);
    });
  };
};

/** The topology says which port a process has, where its directives do not. */
const withPort = (spec: ProcessSpec, directives: Directives): Directives =>
  (directives.some(([name]) => name === 'port') ? directives : [['port', String(spec.port)], ...directives]);

const run = (host: Host, spec: ProcessSpec, process: SimProcess, given: Directives, bugs: Bugs): void => {
  const keeping = configFileOf(spec);
  const path = spec.kind === 'sentinel' ? SENTINEL_FILE : CONFIG_FILE;
  const givenText = configText(given);
  const text = keeping === 'none' ? givenText : prepareConfigFile(process.directory, keeping, given, path);
  const isGiven = text === givenText;
  try {
    start(host, spec, parseConfigText(text, isGiven ? spec.origin : path), keeping === 'none' ? null : path, bugs);
  } catch (failure) {
    // Directives of the topology that are wrong end the run, at the first start; a file that was damaged since ends the process.
    if (!(failure instanceof ConfigError) || (isGiven && process.starts === 1)) throw failure;
    host.log('warning', failure.message);
    host.exit(1);
  }
};

const start = (host: Host, spec: ProcessSpec, directives: readonly Directive[], configFile: Bytes | null, bugs: Bugs): void => {
  if (spec.kind === 'sentinel') startSentinel(host, directives, { configFile: configFile ?? SENTINEL_FILE, bugs });
  else {
    startServer(host, [UNPROTECTED, ...directives], {
      keepsDigest: true, bugs, clusterBugs: bugs, scripting: createLuaEngine, ...(configFile === null ? {} : { configFile }),
    });
  }
};
