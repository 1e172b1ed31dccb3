/**
 * INFO. Sections and fields in Redis's order; those of a process on a real machine come from `machineInfo.ts`. Source: server.c of Redis 7.0 (genRedisInfoString).
 */
import type { Host } from '../host.ts';
import { type Bytes, bytes, lower } from '../core/bytes.ts';
import { REDIS_VERSION } from '../persistence/snapshotSaver.ts';
import { INFO_MEMORY_OF_REPLICAS } from '../protocol/wireNames.ts';
import type { InfoLine } from '../replication/replicationInfo.ts';
import { replicationInfo } from '../replication/replicationInfo.ts';
import type { ReplicationServices } from '../replication/services.ts';
import type { Config } from './config.ts';
import type { DispatchParts } from './dispatch.ts';
import { type MachineFigures, type Pace, withMachineLines } from './machineInfo.ts';
import type { MemoryUse } from './memoryUse.ts';
import type { Migrations } from './migrate.ts';
import type { Scripting } from './scripting.ts';
import type { ProcessState } from './processState.ts';
import type { Command } from './commandTable.ts';

export interface InfoParts extends DispatchParts {
  readonly migrations: Pick<Migrations, 'cachedSockets'>;
  readonly dispatch: { readonly commands: ReadonlyMap<string, Command> };
  readonly memory: MemoryUse;
  readonly scripting: Scripting;
  /** Null where there is no real machine. */
  readonly machine: (() => MachineFigures) | null;
  readonly pace: Pace;
  /** How long a shutdown waits still; null when there is none. */
  readonly shutdownMs: () => number | null;
}

const DEFAULT_SECTIONS: readonly string[] = [
  'server', 'clients', 'memory', 'persistence', 'stats', 'replication', 'cpu', 'modules', 'errorstats', 'cluster',
  'keyspace',
];
const ALL_SECTIONS: readonly string[] = [...DEFAULT_SECTIONS.slice(0, 7), 'modules', 'commandstats', 'errorstats',
  'latencystats', 'cluster', 'keyspace'];

/** INFO's text from its sections. `lines` gives null for a section that there is not. */
export const sectionsText = (
  asked: readonly Bytes[], defaults: readonly string[], all: readonly string[],
  lines: (name: string) => readonly InfoLine[] | null,
): Bytes => {
  const names = asked.length === 0 ? defaults : asked.flatMap((name) => {
    const section = lower(name) as string;
    if (section === 'default') return defaults;
    return section === 'all' || section === 'everything' ? all : [section];
  });
  const texts: string[] = [];
  for (const name of new Set(names)) {
    const found = lines(name);
    if (found === null) continue;
    const title = name.charAt(0).toUpperCase() + name.slice(1);
    texts.push(`# ${title === 'Cpu' ? 'CPU' : title}\r\n${found.map(([field, value]) => `${field}:${value}\r\n`).join('')}`);
  }
  return bytes(texts.join('\r\n'));
};

/** The text of the sections asked for; none means the default ones. Unknown names give nothing. */
export const infoText = (parts: InfoParts, asked: readonly Bytes[]): Bytes =>
  sectionsText(asked, DEFAULT_SECTIONS, ALL_SECTIONS, (name) => {
    const lines = section(parts, name);
    const { host, machine, pace, state } = parts;
    return lines === null || machine === null ? lines
      : withMachineLines(name, lines, machine(), pace, Math.floor((host.wallMs() - state.startedMs) / 1000));
  });

const section = (parts: InfoParts, name: string): readonly InfoLine[] | null => {
  switch (name) {
    case 'server': {
      const left = parts.shutdownMs();
      return [...serverLines(parts, parts.config.flag('cluster-enabled') ? 'cluster' : 'standalone'),
        ...(left === null ? [] : [['shutdown_in_milliseconds', left] as const])];
    }
    case 'clients': return clientLines(parts, parts.blocked.size, parts.tracking.counts.clients);
    case 'memory': return memory(parts);
    case 'persistence': return persistence(parts);
    case 'stats': return stats(parts);
    case 'replication': return replicationInfo(servicesOf(parts), parts.primarySide, parts.replicaSide,
      parts.failover);
    case 'cpu': case 'modules': return [];
    case 'commandstats': return commandStats(parts.dispatch.commands);
    case 'latencystats': return latencyStats(parts.dispatch.commands, parts.config);
    case 'errorstats':
      return [...parts.state.errors].map(([code, count]): InfoLine => [`errorstat_${code}`, `count=${count}`]);
    case 'cluster': return [['cluster_enabled', parts.config.flag('cluster-enabled') ? 1 : 0]];
    case 'keyspace': return keyspaceLines(parts);
    default: return null;
  }
};

const servicesOf = (parts: InfoParts): Pick<ReplicationServices, 'history' | 'settings' | 'host'> =>
  ({ history: parts.state.history, settings: parts.config, host: parts.host });

