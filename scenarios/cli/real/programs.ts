/** Which programs a real run starts: Debian's redis-server, another one, or our own server. */
import { spawnSync } from 'node:child_process';
import { ConfigError } from '../../../engine/core/errors.ts';

export interface Programs {
  /** A program and its first arguments; what follows is a configuration file, or directives. */
  readonly server: readonly string[];
  readonly sentinel: readonly string[];
  /** Whether the sentinel's program is told what it is by `--sentinel`. */
  readonly sentinelFlag: boolean;
  readonly versions: { readonly server: string; readonly sentinel: string };
}

const SERVER_DEFAULT = 'redis-server';

/** Words of a command line: blanks part them, and nothing is quoted. */
const wordsOf = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== '');

/** Throws `ConfigError` when a program is not there or does not say its version. */
export const findPrograms = (server: string | null, sentinel: string | null): Programs => {
  const serverWords = wordsOf(server ?? SERVER_DEFAULT);
  const sentinelWords = sentinel === null ? serverWords : wordsOf(sentinel);
  return {
    server: serverWords, sentinel: sentinelWords, sentinelFlag: sentinel === null || !/sentinel[^/]*$/.test(sentinelWords[0] ?? ''),
    versions: { server: versionOf(serverWords, '--server'), sentinel: versionOf(sentinelWords, '--sentinel-server') },
  };
};

const versionOf = ([program = '', ...words]: readonly string[], flag: string): string => {
  const { error, status, stdout } = spawnSync(program, [...words, '--version'], { encoding: 'utf8', timeout: 10_000 });
  if (error !== undefined || status !== 0) {
    const hint = program === SERVER_DEFAULT ? "; 'apt-get install redis-server' installs it, --server names another one" : '';
    throw new ConfigError(`${flag}: '${[program, ...words].join(' ')}' does not run as a Redis server${hint}`);
  }
  return stdout.trim().split('\n')[0] ?? '';
};
