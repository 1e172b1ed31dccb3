/** What a primary tells of its replicas and does to slow and silent ones; what wrong credentials and late replicas meet. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { HistoryNote } from '../../../../engine/index.ts';
import type { TraceRecord } from '../../../../sim/trace/traceEvent.ts';
import { Deployment, type Node, PORT, type Session, textOf } from '../server/deployment.ts';

let deployment: Deployment;
let log: string[];
beforeEach(() => {
  deployment = new Deployment();
  log = [];
  deployment.world.kernel.attach({ record: (record: TraceRecord) => log.push(String(record.detail?.['message'] ?? '')) });
});

const run = (seconds: number): void => deployment.world.run(seconds);
const saidTimes = (text: string): number => log.filter((line) => line.includes(text)).length;

const field = (session: Session, name: string, section = 'replication'): string | undefined => {
  const reply = session.ask('INFO', section);
  const text = typeof reply === 'string' ? reply : (reply as { text: string }).text;
  return new RegExp(`^${name}:([^\r\n]*)`, 'm').exec(text)?.[1];
};
const histories = (node: Node): string[] =>
  node.notes.filter((note): note is HistoryNote => note.kind === 'history').map((note) => note.reason);

const replicaOf = (primary: Node, name: string, configuration = ''): Node =>
  deployment.server(name, `${configuration}\nreplicaof ${primary.machine.address} ${PORT}`);

/** More than the kernels of both ends hold. */
const fill = (session: Session, megabytes: number): void => {
  for (let count = 0; count < megabytes * 10; count++) session.ask('SET', `k${count}`, 'v'.repeat(100_000));
};

describe('what a replica announces', () => {
  test('address and port are what INFO and ROLE of its primary show', () => {
    const primary = deployment.server('primary');
    replicaOf(primary, 'replica', 'replica-announce-ip 1.2.3.4\nreplica-announce-port 77');
    run(2);
    const one = deployment.session(primary);
    expect(field(one, 'slave0')).toMatch(/^ip=1\.2\.3\.4,port=77,state=online,offset=[0-9]+,lag=[01]$/);
    expect(one.ask('ROLE')).toEqual(['master', expect.any(Number), [['1.2.3.4', '77', expect.any(String)]]]);
  });

  test('without them, the address it comes from and the port it listens to', () => {
    const primary = deployment.server('primary');
    const replica = replicaOf(primary, 'replica');
    run(2);
    expect(field(deployment.session(primary), 'slave0')).toMatch(new RegExp(`^ip=${replica.machine.address},port=${PORT},state=online`));
  });

  test('priority and whether it is to be listed are in its own INFO, and follow CONFIG SET', () => {
    const primary = deployment.server('primary');
    const two = deployment.session(replicaOf(primary, 'replica', 'replica-priority 7\nreplica-announced no'));
    run(1.2);
    expect([field(two, 'slave_priority'), field(two, 'replica_announced')]).toEqual(['7', '0']);
    two.ask('CONFIG', 'SET', 'replica-priority', '0', 'replica-announced', 'yes');
    expect([field(two, 'slave_priority'), field(two, 'replica_announced')]).toEqual(['0', '1']);
    // A primary has neither.
    expect(field(deployment.session(primary), 'slave_priority')).toBeUndefined();
  });
});

