/**
 * A sentinel's configuration file beside redis-sentinel 7.0: lines that both refuse, naming the line and the reason alike;
 * lines that both take; and the file that both write after the same changes.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';
import { NAME } from '../support/sentinelDeployment.ts';
import { type SentinelRun, runSentinel } from '../support/sentinelRuns.ts';
import { BOTH_KINDS, type Side, WireClient, withSides } from '../support/sentinelSides.ts';

const TEST_MS = 90_000;
const MONITOR = `sentinel monitor ${NAME} 127.0.0.1 1 1`;
const ID = 'b'.repeat(40);

/** Texts of whole files, behind the port. Some are refused, some are not: both kinds decide alike. */
const FILES: readonly string[] = [
  '', 'sentinel', 'sentinel nothing', 'sentinel monitor', `sentinel monitor ${NAME}`, `${MONITOR} 1`, `${MONITOR}\n${MONITOR}`,
  `sentinel monitor ${NAME} 127.0.0.1 1 0`, `sentinel monitor ${NAME} 127.0.0.1 1 -1`, `sentinel monitor ${NAME} 127.0.0.1 1 x`,
  `sentinel monitor ${NAME} 127.0.0.1 70000 1`, `sentinel monitor ${NAME} 127.0.0.1 -1 1`, `sentinel monitor ${NAME} 127.0.0.1 x 1`,
  `sentinel monitor ${NAME} nowhere.invalid 1 1`, `sentinel monitor ${NAME} "" 1 1`, `sentinel monitor ${NAME} 300.0.0.1 1 1`,
  `sentinel monitor "a b" 127.0.0.1 1 1`, `sentinel monitor ${NAME} 127.0.0.1 "1`, `sentinel monitor ${NAME} 127.0.0.1 1 1 # no comment`,
  `sentinel down-after-milliseconds ${NAME} 1000`, `${MONITOR}\nsentinel down-after-milliseconds ${NAME}`,
  `${MONITOR}\nsentinel down-after-milliseconds ${NAME} 0`, `${MONITOR}\nsentinel down-after-milliseconds ${NAME} -1`,
  `${MONITOR}\nsentinel down-after-milliseconds ${NAME} x`, `${MONITOR}\nsentinel down-after-milliseconds ${NAME} 1 2`,
  `${MONITOR}\nsentinel down-after-milliseconds nobody 1`, `sentinel down-after-milliseconds ${NAME} 5\n${MONITOR}`,
  `${MONITOR}\nsentinel failover-timeout ${NAME} 0`, `${MONITOR}\nsentinel failover-timeout nobody 1`,
  `${MONITOR}\nsentinel parallel-syncs ${NAME} x`, `${MONITOR}\nsentinel parallel-syncs nobody 1`,
  `${MONITOR}\nsentinel notification-script ${NAME} /nowhere`, `${MONITOR}\nsentinel client-reconfig-script ${NAME} /etc/passwd`,
  `${MONITOR}\nsentinel client-reconfig-script nobody /bin/true`, `${MONITOR}\nsentinel auth-pass nobody x`,
  `${MONITOR}\nsentinel auth-pass ${NAME} a b`, `${MONITOR}\nsentinel auth-user nobody x`, 'sentinel current-epoch', 'sentinel current-epoch x',
  'sentinel myid short', `sentinel myid ${ID}`, `sentinel myid ${ID}x`, `${MONITOR}\nsentinel config-epoch ${NAME} x`,
  `${MONITOR}\nsentinel config-epoch nobody 1`, `${MONITOR}\nsentinel leader-epoch nobody 1`,
  `${MONITOR}\nsentinel known-replica ${NAME} 127.0.0.1 70000`, `${MONITOR}\nsentinel known-replica ${NAME} nowhere.invalid 1`,
  `${MONITOR}\nsentinel known-slave ${NAME} 127.0.0.1 2\nsentinel known-replica ${NAME} 127.0.0.1 2`,
  `${MONITOR}\nsentinel known-replica nobody 127.0.0.1 2`, `${MONITOR}\nsentinel known-sentinel ${NAME} 127.0.0.1 2`,
  `${MONITOR}\nsentinel known-sentinel ${NAME} 127.0.0.1 2 ${ID}\nsentinel known-sentinel ${NAME} 127.0.0.1 3 ${ID}`,
  `${MONITOR}\nsentinel known-sentinel nobody 127.0.0.1 2 ${ID}`, `${MONITOR}\nsentinel known-sentinel ${NAME} nowhere.invalid 2 ${ID}`,
  `${MONITOR}\nsentinel known-sentinel ${NAME} 127.0.0.1 2 ${ID} more`,
  `${MONITOR}\nsentinel rename-command ${NAME} a`, `${MONITOR}\nsentinel rename-command ${NAME} a b\nsentinel rename-command ${NAME} A c`,
  `${MONITOR}\nsentinel rename-command nobody a b`, 'sentinel announce-port x', 'sentinel announce-port 99999', 'sentinel announce-ip', 'sentinel announce-ip a b',
  'sentinel deny-scripts-reconfig maybe', 'sentinel resolve-hostnames maybe', 'sentinel announce-hostnames maybe', 'SENTINEL DENY-SCRIPTS-RECONFIG NO',
  'sentinel sentinel-user', 'sentinel sentinel-pass a b', `${MONITOR}\nsentinel master-reboot-down-after-period ${NAME} -1`,
  `${MONITOR}\nsentinel master-reboot-down-after-period nobody 1`, `# only a comment\n\n   \t\n${MONITOR}`, `${MONITOR}\nnothing at all`,
  `${MONITOR}\n  SENTINEL DOWN-AFTER-MILLISECONDS ${NAME} 0`, `sentinel "monitor" "${NAME}" '127.0.0.1' "1" '1'`, 'maxmemory 1x', 'include /nowhere/else',
  `sentinel monitor ${NAME} 127.0.0.1 1 1\r`,
];

