/** A server of ours for the fuzzer: bounded, so that what it keeps growing is a fault of its own. */
import { readFileSync } from 'node:fs';
import { type ServerProcess, startServerProcess } from './redisServer.ts';

export interface FuzzedServer extends ServerProcess {
  readonly commands: readonly string[];
  /** Its memory in MB. Throws when it has grown beyond what its limits allow, or its log speaks of a crash. */
  check(): number;
}

/** Far above what the data, the buffers and the engine need together under these limits. */
const MEMORY_MB_MAX = 1500;
const LIMITS: readonly string[] = [
  '--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-random', '--client-query-buffer-limit', '16mb', '--proto-max-bulk-len', '16mb',
  '--client-output-buffer-limit', 'normal 32mb 0 0', '--timeout', '5', '--busy-reply-threshold', '200',
];

export const startFuzzedServer = async (): Promise<FuzzedServer> => {
  const server = await startServerProcess('faultline', LIMITS);
  const commands = server.cli('COMMAND', 'LIST').split('\n');
  const check = (): number => {
    const log = server.log();
    const crash = /Crashed:[^]{0,2000}|InvariantError[^]{0,2000}/.exec(log);
    if (crash !== null) throw new Error(`the log speaks of a crash: ${crash[0]}`);
    const resident = /VmRSS:\s+([0-9]+) kB/.exec(readFileSync(`/proc/${server.pid}/status`, 'latin1'))?.[1];
    const memoryMb = Math.round(Number(resident) / 1024);
    if (!(memoryMb < MEMORY_MB_MAX)) throw new Error(`it holds ${memoryMb} MB`);
    return memoryMb;
  };
  return { ...server, commands, check };
};
