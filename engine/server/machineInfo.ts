/**
 * What INFO says beyond the engine's own figures where there is a real process on a real machine: its name, its memory, its time on
 * the processor, its pace. In the virtual world, which has no such thing, these lines are absent. What a C process measures of
 * parts that are not here (its allocator, defragmentation, threads) is the figure of a process that does nothing of the kind.
 *
 * Always holds: with them every section has redis-server's fields, in its order (compared by test).
 * Source: server.c of Redis 7.0 (genRedisInfoString, trackInstantaneousMetric).
 */
import { INFO_EXPIRES_TRACKED } from '../protocol/wireNames.ts';
import type { InfoLine } from '../replication/replicationInfo.ts';

export interface MachineFigures {
  readonly system: string;
  readonly executable: string;
  readonly residentBytes: number;
  readonly machineBytes: number;
  /** Processor time of the process, microseconds. */
  readonly userMicros: number;
  readonly systemMicros: number;
}

interface Sample {
  readonly atMs: number;
  readonly commands: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

const SAMPLES = 16;
const SAMPLE_MS = 100;

/** The pace of the last second and a half. */
export class Pace {
  private readonly samples: Sample[] = [];

  take(sample: Sample): void {
    const last = this.samples.at(-1);
    if (last !== undefined && sample.atMs - last.atMs < SAMPLE_MS) return;
    this.samples.push(sample);
    if (this.samples.length > SAMPLES) this.samples.shift();
  }

