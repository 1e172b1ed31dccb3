/**
 * What an operator does in the middle of it all: switches roles, saves, changes settings, stops and starts. No action that only a
 * debugger takes.
 */
import type { RandomStream } from '../../random/streams.ts';
import type { PlanEntry } from '../../scenario.ts';
import { CHAOS_BOUNDS } from './bounds.ts';
import { type ChaosRow, type Ground, type Shape, anyNode, anybody, entry, lengthFrom, timeIn } from './ground.ts';

const MS_UNTIL_POINTED = 1000;

const SETTINGS: readonly (readonly string[])[] = [
  ['repl-backlog-size', '16384'], ['repl-backlog-size', '1048576'], ['repl-diskless-sync', 'no'], ['repl-diskless-sync', 'yes'],
  ['appendfsync', 'always'], ['appendfsync', 'everysec'], ['appendfsync', 'no'], ['appendonly', 'yes'], ['appendonly', 'no'],
  ['no-appendfsync-on-rewrite', 'yes'], ['save', '1 1'], ['save', ''], ['repl-timeout', '5'], ['repl-timeout', '60'],
  ['client-output-buffer-limit', 'replica 65536 0 0'], ['replica-serve-stale-data', 'no'], ['repl-ping-replica-period', '1'],
];

const always = (): boolean => true;
const isReplication = ({ deployment, replicas }: Shape): boolean => deployment === 'replication' && replicas > 0;
const isSentinel = ({ deployment }: Shape): boolean => deployment === 'sentinel';
const isCluster = ({ deployment }: Shape): boolean => deployment === 'cluster';

const command = (at: number, target: string, argv: readonly string[]): PlanEntry => entry(at, 'command', { target, with: { argv } });

const commands = (name: string, fits: ChaosRow['fits'], draw: (draws: RandomStream, ground: Ground) => [string, readonly string[]]): ChaosRow => ({
  name, fits, draw: (draws, ground) => {
    const at = timeIn(draws, ground);
    return [command(at, ...draw(draws, ground))];
  },
});

/** Clients of a fixed name are led to whoever is the primary then. */
const pointed = (at: number, { serverName }: Ground): readonly PlanEntry[] =>
  (serverName === null ? [] : [entry(at, 'point', { with: { name: serverName, to: 'the primary' } })]);

export const ACTION_ROWS: readonly ChaosRow[] = [
  commands('save', always, (draws, ground) => [anyNode(draws, ground), ['BGSAVE']]),
  commands('rewrite', always, (draws, ground) => [anyNode(draws, ground), ['BGREWRITEAOF']]),
  commands('setting', always, (draws, ground) => [anyNode(draws, ground), ['CONFIG', 'SET', ...draws.pick(SETTINGS)]]),
  commands('sentinelFailover', isSentinel, (draws, ground) => [draws.pick(['a sentinel', 'a voter', ...ground.sentinels]), ['SENTINEL', 'FAILOVER', draws.pick(ground.primaryNames)]]),
  commands('clusterFailover', isCluster, (draws, ground) => [
    draws.pick(['a replica', ...ground.nodes]), ['CLUSTER', 'FAILOVER', ...(draws.below(3) === 0 ? ['FORCE'] : [])]]),
  {
    name: 'failover', fits: isReplication, draw: (draws, ground) => {
      const at = timeIn(draws, ground);
      return [command(at, 'the primary', ['FAILOVER', 'TIMEOUT', '1000']), ...pointed(at + 2 * MS_UNTIL_POINTED, ground)];
    },
  },
  {
    name: 'promote', fits: isReplication, draw: (draws, ground) => {
      const at = timeIn(draws, ground);
      const target = draws.pick(['the most advanced replica', 'a replica', 'the least advanced replica']);
      return [
        entry(at, 'power', { target: 'the primary', forMs: lengthFrom(draws, 2000) }),
        entry(at + MS_UNTIL_POINTED, 'promote', { target }),
        ...pointed(at + MS_UNTIL_POINTED + CHAOS_BOUNDS.gapMsMin, ground),
      ];
    },
  },
  {
    name: 'follow', fits: isReplication, draw: (draws, ground) =>
      [entry(timeIn(draws, ground), 'follow', { target: draws.pick(['a replica', ...ground.nodes]), with: { primary: 'the primary' } })],
  },
  {
    name: 'stop', fits: always, draw: (draws, ground) => {
      const at = timeIn(draws, ground);
      const stop = entry(at, 'stop', { target: anybody(draws, ground) });
      const startAt = at + lengthFrom(draws, 1000);
      return draws.below(3) === 0 ? [stop] : [stop, entry(startAt, 'start', { target: 'the dead nodes' })];
    },
  },
  {
    // An operator who puts things right at the end: one primary, and everybody follows it.
    name: 'repair', fits: isReplication, draw: (_draws, ground) => {
      const at = ground.lastMs;
      return [
        entry(at, 'start', { target: 'the dead nodes' }),
        ...ground.nodes.map((node) => entry(at + MS_UNTIL_POINTED, 'follow', { target: node, with: { primary: 'the primary' } })),
        ...pointed(at + 2 * MS_UNTIL_POINTED, ground),
      ];
    },
  },
];
