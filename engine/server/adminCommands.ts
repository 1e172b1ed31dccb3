/** Commands about the server: INFO, TIME, LOLWUT. Source: Redis 7.0, for behaviour. */
import { bytes } from '../core/bytes.ts';
import { REDIS_VERSION } from '../persistence/snapshotSaver.ts';
import { type CommandRow, NO_KEYS } from '../commands/command.ts';
import { VerbatimReply } from '../protocol/reply.ts';
import { type InfoParts, infoText } from './info.ts';

export const adminCommands = (parts: InfoParts): readonly CommandRow[] => {
  const { host } = parts;
  return [
    { name: 'info', arity: -1, flags: ['loading', 'stale'], keys: NO_KEYS, since: '1.0.0',
      handler: (_call, argv) => new VerbatimReply('txt', infoText(parts, argv.slice(1))) },
    { name: 'time', arity: 1, flags: ['loading', 'stale', 'fast'], keys: NO_KEYS, since: '2.6.0',
      handler: () => {
        const micros = host.wallMicros();
        return [bytes(String(Math.floor(micros / 1000000))), bytes(String(micros % 1000000))];
      } },
    // Of the pictures that it drew in versions 5 and 6 there is none: it answers as an unknown version does.
    { name: 'lolwut', arity: -1, flags: ['readonly', 'fast'], keys: NO_KEYS, since: '5.0.0',
      handler: () => new VerbatimReply('txt', bytes(`Redis ver. ${REDIS_VERSION}\n`)) },
  ];
};
