/**
 * `repl-diskless-load` on real servers in a virtual world: where the snapshot goes, what clients see meanwhile, and what is
 * left when the link goes in the middle. The figures are those of redis-server 7.0.15 (`test/interop/disklessLoad.test.ts`).
 */
import { beforeEach, describe, expect, test } from 'vitest';
import type { HistoryNote } from '../../../../engine/index.ts';
import { bytes } from '../../../../engine/index.ts';
import { NULL_ARRAY } from '../../../../engine/protocol/reply.ts';
import { Deployment, type Node, PORT, type Session, textOf } from '../server/deployment.ts';

let deployment: Deployment;
beforeEach(() => {
  deployment = new Deployment();
});

/** A snapshot of this many keys is more than what the kernels of both ends hold, so its link can go in the middle. */
const KEYS = 12_000;
const VALUE_BYTES = 1000;

const run = (seconds: number): void => deployment.world.run(seconds);

const field = (session: Session, section: string, name: string): string | undefined => {
  const reply = session.ask('INFO', section);
  const text = typeof reply === 'string' ? reply : (reply as { text: string }).text;
  return new RegExp(`^${name}:([^\r\n]*)`, 'm').exec(text)?.[1];
};

const histories = (node: Node): HistoryNote[] =>
  node.notes.filter((note): note is HistoryNote => note.kind === 'history');
const hasSnapshot = (node: Node): boolean => node.process.directory.find(bytes('dump.rdb')) !== null;

const fill = (session: Session, keys: number): void => {
  for (let from = 0; from < keys; from += 500) {
    const words = Array.from({ length: Math.min(500, keys - from) }, (_, index) => [`k${from + index}`, 'v'.repeat(VALUE_BYTES)]).flat();
    session.ask('MSET', ...words);
  }
};

interface Pair {
  readonly primary: Node;
  readonly replica: Node;
  readonly one: Session;
  readonly two: Session;
}

/** Two nodes apart, `keys` keys on the primary; `own` on the replica-to-be. */
const apart = (configuration: string, keys: number, own: boolean): Pair => {
  const primary = deployment.server('primary', 'rdbcompression no');
  const replica = deployment.server('replica', configuration);
  const one = deployment.session(primary);
  const two = deployment.session(replica);
  fill(one, keys);
  if (own) two.ask('SET', 'own', '1');
  slowDown(primary, replica);
  return { primary, replica, one, two };
};

/** So that a snapshot of thousands of keys takes its time. */
const slowDown = (primary: Node, replica: Node): void => {
  deployment.world.network.changeLinks([primary.machine.stack], [replica.machine.stack], { bandwidthBytesPerMs: 20_000 });
};

/** The link goes while the snapshot is on its way; no other one is begun for some seconds. Runs until it was noticed. */
const cutInTheMiddle = ({ one, two, replica }: Pair): void => {
  replica.notes.length = 0;
  one.ask('CONFIG', 'SET', 'repl-diskless-sync-delay', '5');
  expect(one.ask('CLIENT', 'KILL', 'TYPE', 'replica')).toBe(1);
  const isLoading = (): boolean => ['loading', 'async_loading'].some((name) => field(two, 'persistence', name) === '1');
  expect(isLoading()).toBe(true);
  for (let step = 0; step < 10_000 && isLoading(); step++) run(0.001);
};

const follow = (session: Session, node: Node): void =>
  expect(textOf(session.ask('REPLICAOF', node.machine.address, String(PORT)))).toBe('OK');

/** Runs until the replica loads. */
const untilLoading = (two: Session, name: 'loading' | 'async_loading'): void => {
  for (let step = 0; step < 2000; step++) {
    if (field(two, 'persistence', name) === '1') return;
    run(0.0002);
  }
  throw new Error(`${name} was never seen`);
};

/**
 * A replica that has an old state of the primary's data under the same replication ID and needs all of it anew, since the
 * backlog no longer holds what it missed.
 */
