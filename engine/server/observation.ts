/**
 * Everybody who is told what a command took once it has run: the slow log, the monitor of latency, the histograms, and the
 * connections that watch by MONITOR. The dispatch calls it; it changes nothing of what commands do.
 * Source: call in server.c of Redis 7.0, for behaviour.
 */
import type { Host } from '../host.ts';
import type { Bytes } from '../core/bytes.ts';
import type { Client } from '../commands/client.ts';
import type { Command } from './commandTable.ts';
import type { Config } from './config.ts';
import { LatencyHistogram } from './latencyHistogram.ts';
import { LatencyMonitor } from './latencyMonitor.ts';
import { Monitors, redacted } from './monitors.ts';
import { Slowlog } from './slowlog.ts';

/** What of the configuration is asked for at every command, kept as plain fields. */
const FOLLOWED = ['slowlog-log-slower-than', 'latency-monitor-threshold', 'latency-tracking'] as const;

export class Observation {
  readonly slowlog: Slowlog;
  readonly latency: LatencyMonitor;
  readonly monitors: Monitors = new Monitors();
  private readonly host: Host;
  private slowMicros = 0;
  private latencyMs = 0;
  private tracksLatency = true;

  constructor(host: Host, config: Config) {
    this.host = host;
    this.slowlog = new Slowlog(config);
    this.latency = new LatencyMonitor(config);
    const follow = (): void => {
      this.slowMicros = config.number('slowlog-log-slower-than');
      this.latencyMs = config.number('latency-monitor-threshold');
      this.tracksLatency = config.flag('latency-tracking');
    };
    for (const name of FOLLOWED) config.onChange(name, follow);
    follow();
  }

  /**
   * `begun`: its client waits, and the command is not over; `resumed`: another try of one that waits, of which monitors have
   * heard. `fromScript`: a script ran it.
   */
  ran(
    client: Client, command: Command, argv: readonly Bytes[], micros: number, step: 'whole' | 'begun' | 'resumed', fromScript = false,
  ): void {
    command.micros += micros;
    if (this.tracksLatency) (command.latency ??= new LatencyHistogram()).record(micros);
    if (this.latencyMs > 0) this.latency.took(command.isFast ? 'fast-command' : 'command', micros, this.host.wallMs());
    if (this.slowMicros >= 0 && micros >= this.slowMicros && step !== 'begun' && !command.skipsSlowlog) {
      this.slowlog.ran(client, redacted(command.name, argv), micros, this.host.wallMs());
    }
    if (this.monitors.isEmpty || step === 'resumed' || command.isHiddenFromMonitors) return;
    const source = fromScript ? LUA : client.address;
    this.monitors.ran(client.databaseId, source, redacted(command.name, argv), this.host.wallMicros());
  }
}

const LUA = 'lua' as Bytes;
