/** Two and three real servers: what each change of role, link and process does to histories, databases and backlogs. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { HistoryNote } from '../../../../engine/index.ts';
import { Deployment, type Node, PORT, type Session, textOf } from '../server/deployment.ts';

let deployment: Deployment;
beforeEach(() => {
  deployment = new Deployment();
});

const run = (seconds: number): void => deployment.world.run(seconds);
const follow = (session: Session, node: Node): void =>
  expect(textOf(session.ask('REPLICAOF', node.machine.address, String(PORT)))).toBe('OK');

/** INFO replication as a map. */
const info = (session: Session, section = 'replication'): ReadonlyMap<string, string> => {
  const reply = session.ask('INFO', section);
  const text = typeof reply === 'string' ? reply : (reply as { text: string }).text;
  return new Map(text.split('\r\n').filter((line) => line.includes(':')).map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1)];
  }));
};
const field = (session: Session, name: string): string | undefined => info(session).get(name);
const histories = (node: Node): string[] =>
  node.notes.filter((note): note is HistoryNote => note.kind === 'history').map((note) => note.reason);

/** A primary and a replica of it, linked up. */
const pair = (configuration = ''): { primary: Node; replica: Node; one: Session; two: Session } => {
  const primary = deployment.server('primary', configuration);
  const replica = deployment.server('replica', configuration);
  const one = deployment.session(primary);
  const two = deployment.session(replica);
  follow(two, primary);
  run(2);
  expect(field(two, 'master_link_status')).toBe('up');
  return { primary, replica, one, two };
};

const cut = (...nodes: readonly Node[]): { heal(): void } =>
  deployment.world.network.cut(nodes.map((node) => [node.machine.stack]));

describe('databases', () => {
  test('a partial resynchronisation goes on in the database that was selected', () => {
    const { primary, replica, one, two } = pair();
    one.ask('SELECT', '3');
    one.ask('SET', 'before', '1');
    run(0.1);
    expect(textOf(one.ask('CLIENT', 'KILL', 'TYPE', 'replica') === 1 ? one.ask('SET', 'between', '1') : undefined)).toBe('OK');
    one.ask('SET', 'after', '1');
    run(2);
    expect(histories(replica)).toEqual(['start', 'full-sync', 'partial-sync']);
    expect([...info(two, 'keyspace')].map(([name, value]) => `${name} ${value}`)).toEqual(['db3 keys=3,expires=0,avg_ttl=0']);
    expect(field(two, 'master_repl_offset')).toBe(field(one, 'master_repl_offset'));
    expect(primary.notes.some((note) => note.kind === 'replica' && note.event === 'partial-sync')).toBe(true);
  });

  test('a replica that resumes from its snapshot does too', () => {
    const primary = deployment.server('primary');
    const one = deployment.session(primary);
    const replica = deployment.server('replica', `replicaof ${primary.machine.address} ${PORT}`);
    run(2);
    one.ask('SELECT', '5');
    one.ask('SET', 'before', '1');
    run(1.2);
    expect(textOf(deployment.session(replica).ask('SAVE'))).toBe('OK');
    replica.process.kill();
    one.ask('SET', 'while', '1');
    replica.process.start();
    run(2);
    expect(histories(replica)).toEqual(['start', 'full-sync', 'load', 'partial-sync']);
    expect(info(deployment.session(replica), 'keyspace').get('db5')).toContain('keys=2,');
  });

  test('a full synchronisation begins in the database that the snapshot names', () => {
    const { replica, one } = pair();
    one.ask('SELECT', '2');
    one.ask('SET', 'a', '1');
    const third = deployment.server('third', `replicaof ${replica.machine.address} ${PORT}`);
    run(3);
    one.ask('SET', 'b', '1');
    run(0.5);
    expect(info(deployment.session(third), 'keyspace').get('db2')).toContain('keys=2,');
  });
});

describe('an open MULTI in the stream', () => {
  test('a link lost before its EXEC resumes at the MULTI, and the unit is applied once', () => {
    const { primary, replica, one, two } = pair();
    one.ask('SET', 'n', '0');
    run(0.1);
    const before = field(two, 'master_repl_offset');
    // The unit is larger than a segment, so that the partition cuts it in the middle.
    const commands = [['MULTI'], ...Array.from({ length: 200 }, (_, index) => ['SET', `k${index}`, 'x'.repeat(1000)]), ['INCR', 'n'], ['EXEC']];
    const slow = deployment.world.network.changeLinks([primary.machine.stack], [replica.machine.stack], { lossPerMillion: 400_000 });
    one.pipeline(...commands);
    run(0.02);
    const during = field(two, 'master_repl_offset');
    slow.undo();
    one.ask('CLIENT', 'KILL', 'TYPE', 'replica');
    run(10);
    expect(during).toBe(before);
    expect(two.ask('GET', 'n')).toBe('1');
    expect(two.ask('DBSIZE')).toBe(201);
    expect(field(two, 'master_repl_offset')).toBe(field(one, 'master_repl_offset'));
  });
});

