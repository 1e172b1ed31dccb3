/**
 * Whether a process that does not run at the end will ever run again without a human: the proof in one line. What its restart policy
 * would still start, or what ended for no reason that the world knows, is no excuse for anybody.
 */
import type { RestartPolicy } from '../topology/topology.ts';
import type { SimProcess } from '../node/simProcess.ts';

/** Null: it runs, or it should. */
export const deadForGood = (process: SimProcess, policy: RestartPolicy): string | null => {
  if (process.state !== 'dead') return null;
  const { name, lastEnd } = process;
  if (process.isStoppedByHand) return `${name} was stopped by hand, and nobody started it again`;
  if (lastEnd === null) return null;
  if (policy === 'no') return `${name} is dead, and its restart policy is 'no'`;
  if (policy === 'on-failure' && lastEnd.kind === 'power') return `${name} went with its machine, and its restart policy is 'on-failure'`;
  if (lastEnd.kind !== 'exit') return null;
  if (policy === 'on-failure' && lastEnd.status === 0) return `${name} ended with status 0, and its restart policy is 'on-failure'`;
  const { lied, failedSync, rotted, tore } = process.machine.disk.trouble;
  if (lastEnd.status === 0 || !(lied || failedSync || rotted || tore)) return null;
  const what = rotted ? 'a bit of its files had flipped' : tore ? 'a power loss had torn its files'
    : lied ? 'its disk had lied about syncs' : 'a sync of its disk had failed';
  return `${name} ends itself with status ${lastEnd.status} whenever it is started: ${what}`;
};
