/**
 * Damaged append-only files in the virtual world: at every truncation point the start recovers a prefix (or refuses, where
 * the configuration says so), and every flipped byte gives data or a refusal that names its offset, never a crash or a hang.
 */
import { describe, expect, test } from 'vitest';
import { type Bytes, type Note, bytes, parseConfigText, startServer } from '../../../../engine/index.ts';
import { encodeCommand } from '../../../../engine/protocol/encode.ts';
import type { DataDirectory } from '../../../../sim/disk/dataDirectory.ts';
import { SimProcess } from '../../../../sim/node/simProcess.ts';
import type { TraceRecord } from '../../../../sim/trace/traceEvent.ts';
import { makeWorld } from '../../sim/echo.ts';

interface Outcome {
  /** The process still runs. */
  readonly lives: boolean;
  /** Digest of the data, `position` of the load note; null when nothing was loaded. */
  readonly digest: string | null;
  readonly position: string | null;
  readonly log: string;
  readonly directory: DataDirectory;
}

const words = (...argv: readonly string[]): string => encodeCommand(argv as readonly Bytes[]);
const UNITS: readonly string[] = [
  words('SELECT', '0') + words('SET', 'a', '1'), words('SADD', 'set', 'x', 'y'),
  words('MULTI') + words('INCR', 'a') + words('SET', 'b', '2') + words('EXEC'), words('DEL', 'b'), words('APPEND', 'a', 'tail'),
];
const MANIFEST = 'file base.aof seq 1 type b\nfile incr.aof seq 1 type i\n';

/** Starts a server on these files and looks at it a second later. */
const startOn = (files: Readonly<Record<string, string>>, directives = ''): Outcome => {
  const world = makeWorld(1);
  const log: string[] = [];
  const notes: Note[] = [];
  world.kernel.attach({ record: (record: TraceRecord) => log.push(String(record.detail?.['message'] ?? '')) });
  const process = new SimProcess(world.machine('machine'), {
    name: 'server', notes: { note: (_process, note) => notes.push(note) },
    program: (host) => {
      startServer(host, parseConfigText(bytes(`appendonly yes\nsave ""\n${directives}`), 'test'), { keepsDigest: true });
    },
  });
  process.directory.makeDirectory(bytes('appendonlydir'));
  for (const [name, text] of Object.entries(files)) process.directory.open(bytes(name), true).append(bytes(text));
  process.start();
  world.run(1);
  const load = notes.find((note) => note.kind === 'history' && note.reason === 'load');
  return {
    lives: process.state === 'running', log: log.join('\n'), directory: process.directory,
    digest: load?.kind === 'history' ? `${load.digestLo} ${load.digestHi}` : null,
    position: load?.kind === 'history' ? `${load.parent}:${load.parentOffset}` : null,
  };
};

const onIncrement = (text: string, directives?: string): Outcome => startOn({
  'appendonlydir/appendonly.aof.manifest': MANIFEST, 'appendonlydir/base.aof': words('SET', 'base', 'b'),
  'appendonlydir/incr.aof': text,
}, directives);

const WHOLE = UNITS.join('');
/** The data after each whole unit, and after none. */
const prefixes = [...UNITS.keys(), UNITS.length].map((count) => onIncrement(UNITS.slice(0, count).join('')).digest);

