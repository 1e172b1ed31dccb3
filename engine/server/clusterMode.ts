/**
 * A server as a node of a cluster: what the cluster part needs of the server, and its own listening socket, the bus.
 * Source: cluster.c and server.c of Redis 7.0 (clusterInit, clusterInitListeners).
 */
import type { Host } from '../host.ts';
import { type Bytes, EMPTY } from '../core/bytes.ts';
import type { Random } from '../core/random.ts';
import type { PubSub } from '../commands/pubsub.ts';
import type { PublishToPeers } from '../commands/pubsubCommands.ts';
import type { Settings } from '../commands/settings.ts';
import { Cluster } from '../cluster/cluster.ts';
import { type ClusterBugs, type ClusterServices, NO_CLUSTER_BUGS } from '../cluster/clusterState.ts';
import { broadcastPublish, publishToShardPeers } from '../cluster/messenger.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import type { ReplicaSide } from '../replication/replicaSide.ts';
import type { Config } from './config.ts';
import { Listening } from './listening.ts';
import type { Pause } from './pause.ts';
import type { ServerState } from './serverState.ts';

export interface ClusterModeParts {
  readonly host: Host;
  readonly config: Config;
  readonly random: Random;
  readonly keyspace: Keyspace;
  readonly state: ServerState;
  readonly replicaSide: ReplicaSide;
  readonly pause: Pause;
  readonly pubsub: PubSub;
  readonly bugs: ClusterBugs | null;
  /** Deletes keys that this node does not own any more, as an execution unit of its own. */
  deleteKeys(keys: readonly Bytes[]): void;
  /** A slot went elsewhere: who listens to its shard channels, or waits for its keys, is told. */
  slotLost(slot: number): void;
}

export class ClusterMode {
  readonly cluster: Cluster;
  /** What is published here is told to the other nodes. */
  readonly publish: PublishToPeers = (channel, message, isShard) =>
    (isShard ? publishToShardPeers : broadcastPublish)(this.cluster.state, channel, message);
  private readonly bus: Listening;

  /** Throws `ConfigError` for a damaged nodes.conf. */
  constructor(parts: ClusterModeParts) {
    const { host, config } = parts;
    this.cluster = new Cluster(servicesOf(parts));
    for (const name of ANNOUNCED) {
      config.onChange(name, () => {
        this.cluster.updateMyself();
        this.cluster.state.mustSave = true;
        return null;
      });
    }
    this.bus = new Listening(host, busSettings(config), (connection) => this.cluster.accept(connection),
      () => [{ port: this.cluster.state.busPort, isTls: config.flag('tls-cluster') }]);
  }

  /** Opens the bus. Where that fails the process ends, as for the other sockets. */
  listen(ready: () => void): void {
    this.bus.open(ready);
  }

  close(): void {
    this.bus.close();
  }
}

/** Directives that say what others are told of us: in force at once. */
const ANNOUNCED = [
  'cluster-announce-ip', 'cluster-announce-hostname', 'cluster-announce-port', 'cluster-announce-bus-port', 'cluster-replica-no-failover',
] as const;

/** The bus listens where clients are listened to, at its own port and on no unix socket. */
const busSettings = (config: Config): Settings => ({
  number: (name) => config.number(name),
  flag: (name) => config.flag(name),
  text: (name) => (name === 'unixsocket' ? EMPTY : config.text(name)),
});

const servicesOf = (parts: ClusterModeParts): ClusterServices => {
  const { host, config, random, keyspace: { slotKeys }, state, replicaSide, pause, pubsub } = parts;
  return {
    host, random, settings: config, bugs: parts.bugs ?? NO_CLUSTER_BUGS,
    offset: () => state.history.offset,
    followed: () => replicaSide.primary,
    follow: (name, port) => replicaSide.follow({ host: name, port }, true),
    promote: () => replicaSide.promote(),
    dataAgeMs: () => replicaSide.dataAgeMs,
    keysInSlot: (slot) => slotKeys.count(slot),
    deleteKeysInSlot: (slot) => {
      const keys = slotKeys.keys(slot, Infinity);
      parts.deleteKeys(keys);
      const { id, position } = state.history;
      host.note({ kind: 'moved', stage: 'dropped', id, offset: position, keys, checksums: [], target: null });
    },
    pauseWrites: (untilMs) => {
      if (untilMs === null) pause.end('failover');
      else pause.start('failover', 'write', untilMs);
    },
    publish: (channel, message, isShard) => {
      if (isShard) pubsub.publishToShard(channel, message);
      else pubsub.publish(channel, message);
    },
    slotLost: (slot) => parts.slotLost(slot),
  };
};
