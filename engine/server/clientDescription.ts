/** A client as CLIENT LIST and ACL LOG show it. Source: networking.c of Redis 7.0 (catClientInfoString), for behaviour. */
import { type Bytes, EMPTY, bytes } from '../core/bytes.ts';
import type { Client, SubscriptionKind } from '../commands/client.ts';
import { clientBytes } from './memoryUse.ts';

export const localAddress = ({ connection }: Client): Bytes => bytes(`${connection.localAddress}:${connection.localPort}`);

/** Of a unix socket both ends have its path for an address, and no port. */
const isUnix = ({ connection }: Client): boolean => connection.remotePort === 0 && connection.remoteAddress !== EMPTY;

const flagLetters = (client: Client): string => {
  let letters = '';
  if (client.isMonitor) letters += 'O';
  if (client.kind === 'replica') letters += 'S';
  if (client.kind === 'primary') letters += 'M';
  if (client.isSubscriber) letters += 'P';
  if (client.transaction !== null) letters += 'x';
  if (client.blocked !== null) letters += 'b';
  if (client.dirty) letters += 'd';
  if (client.closing) letters += 'c';
  if (client.tracking !== null) letters += 't';
  if (client.tracking?.isBroken === true) letters += 'R';
  if (client.tracking?.isBroadcast === true) letters += 'B';
  if (isUnix(client)) letters += 'U';
  if (client.noEvict) letters += 'e';
  return letters === '' ? 'N' : letters;
};

/** One line of CLIENT LIST. Sizes that only a C process has are 0; the total is the estimate of `memoryUse.ts`. */
export const describeClient = (client: Client, nowMs: number): Bytes => {
  const seconds = (from: number): number => Math.max(0, Math.floor((nowMs - from) / 1000));
  const listens = (kind: SubscriptionKind): number => client.subscriptions?.[kind].size ?? 0;
  const multi = client.transaction === null ? -1 : client.transaction.queue.length;
  return bytes(`id=${client.id} addr=${client.address} laddr=${localAddress(client)} fd=0 name=${client.name} `
    + `age=${seconds(client.createdMs)} idle=${seconds(client.lastInteractionMs)} flags=${flagLetters(client)} `
    + `db=${client.databaseId} sub=${listens('channel')} psub=${listens('pattern')} ssub=${listens('shard')} multi=${multi} `
    + `qbuf=${client.decoder.buffered} qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl=0 oll=${client.output.length} `
    + `omem=${client.outputBytes} tot-mem=${clientBytes(client)} events=r `
    + `cmd=${client.lastCommand} user=${client.user?.name ?? '(superuser)'} redir=${client.tracking?.redirect ?? -1} resp=${client.protocol}`);
};
