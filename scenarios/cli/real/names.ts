/** What the things of one real run are called, so that whoever comes later can tell whose they are, and clear them away. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Namespaces of one run: `fl-PID-ORDINAL-…`, with the process that started it. */
export interface RunNames {
  /** `fl-PID-ORDINAL`: begins every name, and is that of the directory. */
  readonly id: string;
  /** Holds the kernel's ends of all VXLAN devices. */
  readonly tunnel: string;
  /** Holds the switch and the clients. */
  readonly world: string;
  readonly directory: string;
}

const RUN_ID = /^fl-([1-9][0-9]*)-[0-9]+(?:-|$)/;

export const runNames = (pid: number, ordinal: number): RunNames => {
  const id = `fl-${pid}-${ordinal}`;
  return { id, tunnel: `${id}-t`, world: `${id}-w`, directory: join(tmpdir(), id) };
};

export const machineNamespace = ({ id }: Pick<RunNames, 'id'>, index: number): string => `${id}-m${index}`;

/** The process that started the run which a namespace or a directory belongs to; null: it is none of ours. */
export const ownerOf = (name: string): number | null => {
  const match = RUN_ID.exec(name);
  return match === null ? null : Number(match[1]);
};

/** Whether a name is of this run. */
export const isOf = (id: string, name: string): boolean => name === id || name.startsWith(`${id}-`);
