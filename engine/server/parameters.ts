/**
 * The configuration directives as data: name, kind, default, whether CONFIG SET may change it.
 * Some are accepted and kept, and change nothing here (allocators, kernel tuning): docs/server.md lists them. Source: CONFIG GET * of redis-server 7.0.15; config.c, for bounds.
 */

export type ParameterKind =
  | { readonly kind: 'flag' }
  | { readonly kind: 'integer'; readonly min: number; readonly max: number }
  /** Bytes, with the units that Redis takes (`64mb`). */
  | { readonly kind: 'memory'; readonly min: number }
  | { readonly kind: 'text' }
  | { readonly kind: 'choice'; readonly choices: readonly string[] }
  /** Several words, joined by a space. */
  | { readonly kind: 'words' };

export interface Parameter {
  readonly name: string;
  readonly kind: ParameterKind;
  readonly default: string;
  /** CONFIG SET may change it. */
  readonly mutable: boolean;
  /** Only where `enable-protected-configs` says so: files could be written anywhere with it. */
  readonly isProtected?: true;
}

const INT_MAX = 2147483647;

const flag = (name: string, value: 'yes' | 'no', mutable = true): Parameter =>
  ({ name, kind: { kind: 'flag' }, default: value, mutable });
const integer = (name: string, value: number, min = 0, max = INT_MAX, mutable = true): Parameter =>
  ({ name, kind: { kind: 'integer', min, max }, default: String(value), mutable });
const memory = (name: string, value: number, min = 0): Parameter =>
  ({ name, kind: { kind: 'memory', min }, default: String(value), mutable: true });
const text = (name: string, value = '', mutable = true): Parameter =>
  ({ name, kind: { kind: 'text' }, default: value, mutable });
const guarded = (name: string, value: string): Parameter => ({ ...text(name, value), isProtected: true });
const choice = (name: string, value: string, choices: readonly string[], mutable = true): Parameter =>
  ({ name, kind: { kind: 'choice', choices }, default: value, mutable });
const words = (name: string, value: string, mutable = true): Parameter =>
  ({ name, kind: { kind: 'words' }, default: value, mutable });

