/**
 * The one place where the wire says "master" and "slave". Inside the engine it is primary and replica; what goes to or comes
 * from clients, configuration files, sentinels and cluster peers takes its words from here.
 * Source: INFO, ROLE, CONFIG, COMMAND and SENTINEL of redis-server 7.0.15, and its sentinel and cluster files.
 */

export type Role = 'primary' | 'replica';

/** The word of ROLE, of INFO's `role:`, of nodes.conf and CLUSTER NODES. */
export const roleWord = (role: Role): 'master' | 'slave' => (role === 'primary' ? 'master' : 'slave');

/** The role that a word of the wire means; null for any other word. Accepts the newer word too. */
export const roleOfWord = (word: string): Role | null => {
  if (word === 'master') return 'primary';
  return word === 'slave' || word === 'replica' ? 'replica' : null;
};

/** Commands whose own name carries the word, in lower case. */
export const COMMAND_SLAVEOF = 'slaveof';
export const COMMAND_REPLICAOF = 'replicaof';

/** Fields of INFO's replication section, by what they say. */
export const INFO_REPLICATION = {
  primaryHost: 'master_host',
  primaryPort: 'master_port',
  primaryLinkStatus: 'master_link_status',
  primaryLastIoSecondsAgo: 'master_last_io_seconds_ago',
  primarySyncInProgress: 'master_sync_in_progress',
  primaryLinkDownSinceSeconds: 'master_link_down_since_seconds',
  replicaReadReplOffset: 'slave_read_repl_offset',
  replicaReplOffset: 'slave_repl_offset',
  replicaPriority: 'slave_priority',
  replicaReadOnly: 'slave_read_only',
  connectedReplicas: 'connected_slaves',
  minReplicasGood: 'min_slaves_good_slaves',
  failoverState: 'master_failover_state',
  replicationId: 'master_replid',
  secondReplicationId: 'master_replid2',
  replicationOffset: 'master_repl_offset',
} as const;

/** `slave0`, `slave1`, … of INFO replication. */
export const infoReplicaName = (index: number): string => `slave${index}`;

/** The number in `slaveN`, or null. */
export const infoReplicaIndex = (field: string): number | null =>
  /^slave[0-9]+$/.test(field) ? Number(field.slice('slave'.length)) : null;

/** Configuration options: the older name of each, by the name that is used inside. */
const CONFIG_ALIAS_OF: Readonly<Record<string, string>> = {
  'hash-max-listpack-entries': 'hash-max-ziplist-entries',
  'hash-max-listpack-value': 'hash-max-ziplist-value',
  'list-max-listpack-size': 'list-max-ziplist-size',
  'zset-max-listpack-entries': 'zset-max-ziplist-entries',
  'zset-max-listpack-value': 'zset-max-ziplist-value',
  'busy-reply-threshold': 'lua-time-limit',
  'cluster-replica-no-failover': 'cluster-slave-no-failover',
  'cluster-replica-validity-factor': 'cluster-slave-validity-factor',
  'min-replicas-max-lag': 'min-slaves-max-lag',
  'min-replicas-to-write': 'min-slaves-to-write',
  'repl-ping-replica-period': 'repl-ping-slave-period',
  'replica-announce-ip': 'slave-announce-ip',
  'replica-announce-port': 'slave-announce-port',
  'replica-ignore-maxmemory': 'slave-ignore-maxmemory',
  'replica-lazy-flush': 'slave-lazy-flush',
  'replica-priority': 'slave-priority',
  'replica-read-only': 'slave-read-only',
  'replica-serve-stale-data': 'slave-serve-stale-data',
  'replicaof': 'slaveof',
};

/** The older name of an option, or null: CONFIG GET answers to both. */
export const configAlias = (name: string): string | null => CONFIG_ALIAS_OF[name] ?? null;

/** The name used inside for an option as a file or a client spells it (lower case). */
export const configName = (spelled: string): string => {
  for (const [name, alias] of Object.entries(CONFIG_ALIAS_OF)) if (alias === spelled) return name;
  return spelled;
};

/** The subcommand of CLUSTER that REPLICAS replaced, in lower case. */
export const CLUSTER_REPLICAS_OLD = 'slaves';

/** The role of a node in CLUSTER SHARDS, which has the newer word for one of them. */
export const shardRole = (role: Role): 'master' | 'replica' => (role === 'primary' ? 'master' : 'replica');

/** Answers of CLUSTER that carry the word, by what they say. */
export const CLUSTER_TEXT = {
  setSlotNeedsPrimary: 'ERR Please use SETSLOT only with masters.',
  targetIsReplica: 'ERR Target node is not a master',
  nodeIsReplica: 'ERR The specified node is not a master',
  followsReplica: 'ERR I can only replicate a master, not a replica.',
  followerNotEmpty: 'ERR To set a master the node must be empty and without assigned slots.',
  ownPrimary: "ERR Can't forget my master!",
  unknownPrimary: "ERR I'm a replica but my master is unknown to me",
  primaryDown: 'ERR Master is down or failed, please use CLUSTER FAILOVER FORCE',
  resetWithKeys: "ERR CLUSTER RESET can't be called with master nodes containing keys",
} as const;

/** Lines of CLUSTER HELP that carry the word. */
export const CLUSTER_HELP_TEXT = {
  failover: '    Promote current replica node to being a master.',
  nodes: '    <id> <ip:port> <flags> <master> <pings> <pongs> <epoch> <link> <slot> ...',
  slots: '    start, end, master and replicas IP addresses, ports and ids',
} as const;

/** CLIENT LIST and CLIENT KILL types. */
export const CLIENT_TYPE_PRIMARY = 'master';
export const CLIENT_TYPE_REPLICA = 'replica';
export const CLIENT_TYPE_REPLICA_OLD = 'slave';

/** Answers to a replica, and to clients of one. */
export const NO_PRIMARY_LINK = 'NOMASTERLINK';
export const PRIMARY_DOWN_ERROR =
  "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.";

/** Keys with an expiry on a writable replica, in INFO. */
export const INFO_EXPIRES_TRACKED = 'slave_expires_tracked_keys';

/** What the output of replicas takes, in INFO and in MEMORY STATS. */
export const INFO_MEMORY_OF_REPLICAS = 'mem_clients_slaves';
export const STATS_MEMORY_OF_REPLICAS = 'clients.slaves';

/** The old name of `redis.REPL_REPLICA` in scripts. */
export const SCRIPT_REPL_SLAVE = 'REPL_SLAVE';
