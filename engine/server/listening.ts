/** The server's listening sockets: one for each address of `bind`. Source: server.c of Redis 7.0 (listenToPort). */
import type { Connection, ConnectionHandlers, Host, Listener } from '../host.ts';
import { bytes } from '../core/bytes.ts';
import type { Settings } from '../commands/settings.ts';
import { netErrorText } from '../replication/netErrorText.ts';

export class Listening {
  private readonly host: Host;
  private readonly settings: Settings;
  private readonly listeners: Listener[] = [];

  constructor(host: Host, settings: Settings) {
    this.host = host;
    this.settings = settings;
  }

  /**
   * Opens the sockets, then calls `ready`. An address with a minus may fail; where another does, or none is left, the process
   * ends with status 1. Port 0 means no TCP.
   */
  open(accept: (connection: Connection) => ConnectionHandlers, ready: () => void): void {
    const port = this.settings.number('port');
    const addresses = this.settings.text('bind').split(' ').filter((address) => address !== '');
    if (port === 0 || addresses.length === 0) {
      ready();
      return;
    }
    let waiting = addresses.length;
    let failed = false;
    for (const address of addresses) {
      const optional = address.startsWith('-');
      const name = bytes(optional ? address.slice(1) : address);
      this.host.listen(name, port, accept, (result) => {
        if (typeof result !== 'string') this.listeners.push(result);
        else if (!optional) {
          failed = true;
          this.host.log('warning',
            `Warning: Could not create server TCP listening socket ${name}:${port}: bind: ${netErrorText(result)}`);
        }
        waiting--;
        if (waiting > 0) return;
        if (failed || this.listeners.length === 0) {
          this.host.log('warning', `Failed listening on port ${port} (TCP), aborting.`);
          this.host.exit(1);
        } else ready();
      });
    }
  }

  close(): void {
    for (const listener of this.listeners) listener.close();
  }
}
