/** LPOS: where an element stands in a list. Source: lposCommand in t_list.c of Redis 7.0, for behaviour. */
import type { Bytes } from '../core/bytes.ts';
import { ListValue } from '../keyspace/listValue.ts';
import { ErrorReply, type Reply, SYNTAX_ERROR, error } from '../protocol/reply.ts';
import { isWord, readKind, readPositive, readSignedCount } from './arguments.ts';
import type { Call } from './command.ts';

const RANK_IS_ZERO = error("ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use "
  + 'negative to start from the end of the list');

interface LposOptions {
  /** Which match is the first that counts; negative: from the right. */
  rank: number;
  /** How many matches; 0: all; null: one, as a bare number. */
  count: number | null;
  /** How many elements are compared; 0: all. */
  comparedMax: number;
}

const readOptions = (argv: readonly Bytes[]): LposOptions | ErrorReply => {
  const options: LposOptions = { rank: 1, count: null, comparedMax: 0 };
  for (let index = 3; index < argv.length; index += 2) {
    const value = argv[index + 1];
    if (value === undefined) return SYNTAX_ERROR;
    if (isWord(argv[index], 'rank')) {
      const rank = readSignedCount(value);
      if (rank instanceof ErrorReply) return rank;
      if (rank === 0) return RANK_IS_ZERO;
      options.rank = rank;
    } else if (isWord(argv[index], 'count')) {
      const count = readPositive(value, "ERR COUNT can't be negative");
      if (count instanceof ErrorReply) return count;
      options.count = count;
    } else if (isWord(argv[index], 'maxlen')) {
      const comparedMax = readPositive(value, "ERR MAXLEN can't be negative");
      if (comparedMax instanceof ErrorReply) return comparedMax;
      options.comparedMax = comparedMax;
    } else {
      return SYNTAX_ERROR;
    }
  }
  return options;
};

export const lpos = (call: Call, argv: readonly Bytes[]): Reply => {
  const options = readOptions(argv);
  if (options instanceof ErrorReply) return options;
  const list = readKind(call, argv[1] as Bytes, ListValue);
  if (list instanceof ErrorReply) return list;
  const places = list === undefined ? [] : findPlaces(call, list, argv[2] as Bytes, options);
  return options.count === null ? places[0] ?? null : places;
};

const findPlaces = (call: Call, list: Readonly<ListValue>, element: Bytes, options: LposOptions): number[] => {
  const fromRight = options.rank < 0;
  const wanted = options.count === 0 ? Infinity : options.count ?? 1;
  const compared = Math.min(list.size, options.comparedMax === 0 ? Infinity : options.comparedMax);
  const elements = fromRight ? list.slice(list.size - compared, list.size) : list.slice(0, compared);
  call.cost(compared);
  const places: number[] = [];
  let skip = Math.abs(options.rank) - 1;
  for (let step = 0; step < compared && places.length < wanted; step++) {
    const place = fromRight ? compared - 1 - step : step;
    if (elements[place] !== element) continue;
    if (skip > 0) skip--;
    else places.push(fromRight ? list.size - compared + place : place);
  }
  return places;
};
