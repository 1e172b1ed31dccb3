/** The lines of a sentinel's configuration: those that are refused, with redis-sentinel 7.0.15's words, and what is written back. */
import { describe, expect, test } from 'vitest';
import { type Bytes, bytes } from '../../../../engine/core/bytes.ts';
import { type RewrittenOption, rewriteConfig } from '../../../../engine/persistence/configRewrite.ts';
import { sentinelConfigLines, sentinelOptionOf } from '../../../../engine/sentinel/sentinelConfigLines.ts';
import { SentinelBench } from '../../../support/sentinelBench.ts';

const REFUSED: readonly (readonly [string, string])[] = [
  ['foo bar', 'Unrecognized sentinel configuration statement.'],
  ['monitor two 10.0.0.1 6379', 'Unrecognized sentinel configuration statement.'],
  ['monitor two 10.0.0.1 6379 0', 'Quorum must be 1 or greater.'],
  ['monitor two 10.0.0.1 6379 x', 'Quorum must be 1 or greater.'],
  ['monitor two localhost 6379 1', "Can't resolve instance hostname."],
  ['monitor two 10.0.0.1 77777 1', 'Invalid port number.'],
  ['monitor one 10.0.0.1 6379 1', 'Duplicate master name.'],
  ['down-after-milliseconds two 5', 'No such master with specified name.'],
  ['down-after-milliseconds one 0', 'negative or zero time parameter.'],
  ['down-after-milliseconds one x', 'negative or zero time parameter.'],
  ['down-after-milliseconds one 10 10', 'Unrecognized sentinel configuration statement.'],
  ['failover-timeout one -1', 'negative or zero time parameter.'],
  ['parallel-syncs two 9', 'No such master with specified name.'],
  ['notification-script one /nope', 'Notification script seems non existing or non executable.'],
  ['client-reconfig-script one /nope', 'Client reconfiguration script seems non existing or non executable.'],
  ['notification-script two /nope', 'No such master with specified name.'],
  ['auth-pass one a b', 'Unrecognized sentinel configuration statement.'],
  ['auth-user two a', 'No such master with specified name.'],
  ['config-epoch two 3', 'No such master with specified name.'],
  ['leader-epoch two 3', 'No such master with specified name.'],
  ['myid xx', 'Malformed Sentinel id in myid option.'],
  ['known-replica one foo 5', "Can't resolve instance hostname."],
  ['known-replica one 10.0.0.1 99999', 'Invalid port number.'],
  ['known-sentinel one 10.0.0.1 99999 abc', 'Invalid port number.'],
  ['known-sentinel two 10.0.0.1 5 abc', 'No such master with specified name.'],
  ['rename-command two A B', 'No such master with specified name.'],
  ['announce-ip', 'Unrecognized sentinel configuration statement.'],
  ['deny-scripts-reconfig maybe', 'Please specify yes or no for the deny-scripts-reconfig options.'],
  ['resolve-hostnames maybe', 'Please specify yes or no for the resolve-hostnames option.'],
  ['announce-hostnames maybe', 'Please specify yes or no for the announce-hostnames option.'],
  ['master-reboot-down-after-period one -3', 'negative time parameter.'],
];

describe('refused', () => {
  test.each(REFUSED)('%s', (line, reason) => {
    const bench = new SentinelBench();
    expect(() => bench.configure(line)).toThrow(`${line}: ${reason}`);
  });

  test('what may stand once only', () => {
    const bench = new SentinelBench({ lines: [
      'known-replica one 10.0.1.2 6379', `known-sentinel one 10.0.2.1 26379 ${'b'.repeat(40)}`, 'rename-command one AUTH a',
    ] });
    expect(() => bench.configure('known-slave one 10.0.1.2 6379')).toThrow('Duplicate hostname and port for replica.');
    expect(() => bench.configure(`known-sentinel one 10.0.2.2 26379 ${'b'.repeat(40)}`)).toThrow('Duplicate runid for sentinel.');
    expect(() => bench.configure('rename-command one auth b')).toThrow('Same command renamed multiple times');
  });
});

describe('read', () => {
  test('in whatever order they stand: settings of the whole, then primaries, then the rest', () => {
    const bench = new SentinelBench();
    bench.configure('known-replica two redis-1 6380', 'monitor two redis-0 6379 1', 'resolve-hostnames YES', '');
    const two = bench.sentinel.primaries.get(bytes('two'));
    expect(two?.address).toEqual({ hostname: 'redis-0', ip: '', port: 6379 });
    expect(two?.replicas.size).toBe(1);
  });

  test('down-after holds for all that belong to the primary, whenever they were read', () => {
    const bench = new SentinelBench({ lines: ['known-replica one 10.0.1.2 6379'] });
    bench.configure('down-after-milliseconds one 777');
    bench.configure('known-replica one 10.0.1.3 6379');
    expect([...bench.primary.replicas.values()].map(({ downAfterMs }) => downAfterMs)).toEqual([777, 777]);
  });

  test('an epoch of a configuration raises the current one', () => {
    const bench = new SentinelBench({ lines: ['current-epoch 3', 'config-epoch one 5', 'leader-epoch one 9', 'current-epoch 2'] });
    expect(bench.sentinel.currentEpoch).toBe(5);
    expect(bench.primary).toMatchObject({ configEpoch: 5, leaderEpoch: 9, leader: null });
  });
});

