/**
 * LCS: the longest common subsequence of two strings, as text, as a length, or as the ranges that match.
 * Source: lcsCommand in t_string.c of Redis 7.0 for behaviour (which of several answers is given included).
 */
import { type Bytes, EMPTY, bytes } from '../core/bytes.ts';
import { ErrorReply, MapReply, type Reply, SYNTAX_ERROR, error } from '../protocol/reply.ts';
import { isWord, readLong, readString } from './arguments.ts';
import type { Call } from './command.ts';

const NOT_STRINGS = error('ERR The specified keys must contain string values');
const LENGTH_AND_INDEXES = error('ERR If you want both the length and indexes, please just use IDX.');
const TABLE_TOO_LARGE = error('ERR Insufficient memory, failed allocating transient memory for LCS');

/** Cells of the table: its memory is 4 bytes for each. */
const CELLS_MAX = 64 * 1024 * 1024;

interface LcsOptions {
  wantsLength: boolean;
  wantsRanges: boolean;
  withMatchLength: boolean;
  matchLengthMin: number;
}

const readOptions = (argv: readonly Bytes[]): LcsOptions | ErrorReply => {
  const options: LcsOptions = { wantsLength: false, wantsRanges: false, withMatchLength: false, matchLengthMin: 0 };
  for (let index = 3; index < argv.length; index++) {
    const argument = argv[index];
    if (isWord(argument, 'idx')) options.wantsRanges = true;
    else if (isWord(argument, 'len')) options.wantsLength = true;
    else if (isWord(argument, 'withmatchlen')) options.withMatchLength = true;
    else if (isWord(argument, 'minmatchlen') && index + 1 < argv.length) {
      const length = readLong(argv[++index] as Bytes);
      if (length instanceof ErrorReply) return length;
      options.matchLengthMin = Math.max(0, length);
    } else return SYNTAX_ERROR;
  }
  return options.wantsRanges && options.wantsLength ? LENGTH_AND_INDEXES : options;
};

export const lcs = (call: Call, argv: readonly Bytes[]): Reply => {
  const left = readString(call, argv[1] as Bytes) ?? EMPTY;
  const right = readString(call, argv[2] as Bytes) ?? EMPTY;
  if (left instanceof ErrorReply || right instanceof ErrorReply) return NOT_STRINGS;
  const options = readOptions(argv);
  if (options instanceof ErrorReply) return options;
  if ((left.length + 1) * (right.length + 1) > CELLS_MAX) return TABLE_TOO_LARGE;
  call.cost(left.length * right.length);
  const table = fillTable(left, right);
  const length = table[table.length - 1] as number;
  if (options.wantsLength) return length;
  const walk = walkBack(left, right, table, options);
  if (!options.wantsRanges) return walk.text;
  return new MapReply([[bytes('matches'), walk.ranges], [bytes('len'), length]]);
};

/** Cell (i, j) holds the length for the first i bytes of `left` and the first j of `right`. */
const fillTable = (left: Bytes, right: Bytes): Uint32Array => {
  const width = right.length + 1;
  const table = new Uint32Array((left.length + 1) * width);
  for (let row = 1; row <= left.length; row++) {
    const code = left.charCodeAt(row - 1);
    for (let column = 1; column < width; column++) {
      const cell = row * width + column;
      table[cell] = code === right.charCodeAt(column - 1)
        ? (table[cell - width - 1] as number) + 1
        : Math.max(table[cell - width] as number, table[cell - 1] as number);
    }
  }
  return table;
};

/** Walks from the last cell to the first, gathering the text and the runs in which both sides go on together. */
const walkBack = (
  left: Bytes, right: Bytes, table: Uint32Array, options: LcsOptions,
): { readonly text: Bytes; readonly ranges: readonly Reply[] } => {
  const width = right.length + 1;
  const text: string[] = [];
  const ranges: Reply[] = [];
  let row = left.length;
  let column = right.length;
  let run = 0;
  const endRun = (): void => {
    if (run > 0 && run >= options.matchLengthMin) {
      const pair: Reply[] = [[row, row + run - 1], [column, column + run - 1]];
      ranges.push(options.withMatchLength ? [...pair, run] : pair);
    }
    run = 0;
  };
  while (row > 0 && column > 0) {
    if (left.charCodeAt(row - 1) === right.charCodeAt(column - 1)) {
      text.push(left.charAt(row - 1));
      run++;
      row--;
      column--;
      continue;
    }
    endRun();
    const cell = row * width + column;
    if ((table[cell - width] as number) > (table[cell - 1] as number)) row--;
    else column--;
  }
  endRun();
  return { text: bytes(text.reverse().join('')), ranges };
};
