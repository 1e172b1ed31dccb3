/**
 * The checks of consistency by name. They are no safety checks, and judge only where the scenario names them: an asynchronous failover
 * keeps few of them, and no run should be red for that.
 */
import type { History } from '../../client/history.ts';
import type { HistoryCheck } from '../check.ts';
import { counterExact, lockExclusion, queueNoDuplicates, queueNoLoss } from './accounts.ts';
import { Linearizable } from './linearizable.ts';
import { GUARANTEES, SessionGuarantee } from './sessions.ts';

const all = (history: History): readonly HistoryCheck[] => [
  new Linearizable(history), ...GUARANTEES.map((name) => new SessionGuarantee(name, history)), lockExclusion(history),
  queueNoLoss(history), queueNoDuplicates(history), counterExact(history),
];

/** Those that `names` holds. */
export const consistencyChecks = (history: History, names: readonly string[]): readonly HistoryCheck[] =>
  all(history).filter(({ name }) => names.includes(name));
