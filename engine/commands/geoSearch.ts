/**
 * GEOSEARCH and GEORADIUS in all their forms: what lies in a circle or a rectangle, shown or stored.
 * Source: georadiusGeneric in geo.c of Redis 7.0, for behaviour.
 */
import { type Bytes, lower } from '../core/bytes.ts';
import { SortedSetValue } from '../keyspace/sortedSetValue.ts';
import { ErrorReply, type Reply, SYNTAX_ERROR, error } from '../protocol/reply.ts';
import { isWord, readKind, readLong, removeTarget } from './arguments.ts';
import { type Call, type CommandRow, type Handler, type KeyRange, ONE_KEY } from './command.ts';
import { readDouble } from './doubleArgument.ts';
import { distanceText, placeReply, readPlace, readUnit } from './geoArguments.ts';
import { type Place, type Shape, decodePlace, distanceWithin, rangesFor } from './geohash.ts';
import { storeSortedSet } from './sortedSetStore.ts';

const NO_SUCH_MEMBER = error('ERR could not decode requested zset member');
const ANY_NEEDS_COUNT = error('ERR the ANY argument requires COUNT argument');
const BAD_COUNT = error('ERR COUNT must be > 0');

/** Which command it is: how the centre is given, and whether the result may be stored. */
interface Form {
  readonly source: 'coordinates' | 'member' | 'search';
  readonly stores: 'never' | 'option' | 'always';
}

/** What was asked for. Lengths are in metres; `unit` is what distances are shown in. */
interface Request {
  center: Place | null;
  /** How the centre was named, though there may be no set to find it in. */
  centerKind: 'member' | 'place' | null;
  radius: number | null;
  sides: { readonly width: number; readonly height: number } | null;
  unit: number;
  withDistance: boolean;
  withHash: boolean;
  withPlace: boolean;
  any: boolean;
  count: number;
  order: 'ascending' | 'descending' | null;
  target: Bytes | null;
  storesDistance: boolean;
}

type SourceSet = Readonly<SortedSetValue> | undefined;

/** A length that must be a number and not negative, in metres by the unit that follows. */
const readRadius = (radiusText: Bytes, unitText: Bytes): { readonly radius: number; readonly unit: number } | ErrorReply => {
  const radius = readDouble(radiusText, 'ERR need numeric radius');
  if (radius instanceof ErrorReply) return radius;
  if (radius < 0) return error('ERR radius cannot be negative');
  const unit = readUnit(unitText);
  return unit instanceof ErrorReply ? unit : { radius: radius * unit, unit };
};

const setRadius = (request: Request, radiusText: Bytes, unitText: Bytes): ErrorReply | null => {
  const read = readRadius(radiusText, unitText);
  if (read instanceof ErrorReply) return read;
  request.radius = read.radius;
  request.unit = read.unit;
  return null;
};

const setSides = (request: Request, widthText: Bytes, heightText: Bytes, unitText: Bytes): ErrorReply | null => {
  const width = readDouble(widthText, 'ERR need numeric width');
  if (width instanceof ErrorReply) return width;
  const height = readDouble(heightText, 'ERR need numeric height');
  if (height instanceof ErrorReply) return height;
  if (width < 0 || height < 0) return error('ERR height or width cannot be negative');
  const unit = readUnit(unitText);
  if (unit instanceof ErrorReply) return unit;
  request.sides = { width: width * unit, height: height * unit };
  request.unit = unit;
  return null;
};

const setMember = (request: Request, set: SourceSet, member: Bytes): ErrorReply | null => {
  request.centerKind = 'member';
  // Without a set the rest is read all the same, for its errors.
  if (set === undefined) return null;
  const score = set.score(member);
  if (score === undefined) return NO_SUCH_MEMBER;
  request.center = decodePlace(score);
  return null;
};

const setPlace = (request: Request, longitude: Bytes, latitude: Bytes): ErrorReply | null => {
  const place = readPlace(longitude, latitude);
  if (place instanceof ErrorReply) return place;
  request.center = place;
  request.centerKind = 'place';
  return null;
};

/** The arguments of a fixed place: where and how far, for GEORADIUS. Returns where the options begin. */
const readFixed = (form: Form, set: SourceSet, argv: readonly Bytes[], request: Request): number | ErrorReply => {
  if (form.source === 'search') return form.stores === 'always' ? 3 : 2;
  const at = form.source === 'coordinates' ? 4 : 3;
  if (form.source === 'coordinates') {
    const problem = setPlace(request, argv[2] as Bytes, argv[3] as Bytes);
    if (problem !== null) return problem;
  } else {
    const problem = setMember(request, set, argv[2] as Bytes);
    if (problem !== null || set === undefined) return problem ?? at + 2;
  }
  return setRadius(request, argv[at] as Bytes, argv[at + 1] as Bytes) ?? at + 2;
};

