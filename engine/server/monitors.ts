/**
 * MONITOR: connections that are told of every command, but administrators' ones, as it has run.
 *
 * A monitor hears of its own commands behind their replies, so lines gather until the reply of the command that is being
 * handled is out. Source: replicationFeedMonitors in replication.c of Redis 7.0, for behaviour.
 */
import { type Bytes, bytes, lower, quote } from '../core/bytes.ts';
import type { Client } from '../commands/client.ts';
import { type CommandRow, NO_KEYS } from '../commands/command.ts';
import { NO_REPLY, OK, error } from '../protocol/reply.ts';

export class Monitors {
  private readonly clients: Set<Client> = new Set();
  private lines: Bytes[] = [];

  get isEmpty(): boolean {
    return this.clients.size === 0;
  }

  add(client: Client): void {
    client.isMonitor = true;
    this.clients.add(client);
  }

  /** The client is gone, or begins anew. */
  forget(client: Client): void {
    if (!this.clients.delete(client)) return;
    client.isMonitor = false;
  }

  /** A command has run. `source` is its client's address, or `lua`. */
  ran(databaseId: number, source: Bytes, argv: readonly Bytes[], unixMicros: number): void {
    const micros = String(unixMicros % 1_000_000).padStart(6, '0');
    const words = argv.map((argument) => quote(argument)).join(' ');
    this.lines.push(bytes(`+${Math.floor(unixMicros / 1_000_000)}.${micros} [${databaseId} ${source}] ${words}\r\n`));
  }

  /** The reply of the command that was handled is out. */
  flush(): void {
    if (this.lines.length === 0) return;
    const { lines } = this;
    this.lines = [];
    for (const client of this.clients) if (!client.closing) for (const line of lines) client.push(line);
  }
}

const REDACTED = bytes('(redacted)');
/** Directives whose values are nobody's business. */
const SECRET_DIRECTIVES: readonly string[] = ['requirepass', 'masterauth', 'masteruser', 'tls-key-file-pass', 'tls-client-key-file-pass'];

/** The words of a command with its passwords blanked, for logs and monitors. */
export const redacted = (name: string, argv: readonly Bytes[]): readonly Bytes[] => {
  switch (name) {
    case 'auth': return argv.map((word, index) => (index === 0 ? word : REDACTED));
    case 'acl|setuser': return argv.map((word, index) => (index < 3 ? word : REDACTED));
    case 'hello': {
      const at = argv.findIndex((word) => lower(word) === 'auth');
      return at < 0 ? argv : argv.map((word, index) => (index === at + 1 || index === at + 2 ? REDACTED : word));
    }
    case 'config|set':
      return argv.map((word, index) =>
        (index > 2 && index % 2 === 1 && SECRET_DIRECTIVES.includes(lower(argv[index - 1] as Bytes)) ? REDACTED : word));
    case 'migrate': return argv.map((word, index) => (index > 5 && isPasswordOfMigrate(argv, index) ? REDACTED : word));
    default: return argv;
  }
};

const isPasswordOfMigrate = (argv: readonly Bytes[], index: number): boolean => {
  const before = (back: number): string => (index - back > 5 ? lower(argv[index - back] as Bytes) : '');
  return before(1) === 'auth' || before(1) === 'auth2' || before(2) === 'auth2';
};

export const monitorCommands = (monitors: Monitors): readonly CommandRow[] => [{
  name: 'monitor', arity: 1, flags: ['admin', 'noscript', 'loading', 'stale'], keys: NO_KEYS, since: '1.0.0',
  handler: ({ client, denyBlocking }) => {
    if (denyBlocking) return error("ERR MONITOR isn't allowed for DENY BLOCKING client");
    if (client.isMonitor || client.kind !== 'normal') return NO_REPLY;
    monitors.add(client);
    return OK;
  },
}];
