/** Which keys a client uses, and what they are: the one place that names them. Clients of one kind that share keys name them alike. */
import { type Bytes, bytes } from '../../../engine/index.ts';
import type { ClientSpec, WorkloadKind } from '../../scenario.ts';
import type { DataModel } from '../call.ts';

/** Registers that one client writes in turn. */
const REGISTERS = 4;
/** Keys of one group of `multiKey`. */
const GROUP_KEYS = 3;

/** A client that writes. */
export type WriterSpec = ClientSpec & { readonly kind: Exclude<WorkloadKind, 'reader'> };

export const isWriter = (spec: ClientSpec): spec is WriterSpec => spec.kind !== 'reader';

/** Keys that a client uses: what it is asked for in turn. Of `multiKey` the names of groups. */
export const workloadKeys = (spec: ClientSpec): readonly Bytes[] => {
  const { name, keys } = spec;
  const tag = spec.hashTag === undefined ? '' : `{${spec.hashTag}}`;
  switch (spec.kind) {
    case 'setAdd': return keys === undefined ? [bytes(`set:${tag}${name}`)] : numbered(`set:${tag}${name}`, keys);
    case 'register': return numbered(`register:${tag}${name}`, keys ?? REGISTERS);
    case 'sharedRegister': return numbered(`shared:${tag}`, keys ?? 1);
    case 'queue': return numbered(`queue:${tag}`, keys ?? 1);
    case 'counter': return numbered(`counter:${tag}`, keys ?? 1);
    case 'lock': return numbered(`lock:${tag}`, keys ?? 1);
    case 'multiKey': return numbered(`multi:${tag}`, keys ?? 1);
    case 'reader': return [];
  }
};

const numbered = (name: string, count: number): readonly Bytes[] =>
  Array.from({ length: count }, (_, index) => bytes(`${name}${name.endsWith(':') ? '' : ':'}${index}`));

/** A key that falls into the same slot as `key`, whatever its own tag. */
const besides = (key: Bytes, name: string): Bytes => bytes(key.includes('{') ? `${key}:${name}` : `{${key}}:${name}`);

/** The keys that one group stands for. */
export const groupKeys = (group: Bytes): readonly Bytes[] =>
  Array.from({ length: GROUP_KEYS }, (_, index) => besides(group, String(index)));

/** Where a consumer puts what it took by LMOVE and is not done with. */
export const takenKey = (queue: Bytes, client: string): Bytes => besides(queue, client);

/** Registers that readers read: those with one writer, and those that are shared. */
export const readableKeys = (clients: readonly ClientSpec[]): readonly Bytes[] =>
  distinct(clients.filter(({ kind }) => kind === 'register' || kind === 'sharedRegister').flatMap(workloadKeys));

/** A key to be read back at the end: a register or counter, or a set or a list. */
export interface KeptKey {
  readonly key: Bytes;
  readonly isSet: boolean;
  readonly isList: boolean;
}

/** What a client leaves behind of one of its keys, and where that lies. */
export interface Remains {
  readonly key: Bytes;
  readonly model: DataModel;
  /** One, or all keys of a group. */
  readonly parts: readonly KeptKey[];
  /** Elements of the queue `key` that a consumer put into a list of its own. */
  readonly isTaken: boolean;
}

/** A lock's key goes by itself, so nothing remains of it. */
export const remainsOf = (spec: ClientSpec): readonly Remains[] => {
  const keys = workloadKeys(spec);
  switch (spec.kind) {
    case 'setAdd': return keys.map((key) => ({ key, model: 'set', parts: [kept(key, 'set')], isTaken: false }));
    case 'queue': return keys.flatMap((key): readonly Remains[] => [
      { key, model: 'queue', parts: [kept(key, 'list')], isTaken: false },
      ...(spec.queue?.takesBy === 'LMOVE'
        ? [{ key, model: 'queue', parts: [kept(takenKey(key, spec.name), 'list')], isTaken: true } as const] : []),
    ]);
    case 'counter': return keys.map((key) => ({ key, model: 'counter', parts: [kept(key, 'string')], isTaken: false }));
    case 'multiKey': return keys.map((key) => (
      { key, model: 'register', parts: groupKeys(key).map((each) => kept(each, 'string')), isTaken: false }));
    case 'register':
    case 'sharedRegister': return keys.map((key) => ({ key, model: 'register', parts: [kept(key, 'string')], isTaken: false }));
    case 'lock':
    case 'reader': return [];
  }
};

const kept = (key: Bytes, type: 'string' | 'set' | 'list'): KeptKey => ({ key, isSet: type === 'set', isList: type === 'list' });

/** Every key to be read back, once. */
export const keptKeys = (clients: readonly ClientSpec[]): readonly KeptKey[] =>
  [...new Map(clients.flatMap(remainsOf).flatMap(({ parts }) => parts).map((part) => [part.key, part])).values()];

const distinct = (keys: readonly Bytes[]): readonly Bytes[] => [...new Set(keys)];