  perSecond(figure: 'commands' | 'bytesIn' | 'bytesOut'): number {
    const first = this.samples[0];
    const last = this.samples.at(-1);
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return 0;
    return Math.max(0, ((last[figure] - first[figure]) * 1000) / (last.atMs - first.atMs));
  }
}

/** Adds the machine's lines to those of a section, each behind the line that it follows in redis-server's. */
export const withMachineLines = (section: string, lines: readonly InfoLine[], figures: MachineFigures, pace: Pace, uptimeSeconds: number): InfoLine[] => {
  const known = new Map(lines.map(([name, value]) => [name, value]));
  const number = (name: string): number => Number(known.get(name) ?? 0);
  const added = linesOf(section, figures, pace, uptimeSeconds, number);
  const result: InfoLine[] = [...added.get(FIRST) ?? []];
  for (const line of lines) result.push(line, ...added.get(line[0]) ?? []);
  return result;
};

const FIRST = '';

type Added = ReadonlyMap<string, readonly InfoLine[]>;

const linesOf = (section: string, figures: MachineFigures, pace: Pace, uptimeSeconds: number, number: (name: string) => number): Added => {
  switch (section) {
    case 'server': return new Map([
      ['redis_mode', [['os', figures.system]]],
      ['arch_bits', [['monotonic_clock', 'POSIX clock_gettime'], ['multiplexing_api', 'epoll'], ['atomicvar_api', 'c11-builtin'], ['gcc_version', '0.0.0']]],
      ['process_id', [['process_supervised', 'no']]],
      ['configured_hz', [['lru_clock', uptimeSeconds % LRU_CLOCK_MODULUS], ['executable', figures.executable]]],
      ['config_file', [['io_threads_active', 0]]],
    ]);
    case 'clients': return new Map([
      ['maxclients', [['client_recent_max_input_buffer', 0], ['client_recent_max_output_buffer', 0]]],
    ]);
    case 'memory': return memoryLines(figures, number);
    case 'stats': return statisticsLines(pace);
    case 'cpu': {
      const [user, system] = [seconds(figures.userMicros), seconds(figures.systemMicros)];
      return new Map([[FIRST, [['used_cpu_sys', system], ['used_cpu_user', user], ['used_cpu_sys_children', '0.000000'],
        ['used_cpu_user_children', '0.000000'], ['used_cpu_sys_main_thread', system], ['used_cpu_user_main_thread', user]]]]);
    }
    default: return new Map();
  }
};

const LRU_CLOCK_MODULUS = 0x1000000;

const memoryLines = ({ residentBytes, machineBytes }: MachineFigures, number: (name: string) => number): Added => {
  const used = number('used_memory');
  const share = used === 0 ? '1.00' : (residentBytes / used).toFixed(2);
  const dataset = Math.max(0, used - number('used_memory_startup'));
  return new Map<string, readonly InfoLine[]>([
    ['used_memory_human', [['used_memory_rss', residentBytes], ['used_memory_rss_human', megabytes(residentBytes)]]],
    ['used_memory_dataset', [
      ['used_memory_dataset_perc', `${dataset === 0 ? '0.00' : Math.min(100, (number('used_memory_dataset') / dataset) * 100).toFixed(2)}%`],
      ['allocator_allocated', used], ['allocator_active', used], ['allocator_resident', residentBytes],
      ['total_system_memory', machineBytes], ['total_system_memory_human', `${(machineBytes / 1073741824).toFixed(2)}G`],
      ['used_memory_lua', 0], ['used_memory_vm_eval', 0], ['used_memory_lua_human', '0B'], ['used_memory_scripts_eval', 0],
    ]],
    ['number_of_libraries', [
      ['used_memory_vm_functions', 0], ['used_memory_vm_total', 0], ['used_memory_vm_total_human', '0B'],
      ['used_memory_functions', 0], ['used_memory_scripts', 0], ['used_memory_scripts_human', '0B'],
    ]],
    ['maxmemory_policy', [
      ['allocator_frag_ratio', '1.00'], ['allocator_frag_bytes', 0], ['allocator_rss_ratio', share],
      ['allocator_rss_bytes', Math.max(0, residentBytes - used)], ['rss_overhead_ratio', '1.00'], ['rss_overhead_bytes', 0],
      ['mem_fragmentation_ratio', share], ['mem_fragmentation_bytes', residentBytes - used],
    ]],
    ['mem_aof_buffer', [['mem_allocator', 'libc'], ['active_defrag_running', 0]]],
  ]);
};

const statisticsLines = (pace: Pace): Added => {
  const kilobytes = (figure: 'bytesIn' | 'bytesOut'): string => (pace.perSecond(figure) / 1024).toFixed(2);
  const none = (...names: readonly string[]): InfoLine[] => names.map((name): InfoLine => [name, 0]);
  return new Map<string, readonly InfoLine[]>([
    ['total_commands_processed', [['instantaneous_ops_per_sec', Math.floor(pace.perSecond('commands'))]]],
    ['total_net_output_bytes', [
      ...none('total_net_repl_input_bytes', 'total_net_repl_output_bytes'), ['instantaneous_input_kbps', kilobytes('bytesIn')],
      ['instantaneous_output_kbps', kilobytes('bytesOut')], ['instantaneous_input_repl_kbps', '0.00'], ['instantaneous_output_repl_kbps', '0.00'],
    ]],
    ['expired_keys', [['expired_stale_perc', '0.00'], ...none('expired_time_cap_reached_count', 'expire_cycle_cpu_milliseconds')]],
    ['evicted_clients', none('total_eviction_exceeded_time', 'current_eviction_exceeded_time')],
    ['pubsubshard_channels', none('latest_fork_usec')],
    ['migrate_cached_sockets', none(INFO_EXPIRES_TRACKED, 'active_defrag_hits', 'active_defrag_misses', 'active_defrag_key_hits',
      'active_defrag_key_misses', 'total_active_defrag_time', 'current_active_defrag_time')],
    ['tracking_total_prefixes', none('unexpected_error_replies')],
    ['total_error_replies', none('dump_payload_sanitizations')],
    ['total_writes_processed', none('io_threaded_reads_processed', 'io_threaded_writes_processed', 'reply_buffer_shrinks', 'reply_buffer_expands')],
  ]);
};

const seconds = (micros: number): string => (micros / 1000000).toFixed(6);
const megabytes = (size: number): string => `${(size / 1048576).toFixed(2)}M`;
