import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  FILTER_NAMES_MAX, LINK_FORKS_MAX, type Link, PACKED_LENGTH_MAX, UNPACKED_LENGTH_MAX, addressOf, bareAddress, linkIn, pack, unpack,
} from '../../../viz/link.ts';

const BASE = 'http://page/index.html?lang=ko&scenario=old&row=3#forks=old';
const NAMED: Link = { source: { scenario: 'sentinel/primary-killed' }, seed: 7, forks: [], shown: 0, traceHash: 'f83875c3112de49f', view: null };
const FILTER = {
  hiddenFamilies: new Set(['reply', 'bus'] as const), hiddenWords: new Set(['', 'SENTINEL ckquorum']), hiddenNodes: new Set(['redis-replica-1']),
};
const FORKED: Link = {
  ...NAMED, shown: 2, view: { mode: 'warped', from: -5, to: 1_000_000, now: 20, row: 0, slot: 866, filter: FILTER },
  forks: [
    { parent: 0, change: { kind: 'plan', entries: [{ when: { atMicros: 12 }, do: 'kill', target: 'redis-main' }] } },
    { parent: 1, change: { kind: 'setting', process: 'data', directive: 'appendfsync', value: 'always' } },
  ],
};

describe('links', () => {
  test.each([['a named run', NAMED], ['forks and a view', FORKED], ['a run of its own', { ...FORKED, source: { run: '{"faultline":1,"ü":"𝄞"}' } }]])(
    '%s comes back as it went', async (_name, link) => {
      const address = await addressOf(link, BASE);
      expect(await linkIn(address)).toEqual(link);
      const { searchParams, hash } = new URL(address);
      expect(searchParams.get('lang')).toBe('ko');
      // What is long never goes to a server.
      expect(new URL(address).search.length).toBeLessThan(300);
      expect(hash.includes('forks=')).toBe(link.forks.length > 0);
    });

  test('an address that names no run is none', async () => {
    expect(bareAddress(BASE)).toBe('http://page/index.html?lang=ko');
    expect(await linkIn('http://page/?lang=ko')).toBeNull();
  });

  test('any text packs and unpacks', () => fc.assert(fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
    expect(await unpack(await pack(text))).toBe(text);
  }), { numRuns: 30 }));

  test('a few characters that stand for very many are not unpacked to the end', async () => {
    const packed = await pack(' '.repeat(UNPACKED_LENGTH_MAX + 1));
    expect(packed.length).toBeLessThan(10_000);
    await expect(unpack(packed)).rejects.toThrow(`more than ${UNPACKED_LENGTH_MAX}`);
    await expect(unpack('A'.repeat(PACKED_LENGTH_MAX + 1))).rejects.toThrow('too long');
  });

  test('what is too long for a link is said', async () => {
    // Numbers of a multiplicative generator, which no compression shortens.
    let state = 1;
    const noise = Array.from({ length: 200_000 }, () => {
      state = Math.imul(state, 48_271) % 0x7fffffff;
      return String.fromCharCode(32 + (state >>> 8) % 90);
    }).join('');
    await expect(pack(noise).then(() => 'packed')).rejects.toThrow('too long for a link');
  });

  const forked = async (forks: unknown): Promise<string> => `http://page/?scenario=a/b&seed=1#forks=${await pack(JSON.stringify(forks))}`;

  test.each([
    ['a seed that is none', () => 'http://page/?scenario=a/b&seed=1e9', 'seed must be a whole number'],
    ['a name that is none', () => 'http://page/?scenario=<b>', 'names no scenario'],
    ['a hash that is none', () => 'http://page/?scenario=a/b&hash=xyz', 'a hash that is none'],
    ['a filter without end', () => `http://page/?scenario=a/b&from=0&to=9${'&hideWord=a'.repeat(FILTER_NAMES_MAX + 1)}`, 'hideWord must be at most'],
    ['a filter of a long name', () => `http://page/?scenario=a/b&from=0&to=9&hideNode=${'a'.repeat(200)}`, 'hideNode must be at most'],
    ['a slot that is none', () => 'http://page/?scenario=a/b&from=0&to=9&slot=16384', 'slot must be a whole number from 0 to 16383'],
    ['a view upside down', () => 'http://page/?scenario=a/b&from=5&to=5', 'to must be after from'],
    ['a run that is not shown', () => 'http://page/?scenario=a/b&shown=1', 'shown must be a whole number from 0 to 0'],
    ['damage', () => 'http://page/#run=AAAA', 'damaged'],
    ['letters of no link', () => 'http://page/#run=%3Cscript%3E', 'damaged'],
    ['too many forks', () => forked(Array.from({ length: LINK_FORKS_MAX + 1 }, () => FORKED.forks[0])), `at most ${LINK_FORKS_MAX} forks`],
    ['a fork without a parent', () => forked([{ parent: 1, change: FORKED.forks[0]?.change }]), 'fork 1 has no parent'],
    ['a fork of another kind', () => forked([{ parent: 0, change: { kind: 'eval' } }]), 'neither a plan nor a setting'],
    ['forks that are no list', () => forked({ length: 1 }), 'at most'],
    ['a fork that is nothing', () => forked([null]), 'fork 1 has no parent'],
  ])('%s is one clear line', async (_name, address, message) => {
    await expect(linkIn(await address())).rejects.toThrow(message);
  });
});