describe('credentials', () => {
  test('a wrong masterauth is said at each attempt, a second apart; the right one mends it', () => {
    const primary = deployment.server('primary', 'requirepass good');
    const two = deployment.session(replicaOf(primary, 'replica', 'masterauth bad'));
    run(5);
    const problem = 'Unable to AUTH to MASTER: -WRONGPASS invalid username-password pair or user is disabled.';
    expect(saidTimes(problem)).toBeGreaterThan(3);
    expect(saidTimes(problem)).toBeLessThan(7);
    expect(field(two, 'master_link_status')).toBe('down');
    two.ask('CONFIG', 'SET', 'masterauth', 'good');
    run(3);
    expect(field(two, 'master_link_status')).toBe('up');
  });

  test('without masterauth the handshake goes as far as PSYNC', () => {
    const primary = deployment.server('primary', 'requirepass good');
    const two = deployment.session(replicaOf(primary, 'replica'));
    run(3);
    expect(saidTimes('(Non critical) Master does not understand REPLCONF listening-port: -NOAUTH Authentication required.')).toBeGreaterThan(0);
    expect(saidTimes('Unexpected reply to PSYNC from master: -NOAUTH Authentication required.')).toBeGreaterThan(0);
    expect(field(two, 'master_link_status')).toBe('down');
  });
});

describe('a full synchronisation that does not get on', () => {
  /** A primary with much to send over a slow link, and a replica that begins to take it. */
  const slow = (configuration: string, bytesPerMs: number, diskless = 'yes'): { primary: Node; replica: Node; one: Session } => {
    const primary = deployment.server('primary', `rdbcompression no\nrepl-ping-replica-period 1\nrepl-diskless-sync ${diskless}\n${configuration}`);
    const one = deployment.session(primary);
    fill(one, 20);
    const replica = deployment.server('replica', 'repl-timeout 4');
    deployment.world.network.changeLinks([primary.machine.stack], [replica.machine.stack], { bandwidthBytesPerMs: bytesPerMs });
    deployment.session(replica).ask('REPLICAOF', primary.machine.address, String(PORT));
    run(1.5);
    return { primary, replica, one };
  };

  test('the primary drops a replica that reads nothing of a diskless one for repl-timeout', () => {
    const { one, replica } = slow('repl-timeout 4', 2000);
    expect(field(one, 'slave0')).toContain('state=wait_bgsave');
    replica.process.pause();
    run(8);
    expect(saidTimes(`Disconnecting timedout replica (full sync): ${replica.machine.address}:${PORT}`)).toBe(1);
    expect(saidTimes('Diskless rdb transfer, last replica dropped, killing fork child.')).toBe(1);
    expect(field(one, 'connected_slaves')).toBe('0');
    expect(field(one, 'rdb_bgsave_in_progress', 'persistence')).toBe('0');
  });

  test('a slow one may take longer than repl-timeout', () => {
    const { one, replica } = slow('repl-timeout 4', 2000);
    run(6);
    expect(field(one, 'slave0')).toContain('state=wait_bgsave');
    run(10);
    expect(field(one, 'slave0')).toContain('state=online');
    expect(histories(replica)).toEqual(['start', 'full-sync']);
    expect(saidTimes('Disconnecting timedout replica')).toBe(0);
  });

  test.each(['disabled', 'on-empty-db'])('with %s the replica gives up a transfer that is silent for repl-timeout, and begins anew', (mode) => {
    const primary = deployment.server('primary', 'rdbcompression no\nrepl-ping-replica-period 1\nrepl-timeout 4');
    const one = deployment.session(primary);
    fill(one, 20);
    const replica = deployment.server('replica', `repl-timeout 4\nrepl-diskless-load ${mode}`);
    deployment.world.network.changeLinks([primary.machine.stack], [replica.machine.stack], { bandwidthBytesPerMs: 2000 });
    const two = deployment.session(replica);
    two.ask('REPLICAOF', primary.machine.address, String(PORT));
    run(1.5);
    expect(field(two, 'master_sync_in_progress')).toBe('1');
    const cut = deployment.world.network.cut([[primary.machine.stack], [replica.machine.stack]]);
    run(7);
    expect(saidTimes('Timeout receiving bulk data from MASTER...')).toBe(1);
    expect(field(two, 'loading', 'persistence')).toBe('0');
    expect(two.ask('DBSIZE')).toBe(0);
    cut.heal();
    run(40);
    expect(field(two, 'master_link_status')).toBe('up');
    expect(two.ask('DBSIZE')).toBe(200);
  });

  test.each(['yes', 'no'])('a replica whose stream outgrows its limit meanwhile is dropped (diskless %s), and comes again', (diskless) => {
    const { one, replica } = slow('client-output-buffer-limit replica 1mb 0 0\nrepl-backlog-size 16384', 2000, diskless);
    expect(field(one, 'connected_slaves')).toBe('1');
    for (let count = 0; count < 12; count++) one.ask('SET', 'hot', 'w'.repeat(100_000));
    expect(saidTimes('scheduled to be closed ASAP for overcoming of output buffer limits.')).toBe(1);
    expect(field(one, 'connected_slaves')).toBe('0');
    run(60);
    expect(field(one, 'connected_slaves')).toBe('1');
    expect(deployment.session(replica).ask('STRLEN', 'hot')).toBe(100_000);
    expect(histories(replica)).toEqual(['start', 'full-sync']);
  });
});

