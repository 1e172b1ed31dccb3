import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { EMPTY, bytes } from '../../../../engine/core/bytes.ts';
import { ConfigError } from '../../../../engine/core/errors.ts';
import { readConfiguration } from '../../../../engine/node/configReader.ts';

const directory = mkdtempSync(join(tmpdir(), 'faultline-config-'));
afterAll(() => rmSync(directory, { recursive: true }));

const write = (name: string, text: string): string => {
  const file = join(directory, name);
  writeFileSync(file, text);
  return file;
};

const read = (configFile: string | null, options = ''): readonly string[] =>
  readConfiguration({
    kind: 'start', configFile, fromStandardInput: false, sentinel: false,
    options: options === '' ? EMPTY : bytes(options),
  }).directives.map(({ name, values, place }) => `${[name, ...values].join(' ')} @ ${place}`);

describe('the configuration', () => {
  it('is the file, then the options', () => {
    const file = write('plain.conf', 'port 1\nhz 20\n');
    expect(read(file, 'port 2')).toEqual([
      `port 1 @ line 1 of ${file}`, `hz 20 @ line 2 of ${file}`, 'port 2 @ line 1 of the command line',
    ]);
    expect(read(null)).toEqual([]);
  });

  it('has what include names where include stands', () => {
    const inner = write('inner.conf', 'hz 20\n');
    const outer = write('outer.conf', `port 1\ninclude ${inner}\nport 2\n`);
    expect(read(outer).map((line) => line.split(' @ ')[0])).toEqual(['port 1', 'hz 20', 'port 2']);
  });

  it('takes wildcards in the last part of a path, in order of the names', () => {
    write('20-b.part', 'port 20\n');
    write('10-a.part', 'port 10\n');
    write('.hidden.part', 'port 99\n');
    expect(read(null, `include ${directory}/*.part`).map((line) => line.split(' @ ')[0])).toEqual(['port 10', 'port 20']);
    expect(read(null, `include ${directory}/[!1]?-b.part`)).toHaveLength(1);
    expect(read(null, `include ${directory}/*.none`)).toEqual([]);
  });

  it('names what it cannot read', () => {
    const missing = join(directory, 'missing.conf');
    expect(() => read(missing)).toThrow(ConfigError);
    const outer = write('broken.conf', `port 1\ninclude ${missing}\n`);
    expect(() => read(outer)).toThrow(`Fatal error, can't open config file '${missing}': No such file or directory`);
    const loop = join(directory, 'loop.conf');
    write('loop.conf', `include ${loop}\n`);
    expect(() => read(loop)).toThrow('files include each other too deeply');
  });
});
