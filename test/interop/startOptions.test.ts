/**
 * Command lines and configuration files beside redis-server 7.0: what is in force afterwards, or the complaint, word for word. A
 * redis-server that got through its configuration without a place to listen at says so and ends, or it is asked over a unix socket.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfigError } from '../../engine/core/errors.ts';
import { parseCommandLine } from '../../engine/node/commandLine.ts';
import { UnreadableFile } from '../../engine/node/configReader.ts';
import { complaint, loadConfiguration } from '../../engine/node/startConfig.ts';
import { requireRedis } from '../support/requireRedis.ts';

/** What there is to include, in the directory where both start. */
const FILES: Readonly<Record<string, string>> = {
  'plain.conf': 'port 0\n\n  # a comment\nhz 20\nsave 100 1\nsave 200 2\n',
  'outer.conf': 'port 0\nhz 20\ninclude inner.conf\ntimeout 7\n',
  'inner.conf': 'hz 30\ntimeout 3\n',
  'wrong.conf': 'port 0\ninclude broken.conf\n',
  'broken.conf': 'hz 20\n\nhz x\n',
  'quotes.conf': 'port 0\nrequirepass "open\n',
  'old.conf': 'port 0\nslave-priority 7\nmin-slaves-to-write 2\nlua-time-limit 99\nlist-max-ziplist-entries 5\nhash-max-ziplist-entries 6\n',
  'clear.conf': 'port 0\nsave 60 1\nsave ""\nsave 70 2\n',
  'sentinel-line.conf': 'port 0\nsentinel monitor a 127.0.0.1 1 1\n',
};

/** Lines that end with a complaint, or that get through; words are separated by a bar. */
const LINES: readonly string[] = `--bogus|1
--hz|x
--hz
--save|60
--save|60|x
--appendfilename|a/b
--appenddirname|
--maxmemory|12x
--maxmemory|1gb|x
--maxmemory-policy|foo
--maxmemory-clients|101%
--cluster-enabled|yes|--replicaof|1.1.1.1|1
--replicaof|a
--replicaof|a|x
--replicaof|a b
--rename-command|get
--include
--include|nothere.conf
--logfile|/nonexistent/x
--dir|/nonexistent
--dir|plain.conf
--loglevel|foo
--client-output-buffer-limit|foo|1|1|1
--client-output-buffer-limit|normal|1|1
--client-output-buffer-limit|normal|x|1|1
--client-output-buffer-limit|replica|1|1|-1
--bind|1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17
--port|70000
--port|-1
--port|0x10
--port| 6379
--port|"1
--unixsocketperm|999
--oom-score-adj-values|1
--oom-score-adj-values|1|2|3000
--latency-tracking-info-percentiles|101
--latency-tracking-info-percentiles|x
--notify-keyspace-events|q
--shutdown-on-sigterm|foo
--shutdown-on-sigint|save nosave
--daemonize|maybe
--slave-priority|x
--slave-announced|no
--lua-time-limit|x
--proc-title-template|{foo}
--enable-debug-command|x
--supervised|x
--repl-backlog-size|0
--databases|0
--io-threads|200
--active-expire-effort|11
--cluster-announce-hostname|a_b
--sentinel-thing
--"x
--hz "x y
--|x
--port 0 --hz|x
stray
-x
nothere.conf
quotes.conf
wrong.conf
sentinel-line.conf
plain.conf|--hz|y
outer.conf|--timeout|x`.split('\n');

/** Lines whose configuration is asked for; those that name no file listen on no port but the socket. */
const ASKED: readonly string[] = `plain.conf
plain.conf|--hz|40|--timeout 5
outer.conf
outer.conf|--include|inner.conf
clear.conf|--save|10|1
old.conf
--save||--hz|0
--save|--hz|501
--hz 30|--save
--replicaof|127.0.0.1 9999|--client-output-buffer-limit|slave|1mb|2mb|3
--maxmemory|1gb|--requirepass|--secret|--appendfsync|Always|--unixsocketperm|0700
--shutdown-on-sigterm|now force save|--latency-tracking-info-percentiles|50|99.90|--dir|/tmp
--bind|127.0.0.1 -::1|--SENTINEL|--save|60 1 120 2|--loglevel|VERBOSE`.split('\n');

