/**
 * Loads an append-only directory: the base, then the increments, command by command, in slices.
 *
 *     file ends inside a command, or between MULTI and EXEC -> cut back to the last whole one, if aof-load-truncated says so;
 *                                                              else refused, and left as it is
 *     the same in a file with others behind it              -> refused too, but cut back all the same: as in Redis 7.0.15
 *                                                              the next start takes it, with a hole where the rest was
 *     anything else that is no command                      -> refused, with its offset
 *
 * A position annotation counts once the unit behind it has been run.
 * Source: aof.c of Redis 7.0 (loadAppendOnlyFiles, loadSingleAppendOnlyFile), for order, recovery and messages.
 */
import { type File, type Host, HostFileError } from '../host.ts';
import { type Bytes, bytes, lower } from '../core/bytes.ts';
import { mark } from '../core/marks.ts';
import type { Settings } from '../commands/settings.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { parsePosition } from './aofAnnotations.ts';
import type { AofBugs } from './aof.ts';
import { type AofFile, type AofManifest, filesToLoad, isEmptyManifest } from './aofManifest.ts';
import { AofReader } from './aofReader.ts';
import { AUX_NOTE_ID, AUX_NOTE_POSITION, RDB_MAGIC } from './rdbFormat.ts';
import { RdbError, type RdbSource } from './rdbInput.ts';
import { logLoaded, readRdb } from './rdbReader.ts';
import type { NotePosition } from './snapshotSaver.ts';

/** Runs what a file holds, without checks and without passing it on. */
export interface AofReplay {
  /** Null when it ran (or was queued behind MULTI); else why it cannot. */
  run(argv: readonly Bytes[]): 'unknown' | 'arity' | null;
  /** Between MULTI and EXEC. */
  readonly inTransaction: boolean;
  /** A file begins (database 0), or what stands behind the last MULTI is given up. */
  begin(): void;
}

export interface AofLoadParts {
  readonly host: Host;
  readonly settings: Settings;
  readonly keyspace: Keyspace;
  readonly replay: AofReplay;
  readonly bugs: AofBugs;
  /** Keys of an RDB base. */
  countKeys(loaded: number, expired: number): void;
}

export type AofLoadResult =
  | {
    readonly ok: true;
    /** False: the manifest names no file. */
    readonly exists: boolean;
    /** The place in the tree of histories that the files name; null when they name none. */
    readonly position: NotePosition | null;
    readonly totalBytes: number;
    readonly baseBytes: number;
  }
  /** Why was logged. */
  | { readonly ok: false };

const COMMANDS_PER_SLICE = 1024;

/** Loads all files; each `next()` is one slice and yields how many keys of an RDB it read. */
export function* loadAofFiles(parts: AofLoadParts, directory: Bytes, manifest: AofManifest): Generator<number, AofLoadResult> {
  const loading = new AofLoading(parts, directory);
  const files = filesToLoad(manifest);
  if (isEmptyManifest(manifest)) return { ok: true, exists: false, position: null, totalBytes: 0, baseBytes: 0 };
  let totalBytes = 0;
  let baseBytes = 0;
  for (const file of files) {
    const size = loading.size(file);
    if (size === null) return { ok: false };
    totalBytes += size;
    if (file === manifest.base) baseBytes = size;
  }
  const filled = totalBytes === 0 ? [] : parts.bugs.incrementNotLoaded ? files.slice(0, -1) : files;
  for (const [index, file] of filled.entries()) {
    const isBase = file === manifest.base;
    const startedMicros = parts.host.monotonicMicros();
    const outcome = yield* loading.load(file, isBase, index === files.length - 1);
    if (outcome === 'failed') return { ok: false };
    const seconds = (parts.host.monotonicMicros() - startedMicros) / 1_000_000;
    if (outcome !== 'empty') {
      parts.host.log('notice', `DB loaded from ${isBase ? 'base' : 'incr'} file ${file.name}: ${seconds.toFixed(3)} seconds`);
    }
  }
  return { ok: true, exists: true, position: loading.position, totalBytes, baseBytes };
}

