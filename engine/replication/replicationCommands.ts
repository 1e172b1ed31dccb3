/** REPLICAOF, PSYNC, SYNC, REPLCONF, ROLE. Source: replication.c of Redis 7.0. */
import { type Bytes, EMPTY, bytes, detach, lower } from '../core/bytes.ts';
import type { Client } from '../commands/client.ts';
import { type CommandRow, NO_KEYS } from '../commands/command.ts';
import { OK, NO_REPLY, type Reply, error, Status } from '../protocol/reply.ts';
import { COMMAND_REPLICAOF, COMMAND_SLAVEOF, NO_PRIMARY_LINK, roleWord } from '../protocol/wireNames.ts';
import { type Failover, parseFailover } from './failover.ts';
import type { PrimarySide } from './primarySide.ts';
import type { ReplicaSide } from './replicaSide.ts';
import { linkAddress } from './replicaLink.ts';
import type { ReplicationServices } from './services.ts';

const FAILING_OVER = error(`${NO_PRIMARY_LINK} Can't SYNC while failing over`);
const NO_LINK = error(`${NO_PRIMARY_LINK} Can't SYNC while not connected with my master`);

/** The words of ROLE for the replica side's states. */
const roleState = (state: ReplicaSide['state']): string => {
  switch (state) {
    case 'none': return 'none';
    case 'connect': return 'connect';
    case 'connecting': return 'connecting';
    case 'handshake': return 'handshake';
    case 'transfer': return 'sync';
    case 'connected': return 'connected';
  }
};

/** What the commands act on. */
interface ReplicationParts {
  readonly services: ReplicationServices;
  readonly primarySide: PrimarySide;
  readonly replicaSide: ReplicaSide;
  readonly failover: Failover;
}

/** What is logged where a command made a replica a primary; a cluster's election says so in its own words. */
const PROMOTED = 'MASTER MODE enabled';

const replicaof = ({ services, failover, replicaSide }: ReplicationParts, argv: readonly Bytes[]): Reply => {
  if (failover.state !== 'no-failover') return error('ERR REPLICAOF not allowed while failing over.');
  const host = argv[1] as Bytes;
  const portText = argv[2] as Bytes;
  if (lower(host) === 'no' && lower(portText) === 'one') {
    const wasReplica = replicaSide.primary !== null;
    replicaSide.promote();
    if (wasReplica) services.host.log('notice', PROMOTED);
    return OK;
  }
  const port = /^[0-9]{1,5}$/.test(portText) ? Number(portText) : -1;
  if (port < 0 || port > 65535) return error('ERR Invalid master port');
  const present = replicaSide.primary;
  if (present !== null && lower(present.host) === lower(host) && present.port === port) {
    return new Status('OK Already connected to specified master');
  }
  replicaSide.follow({ host: detach(host), port }, true);
  return OK;
};

const sync = ({ failover, primarySide, replicaSide }: ReplicationParts, client: Client): Reply => {
  if (client.kind === 'replica') return NO_REPLY;
  if (failover.state !== 'no-failover') return FAILING_OVER;
  if (replicaSide.primary !== null && replicaSide.state !== 'connected') return NO_LINK;
  return primarySide.sync(client);
};

const psync = (parts: ReplicationParts, argv: readonly Bytes[], client: Client): Reply => {
  const { failover, primarySide, replicaSide } = parts;
  const [, id, wanted, option] = argv as readonly [Bytes, Bytes, Bytes, Bytes?];
  if (failover.state !== 'no-failover') return FAILING_OVER;
  if (option !== undefined && lower(option) === 'failover') {
    const refusal = promoteByRequest(parts, id);
    if (refusal !== null) return refusal;
  }
  if (replicaSide.primary !== null && replicaSide.state !== 'connected') return NO_LINK;
  if (!/^-?[0-9]{1,15}$/.test(wanted)) return error('ERR value is not an integer or out of range');
  return primarySide.psync(client, id, Number(wanted));
};

/** `PSYNC <id> <offset> FAILOVER`: our primary hands its role to us. */
const promoteByRequest = ({ services, replicaSide }: ReplicationParts, id: Bytes): Reply | null => {
  const { host, history } = services;
  host.log('warning', `Failover request received for replid ${id}.`);
  if (replicaSide.primary === null) return error("ERR PSYNC FAILOVER can't be sent to a master.");
  if (id !== history.id) return error('ERR PSYNC FAILOVER replid must match my replid.');
  replicaSide.promote();
  host.log('notice', PROMOTED);
  host.log('warning', 'Failover request was successful: mode switched to MASTER');
  return null;
};

const failoverCommand = ({ failover }: ReplicationParts, argv: readonly Bytes[]): Reply => {
  const request = parseFailover(argv);
  const problem = request === 'abort' ? failover.abortByHand()
    : typeof request === 'string' ? request : failover.start(request);
  return problem === null ? OK : error(`ERR ${problem}`);
};

const replconf = ({ primarySide, replicaSide }: ReplicationParts, argv: readonly Bytes[], client: Client): Reply => {
  if (client.kind !== 'primary') return primarySide.replconf(client, argv);
  if (lower(argv[1] ?? EMPTY) === 'getack') replicaSide.acknowledge();
  return NO_REPLY;
};

const role = ({ services, primarySide, replicaSide }: ReplicationParts): Reply => {
  const primary = replicaSide.primary;
  if (primary === null) {
    const replicas = primarySide.replicas().filter((link) => link.state === 'online').map((link): Reply => [
      linkAddress(link), bytes(String(link.listeningPort)), bytes(String(link.ackOffset)),
    ]);
    return [bytes(roleWord('primary')), services.history.offset, replicas];
  }
  const offset = replicaSide.state === 'connected' ? services.history.offset : -1;
  return [bytes(roleWord('replica')), primary.host, primary.port, bytes(roleState(replicaSide.state)), offset];
};

export const replicationCommands = (
  services: ReplicationServices, primarySide: PrimarySide, replicaSide: ReplicaSide, failover: Failover,
): readonly CommandRow[] => {
  const parts: ReplicationParts = { services, primarySide, replicaSide, failover };
  const follow = (name: string, since: string): CommandRow => ({
    name, arity: 3, flags: ['admin', 'noscript', 'stale', 'no_async_loading'], keys: NO_KEYS, since,
    handler: (_call, argv) => replicaof(parts, argv),
  });
  return [
    follow(COMMAND_REPLICAOF, '5.0.0'),
    follow(COMMAND_SLAVEOF, '1.0.0'),
    {
      name: 'failover', arity: -1, flags: ['admin', 'noscript', 'stale'], keys: NO_KEYS, since: '6.2.0',
      handler: (_call, argv) => failoverCommand(parts, argv),
    },
    {
      name: 'psync', arity: -3, flags: ['admin', 'noscript', 'no_async_loading', 'no_multi'], keys: NO_KEYS, since: '2.8.0',
      handler: (call, argv) => psync(parts, argv, call.client),
    },
    {
      name: 'sync', arity: 1, flags: ['admin', 'noscript', 'no_async_loading', 'no_multi'], keys: NO_KEYS, since: '1.0.0',
      handler: (call) => sync(parts, call.client),
    },
    {
      name: 'replconf', arity: -1, flags: ['admin', 'noscript', 'loading', 'stale', 'allow_busy'], keys: NO_KEYS,
      since: '3.0.0', handler: (call, argv) => replconf(parts, argv, call.client),
    },
    {
      name: 'role', arity: 1, flags: ['noscript', 'loading', 'stale', 'fast'], keys: NO_KEYS, since: '2.8.12',
      handler: () => role(parts),
    },
  ];
};
