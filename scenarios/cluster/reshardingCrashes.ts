/**
 * One slot is moved, and somebody dies in the middle: the node that gives it, the node that gets it, or the redis-cli that moves
 * it; behind each step of the move. A dead node's replica takes over, and knows nothing of the move. Later the operator starts the
 * dead node again and has redis-cli close what is open (`--cluster fix`).
 *
 * The slot holds all keys of two clients, so that it takes several MIGRATEs; the others write everywhere.
 */
import type { Bounds, Expectations, PlanEntry, Scenario } from '../../sim/scenario.ts';
import { clusterHolds, slotsChangeHands } from '../expectations.ts';
import { afterStep, at, fixSlots, kill, moveSlots, start } from '../plan.ts';
import { MOVED_SLOT, movesHold, slotClients, threeAndThree } from './deployment.ts';

const MOVE_AT_MS = 15_000;
/** Between two steps of the move; the strike falls in the middle. */
const PAUSE_MS = 600;
const STRIKE_AFTER_MS = 300;
const START_AT_MS = 40_000;
const FIX_AT_MS = 45_000;
/** Of the keys in the slot, so that it takes four MIGRATEs. */
const PER_MIGRATE = 4;

const topology = threeAndThree();

type Victim = 'source' | 'target' | 'mover';

const NAME_OF: Readonly<Record<Victim, string>> = { source: 'n1', target: 'n2', mover: 'redis-cli' };

interface Crash {
  readonly victim: Victim;
  /** The step behind which it dies, as `sim/client/resharder.ts` calls it. */
  readonly step: 'importing' | 'migrating' | 'keys' | 'empty' | 'target' | 'source';
  readonly teaches: string;
  readonly lost: Bounds;
  /** Of the slot that moves: the probe of the first range writes there. */
  readonly unavailableMs: Bounds;
  readonly verdicts?: Expectations['verdicts'];
}

const NOTHING: Bounds = { max: 0 };
/** A replica is elected; with the slot somewhere else all are down for a moment only, until the dead node's others are served again. */
const ELECTION: Bounds = { min: 5500, max: 11_500 };
const MOMENT: Bounds = { max: 2000 };
const UNNOTICED: Bounds = { max: 500 };
/** Until the dead node is started again. */
const UNTIL_THE_START: Bounds = { min: 17_000, max: 26_000 };

/** Nobody had any key to give, or to look for. */
const NO_KEY_MOVED: Expectations['verdicts'] = { 'no-key-lost-or-doubled': 'not exercised', 'redirects-bounded': 'not exercised' };
/** The source sends clients on to a node that sends them back, until the slot is fixed. */
const IN_A_CIRCLE: Expectations['verdicts'] = { 'no-key-lost-or-doubled': 'holds', 'redirects-bounded': 'violated' };