/** What INFO asks of every process, whatever it serves. */
export interface ProcessInfoParts {
  readonly host: Host;
  readonly config: Config;
  readonly state: ProcessState;
}

export const serverLines = ({ host, config, state }: ProcessInfoParts, mode: 'standalone' | 'sentinel' | 'cluster'): InfoLine[] => {
  const seconds = Math.floor((host.wallMs() - state.startedMs) / 1000);
  return [
    ['redis_version', REDIS_VERSION], ['redis_git_sha1', '00000000'], ['redis_git_dirty', 0],
    ['redis_build_id', 'faultline'], ['redis_mode', mode], ['arch_bits', 64], ['process_id', host.pid],
    ['run_id', state.runId], ['tcp_port', config.number('port') === 0 ? config.number('tls-port') : config.number('port')], ['server_time_usec', host.wallMicros()],
    ['uptime_in_seconds', seconds], ['uptime_in_days', Math.floor(seconds / 86400)], ['hz', config.number('hz')],
    ['configured_hz', config.number('hz')], ['config_file', state.configFile],
  ];
};

export const clientLines = ({ config, state }: ProcessInfoParts, blocked: number, tracking = 0): InfoLine[] => {
  let connected = 0;
  for (const client of state.clients.values()) if (client.kind === 'normal') connected++;
  return [
    ['connected_clients', connected], ['cluster_connections', 0], ['maxclients', config.number('maxclients')],
    ['blocked_clients', blocked], ['tracking_clients', tracking], ['clients_in_timeout_table', 0],
  ];
};

/** All of it is the estimate of `memoryUse.ts`. */
const memory = ({ config, memory: use, scripting }: InfoParts): InfoLine[] => {
  const { total, peak, overhead, startup, dataset, backlog, replicas, clients, aofBuffer } = use.figures();
  const limit = config.number('maxmemory');
  return [
    ['used_memory', total], ['used_memory_human', humanBytes(total)], ['used_memory_peak', peak],
    ['used_memory_peak_human', humanBytes(peak)], ['used_memory_peak_perc', `${hundredths((total / peak) * 100)}%`],
    ['used_memory_overhead', overhead], ['used_memory_startup', startup], ['used_memory_dataset', dataset],
    ['number_of_cached_scripts', scripting.cache.size], ['number_of_functions', scripting.libraries.functionCount],
    ['number_of_libraries', scripting.libraries.all.length], ['maxmemory', limit], ['maxmemory_human', humanBytes(limit)],
    ['maxmemory_policy', config.text('maxmemory-policy')],
    ['mem_not_counted_for_evict', replicas + aofBuffer], ['mem_replication_backlog', backlog],
    ['mem_total_replication_buffers', backlog + replicas], [INFO_MEMORY_OF_REPLICAS, replicas], ['mem_clients_normal', clients],
    ['mem_cluster_links', 0], ['mem_aof_buffer', aofBuffer], ['lazyfree_pending_objects', 0], ['lazyfreed_objects', 0],
  ];
};

const HUMAN_UNITS = ['K', 'M', 'G', 'T'] as const;

/** A size to be read: `1.08M`. */
const humanBytes = (size: number): string => {
  if (size < 1024) return `${size}B`;
  let value = size / 1024;
  let unit = 0;
  for (; value >= 1024 && unit < HUMAN_UNITS.length - 1; unit++) value /= 1024;
  return `${hundredths(value)}${HUMAN_UNITS[unit] as string}`;
};

const persistence = ({ host, machine, state, persistence: { aof } }: InfoParts): InfoLine[] => {
  const { saver } = state;
  // Nobody looks at a child in the virtual world.
  const { processed, total } = machine === null ? { processed: 0, total: 0 } : saver.progress;
  const { stats: saves } = saver;
  const now = Math.floor(host.wallMs() / 1000);
  const saving = saver.activeKind === 'disk' || saver.activeKind === 'socket';
  const { rewriteStats, writer } = aof;
  const lines: InfoLine[] = [
    ['loading', state.loading && !state.asyncLoading ? 1 : 0], ['async_loading', state.asyncLoading ? 1 : 0],
    ['current_cow_peak', 0], ['current_cow_size', 0],
    ['current_cow_size_age', 0], ['current_fork_perc', total === 0 ? '0.00' : hundredths((processed * 100) / total)],
    ['current_save_keys_processed', processed], ['current_save_keys_total', total], ['rdb_changes_since_last_save', saves.dirty],
    ['rdb_bgsave_in_progress', saving ? 1 : 0], ['rdb_last_save_time', saves.lastSaveUnixSeconds],
    ['rdb_last_bgsave_status', saves.lastOk ? 'ok' : 'err'], ['rdb_last_bgsave_time_sec', saves.lastDurationSeconds],
    ['rdb_current_bgsave_time_sec', saving ? now - saver.startedUnixSeconds : -1], ['rdb_saves', saves.saves],
    ['rdb_last_cow_size', 0], ['rdb_last_load_keys_expired', state.stats.keysLoadExpired],
    ['rdb_last_load_keys_loaded', state.stats.keysLoaded], ['aof_enabled', aof.state === 'off' ? 0 : 1],
    ['aof_rewrite_in_progress', saver.activeKind === 'rewrite' ? 1 : 0],
    ['aof_rewrite_scheduled', aof.isRewriteScheduled ? 1 : 0], ['aof_last_rewrite_time_sec', rewriteStats.lastSeconds],
    ['aof_current_rewrite_time_sec', saver.activeKind === 'rewrite' ? now - rewriteStats.startedUnixSeconds : -1],
    ['aof_last_bgrewrite_status', rewriteStats.lastOk ? 'ok' : 'err'], ['aof_rewrites', rewriteStats.rewrites],
    ['aof_rewrites_consecutive_failures', aof.limit.failures], ['aof_last_write_status', writer.lastWriteOk ? 'ok' : 'err'],
    ['aof_last_cow_size', 0], ['module_fork_in_progress', 0], ['module_fork_last_cow_size', 0],
  ];
  if (aof.state !== 'off') {
    lines.push(
      ['aof_current_size', aof.currentBytes], ['aof_base_size', aof.baseBytes], ['aof_pending_rewrite', 0],
      ['aof_buffer_length', writer.bufferLength], ['aof_pending_bio_fsync', writer.pendingSyncs],
      ['aof_delayed_fsync', writer.delayedSyncs]);
  }
  if (state.loading) lines.push(['loading_start_time', Math.floor(state.loadingStartedMs / 1000)]);
  return lines;
};