const fallenBehind = (configuration: string, keys: number): Pair => {
  const primary = deployment.server('primary', 'rdbcompression no\nrepl-backlog-size 16384\nrepl-timeout 5');
  const replica = deployment.server('replica', `${configuration}\nrepl-timeout 5`);
  const one = deployment.session(primary);
  const two = deployment.session(replica);
  one.ask('SET', 'old', '1');
  follow(two, primary);
  run(2);
  const cut = deployment.world.network.cut([[primary.machine.stack], [replica.machine.stack]]);
  fill(one, keys);
  run(8);
  cut.heal();
  slowDown(primary, replica);
  return { primary, replica, one, two };
};

describe('on-empty-db', () => {
  test('an empty node loads from the socket: no file, the primary’s data and place', () => {
    const { one, two, primary, replica } = apart('repl-diskless-load on-empty-db', 5000, false);
    follow(two, primary);
    untilLoading(two, 'loading');
    expect(textOf(two.ask('GET', 'k0'))).toMatch(/^LOADING /);
    expect(textOf(two.ask('REPLICAOF', 'NO', 'ONE'))).toMatch(/^LOADING /);
    run(3);
    expect(field(two, 'persistence', 'loading')).toBe('0');
    expect(field(two, 'replication', 'master_link_status')).toBe('up');
    expect(two.ask('DBSIZE')).toBe(5000);
    expect(hasSnapshot(replica)).toBe(false);
    expect(field(two, 'persistence', 'rdb_last_load_keys_loaded')).toBe('5000');
    one.ask('SET', 'after', '1');
    run(1.2);
    expect(two.ask('GET', 'after')).toBe('1');
    const last = histories(replica).at(-1);
    expect(last?.reason).toBe('full-sync');
    expect(field(two, 'replication', 'master_repl_offset')).toBe(field(one, 'replication', 'master_repl_offset'));
    // At equal offsets, equal data.
    const lastOf = (node: Node): string | undefined => node.notes.flatMap((note) =>
      (note.kind === 'stream' ? [`${note.offset} ${note.digestLo} ${note.digestHi}`] : [])).at(-1);
    expect(lastOf(replica)).toBeDefined();
    expect(lastOf(replica)).toBe(lastOf(primary));
  });

  test('a node with data loads by way of a file', () => {
    const { two, primary, replica } = apart('repl-diskless-load on-empty-db', 100, true);
    follow(two, primary);
    run(3);
    expect(two.ask('DBSIZE')).toBe(100);
    expect(hasSnapshot(replica)).toBe(true);
  });

  test('a link that goes in the middle leaves nothing, and the next attempt, made at once, is a full one', () => {
    const pair = apart('repl-diskless-load on-empty-db', KEYS, false);
    const { two, primary, replica } = pair;
    follow(two, primary);
    untilLoading(two, 'loading');
    cutInTheMiddle(pair);
    expect(field(two, 'persistence', 'loading')).toBe('0');
    expect(two.ask('DBSIZE')).toBe(0);
    expect(histories(replica)).toEqual([]);
    expect(replica.notes.flatMap((note) => (note.kind === 'sync' ? [note.state] : [])).slice(0, 2)).toEqual(['connect', 'connecting']);
    run(8);
    expect(two.ask('DBSIZE')).toBe(KEYS);
    expect(histories(replica).map(({ reason }) => reason)).toEqual(['full-sync']);
  });
});

