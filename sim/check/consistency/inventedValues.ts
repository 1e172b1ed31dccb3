/** Whether what keys hold in the end was ever written: values, elements, and no more counted than was asked for. */
import type { Call } from '../../client/call.ts';
import type { History } from '../../client/history.ts';
import { FINAL_READER } from './keyHistories.ts';
import { grouped } from './model.ts';
import { elementOf, itemsOf, madeValue } from './models.ts';

/** `problem`: the first value that nobody wrote; `compared`: how many keys were looked at. Of keys that the ledger does not follow. */
export const inventedValues = (history: History): { readonly problem: string | null; readonly compared: number } => {
  const followed = new Set(history.operations.map(({ key }) => key));
  let compared = 0;
  for (const [key, calls] of grouped(history.calls, (call) => call.key)) {
    const found = calls.find(({ client, what }) => client === FINAL_READER && what === 'read');
    if (found === undefined || followed.has(key)) continue;
    compared++;
    const problem = problemOf(found, calls.filter(({ outcome }) => outcome !== 'failed'));
    if (problem !== null) return { problem: `${key} ${problem}`, compared };
  }
  return { problem: null, compared };
};

const problemOf = ({ model, result }: Call, calls: readonly Call[]): string | null => {
  switch (model) {
    case 'register':
      return result === null || calls.some((call) => madeValue(call) === result) ? null : `is ${String(result)}, which nobody wrote`;
    case 'queue': {
      const pushed = new Set(calls.filter(({ what }) => what === 'push').map(elementOf));
      const stranger = itemsOf(result).find((item) => !pushed.has(item));
      return stranger === undefined ? null : `holds ${stranger}, which nobody pushed`;
    }
    case 'counter': {
      const most = calls.reduce((sum, { what, argument }) => sum + (what === 'increment' ? Number(argument) : 0), 0);
      return Number(result ?? 0) <= most ? null : `is ${String(result)}; all increments together make ${most}`;
    }
    default: return null;
  }
};
