/**
 * A data node whose whole configuration is lines (a mounted file, the options of a command): role, port, passwords, and whether
 * anybody else could connect to it.
 */
import { isAddress, isLoopback } from './addresses.ts';
import type { ComposeReader } from './composeReader.ts';
import type { ComposeService } from './composeService.ts';
import type { DataContainer, Directives } from './containers.ts';
import type { Placed } from './placed.ts';
import { type ConfLine, lastLine, lastValue } from './redisConf.ts';

const PORT = 6379;

export interface LinesContext extends Pick<DataContainer, 'keys' | 'configFile' | 'persistentData'> {
  /** What holds where the lines say nothing else. */
  readonly first: Directives;
}

export const containerOfLines = (
  reader: ComposeReader, service: ComposeService, lines: readonly ConfLine[], context: LinesContext,
): DataContainer => {
  const { first, ...common } = context;
  const replicaof = lastLine(lines, 'replicaof');
  const [, host = '', port = ''] = replicaof?.words ?? [];
  const follows = replicaof !== null && !(host.toLowerCase() === 'no' && port.toLowerCase() === 'one');
  return {
    ...common,
    role: follows ? 'replica' : 'primary',
    port: portOf(reader, lines, PORT),
    password: lastValue(lines, 'requirepass'),
    directives: [...first, ...lines.map(({ words }) => words)].filter(([name]) => name !== 'replicaof'),
    primaryHost: follows ? { ...replicaof.at, text: host } : null,
    primaryPort: follows ? { ...replicaof.at, text: port } : null,
    sentinel: null,
    primaryPassword: follows ? lastValue(lines, 'masterauth') : null,
    waitForPrimaryMs: 0,
    unreachable: unreachableOf(reader, service, lines),
  };
};

export const portOf = (reader: ComposeReader, lines: readonly ConfLine[], otherwise: number): number => {
  const port = lastLine(lines, 'port');
  if (port === null) return otherwise;
  const number = Number(port.words[1]);
  if (number === 0) throw reader.errorAt(port.at, 'is 0: nobody could connect, and unix sockets are not modelled');
  return number;
};

/** Why nobody else could connect; null: they can. */
const unreachableOf = (reader: ComposeReader, service: ComposeService, lines: readonly ConfLine[]): Placed | null => {
  const bind = lastLine(lines, 'bind');
  const addresses = bind === null ? [] : boundAddresses(bind);
  if (bind !== null && addresses.length > 0 && addresses.every(isLoopback)) {
    return { ...bind.at, text: `listens on ${addresses.join(' ')} alone` };
  }
  const other = addresses.find((address) => isAddress(address) && address !== '0.0.0.0' && !isLoopback(address)
    && !service.addresses.some(({ text }) => text === address));
  if (bind !== null && other !== undefined) throw reader.errorAt(bind.at, `${other} is not an address of this container`);
  const mode = lastValue(lines, 'protected-mode');
  if (mode?.text === 'yes' && lastValue(lines, 'requirepass') === null) {
    return { ...mode, text: 'is in protected mode without a password' };
  }
  return null;
};

/** What a `bind` line names, without the minus that makes an address optional. */
export const boundAddresses = ({ words }: ConfLine): readonly string[] =>
  words.slice(1).flatMap((word) => word.split(/\s+/)).map((word) => word.replace(/^-/, '')).filter((word) => word !== '');