/** Bounds and verdicts were measured over 50 seeds each. */
const CRASHES: readonly Crash[] = [
  {
    victim: 'source', step: 'importing', lost: NOTHING, unavailableMs: UNTIL_THE_START, verdicts: NO_KEY_MOVED,
    teaches: 'A node that imports a slot takes nobody\'s word for it: when the source is replaced, it holds the cluster to be down.',
  },
  {
    victim: 'source', step: 'migrating', lost: NOTHING, unavailableMs: UNTIL_THE_START, verdicts: NO_KEY_MOVED,
    teaches: 'A source that dies before the first key left forgets the move; the importing node stays down until it comes back.',
  },
  {
    // 111 to 140: all that the moved half of the keys had held, since its writers began them anew at the promoted replica.
    victim: 'source', step: 'keys', lost: { min: 60, max: 200 }, unavailableMs: UNTIL_THE_START,
    teaches: 'A source that dies between two MIGRATEs: its replica serves the slot without the keys that had left, and fix gives up.',
  },
  {
    victim: 'source', step: 'empty', lost: NOTHING, unavailableMs: MOMENT,
    teaches: 'Once all keys have left, the target is told first: the source may die, and the slot is served.',
  },
  {
    victim: 'source', step: 'target', lost: NOTHING, unavailableMs: MOMENT,
    teaches: 'The target owns the slot before the source knows: its new epoch wins over the promoted replica\'s older claim.',
  },
  {
    victim: 'source', step: 'source', lost: NOTHING, unavailableMs: MOMENT,
    teaches: 'Source and target agree: what the others were not told, gossip tells them.',
  },
  {
    victim: 'target', step: 'importing', lost: NOTHING, unavailableMs: ELECTION, verdicts: NO_KEY_MOVED,
    teaches: 'MIGRATE to a dead target fails and deletes nothing: the keys stay, and fix closes the slot.',
  },
  {
    victim: 'target', step: 'migrating', lost: NOTHING, unavailableMs: ELECTION, verdicts: NO_KEY_MOVED,
    teaches: 'The target dies when both sides have opened the slot: the source serves on what it has, which is all.',
  },
  {
    // In three runs of four the promoted target is made the owner; in the others a client had begun a key anew in between: 18 to 36.
    victim: 'target', step: 'keys', lost: { max: 80 }, unavailableMs: ELECTION, verdicts: IN_A_CIRCLE,
    teaches: 'ASK goes on naming the node that died: come back as a replica it sends clients to the source again, in a circle, until fix.',
  },
  {
    victim: 'target', step: 'empty', lost: NOTHING, unavailableMs: { min: 20_000, max: 30_000 }, verdicts: IN_A_CIRCLE,
    teaches: 'All keys are with the target\'s promoted replica, and the source asks clients to go to the dead node: nobody serves the slot until fix.',
  },
  {
    victim: 'target', step: 'target', lost: NOTHING, unavailableMs: ELECTION,
    teaches: 'The target dies as the owner: its replica inherits the slot with all others.',
  },
  {
    victim: 'target', step: 'source', lost: NOTHING, unavailableMs: ELECTION,
    teaches: 'The move is over for both: the target\'s death is a failover like any other.',
  },
  {
    victim: 'mover', step: 'importing', lost: NOTHING, unavailableMs: UNNOTICED, verdicts: NO_KEY_MOVED,
    teaches: 'A redis-cli that dies leaves the target importing: nobody notices, and fix closes the slot.',
  },
  {
    victim: 'mover', step: 'migrating', lost: NOTHING, unavailableMs: UNNOTICED,
    teaches: 'A redis-cli that dies before the first key left: fix finds one that gives and one that takes, and makes the move to its end.',
  },
  {
    // In three runs of four nothing; in the others up to 104.
    victim: 'mover', step: 'keys', lost: { max: 200 }, unavailableMs: UNNOTICED,
    teaches: 'Half of the keys have moved, and clients find both halves; fix closes the source before it fetches them back, and may lose that race.',
  },
  {
    // While fix makes the target the owner, clients may be sent in a circle for a moment: in 11 runs of 50.
    victim: 'mover', step: 'empty', lost: NOTHING, unavailableMs: UNNOTICED, verdicts: { 'no-key-lost-or-doubled': 'holds' },
    teaches: 'All keys have moved and nobody was told: ASK keeps the slot served until fix makes the target its owner.',
  },
  {
    victim: 'mover', step: 'target', lost: NOTHING, unavailableMs: UNNOTICED,
    teaches: 'Only the target knows that it owns the slot; its epoch tells the others, and fix clears what the source still has open.',
  },
  {
    victim: 'mover', step: 'source', lost: NOTHING, unavailableMs: UNNOTICED,
    teaches: 'Source and target know: the redis-cli is not needed any more.',
  },
];

const planOf = ({ victim, step }: Crash): readonly PlanEntry[] => [
  moveSlots(at(MOVE_AT_MS), 'n1', 'n2', String(MOVED_SLOT), { pauseMs: PAUSE_MS, perMigrate: PER_MIGRATE }),
  kill(afterStep(step, step === 'keys' ? 2 : 1, STRIKE_AFTER_MS), NAME_OF[victim]),
  ...(victim === 'mover' ? [] : [start(at(START_AT_MS), NAME_OF[victim])]),
  fixSlots(at(FIX_AT_MS), 'n3'),
];

export const reshardingCrashes: readonly Scenario[] = CRASHES.map((crash): Scenario => ({
  name: `cluster/resharding-crash-${crash.victim}-${crash.step}`,
  teaches: crash.teaches,
  topology,
  workload: slotClients(topology),
  plan: planOf(crash),
  durationMs: 60_000,
  settlingMs: 20_000,
  expects: {
    verdicts: { ...(crash.victim === 'mover' ? slotsChangeHands : clusterHolds), ...(crash.verdicts ?? movesHold) },
    lost: crash.lost, unavailableMs: crash.unavailableMs,
  },
}));
