/**
 * What a sentinel answers, byte by byte, beside redis-sentinel 7.0: every subcommand with right and wrong arguments, in RESP2
 * and RESP3, and the commands that it shares with servers. Times, ages, ports and identities are taken out; nothing else is.
 */
import { describe, expect, test } from 'vitest';
import type { Reply, Status } from '../../engine/protocol/reply.ts';
import { RawClient } from '../support/rawClient.ts';
import { requireRedis } from '../support/requireRedis.ts';
import { NAME } from '../support/sentinelDeployment.ts';
import { type Side, WireClient, withSides } from '../support/sentinelSides.ts';

const TEST_MS = 90_000;

/** Ages, counters that the clock drives, and what the two programs do not share. */
const CHANGING = [
  'last-ping-sent', 'last-ok-ping-reply', 'last-ping-reply', 'info-refresh', 'role-reported-time', 'link-pending-commands',
  'slave-repl-offset', 'last-hello-message', 's-down-time', 'o-down-time',
];

const withoutTimes = (text: string): string => text
  .replace(/([$=])[0-9]+\r\n/g, '$1\r\n')
  .replace(new RegExp(`(\\$\\r\\n(?:${CHANGING.join('|')})\\r\\n\\$\\r\\n)[0-9]+`, 'g'), '$1N')
  // The age of an INFO and its text.
  .replace(/:[0-9]+\r\n\$\r\n# Server\r\n[^]*?# Keyspace\r\n/g, ':N\r\n$\r\nINFO\r\n')
  // Nobody listens where the invented sentinels are: now a connection is being tried, now none is.
  .replace(/,disconnected\r\n/g, '\r\n')
  .replace(/(\r\n\$\r\nid\r\n:)[0-9]+/g, '$1N')
  // CLIENT LIST and CLIENT INFO: addresses and buffers.
  .replace(/ (addr|laddr)=[^ ]*/g, ' $1=A').replace(/\b(id|fd|age|idle|qbuf|qbuf-free|argv-mem|multi-mem|rbs|rbp|obl|oll|omem|tot-mem)=[0-9]+/g, '$1=N');

/** Commands, one a line; `''` is an empty word, `_` inside a quoted word a blank. */
const words = (line: string): readonly string[] => line.split(' ').map((word) => (word === "''" ? '' : word));

interface Answers {
  readonly [line: string]: string;
}

const answers = async (side: Side, lines: readonly string[]): Promise<Answers> => {
  const client = await WireClient.open(side.sentinel.port);
  try {
    const found: Record<string, string> = {};
    for (const [index, line] of lines.entries()) {
      found[`${index} ${line}`] = withoutTimes(side.plain(await client.ask(words(side.filled(line)))));
    }
    return found;
  } finally {
    client.close();
  }
};

const compare = async (sides: readonly [Side, Side], lines: readonly string[]): Promise<void> => {
  const [real, ours] = await Promise.all(sides.map((side) => answers(side, lines)));
  expect(ours).toEqual(real);
};

const PEER = 'b'.repeat(40);
const OTHER_PEER = 'c'.repeat(40);
const HELLO = `127.0.0.1,1,${PEER},0,${NAME},127.0.0.1,{primary},0`;

const LOOKING: readonly string[] = [
  'SENTINEL', 'SENTINEL NOTHING', 'SENTINEL HELP', 'SENTINEL HELP me', 'SENTINEL MASTERS', 'SENTINEL MASTERS x', `SENTINEL MASTER ${NAME}`,
  'SENTINEL MASTER', 'SENTINEL MASTER nobody', `SENTINEL MASTER ${NAME} more`, `sentinel master ${NAME.toUpperCase()}`, "SENTINEL MASTER ''",
  `SENTINEL REPLICAS ${NAME}`, `SENTINEL SLAVES ${NAME}`, 'SENTINEL REPLICAS nobody', 'SENTINEL SLAVES', 'SENTINEL SLAVES a b',
  `SENTINEL SENTINELS ${NAME}`, 'SENTINEL SENTINELS nobody', 'SENTINEL SENTINELS', `SENTINEL GET-MASTER-ADDR-BY-NAME ${NAME}`,
  'SENTINEL GET-MASTER-ADDR-BY-NAME nobody', 'SENTINEL GET-MASTER-ADDR-BY-NAME', 'SENTINEL MYID', 'SENTINEL MYID x',
  'SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 {primary} 0 *', 'SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 1 0 *',
  'SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 x 0 *', 'SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 {primary} x *',
  'SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 {primary} -1 *', 'SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 {primary} 0',
  'SENTINEL IS-MASTER-DOWN-BY-ADDR nowhere.invalid {primary} 0 *', 'SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 99999999999 0 *',
  'SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 {primary} 99999999999999999999 *', "SENTINEL IS-MASTER-DOWN-BY-ADDR '' '' '' ''",
  `SENTINEL CKQUORUM ${NAME}`, 'SENTINEL CKQUORUM nobody', 'SENTINEL CKQUORUM', `SENTINEL INFO-CACHE ${NAME}`, 'SENTINEL INFO-CACHE nobody',
  'SENTINEL INFO-CACHE', `SENTINEL INFO-CACHE ${NAME} ${NAME} nobody`, 'SENTINEL PENDING-SCRIPTS', 'SENTINEL PENDING-SCRIPTS x',
  'SENTINEL CONFIG', 'SENTINEL CONFIG GET', 'SENTINEL CONFIG GET *', 'SENTINEL CONFIG GET announce-*', 'SENTINEL CONFIG GET ANNOUNCE-PORT',
  'SENTINEL CONFIG GET nothing', "SENTINEL CONFIG GET ''", 'SENTINEL CONFIG GET a b', 'SENTINEL CONFIG NOTHING a', 'SENTINEL CONFIG SET a',
  'SENTINEL DEBUG', 'SENTINEL DEBUG nothing', 'SENTINEL DEBUG nothing 1', 'SENTINEL DEBUG info-period', 'SENTINEL DEBUG info-period x',
  'SENTINEL DEBUG info-period 0', 'SENTINEL DEBUG info-period -1', 'ROLE', 'ROLE x',
];

const CHANGES: readonly string[] = [
  'SENTINEL SET', `SENTINEL SET ${NAME}`, `SENTINEL SET ${NAME} quorum`, 'SENTINEL SET nobody quorum 1', `SENTINEL SET ${NAME} nothing 1`,
  `SENTINEL SET ${NAME} quorum 0`, `SENTINEL SET ${NAME} quorum x`, `SENTINEL SET ${NAME} quorum -1`, `SENTINEL SET ${NAME} quorum 3`,
  `SENTINEL CKQUORUM ${NAME}`, `SENTINEL SET ${NAME} QUORUM 4294967298`, `SENTINEL MASTER ${NAME}`, `SENTINEL SET ${NAME} quorum 1 quorum`,
  `SENTINEL SET ${NAME} quorum 1 quorum 0`, `SENTINEL SET ${NAME} quorum 1 nothing 2`, `SENTINEL SET ${NAME} down-after-milliseconds 0`,
  `SENTINEL SET ${NAME} down-after-milliseconds 5000`, `SENTINEL SET ${NAME} down-after-milliseconds 99999999999999999999`,
  `SENTINEL SET ${NAME} down-after-milliseconds -5`, `SENTINEL SET ${NAME} failover-timeout 0`, `SENTINEL SET ${NAME} failover-timeout 7000`,
  `SENTINEL SET ${NAME} failover-timeout ''`, `SENTINEL SET ${NAME} parallel-syncs 0`, `SENTINEL SET ${NAME} parallel-syncs 4294967297`,
  `SENTINEL SET ${NAME} parallel-syncs 2`, `SENTINEL SET ${NAME} master-reboot-down-after-period -1`,
  `SENTINEL SET ${NAME} master-reboot-down-after-period 0`, `SENTINEL SET ${NAME} master-reboot-down-after-period 10`,
  `SENTINEL SET ${NAME} notification-script /bin/true`, `SENTINEL SET ${NAME} client-reconfig-script ''`,
  `SENTINEL SET ${NAME} rename-command a`, `SENTINEL SET ${NAME} rename-command a b`, `SENTINEL SET ${NAME} rename-command a a`,
  `SENTINEL SET ${NAME} rename-command '' b`, `SENTINEL SET ${NAME} rename-command a ''`, `SENTINEL SET ${NAME} auth-pass a auth-user`,
  `SENTINEL SET ${NAME} auth-pass ''`, `SENTINEL SET ${NAME} auth-user ''`, `SENTINEL SET ${NAME} known-replica 127.0.0.1 1`,
  `SENTINEL SET ${NAME} config-epoch 5`, `SENTINEL MASTER ${NAME}`,
  'SENTINEL CONFIG SET announce-port x', 'SENTINEL CONFIG SET announce-port 70000', 'SENTINEL CONFIG SET announce-port -1',
  'SENTINEL CONFIG SET ANNOUNCE-PORT 7', 'SENTINEL CONFIG SET announce-ip 1.2.3.4', 'SENTINEL CONFIG SET announce-ip nonsense',
  'SENTINEL CONFIG SET resolve-hostnames maybe', 'SENTINEL CONFIG SET resolve-hostnames YES', 'SENTINEL CONFIG SET announce-hostnames no',
  'SENTINEL CONFIG SET sentinel-user u', 'SENTINEL CONFIG SET sentinel-pass p', 'SENTINEL CONFIG SET nothing 1',
  'SENTINEL CONFIG SET announce-ip a announce-port 1', 'SENTINEL CONFIG GET *', "SENTINEL CONFIG SET announce-ip ''",
  'SENTINEL CONFIG SET announce-port 0', 'SENTINEL CONFIG SET resolve-hostnames no', "SENTINEL CONFIG SET sentinel-user ''",
  "SENTINEL CONFIG SET sentinel-pass ''", 'SENTINEL FLUSHCONFIG', 'SENTINEL FLUSHCONFIG x',
  'SENTINEL SIMULATE-FAILURE', 'SENTINEL SIMULATE-FAILURE nothing', 'SENTINEL SIMULATE-FAILURE help', 'SENTINEL SIMULATE-FAILURE crash-after-election',
  'SENTINEL SIMULATE-FAILURE crash-after-promotion CRASH-AFTER-ELECTION', 'INFO sentinel', 'SENTINEL SIMULATE-FAILURE nothing', 'INFO sentinel',
  'SENTINEL DEBUG ask-period 900 publish-period 1900', 'SENTINEL DEBUG ping-period 1000 nothing 3', 'SENTINEL DEBUG TILT-PERIOD 29000', 'SENTINEL DEBUG',
];

const WATCHING: readonly string[] = [
  'SENTINEL MONITOR', 'SENTINEL MONITOR other 127.0.0.1 1', 'SENTINEL MONITOR other 127.0.0.1 1 1 1', 'SENTINEL MONITOR other 127.0.0.1 x 1',
  'SENTINEL MONITOR other 127.0.0.1 1 x', 'SENTINEL MONITOR other 127.0.0.1 1 0', 'SENTINEL MONITOR other 127.0.0.1 1 -1',
  'SENTINEL MONITOR other 127.0.0.1 70000 1', 'SENTINEL MONITOR other 127.0.0.1 -1 1', "SENTINEL MONITOR other '' 1 1",
  'SENTINEL MONITOR other nowhere.invalid 1 1', 'SENTINEL MONITOR other 300.1.1.1 1 1', 'SENTINEL MONITOR other 1.1 1 1',
  `SENTINEL MONITOR ${NAME} 127.0.0.1 1 1`, 'SENTINEL MONITOR other 127.0.0.1 1 2', 'SENTINEL MONITOR other 127.0.0.1 1 2',
  'SENTINEL MASTER other', 'SENTINEL CKQUORUM other', 'SENTINEL GET-MASTER-ADDR-BY-NAME other', 'SENTINEL FAILOVER other',
  'SENTINEL INFO-CACHE other', 'SENTINEL FAILOVER', 'SENTINEL FAILOVER nobody', 'SENTINEL REMOVE', 'SENTINEL REMOVE nobody',
  'SENTINEL REMOVE other', 'SENTINEL REMOVE other', 'SENTINEL MONITOR sixth ::1 1 1', 'SENTINEL MASTER sixth', 'SENTINEL REMOVE sixth',
  'SENTINEL RESET', 'SENTINEL RESET nobody*', 'SENTINEL RESET a b', "SENTINEL RESET ''",
  'PUBLISH a b', 'PUBLISH __sentinel__:hello', 'PUBLISH __sentinel__:hello x', `PUBLISH __sentinel__:hello ${HELLO}`,
  `SENTINEL SENTINELS ${NAME}`, `SENTINEL CKQUORUM ${NAME}`, `PUBLISH __sentinel__:hello ${HELLO.replace(PEER, OTHER_PEER)}`,
  `SENTINEL SENTINELS ${NAME}`, 'INFO sentinel', `SENTINEL RESET ${NAME}`, `SENTINEL SENTINELS ${NAME}`, 'INFO sentinel',
  `SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 {primary} 3 ${PEER}`, `SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 {primary} 3 ${OTHER_PEER}`,
  `SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 {primary} 2 ${OTHER_PEER}`, `SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 {primary} 4 short`,
  'SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 {primary} 9 *', 'SENTINEL IS-MASTER-DOWN-BY-ADDR LOCALHOST {primary} 0 *',
];

const SENTINEL_WORDS: readonly string[] = [
  'ckquorum', 'config', 'debug', 'failover', 'flushconfig', 'get-master-addr-by-name', 'help', 'info-cache', 'is-master-down-by-addr',
  'master', 'masters', 'monitor', 'myid', 'pending-scripts', 'remove', 'replicas', 'reset', 'sentinels', 'set', 'simulate-failure', 'slaves',
];

const SHARED: readonly string[] = [
  'PING', 'PING a', 'PING a b', 'ECHO a', 'GET a', 'SET a b', 'NOTHING', 'MULTI', 'EXEC', 'EVAL x 0', 'DEBUG SLEEP 0', 'CONFIG GET port', 'SELECT 0',
  'DBSIZE', 'SAVE', 'REPLICAOF NO ONE', 'MONITOR', 'AUTH x', 'AUTH default x', 'AUTH', 'AUTH a b c',
  'COMMAND NOTHING', 'COMMAND INFO get', 'COMMAND DOCS nothing', 'CLIENT', 'CLIENT GETNAME', 'CLIENT SETNAME a', 'CLIENT GETNAME', "CLIENT SETNAME ''", 'CLIENT NOTHING', 'CLIENT REPLY',
  'CLIENT LIST', 'CLIENT INFO', 'CLIENT KILL 1.2.3.4:5', 'CLIENT KILL TYPE nothing', 'CLIENT KILL ID 99999999', 'CLIENT KILL', 'CLIENT NO-EVICT on', 'HELLO 1', 'HELLO x', 'HELLO 2 AUTH default x', 'HELLO 2 SETNAME',
  'INFO nothing', 'INFO clusters sentinel', 'PUBSUB CHANNELS', 'PUBSUB NUMPAT', 'SPUBLISH a b', 'RESET', 'SHUTDOWN NOTHING', 'SHUTDOWN SAVE NOSAVE', 'SHUTDOWN NOW ABORT', 'shutdown abort', 'SHUTDOWN ABORT ABORT', 'SHUTDOWN NOW now x',
  'SUBSCRIBE', 'SUBSCRIBE a b', 'PING', 'PING x', 'SENTINEL MYID', 'PSUBSCRIBE x*', 'UNSUBSCRIBE a', 'UNSUBSCRIBE', 'PUNSUBSCRIBE', 'SENTINEL MYID', 'SSUBSCRIBE a',
];

describe('a sentinel\'s answers beside redis-sentinel 7.0', () => requireRedis(() => {
  test('the table of its commands: names, arities and flags of the subcommands', () => withSides({}, async (sides) => {
    const [real, ours] = await Promise.all(sides.map(async ({ sentinel }) => {
      const client = await RawClient.open(sentinel.port);
      const [row] = await client.run('COMMAND', 'INFO', 'sentinel') as readonly (readonly Reply[])[];
      client.close();
      return ((row?.[9] ?? []) as readonly (readonly Reply[])[]).map(([name, arity, flags]) =>
        `${String(name)} ${String(arity)} ${(flags as readonly Status[]).map(({ text }) => text).join(' ')}`).sort();
    }));
    expect(real).toHaveLength(SENTINEL_WORDS.length);
    expect(ours).toEqual(real);
  }), TEST_MS);

  for (const version of [2, 3]) {
    test(`every subcommand with right and wrong arguments, in RESP${version}`, () => withSides({}, async (sides) => {
      const asked = (lines: readonly string[]): Promise<void> => compare(sides, [`HELLO ${version}`, ...lines]);
      await asked(LOOKING);
      await asked(CHANGES);
      await asked(WATCHING);
      await asked(SENTINEL_WORDS.map((word) => `SENTINEL ${word}`));
      await asked(SHARED);
    }), TEST_MS);
  }
}));
