/**
 * The server's listening sockets: one for each address of `bind`, opened at the start and anew when CONFIG SET changes
 * `port` or `bind`; and the unix socket, which stays as it is.
 *
 * Always holds: one change at a time; a change that failed leaves no socket open, so whoever asked for it puts the old
 * values back and changes again. Source: server.c and config.c of Redis 7.0 (listenToPort, changeListenPort, changeBindAddr).
 */
import type { Connection, ConnectionHandlers, Host, Listener, NetError } from '../host.ts';
import { type Bytes, EMPTY, bytes } from '../core/bytes.ts';
import type { Settings } from '../commands/settings.ts';
import { netErrorText } from '../replication/netErrorText.ts';

/** What the change of the sockets is for: the directive that was given first. */
export type ListeningDirective = 'port' | 'tls-port' | 'bind';

/** An address of `bind`: with a minus the machine need not have it. */
interface BindAddress {
  readonly name: Bytes;
  readonly isOptional: boolean;
}

/** A port, and whether those who come there speak TLS. */
export interface ListeningPort {
  readonly port: number;
  readonly isTls: boolean;
}

interface ListeningSocket extends ListeningPort {
  readonly address: BindAddress;
}

export class Listening {
  private readonly host: Host;
  private readonly settings: Settings;
  private readonly accept: (connection: Connection) => ConnectionHandlers;
  private readonly ports: () => readonly ListeningPort[];
  private listeners: Listener[] = [];
  private unixListener: Listener | null = null;
  private isChanging = false;
  private isClosed = false;
  private waiting: (() => void)[] = [];

  /** `ports`: where, in place of `port` and `tls-port`; port 0 is none. */
  constructor(
    host: Host, settings: Settings, accept: (connection: Connection) => ConnectionHandlers, ports?: () => readonly ListeningPort[],
  ) {
    this.host = host;
    this.settings = settings;
    this.accept = accept;
    this.ports = ports ?? ((): readonly ListeningPort[] => [
      { port: settings.number('port'), isTls: false }, { port: settings.number('tls-port'), isTls: true },
    ]);
  }

  /** Opens the sockets, then calls `ready`. Where that fails, or there is none, the process ends with status 1. Port 0: no TCP. */
  open(ready: () => void): void {
    this.openAll((failed) => {
      if (failed !== null) this.fail(`Failed listening on port ${failed.port} (${failed.isTls ? 'TLS' : 'TCP'}), aborting.`);
      else this.openUnix(ready);
    });
  }

  /** Once clients are served: a line for TCP, and one for the unix socket. */
  logReady(): void {
    if (this.listeners.length > 0) this.host.log('notice', 'Ready to accept connections');
    if (this.unixListener !== null) {
      this.host.log('notice', `The server is now ready to accept connections at ${this.settings.text('unixsocket')}`);
    }
  }

  private openUnix(ready: () => void): void {
    const path = this.settings.text('unixsocket');
    if (path === EMPTY) {
      if (this.listeners.length === 0) this.fail('Configured to not listen anywhere, exiting.');
      else ready();
      return;
    }
    this.host.listenUnix(path, fileMode(this.settings.text('unixsocketperm')), this.accept, (result) => {
      if ('problem' in result) {
        this.fail(`Failed opening Unix socket: ${result.problem}`);
        return;
      }
      this.unixListener = result;
      ready();
    });
  }

  /** Runs `work` once no change of the sockets is on its way: at once, or behind those who asked before. */
  whenIdle(work: () => void): void {
    if (this.isChanging) this.waiting.push(work);
    else work();
  }

  /**
   * Closes the sockets and opens them as `port` and `bind` say now. Where that fails, `undo` puts the old values back and
   * they are opened by those. `done` hears at the end whether the change worked. To be called from `whenIdle` only.
   */
  change(directive: ListeningDirective, undo: () => void, done: (hasWorked: boolean) => void): void {
    const finish = (hasWorked: boolean): void => {
      this.isChanging = false;
      done(hasWorked);
      while (!this.isChanging && this.waiting.length > 0) this.waiting.shift()?.();
    };
    this.isChanging = true;
    this.reopen((hasWorked) => {
      if (hasWorked) {
        finish(true);
        return;
      }
      if (directive === 'bind') this.host.log('warning', 'Failed to bind');
      this.host.log('warning',
        `Failed applying new configuration. Possibly related to new ${directive} setting. Restoring previous settings.`);
      undo();
      this.reopen((isRestored) => {
        if (!isRestored) this.host.log('warning', 'Failed restoring failed CONFIG SET command. No socket is listened on.');
        finish(false);
      });
    });
  }

  close(): void {
    this.isClosed = true;
    this.closeAll();
    if (this.unixListener === null) return;
    this.host.log('notice', 'Removing the unix socket file.');
    this.unixListener.close();
    this.unixListener = null;
  }

  private reopen(done: (hasWorked: boolean) => void): void {
    this.closeAll();
    this.openAll((failed) => done(failed === null));
  }

  private closeAll(): void {
    for (const listener of this.listeners) listener.close();
    this.listeners = [];
  }

  /** All sockets, or none where one of them fails: `done` hears of the first. */
  private openAll(done: (failed: ListeningSocket | null) => void): void {
    const addresses = bindAddresses(this.settings.text('bind'));
    const sockets: readonly ListeningSocket[] = this.ports().filter(({ port }) => port !== 0)
      .flatMap((at) => addresses.map((address) => ({ ...at, address })));
    let waiting = sockets.length;
    let failed: ListeningSocket | null = null;
    if (waiting === 0) done(null);
    const settle = (socket: ListeningSocket, isOptional: boolean, result: Listener | NetError): void => {
      if (typeof result !== 'string') this.listeners.push(result);
      else if (failed === null) {
        this.host.log('warning', `Warning: Could not create server TCP listening socket ${socket.address.name}:${socket.port}: `
          + `bind: ${netErrorText(result)}`);
        if (result !== 'badAddress' || !isOptional) failed ??= socket;
      }
      waiting--;
      if (waiting > 0) return;
      // The process may be on its way out by now.
      if (failed !== null || this.isClosed) this.closeAll();
      done(failed);
    };
    for (const socket of sockets) {
      const { address: { name, isOptional }, port, isTls } = socket;
      const opened = (result: Listener | NetError): void => settle(socket, isOptional, result);
      // No name is no address, although the system would take it for all of them.
      if (name === EMPTY) settle(socket, false, 'badAddress');
      else if (!isTls) this.host.listen(name, port, this.accept, opened);
      else this.host.tls?.listen(name, port, this.accept, opened);
    }
  }

  private fail(reason: string): void {
    this.host.log('warning', reason);
    this.host.exit(1);
  }
}

const bindAddresses = (text: Bytes): readonly BindAddress[] => (text === EMPTY ? [] : text.split(' ').map((word) => {
  const isOptional = word.startsWith('-');
  return { name: bytes(isOptional ? word.slice(1) : word), isOptional };
}));

/** `unixsocketperm` is octal; 0 leaves the mode to the system. */
const fileMode = (octal: Bytes): number => [...octal].reduce((mode, digit) => mode * 8 + Number(digit), 0);