describe('an append-only file', () => {
  test('gives other data after each unit', () => expect(new Set(prefixes).size).toBe(UNITS.length + 1));

  test('cut anywhere gives the data of the last whole unit, and is cut back to it', () => {
    for (let cut = 0; cut <= WHOLE.length; cut++) {
      const outcome = onIncrement(WHOLE.slice(0, cut));
      const ends = UNITS.map((_, index) => UNITS.slice(0, index + 1).join('').length);
      const whole = ends.filter((end) => end <= cut).length;
      expect([cut, outcome.lives, outcome.digest]).toEqual([cut, true, prefixes[whole]]);
    }
  });

  test('cut is refused without aof-load-truncated, unless between commands', () => {
    expect(onIncrement(WHOLE.slice(0, -3), 'aof-load-truncated no')).toMatchObject({ lives: false, digest: null });
    expect(onIncrement(WHOLE, 'aof-load-truncated no').digest).toBe(prefixes[UNITS.length]);
  });

  test('with any byte changed gives data or a refusal', () => {
    for (let at = 0; at < WHOLE.length; at++) {
      for (const mask of [0x01, 0x20, 0x80]) {
        const changed = WHOLE.slice(0, at) + String.fromCharCode(WHOLE.charCodeAt(at) ^ mask) + WHOLE.slice(at + 1);
        const outcome = onIncrement(changed);
        expect([at, mask, outcome.lives === (outcome.digest !== null)]).toEqual([at, mask, true]);
        if (!outcome.lives) expect(outcome.log).toMatch(/begins at offset [0-9]+/);
      }
    }
  });

  /** Two increments, the first as `text` has it. */
  const inFrontOfAnother = (text: string, directives?: string): Outcome => startOn({
    'appendonlydir/appendonly.aof.manifest': 'file base.aof seq 1 type b\nfile incr.aof seq 1 type i\nfile last.aof seq 2 type i\n',
    'appendonlydir/base.aof': words('SET', 'base', 'b'), 'appendonlydir/incr.aof': text,
    'appendonlydir/last.aof': words('SELECT', '0') + words('SET', 'last', 'l'),
  }, directives);
  const lengthOf = (outcome: Outcome): number | undefined => outcome.directory.find(bytes('appendonlydir/incr.aof'))?.size;

  test('cut in front of another one is refused, but cut back all the same, so that the next start takes it', () => {
    const first = (UNITS[0] as string).length;
    const multi = UNITS.slice(0, 2).join('').length;
    const queued = multi + words('MULTI').length + words('INCR', 'a').length;
    // Inside a queued command the cut is behind the one before; the start after that takes it back to the MULTI.
    for (const [cut, left] of [[first + 1, first], [queued + 4, queued], [queued, multi], [WHOLE.length - 1, WHOLE.length - (UNITS.at(-1) as string).length]] as const) {
      const outcome = inFrontOfAnother(WHOLE.slice(0, cut));
      expect([cut, outcome.lives, lengthOf(outcome)]).toEqual([cut, false, left]);
      expect(outcome.log).toContain('AOF incr.aof loaded anyway because aof-load-truncated is enabled\n'
        + 'Fatal error: the truncated file is not the last file');
      expect(inFrontOfAnother(WHOLE.slice(0, left)).lives).toBe(left !== queued);
    }
  });

  test('cut in front of another one stays as it is without aof-load-truncated', () => {
    const outcome = inFrontOfAnother(WHOLE.slice(0, -1), 'aof-load-truncated no');
    expect([outcome.lives, lengthOf(outcome)]).toEqual([false, WHOLE.length - 1]);
    expect(outcome.log).toContain('Unexpected end of file reading the append only file incr.aof.');
  });

  test('that the manifest names and nobody has is refused', () => {
    const outcome = startOn({ 'appendonlydir/appendonly.aof.manifest': MANIFEST, 'appendonlydir/base.aof': '' });
    expect(outcome.log).toContain('Unable to obtain the AOF file incr.aof length. stat: No such file or directory');
    expect(outcome.lives).toBe(false);
  });

  test('with annotations says where it ends, and never more than it holds', () => {
    const id = 'ab'.repeat(20);
    const annotated = UNITS.map((unit, index) => `#FL:${id}:${(index + 1) * 100}\r\n${unit}`);
    const text = annotated.join('');
    for (let cut = 0; cut <= text.length; cut++) {
      const whole = annotated.map((_, index) => annotated.slice(0, index + 1).join('').length).filter((end) => end <= cut).length;
      expect([cut, onIncrement(text.slice(0, cut)).position]).toEqual([cut, whole === 0 ? 'null:0' : `${id}:${whole * 100}`]);
    }
  });

  test('of an older Redis moves into the directory', () => {
    const outcome = startOn({ 'appendonly.aof': WHOLE });
    expect(outcome.lives).toBe(true);
    expect(outcome.log).toContain('Successfully migrated an old-style AOF file (appendonly.aof) into the AOF directory');
    expect(outcome.directory.find(bytes('appendonlydir/appendonly.aof'))?.size).toBe(WHOLE.length);
  });
});