/**
 * The number of the line, the line and the reason. Ours names the file as well, and shows the line as it was understood: the
 * directive in lower case, quotes where they are needed.
 */
const complaint = (said: string): string => {
  const block = /\*\*\* FATAL CONFIG FILE ERROR[^]*at line ([0-9]+).*\n>>> ' *(\S+)(.*)'\n(.*)/.exec(said);
  if (block === null) return /Fatal error, .*?(?=: No such file)/.exec(said)?.[0] ?? '';
  const [, line, first = '', rest, reason = ''] = block;
  // Of a file that cannot be opened Redis names no line.
  return reason.startsWith('Fatal error') ? reason : `${line}: ${first.toLowerCase()}${rest?.replaceAll('"', '')}: ${reason}`;
};

const outcome = ({ status, said }: SentinelRun): string => `${status ?? 'starts'} ${complaint(said)}`;

/** Behind the primary's own lines. */
const LINES: readonly string[] = [
  '# a comment', '', '   # one behind blanks', `SENTINEL failover-timeout "${NAME}" '7000'`, `sentinel parallel-syncs ${NAME} 1`,
  'sentinel announce-ip "127.0.0.1"', `sentinel known-sentinel ${NAME} 127.0.0.1 9 ${ID}`, 'sentinel deny-scripts-reconfig no',
  `sentinel notification-script ${NAME} /bin/true`, 'loglevel verbose', '# the end', `sentinel auth-user ${NAME} default`,
  `sentinel rename-command ${NAME} "NOTHING" "ELSE"`, 'sentinel current-epoch 5',
];

const SECOND_ID = 'c'.repeat(40);
const HELLO = `127.0.0.1,8,${SECOND_ID},6,${NAME},127.0.0.1,{primary},0`;

