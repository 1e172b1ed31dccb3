/**
 * About how many bytes Redis would take for a stream. Redis itself estimates its radix trees; here their nodes are estimated too.
 * Source: objectComputeSize and streamRadixTreeMemoryUsage in object.c of Redis 7.0, for the parts.
 */
import type { StreamConsumer, StreamGroup } from './streamGroup.ts';
import { RAW_ID_BYTES } from './streamId.ts';
import type { StreamValue } from './streamValue.ts';

const STREAM_BYTES = 120;
const GROUP_BYTES = 48;
const CONSUMER_BYTES = 32;
const PENDING_BYTES = 24;
/** A node with what Redis reckons for its pointers. */
const RADIX_NODE_BYTES = 4 + 30 * 8;

const radixBytes = (keys: number): number => keys * RAW_ID_BYTES + (keys + 1) * RADIX_NODE_BYTES;

const consumerBytes = ({ name, pending }: StreamConsumer): number => CONSUMER_BYTES + name.length + radixBytes(pending.size);

const groupBytes = ({ pending, consumers }: StreamGroup): number => {
  let sum = GROUP_BYTES + radixBytes(pending.size) + pending.size * PENDING_BYTES;
  for (const consumer of consumers.values()) sum += consumerBytes(consumer);
  return sum;
};

/** `samples`: of so many blocks the bytes are counted, and the others taken to be alike, but for the last. */
export const streamBytes = ({ blocks, groups }: Readonly<StreamValue>, samples: number): number => {
  let sum = STREAM_BYTES + radixBytes(blocks.length);
  const sampled = blocks.slice(0, -1).slice(0, samples);
  const counted = sampled.reduce((total, block) => total + block.bytes, 0);
  if (sampled.length > 0) sum += Math.ceil(counted / sampled.length * (blocks.length - 1));
  sum += blocks[blocks.length - 1]?.bytes ?? 0;
  for (const group of groups.values()) sum += groupBytes(group);
  return sum;
};
