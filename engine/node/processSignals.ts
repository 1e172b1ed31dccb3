/**
 * What signals ask of the server: TERM and INT to shut down as SHUTDOWN does, INT once more to leave at once, HUP nothing.
 * Source: sigShutdownHandler in server.c of Redis 7.0, for behaviour and messages.
 */
import type { ServerHandle } from '../index.ts';
import type { NodeHost } from './nodeHost.ts';

type ShutdownSignal = 'SIGTERM' | 'SIGINT';

/** As Redis ends when it is interrupted twice: nothing was saved. */
const NOT_CLEAN = 1;

export const listenToSignals = (host: NodeHost, handle: ServerHandle): void => {
  const shutDown = (signal: ShutdownSignal): void => host.inTurn(() => {
    const phase = handle.phase();
    if (phase === 'ending' && signal === 'SIGINT') {
      host.logFromSignal('You insist... exiting now.');
      host.exit(NOT_CLEAN);
    } else {
      host.logFromSignal(phase === 'loading' ? 'Received shutdown signal during loading, scheduling shutdown.'
        : `Received ${signal} scheduling shutdown...`);
      if (phase !== 'ending') handle.shutdown(signal);
    }
  });
  process.on('SIGTERM', () => shutDown('SIGTERM'));
  process.on('SIGINT', () => shutDown('SIGINT'));
  process.on('SIGHUP', () => {});
};
