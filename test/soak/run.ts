/**
 * `npm run soak [-- --minutes 10 --every 10]`: our server under load with `appendfsync always`, killed with SIGKILL every so many seconds
 * and started again on its files, which are rewritten meanwhile. After each start every key must stand at a step that was acknowledged, or
 * at one that was under way. Exit status 1 with the keys where one does not.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ErrorReply } from '../../engine/protocol/reply.ts';
import { flagsOf, positiveOf } from '../support/flags.ts';
import { RawClient } from '../support/rawClient.ts';
import { type ServerProcess, freePort, requireDist, startServerProcess } from '../support/redisServer.ts';
import { KINDS, type StepKey, requestOf, verify } from './acknowledged.ts';

const WRITERS = 8;
const KEYS_EACH = 50;
/** Requests that one writer has in flight. */
const WINDOW = 16;
const DIRECTIVES: readonly string[] = [
  '--appendonly', 'yes', '--appendfsync', 'always', '--auto-aof-rewrite-min-size', '2mb', '--auto-aof-rewrite-percentage', '50',
];
const MS_PER_SECOND = 1000;
const SECONDS_PER_MINUTE = 60;

const { values } = flagsOf({ options: {
  minutes: { type: 'string', default: '10' }, every: { type: 'string', default: '10' },
} });
const durationMs = positiveOf('minutes', values.minutes) * SECONDS_PER_MINUTE * MS_PER_SECOND;
const everyMs = positiveOf('every', values.every) * MS_PER_SECOND;

const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Takes its keys from step to step until its server is gone; how many steps were acknowledged. */
const write = async (port: number, keys: readonly StepKey[], gone: Promise<void>): Promise<number> => {
  const client = await RawClient.open(port);
  let acknowledged = 0;
  const server = { isGone: false };
  const end = gone.then(() => {
    server.isGone = true;
  });
  for (let turn = 0; !server.isGone; turn++) {
    const batch = Array.from({ length: WINDOW }, (_, place) => {
      const key = keys[(turn * WINDOW + place) % keys.length] as StepKey;
      const step = ++key.sent;
      return client.run(...requestOf(key, step)).then((reply) => {
        if (reply instanceof ErrorReply) throw new Error(`${key.name}: ${reply.text}`);
        key.acknowledged = step;
        acknowledged++;
      });
    });
    await Promise.race([Promise.all(batch), end]);
  }
  client.close();
  return acknowledged;
};

interface Total {
  kills: number;
  acknowledged: number;
  rewrites: number;
  readonly wrong: string[];
}

/** One life of the server: verified, loaded, killed. */
const live = async (server: ServerProcess, writers: readonly (readonly StepKey[])[], lifeMs: number, total: Total): Promise<void> => {
  const client = await RawClient.open(server.port);
  for (const key of writers.flat()) {
    const problem = await verify(client, key).catch((failure: unknown) => `${key.name}: ${String(failure)}`);
    if (problem !== null) total.wrong.push(problem);
  }
  client.close();
  let tell: () => void = () => {};
  const gone = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const writing = writers.map((keys) => write(server.port, keys, gone));
  // What a writer hears of errors must not wait for the kill.
  await Promise.race([after(lifeMs), Promise.all(writing)]);
  total.rewrites += (server.log().match(/Background AOF rewrite finished successfully/g) ?? []).length;
  await server.stop('SIGKILL');
  tell();
  for (const count of await Promise.all(writing)) total.acknowledged += count;
  total.kills++;
};

const main = async (): Promise<void> => {
  requireDist();
  const directory = mkdtempSync(join(tmpdir(), 'faultline-soak-'));
  const writers = Array.from({ length: WRITERS }, (_, writer) => Array.from({ length: KEYS_EACH }, (__, index): StepKey => {
    const kind = KINDS[index % KINDS.length] as typeof KINDS[number];
    return { name: `${kind}:${writer}:${index}`, kind, acknowledged: 0, sent: 0 };
  }));
  const total: Total = { kills: 0, acknowledged: 0, rewrites: 0, wrong: [] };
  const until = Date.now() + durationMs;
  const port = await freePort();
  // Each life has a log of its own, so that its words are counted once.
  const start = (): Promise<ServerProcess> => startServerProcess(
    'faultline', [...DIRECTIVES, '--logfile', join(directory, 'server.log')], [], [], port, directory);
  while (Date.now() < until && total.wrong.length === 0) {
    rmSync(join(directory, 'server.log'), { force: true });
    await live(await start(), writers, Math.min(everyMs, Math.max(1, until - Date.now())), total);
    process.stderr.write(`${total.kills} kills, ${total.acknowledged} writes acknowledged, ${total.rewrites} rewrites, ${total.wrong.length} wrong\n`);
  }
  // The last kill is looked at too.
  if (total.wrong.length === 0) await live(await start(), writers, 1, total);
  if (total.wrong.length === 0) {
    rmSync(directory, { recursive: true, force: true });
    process.stdout.write(`soak: ${total.kills} kills, ${total.acknowledged} acknowledged writes, ${total.rewrites} rewrites of the file, none lost\n`);
    return;
  }
  process.stdout.write(`soak: LOST, the files are in ${directory}\n${total.wrong.map((line) => `  ${line}\n`).join('')}`);
  process.exitCode = 1;
};

await main();