export const PARAMETERS: readonly Parameter[] = [
  // Network and process
  integer('port', 6379, 0, 65535), words('bind', '* -::*'), integer('timeout', 0), integer('tcp-keepalive', 300),
  integer('tcp-backlog', 511, 0, INT_MAX, false), integer('maxclients', 10000, 1, 4294967295), flag('protected-mode', 'yes'),
  text('unixsocket', '', false), text('unixsocketperm', '0', false), text('bind-source-addr'), flag('daemonize', 'no', false),
  text('pidfile', '', false), text('logfile', '', false),
  choice('loglevel', 'notice', ['debug', 'verbose', 'notice', 'warning']), flag('always-show-logo', 'no', false),
  flag('set-proc-title', 'yes', false), text('proc-title-template', '{title} {listen-addr} {server-mode}'),
  choice('supervised', 'no', ['upstart', 'systemd', 'auto', 'no'], false), flag('syslog-enabled', 'no', false),
  text('syslog-ident', 'redis', false), text('syslog-facility', 'local0', false),
  integer('databases', 16, 1, INT_MAX, false), integer('hz', 10), flag('dynamic-hz', 'yes'),
  integer('io-threads', 1, 1, 128, false), flag('io-threads-do-reads', 'no', false), guarded('dir', './'),
  choice('enable-protected-configs', 'no', ['no', 'yes', 'local'], false),
  choice('enable-debug-command', 'no', ['no', 'yes', 'local'], false),
  choice('enable-module-command', 'no', ['no', 'yes', 'local'], false),
  flag('crash-log-enabled', 'yes'), flag('crash-memcheck-enabled', 'yes'), flag('use-exit-on-panic', 'no'),
  flag('disable-thp', 'yes', false), flag('jemalloc-bg-thread', 'yes'), flag('activerehashing', 'yes'),
  choice('oom-score-adj', 'no', ['no', 'yes', 'relative', 'absolute']), words('oom-score-adj-values', '0 200 800'),
  text('server_cpulist', '', false), text('bio_cpulist', '', false), text('aof_rewrite_cpulist', '', false),
  text('bgsave_cpulist', '', false), integer('socket-mark-id', 0), text('ignore-warnings'),
  integer('shutdown-timeout', 10), words('shutdown-on-sigint', 'default'), words('shutdown-on-sigterm', 'default'),

  // Access
  text('requirepass'), text('aclfile', '', false), integer('acllog-max-len', 128),
  choice('acl-pubsub-default', 'resetchannels', ['allchannels', 'resetchannels']),

  // TLS
  integer('tls-port', 0, 0, 65535), flag('tls-replication', 'no'), flag('tls-cluster', 'no'), text('tls-cert-file'), text('tls-key-file'),
  text('tls-key-file-pass'), text('tls-client-cert-file'), text('tls-client-key-file'), text('tls-client-key-file-pass'),
  text('tls-ca-cert-file'), text('tls-ca-cert-dir'), text('tls-dh-params-file'), text('tls-protocols'), text('tls-ciphers'),
  text('tls-ciphersuites'), flag('tls-prefer-server-ciphers', 'no'), choice('tls-auth-clients', 'yes', ['no', 'yes', 'optional']),
  flag('tls-session-caching', 'yes'), integer('tls-session-cache-size', 20480), integer('tls-session-cache-timeout', 300),

  // Limits
  memory('maxmemory', 0),
  choice('maxmemory-policy', 'noeviction', ['volatile-lru', 'volatile-lfu', 'volatile-random', 'volatile-ttl',
    'allkeys-lru', 'allkeys-lfu', 'allkeys-random', 'noeviction']),
  integer('maxmemory-samples', 5, 1), integer('maxmemory-eviction-tenacity', 10, 0, 100), text('maxmemory-clients', '0'),
  memory('client-query-buffer-limit', 1073741824, 1048576), memory('proto-max-bulk-len', 536870912, 1048576),
  words('client-output-buffer-limit', 'normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60'),
  integer('busy-reply-threshold', 5000),
  integer('slowlog-log-slower-than', 10000, -1), integer('slowlog-max-len', 128), integer('latency-monitor-threshold', 0),
  flag('latency-tracking', 'yes'), words('latency-tracking-info-percentiles', '50 99 99.9'),
  text('notify-keyspace-events'), integer('tracking-table-max-keys', 1000000),

  // Encodings
  integer('set-max-intset-entries', 512), integer('hash-max-listpack-entries', 512), memory('hash-max-listpack-value', 64),
  integer('list-max-listpack-size', -2, -5), integer('list-compress-depth', 0), integer('zset-max-listpack-entries', 128),
  memory('zset-max-listpack-value', 64), memory('hll-sparse-max-bytes', 3000), memory('stream-node-max-bytes', 4096),
  integer('stream-node-max-entries', 100),

  // Expiry and freeing
  integer('active-expire-effort', 1, 1, 10), flag('lazyfree-lazy-eviction', 'no'), flag('lazyfree-lazy-expire', 'no'),
  flag('lazyfree-lazy-server-del', 'no'), flag('lazyfree-lazy-user-del', 'no'), flag('lazyfree-lazy-user-flush', 'no'),
  integer('lfu-log-factor', 10), integer('lfu-decay-time', 1), flag('activedefrag', 'no'),
  memory('active-defrag-ignore-bytes', 104857600, 1), integer('active-defrag-threshold-lower', 10, 0, 1000),
  integer('active-defrag-threshold-upper', 100, 0, 1000), integer('active-defrag-cycle-min', 1, 1, 99),
  integer('active-defrag-cycle-max', 25, 1, 99), integer('active-defrag-max-scan-fields', 1000, 1),

  // Snapshots and the append-only file
  words('save', '3600 1 300 100 60 10000'), guarded('dbfilename', 'dump.rdb'), flag('rdbcompression', 'yes'),
  flag('rdbchecksum', 'yes', false), flag('rdb-del-sync-files', 'no'), flag('rdb-save-incremental-fsync', 'yes'),
  flag('stop-writes-on-bgsave-error', 'yes'), choice('sanitize-dump-payload', 'no', ['no', 'yes', 'clients']),
  integer('key-load-delay', 0, -INT_MAX), integer('rdb-key-save-delay', 0, -INT_MAX),
  integer('loading-process-events-interval-bytes', 2097152, 1024),
  flag('appendonly', 'no'), text('appendfilename', 'appendonly.aof', false), text('appenddirname', 'appendonlydir', false),
  choice('appendfsync', 'everysec', ['everysec', 'always', 'no']), flag('no-appendfsync-on-rewrite', 'no'),
  integer('auto-aof-rewrite-percentage', 100), memory('auto-aof-rewrite-min-size', 67108864),
  flag('aof-load-truncated', 'yes'), flag('aof-use-rdb-preamble', 'yes'), flag('aof-rewrite-incremental-fsync', 'yes'),
  flag('aof-timestamp-enabled', 'no'), flag('aof-disable-auto-gc', 'no'),

  // Replication
  words('replicaof', '', false), text('masterauth'), text('masteruser'), integer('repl-timeout', 60, 1),
  integer('repl-ping-replica-period', 10, 1), memory('repl-backlog-size', 1048576, 1), integer('repl-backlog-ttl', 3600),
  flag('repl-diskless-sync', 'yes'), integer('repl-diskless-sync-delay', 5), integer('repl-diskless-sync-max-replicas', 0),
  choice('repl-diskless-load', 'disabled', ['disabled', 'on-empty-db', 'swapdb']), flag('repl-disable-tcp-nodelay', 'no'),
  integer('replica-priority', 100), text('replica-announce-ip'), integer('replica-announce-port', 0, 0, 65535),
  flag('replica-announced', 'yes'), flag('replica-serve-stale-data', 'yes'), flag('replica-read-only', 'yes'),
  flag('replica-lazy-flush', 'no'), flag('replica-ignore-maxmemory', 'yes'), flag('replica-ignore-disk-write-errors', 'no'),
  choice('propagation-error-behavior', 'ignore', ['ignore', 'panic', 'panic-on-replicas']),
  integer('min-replicas-to-write', 0), integer('min-replicas-max-lag', 10),

  // Cluster
  flag('cluster-enabled', 'no', false), text('cluster-config-file', 'nodes.conf', false),
  integer('cluster-node-timeout', 15000), integer('cluster-port', 0, 0, 65535, false),
  integer('cluster-migration-barrier', 1), integer('cluster-replica-validity-factor', 10),
  flag('cluster-replica-no-failover', 'no'), flag('cluster-allow-replica-migration', 'yes'),
  flag('cluster-require-full-coverage', 'yes'), flag('cluster-allow-reads-when-down', 'no'),
  flag('cluster-allow-pubsubshard-when-down', 'yes'), memory('cluster-link-sendbuf-limit', 0),
  text('cluster-announce-ip'), text('cluster-announce-hostname'), integer('cluster-announce-port', 0, 0, 65535),
  integer('cluster-announce-bus-port', 0, 0, 65535), integer('cluster-announce-tls-port', 0, 0, 65535),
  choice('cluster-preferred-endpoint-type', 'ip', ['ip', 'hostname', 'unknown-endpoint']),
];
