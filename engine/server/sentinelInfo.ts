/** A sentinel's INFO. Source: server.c (genRedisInfoString) and sentinel.c of Redis 7.0. */
import type { Bytes } from '../core/bytes.ts';
import type { PubSub } from '../commands/pubsub.ts';
import type { InfoLine } from '../replication/replicationInfo.ts';
import { sentinelInfoLines } from '../sentinel/sentinelInfoLines.ts';
import type { Sentinel } from '../sentinel/sentinel.ts';
import { type ProcessInfoParts, clientLines, sectionsText, serverLines } from './info.ts';

const SECTIONS: readonly string[] = ['server', 'clients', 'stats', 'cpu', 'sentinel'];

export interface SentinelInfoParts extends ProcessInfoParts {
  readonly pubsub: PubSub;
  readonly sentinel: Sentinel;
}

export const sentinelInfoText = (parts: SentinelInfoParts, asked: readonly Bytes[]): Bytes =>
  sectionsText(asked, SECTIONS, SECTIONS, (name) => section(parts, name));

const section = (parts: SentinelInfoParts, name: string): readonly InfoLine[] | null => {
  switch (name) {
    case 'server': return serverLines(parts, 'sentinel');
    case 'clients': return clientLines(parts, 0);
    case 'stats': return stats(parts);
    case 'cpu': return [];
    case 'sentinel': return sentinelInfoLines(parts.sentinel);
    default: return null;
  }
};

const stats = ({ pubsub, state: { stats: counted } }: SentinelInfoParts): InfoLine[] => [
  ['total_connections_received', counted.connections], ['total_commands_processed', counted.commands],
  ['total_net_input_bytes', counted.bytesIn], ['total_net_output_bytes', counted.bytesOut],
  ['rejected_connections', counted.rejectedConnections], ['pubsub_channels', pubsub.count('channel')],
  ['pubsub_patterns', pubsub.count('pattern')], ['total_error_replies', counted.errorReplies],
  ['total_reads_processed', counted.readsProcessed], ['total_writes_processed', counted.writesProcessed],
];
