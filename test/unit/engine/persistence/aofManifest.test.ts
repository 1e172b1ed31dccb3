/** The manifest: its text both ways, the steps that change it, and every complaint that Redis makes. */
import { describe, expect, test } from 'vitest';
import { bytes } from '../../../../engine/core/bytes.ts';
import {
  AofManifestError, EMPTY_MANIFEST, formatManifest, parseManifest, withNewBase, withNewIncrement, withRewrittenIncrements,
  withoutHistory,
} from '../../../../engine/persistence/aofManifest.ts';

const NAME = bytes('appendonly.aof');
const fresh = withNewIncrement(withNewBase(EMPTY_MANIFEST, NAME, true), NAME);

describe('a manifest', () => {
  test('of a new directory', () => {
    expect(formatManifest(fresh)).toBe(
      'file appendonly.aof.1.base.rdb seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n');
    expect(parseManifest(formatManifest(fresh))).toEqual(fresh);
  });

  test('through a rewrite: the old base and increments become history, the last increment stays', () => {
    const during = withNewIncrement(fresh, NAME);
    const after = withRewrittenIncrements(withNewBase(during, NAME, false), 1);
    expect(formatManifest(after)).toBe([
      'file appendonly.aof.2.base.aof seq 2 type b', 'file appendonly.aof.1.incr.aof seq 1 type h',
      'file appendonly.aof.1.base.rdb seq 1 type h', 'file appendonly.aof.2.incr.aof seq 2 type i', '',
    ].join('\n'));
    expect(parseManifest(formatManifest(after))).toEqual(after);
    expect(withoutHistory(after).history).toEqual([]);
    expect(fresh.increments).toHaveLength(1);
  });

  test('a name with spaces is quoted, and comes back', () => {
    const odd = withNewBase(EMPTY_MANIFEST, bytes('my "log"\x01'), true);
    expect(formatManifest(odd)).toBe('file "my \\"log\\"\\x01.1.base.rdb" seq 1 type b\n');
    expect(parseManifest(formatManifest(odd))).toEqual(odd);
  });

  test('comments, other pairs and any case of the keys are taken', () => {
    const text = '# a comment\nFILE a SEQ 3 TYPE b later 7\n';
    expect(parseManifest(bytes(text))).toMatchObject({ base: { name: 'a', sequence: 3 }, baseSequence: 3 });
  });
});

const complaints: readonly (readonly [string, string, number])[] = [
  ['', 'Found an empty AOF manifest', 0],
  ['file a seq 1\n', 'Invalid AOF manifest file format', 1],
  ['file a seq 1 type b x\n', 'Invalid AOF manifest file format', 1],
  ['file "a seq 1 type b\n', 'Invalid AOF manifest file format', 1],
  ['\n', 'Invalid AOF manifest file format', 1],
  ['file a seq 0 type b\n', 'Invalid AOF manifest file format', 1],
  ['file a seq x type b\n', 'Invalid AOF manifest file format', 1],
  ['file a/b seq 1 type b\n', "File can't be a path, just a filename", 1],
  ['file a seq 1 type z\n', 'Unknown AOF file type', 1],
  ['# c\nfile a seq 1 type b\nfile b seq 2 type b\n', 'Found duplicate base file information', 3],
  ['file a seq 2 type i\nfile b seq 1 type i\n', 'Found a non-monotonic sequence number', 2],
  ['file a seq 1 type b', 'The AOF manifest file contains too long line', 0],
  [`file ${'a'.repeat(1100)} seq 1 type b\n`, 'The AOF manifest file contains too long line', 0],
];

test.each(complaints)('%j is refused', (text, message, line) => {
  let failure: unknown;
  try {
    parseManifest(bytes(text));
  } catch (error) {
    failure = error;
  }
  expect(failure).toBeInstanceOf(AofManifestError);
  expect(failure).toMatchObject({ message, line });
});
