/** SENTINEL's subcommands: replies and errors as redis-sentinel 7.0.15 gives them, events, and what is saved. */
import { describe, expect, test } from 'vitest';
import { bytes } from '../../../../engine/core/bytes.ts';
import { NULL_ARRAY, ErrorReply, MapReply, OK, type Reply, Status } from '../../../../engine/protocol/reply.ts';
import { sentinelCommands } from '../../../../engine/sentinel/sentinelCommands.ts';
import { sentinelInfoLines } from '../../../../engine/sentinel/sentinelInfoLines.ts';
import { PRIMARY, SentinelBench } from '../../../support/sentinelBench.ts';

const said = (reply: Reply): unknown => (reply instanceof ErrorReply || reply instanceof Status ? reply.text : reply);
const fields = (reply: Reply): ReadonlyMap<unknown, unknown> => new Map((reply as MapReply).entries);

const ERRORS: readonly (readonly [string, string])[] = [
  ['master nope', 'ERR No such master with that name'],
  ['replicas nope', 'ERR No such master with that name'],
  ['sentinels nope', 'ERR No such master with that name'],
  ['ckquorum nope', 'ERR No such master with that name'],
  ['remove nope', 'ERR No such master with that name'],
  ['set nope quorum 1', 'ERR No such master with that name'],
  ['is-master-down-by-addr 10.0.0.1 x 0 *', 'ERR value is not an integer or out of range'],
  ['is-master-down-by-addr 10.0.0.1 1 x *', 'ERR value is not an integer or out of range'],
  ['monitor two 10.0.0.1 1 x', 'ERR Invalid quorum'],
  ['monitor two 10.0.0.1 x 1', 'ERR Invalid port'],
  ['monitor two 10.0.0.1 1 0', 'ERR Quorum must be 1 or greater.'],
  ['monitor two localhost 1 1', 'ERR Invalid IP address or hostname specified'],
  ['monitor one 10.0.0.1 1 1', 'ERR Duplicate master name.'],
  ['monitor two 10.0.0.1 70000 1', 'ERR Invalid port number.'],
  ['set one quorum 0', "ERR Invalid argument '0' for SENTINEL SET 'quorum'"],
  ['set one foo bar', "ERR Unknown option or number of arguments for SENTINEL SET 'foo'"],
  ['set one rename-command config', "ERR Unknown option or number of arguments for SENTINEL SET 'rename-command'"],
  ['set one down-after-milliseconds 5000x', "ERR Invalid argument '5000x' for SENTINEL SET 'down-after-milliseconds'"],
  ['set one master-reboot-down-after-period -1', "ERR Invalid argument '-1' for SENTINEL SET 'master-reboot-down-after-period'"],
  ['set one notification-script /s', 'ERR Reconfiguration of scripts path is denied for security reasons. Check the '
    + 'deny-scripts-reconfig configuration directive in your Sentinel configuration'],
  ['config get', 'ERR Only SENTINEL CONFIG GET <option> / SET <option> <value> are supported.'],
  ['config get a b', 'ERR Only SENTINEL CONFIG GET <option> / SET <option> <value> are supported.'],
  ['config set a b', "ERR Invalid argument 'a' to SENTINEL CONFIG SET"],
  ['config set resolve-hostnames maybe', "ERR Invalid value 'maybe' to SENTINEL CONFIG SET 'resolve-hostnames'"],
  ['config set announce-port 77777', "ERR Invalid value '77777' to SENTINEL CONFIG SET 'announce-port'"],
  ['simulate-failure foo', 'ERR Unknown failure simulation specified'],
  ['debug foo 1', "ERR Unknown option or number of arguments for SENTINEL DEBUG 'foo'"],
  ['debug info-period', "ERR Unknown option or number of arguments for SENTINEL DEBUG 'info-period'"],
  ['debug info-period 0', "ERR Invalid argument '0' for SENTINEL DEBUG 'info-period'"],
];

