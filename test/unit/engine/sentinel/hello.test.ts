/** Hellos: what a sentinel says of itself, what it believes of others, and what it ignores. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { error } from '../../../../engine/protocol/reply.ts';
import { OWN_ID, PRIMARY, SentinelBench } from '../../../support/sentinelBench.ts';

const ID = 'b'.repeat(40);
const hello = (fields: Partial<Record<'ip' | 'port' | 'id' | 'epoch' | 'name' | 'primaryIp' | 'primaryPort' | 'configEpoch', string>>): string => {
  const { ip = '10.0.2.9', port = '26379', id = ID, epoch = '0', name = 'one' } = fields;
  const { primaryIp = '10.0.1.1', primaryPort = '6379', configEpoch = '0' } = fields;
  return [ip, port, id, epoch, name, primaryIp, primaryPort, configEpoch].join(',');
};

const hear = (bench: SentinelBench, text: string): unknown => bench.run('publish', '__sentinel__:hello', text);

describe('what it says', () => {
  test('eight fields, every two seconds, to primaries, replicas and sentinels', () => {
    const bench = new SentinelBench({ lines: ['announce-port 5000', 'current-epoch 4', 'config-epoch one 3'] });
    const { primary, replicas } = bench.group(1);
    bench.start();
    bench.host.advance(20_000);
    const said = primary.said.filter((line) => line.startsWith('PUBLISH'));
    expect(said[0]).toBe(`PUBLISH __sentinel__:hello 10.0.0.1,5000,${OWN_ID},4,one,10.0.1.1,6379,3`);
    expect(said.length).toBeGreaterThanOrEqual(9);
    expect(said.length).toBeLessThanOrEqual(11);
    expect(replicas[0]?.said.some((line) => line.startsWith('PUBLISH'))).toBe(true);
  });
});

test('an address that CONFIG SET made empty is told as it is; one of the file is as if it were not there', () => {
  const said = (...lines: readonly string[]): string | undefined => {
    const bench = new SentinelBench({ lines });
    const { primary } = bench.group(0);
    if (lines.length === 0) bench.run('sentinel', 'config', 'set', 'announce-ip', '');
    bench.start();
    bench.host.advance(5000);
    return primary.said.find((line) => line.startsWith('PUBLISH'))?.split(',')[0];
  };
  expect(said()).toBe('PUBLISH __sentinel__:hello ');
  expect(said('announce-ip ')).toBe('PUBLISH __sentinel__:hello 10.0.0.1');
});

describe('what it hears', () => {
  test('a new sentinel is met, once, and saved', () => {
    const bench = new SentinelBench();
    expect(hear(bench, hello({}))).toBe(1);
    hear(bench, hello({}));
    expect(bench.events()).toEqual([`+sentinel sentinel ${ID} 10.0.2.9 26379 @ one 10.0.1.1 6379`]);
    expect(bench.saves).toBe(1);
  });

  test('over the channel of a node too', () => {
    const bench = new SentinelBench();
    const { primary } = bench.group(0);
    bench.start();
    primary.hello(hello({}));
    bench.host.advance(1);
    expect(bench.peerState('b').address).toMatchObject({ ip: '10.0.2.9', port: 26379 });
  });

  test('one that moved is known at its new address only', () => {
    const bench = new SentinelBench();
    hear(bench, hello({}));
    bench.events();
    hear(bench, hello({ ip: '10.0.2.7' }));
    expect(bench.events()).toEqual([`+sentinel-address-switch master one 10.0.1.1 6379 ip 10.0.2.7 port 26379 for ${ID}`]);
    expect(bench.primary.sentinels.size).toBe(1);
  });

  test('another one at the same address takes its place', () => {
    const bench = new SentinelBench();
    hear(bench, hello({}));
    hear(bench, hello({ id: 'c'.repeat(40) }));
    expect([...bench.primary.sentinels.keys()]).toEqual(['c'.repeat(40)]);
    expect(bench.eventNames()).toEqual(['+sentinel', '+sentinel-invalid-addr', '+sentinel']);
  });

  test('a greater current epoch is taken over and saved, a smaller one not', () => {
    const bench = new SentinelBench();
    hear(bench, hello({ epoch: '6' }));
    hear(bench, hello({ epoch: '5' }));
    expect(bench.sentinel.currentEpoch).toBe(6);
    expect(bench.eventNames()).toEqual(['+sentinel', '+new-epoch']);
  });

  test('a newer configuration is adopted: the name means another address, the old primary becomes a replica', () => {
    const bench = new SentinelBench({ lines: ['client-reconfig-script one /script', 'known-replica one 10.0.1.2 6379'] });
    hear(bench, hello({ epoch: '6', primaryIp: '10.0.1.2', configEpoch: '6' }));
    expect(bench.primary.address.ip).toBe('10.0.1.2');
    expect(bench.primary.configEpoch).toBe(6);
    expect([...bench.primary.replicas.keys()]).toEqual([PRIMARY]);
    expect(bench.eventNames()).toEqual(['+sentinel', '+new-epoch', '+config-update-from', '+switch-master', '+slave']);
    expect(bench.sentinel.scripts.pending(0).map(({ argv }) => argv.join(' ')))
      .toEqual(['/script one observer start 10.0.1.1 6379 10.0.1.2 6379']);
  });

  test('an older or equal configuration is not', () => {
    const bench = new SentinelBench({ lines: ['config-epoch one 6'] });
    hear(bench, hello({ primaryIp: '10.0.1.2', configEpoch: '6' }));
    hear(bench, hello({ primaryIp: '10.0.1.2', configEpoch: '5' }));
    expect(bench.primary.address.ip).toBe('10.0.1.1');
  });

  test('its own hello changes nothing', () => {
    const bench = new SentinelBench();
    hear(bench, hello({ id: OWN_ID, epoch: '9', configEpoch: '9', primaryIp: '10.0.1.2' }));
    expect(bench.sentinel.currentEpoch).toBe(0);
    expect(bench.primary.sentinels.size).toBe(0);
  });

  test.each([
    '', 'rubbish', ',,,,,,,', hello({ id: 'short' }), hello({ port: '70000' }), hello({ port: 'x' }), hello({ epoch: '-1' }),
    hello({ configEpoch: 'x' }), hello({ primaryPort: '99999' }), hello({ name: 'two' }), `${hello({})},more`,
  ])('ignored: %s', (text) => {
    const bench = new SentinelBench();
    hear(bench, text);
    expect(bench.primary.sentinels.size).toBe(0);
    expect(bench.sentinel.currentEpoch).toBe(0);
    expect(bench.saves).toBe(0);
  });

  test('property: no garbage breaks it', () => {
    const piece = fc.oneof(fc.string(), fc.constantFrom('one', ID, OWN_ID, '6379', '10.0.1.1', '-1', '1e9', '99999999999999999999'));
    fc.assert(fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
      const bench = new SentinelBench();
      hear(bench, pieces.join(',').replaceAll(/[^\x00-\xff]/g, '?'));
      expect(bench.primary.address.ip).toBe('10.0.1.1');
    }));
  });

  test('nothing but hellos is accepted', () => {
    const bench = new SentinelBench();
    expect(bench.run('publish', 'news', 'text')).toEqual(error('ERR Only HELLO messages are accepted by Sentinel instances.'));
  });
});
