/**
 * CLIENT TRACKING, CACHING, TRACKINGINFO and GETREDIR. Options that contradict each other or the present mode are refused.
 * Source: clientCommand in networking.c of Redis 7.0, for behaviour.
 */
import { type Bytes, bytes, lower } from '../core/bytes.ts';
import { readLong } from '../commands/arguments.ts';
import type { Client, TrackingState } from '../commands/client.ts';
import { type CommandRow, NO_KEYS } from '../commands/command.ts';
import { ErrorReply, MapReply, OK, type Reply, SYNTAX_ERROR, SetReply, error } from '../protocol/reply.ts';
import type { Tracking } from './tracking.ts';

const ONE_TARGET = error('ERR A client can only redirect to a single other client');
const NO_TARGET = error('ERR The client ID you want redirect to does not exist');
const PREFIX_NEEDS_BROADCAST = error('ERR PREFIX option requires BCAST mode to be enabled');
const MODE_STAYS = error("ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with "
  + 'a different mode.');
const OPTS_WITHOUT_BROADCAST = error('ERR OPTIN and OPTOUT are not compatible with BCAST');
const ONE_OPT = error("ERR You can't specify both OPTIN mode and OPTOUT mode");
const OPT_STAYS = error("ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with "
  + 'a different mode.');
const NO_CACHING = error('ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled');
const ONLY_OPT_IN = error('ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.');
const ONLY_OPT_OUT = error('ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.');

interface Options {
  redirect: number;
  isBroadcast: boolean;
  isNoLoop: boolean;
  in: boolean;
  out: boolean;
  readonly prefixes: Bytes[];
}

const readOptions = (tracking: Tracking, argv: readonly Bytes[]): Options | ErrorReply => {
  const options: Options = { redirect: 0, isBroadcast: false, isNoLoop: false, in: false, out: false, prefixes: [] };
  for (let index = 3; index < argv.length; index++) {
    const value = argv[index + 1];
    const word: string = lower(argv[index] as Bytes);
    if (word === 'bcast') options.isBroadcast = true;
    else if (word === 'noloop') options.isNoLoop = true;
    else if (word === 'optin') options.in = true;
    else if (word === 'optout') options.out = true;
    else if (word === 'prefix' && value !== undefined) {
      options.prefixes.push(value);
      index++;
    } else if (word === 'redirect' && value !== undefined) {
      if (options.redirect !== 0) return ONE_TARGET;
      const id = readLong(value);
      if (id instanceof ErrorReply) return id;
      if (!tracking.isClient(id)) return NO_TARGET;
      options.redirect = id;
      index++;
    } else return SYNTAX_ERROR;
  }
  return options;
};

/** What goes against each other, or against the mode that the client is in. */
const contradiction = (present: TrackingState | null, options: Options): ErrorReply | null => {
  if (!options.isBroadcast && options.prefixes.length > 0) return PREFIX_NEEDS_BROADCAST;
  if (present !== null && present.isBroadcast !== options.isBroadcast) return MODE_STAYS;
  if (options.isBroadcast && (options.in || options.out)) return OPTS_WITHOUT_BROADCAST;
  if (options.in && options.out) return ONE_OPT;
  if ((options.in && present?.opts === 'out') || (options.out && present?.opts === 'in')) return OPT_STAYS;
  return options.isBroadcast ? collision(present?.prefixes ?? [], options.prefixes) : null;
};

const overlap = (one: Bytes, other: Bytes): boolean => one.startsWith(other) || other.startsWith(one);

const collision = (present: readonly Bytes[], given: readonly Bytes[]): ErrorReply | null => {
  for (const [index, prefix] of given.entries()) {
    const known = present.find((one) => overlap(one, prefix));
    if (known !== undefined) {
      return error(`ERR Prefix '${prefix}' overlaps with an existing prefix '${known}'. Prefixes for a single client must not overlap.`);
    }
    const other = given.slice(index + 1).find((one) => overlap(one, prefix));
    if (other !== undefined) {
      return error(`ERR Prefix '${prefix}' overlaps with another provided prefix '${other}'. `
        + 'Prefixes for a single client must not overlap.');
    }
  }
  return null;
};

const track = (tracking: Tracking, client: Client, argv: readonly Bytes[]): Reply => {
  const options = readOptions(tracking, argv);
  if (options instanceof ErrorReply) return options;
  const mode: string = lower(argv[2] as Bytes);
  if (mode === 'off') {
    tracking.disable(client);
    return OK;
  }
  if (mode !== 'on') return SYNTAX_ERROR;
  const problem = contradiction(client.tracking, options);
  if (problem !== null) return problem;
  tracking.enable(client, {
    redirect: options.redirect, isBroadcast: options.isBroadcast, isNoLoop: options.isNoLoop,
    opts: options.in ? 'in' : options.out ? 'out' : null, caching: false, isBroken: false, prefixes: [],
  }, options.prefixes);
  return OK;
};

/** Whether the keys of the next command are remembered. */
const caching = (client: Client, word: Bytes): Reply => {
  const { tracking } = client;
  if (tracking === null) return NO_CACHING;
  const answer: string = lower(word);
  if (answer !== 'yes' && answer !== 'no') return SYNTAX_ERROR;
  if (answer === 'yes' && tracking.opts !== 'in') return ONLY_OPT_IN;
  if (answer === 'no' && tracking.opts !== 'out') return ONLY_OPT_OUT;
  tracking.caching = true;
  return OK;
};

const flagsOf = (tracking: TrackingState | null): readonly string[] => {
  if (tracking === null) return ['off'];
  const { isBroadcast, opts, isNoLoop, isBroken } = tracking;
  return [
    'on', ...(isBroadcast ? ['bcast'] : []), ...(opts === null ? [] : [`opt${opts}`]),
    ...(tracking.caching ? [opts === 'in' ? 'caching-yes' : 'caching-no'] : []), ...(isNoLoop ? ['noloop'] : []),
    ...(isBroken ? ['broken_redirect'] : []),
  ];
};

const describe = ({ tracking }: Client): Reply => new MapReply([
  [bytes('flags'), new SetReply(flagsOf(tracking).map((flag) => bytes(flag)))],
  [bytes('redirect'), tracking?.redirect ?? -1], [bytes('prefixes'), tracking?.prefixes ?? []],
]);

export const trackingCommands = (tracking: Tracking): readonly CommandRow[] => {
  const row = (name: string, arity: number, since: string, run: (client: Client, argv: readonly Bytes[]) => Reply): CommandRow => ({
    name: `client|${name}`, arity, flags: ['noscript', 'loading', 'stale'], keys: NO_KEYS, since,
    handler: ({ client }, argv) => run(client, argv),
  });
  return [
    row('tracking', -3, '6.0.0', (client, argv) => track(tracking, client, argv)),
    row('caching', 3, '6.0.0', (client, argv) => caching(client, argv[2] as Bytes)),
    row('trackinginfo', 2, '6.2.0', describe),
    row('getredir', 2, '6.0.0', (client) => client.tracking?.redirect ?? -1),
  ];
};
