/**
 * Places on the Earth as 52-bit numbers: longitude and latitude cut in halves 26 times each, bits in turn. And the boxes of such
 * numbers that cover what is near a place.
 *
 * A box is given by its column and row among the 2^step x 2^step boxes of its step; a place on the eastern or northern edge of the map
 * lies in one beyond the last.
 * Source: geohash.c and geohash_helper.c of Redis 7.0, for which boxes are searched and in which order.
 */
import { PI, asin, cos, sin } from '../core/math.ts';

export const LONGITUDE_MAX = 180;
export const LATITUDE_MAX = 85.05112878;
const STEPS = 26;
const EARTH_RADIUS_METRES = 6372797.560856;
/** Half the width of the map. */
const MERCATOR_MAX_METRES = 20037726.37;
const DEGREE = PI / 180;

export interface Place {
  readonly longitude: number;
  readonly latitude: number;
}

interface Box {
  readonly step: number;
  readonly column: number;
  readonly row: number;
}

/** What is searched: a circle, or an upright rectangle by its sides. Metres. */
export type Shape =
  | { readonly kind: 'circle'; readonly center: Place; readonly radius: number }
  | { readonly kind: 'box'; readonly center: Place; readonly width: number; readonly height: number };

/** Scores from `min` to before `max`. */
export interface ScoreRange {
  readonly min: number;
  readonly max: number;
}

/** The bits of `row` and `column` in turn, the column's before. At the very edge of the map each has one bit more than 26. */
const interleave = (column: number, row: number): number => {
  let value = 0;
  for (let bit = STEPS; bit >= 0; bit--) {
    const size = powerOfTwo(bit);
    value = value * 4 + (Math.floor(column / size) % 2) * 2 + (Math.floor(row / size) % 2);
  }
  return value;
};

/** Up to 2^52. */
const powerOfTwo = (exponent: number): number => (exponent < 30 ? 1 << exponent : 0x40000000 * (1 << (exponent - 30)));

const encodeBox = ({ longitude, latitude }: Place, step: number, latitudeMax: number): Box => {
  const boxes = powerOfTwo(step);
  return {
    step, column: Math.floor(((longitude + LONGITUDE_MAX) / (2 * LONGITUDE_MAX)) * boxes),
    row: Math.floor(((latitude + latitudeMax) / (2 * latitudeMax)) * boxes),
  };
};

/** The score of a place in a sorted set, in digits: on the eastern edge it is more than a double holds exactly. */
export const placeScoreText = (place: Place): string => {
  const { column, row } = encodeBox(place, STEPS, LATITUDE_MAX);
  const boxes = powerOfTwo(STEPS);
  const onEdge = column === boxes ? BigInt(boxes) * BigInt(boxes) * 2n : 0n;
  return String(onEdge + BigInt(interleave(column % boxes, row)));
};

/** Every other bit of 32, from the lowest on. */
const everyOther = (bits: number): number => {
  let value = bits & 0x55555555;
  value = (value | (value >>> 1)) & 0x33333333;
  value = (value | (value >>> 2)) & 0x0f0f0f0f;
  value = (value | (value >>> 4)) & 0x00ff00ff;
  return (value | (value >>> 8)) & 0xffff;
};

/** The middle of a score's box. Whatever number stands there is taken by its 64 bits, as Redis takes it. */
export const decodePlace = (score: number): Place => {
  const isPlain = score >= 0 && score < powerOfTwo(52);
  const wide = isPlain ? 0n : BigInt.asUintN(64, BigInt(Number.isFinite(score) ? Math.trunc(score) : 0));
  const high = isPlain ? Math.floor(score / 0x100000000) : Number(wide >> 32n);
  const low = (isPlain ? score % 0x100000000 : Number(wide & 0xffffffffn)) | 0;
  const row = everyOther(low) + everyOther(high | 0) * 65536;
  const column = everyOther(low >>> 1) + everyOther((high | 0) >>> 1) * 65536;
  const boxes = powerOfTwo(STEPS);
  return {
    longitude: clamped(middle(column, boxes, LONGITUDE_MAX), LONGITUDE_MAX),
    latitude: clamped(middle(row, boxes, LATITUDE_MAX), LATITUDE_MAX),
  };
};

const edge = (place: number, boxes: number, limit: number): number => -limit + (place / boxes) * (2 * limit);
const middle = (place: number, boxes: number, limit: number): number => (edge(place, boxes, limit) + edge(place + 1, boxes, limit)) / 2;
const clamped = (value: number, limit: number): number => Math.max(-limit, Math.min(limit, value));

/** Metres between places of one longitude. */
const latitudeDistance = (one: number, other: number): number => EARTH_RADIUS_METRES * Math.abs(other * DEGREE - one * DEGREE);

/** Metres along the sphere (haversine). */
export const distanceBetween = (one: Place, other: Place): number => {
  const v = sin((other.longitude * DEGREE - one.longitude * DEGREE) / 2);
  if (v === 0) return latitudeDistance(one.latitude, other.latitude);
  const u = sin((other.latitude * DEGREE - one.latitude * DEGREE) / 2);
  const a = u * u + cos(one.latitude * DEGREE) * cos(other.latitude * DEGREE) * v * v;
  return 2 * EARTH_RADIUS_METRES * asin(Math.sqrt(a));
};

