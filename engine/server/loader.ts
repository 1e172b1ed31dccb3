/**
 * Loading a snapshot file into the keyspace, slice by slice: between two slices the server answers -LOADING, INFO and the
 * like. Source: rdb.c of Redis 7.0 (rdbLoad, startLoading, stopLoading).
 */
import { type File, type Host, HostFileError } from '../host.ts';
import type { Bytes } from '../core/bytes.ts';
import { ms } from '../core/units.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { type RdbContents, RdbError, readRdb } from '../persistence/rdbReader.ts';
import type { LoadResult } from '../replication/services.ts';
import type { Settings } from '../commands/settings.ts';
import type { ServerState } from './serverState.ts';

export class Loader {
  private readonly host: Host;
  private readonly keyspace: Keyspace;
  private readonly settings: Settings;
  private readonly state: ServerState;

  constructor(host: Host, keyspace: Keyspace, settings: Settings, state: ServerState) {
    this.host = host;
    this.keyspace = keyspace;
    this.settings = settings;
    this.state = state;
  }

  /** Replaces the data set by the file's. `skipExpiredBeforeMs`: what a primary leaves out; null keeps everything. */
  load(path: Bytes, skipExpiredBeforeMs: number | null, done: (result: LoadResult) => void): void {
    const { host, keyspace, state } = this;
    keyspace.flush(-1);
    let file: File;
    try {
      file = host.files.open(path, 'read');
    } catch (failure) {
      if (!(failure instanceof HostFileError)) throw failure;
      done({ ok: false, reason: failure.message });
      return;
    }
    state.loading = true;
    state.loadingStartedMs = host.wallMs();
    const source = { size: file.size(), read: (from: number, length: number): Bytes => file.read(from, length) };
    const expired: { readonly database: number; readonly key: Bytes }[] = [];
    const slices = readRdb(source, keyspace, {
      skipExpiredBeforeMs, checksum: this.settings.flag('rdbchecksum'),
      expired: (database, key) => expired.push({ database, key }),
    });
    const end = (result: LoadResult): void => {
      file.close();
      state.loading = false;
      done(result);
    };
    const slice = (): void => {
      let next: IteratorResult<number, RdbContents>;
      try {
        next = slices.next();
      } catch (failure) {
        if (!(failure instanceof RdbError) && !(failure instanceof HostFileError)) throw failure;
        end({ ok: false, reason: failure.message });
        return;
      }
      if (next.done !== true) {
        host.cost('keyLoaded', next.value);
        host.setTimer(ms(0), slice);
        return;
      }
      const contents = next.value;
      state.stats.keysLoaded = contents.keys;
      state.stats.keysLoadExpired = contents.expired;
      host.log('notice', `Done loading RDB, keys loaded: ${contents.keys}, keys expired: ${contents.expired}.`);
      end({ ok: true, auxiliary: contents.auxiliary, expired });
    };
    slice();
  }
}
