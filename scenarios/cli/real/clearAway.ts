/**
 * Takes away what a real run leaves: its processes, namespaces, mounts and files. Works from names alone, so it serves a run that
 * ended well, one whose process was killed, and leftovers that are found days later.
 */
import { existsSync, readFileSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isOf, ownerOf } from './names.ts';
import { run } from './shell.ts';

/** Where `ip netns` keeps its names. */
const NAMESPACES = '/run/netns';
/** Files that `ip netns exec` puts in the place of those of /etc. */
export const NAMESPACE_FILES = '/etc/netns';
const ROUNDS_MAX = 5;
const KILL_ROUNDS_MAX = 20;
const KILL_PAUSE_MS = 25;

const entries = (directory: string): readonly string[] => (existsSync(directory) ? readdirSync(directory) : []);

/** Ends all of the run `id`. Never rejects: what cannot be taken away is told by the answer, a line each. */
export const clearAway = async (id: string): Promise<readonly string[]> => {
  const complaints: string[] = [];
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    await work().catch((error: unknown) => complaints.push(error instanceof Error ? error.message : String(error)));
  };
  // A tool that was at work when its run was ended may still have made one more.
  for (let round = 0; round < ROUNDS_MAX; round++) {
    // First the world's, with the process that starts the others; the names sort it to the end.
    const namespaces = entries(NAMESPACES).filter((name) => isOf(id, name)).sort().reverse();
    if (namespaces.length === 0) break;
    complaints.length = 0;
    for (const name of namespaces) await attempt(() => endProcesses(name));
    for (const name of namespaces) {
      await attempt(() => run('ip', ['netns', 'del', name]));
      rmSync(join(NAMESPACE_FILES, name), { recursive: true, force: true });
    }
  }
  for (const name of entries(NAMESPACE_FILES).filter((one) => isOf(id, one))) await attempt(async () => rmSync(join(NAMESPACE_FILES, name), { recursive: true, force: true }));
  const directory = join(tmpdir(), id);
  await endProcessesBelow(directory);
  for (const place of mountsBelow(directory)) await attempt(() => run('umount', ['-l', place]));
  await attempt(async () => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }));
  return complaints;
};

/** Kills everything that works in the directory or below it, as all processes of a run do; ourselves excepted. */
const endProcessesBelow = async (directory: string): Promise<void> => {
  for (let round = 0; round < KILL_ROUNDS_MAX; round++) {
    const pids = entries('/proc').map(Number).filter((pid) => pid > 0 && pid !== process.pid && worksIn(pid, directory));
    if (pids.length === 0) return;
    for (const pid of pids) killQuietly(pid);
    await new Promise((resolve) => {
      setTimeout(resolve, KILL_PAUSE_MS);
    });
  }
};

const worksIn = (pid: number, directory: string): boolean => {
  try {
    const place = readlinkSync(`/proc/${pid}/cwd`).replace(/ \(deleted\)$/, '');
    return place === directory || place.startsWith(`${directory}/`);
  } catch {
    // It ended meanwhile, or is another user's.
    return false;
  }
};

/** Ends what earlier runs left whose process is gone. */
export const clearLeftovers = async (): Promise<void> => {
  const names = [...entries(NAMESPACES), ...entries(NAMESPACE_FILES), ...entries(tmpdir())];
  const ids = new Set<string>();
  for (const name of names) {
    const owner = ownerOf(name);
    if (owner !== null && !isAlive(owner)) ids.add(name.split('-').slice(0, 3).join('-'));
  }
  for (const id of ids) await clearAway(id);
};

/** Kills everything in a namespace, ourselves excepted, until nothing is left. */
export const endProcesses = async (namespace: string): Promise<void> => {
  for (let round = 0; round < KILL_ROUNDS_MAX; round++) {
    const output = await run('ip', ['netns', 'pids', namespace]);
    const pids = output.split('\n').map(Number).filter((pid) => pid > 0 && pid !== process.pid);
    if (pids.length === 0) return;
    for (const pid of pids) killQuietly(pid);
    await new Promise((resolve) => {
      setTimeout(resolve, KILL_PAUSE_MS);
    });
  }
};

const killQuietly = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

const mountsBelow = (directory: string): readonly string[] => readFileSync('/proc/mounts', 'utf8').split('\n')
  .map((line) => line.split(' ')[1] ?? '').filter((place) => place.startsWith(`${directory}/`)).reverse();
