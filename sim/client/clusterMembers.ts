/**
 * CLUSTER NODES as redis-cli reads it: who is a member, which slots each has, and which are open.
 * Source: clusterManagerNodeLoadInfo in redis-cli.c of Redis 7.0, and the documentation of CLUSTER NODES.
 */
import { type Bytes, bytes, roleOfWord } from '../../engine/index.ts';

export interface ClusterMember {
  readonly id: string;
  /** `address:port`. */
  readonly place: Bytes;
  readonly isMyself: boolean;
  readonly isPrimary: boolean;
  /** The node that was asked holds it to have failed, has no connection to it, or does not know its address. */
  readonly isFailing: boolean;
  /** Of a replica: whom it follows. */
  readonly primaryId: string | null;
  readonly slots: ReadonlySet<number>;
  /** Slots that are leaving, and where to; only a node itself tells them. */
  readonly migrating: ReadonlyMap<number, string>;
  readonly importing: ReadonlyMap<number, string>;
}

/** `asked` stands for the node that answered: before it has met another one it does not know its own address. */
export const readMembers = (text: string, asked: Bytes): readonly ClusterMember[] =>
  text.split('\n').filter((line) => line !== '').map((line) => readMember(line.split(' '), asked));

const readMember = ([id = '', address = '', flagText = '', primary = '', , , , link = '', ...slotWords]: readonly string[], asked: Bytes): ClusterMember => {
  const flags = flagText.split(',');
  const isMyself = flags.includes('myself');
  const slots = new Set<number>();
  const migrating = new Map<number, string>();
  const importing = new Map<number, string>();
  for (const word of slotWords) readSlots(word, slots, migrating, importing);
  return {
    id, isMyself, place: isMyself ? asked : bytes(address.split('@')[0] ?? ''),
    isPrimary: flags.some((flag) => roleOfWord(flag) === 'primary'),
    isFailing: link === 'disconnected' || ['fail', 'noaddr', 'handshake'].some((flag) => flags.includes(flag)),
    primaryId: primary === '-' ? null : primary, slots, migrating, importing,
  };
};

/** `5`, `0-99`, `[7->-id]` or `[7-<-id]`. */
const readSlots = (word: string, slots: Set<number>, migrating: Map<number, string>, importing: Map<number, string>): void => {
  const open = /^\[(\d+)-([<>])-(\w+)\]$/.exec(word);
  if (open !== null) {
    (open[2] === '>' ? migrating : importing).set(Number(open[1]), open[3] as string);
    return;
  }
  const [first, last = first] = word.split('-').map(Number);
  if (first === undefined || last === undefined) return;
  for (let slot = first; slot <= last; slot++) slots.add(slot);
};
