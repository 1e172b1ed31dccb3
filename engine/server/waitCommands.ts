/** WAIT, CLIENT PAUSE, CLIENT UNPAUSE, CLIENT UNBLOCK. Source: replication.c and networking.c of Redis 7.0. */
import { type Bytes, lower } from '../core/bytes.ts';
import { parseSafeInteger } from '../core/integers.ts';
import type { Client } from '../commands/client.ts';
import { type Call, type CommandRow, NO_KEYS } from '../commands/command.ts';
import { NOT_AN_INTEGER, NO_REPLY, OK, type Reply, SYNTAX_ERROR, error } from '../protocol/reply.ts';
import type { PrimarySide } from '../replication/primarySide.ts';
import type { ReplicaSide } from '../replication/replicaSide.ts';
import type { BlockedClients } from './blockedClients.ts';
import type { Pause } from './pause.ts';
import type { ServerState } from './serverState.ts';

export interface WaitParts {
  readonly state: ServerState;
  readonly primarySide: PrimarySide;
  readonly replicaSide: ReplicaSide;
  readonly blocked: BlockedClients;
  readonly pause: Pause;
}

const ON_REPLICA = error('ERR WAIT cannot be used with replica instances. Please also note that since Redis 4.0 if a '
  + 'replica is configured to be writable (which is not the default) writes to replicas are just local and are not '
  + 'propagated.');
const UNBLOCKED = error('UNBLOCKED client unblocked via CLIENT UNBLOCK');

const readTimeout = (text: Bytes): number | ReturnType<typeof error> => {
  const timeout = parseSafeInteger(text);
  if (timeout === null) return error('ERR timeout is not an integer or out of range');
  return timeout < 0 ? error('ERR timeout is negative') : timeout;
};

const wait = ({ primarySide, replicaSide, blocked }: WaitParts, call: Call, argv: readonly Bytes[]): Reply => {
  if (replicaSide.primary !== null) return ON_REPLICA;
  const count = parseSafeInteger(argv[1] as Bytes);
  if (count === null) return NOT_AN_INTEGER;
  const timeout = readTimeout(argv[2] as Bytes);
  if (typeof timeout !== 'number') return timeout;
  const reached = primarySide.replicasAt(call.client.writeOffset);
  if (reached >= count || call.denyBlocking) return reached;
  blocked.blockOnReplicas(call.client, count, timeout, call.nowMs);
  return NO_REPLY;
};

const clientPause = ({ pause }: WaitParts, call: Call, argv: readonly Bytes[]): Reply => {
  const timeout = readTimeout(argv[2] as Bytes);
  if (typeof timeout !== 'number') return timeout;
  const scope = argv[3] === undefined ? 'all' : lower(argv[3]);
  if (scope !== 'all' && scope !== 'write') return error('ERR CLIENT PAUSE mode must be WRITE or ALL');
  pause.start('client', scope as 'all' | 'write', call.nowMs + timeout);
  return OK;
};

const unblock = ({ state, blocked, primarySide }: WaitParts, argv: readonly Bytes[]): Reply => {
  const id = parseSafeInteger(argv[2] as Bytes);
  if (id === null) return NOT_AN_INTEGER;
  const how = argv[3] === undefined ? 'timeout' : lower(argv[3]);
  if (how !== 'timeout' && how !== 'error') {
    return error('ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR');
  }
  const client: Client | undefined = state.clients.get(id);
  if (client === undefined || client.blocked === null || !('deadlineMs' in client.blocked)) return 0;
  if (how === 'error') client.reply(UNBLOCKED);
  else if (client.blocked.kind === 'keys') client.reply(client.blocked.blocking.timeoutReply);
  else client.reply(primarySide.replicasAt(client.blocked.offset));
  blocked.release(client);
  return 1;
};

export const waitCommands = (parts: WaitParts): readonly CommandRow[] => {
  const admin = ['admin', 'noscript', 'loading', 'stale'] as const;
  return [
    { name: 'wait', arity: 3, flags: ['noscript'], keys: NO_KEYS, since: '3.0.0',
      handler: (call, argv) => wait(parts, call, argv) },
    { name: 'client|pause', arity: -3, flags: admin, keys: NO_KEYS, since: '3.0.0',
      handler: (call, argv) => (argv.length > 4 ? SYNTAX_ERROR : clientPause(parts, call, argv)) },
    { name: 'client|unpause', arity: 2, flags: admin, keys: NO_KEYS, since: '6.2.0',
      handler: () => {
        parts.pause.end('client');
        return OK;
      } },
    { name: 'client|unblock', arity: -3, flags: admin, keys: NO_KEYS, since: '5.0.0',
      handler: (_call, argv) => (argv.length > 4 ? SYNTAX_ERROR : unblock(parts, argv)) },
  ];
};