test.each(ERRORS)('refused: %s', (words, expected) => {
  const bench = new SentinelBench();
  expect(said(bench.run('sentinel', ...words.split(' ')))).toBe(expected);
  expect(bench.saves).toBe(0);
  expect(bench.events()).toEqual([]);
});

describe('what it shows', () => {
  test('a primary: fields in their places', () => {
    const bench = new SentinelBench({ lines: ['deny-scripts-reconfig no'] });
    bench.group(1);
    bench.start();
    bench.host.advance(1000);
    bench.run('sentinel', 'set', 'one', 'notification-script', '/s', 'client-reconfig-script', '/t');
    const reply = bench.run('sentinel', 'master', 'one') as MapReply;
    expect(reply.entries.map(([name]) => name)).toEqual([
      'name', 'ip', 'port', 'runid', 'flags', 'link-pending-commands', 'link-refcount', 'last-ping-sent', 'last-ok-ping-reply',
      'last-ping-reply', 'down-after-milliseconds', 'info-refresh', 'role-reported', 'role-reported-time', 'config-epoch',
      'num-slaves', 'num-other-sentinels', 'quorum', 'failover-timeout', 'parallel-syncs', 'notification-script',
      'client-reconfig-script',
    ]);
    // Helm charts read element 33 of the flat reply.
    expect(reply.entries.flat()[33]).toBe('0');
    expect(fields(reply).get('flags')).toBe('master');
    expect(bench.run('sentinel', 'masters')).toEqual([reply]);
  });

  test('one that is down and fails over: more fields', () => {
    const bench = new SentinelBench({ quorum: 1 });
    // Nobody else is there to vote.
    for (const digit of ['1', '2']) bench.peer(digit).isSilent = true;
    bench.start();
    bench.host.advance(4000);
    const shown = fields(bench.run('sentinel', 'master', 'one'));
    expect(shown.get('flags')).toBe('s_down,o_down,master,disconnected,failover_in_progress');
    expect(shown.get('failover-state')).toBe('wait_start');
    expect([...shown.keys()].slice(5, 14)).toEqual([
      'link-pending-commands', 'link-refcount', 'failover-state', 'last-ping-sent', 'last-ok-ping-reply', 'last-ping-reply',
      's-down-time', 'o-down-time', 'down-after-milliseconds',
    ]);
  });

  test('replicas that want to be announced', () => {
    const bench = new SentinelBench();
    bench.group(2);
    bench.start();
    bench.host.advance(12_000);
    bench.replica('10.0.1.3:6379').isAnnounced = false;
    const shown = bench.run('sentinel', 'replicas', 'one') as readonly Reply[];
    expect(shown).toHaveLength(1);
    expect(fields(shown[0] as Reply).get('name')).toBe('10.0.1.2:6379');
    expect(fields(shown[0] as Reply).get('master-link-status')).toBe('ok');
    expect([...fields(shown[0] as Reply).keys()].slice(14)).toEqual([
      'master-link-down-time', 'master-link-status', 'master-host', 'master-port', 'slave-priority', 'slave-repl-offset',
      'replica-announced',
    ]);
    expect(bench.run('sentinel', 'slaves', 'one')).toEqual(shown);
    expect(fields(bench.run('sentinel', 'master', 'one')).get('num-slaves')).toBe('2');
  });

  test('other sentinels, with what they said', () => {
    const bench = new SentinelBench();
    const peer = bench.peer('b');
    Object.assign(peer, { isDown: true, votesFor: 'c'.repeat(40) });
    bench.start();
    bench.host.advance(7000);
    const shown = fields((bench.run('sentinel', 'sentinels', 'one') as readonly Reply[])[0] as Reply);
    expect(shown.get('flags')).toBe('sentinel,master_down');
    expect(shown.get('voted-leader')).toBe('c'.repeat(40));
    expect(shown.get('voted-leader-epoch')).toBe('1');
  });

  test('addresses, ROLE, MYID, INFO-CACHE', () => {
    const bench = new SentinelBench();
    expect(bench.run('sentinel', 'get-master-addr-by-name', 'one')).toEqual(['10.0.1.1', '6379']);
    expect(bench.run('sentinel', 'get-master-addr-by-name', 'two')).toBe(NULL_ARRAY);
    expect(bench.run('role')).toEqual(['sentinel', ['one']]);
    expect(bench.run('sentinel', 'myid')).toBe(bench.sentinel.id);
    expect(bench.run('sentinel', 'info-cache', 'one', 'two')).toEqual(['one', [[0, null]]]);
    bench.group(0);
    bench.start();
    expect(bench.run('sentinel', 'info-cache', 'one')).toEqual(['one', [[expect.any(Number), expect.stringContaining('run_id:')]]]);
  });

  test('INFO', () => {
    const bench = new SentinelBench({ lines: ['known-replica one 10.0.1.2 6379'] });
    bench.peer('b');
    bench.start();
    const before = new Map(sentinelInfoLines(bench.sentinel));
    expect(before.get('master0')).toBe(`name=one,status=ok,address=${PRIMARY},slaves=1,sentinels=2`);
    bench.host.advance(4000);
    expect(new Map(sentinelInfoLines(bench.sentinel)).get('master0')).toContain('status=sdown');
    bench.host.jump(5000);
    bench.host.advance(300);
    expect(sentinelInfoLines(bench.sentinel).slice(0, 2)).toEqual([['sentinel_masters', 1], ['sentinel_tilt', 1]]);
    bench.host.advance(4000);
    expect(new Map(sentinelInfoLines(bench.sentinel)).get('sentinel_tilt_since_seconds')).toBe(4);
  });

  test('CKQUORUM', () => {
    const bench = new SentinelBench({ quorum: 3 });
    bench.peer('1');
    bench.peer('2');
    expect(said(bench.run('sentinel', 'ckquorum', 'one'))).toBe('OK 3 usable Sentinels. Quorum and failover authorization can be reached');
    bench.peerState('1').isSdown = true;
    expect(said(bench.run('sentinel', 'ckquorum', 'one')))
      .toBe('NOQUORUM 2 usable Sentinels. Not enough available Sentinels to reach the specified quorum for this master');
    bench.peerState('2').isSdown = true;
    bench.run('sentinel', 'set', 'one', 'quorum', '1');
    expect(said(bench.run('sentinel', 'ckquorum', 'one')))
      .toBe('NOQUORUM 1 usable Sentinels. Not enough available Sentinels to reach the majority and authorize a failover');
  });
});

