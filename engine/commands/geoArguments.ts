/**
 * What the commands on places share: reading them and units of length, and showing places and distances.
 * Source: geo.c of Redis 7.0, for behaviour.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import { ErrorReply, RawReply, type Reply, error } from '../protocol/reply.ts';
import type { Call } from './command.ts';
import { readDouble } from './doubleArgument.ts';
import { LATITUDE_MAX, LONGITUDE_MAX, type Place } from './geohash.ts';
import { longDoubleText } from './longDouble.ts';

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
