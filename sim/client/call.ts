/**
 * One call of a client as the consistency checkers see it: what was asked of which key, what came back, and when. What a ledger
 * operation or a reader's GET is to them, `sim/check/consistency/keyHistories.ts` says.
 *
 * Always holds: `failed` means that Redis guarantees that it was not executed; without an answer a call is `unknown` for ever.
 */
import type { Bytes } from '../../engine/core/bytes.ts';
import type { CauseId, Micros } from '../../engine/core/units.ts';
import type { Outcome } from './history.ts';

/** What kind of thing a key is, and so by which model its calls are judged. */
export type DataModel = 'register' | 'set' | 'queue' | 'counter' | 'lock';

/**
 * What is asked, and what argument and result are then:
 *
 * - `read`: the value, or null; of a set all members; of a queue all elements, head first.
 * - `write`: the argument becomes the value.
 * - `cas`: the argument becomes the value if nobody wrote since the result was read.
 * - `add`: the argument becomes a member.
 * - `push`: the argument becomes the last element.
 * - `pop`: the first element, or null: there was none.
 * - `redeliver`: an element that this client took earlier and never heard of.
 * - `increment`: by the argument; the value after it.
 * - `acquire`: with the argument as token; the token, or null: somebody else holds it.
 * - `release`: of the argument's hold.
 */
export type CallKind =
  'read' | 'write' | 'cas' | 'add' | 'push' | 'pop' | 'redeliver' | 'increment' | 'acquire' | 'release';

export type CallResult = Bytes | readonly Bytes[] | null;

export interface Call {
  /** Place among the calls of its history, from 0. */
  readonly index: number;
  readonly client: string;
  /** Which of the client's connections it went over, from 1; 0: it had none yet. */
  readonly process: number;
  readonly key: Bytes;
  readonly model: DataModel;
  readonly what: CallKind;
  readonly argument: Bytes | null;
  /** Of `acquire`: how long the hold lasts at most. */
  readonly leaseMs: number;
  readonly invokedAt: Micros;
  completedAt: Micros | null;
  outcome: Outcome;
  /** Of a `cas` it is known before the outcome is. */
  result: CallResult;
  /** The event that brought the answer. */
  completedBy: CauseId;
}

/** What a call asks: the rest of it follows. */
export type Asked = Pick<Call, 'key' | 'model' | 'what' | 'argument'> & { readonly leaseMs?: number };

const PADDING = /\.+$/;
const SHOWN_MAX = 80;
const ITEMS_SHOWN_MAX = 8;

const shown = (value: Bytes): string => value.slice(0, SHOWN_MAX).replace(PADDING, '');

/** A result as people read it. */
export const describeResult = (result: CallResult): string => {
  if (result === null) return 'nothing';
  if (typeof result === 'string') return shown(result);
  const more = result.length > ITEMS_SHOWN_MAX ? `, … (${result.length})` : '';
  return `[${result.slice(0, ITEMS_SHOWN_MAX).map(shown).join(', ')}${more}]`;
};

/** What was asked: `write shared:0 C1:7`. */
export const describeCall = ({ what, key, argument }: Call): string =>
  `${what} ${key}${argument === null ? '' : ` ${shown(argument)}`}`;