/** One option at `at`: how many words it took, or what is wrong. */
const readOption = (form: Form, set: SourceSet, argv: readonly Bytes[], at: number, request: Request): number | ErrorReply => {
  const word: string = lower(argv[at] as Bytes);
  const [, one, two, three] = argv.slice(at) as [Bytes, Bytes | undefined, Bytes | undefined, Bytes | undefined];
  const isSearch = form.source === 'search';
  switch (word) {
    case 'withdist': request.withDistance = true; return 1;
    case 'withhash': request.withHash = true; return 1;
    case 'withcoord': request.withPlace = true; return 1;
    case 'any': request.any = true; return 1;
    case 'asc': request.order = 'ascending'; return 1;
    case 'desc': request.order = 'descending'; return 1;
    case 'count': return one === undefined ? SYNTAX_ERROR : readCount(request, one);
    case 'store': case 'storedist':
      if (isSearch) {
        if (word === 'store' || form.stores !== 'always') return SYNTAX_ERROR;
        request.storesDistance = true;
        return 1;
      }
      if (form.stores === 'never' || one === undefined) return SYNTAX_ERROR;
      request.target = one;
      request.storesDistance = word === 'storedist';
      return 2;
    case 'frommember':
      if (!isSearch || one === undefined || request.centerKind === 'place') return SYNTAX_ERROR;
      return setMember(request, set, one) ?? 2;
    case 'fromlonlat':
      if (!isSearch || one === undefined || two === undefined || request.centerKind === 'member') return SYNTAX_ERROR;
      return setPlace(request, one, two) ?? 3;
    case 'byradius':
      if (!isSearch || one === undefined || two === undefined || request.sides !== null) return SYNTAX_ERROR;
      return setRadius(request, one, two) ?? 3;
    case 'bybox':
      if (!isSearch || one === undefined || two === undefined || three === undefined || request.radius !== null) return SYNTAX_ERROR;
      return setSides(request, one, two, three) ?? 4;
    default: return SYNTAX_ERROR;
  }
};

const readCount = (request: Request, word: Bytes): number | ErrorReply => {
  const count = readLong(word);
  if (count instanceof ErrorReply) return count;
  if (count <= 0) return BAD_COUNT;
  request.count = count;
  return 2;
};

const readRequest = (form: Form, set: SourceSet, argv: readonly Bytes[]): Request | ErrorReply => {
  const request: Request = {
    center: null, centerKind: null, radius: null, sides: null, unit: 1, withDistance: false, withHash: false,
    withPlace: false, any: false, count: 0, order: null, target: form.stores === 'always' ? argv[1] as Bytes : null, storesDistance: false,
  };
  const first = readFixed(form, set, argv, request);
  if (first instanceof ErrorReply) return first;
  for (let at = first; at < argv.length;) {
    const words = readOption(form, set, argv, at, request);
    if (words instanceof ErrorReply) return words;
    at += words;
  }
  if (request.target !== null && (request.withDistance || request.withHash || request.withPlace)) {
    const name = form.stores === 'always' ? 'GEOSEARCHSTORE' : 'STORE option in GEORADIUS';
    return error(`ERR ${name} is not compatible with WITHDIST, WITHHASH and WITHCOORD options`);
  }
  if (form.source === 'search' && request.centerKind === null) {
    return error(`ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for ${argv[0] as Bytes}`);
  }
  if (form.source === 'search' && request.radius === null && request.sides === null) {
    return error(`ERR exactly one of BYRADIUS and BYBOX can be specified for ${argv[0] as Bytes}`);
  }
  return request.any && request.count === 0 ? ANY_NEEDS_COUNT : request;
};

interface Found {
  readonly member: Bytes;
  readonly score: number;
  readonly place: Place;
  readonly distance: number;
}

