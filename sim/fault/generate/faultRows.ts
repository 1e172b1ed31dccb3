/**
 * Single faults, as chaos draws them: on whom, how long, how hard. What a voter has promised stands on its disk, so the disks of
 * sentinels and of cluster nodes are never made to lie: a promise broken so would be the disk's doing, not Redis's.
 */
import type { RandomStream } from '../../random/streams.ts';
import { addressAt } from '../../topology/addresses.ts';
import { THE_OTHERS } from '../linkKinds.ts';
import { CHAOS_BOUNDS } from './bounds.ts';
import { type ChaosRow, type Ground, type Parts, type Shape, anyEnd, anybody, entry, lengthFrom, timeIn } from './ground.ts';

const always = (): boolean => true;

/** A fault that lasts, at a drawn time. */
const lasting = (name: string, fits: ChaosRow['fits'], parts: (draws: RandomStream, ground: Ground) => Parts): ChaosRow => ({
  name, fits, draw: (draws, ground) => {
    const at = timeIn(draws, ground);
    const drawn = parts(draws, ground);
    return [entry(at, name, { forMs: lengthFrom(draws), ...drawn })];
  },
});

/** One that is over as it strikes. */
const momentary = (name: string, fits: ChaosRow['fits'], parts: (draws: RandomStream, ground: Ground) => Parts): ChaosRow =>
  ({ name, fits, draw: (draws, ground) => [entry(timeIn(draws, ground), name, parts(draws, ground))] });

/** A machine, a zone, or several machines. */
const anyMachines = (draws: RandomStream, ground: Ground): string => {
  const choice = draws.below(6);
  if (choice === 0 && ground.zones.length > 1) return `zone ${draws.pick(ground.zones)}`;
  if (choice === 1 && ground.machines.length > 2) return 'a minority of the machines';
  return anybody(draws, ground);
};

/** Who stands apart from all others: perhaps with clients on its side. */
export const apart = (draws: RandomStream, ground: Ground): readonly string[] => {
  const who = anyMachines(draws, ground);
  const zone = /^zone (.+)$/.exec(who)?.[1];
  if (zone !== undefined) return [who, `the clients of zone ${zone}`];
  return ground.clients.length > 0 && draws.below(2) === 0 ? [who, draws.pick(ground.clients)] : [who];
};

const sides = (draws: RandomStream, ground: Ground): Parts => {
  const first = apart(draws, ground);
  const isOneWay = draws.below(4) === 0;
  const isThree = !isOneWay && ground.nodes.length > 2 && draws.below(5) === 0;
  const groups = isThree ? [first, [draws.pick(ground.nodes)], [THE_OTHERS]] : [first, [THE_OTHERS]];
  return { with: isOneWay ? { groups: draws.below(2) === 0 ? groups : [...groups].reverse(), oneWay: true } : { groups } };
};

/** A cluster node that cannot save what it promises ends itself. */
const hasDisks = ({ hasPlainDisks, deployment }: Shape): boolean => hasPlainDisks || deployment === 'cluster';

const hit = ({ damaged }: Ground): string => damaged.machine;
const hasNoVotes = ({ hasPlainDisks }: Shape): boolean => hasPlainDisks;

/** What would make a disk forget a promise is kept to data nodes alone. */
const nodeDisk = (draws: RandomStream, ground: Ground): string => draws.pick(ground.diskMachines);