/** How far a place is from the middle of the shape; null when it lies outside. */
export const distanceWithin = (shape: Shape, place: Place): number | null => {
  const { center } = shape;
  if (shape.kind === 'circle') {
    const distance = distanceBetween(center, place);
    return distance > shape.radius ? null : distance;
  }
  if (latitudeDistance(place.latitude, center.latitude) > shape.height / 2) return null;
  const across = distanceBetween(place, { longitude: center.longitude, latitude: place.latitude });
  return across > shape.width / 2 ? null : distanceBetween(center, place);
};

/** At which step a box and its neighbours cover a circle, mostly. */
const stepFor = (radius: number, latitude: number): number => {
  if (radius === 0) return STEPS;
  let step = 1;
  for (let reach = radius; reach < MERCATOR_MAX_METRES; reach *= 2) step++;
  step -= 2;
  const towardsPole = Math.abs(latitude);
  // Boxes are narrower near the poles.
  if (towardsPole > 66) step--;
  if (towardsPole > 80) step--;
  return Math.max(1, Math.min(STEPS, step));
};

interface Bounds {
  readonly west: number;
  readonly east: number;
  readonly south: number;
  readonly north: number;
}

const boundsOf = (shape: Shape): Bounds => {
  const { center: { longitude, latitude } } = shape;
  const halfHeight = shape.kind === 'circle' ? shape.radius : shape.height / 2;
  const halfWidth = shape.kind === 'circle' ? shape.radius : shape.width / 2;
  const up = halfHeight / EARTH_RADIUS_METRES / DEGREE;
  // A degree of longitude is shortest at the side nearer to the pole.
  const nearPole = latitude < 0 ? latitude - up : latitude + up;
  const across = halfWidth / EARTH_RADIUS_METRES / cos(nearPole * DEGREE) / DEGREE;
  return { west: longitude - across, east: longitude + across, south: latitude - up, north: latitude + up };
};

const areaOf = ({ step, column, row }: Box): Bounds => {
  const boxes = powerOfTwo(step);
  return {
    west: edge(column, boxes, LONGITUDE_MAX), east: edge(column + 1, boxes, LONGITUDE_MAX),
    south: edge(row, boxes, LATITUDE_MAX), north: edge(row + 1, boxes, LATITUDE_MAX),
  };
};

/** The box so many columns and rows on; who moves over an edge comes in at the other. */
const neighbour = ({ step, column, row }: Box, columns: number, rows: number): Box => {
  const boxes = powerOfTwo(step);
  return {
    step, column: columns === 0 ? column : (column + columns + boxes) % boxes, row: rows === 0 ? row : (row + rows + boxes) % boxes,
  };
};

/** The box itself and those around it, in the order of the search: columns to the east, rows to the north. */
const AROUND: readonly (readonly [columns: number, rows: number])[] = [
  [0, 0], [0, 1], [0, -1], [1, 0], [-1, 0], [1, 1], [-1, 1], [1, -1], [-1, -1],
];

/** The scores to look at for what lies in the shape, in the order in which Redis finds them. */
export const rangesFor = (shape: Shape): readonly ScoreRange[] => {
  const bounds = boundsOf(shape);
  const { center } = shape;
  const reach = shape.kind === 'circle' ? shape.radius
    : Math.sqrt((shape.width / 2) * (shape.width / 2) + (shape.height / 2) * (shape.height / 2));
  let box = encodeBox(center, stepFor(reach, center.latitude), LATITUDE_MAX);
  if (box.step > 1 && !reachesFar(box, bounds)) box = encodeBox(center, box.step - 1, LATITUDE_MAX);
  const area = areaOf(box);
  const searched: Box[] = [];
  for (const [columns, rows] of AROUND) {
    if (box.step >= 2 && isNeedless(area, bounds, columns, rows)) continue;
    const next = neighbour(box, columns, rows);
    const last = searched.at(-1);
    // Of a few large boxes two neighbours may be the same. The first box is not compared with.
    if (searched.length > 1 && last?.column === next.column && last.row === next.row) continue;
    searched.push(next);
  }
  return searched.map(({ step, column, row }) => {
    const unit = powerOfTwo(STEPS - step);
    const min = interleave(column * unit, row * unit);
    return { min, max: min + unit * unit };
  });
};

/** The neighbours on all four sides go as far as the bounds. */
const reachesFar = (box: Box, bounds: Bounds): boolean =>
  areaOf(neighbour(box, 0, 1)).north >= bounds.north && areaOf(neighbour(box, 0, -1)).south <= bounds.south
  && areaOf(neighbour(box, 1, 0)).east >= bounds.east && areaOf(neighbour(box, -1, 0)).west <= bounds.west;

/** The box in the middle goes beyond the bounds on that side already. */
const isNeedless = (area: Bounds, bounds: Bounds, columns: number, rows: number): boolean =>
  (rows < 0 && area.south < bounds.south) || (rows > 0 && area.north > bounds.north)
  || (columns < 0 && area.west < bounds.west) || (columns > 0 && area.east > bounds.east);

const ALPHABET = '0123456789bcdefghjkmnpqrstuvwxyz';
const TEXT_LENGTH = 11;
/** The text form, which others read, covers the poles. */
const TEXT_LATITUDE_MAX = 90;
const BITS_PER_LETTER = 5;

/** The text that geohash.org understands: eleven letters, of which the last says nothing. */
export const geohashText = (place: Place): string => {
  const { column, row } = encodeBox(place, STEPS, TEXT_LATITUDE_MAX);
  const bits = interleave(column, row);
  let text = '';
  for (let letter = 1; letter < TEXT_LENGTH; letter++) {
    text += ALPHABET.charAt(Math.floor(bits / powerOfTwo(STEPS * 2 - letter * BITS_PER_LETTER)) % 32);
  }
  return `${text}0`;
};
