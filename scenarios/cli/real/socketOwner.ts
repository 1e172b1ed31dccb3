/**
 * Whose a connection on the loopback is that does not come from an address of anybody's: a server opens some of its connections
 * (those of MIGRATE, say) from wherever the kernel likes. The kernel tells which process has the socket; for processes of one's own
 * no root is needed.
 *
 * Source: proc(5), /proc/net/tcp and /proc/PID/fd.
 */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';


/** An address and port as /proc/net/tcp has them: bytes of the address in the order of the machine, which is little-endian. */
export const procPlace = (address: string, port: number): string => {
  const hex = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, '0');
  return `${address.split('.').reverse().map((part) => hex(Number(part), 2)).join('')}:${hex(port, 4)}`;
};

/** The inode of the socket with these ends, as its own side has it. */
export const inodeOf = (table: string, local: string, remote: string): string | null => {
  for (const line of table.split('\n')) {
    const columns = line.trim().split(/\s+/);
    if (columns[1] === local && columns[2] === remote) return columns[9] ?? null;
  }
  return null;
};

/** Which of the processes has the socket; null: none of them. */
export const ownerOfSocket = (
  local: { readonly address: string; readonly port: number }, remote: { readonly address: string; readonly port: number },
  pids: readonly number[],
): number | null => {
  const inode = inodeOf(readFileSync('/proc/net/tcp', 'utf8'), procPlace(local.address, local.port), procPlace(remote.address, remote.port));
  if (inode === null) return null;
  return pids.find((pid) => descriptorsOf(pid).includes(`socket:[${inode}]`)) ?? null;
};

const descriptorsOf = (pid: number): readonly string[] => {
  const directory = `/proc/${pid}/fd`;
  return orElse([], () => readdirSync(directory).map((name) => orElse('', () => readlinkSync(`${directory}/${name}`))));
};

/** A process may end, or close a descriptor, while it is looked at. */
const orElse = <Value>(otherwise: Value, look: () => Value): Value => {
  try {
    return look();
  } catch {
    return otherwise;
  }
};
