/**
 * The way to a connection with the primary: its name is looked up, then the first address is called. Each attempt looks
 * anew, since what a name means may have changed. Source: replication.c of Redis 7.0 (connectWithMaster).
 */
import type { ConnectOptions, Connection, ConnectionHandlers, Host, NetError } from '../host.ts';
import type { Bytes } from '../core/bytes.ts';
import { ms } from '../core/units.ts';

export interface PrimaryAddress {
  readonly host: Bytes;
  readonly port: number;
  /** The local address to call from; null: whichever the system takes. */
  readonly bind?: Bytes | null;
  readonly isTls?: boolean;
}

export interface PrimaryAttempt {
  begin(): void;
  /** `done` is not called any more. */
  readonly cancel: () => void;
}

const connectOptions = ({ bind = null, isTls = false }: PrimaryAddress): ConnectOptions => ({ keepAliveMs: ms(0), bind, isTls });

/** One attempt. `done` hears once of a connection, or why there is none. */
export const connectToPrimary = (
  host: Host, primary: PrimaryAddress, handlers: ConnectionHandlers,
  done: (result: Connection | NetError | 'unknownName') => void,
): PrimaryAttempt => {
  let calling = { cancel: (): void => {} };
  let isCancelled = false;
  return {
    begin: () => host.resolve(primary.host, (addresses) => {
      if (isCancelled) return;
      const address = addresses[0];
      if (address === undefined) {
        done('unknownName');
        return;
      }
      calling = host.connect(address, primary.port, connectOptions(primary), handlers, (result) => {
        if (!isCancelled) done(result);
      });
    }),
    cancel: () => {
      isCancelled = true;
      calling.cancel();
    },
  };
};
