/**
 * CLUSTER subcommands about nodes: who is in the cluster, who follows whom, which epoch is ours.
 * Source: clusterCommand, clusterStartHandshake, clusterReset in cluster.c of Redis 7.0.
 */
import type { Bytes } from '../core/bytes.ts';
import { parseInt64 } from '../core/integers.ts';
import { numericAddress } from '../core/numericAddress.ts';
import { isWord, readInt64 } from '../commands/arguments.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { ErrorReply, OK, type Reply, SYNTAX_ERROR, Status, error } from '../protocol/reply.ts';
import { CLUSTER_TEXT } from '../protocol/wireNames.ts';
import { ClusterNode } from './clusterNode.ts';
import type { ClusterState } from './clusterState.ts';
import { replacePrimary } from './election.ts';
import { reportCount } from './failureDetection.ts';
import { resetManualFailover, startManualFailover } from './manualFailover.ts';
import { describeNode } from './nodesConf.ts';
import { bumpEpoch, noteEpochs } from './slotConfiguration.ts';
import { SLOTS } from './slots.ts';

const PORT_MAX = 65_535;
const BUS_PORT_OFFSET = 10_000;
/** A node that was forgotten is not believed to exist for so long, whatever others say. */
const FORGET_MS = 60_000;
const INT_BITS = 32;

const unknownNode = (name: Bytes): ErrorReply => error(`ERR Unknown node ${name}`);

/** More words than the subcommand takes, where the command table allows them. */
const tooManyWords = (argv: readonly Bytes[]): ErrorReply =>
  error(`ERR unknown subcommand or wrong number of arguments for '${argv[1] as Bytes}'. Try CLUSTER HELP.`);

/** As C takes a number of 64 bits for an int. */
const readPort = (argument: Bytes): number | null => {
  const value = parseInt64(argument);
  return value === null ? null : Number(BigInt.asIntN(INT_BITS, value));
};

/** The address in its usual form, of either family; null where it is none, or only by the old rules of IPv4. */
const strictAddress = (text: Bytes): Bytes | null => {
  const address = numericAddress(text);
  return text.includes(':') || address === text ? address : null;
};

/** MEET: greets an address. Whose it is will be known when it answers. */
export const meet = (state: ClusterState, argv: readonly Bytes[]): Reply => {
  if (argv.length > 5) return tooManyWords(argv);
  const [, , host, portText, busPortText] = argv as readonly [Bytes, Bytes, Bytes, Bytes, Bytes?];
  const port = readPort(portText);
  if (port === null) return error(`ERR Invalid TCP base port specified: ${portText}`);
  const busPort = busPortText === undefined ? port + BUS_PORT_OFFSET : readPort(busPortText);
  if (busPort === null) return error(`ERR Invalid TCP bus port specified: ${busPortText as Bytes}`);
  const ip = strictAddress(host);
  const arePorts = port > 0 && port <= PORT_MAX && busPort > 0 && busPort <= PORT_MAX;
  if (ip === null || !arePorts) return error(`ERR Invalid node address specified: ${host}:${portText}`);
  if (state.hasHandshakeWith(ip, busPort)) return OK;
  const node = new ClusterNode(state.randomName(), state.nowMs);
  node.isHandshake = true;
  node.needsMeet = true;
  node.ip = ip;
  node.port = port;
  node.busPort = busPort;
  state.addNode(node);
  return OK;
};

export const forget = (state: ClusterState, name: Bytes): Reply => {
  const { myself } = state;
  const node = state.nodes.get(name);
  if (node === undefined) return unknownNode(name);
  if (node === myself) return error("ERR I tried hard but I can't forget myself...");
  if (!myself.isPrimary && myself.primary === node) return error(CLUSTER_TEXT.ownPrimary);
  state.forgotten.set(node.name, state.nowMs + FORGET_MS);
  state.removeNode(node);
  return changed(state);
};

const changed = (state: ClusterState): Reply => {
  state.mustSave = true;
  state.mustUpdate = true;
  return OK;
};

export const replicate = (state: ClusterState, name: Bytes, keyspace: Keyspace): Reply => {
  const { myself } = state;
  const node = state.nodes.get(name);
  if (node === undefined) return unknownNode(name);
  if (node === myself) return error("ERR Can't replicate myself");
  if (!node.isPrimary) return error(CLUSTER_TEXT.followsReplica);
  if (myself.isPrimary && (myself.slots.count > 0 || keyspace.database(0).size > 0)) return error(CLUSTER_TEXT.followerNotEmpty);
  state.becomeReplicaOf(node);
  return changed(state);
};