const SHOWN: readonly string[] = ['hz', 'timeout', 'save', 'slave-priority', 'min-replicas-to-write', 'busy-reply-threshold', 'lua-time-limit',
  'hash-max-listpack-entries', 'slaveof', 'client-output-buffer-limit', 'maxmemory', 'requirepass', 'appendfsync', 'shutdown-on-sigterm',
  'latency-tracking-info-percentiles', 'bind', 'loglevel', 'dir', 'port', 'unixsocketperm'];

/** Both begin with the process's ID and the time. */
const unstamped = (log: string): string => log.replace(/^.*? [#*] /gm, '').trim();

describe('command lines and configuration files beside redis-server 7.0', () => requireRedis(() => {
  const home = process.cwd();
  let directory = '';

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'faultline-start-'));
    for (const [name, text] of Object.entries(FILES)) writeFileSync(join(directory, name), text);
  });

  afterAll(() => {
    process.chdir(home);
    rmSync(directory, { recursive: true });
  });

  /** What ours makes of it, in this process. */
  const ours = (argv: readonly string[]): string => {
    process.chdir(directory);
    const command = parseCommandLine(argv);
    if (command.kind !== 'start') return command.kind;
    try {
      const { config } = loadConfiguration(command);
      const shown = new Map([...config.list()].map(({ name, value }) => [name, name === 'dir' ? process.cwd() : value as string]));
      return SHOWN.map((name) => `${name} ${shown.get(name)}`).join('\n');
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return error instanceof UnreadableFile ? error.message : complaint(error).trim();
    }
  };

  const real = (argv: readonly string[]): Promise<string> => new Promise((resolve) => {
    const child = spawn('redis-server', argv, { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
    let log = '';
    let errors = '';
    child.stdout.on('data', (text: Buffer) => { log += text.toString('latin1'); });
    child.stderr.on('data', (text: Buffer) => { errors += text.toString('latin1'); });
    child.on('close', (status) => resolve(`${status}: ${errors === '' ? unstamped(log) : errors.trim()}`));
  });

  /** Both words of a line go in front of the rest, behind a configuration file. */
  const withPortZero = (line: string, ...more: readonly string[]): string[] => {
    const words = line.split('|');
    const file = words[0]?.endsWith('.conf') === true ? words.splice(0, 1) : [];
    return [...file, '--port', '0', ...more, ...words];
  };

  test('what cannot be used is refused in the same words', async () => {
    const said: string[] = [];
    for (let from = 0; from < LINES.length; from += 8) {
      said.push(...await Promise.all(LINES.slice(from, from + 8).map((line) => real(withPortZero(line)))));
    }
    expect(LINES.map((line) => `${line} -> 1: ${ours(withPortZero(line))}`))
      .toEqual(LINES.map((line, index) => `${line} -> ${(said[index] as string)}`));
  });

  test('what can be used is in force', async () => {
    const asked = await Promise.all(ASKED.map(async (line, index) => {
      const socket = join(directory, `${index}.sock`);
      const child = spawn('redis-server', withPortZero(line, '--unixsocket', socket), { cwd: directory, stdio: 'ignore' });
      try {
        return await askConfig(socket, line.includes('--secret') ? '--secret' : null);
      } finally {
        child.kill('SIGKILL');
      }
    }));
    expect(ASKED.map((line) => `${line}\n${ours(withPortZero(line))}`)).toEqual(ASKED.map((line, index) => `${line}\n${asked[index] as string}`));
  });
}));

/** CONFIG GET of each, once the server answers; values follow their names. */
const askConfig = async (path: string, password: string | null): Promise<string> => {
  const request = `${password === null ? '' : `AUTH ${password}\r\n`}${SHOWN.map((name) => `CONFIG GET ${name}\r\n`).join('')}QUIT\r\n`;
  for (let tries = 0; tries < 200; tries++) {
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      const socket = createConnection(path, () => socket.write(request));
      socket.on('data', (chunk) => { text += chunk.toString('latin1'); });
      socket.on('error', () => resolve(''));
      socket.on('close', () => resolve(text));
    });
    if (answer !== '') return [...answer.matchAll(/\*2\r\n\$\d+\r\n(.*)\r\n\$\d+\r\n(.*)\r\n/g)].map(([, name, value]) => `${name} ${value}`).join('\n');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`nobody answers at ${path}`);
};