/** Everything in the shape, box by box; no more than `limit`, if that is not 0. */
const search = (call: Call, set: Readonly<SortedSetValue>, shape: Shape, limit: number): Found[] => {
  const found: Found[] = [];
  for (const { min, max } of rangesFor(shape)) {
    const from = set.countBefore(({ score }) => score < min);
    const to = set.countBefore(({ score }) => score < max);
    call.cost(to - from);
    for (const { member, score } of set.slice(from, Math.max(from, to))) {
      const place = decodePlace(score);
      const distance = distanceWithin(shape, place);
      if (distance === null) continue;
      found.push({ member, score, place, distance });
      if (limit > 0 && found.length >= limit) return found;
    }
  }
  return found;
};

const shapeOf = ({ center, radius, sides }: Request): Shape => {
  const middle = center ?? { longitude: 0, latitude: 0 };
  return sides === null ? { kind: 'circle', center: middle, radius: radius ?? 0 }
    : { kind: 'box', center: middle, width: sides.width, height: sides.height };
};

const searchAs = (form: Form): Handler => (call, argv): Reply => {
  const set = readKind(call, argv[form.stores === 'always' ? 2 : 1] as Bytes, SortedSetValue);
  if (set instanceof ErrorReply) return set;
  const request = readRequest(form, set, argv);
  if (request instanceof ErrorReply) return request;
  const { target, count, any } = request;
  if (set === undefined) {
    if (target === null) return [];
    removeTarget(call, target);
    return 0;
  }
  const found = search(call, set, shapeOf(request), any ? count : 0);
  // The nearest are meant where only some are wanted.
  const order = request.order ?? (count > 0 && !any ? 'ascending' : null);
  const sign = order === 'ascending' ? 1 : -1;
  if (order !== null) found.sort((left, right) => sign * (left.distance - right.distance));
  const chosen = count > 0 ? found.slice(0, count) : found;
  return target === null ? chosen.map((item) => shown(call, item, request)) : store(call, form, target, chosen, request);
};

const shown = (call: Call, { member, score, place, distance }: Found, request: Request): Reply => {
  const more: Reply[] = [];
  if (request.withDistance) more.push(distanceText(distance / request.unit));
  if (request.withHash) more.push(score);
  if (request.withPlace) more.push(placeReply(call, place));
  return more.length === 0 ? member : [member, ...more];
};

const store = (call: Call, form: Form, target: Bytes, chosen: readonly Found[], request: Request): Reply => {
  const items = chosen.map(({ member, score, distance }) => ({ member, score: request.storesDistance ? distance / request.unit : score }));
  const count = storeSortedSet(call, target, items, true, form.source === 'search' ? 'geosearchstore' : 'georadiusstore');
  if (count > 1) call.changed(count - 1);
  return count;
};

/** The source, and the target named last. */
const radiusKeys = (argv: readonly Bytes[]): readonly Bytes[] => {
  let target: Bytes | null = null;
  for (let index = 5; index + 1 < argv.length; index++) {
    if (isWord(argv[index], 'store') || isWord(argv[index], 'storedist')) target = argv[++index] as Bytes;
  }
  return target === null ? [argv[1] as Bytes] : [argv[1] as Bytes, target];
};

const TWO_KEYS: KeyRange = { first: 1, last: 2, step: 1 };
const READ = ['readonly'] as const;
const WRITE = ['write', 'denyoom'] as const;
const RADIUS = ['write', 'denyoom', 'movablekeys'] as const;

export const geoSearchCommands: readonly CommandRow[] = [
  { name: 'geosearch', arity: -7, flags: READ, keys: ONE_KEY, since: '6.2.0', handler: searchAs({ source: 'search', stores: 'never' }) },
  {
    name: 'geosearchstore', arity: -8, flags: WRITE, keys: TWO_KEYS, since: '6.2.0',
    handler: searchAs({ source: 'search', stores: 'always' }),
  },
  {
    name: 'georadius', arity: -6, flags: RADIUS, keys: ONE_KEY, movableKeys: radiusKeys, since: '3.2.0',
    handler: searchAs({ source: 'coordinates', stores: 'option' }),
  },
  {
    name: 'georadius_ro', arity: -6, flags: READ, keys: ONE_KEY, since: '3.2.10',
    handler: searchAs({ source: 'coordinates', stores: 'never' }),
  },
  {
    name: 'georadiusbymember', arity: -5, flags: RADIUS, keys: ONE_KEY, movableKeys: radiusKeys, since: '3.2.0',
    handler: searchAs({ source: 'member', stores: 'option' }),
  },
  {
    name: 'georadiusbymember_ro', arity: -5, flags: READ, keys: ONE_KEY, since: '3.2.10',
    handler: searchAs({ source: 'member', stores: 'never' }),
  },
];
