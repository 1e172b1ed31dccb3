/**
 * What sentinels publish in a failover, freed of what differs from run to run (ports, run IDs, epochs), and the comparison of
 * a run with several others: the same events, in an order that none of them contradicts.
 */
import type { RecordedEvent } from '../support/sentinelProcess.ts';

export type FailoverRole = 'leader' | 'voter';

/** One sentinel's part in one run. */
export interface Part {
  readonly role: FailoverRole;
  /** Names of the events, in the order of their first occurrence. */
  readonly order: readonly string[];
  /** The form of each event's text. */
  readonly forms: ReadonlyMap<string, ReadonlySet<string>>;
}

/** `primary mymain 127.0.0.1 7001` becomes `KIND mymain IP PORT`: words that name something of this run alone. */
export const formOf = (text: string): string => text
  .replace(/[0-9a-f]{40}/g, 'RUNID')
  .replace(/127\.0\.0\.1[ :][0-9]+/g, 'ADDRESS')
  .replace(/#quorum [0-9]+\/[0-9]+/g, '#quorum N/N')
  .replace(/\b[0-9]+$/, 'EPOCH');

export const partOf = (events: readonly RecordedEvent[]): Part => {
  const forms = new Map<string, Set<string>>();
  for (const { event, text } of events) {
    const seen = forms.get(event) ?? new Set<string>();
    seen.add(formOf(text));
    forms.set(event, seen);
  }
  return { role: forms.has('+elected-leader') ? 'leader' : 'voter', order: [...forms.keys()], forms };
};

/** What must happen in every run, one before the next. */
export const CHAINS: Readonly<Record<FailoverRole, readonly string[]>> = {
  leader: [
    '+sdown', '+odown', '+new-epoch', '+try-failover', '+vote-for-leader', '+elected-leader', '+failover-state-select-slave',
    '+selected-slave', '+failover-state-send-slaveof-noone', '+failover-state-wait-promotion', '+promoted-slave',
    '+failover-state-reconf-slaves', '+slave-reconf-sent', '+slave-reconf-inprog', '+slave-reconf-done', '+failover-end',
    '+switch-master', '+slave',
  ],
  voter: ['+new-epoch', '+vote-for-leader', '+config-update-from', '+switch-master', '+slave'],
};

/** Events that come or not as the clocks of the processes meet: after the promotion, whoever is asked may or may not have switched. */
const BY_CHANCE: readonly string[] = ['-odown', '+odown', '-sdown', '+sdown', '+role-change', '-role-change',
  // Two that begin in one second: one is elected, the other gives up or follows.
  '+try-failover', '-failover-abort-not-elected',
  // A hello that was under way when the primary went.
  '+sentinel'];

/** Why `part` is not like `others` of the same role; empty when it is. */
export const differences = (part: Part, others: readonly Part[]): readonly string[] => {
  const found: string[] = [];
  const known = new Set(others.flatMap((other) => other.order));
  for (const event of part.order) if (!known.has(event) && !BY_CHANCE.includes(event)) found.push(`${event} came in none of the other runs`);
  for (const event of known) {
    if (BY_CHANCE.includes(event)) continue;
    if (others.every((other) => other.order.includes(event)) && !part.order.includes(event)) found.push(`${event} is missing`);
  }
  const chain = CHAINS[part.role];
  for (const [index, event] of chain.entries()) {
    const next = chain[index + 1];
    if (!part.order.includes(event)) found.push(`${event} of the chain is missing`);
    else if (next !== undefined && part.order.includes(next) && part.order.indexOf(event) > part.order.indexOf(next)) {
      found.push(`${event} came after ${next}`);
    }
  }
  for (const [event, forms] of part.forms) {
    const usual = new Set(others.flatMap((other) => [...other.forms.get(event) ?? []]));
    for (const form of forms) if (usual.size > 0 && !usual.has(form)) found.push(`${event} has the form '${form}', not one of: ${[...usual].join(' | ')}`);
  }
  return found;
};
