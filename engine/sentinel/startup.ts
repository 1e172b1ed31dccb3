/**
 * A sentinel's first steps, once its configuration was read and its port is open: it has an ID, and says whom it watches.
 * Source: sentinelIsRunning, sentinelGenerateInitialMonitorEvents in sentinel.c of Redis 7.0.
 */
import { EMPTY } from '../core/bytes.ts';
import { announceMonitored } from './monitorCommands.ts';
import { ID_LENGTH, type Sentinel } from './sentinel.ts';

/** False: the sentinel must not start, and has said why. */
export const prepareSentinel = (sentinel: Sentinel): boolean => {
  const { host, services } = sentinel;
  if (sentinel.id === EMPTY) {
    sentinel.id = services.random.hex(ID_LENGTH);
    // Others will count its votes by this ID: it must be the same after a restart.
    if (!services.saveConfig()) {
      host.log('warning', 'Sentinel config file is not writable. Exiting...');
      host.exit(1);
      return false;
    }
  }
  host.log('warning', `Sentinel ID is ${sentinel.id}`);
  for (const primary of sentinel.primaries.values()) {
    sentinel.noteEpochs(primary);
    announceMonitored(sentinel, primary);
  }
  return true;
};