export const FAULT_ROWS: readonly ChaosRow[] = [
  lasting('power', always, (draws, ground) => ({ target: anyMachines(draws, ground), forMs: lengthFrom(draws, 500) })),
  momentary('kill', always, (draws, ground) => ({ target: anybody(draws, ground) })),
  lasting('pause', always, (draws, ground) => ({ target: anybody(draws, ground) })),
  lasting('slow', always, (draws, ground) => ({ target: anybody(draws, ground), with: { times: draws.pick([5, 20, 100]) } })),
  lasting('recreate', always, (draws, ground) => ({ target: anybody(draws, ground), forMs: lengthFrom(draws, 500) })),
  // Of two nodes that move while they cannot see each other neither finds the other again: known of Redis 7.0.
  lasting('newAddress', ({ deployment }) => deployment === 'cluster', (draws, { damaged }) => ({
    target: damaged.machine, forMs: lengthFrom(draws, 500), with: { address: addressAt(200 + draws.below(50)) },
  })),
  lasting('partition', always, sides),
  lasting('clog', always, (draws, ground) => ({ target: anyEnd(draws, ground), with: { delayMs: draws.pick([10, 100, 500, 2000]) } })),
  lasting('lossy', always, (draws, ground) => ({ target: anyEnd(draws, ground), with: { percent: draws.pick([1, 10, 30, 60]) } })),
  lasting('bandwidth', always, (draws, ground) => (
    { target: anyEnd(draws, ground), with: { bytesPerSecond: draws.pick([1000, 10_000, 100_000]) } })),
  momentary('reset', always, (draws, ground) => ({ target: anyEnd(draws, ground) })),
  momentary('clockJump', always, (draws, ground) => {
    const byMs = draws.pick([100, 500, 2000, 10_000, 60_000, CHAOS_BOUNDS.clockJumpMsMax]);
    return { target: anybody(draws, ground), with: { byMs: draws.below(2) === 0 ? byMs : -byMs } };
  }),
  lasting('drift', always, (draws, ground) => {
    const ppm = draws.pick([100, 1000, 10_000, CHAOS_BOUNDS.driftPpmMax]);
    return { target: anybody(draws, ground), with: { ppm: draws.below(2) === 0 ? ppm : -ppm } };
  }),
  lasting('silentNames', always, () => ({})),
  lasting('slowNames', always, (draws) => ({ with: { delayMs: draws.pick([100, 1000, 4000]) } })),
  lasting('wrongName', always, (draws, ground) => {
    const name = draws.pick([...ground.nodes, ...ground.sentinels]);
    return { with: draws.below(2) === 0 ? { name } : { name, to: draws.pick(ground.nodes) } };
  }),
  lasting('slowDisk', always, (draws, ground) => ({ target: anybody(draws, ground), with: { byMs: draws.pick([50, 500, 3000]) } })),
  lasting('stuckDisk', always, (draws, ground) => ({ target: anybody(draws, ground) })),
  lasting('fullDisk', hasDisks, (draws, ground) => ({ target: nodeDisk(draws, ground), with: { roomBytes: draws.pick([0, 1000]) } })),
  lasting('ioError', hasNoVotes, (draws, ground) => ({ target: nodeDisk(draws, ground), with: { on: draws.pick(['write', 'sync']) } })),
  lasting('undoneRename', hasDisks, (draws, ground) => ({ target: nodeDisk(draws, ground) })),
  withPower('lyingFsync', hasNoVotes),
  withPower('tornWrites', hasDisks),
  {
    name: 'bitRot', fits: ({ hasAof }) => hasAof,
    draw: (draws, ground) => {
      const at = timeIn(draws, ground);
      return [
        entry(at, 'bitRot', { target: ground.damaged.node, with: { file: 'appendonlydir/appendonly.aof.1.incr.aof' } }),
        entry(at, 'power', { target: hit(ground), forMs: lengthFrom(draws, 500) }),
      ];
    },
  },
];

/** A disk that is bad is only seen when the power goes. */
function withPower(name: string, fits: ChaosRow['fits']): ChaosRow {
  return {
    name, fits, draw: (draws, ground) => {
      const at = timeIn(draws, ground);
      const forMs = lengthFrom(draws, 1000);
      const powerAt = at + draws.below(Math.floor(forMs / CHAOS_BOUNDS.gapMsMin)) * CHAOS_BOUNDS.gapMsMin;
      return [
        entry(at, name, { target: hit(ground), forMs }),
        entry(powerAt, 'power', { target: hit(ground), forMs: lengthFrom(draws, 500) }),
      ];
    },
  };
}

/** A fault of any sort that lasts, for those that pair them. */
export const drawLasting = (draws: RandomStream, ground: Ground, at: number): ReturnType<typeof entry> => {
  const kind = draws.pick(['power', 'pause', 'partition', 'clog']);
  const forMs = lengthFrom(draws, 500);
  if (kind === 'partition') return entry(at, kind, { forMs, ...sides(draws, ground) });
  const target = anybody(draws, ground);
  return entry(at, kind, { target, forMs, ...(kind === 'clog' ? { with: { delayMs: draws.pick([100, 500, 2000]) } } : {}) });
};