type FileOutcome = 'loaded' | 'empty' | 'failed';

class AofLoading {
  position: NotePosition | null = null;
  private readonly parts: AofLoadParts;
  private readonly directory: Bytes;

  constructor(parts: AofLoadParts, directory: Bytes) {
    this.parts = parts;
    this.directory = directory;
  }

  size(info: AofFile): number | null {
    try {
      const file = this.open(info, 'read');
      const size = file.size();
      file.close();
      return size;
    } catch (failure) {
      this.parts.host.log('warning', `Unable to obtain the AOF file ${info.name} length. stat: ${fileProblem(failure)}`);
      return null;
    }
  }

  *load(info: AofFile, isBase: boolean, isLast: boolean): Generator<number, FileOutcome> {
    const { host } = this.parts;
    let file: File;
    try {
      file = this.open(info, 'read');
    } catch (failure) {
      host.log('warning', `Fatal error: can't open the append log file ${info.name} for reading: ${fileProblem(failure)}`);
      return 'failed';
    }
    try {
      if (file.size() === 0) return 'empty';
      const source = { size: file.size(), read: (from: number, length: number): Bytes => file.read(from, length) };
      const start = source.read(0, RDB_MAGIC.length) === RDB_MAGIC ? yield* this.loadPreamble(info, source) : 0;
      return start === null ? 'failed' : yield* this.loadCommands(info, source, start, isBase, isLast);
    } catch (failure) {
      host.log('warning', `Unrecoverable error reading the append only file ${info.name}: ${fileProblem(failure)}`);
      return 'failed';
    } finally {
      file.close();
    }
  }

  /** The offset behind the RDB part; null when that cannot be read. */
  private *loadPreamble(info: AofFile, source: RdbSource): Generator<number, number | null> {
    const { host, keyspace, settings } = this.parts;
    const isOld = info.name === settings.text('appendfilename');
    host.log('notice', isOld ? 'Reading RDB preamble from AOF file...' : 'Reading RDB base file on AOF loading...');
    try {
      const contents = yield* readRdb(source, keyspace, {
        skipExpiredBeforeMs: null, checksum: settings.flag('rdbchecksum'),
      });
      this.parts.countKeys(contents.keys, contents.expired);
      const problem = keyspace.libraries.replaceAll(contents.libraries);
      if (problem !== null) throw new RdbError(`Failed loading functions: ${problem}`, contents.end);
      const id = contents.auxiliary.get(bytes(AUX_NOTE_ID));
      if (id !== undefined) {
        this.position = { id, position: Number(contents.auxiliary.get(bytes(AUX_NOTE_POSITION))) };
      }
      logLoaded(host, contents);
      if (isOld) host.log('notice', 'Reading the remaining AOF tail...');
      return contents.end;
    } catch (failure) {
      if (!(failure instanceof RdbError)) throw failure;
      host.log('warning', failure.message);
      host.log('warning', isOld
        ? `Error reading the RDB preamble of the AOF file ${info.name}, AOF loading aborted`
        : `Error reading the RDB base file ${info.name}, AOF loading aborted`);
      return null;
    }
  }

