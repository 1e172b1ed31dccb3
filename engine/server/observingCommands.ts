/** The families that tell what the server does, and what it tells by itself: SLOWLOG, MONITOR, LATENCY, MEMORY, CLIENT TRACKING. */
import type { CommandRow } from '../commands/command.ts';
import type { Command } from './commandTable.ts';
import type { Config } from './config.ts';
import { latencyCommands } from './latencyCommands.ts';
import { memoryCommands } from './memoryCommands.ts';
import type { MemoryUse } from './memoryUse.ts';
import { monitorCommands } from './monitors.ts';
import type { Observation } from './observation.ts';
import { slowlogCommands } from './slowlog.ts';
import type { Tracking } from './tracking.ts';
import { trackingCommands } from './trackingCommands.ts';

export interface ObservingParts {
  readonly config: Config;
  readonly observation: Observation;
  readonly memory: MemoryUse;
  readonly tracking: Tracking;
  /** Asked for at each call, since the table is complete only once all families are in it. */
  commands(): ReadonlyMap<string, Command>;
}

export const observingCommands = ({ config, observation, memory, tracking, commands }: ObservingParts): (readonly CommandRow[])[] => [
  slowlogCommands(observation.slowlog), monitorCommands(observation.monitors), memoryCommands(memory), trackingCommands(tracking),
  latencyCommands({ monitor: observation.latency, settings: config, commands }),
];