describe('what it changes', () => {
  test('MONITOR saves and says so; REMOVE forgets', () => {
    const bench = new SentinelBench();
    expect(bench.run('sentinel', 'monitor', 'two', '10.0.5.1', '6380', '3')).toBe(OK);
    expect(bench.run('sentinel', 'remove', 'two')).toBe(OK);
    expect(bench.events()).toEqual(['+monitor master two 10.0.5.1 6380 quorum 3', '-monitor master two 10.0.5.1 6380']);
    expect(bench.saves).toBe(2);
    expect(bench.sentinel.primaries.size).toBe(1);
  });

  test('MONITOR of a name: said once it is looked up', () => {
    const bench = new SentinelBench({ lines: ['resolve-hostnames yes'] });
    bench.host.names.set('redis-0', '10.0.5.7');
    expect(bench.run('sentinel', 'monitor', 'two', 'redis-0', '6380', '3')).toBe(OK);
    expect(bench.events()).toEqual([]);
    bench.host.settle();
    expect(bench.events()).toEqual(['+monitor master two 10.0.5.7 6380 quorum 3']);
    bench.run('sentinel', 'config', 'set', 'announce-hostnames', 'yes');
    expect(bench.run('sentinel', 'get-master-addr-by-name', 'two')).toEqual(['redis-0', '6380']);
    expect(bench.run('sentinel', 'is-master-down-by-addr', 'redis-0', '6380', '1', 'b'.repeat(40))).toEqual([0, 'b'.repeat(40), 1]);
  });

  test('SET: one event an option, the password hidden, and all before a wrong one stays', () => {
    const bench = new SentinelBench();
    const reply = bench.run('sentinel', 'set', 'one', 'QUORUM', '3', 'auth-pass', 'secret', 'rename-command', 'CONFIG', 'c', 'parallel-syncs', 'x');
    expect(said(reply)).toBe("ERR Invalid argument 'x' for SENTINEL SET 'parallel-syncs'");
    expect(bench.events()).toEqual(['QUORUM 3', 'auth-pass ******', 'rename-command CONFIG c'].map((text) => `+set master one 10.0.1.1 6379 ${text}`));
    expect(bench.saves).toBe(1);
    expect(bench.primary.options).toMatchObject({ quorum: 3, authPass: 'secret', parallelSyncs: 1 });
    expect(bench.sentinel.command(bench.primary, 'config')).toBe('c');
    bench.run('sentinel', 'set', 'one', 'rename-command', 'config', 'CONFIG', 'auth-pass', '');
    expect(bench.sentinel.command(bench.primary, 'CONFIG')).toBe('CONFIG');
    expect(bench.primary.options.authPass).toBeNull();
  });

  test.each(['auth-pass', 'auth-user'])('SET %s: connections to the nodes are made anew with it', (option) => {
    const bench = new SentinelBench();
    const { primary, replicas } = bench.group(1);
    bench.start();
    bench.host.advance(1500);
    bench.run('sentinel', 'set', 'one', option, 'word', 'auth-pass', 'secret');
    expect(bench.primary.link.isDisconnected).toBe(true);
    bench.host.advance(1500);
    expect(bench.primary.link.isDisconnected).toBe(false);
    const auth = option === 'auth-user' ? 'AUTH word secret' : 'AUTH secret';
    expect([primary, replicas[0]].map((node) => node?.said.includes(auth))).toEqual([true, true]);
  });

  test('RESET: what was learnt goes, the name stays; nothing is saved for it', () => {
    const bench = new SentinelBench({ lines: ['known-replica one 10.0.1.2 6379', 'config-epoch one 3'] });
    bench.peer('b');
    bench.run('sentinel', 'monitor', 'two', '10.0.5.1', '6380', '3');
    bench.events();
    expect(bench.run('sentinel', 'reset', 'on*')).toBe(1);
    expect(bench.primary.replicas.size + bench.primary.sentinels.size).toBe(0);
    expect(bench.primary.configEpoch).toBe(3);
    expect(bench.events()).toEqual(['+reset-master master one 10.0.1.1 6379']);
    expect(bench.saves).toBe(1);
    expect(bench.run('sentinel', 'reset', '*')).toBe(2);
  });

  test('CONFIG SET and GET', () => {
    const bench = new SentinelBench();
    expect(bench.run('sentinel', 'config', 'set', 'announce-ip', '1.2.3.4')).toBe(OK);
    bench.run('sentinel', 'config', 'set', 'Announce-Port', '99');
    expect(bench.run('sentinel', 'config', 'get', 'ANNOUNCE-*')).toEqual(new MapReply([
      [bytes('announce-hostnames'), bytes('no')], [bytes('announce-ip'), bytes('1.2.3.4')], [bytes('announce-port'), bytes('99')],
    ]));
    expect((bench.run('sentinel', 'config', 'get', '*') as MapReply).entries.map(([name]) => name)).toEqual([
      'resolve-hostnames', 'announce-hostnames', 'announce-ip', 'announce-port', 'sentinel-user', 'sentinel-pass',
    ]);
  });

  test('a save that fails is said, and what was changed stays', () => {
    const bench = new SentinelBench();
    bench.canSave = false;
    expect(said(bench.run('sentinel', 'flushconfig'))).toBe('ERR Failed to save config file. Check server logs.');
    expect(said(bench.run('sentinel', 'set', 'one', 'quorum', '7'))).toBe('ERR Failed to save config file. Check server logs.');
    expect(bench.primary.options.quorum).toBe(7);
  });

  test('DEBUG: periods are changed one after the other', () => {
    const bench = new SentinelBench();
    expect((bench.run('sentinel', 'debug') as MapReply).entries[4]).toEqual(['DEFAULT-DOWN-AFTER', '30000']);
    expect(said(bench.run('sentinel', 'debug', 'PING-period', '500', 'ask-period', 'x'))).toBe("ERR Invalid argument 'x' for SENTINEL DEBUG 'ask-period'");
    expect(bench.sentinel.periods.ping).toBe(500);
  });

  test('PENDING-SCRIPTS', () => {
    const bench = new SentinelBench({ lines: ['notification-script one /s'] });
    bench.run('sentinel', 'set', 'one', 'quorum', '1');
    const scheduled = fields((bench.run('sentinel', 'pending-scripts') as readonly Reply[])[0] as Reply);
    expect([...scheduled]).toEqual([['argv', ['/s', '+set', 'master one 10.0.1.1 6379 quorum 1']], ['flags', 'scheduled'], ['pid', '0'],
      ['run-delay', '0'], ['retry-num', '0']]);
    bench.start();
    const running = fields((bench.run('sentinel', 'pending-scripts') as readonly Reply[])[0] as Reply);
    expect([...running.keys()]).toEqual(['argv', 'flags', 'pid', 'run-time', 'retry-num']);
    expect(running.get('flags')).toBe('running');
  });

  test('SIMULATE-FAILURE: each call starts from none', () => {
    const bench = new SentinelBench();
    const flags = (): unknown => new Map(sentinelInfoLines(bench.sentinel)).get('sentinel_simulate_failure_flags');
    bench.run('sentinel', 'simulate-failure', 'crash-after-election', 'CRASH-after-promotion');
    expect(flags()).toBe(3);
    expect(bench.run('sentinel', 'simulate-failure', 'crash-after-promotion', 'help')).toEqual(['crash-after-election', 'crash-after-promotion']);
    expect(flags()).toBe(2);
  });
});