/** After each the file is compared. */
const CHANGES: readonly string[] = [
  `SENTINEL SET ${NAME} quorum 3`, `SENTINEL SET ${NAME} down-after-milliseconds 30000`, `SENTINEL SET ${NAME} down-after-milliseconds 4000`,
  `SENTINEL SET ${NAME} failover-timeout 180000`, `SENTINEL SET ${NAME} parallel-syncs 4`, `SENTINEL SET ${NAME} notification-script ''`,
  `SENTINEL SET ${NAME} client-reconfig-script /bin/true`, `SENTINEL SET ${NAME} rename-command NOTHING NOTHING`,
  `SENTINEL SET ${NAME} rename-command ELSE Nothing`, `SENTINEL SET ${NAME} auth-user ''`, `SENTINEL SET ${NAME} auth-pass secret`,
  `SENTINEL SET ${NAME} master-reboot-down-after-period 9`, 'SENTINEL CONFIG SET announce-port 7', 'SENTINEL CONFIG SET announce-ip 10.0.0.1',
  "SENTINEL CONFIG SET announce-ip ''", 'SENTINEL CONFIG SET resolve-hostnames yes', 'SENTINEL CONFIG SET announce-hostnames yes',
  'SENTINEL CONFIG SET announce-hostnames no', 'SENTINEL CONFIG SET resolve-hostnames no', 'SENTINEL CONFIG SET sentinel-user u',
  'SENTINEL CONFIG SET sentinel-pass p', 'SENTINEL MONITOR other 127.0.0.1 1 2', 'SENTINEL SET other failover-timeout 1',
  `PUBLISH __sentinel__:hello ${HELLO}`, `SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 {primary} 9 ${ID}`, 'SENTINEL REMOVE other',
  `SENTINEL RESET ${NAME}`, 'SENTINEL FLUSHCONFIG', `SENTINEL REMOVE ${NAME}`, 'SENTINEL FLUSHCONFIG',
];

/** The file's lines at the start and after each change. */
const written = async (side: Side): Promise<readonly (readonly string[])[]> => {
  const client = await WireClient.open(side.sentinel.port);
  const lines = (): readonly string[] => {
    const all = side.plain(side.sentinel.configuration()).split('\n');
    const added = all.indexOf('# Generated by CONFIG REWRITE');
    // Redis goes through its primaries and sentinels, and adds lines, in the order of its dictionaries, which is another at each start.
    const ordered = all.some((line) => line.includes(' other ') || line.includes(SECOND_ID)) ? 0 : added;
    return [...all.slice(0, ordered), ...all.slice(ordered).sort()];
  };
  try {
    const files = [lines()];
    for (const change of CHANGES) {
      await client.ask(side.filled(change).split(' ').map((word) => (word === "''" ? '' : word)));
      files.push(lines());
    }
    return files;
  } finally {
    client.close();
  }
};

describe('a sentinel\'s configuration file beside redis-sentinel 7.0', () => requireRedis(() => {
  let directory: string;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'faultline-sentinel-conf-'));
  });

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test('both refuse the same lines with the same words', async () => {
    const outcomes = await Promise.all(BOTH_KINDS.map(async (kind) => {
      const found: Record<string, string> = {};
      for (const text of FILES) {
        const file = join(directory, kind, 'sentinel.conf').replace(`/${kind}/`, `/${kind}-`);
        writeFileSync(file, `port ${await freePort()}\nbind 127.0.0.1\n${text}`, 'latin1');
        found[text] = outcome(await runSentinel(kind, file, directory));
      }
      return found;
    }));
    expect(Object.values(outcomes[0] ?? {}).filter((one) => one.startsWith('1 ')).length).toBeGreaterThan(40);
    expect(outcomes[1]).toEqual(outcomes[0]);
  }, TEST_MS);

  test('both write the same file after the same changes, comments and quotes kept', () => withSides({ replicas: 1, lines: LINES }, async (sides) => {
    const files = await Promise.all(sides.map((side) => written(side)));
    for (const [step, change] of ['the start', ...CHANGES].entries()) {
      expect(files[1]?.[step], `after ${change}`).toEqual(files[0]?.[step]);
    }
  }), TEST_MS);
}));