describe('promotion', () => {
  test('the old ID becomes the second, valid to the next byte; sub-replicas go on from it', () => {
    const { replica, two, one } = pair();
    const third = deployment.server('third', `replicaof ${replica.machine.address} ${PORT}`);
    run(3);
    one.ask('SET', 'a', '1');
    run(0.2);
    const before = info(two);
    expect(textOf(two.ask('REPLICAOF', 'NO', 'ONE'))).toBe('OK');
    const after = info(two);
    expect(after.get('master_replid2')).toBe(before.get('master_replid'));
    expect(Number(after.get('second_repl_offset'))).toBe(Number(before.get('master_repl_offset')) + 1);
    expect(after.get('master_replid')).not.toBe(before.get('master_replid'));
    two.ask('SET', 'b', '1');
    run(2);
    expect(histories(third)).toEqual(['start', 'full-sync', 'partial-sync']);
    expect(deployment.session(third).ask('DBSIZE')).toBe(2);
  });

  test('a replica that was never linked up has no backlog after it either', () => {
    const node = deployment.server('node');
    const session = deployment.session(node);
    session.ask('REPLICAOF', '10.9.9.9', '1');
    expect(field(session, 'master_link_down_since_seconds')).toBe('-1');
    session.ask('REPLICAOF', 'NO', 'ONE');
    expect(field(session, 'repl_backlog_active')).toBe('0');
    expect(field(session, 'second_repl_offset')).toBe('1');
  });

  test('the backlog’s time to live begins with it, however long nobody had followed the replica', () => {
    const { two, replica, primary } = pair('repl-backlog-ttl 5');
    run(20);
    const id = field(two, 'master_replid');
    two.ask('REPLICAOF', 'NO', 'ONE');
    run(3);
    expect(field(two, 'master_replid2')).toBe(id);
    const old = deployment.session(primary);
    follow(old, replica);
    run(1.5);
    expect(histories(primary).at(-1)).toBe('partial-sync');
  });

  test('a backlog that nobody follows is freed with its ID', () => {
    const { one, two, primary } = pair('repl-backlog-ttl 3');
    one.ask('SET', 'a', '1');
    two.ask('REPLICAOF', 'NO', 'ONE');
    run(10);
    expect(histories(primary)).toEqual(['start', 'newBacklog', 'backlogExpired']);
    expect(field(one, 'repl_backlog_active')).toBe('0');
    expect(field(one, 'master_replid2')).toBe('0'.repeat(40));
  });
});

describe('demotion', () => {
  test('its replicas stay until it has another history', () => {
    const { primary, replica, one, two } = pair();
    const other = deployment.server('other');
    const silence = cut(primary, other);
    follow(one, other);
    run(3);
    expect(field(one, 'connected_slaves')).toBe('1');
    expect(replica.notes.filter((note) => note.kind === 'sync' && note.state === 'connected').length).toBe(1);
    silence.heal();
    run(130);
    expect(field(one, 'master_link_status')).toBe('up');
    expect(field(two, 'master_replid')).toBe(field(one, 'master_replid'));
    expect(histories(replica)).toEqual(['start', 'full-sync', 'full-sync']);
  });

  test('a primary whose replica took over goes on from the fork, when it has written nothing since', () => {
    const { primary, replica, one, two } = pair();
    one.ask('SET', 'a', '1');
    run(0.2);
    two.ask('REPLICAOF', 'NO', 'ONE');
    two.ask('SET', 'b', '1');
    follow(one, replica);
    run(2);
    expect(histories(primary).at(-1)).toBe('partial-sync');
    expect(one.ask('DBSIZE')).toBe(2);
  });

  test('and is filled anew when it has', () => {
    const { primary, replica, one, two } = pair();
    two.ask('REPLICAOF', 'NO', 'ONE');
    one.ask('SET', 'lost', '1');
    follow(one, replica);
    run(3);
    expect(histories(primary).at(-1)).toBe('full-sync');
    expect(one.ask('DBSIZE')).toBe(0);
  });
});

