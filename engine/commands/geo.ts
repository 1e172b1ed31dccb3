/**
 * GEOADD, GEOPOS, GEODIST, GEOHASH: places kept as scores of a sorted set. GEOADD goes into the stream as the ZADD that it is.
 * Source: geo.c of Redis 7.0, for behaviour.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import { SortedSetValue } from '../keyspace/sortedSetValue.ts';
import { ErrorReply, NULL_ARRAY, RawReply, type Reply, SYNTAX_ERROR, error } from '../protocol/reply.ts';
import { isWord, readKind } from './arguments.ts';
import { type Call, type CommandRow, type Handler, ONE_KEY } from './command.ts';
import { readDouble } from './doubleArgument.ts';
import { geoSearchCommands } from './geoSearch.ts';
import { LATITUDE_MAX, LONGITUDE_MAX, type Place, decodePlace, distanceBetween, geohashText, placeScoreText } from './geohash.ts';
import { longDoubleText } from './longDouble.ts';
import { addMembers } from './sortedSetAdd.ts';

const ZADD = bytes('zadd');
const METRES: Readonly<Record<string, number>> = { m: 1, km: 1000, ft: 0.3048, mi: 1609.34 };
const UNKNOWN_UNIT = error('ERR unsupported unit provided. please use M, KM, FT, MI');

/** How many metres a unit has. */
export const readUnit = (argument: Bytes): number | ErrorReply => {
  const name = argument.toLowerCase();
  return Object.hasOwn(METRES, name) ? METRES[name] as number : UNKNOWN_UNIT;
};

export const readPlace = (longitudeText: Bytes, latitudeText: Bytes): Place | ErrorReply => {
  const longitude = readDouble(longitudeText);
  if (longitude instanceof ErrorReply) return longitude;
  const latitude = readDouble(latitudeText);
  if (latitude instanceof ErrorReply) return latitude;
  if (Math.abs(longitude) > LONGITUDE_MAX || Math.abs(latitude) > LATITUDE_MAX) {
    return error(`ERR invalid longitude,latitude pair ${sixDecimals(longitude)},${sixDecimals(latitude)}`);
  }
  return { longitude, latitude };
};

const sixDecimals = (value: number): string => (Number.isFinite(value) ? value.toFixed(6) : value > 0 ? 'inf' : '-inf');

/** A distance as it is shown. */
export const distanceText = (distance: number): Bytes => bytes(distance.toFixed(4));

/** A coordinate with 17 decimals at most: a text, which RESP3 calls a double. */
const coordinateReply = (call: Call, value: number): Reply => {
  let whole = value;
  let exponent = 0;
  for (; !Number.isInteger(whole); whole *= 2) exponent--;
  const text = longDoubleText({ mantissa: BigInt(whole), exponent });
  return call.client.protocol === 3 ? new RawReply(`,${text}\r\n`) : text;
};

export const placeReply = (call: Call, { longitude, latitude }: Place): Reply =>
  [coordinateReply(call, longitude), coordinateReply(call, latitude)];

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
    name: 'geohash', arity: -2, flags: READ, keys: ONE_KEY, since: '3.2.0', handler: each(null, (_call, place) => bytes(geohashText(place))),
  },
  { name: 'geodist', arity: -4, flags: READ, keys: ONE_KEY, since: '3.2.0', handler: geodist },
  ...geoSearchCommands,
];
