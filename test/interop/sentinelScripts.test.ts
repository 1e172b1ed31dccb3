/**
 * The programs that a sentinel runs, beside redis-sentinel 7.0: what they are told in a failover, how often they are tried
 * again, what becomes of one that does not end, and what SENTINEL PENDING-SCRIPTS shows meanwhile.
 */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type ServerKind, eventually } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';
import { NAME } from '../support/sentinelDeployment.ts';
import { type Side, WireClient, withSides } from '../support/sentinelSides.ts';

const TEST_MS = 90_000;

/** Each side's programs note their calls beside themselves. */
const NOTE = 'echo "$(basename "$0") $# $*" >> "$(dirname "$0")/calls"';
const PROGRAMS: Readonly<Record<string, string>> = {
  good: NOTE, retries: `${NOTE}\nexit 1`, fails: `${NOTE}\nexit 2`, hangs: `${NOTE}\nexec sleep 60`, killed: `${NOTE}\nkill -15 $$`,
  third: `${NOTE}\ntest "$(grep -c third "$(dirname "$0")/calls")" = 3`,
};

describe('the scripts of a sentinel beside redis-sentinel 7.0', () => requireRedis(() => {
  const directories = new Map<ServerKind, string>();

  /** `{scripts}` is a directory of each side's own. */
  const words = (kind: ServerKind): Readonly<Record<string, string>> => {
    const directory = mkdtempSync(join(tmpdir(), `faultline-scripts-${kind}-`));
    directories.set(kind, directory);
    for (const [name, text] of Object.entries(PROGRAMS)) {
      writeFileSync(join(directory, name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(directory, name), 0o755);
    }
    return { scripts: directory };
  };

  afterEach(() => {
    for (const directory of directories.values()) rmSync(directory, { recursive: true, force: true });
    directories.clear();
  });

  /** Up to 16 run at once: in which order they note their calls is the system's. */
  const calls = (side: Side): readonly string[] => {
    const file = join(directories.get(side.kind) ?? '', 'calls');
    return existsSync(file) ? side.plain(readFileSync(file, 'latin1')).trim().split('\n').sort() : [];
  };

  const run = async (side: Side, line: string): Promise<string> => {
    const client = await WireClient.open(side.sentinel.port);
    const answer = side.plain(await client.ask(side.filled(line).split(' ')));
    client.close();
    return answer.replace(/\$[0-9]+/g, '$').replace(/(\r\n(?:pid|run-time|run-delay)\r\n\$\r\n)[1-9][0-9]*/g, '$1N');
  };

  const compare = async (ask: (side: Side) => Promise<unknown>, sides: readonly [Side, Side]): Promise<void> => {
    const [real, ours] = await Promise.all(sides.map(ask));
    expect(ours).toEqual(real);
  };

  test('are told of every step of a failover, once each', () => withSides({
    replicas: 2, words,
    lines: [`sentinel notification-script ${NAME} {scripts}/good`, `sentinel client-reconfig-script ${NAME} {scripts}/third`, `sentinel failover-timeout ${NAME} 8000`],
  }, async (sides) => {
    await Promise.all(sides.map(async (side) => {
      // Which one is promoted is thus the same on both sides.
      side.replica.cli('CONFIG', 'SET', 'replica-priority', '10');
      side.sentinel.cli('SENTINEL', 'DEBUG', 'info-period', '1000');
      await eventually(() => side.sentinel.cli('SENTINEL', 'REPLICAS', NAME), (text) => text.includes('slave-priority\n10\n'));
      await side.primary.stop();
      await side.hasPublished(['+switch-master', '+sdown slave 127.0.0.1:{primary}']);
      await eventually(() => calls(side).filter((call) => call.startsWith('good 2 +sdown')), (found) => found.length === 2);
    }));
    const [real, ours] = sides.map((side) => calls(side));
    expect(real).toContain(`third 7 ${NAME} leader start 127.0.0.1 {primary} 127.0.0.1 {replica}`);
    expect(real?.length).toBeGreaterThan(10);
    expect(ours).toEqual(real);
  }), TEST_MS);

  test('an observer\'s client-reconfig-script hears of a switch that others made', () => withSides({
    words, lines: [`sentinel client-reconfig-script ${NAME} {scripts}/good`],
  }, (sides) => compare(async (side) => {
    await run(side, `PUBLISH __sentinel__:hello 127.0.0.1,1,${'b'.repeat(40)},7,${NAME},127.0.0.1,{replica},7`);
    await eventually(() => calls(side), (found) => found.length > 0);
    expect(calls(side)).toEqual([`good 7 ${NAME} observer start 127.0.0.1 {primary} 127.0.0.1 {replica}`]);
    return calls(side);
  }, sides)), TEST_MS);

  /** One call of `program`, for the event of a setting; what came of it. */
  const outcomeOf = async (side: Side, program: string, isOver: (side: Side) => boolean): Promise<unknown> => {
    await run(side, 'SENTINEL DEBUG script-retry-delay 1 script-max-runtime 300');
    const from = side.sentinel.events.length;
    // The setting that names the script is told to it, too.
    await run(side, `SENTINEL SET ${NAME} notification-script {scripts}/${program}`);
    await eventually(() => isOver(side), (over) => over);
    // What it published until then was sent before these answers.
    for (let round = 0; round < 2; round++) await run(side, 'PING');
    const published = side.published(from).map((event) => event.replace(/(-script-timeout \S+ )[0-9]+/, '$1PID'));
    return { published: published.filter((event) => event.includes('script')), calls: calls(side).filter((call) => call.startsWith(program)) };
  };

  const LINES = ['sentinel deny-scripts-reconfig no'];
  const isQuiet = (side: Side): boolean => side.sentinel.cli('SENTINEL', 'PENDING-SCRIPTS') === '';

  test.each([
    ['retries', 10], ['fails', 1], ['killed', 10], ['third', 3],
  ] as const)('one that %s is called %i times', (program, times) => withSides({ words, lines: LINES }, (sides) => compare(async (side) => {
    const outcome = await outcomeOf(side, program, (one) => calls(one).filter((call) => call.startsWith(program)).length >= times && isQuiet(one));
    expect(calls(side).filter((call) => call.startsWith(program)).length).toBeGreaterThanOrEqual(times);
    return outcome;
  }, sides)), TEST_MS);

  test('one that hangs is killed after script-max-runtime, and tried again', () => withSides({ words, lines: LINES }, (sides) => compare(async (side) => {
    await run(side, 'SENTINEL DEBUG script-retry-delay 700 script-max-runtime 600');
    const from = side.sentinel.events.length;
    await run(side, `SENTINEL SET ${NAME} notification-script {scripts}/hangs`);
    const shown: string[] = [];
    const look = async (isSeen: (text: string) => boolean): Promise<void> => {
      await eventually(() => side.sentinel.cli('SENTINEL', 'PENDING-SCRIPTS'), isSeen);
      shown.push(await run(side, 'SENTINEL PENDING-SCRIPTS'));
    };
    // The notice of the timeout itself calls the script again; only the first call counts here.
    await look((text) => text.includes('running') && text.includes('retry-num\n1'));
    await side.hasPublished(['-script-timeout {scripts}/hangs'], from);
    const timeout = side.published(from).find((event) => event.startsWith('-script-timeout'))?.replace(/[0-9]+$/, 'PID');
    return { shown, timeout };
  }, sides)), TEST_MS);

  test('one that is there no more', () => withSides({ words, lines: LINES }, (sides) => compare(async (side) => {
    await run(side, `SENTINEL SET ${NAME} notification-script {scripts}/good`);
    await eventually(() => calls(side), (found) => found.length === 1);
    const from = side.sentinel.events.length;
    await eventually(() => isQuiet(side), (quiet) => quiet);
    rmSync(side.filled('{scripts}/good'));
    await run(side, `SENTINEL SET ${NAME} quorum 1`);
    await side.hasPublished(['-script-error'], from);
    return side.published(from).find((event) => event.startsWith('-script-error'));
  }, sides)), TEST_MS);
}));
