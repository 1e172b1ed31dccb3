/** Troubles that belong together: what strikes at the worst moment of something else. */
import type { EventPattern, PlanEntry, PlanTime } from '../../scenario.ts';
import type { RandomStream } from '../../random/streams.ts';
import { THE_OTHERS } from '../linkKinds.ts';
import { CHAOS_BOUNDS } from './bounds.ts';
import { drawLasting } from './faultRows.ts';
import { type ChaosRow, type Ground, type Shape, anyNode, entry, lengthFrom, timeIn } from './ground.ts';

const NTH_MAX = 3;
/** Delays behind a note: at once, in the middle of what follows, a little later. */
const DELAYS_MS: readonly number[] = [0, 1, 10, 100, 500];

const hasReplicas = ({ replicas }: Shape): boolean => replicas > 0;
const isSentinel = ({ deployment }: Shape): boolean => deployment === 'sentinel';
const failsOver = ({ deployment }: Shape): boolean => deployment !== 'replication';
const always = (): boolean => true;

const after = (draws: RandomStream, pattern: EventPattern, nthMax: number = NTH_MAX): PlanTime =>
  ({ after: pattern, nth: 1 + draws.below(nthMax), delayMs: draws.pick(DELAYS_MS) });

/** Decisions of a failover, by who makes them. */
const decisions = ({ deployment }: Ground): readonly EventPattern[] => (deployment === 'cluster'
  ? [{ kind: 'note.cluster', fields: { event: 'election' } }, { kind: 'note.cluster', fields: { event: 'fail' } }, { kind: 'note.vote' }]
  : [{ kind: 'note.vote' }, { kind: 'note.leader' }, { kind: 'note.selected' }, { kind: 'note.odown' }]);

/** Something for the failover to be about. */
const primaryGoes = (draws: RandomStream, ground: Ground): PlanEntry => {
  const at = timeIn(draws, ground);
  const target = ground.deployment === 'cluster' ? draws.pick(ground.nodes) : 'the primary';
  return entry(at, draws.pick(['power', 'pause']), { target, forMs: lengthFrom(draws, 8000) });
};

/** A replica asks anew where its connection is reset. */
const resync = (draws: RandomStream, ground: Ground): PlanEntry => entry(timeIn(draws, ground), 'kill', { target: 'a replica' });

export const PAIR_ROWS: readonly ChaosRow[] = [
  {
    name: 'partitionWhileSyncing', fits: hasReplicas, draw: (draws, ground) => [
      resync(draws, ground),
      // The first transfers are those of the start.
      entry({ after: { kind: 'note.sync', fields: { state: 'transfer' } }, nth: ground.replicas + 1, delayMs: draws.pick(DELAYS_MS) },
        'partition', { forMs: lengthFrom(draws), with: { groups: [['a replica'], [THE_OTHERS]] } }),
    ],
  },
  {
    name: 'powerInFailover', fits: failsOver, draw: (draws, ground) => [
      primaryGoes(draws, ground),
      entry(after(draws, draws.pick(decisions(ground))), 'power', {
        target: ground.deployment === 'cluster' ? draws.pick(ground.nodes)
          : draws.pick(['the sentinel leader', 'the most advanced replica', 'a voter', 'a replica']),
        forMs: lengthFrom(draws, 500),
      }),
    ],
  },
  {
    name: 'pauseLeader', fits: isSentinel, draw: (draws, ground) => [
      primaryGoes(draws, ground),
      entry(after(draws, { kind: 'note.leader' }, 1), 'pause', { target: 'the sentinel leader', forMs: lengthFrom(draws, 500) }),
    ],
  },
  {
    name: 'clockJumpOnVoter', fits: failsOver, draw: (draws, ground) => {
      const byMs = draws.pick([2000, 10_000, 60_000]);
      return [
        primaryGoes(draws, ground),
        entry(after(draws, { kind: 'note.vote' }), 'clockJump', {
          target: ground.deployment === 'cluster' ? draws.pick(ground.nodes) : 'a voter', with: { byMs: draws.below(2) === 0 ? byMs : -byMs },
        }),
      ];
    },
  },
  {
    name: 'killAtSave', fits: always, draw: (draws, ground) => {
      const target = anyNode(draws, ground);
      const at = timeIn(draws, ground);
      return [
        entry(at, 'command', { target, with: { argv: draws.pick([['BGSAVE'], ['BGREWRITEAOF']]) } }),
        entry(at + draws.pick([0, CHAOS_BOUNDS.gapMsMin, 2 * CHAOS_BOUNDS.gapMsMin]), draws.pick(['kill', 'power']), { target, forMs: lengthFrom(draws, 500) }),
      ];
    },
  },
  {
    name: 'twoAtOnce', fits: always, draw: (draws, ground) => {
      const at = timeIn(draws, ground);
      return [drawLasting(draws, ground, at), drawLasting(draws, ground, at)];
    },
  },
  {
    // The second strikes while the first one's traces are being mended.
    name: 'faultInHealing', fits: always, draw: (draws, ground) => {
      const at = timeIn(draws, ground);
      const first = drawLasting(draws, ground, at);
      const laterMs = draws.below(1 + 2000 / CHAOS_BOUNDS.gapMsMin) * CHAOS_BOUNDS.gapMsMin;
      return [first, drawLasting(draws, ground, at + (first.forMs ?? 0) + laterMs)];
    },
  },
];