describe('swapdb', () => {
  const SWAP = 'repl-diskless-load swapdb';

  test('with another history requests are refused, and the old data are kept until the new ones are there', () => {
    const { two, primary, replica } = apart(SWAP, 5000, true);
    follow(two, primary);
    untilLoading(two, 'loading');
    expect(field(two, 'persistence', 'async_loading')).toBe('0');
    expect(textOf(two.ask('GET', 'own'))).toMatch(/^LOADING /);
    run(3);
    expect(two.ask('DBSIZE')).toBe(5000);
    expect(hasSnapshot(replica)).toBe(false);
  });

  test('with another history too a link that goes in the middle leaves the old data', () => {
    const pair = apart(SWAP, KEYS, true);
    const { two, primary, replica } = pair;
    follow(two, primary);
    untilLoading(two, 'loading');
    cutInTheMiddle(pair);
    expect(two.ask('GET', 'own')).toBe('1');
    expect(histories(replica)).toEqual([]);
    run(8);
    expect(two.ask('DBSIZE')).toBe(KEYS);
  });

  test('with the same history the old data are served meanwhile; what would disturb the loading is refused', () => {
    const { one, two } = fallenBehind(SWAP, KEYS);
    untilLoading(two, 'async_loading');
    expect(field(two, 'persistence', 'loading')).toBe('0');
    expect(two.ask('GET', 'old')).toBe('1');
    expect(two.ask('DBSIZE')).toBe(1);
    expect(textOf(two.ask('PING'))).toBe('PONG');
    expect(textOf(two.ask('SET', 'a', '1'))).toMatch(/^READONLY /);
    for (const refused of [['REPLICAOF', 'NO', 'ONE'], ['BGSAVE'], ['SAVE'], ['BGREWRITEAOF']]) {
      expect(textOf(two.ask(...refused))).toMatch(/^LOADING /);
    }
    two.ask('MULTI');
    two.ask('BGSAVE');
    expect(textOf(two.ask('EXEC'))).toMatch(/^EXECABORT .*LOADING|^EXECABORT/);
    run(3);
    expect(field(two, 'persistence', 'async_loading')).toBe('0');
    expect(two.ask('DBSIZE')).toBe(KEYS + 1);
    expect(field(two, 'replication', 'master_repl_offset')).toBe(field(one, 'replication', 'master_repl_offset'));
  });

  test('and a transaction that watched a key fails once the data were swapped', () => {
    const { two } = fallenBehind(SWAP, KEYS);
    untilLoading(two, 'async_loading');
    two.ask('WATCH', 'k1');
    two.ask('MULTI');
    two.ask('GET', 'k1');
    run(3);
    expect(two.ask('EXEC')).toBe(NULL_ARRAY);
    expect(two.ask('DBSIZE')).toBe(KEYS + 1);
  });

  test('a link that goes in the middle leaves the old data, their place, and whoever follows them', () => {
    const pair = fallenBehind(SWAP, KEYS);
    const { two, replica } = pair;
    const third = deployment.server('third', `replicaof ${replica.machine.address} ${PORT}`);
    const before = field(two, 'replication', 'master_repl_offset');
    untilLoading(two, 'async_loading');
    cutInTheMiddle(pair);
    expect(two.ask('GET', 'old')).toBe('1');
    expect(field(two, 'replication', 'master_repl_offset')).toBe(before);
    expect(histories(replica)).toEqual([]);
    // What was not given up is asked for again.
    expect(textOf(two.ask('REPLICAOF', 'NO', 'ONE'))).toBe('OK');
    expect(histories(replica).map(({ reason }) => reason)).toEqual(['promotion']);
    two.ask('SET', 'new', '1');
    run(5);
    expect(deployment.session(third).ask('GET', 'new')).toBe('1');
  });

  test('the append-only file stops for it, and starts anew with the new data', () => {
    const { two, replica } = fallenBehind(`${SWAP}\nappendonly yes`, 3000);
    run(5);
    expect(two.ask('DBSIZE')).toBe(3001);
    expect(field(two, 'persistence', 'aof_last_bgrewrite_status')).toBe('ok');
    replica.process.kill();
    replica.process.start();
    run(0.5);
    expect(histories(replica).some(({ reason }) => reason === 'load')).toBe(true);
    run(3);
    expect(deployment.session(replica).ask('DBSIZE')).toBe(3001);
  });

  test('a snapshot with a primary that saves to disk first is read from the socket too', () => {
    const { one, two, primary, replica } = apart(SWAP, 3000, true);
    one.ask('CONFIG', 'SET', 'repl-diskless-sync', 'no');
    follow(two, primary);
    run(3);
    expect(two.ask('DBSIZE')).toBe(3000);
    expect(hasSnapshot(replica)).toBe(false);
    expect(field(two, 'replication', 'master_link_status')).toBe('up');
  });
});
