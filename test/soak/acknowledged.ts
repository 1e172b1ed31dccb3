/**
 * What one writer of the soak was told, key by key, and whether a data set agrees with it.
 *
 * A key only ever grows by steps: a string is set to the next number, a counter and a list get one more, a stream the next entry. So a data
 * set agrees exactly when each key stands at a step between the last acknowledged one and the last that was sent.
 */
import type { Bytes } from '../../engine/core/bytes.ts';
import { ErrorReply, type Reply } from '../../engine/protocol/reply.ts';
import type { RawClient } from '../support/rawClient.ts';

export const KINDS = ['string', 'counter', 'list', 'stream', 'hash'] as const;
export type StepKind = typeof KINDS[number];

export interface StepKey {
  readonly name: string;
  readonly kind: StepKind;
  acknowledged: number;
  sent: number;
}

/** What takes the key to its step. */
export const requestOf = ({ name, kind }: StepKey, step: number): readonly string[] => {
  switch (kind) {
    case 'string': return ['SET', name, `${step}:${'x'.repeat(step % 200)}`];
    case 'counter': return ['INCR', name];
    case 'list': return ['RPUSH', name, String(step)];
    case 'stream': return ['XADD', name, `${step}-1`, 'step', String(step)];
    case 'hash': return ['HSET', name, String(step), 'value'];
  }
};

const asNumber = (reply: Reply): number => {
  if (reply instanceof ErrorReply) throw new Error(reply.text);
  return Number(reply ?? 0);
};

/** The step at which the server has the key. Throws where what it holds is not what the steps make. */
export const stepAt = async (client: RawClient, { name, kind }: StepKey): Promise<number> => {
  switch (kind) {
    case 'string': {
      const text = await client.run('GET', name) as Bytes | null;
      const step = text === null ? 0 : Number(text.slice(0, text.indexOf(':')));
      if (text !== null && text !== `${step}:${'x'.repeat(step % 200)}`) throw new Error(`${name} holds ${text}`);
      return step;
    }
    case 'counter': return asNumber(await client.run('GET', name));
    case 'list': {
      const length = asNumber(await client.run('LLEN', name));
      const items = await client.run('LRANGE', name, '0', '-1') as readonly Bytes[];
      const wrong = items.findIndex((item, index) => item !== String(index + 1));
      if (wrong >= 0) throw new Error(`${name} has ${items[wrong]} in place ${wrong}`);
      return length;
    }
    case 'stream': return asNumber(await client.run('XLEN', name));
    case 'hash': return asNumber(await client.run('HLEN', name));
  }
};

/** Null, or in which way the data set contradicts what was acknowledged. From here on the key stands where it was found. */
export const verify = async (client: RawClient, key: StepKey): Promise<string | null> => {
  const found = await stepAt(client, key);
  const { name, acknowledged, sent } = key;
  key.acknowledged = found;
  key.sent = found;
  if (found < acknowledged) return `${name}: step ${acknowledged} was acknowledged, and the server stands at ${found}`;
  if (found > sent) return `${name}: step ${sent} was the last that was sent, and the server stands at ${found}`;
  return null;
};
