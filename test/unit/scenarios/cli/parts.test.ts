/** The parts of the command line that need no world: flags, figures, suggestions, shards, files. */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { ConfigError, ScenarioError } from '../../../../engine/core/errors.ts';
import { campaignSeeds } from '../../../../scenarios/cli/campaign.ts';
import { FileWriter, readTextFile, readerIn } from '../../../../scenarios/cli/files.ts';
import { nearest } from '../../../../scenarios/cli/nearest.ts';
import { parseRunFlags, parseSeed } from '../../../../scenarios/cli/options.ts';
import { grouped, table, wrap } from '../../../../scenarios/cli/tables.ts';
import type { Style } from '../../../../scenarios/cli/tables.ts';
import pico from 'picocolors';

const style: Style = { colours: pico.createColors(false), width: 60 };

describe('flags', () => {
  test.each(['0', '7', '9007199254740991'])('%s is a seed', (text) => expect(parseSeed(text)).toBe(Number(text)));
  test.each(['', '-1', '1.5', '0x10', '9007199254740992', '1e3', ' 1', '99999999999999999999'])('%j is none', (text) => {
    expect(() => parseSeed(text)).toThrow(ConfigError);
  });
  test.each([
    { seeds: '2', html: 'x' }, { shard: '1/2' }, { workers: '2' }, { seeds: '0' }, { seeds: '2', shard: '3/2' }, { seeds: '2', shard: '0/2' },
    { seeds: '2', trace: 'x' }, { seeds: '2', save: 'x' }, { seeds: '2', seed: '9007199254740990' }, { seeds: '2', workers: '0' },
  ])('%j is refused', (flags) => expect(() => parseRunFlags(flags)).toThrow(ConfigError));
});

describe('campaigns', () => {
  test('shards share all seeds out, once each', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 7 }), (seeds, count) => {
      const shares = Array.from({ length: count }, (_, index) => campaignSeeds(10, seeds, { index: index + 1, count })).flat();
      expect(shares.sort((left, right) => left - right)).toEqual(Array.from({ length: seeds }, (_, index) => index + 10));
    }));
  });
});

describe('words and tables', () => {
  test('suggests what was meant', () => {
    const names = ['replication/primary-power-loss', 'replication/link-cut'];
    expect(nearest('link-cut', names)).toEqual(['replication/link-cut']);
    expect(nearest('replication/primary-powr-los', names)).toEqual(['replication/primary-power-loss']);
    expect(nearest('xyzzy', names)).toEqual([]);
  });

  test('groups digits', () => {
    expect([0, 999, 1000, 1234567].map(grouped)).toEqual(['0', '999', '1,000', '1,234,567']);
  });

  test('a table is no wider than the terminal, and loses nothing', () => {
    const text = 'a long text that will certainly not fit into what is left of the line';
    const drawn = table(style, ['one', 'two'], [['short', text]]);
    for (const line of drawn.split('\n')) expect(line.length).toBeLessThanOrEqual(style.width);
    for (const word of text.split(' ')) expect(drawn).toContain(word);
  });

  test('wraps at spaces', () => {
    const wrapped = wrap(style, 'word '.repeat(40).trim(), 2);
    for (const line of wrapped.split('\n')) expect(line.length).toBeLessThanOrEqual(style.width);
  });
});

describe('files', () => {
  let directory = '';
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'faultline-test-'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  test('appear whole or not at all', () => {
    const path = join(directory, 'whole.txt');
    const writer = new FileWriter(path);
    writer.line('one');
    expect(readdirSync(directory)).not.toContain('whole.txt');
    writer.line('two é');
    writer.commit();
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo é\n');
    const abandoned = new FileWriter(join(directory, 'never.txt'));
    abandoned.line('x');
    abandoned.abandon();
    expect(readdirSync(directory)).toEqual(['whole.txt']);
  });

  test('errors are one line', () => {
    expect(() => readTextFile(join(directory, 'missing'))).toThrow(ScenarioError);
    expect(() => readTextFile(directory)).toThrow(/not a file$/);
    expect(() => new FileWriter(join(directory, 'no', 'such'))).toThrow(/no such file or directory$/);
    expect(() => readerIn(null)('../package.json')).toThrow(/without a directory$/);
  });
});
