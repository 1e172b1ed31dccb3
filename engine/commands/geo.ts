/**
 * GEOADD, GEOPOS, GEODIST, GEOHASH: places kept as scores of a sorted set. GEOADD goes into the stream as the ZADD that it is.
 * Source: geo.c of Redis 7.0, for behaviour.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import { SortedSetValue } from '../keyspace/sortedSetValue.ts';
import { ErrorReply, NULL_ARRAY, type Reply, SYNTAX_ERROR } from '../protocol/reply.ts';
import { isWord, readKind } from './arguments.ts';
import { type Call, type CommandRow, type Handler, ONE_KEY } from './command.ts';
import { distanceText, placeReply, readPlace, readUnit } from './geoArguments.ts';
import { geoSearchCommands } from './geoSearch.ts';
import { type Place, decodePlace, distanceBetween, geohashText, placeScoreText } from './geohash.ts';
import { addMembers } from './sortedSetAdd.ts';

const ZADD = bytes('zadd');

const geoadd: Handler = (call, argv) => {
  let first = 2;
  let isNew = false;
  let isOld = false;
  for (; first < argv.length; first++) {
    if (isWord(argv[first], 'nx')) isNew = true;
    else if (isWord(argv[first], 'xx')) isOld = true;
    else if (!isWord(argv[first], 'ch')) break;
  }
  if ((argv.length - first) % 3 !== 0 || (isNew && isOld)) return SYNTAX_ERROR;
  const words: Bytes[] = [ZADD, ...argv.slice(1, first)];
  for (let index = first; index < argv.length; index += 3) {
    const place = readPlace(argv[index] as Bytes, argv[index + 1] as Bytes);
    if (place instanceof ErrorReply) return place;
    words.push(bytes(placeScoreText(place)), argv[index + 2] as Bytes);
  }
  const { reply, changes } = addMembers(call, words, false);
  if (changes > 0) call.propagate(words);
  return reply;
};

/** For each member where it is, as `show` says it. */
const each = (missing: Reply, show: (call: Call, place: Place) => Reply): Handler => (call, argv) => {
  const set = readKind(call, argv[1] as Bytes, SortedSetValue);
  if (set instanceof ErrorReply) return set;
  return argv.slice(2).map((member) => {
    const score = set?.score(member);
    return score === undefined ? missing : show(call, decodePlace(score));
  });
};

const geodist: Handler = (call, argv) => {
  if (argv.length > 5) return SYNTAX_ERROR;
  const unit = argv[4] === undefined ? 1 : readUnit(argv[4]);
  if (unit instanceof ErrorReply) return unit;
  const set = readKind(call, argv[1] as Bytes, SortedSetValue);
  if (set instanceof ErrorReply) return set;
  const one = set?.score(argv[2] as Bytes);
  const other = set?.score(argv[3] as Bytes);
  if (one === undefined || other === undefined) return null;
  return distanceText(distanceBetween(decodePlace(one), decodePlace(other)) / unit);
};

const READ = ['readonly'] as const;

export const geoCommands: readonly CommandRow[] = [
  { name: 'geoadd', arity: -5, flags: ['write', 'denyoom'], keys: ONE_KEY, since: '3.2.0', handler: geoadd },
  { name: 'geopos', arity: -2, flags: READ, keys: ONE_KEY, since: '3.2.0', handler: each(NULL_ARRAY, placeReply) },
  {
    name: 'geohash', arity: -2, flags: READ, keys: ONE_KEY, since: '3.2.0',
    handler: each(null, (_call, place) => bytes(geohashText(place))),
  },
  { name: 'geodist', arity: -4, flags: READ, keys: ONE_KEY, since: '3.2.0', handler: geodist },
  ...geoSearchCommands,
];
