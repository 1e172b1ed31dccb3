/**
 * Where explanations of losses stop to count: each rests on something that a check holds true, and none explains anything once that
 * has been shown to be untrue. A check that is violated takes with it the explanations that rest on what it is about, and no others.
 *
 *   positions    what a node holds at which replication ID and offset         every step from the violation on
 *   promotions   who may be promoted, and who owns a slot                     a loss by replacement, from the violation on
 *   acceptance   when a primary must stop to take writes                      a loss of a write that should have been refused
 *   waits        what WAIT's answer says                                      a loss since then, of a write that WAIT acknowledged
 *
 * What always holds: what a check of the user's own says changes no explanation.
 */
import { isWaited } from '../client/history.ts';
import type { CheckResult, Doubt } from './check.ts';
import type { WriteRecord } from './ledger.ts';
import { type Explanation, isReplacement } from './lossExplanation.ts';

type About = Doubt['about'];

/** The safety checks that explanations rest on. */
const ABOUT: Readonly<Record<string, About>> = {
  'history-prefix': 'positions',
  'equal-offset-equal-data': 'positions',
  'loads-own-prefix': 'positions',
  'always-no-loss': 'positions',
  'everysec-window': 'positions',
  'model-agrees': 'positions',
  'one-vote-per-epoch': 'promotions',
  'one-leader-per-epoch': 'promotions',
  'epochs-never-go-back': 'promotions',
  'failover-needs-quorum-and-majority': 'promotions',
  'priority-zero-never-promoted': 'promotions',
  'only-listed-replicas-promoted': 'promotions',
  'one-cluster-vote-per-epoch': 'promotions',
  'one-elected-per-epoch': 'promotions',
  'elected-by-majority': 'promotions',
  'only-fresh-replicas-elected': 'promotions',
  'one-owner-per-slot-and-epoch': 'promotions',
  'newest-claim-stays': 'promotions',
  'slot-epochs-never-go-back': 'promotions',
  'min-replicas-stop-writes': 'acceptance',
  'minority-stops-writes': 'acceptance',
  'wait-counts-replicas': 'waits',
};

/** What the results leave in doubt. A violation that names no event is about all of the run. */
export const doubtsOf = (results: readonly (CheckResult & { readonly name: string })[]): readonly Doubt[] =>
  results.flatMap(({ name, verdict, event = 0, events = NO_EVENTS }) => {
    const about = ABOUT[name];
    return verdict === 'violated' && about !== undefined ? [{ check: name, since: event, events, about }] : [];
  });

const NO_EVENTS: ReadonlySet<number> = new Set();

/** An explanation as far as it can be trusted. */
export const doubted = (explanation: Explanation, write: WriteRecord, doubts: readonly Doubt[]): Explanation => {
  if (!explanation.permitted) return explanation;
  const doubt = doubts.find((one) => restsOn(one, explanation, write));
  return doubt === undefined ? explanation
    : { ...explanation, permitted: false, cause: `${doubt.check} was violated: ${NOTHING_EXPLAINED[doubt.about]}` };
};

const NOTHING_EXPLAINED: Readonly<Record<About, string>> = {
  positions: 'what nodes said to hold explains nothing',
  promotions: 'that its primary was replaced explains nothing',
  acceptance: 'the write should not have been accepted',
  waits: 'WAIT had acknowledged it without reason',
};

const restsOn = ({ about, since, events }: Doubt, { chain }: Explanation, write: WriteRecord): boolean => {
  // A step without an event is about the end of the run.
  const steps = chain.filter(({ event }) => event === 0 || event >= since);
  switch (about) {
    case 'positions': return steps.length > 0;
    case 'promotions': return steps.some(isReplacement);
    case 'acceptance': return events.has(write.executedIn);
    case 'waits': return steps.length > 0 && isWaited(write.operation);
  }
};
