/** The door of all importers: which kind a file is of, what goes together, and bad input of every sort in one line. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ScenarioError } from '../../../../engine/core/errors.ts';
import { deploymentKind } from '../../../../sim/topology/deploymentFile.ts';
import { importDeployment, noOtherFiles } from '../../../../sim/topology/importDeployment.ts';
import { besideFile } from '../../../../sim/topology/placed.ts';
import { shellCommands, splitShellWords } from '../../../../sim/topology/shellWords.ts';
import { versionNotes } from '../../../../sim/topology/versionNotes.ts';

const SEEDS = ['standalone.compose.yaml', 'replication.compose.yaml', 'sentinel.compose.yaml', 'cluster.compose.yaml', 'kubernetes.values.yaml'];

const readSeed = (name: string): string => readFileSync(new URL(`../../../../scenarios/seeds/${name}`, import.meta.url), 'utf8');

describe('importDeployment', () => {
  test.each(SEEDS)('%s imports', (name) => {
    const topology = importDeployment([{ file: name, text: readSeed(name) }], noOtherFiles);
    expect(topology.processes.length).toBeGreaterThan(0);
    expect(topology.notes?.[0]).toBe('the engine is that of Redis 7.0.15, whatever the images say');
  });

  test.each<[string, string, string]>([
    ['x', 'services:\n  a: {}', 'yaml'], ['x', '# comment\n---\na: 1', 'yaml'], ['x', '{"services": {}}', 'yaml'], ['x', 'port 6379', 'conf'],
    ['x', '\n# comment\nsentinel monitor a b 1 1', 'conf'], ['x', `${'a'.repeat(40)} 1.2.3.4:1@10001 master - 0 0 0 connected`, 'nodes'],
    ['x.yaml', 'broken', 'yaml'], ['x.conf', '', 'conf'], ['x', 'rename-command A "b: c"', 'conf'], ['x', '"services": {}', 'yaml'],
  ])('%s with %j is %s', (file, text, kind) => expect(deploymentKind({ file, text })).toBe(kind));

  test.each<[string, readonly (readonly [string, string])[], RegExp]>([
    ['no file', [], /^no deployment file is given$/],
    ['one file twice', [['a.conf', ''], ['a.conf', '']], /^a\.conf: is given twice$/],
    ['two Compose files', [['a.yaml', 'services: {}'], ['b.yaml', 'services: {}']], /^b\.yaml:1: file: several YAML files are not merged here/],
    ['Compose and a redis.conf', [['a.yaml', 'services: {}'], ['redis.conf', 'port 1']], /^redis\.conf:1: file: does not go together with a\.yaml/],
    ['a manifest', [['a.yaml', '# rendered\napiVersion: apps/v1\nkind: StatefulSet\n']], /^a\.yaml:3: kind: is a manifest of Kubernetes; give the values/],
    ['broken YAML', [['a.yaml', 'services:\n  a: [\n']], /^a\.yaml:\d+: YAML: /],
    ['a bomb', [['a.yaml', `services: {}\nx: &a [${'z,'.repeat(40)}]\n${'bcdefgh'.split('').map((name, index) => `x-${name}: &${name} [${`*${'abcdefgh'[index]},`.repeat(9)}]\n`).join('')}`]],
      /^a\.yaml:\d+: x-\w\S*: more than 50000 values once aliases are expanded$/],
    ['a huge file', [['a.yaml', `services: {}\n#${' '.repeat(1_048_577)}`]], /^a\.yaml:1: file: larger than 1048576 characters$/],
  ])('refuses %s in one line', (_what, files, message) => {
    const act = (): unknown => importDeployment(files.map(([file, text]) => ({ file, text })), noOtherFiles);
    expect(act).toThrow(ScenarioError);
    expect(act).toThrow(message);
  });
});

describe('what importers share', () => {
  test.each([['a/b.yaml', './c.conf', 'a/c.conf'], ['b.yaml', '../c', '../c'], ['a/b/c.yaml', '../../d', 'd'], ['/x/c.yaml', 'd/e', '/x/d/e'],
    ['c.yaml', '/etc/x', '/etc/x'], ['../a/c.yaml', '../d', '../d']])('beside %s, %s is %s', (file, path, found) => {
    expect(besideFile(file, path)).toBe(found);
  });

  test('words of a shell', () => {
    expect(splitShellWords(`a 'b c' "d \\"e" f\\ g ""`)).toEqual(['a', 'b c', 'd "e', 'f g', '']);
    expect(splitShellWords('a "b')).toBeNull();
    const variables = new Map([['P', 'x y']]);
    expect(shellCommands('sleep 1; echo "$P" && exec r --a ${P} --b ${Q:-z} # no\n', variables)).toEqual([
      ['sleep', '1'], ['echo', 'x y'], ['exec', 'r', '--a', 'x', 'y', '--b', 'z']]);
    expect(shellCommands("echo '$P' \\$P", variables)).toEqual([['echo', '$P', '$P']]);
    for (const script of ['a | b', 'a > b', '$(a)', '`a`', '(a)', 'a & b']) expect(shellCommands(script, variables)).toBeNull();
  });

  test('each version once, and what a tag does not say', () => {
    const redis = (tag: string): { product: 'redis'; tag: string } => ({ product: 'redis', tag });
    const named = (...tags: string[]): string[] => versionNotes(tags.map(redis)).slice(1).map((note) => note.split(/ differs| does not/)[0] ?? '');
    expect(named('7.0', '7.0.15-alpine', '7.2.4', '7.2', '6', '6.0.9', '7', '7.4-bookworm', '8', '8.0.1', '5.0')).toEqual(
      ['Redis 7.2', 'Redis 6.2', 'Redis 6.0', 'Redis 7.4', 'Redis 8', 'Redis 5 or older']);
    expect(named('', 'latest')).toEqual(['redis without a tag', 'redis:latest']);
    expect(versionNotes([{ product: 'valkey', tag: '8' }, { product: 'valkey', tag: '7.2-alpine' }]).map((note) => note.slice(0, 10))).toEqual(['the engine', 'Valkey 8.1', 'Valkey 7.2']);
  });
});