describe('at the start', () => {
  test('without an ID it draws one and saves it; it says whom it watches', () => {
    const bench = new SentinelBench();
    bench.sentinel.id = bytes('');
    bench.start();
    expect(bench.sentinel.id).toMatch(/^[0-9a-f]{40}$/);
    expect(bench.saves).toBe(1);
    expect(bench.host.logged.slice(0, 2)).toEqual([
      `warning Sentinel ID is ${bench.sentinel.id}`, 'warning +monitor master one 10.0.1.1 6379 quorum 2',
    ]);
  });

  test('where it cannot be saved, the sentinel does not start', () => {
    const bench = new SentinelBench();
    bench.sentinel.id = bytes('');
    bench.canSave = false;
    bench.start();
    expect(bench.host.exitStatus).toBe(1);
  });
});

test('arity and flags of every command are those of redis-sentinel 7.0.15', () => {
  const rows = new Map(sentinelCommands(new SentinelBench().sentinel).map(({ name, arity, flags }) => [name, `${arity} ${flags.join(' ')}`]));
  const admin = (names: string, arity: number): readonly (readonly [string, string])[] =>
    names.split(' ').map((name) => [`sentinel|${name}`, `${arity} admin`]);
  expect(rows).toEqual(new Map([
    ...admin('masters myid pending-scripts flushconfig', 2),
    ...admin('master replicas slaves sentinels get-master-addr-by-name ckquorum failover reset remove', 3),
    ...admin('is-master-down-by-addr monitor', 6), ...admin('info-cache config simulate-failure', -3), ...admin('set', -5),
    ...admin('debug', -2), ['sentinel|help', '2 loading stale'], ['publish', '3 pubsub loading stale fast'],
    ['role', '1 noscript loading stale fast'],
  ]));
});