  private *loadCommands(
    info: AofFile, source: RdbSource, start: number, isBase: boolean, isLast: boolean,
  ): Generator<number, FileOutcome> {
    const { replay, host } = this.parts;
    const reader = new AofReader(source, start);
    replay.begin();
    let validUpTo = start;
    let validBeforeMulti = start;
    let announced: NotePosition | null = null;
    // Annotations do not count: with one before each command every slice would end at one of those, or none would end.
    for (let commands = 0; ;) {
      const item = reader.next();
      if (item.kind === 'annotation') {
        announced = parsePosition(item.text) ?? announced;
        continue;
      }
      if (item.kind === 'bad') return this.refuse(info, item.offset);
      if (item.kind === 'short') return this.endsShort(info, validUpTo, isLast);
      if (item.kind === 'end') {
        if (replay.inTransaction) {
          host.log('warning', `Revert incomplete MULTI/EXEC transaction in AOF file ${info.name}`);
          mark(host, 'aofTransactionReverted');
          replay.begin();
          return this.endsShort(info, validBeforeMulti, isLast);
        }
        // A base is complete or not there at all: an empty one stands where its head says.
        if (isBase) this.position = announced ?? this.position;
        return 'loaded';
      }
      const wasInTransaction = replay.inTransaction;
      const problem = replay.run(item.argv);
      if (problem === 'unknown') {
        host.log('warning', `Unknown command '${item.argv[0] as Bytes}' reading the append only file ${info.name}`);
        return this.namesOffset(info, validUpTo);
      }
      if (problem === 'arity') return this.refuse(info, validUpTo);
      if (!wasInTransaction && replay.inTransaction) validBeforeMulti = validUpTo;
      validUpTo = item.end;
      if (announced !== null && !replay.inTransaction && !isBase && lower(item.argv[0] as Bytes) !== 'select') {
        this.position = announced;
        announced = null;
      }
      commands += 1;
      if (commands % COMMANDS_PER_SLICE === 0) yield 0;
    }
  }

  private refuse(info: AofFile, offset: number): 'failed' {
    this.parts.host.log('warning', `Bad file format reading the append only file ${info.name}: make a backup of your AOF `
      + 'file, then use ./redis-check-aof --fix <filename.manifest>');
    return this.namesOffset(info, offset);
  }

  private namesOffset(info: AofFile, offset: number): 'failed' {
    this.parts.host.log('warning', `AOF ${info.name}: the command that cannot be used begins at offset ${offset}`);
    return 'failed';
  }

  private endsShort(info: AofFile, validUpTo: number, isLast: boolean): FileOutcome {
    const { host, settings } = this.parts;
    if (!settings.flag('aof-load-truncated')) {
      host.log('warning', `Unexpected end of file reading the append only file ${info.name}. You can: 1) Make a backup of `
        + 'your AOF file, then use ./redis-check-aof --fix <filename.manifest>. 2) Alternatively you can set the '
        + "'aof-load-truncated' configuration option to yes and restart the server.");
      return 'failed';
    }
    this.parts.replay.begin();
    host.log('warning', `!!! Warning: short read while loading the AOF file ${info.name}!!!`);
    host.log('warning', `!!! Truncating the AOF ${info.name} at offset ${validUpTo} !!!`);
    try {
      const file = this.open(info, 'append');
      file.truncate(validUpTo);
      file.close();
    } catch (failure) {
      host.log('warning', `Error truncating the AOF file ${info.name}: ${fileProblem(failure)}`);
      return 'failed';
    }
    host.log('warning', `AOF ${info.name} loaded anyway because aof-load-truncated is enabled`);
    if (isLast) {
      mark(host, 'aofTailCut');
      return 'loaded';
    }
    host.log('warning', 'Fatal error: the truncated file is not the last file');
    return 'failed';
  }

  private open(info: AofFile, mode: 'read' | 'append'): File {
    return this.parts.host.files.open(bytes(`${this.directory}/${info.name}`), mode);
  }
}

/** What strerror says of the host's error; anything else is a bug and goes on. */
export const fileProblem = (failure: unknown): string => {
  if (!(failure instanceof HostFileError)) throw failure;
  switch (failure.code) {
    case 'notFound': return 'No such file or directory';
    case 'exists': return 'File exists';
    case 'full': return 'No space left on device';
    case 'io': return 'Input/output error';
    case 'denied': return 'Permission denied';
    case 'isDirectory': return 'Is a directory';
  }
};