const textOf = (options: readonly RewrittenOption[]): readonly string[] =>
  options.flatMap(({ lines }) => lines.filter(({ isForced }) => isForced).map(({ text }) => text.replace(/^sentinel /, '')));

describe('written', () => {
  /** As redis-sentinel 7.0.15 writes it into an empty file. */
  const ALL: readonly string[] = [
    `myid ${'c'.repeat(40)}`, 'deny-scripts-reconfig no', 'resolve-hostnames yes', 'announce-hostnames yes',
    'monitor one 10.0.1.1 6379 2', 'down-after-milliseconds one 300', 'failover-timeout one 12345', 'parallel-syncs one 12',
    'notification-script one /script', 'client-reconfig-script one /bin/true', 'auth-pass one pass', 'auth-user one usr',
    'master-reboot-down-after-period one 7', 'config-epoch one 5', 'leader-epoch one 6', 'known-replica one 10.0.1.2 6379',
    `known-sentinel one 10.0.2.1 26379 ${'b'.repeat(40)}`, 'rename-command one AUTH xx', 'current-epoch 7',
    'announce-ip "1.2.3.4"', 'announce-port 5', 'sentinel-user su', 'sentinel-pass sp',
  ];

  test('every directive, in order', () => {
    const bench = new SentinelBench();
    bench.configure(...ALL.filter((line) => !line.startsWith('monitor')).map((line) => line.replaceAll('"', '')));
    expect(textOf(sentinelConfigLines(bench.sentinel))).toEqual(ALL);
  });

  test('what is as usual is not', () => {
    const bench = new SentinelBench();
    bench.run('sentinel', 'monitor', 'two', '10.0.5.1', '6379', '1');
    expect(textOf(sentinelConfigLines(bench.sentinel)).filter((line) => line.includes('two')))
      .toEqual(['monitor two 10.0.5.1 6379 1', 'config-epoch two 0', 'leader-epoch two 0']);
  });

  test('after the promotion the new primary stands there, and the old one as its replica', () => {
    const bench = new SentinelBench({ lines: ['known-replica one 10.0.1.2 6379', 'known-replica one 10.0.1.3 6379'] });
    bench.primary.promoted = bench.replica('10.0.1.2:6379');
    bench.primary.failoverState = 'wait-promotion';
    expect(textOf(sentinelConfigLines(bench.sentinel))).toContain('monitor one 10.0.1.1 6379 2');
    bench.primary.failoverState = 'reconf-replicas';
    expect(textOf(sentinelConfigLines(bench.sentinel)).filter((line) => /monitor|known/.test(line))).toEqual([
      'monitor one 10.0.1.2 6379 2', 'known-replica one 10.0.1.1 6379', 'known-replica one 10.0.1.3 6379',
    ]);
  });

  const owner = (words: readonly Bytes[]): string => (words[0] === 'sentinel' ? sentinelOptionOf(words) : 'other');

  test('into an old file: comments and places stay, surplus lines go, older spellings too', () => {
    const bench = new SentinelBench({ lines: ['known-replica one 10.0.1.2 6379'] });
    const old = '# mine\nsentinel known-slave one 10.0.1.9 6379\nsentinel auth-pass one gone\n# end\nsentinel monitor one 10.0.1.7 6379 9\n';
    const lines = rewriteConfig(bytes(old), sentinelConfigLines(bench.sentinel), owner).split('\n');
    expect(lines[0]).toBe('# mine');
    expect(lines[1]).toBe('sentinel known-replica one 10.0.1.2 6379');
    expect(lines.join('\n')).not.toContain('auth-pass');
    expect(lines.filter((line) => line.includes('monitor'))).toEqual(['sentinel monitor one 10.0.1.1 6379 2']);
  });

  test('it reads its own file back, and writes the same again', () => {
    const bench = new SentinelBench();
    bench.configure(...ALL.filter((line) => !line.startsWith('monitor')).map((line) => line.replaceAll('"', '')));
    const text = rewriteConfig(null, sentinelConfigLines(bench.sentinel), owner);
    expect(rewriteConfig(text, sentinelConfigLines(bench.sentinel), owner).replaceAll(/\n+/g, '\n').trim())
      .toBe(text.replaceAll(/\n+/g, '\n').trim());
  });
});