describe('snapshots', () => {
  /** Enough keys that loading them takes several slices. */
  const fill = (session: Session, keys: number): void => {
    for (let from = 0; from < keys; from += 500) {
      const words = Array.from({ length: Math.min(500, keys - from) }, (_, index) => [`k${from + index}`, 'v']).flat();
      session.ask('MSET', ...words);
    }
  };

  test.each(['yes', 'no'])('diskless %s: everything arrives', (diskless) => {
    const { one, two, replica } = pair(`repl-diskless-sync ${diskless}`);
    two.ask('REPLICAOF', 'NO', 'ONE');
    fill(one, 2000);
    two.ask('SET', 'own', '1');
    follow(two, { ...replica, machine: deployment.world.machines[0] as Node['machine'] });
    run(4);
    expect(two.ask('DBSIZE')).toBe(2000);
  });

  test('a primary that dies while its snapshot is loaded: the history is the snapshot’s, and goes on from there', () => {
    const { primary, replica, one, two } = pair();
    two.ask('REPLICAOF', 'NO', 'ONE');
    fill(one, 60_000);
    replica.notes.length = 0;
    follow(two, primary);
    let loading = false;
    for (let step = 0; step < 20_000 && !loading; step++) {
      run(0.0005);
      loading = replica.notes.some((note) => note.kind === 'saved');
    }
    expect(loading).toBe(true);
    expect(textOf(two.ask('GET', 'k0'))).toMatch(/^LOADING /);
    expect(textOf(two.ask('REPLICAOF', 'NO', 'ONE'))).toMatch(/^LOADING /);
    primary.process.kill();
    run(5);
    expect(histories(replica).at(-1)).toBe('full-sync');
    expect(field(two, 'master_link_status')).toBe('down');
    expect(two.ask('DBSIZE')).toBe(60_000);
    // The snapshot's place in the history is what a sub-replica, or a promotion, goes on from.
    two.ask('REPLICAOF', 'NO', 'ONE');
    expect(two.ask('DBSIZE')).toBe(60_000);
    expect(histories(replica).at(-1)).toBe('promotion');
  });

  test('a save that runs while a snapshot comes in is ended: it would put older data in its place', () => {
    const { primary, replica, one, two } = pair();
    two.ask('REPLICAOF', 'NO', 'ONE');
    fill(two, 200_000);
    one.ask('SET', 'new', '1');
    two.ask('BGSAVE');
    follow(two, primary);
    run(8);
    const saved = replica.notes.flatMap((note) => (note.kind === 'saved' ? [note.id] : []));
    expect(saved.at(-1)).toBe(field(one, 'master_replid'));
    expect(info(two, 'persistence').get('rdb_last_bgsave_status')).toBe('ok');
    replica.process.kill();
    replica.process.start();
    run(1);
    expect(deployment.session(replica).ask('DBSIZE')).toBe(1);
  });

  test('a replica whose disk is full tries again until there is room', () => {
    const primary = deployment.server('primary');
    const one = deployment.session(primary);
    fill(one, 100);
    const replica = deployment.server('replica');
    const two = deployment.session(replica);
    replica.machine.disk.isFull = true;
    follow(two, primary);
    run(6);
    expect(two.ask('DBSIZE')).toBe(0);
    replica.machine.disk.isFull = false;
    run(6);
    expect(two.ask('DBSIZE')).toBe(100);
  });

  test('keys that expired while a primary was down reach its replicas as deletions', () => {
    const { primary, replica, one, two } = pair();
    one.ask('SET', 'stays', '1');
    one.ask('SET', 'goes', '1', 'PX', '2000');
    run(0.2);
    one.ask('SAVE');
    primary.process.kill();
    run(3);
    primary.process.start();
    run(4);
    expect(histories(primary)).toEqual(['start', 'newBacklog', 'load']);
    expect(histories(replica).at(-1)).toBe('partial-sync');
    expect(two.ask('DBSIZE')).toBe(1);
  });

  test('expired keys: a replica hides them, and deletes only what its primary says', () => {
    const { one, two } = pair();
    one.ask('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
    one.ask('SET', 'k', '1', 'PX', '300');
    run(1);
    expect(two.ask('GET', 'k')).toBeNull();
    expect(two.ask('DBSIZE')).toBe(1);
    expect(one.ask('GET', 'k')).toBeNull();
    run(0.1);
    expect(two.ask('DBSIZE')).toBe(0);
  });
});