export const replicas = (state: ClusterState, name: Bytes): Reply => {
  const node = state.nodes.get(name);
  if (node === undefined) return unknownNode(name);
  return node.isPrimary ? node.replicas.map((replica) => describeNode(state, replica)) : error(CLUSTER_TEXT.nodeIsReplica);
};

export const countFailureReports = (state: ClusterState, name: Bytes): Reply => {
  const node = state.nodes.get(name);
  return node === undefined ? unknownNode(name) : reportCount(state, node);
};

/** FAILOVER [FORCE|TAKEOVER]: with the primary's help, without it, or without anybody's vote. */
export const failover = (state: ClusterState, argv: readonly Bytes[]): Reply => {
  const { myself, services: { host } } = state;
  if (argv.length > 3) return tooManyWords(argv);
  const takesOver = isWord(argv[2], 'takeover');
  const isForced = takesOver || isWord(argv[2], 'force');
  if (argv.length === 3 && !isForced) return SYNTAX_ERROR;
  if (myself.isPrimary) return error('ERR You should send CLUSTER FAILOVER to a replica');
  const { primary } = myself;
  if (primary === null) return error(CLUSTER_TEXT.unknownPrimary);
  if ((primary.isFail || primary.link === null) && !isForced) return error(CLUSTER_TEXT.primaryDown);
  if (!takesOver) {
    startManualFailover(state, isForced);
    return OK;
  }
  resetManualFailover(state);
  host.log('warning', `Taking over from ${primary.name} (user request).`);
  bumpEpoch(state);
  host.note({
    kind: 'leader', name: primary.name, epoch: myself.configEpoch, leader: myself.name, votes: 0, known: state.size,
    quorum: state.neededQuorum, isForced: true, because: [host.cause()],
  });
  replacePrimary(state);
  return OK;
};

export const setConfigEpoch = (state: ClusterState, argument: Bytes): Reply => {
  const { myself } = state;
  const value = readInt64(argument);
  if (value instanceof ErrorReply) return value;
  if (value < 0n) return error(`ERR Invalid config epoch specified: ${value}`);
  if (state.nodes.size > 1) {
    return error('ERR The user can assign a config epoch only when the node does not know any other node.');
  }
  if (myself.configEpoch !== 0) return error('ERR Node config epoch is already non-zero');
  const epoch = Number(value);
  // The bus carries no greater one, so nobody could hear of it.
  if (!Number.isSafeInteger(epoch)) return error(`ERR Invalid config epoch specified: ${value}`);
  myself.configEpoch = epoch;
  state.currentEpoch = Math.max(state.currentEpoch, epoch);
  state.services.host.log('warning', `configEpoch set to ${epoch} via CLUSTER SET-CONFIG-EPOCH`);
  noteEpochs(state);
  return changed(state);
};

export const bump = (state: ClusterState): Reply => {
  const word = bumpEpoch(state) ? 'BUMPED' : 'STILL';
  return new Status(`${word} ${state.myself.configEpoch}`);
};

/** RESET: a cluster of its own, without slots; HARD: under another name too, and with no epochs. */
export const reset = (state: ClusterState, argv: readonly Bytes[], keyspace: Keyspace): Reply => {
  const { myself, services } = state;
  if (argv.length > 3) return tooManyWords(argv);
  const isHard = isWord(argv[2], 'hard');
  if (argv.length === 3 && !isHard && !isWord(argv[2], 'soft')) return SYNTAX_ERROR;
  if (myself.isPrimary && keyspace.database(0).size > 0) return error(CLUSTER_TEXT.resetWithKeys);
  if (!myself.isPrimary) {
    state.setAsPrimary(myself);
    services.promote();
    keyspace.flush(-1);
  }
  state.migratingTo.clear();
  state.importingFrom.clear();
  resetManualFailover(state);
  for (let slot = 0; slot < SLOTS; slot++) if (state.dropSlot(slot)) state.commandedSlots.add(slot);
  for (const node of [...state.nodes.values()]) if (node !== myself) state.removeNode(node);
  if (isHard) {
    state.currentEpoch = 0;
    myself.configEpoch = 0;
    state.lastVoteEpoch = 0;
    services.host.log('warning', 'configEpoch set to 0 via CLUSTER RESET HARD');
    state.rename(myself, state.randomName());
    services.host.log('notice', `Node hard reset, now I'm ${myself.name}`);
  }
  noteEpochs(state);
  state.saveDurably();
  return changed(state);
};
