/** What INFO says of the process and its machine. */
import { machine, release, totalmem, type } from 'node:os';
import type { MachineFigures } from '../index.ts';

export const machineFigures = (): MachineFigures => {
  const { user, system } = process.cpuUsage();
  return {
    system: `${type()} ${release()} ${machine()}`,
    executable: process.argv[1] ?? process.execPath,
    residentBytes: process.memoryUsage.rss(),
    machineBytes: totalmem(),
    userMicros: user,
    systemMicros: system,
  };
};