const stats = ({ keyspace, migrations, primarySide, pubsub, state, tracking }: InfoParts): InfoLine[] => {
  const { stats: counted, saver } = state;
  return [
    ['total_connections_received', counted.connections], ['total_commands_processed', counted.commands],
    ['total_net_input_bytes', counted.bytesIn], ['total_net_output_bytes', counted.bytesOut],
    ['rejected_connections', counted.rejectedConnections], ['sync_full', primarySide.counters.full],
    ['sync_partial_ok', primarySide.counters.partialOk], ['sync_partial_err', primarySide.counters.partialRefused],
    ['expired_keys', counted.expiredKeys], ['evicted_keys', counted.evictedKeys], ['evicted_clients', counted.evictedClients],
    ['keyspace_hits', keyspace.hits], ['keyspace_misses', keyspace.misses], ['pubsub_channels', pubsub.count('channel')],
    ['pubsub_patterns', pubsub.count('pattern')], ['pubsubshard_channels', pubsub.count('shard')],
    ['total_forks', saver.stats.forks], ['migrate_cached_sockets', migrations.cachedSockets],
    ['tracking_total_keys', tracking.counts.keys], ['tracking_total_items', tracking.counts.items],
    ['tracking_total_prefixes', tracking.counts.prefixes],
    ['total_error_replies', counted.errorReplies], ['total_reads_processed', counted.readsProcessed],
    ['total_writes_processed', counted.writesProcessed],
  ];
};

const commandStats = (table: ReadonlyMap<string, Command>): InfoLine[] => {
  const lines: InfoLine[] = [];
  for (const command of withSubcommands(table)) {
    if (command.calls + command.rejected > 0) {
      const average = command.calls === 0 ? '0.00' : hundredths(command.micros / command.calls);
      lines.push([`cmdstat_${command.name}`, `calls=${command.calls},usec=${command.micros},usec_per_call=${average},`
        + `rejected_calls=${command.rejected},failed_calls=${command.failed}`]);
    }
  }
  return lines;
};

/** Percentiles of each command that was called, in microseconds. */
const latencyStats = (table: ReadonlyMap<string, Command>, config: Config): InfoLine[] => {
  const asked = config.text('latency-tracking-info-percentiles').split(' ').filter((word) => word !== '');
  return withSubcommands(table).flatMap(({ name, latency }): InfoLine[] => (latency === null ? [] : [[
    `latency_percentiles_usec_${name}`,
    asked.map((percent) => `p${percent}=${thousandths(latency.percentile(Number(percent)))}`).join(','),
  ]]));
};

const withSubcommands = (table: ReadonlyMap<string, Command>): Command[] =>
  [...table.values()].flatMap((command) => [command, ...command.subcommands?.values() ?? []]);

const hundredths = (value: number): string => {
  const whole = Math.floor(value * 100 + 0.5);
  return `${Math.floor(whole / 100)}.${String(whole % 100).padStart(2, '0')}`;
};

/** Nanoseconds as microseconds. */
const thousandths = (nanos: number): string => `${Math.floor(nanos / 1000)}.${String(nanos % 1000).padStart(3, '0')}`;

const keyspaceLines = ({ keyspace }: InfoParts): InfoLine[] => keyspace.databases
  .filter((database) => database.size > 0)
  .map((database): InfoLine =>
    [`db${database.id}`, `keys=${database.size},expires=${database.expiringSize},avg_ttl=0`]);
