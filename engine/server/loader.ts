/**
 * Loading files into the keyspace, slice by slice: between two slices the server answers -LOADING, INFO and the like.
 * Source: rdb.c and aof.c of Redis 7.0 (rdbLoad, loadAppendOnlyFiles, startLoading, stopLoading).
 */
import { type File, type Host, HostFileError } from '../host.ts';
import type { Bytes } from '../core/bytes.ts';
import { ms } from '../core/units.ts';
import type { Settings } from '../commands/settings.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import type { AofBugs } from '../persistence/aof.ts';
import { type AofLoadResult, type AofReplay, loadAofFiles } from '../persistence/aofLoader.ts';
import type { AofManifest } from '../persistence/aofManifest.ts';
import { RdbError } from '../persistence/rdbInput.ts';
import { type RdbContents, logLoaded, readRdb } from '../persistence/rdbReader.ts';
import type { LoadResult } from '../replication/services.ts';
import type { ServerState } from './serverState.ts';

/** Between two slices others are served; at once, before the call returns, for DEBUG. */
type Pace = 'slices' | 'at once';

/** What becomes of the data that are there: they go first, stay unless the file has them too, or must not be in it. */
export type BeforeLoading = 'flush' | 'merge' | 'keep';

export class Loader {
  private readonly host: Host;
  private readonly keyspace: Keyspace;
  private readonly settings: Settings;
  private readonly state: ServerState;
  private readonly bugs: AofBugs;

  constructor(host: Host, keyspace: Keyspace, settings: Settings, state: ServerState, bugs: AofBugs) {
    this.bugs = bugs;
    this.host = host;
    this.keyspace = keyspace;
    this.settings = settings;
    this.state = state;
  }

  /** Replaces the data set by the file's. `skipExpiredBeforeMs`: what a primary leaves out; null keeps everything. */
  load(
    path: Bytes, skipExpiredBeforeMs: number | null, done: (result: LoadResult) => void, pace: Pace = 'slices',
    before: BeforeLoading = 'flush',
  ): void {
    const { host, keyspace } = this;
    if (before === 'flush') keyspace.flush(-1);
    let file: File;
    let source: { readonly size: number; readonly read: (from: number, length: number) => Bytes };
    try {
      file = host.files.open(path, 'read');
      source = { size: file.size(), read: (from: number, length: number): Bytes => file.read(from, length) };
    } catch (failure) {
      if (!(failure instanceof HostFileError)) throw failure;
      done({ ok: false, reason: failure.message, isDamaged: false });
      return;
    }
    const expired: { readonly database: number; readonly key: Bytes }[] = [];
    const slices = readRdb(source, keyspace, {
      skipExpiredBeforeMs, merges: before === 'merge', checksum: this.settings.flag('rdbchecksum') && !keyspace.skipsChecksums,
      expired: (database, key) => expired.push({ database, key }),
    });
    this.run<RdbContents>(slices, (outcome) => {
      file.close();
      if ('failure' in outcome) {
        const { failure } = outcome;
        if (!(failure instanceof RdbError) && !(failure instanceof HostFileError)) throw failure;
        done({ ok: false, reason: failure.message, isDamaged: failure instanceof RdbError });
        return;
      }
      const { keys, auxiliary, libraries } = outcome.result;
      const problem = keyspace.libraries.replaceAll(libraries);
      if (problem !== null) {
        done({ ok: false, reason: `Failed loading functions: ${problem}`, isDamaged: true });
        return;
      }
      this.countKeys(keys, outcome.result.expired);
      logLoaded(host, outcome.result);
      done({ ok: true, auxiliary, expired });
    }, pace);
  }

  /** Replaces the data set by what the append-only files hold. */
  loadAof(
    directory: Bytes, manifest: AofManifest, replay: AofReplay, done: (result: AofLoadResult) => void, pace: Pace = 'slices',
  ): void {
    const { host, keyspace, settings } = this;
    keyspace.flush(-1);
    const parts = {
      host, keyspace, settings, replay, bugs: this.bugs,
      countKeys: (loaded: number, expired: number): void => this.countKeys(loaded, expired),
    };
    this.run(loadAofFiles(parts, directory, manifest), (outcome) => {
      if ('failure' in outcome) throw outcome.failure;
      done(outcome.result);
    }, pace);
  }

  private run<Result>(
    slices: Generator<number, Result>,
    done: (outcome: { readonly result: Result } | { readonly failure: unknown }) => void, pace: Pace,
  ): void {
    const { host, settings, state } = this;
    // For tests that want to look at a server that loads. Less than a microsecond a key, as a negative number has it, is nothing.
    const delayMicros = Math.max(0, settings.number('key-load-delay'));
    state.loading = true;
    state.loadingStartedMs = host.wallMs();
    const slice = (): void => {
      let next: IteratorResult<number, Result>;
      try {
        next = slices.next();
        if (pace === 'at once') {
          for (; next.done !== true; next = slices.next()) {
            host.cost('keyLoaded', next.value);
            if (delayMicros > 0) host.block(ms(delayMicros * next.value / 1000));
          }
        }
      } catch (failure) {
        state.loading = false;
        done({ failure });
        return;
      }
      if (next.done === true) {
        state.loading = false;
        done({ result: next.value });
        return;
      }
      host.cost('keyLoaded', next.value);
      host.setTimer(ms(Math.ceil(delayMicros * next.value / 1000)), slice);
    };
    slice();
  }

  /** Somebody else loads: requests are refused meanwhile, or, `isAsync`, served from the data that are there. */
  begin(isAsync: boolean): void {
    this.state.loading = true;
    this.state.asyncLoading = isAsync;
    this.state.loadingStartedMs = this.host.wallMs();
  }

  end(): void {
    this.state.loading = false;
    this.state.asyncLoading = false;
  }

  countKeys(loaded: number, expired: number): void {
    this.state.stats.keysLoaded = loaded;
    this.state.stats.keysLoadExpired = expired;
  }
}
