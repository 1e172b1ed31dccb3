/**
 * What a client is told of a deployment's sentinels: the names under which they watch primaries, and where they are. From
 * the configuration alone, so that imported deployments and built ones get their clients in one way.
 */
import type { SentinelService } from '../scenario.ts';
import type { ProcessSpec, Topology } from './topology.ts';
import { passwordOf } from './topology.ts';

/** One service for each name that sentinels watch, in the order of the topology; none without sentinels. */
export const sentinelServices = ({ processes }: Topology): readonly SentinelService[] => {
  const sentinels = processes.filter(({ kind }) => kind === 'sentinel');
  const names = [...new Set(sentinels.flatMap(watchedNames))];
  return names.map((name) => {
    const watching = sentinels.filter((process) => watchedNames(process).includes(name));
    const password = watching.map(passwordOf).find((known) => known !== null);
    return {
      name, sentinels: watching.map((process) => `${process.name}:${process.port}`),
      ...(password === undefined || password === null ? {} : { password }),
    };
  });
};

/** The names of the primaries that this sentinel watches. */
export const watchedNames = ({ directives }: ProcessSpec): readonly string[] =>
  directives.flatMap((words) => (words[0] === 'sentinel' && words[1] === 'monitor' ? [words[2] ?? ''] : []));
