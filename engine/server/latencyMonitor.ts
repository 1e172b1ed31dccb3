/**
 * Spikes of latency by kind of event: the samples that reached `latency-monitor-threshold`, at most one a second and so many kept.
 * Source: latency.c of Redis 7.0 (latencyAddSample, analyzeLatencyForEvent), for behaviour.
 */
import type { Settings } from '../commands/settings.ts';

/** `command` and `fast-command` are the commands by their flag; the others are rounds of work between commands. */
export type LatencyEvent = 'command' | 'fast-command' | 'expire-cycle' | 'eviction-cycle';

export interface LatencySample {
  readonly unixSeconds: number;
  ms: number;
}

interface Series {
  /** The oldest first. */
  samples: LatencySample[];
  highestMs: number;
}

export interface LatencyAnalysis {
  readonly samples: number;
  readonly averageMs: number;
  readonly deviationMs: number;
  readonly periodSeconds: number;
  readonly highestMs: number;
}

const SAMPLES_MAX = 160;

export class LatencyMonitor {
  private readonly settings: Settings;
  private readonly series: Map<LatencyEvent, Series> = new Map();

  constructor(settings: Settings) {
    this.settings = settings;
  }

  get thresholdMs(): number {
    return this.settings.number('latency-monitor-threshold');
  }

  /** Something has taken so long; kept where it reaches the threshold, which 0 turns off. */
  took(event: LatencyEvent, micros: number, nowMs: number): void {
    const limit = this.thresholdMs;
    const ms = Math.floor(micros / 1000);
    if (limit === 0 || ms < limit) return;
    const unixSeconds = Math.floor(nowMs / 1000);
    const series = this.series.get(event) ?? { samples: [], highestMs: 0 };
    this.series.set(event, series);
    series.highestMs = Math.max(series.highestMs, ms);
    const last = series.samples.at(-1);
    if (last?.unixSeconds === unixSeconds) {
      last.ms = Math.max(last.ms, ms);
      return;
    }
    series.samples.push({ unixSeconds, ms });
    if (series.samples.length > SAMPLES_MAX) series.samples.shift();
  }

  get events(): readonly string[] {
    return [...this.series.keys()];
  }

  samples(event: string): readonly LatencySample[] {
    return this.series.get(event as LatencyEvent)?.samples ?? [];
  }

  highestMs(event: string): number {
    return this.series.get(event as LatencyEvent)?.highestMs ?? 0;
  }

  /** Forgets an event's samples. Whether there were any. */
  reset(event: string): boolean {
    return this.series.delete(event as LatencyEvent);
  }

  /** The samples of an event in figures; whole milliseconds, as they are shown. */
  analyse(event: string, nowMs: number): LatencyAnalysis {
    const samples = this.samples(event);
    const count = samples.length;
    const first = samples[0];
    if (first === undefined) return { samples: 0, averageMs: 0, deviationMs: 0, periodSeconds: 0, highestMs: 0 };
    const averageMs = Math.floor(samples.reduce((sum, { ms }) => sum + ms, 0) / count);
    const deviationMs = Math.floor(samples.reduce((sum, { ms }) => sum + Math.abs(ms - averageMs), 0) / count);
    const spanSeconds = Math.max(1, Math.floor(nowMs / 1000) - first.unixSeconds);
    return { samples: count, averageMs, deviationMs, periodSeconds: spanSeconds / count, highestMs: this.highestMs(event) };
  }
}