describe('the backlog’s time to live', () => {
  /** A replica that is away for `seconds`. */
  const awayFor = (seconds: number, ttl: number): { primary: Node; replica: Node; id: string | undefined; one: Session } => {
    const primary = deployment.server('primary', `repl-backlog-ttl ${ttl}`);
    const one = deployment.session(primary);
    const replica = replicaOf(primary, 'replica');
    const two = deployment.session(replica);
    run(2);
    const id = field(one, 'master_replid');
    two.ask('REPLICAOF', '10.9.9.9', '1');
    one.ask('SET', 'meanwhile', '1');
    run(seconds);
    expect(textOf(two.ask('REPLICAOF', primary.machine.address, String(PORT)))).toBe('OK');
    run(3);
    return { primary, replica, id, one };
  };

  test('within it a replica resumes', () => {
    const { replica, id, one } = awayFor(4, 6);
    expect(histories(replica)).toEqual(['start', 'full-sync', 'partial-sync']);
    expect(field(one, 'master_replid')).toBe(id);
  });

  test('after it the backlog and the ID are gone, and the replica is filled anew', () => {
    const { replica, primary, id, one } = awayFor(12, 6);
    expect(histories(replica)).toEqual(['start', 'full-sync', 'full-sync']);
    expect(histories(primary)).toEqual(['start', 'newBacklog', 'backlogExpired', 'newBacklog']);
    expect(field(one, 'master_replid')).not.toBe(id);
  });

  test('0 is for ever', () => {
    const { replica, id, one } = awayFor(7200, 0);
    expect(histories(replica)).toEqual(['start', 'full-sync', 'partial-sync']);
    expect(field(one, 'master_replid')).toBe(id);
  });
});

test('a promotion in the middle of a chain: everything below resumes, link by link, under the new ID', () => {
  const first = deployment.server('first');
  const one = deployment.session(first);
  const second = replicaOf(first, 'second');
  const third = replicaOf(second, 'third');
  run(3);
  const fourth = replicaOf(third, 'fourth');
  run(4);
  one.ask('SET', 'a', '1');
  run(0.5);
  const two = deployment.session(second);
  two.ask('REPLICAOF', 'NO', 'ONE');
  two.ask('SET', 'b', '1');
  run(4);
  for (const node of [third, fourth]) {
    const session = deployment.session(node);
    expect(histories(node)).toEqual(['start', 'full-sync', 'partial-sync']);
    expect(field(session, 'master_replid')).toBe(field(two, 'master_replid'));
    expect(field(session, 'master_replid2')).toBe(field(one, 'master_replid'));
    expect(field(session, 'master_repl_offset')).toBe(field(two, 'master_repl_offset'));
    expect(session.ask('DBSIZE')).toBe(2);
  }
  // Who was above follows too, from the place where the histories part.
  one.ask('REPLICAOF', second.machine.address, String(PORT));
  run(2);
  expect(histories(first).at(-1)).toBe('partial-sync');
});
