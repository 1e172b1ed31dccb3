/**
 * What a client of a stranger's scenario works on, checked: the kinds, which fields go with which of them, and bounds. Part of
 * `validateScenario`, and with the same errors.
 */
import type { ClientSpec, ClientWork, LockSpec, QueueSpec, WorkloadKind } from './scenario.ts';
import { type Fields, has, readChoice, readInteger, readObject, reject, valueOf } from './topology/fields.ts';

const TIME_MS_MAX = 600_000;
const MS_PER_SECOND = 1000;

const WRITES: readonly (keyof ClientWork)[] = ['keys', 'hashTag', 'loop', 'thinkMs'];

/** The fields that not every kind has, by kind. */
const FIELDS: Readonly<Record<WorkloadKind, readonly (keyof ClientWork)[]>> = {
  setAdd: [...WRITES, 'wait', 'valueBytes'],
  register: [...WRITES, 'wait', 'valueBytes'],
  reader: ['servers', 'readsFrom'],
  sharedRegister: WRITES,
  queue: [...WRITES, 'queue'],
  counter: WRITES,
  lock: [...WRITES, 'lock'],
  multiKey: WRITES,
};

export const WORKLOAD_KINDS: readonly WorkloadKind[] = Object.keys(FIELDS) as WorkloadKind[];

/** Fields that not every kind has. */
export const WORK_FIELDS: readonly (keyof ClientWork)[] = [...new Set(Object.values(FIELDS).flat())];

/** Every field goes with the client's kind. */
export const checkWorkFields = (fields: Fields, kind: WorkloadKind): void => {
  for (const name of WORK_FIELDS) {
    if (has(fields, name) && !FIELDS[kind].includes(name)) throw reject(fields, name, `is nothing that a client of the kind ${kind} has`);
  }
  if (has(fields, 'thinkMs') && valueOf(fields, 'loop') !== 'closed') throw reject(fields, 'thinkMs', 'is for a closed loop');
};

/** The fields of loop, queue and lock. */
export const readWork = (fields: Fields): Pick<ClientSpec, 'loop' | 'thinkMs' | 'queue' | 'lock'> => ({
  ...(has(fields, 'loop') ? { loop: readChoice(fields, 'loop', ['open', 'closed']) } : {}),
  ...(has(fields, 'thinkMs') ? { thinkMs: readInteger(fields, 'thinkMs', 1, TIME_MS_MAX) } : {}),
  ...(has(fields, 'queue') ? { queue: readQueue(fields) } : {}),
  ...(has(fields, 'lock') ? { lock: readLock(fields) } : {}),
});

const readQueue = (client: Fields): QueueSpec => {
  const fields = readObject(valueOf(client, 'queue'), `${client.path}.queue`, ['side', 'takesBy']);
  const side = readChoice(fields, 'side', ['producer', 'consumer']);
  if (!has(fields, 'takesBy')) return { side };
  if (side === 'producer') throw reject(fields, 'takesBy', 'is for a consumer');
  return { side, takesBy: readChoice(fields, 'takesBy', ['LPOP', 'BLPOP', 'LMOVE']) };
};

const readLock = (client: Fields): LockSpec => {
  const fields = readObject(valueOf(client, 'lock'), `${client.path}.lock`, ['leaseMs', 'holdMs']);
  return { leaseMs: readInteger(fields, 'leaseMs', 1, TIME_MS_MAX), holdMs: readInteger(fields, 'holdMs', 1, TIME_MS_MAX) };
};

/** The most operations that a client asks for in a second. */
export const ratePerSecond = ({ operationsPerSecond, thinkMs }: ClientSpec): number =>
  Math.max(operationsPerSecond, thinkMs === undefined ? 0 : MS_PER_SECOND / thinkMs);
