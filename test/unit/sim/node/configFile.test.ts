/** What the entrypoint makes of the configuration file at each start. */
import { describe, expect, test } from 'vitest';
import { bytes } from '../../../../engine/core/bytes.ts';
import { CONFIG_FILE, configText, prepareConfigFile } from '../../../../sim/node/configFile.ts';
import { DataDirectory } from '../../../../sim/disk/dataDirectory.ts';
import { Streams } from '../../../../sim/random/streams.ts';

const DIRECTIVES = [['save', ''], ['maxclients', '500'], ['replicaof', 'main', '6379']];
const FIRST = 'save ""\nmaxclients 500\nreplicaof main 6379\n';

/** A directory whose file the last start left as `text`. */
const leftBehind = (text: string): DataDirectory => {
  const directory = new DataDirectory('data');
  const inode = directory.open(CONFIG_FILE, true);
  inode.append(bytes(text));
  return directory;
};

describe('at the first start the directives are written', () => {
  test.each(['rewritten', 'set', 'kept'] as const)('%s', (keeping) => {
    const directory = new DataDirectory('data');
    expect(prepareConfigFile(directory, keeping, DIRECTIVES)).toBe(FIRST);
    directory.losePower(new Streams(1).named('power'), false);
    expect(directory.find(CONFIG_FILE)?.content.read()).toBe(FIRST);
  });
});

describe('at the next start', () => {
  const rewritten = '# mine\nmaxclients 600\n\nReplicaof other 1\nreplicaof other 2\nhz 20\n';

  test('rewritten: what was rewritten is gone', () => {
    const directory = leftBehind(rewritten);
    expect(prepareConfigFile(directory, 'rewritten', DIRECTIVES)).toBe(FIRST);
    expect(directory.find(CONFIG_FILE)?.content.read()).toBe(FIRST);
  });

  test('kept: it stays', () => expect(prepareConfigFile(leftBehind(rewritten), 'kept', DIRECTIVES)).toBe(rewritten));

  test('set: lines that are there are replaced, surplus ones go, others are neither touched nor added', () => {
    expect(prepareConfigFile(leftBehind(rewritten), 'set', DIRECTIVES)).toBe('# mine\nmaxclients 500\n\nreplicaof main 6379\nhz 20\n');
    expect(prepareConfigFile(leftBehind('hz 20\n'), 'set', DIRECTIVES)).toBe('hz 20\n');
  });
});

test('words that would not be read back as they are get quotes', () => {
  expect(configText([['requirepass', 'a b"c\\'], ['masterauth', "it's"]])).toBe('requirepass "a b\\"c\\\\"\nmasterauth "it\'s"\n');
});
