/**
 * SENTINEL SET: options of a primary, changed one after the other; those before a wrong one stay changed.
 * Source: sentinelSetCommand in sentinel.c of Redis 7.0.
 */
import { type Bytes, EMPTY, bytes, detach, lower } from '../core/bytes.ts';
import { parseInt64 } from '../core/integers.ts';
import { ErrorReply, type Reply, error } from '../protocol/reply.ts';
import { SENTINEL_DIRECTIVE, SENTINEL_EVENT } from '../protocol/sentinelNames.ts';
import { saveAndReply, withPrimary } from './commandSupport.ts';
import { setDownAfter } from './createInstance.ts';
import type { WatchedPrimary } from './instance.ts';
import type { Sentinel } from './sentinel.ts';

/** Null: done. Bytes: the argument that cannot be used. */
type Outcome = null | Bytes | ErrorReply;

interface Option {
  readonly values: 1 | 2;
  /** What the event shows in place of the value. */
  readonly isSecret?: true;
  apply(primary: WatchedPrimary, values: readonly Bytes[], sentinel: Sentinel): Outcome;
}

const SECRET = bytes('******');

/** SET name option value [option value …]. */
export const sentinelSet = (sentinel: Sentinel, argv: readonly Bytes[]): Reply =>
  withPrimary(sentinel, argv[2] as Bytes, (primary) => {
    let at = 3;
    while (at < argv.length) {
      const name = argv[at] as Bytes;
      const option = OPTIONS.get(lower(name));
      const values = option === undefined ? [] : argv.slice(at + 1, at + 1 + option.values).map(detach);
      if (option === undefined || values.length < option.values) {
        return failed(sentinel, at, error(`ERR Unknown option or number of arguments for SENTINEL SET '${name}'`));
      }
      const outcome = option.apply(primary, values, sentinel);
      if (outcome instanceof ErrorReply) return failed(sentinel, at, outcome);
      if (outcome !== null) return failed(sentinel, at, error(`ERR Invalid argument '${outcome}' for SENTINEL SET '${name}'`));
      const shown = option.isSecret === true ? SECRET : values.join(' ');
      sentinel.event('warning', SENTINEL_EVENT.set, primary, ` ${name} ${shown}`);
      at += 1 + option.values;
    }
    return saveAndReply(sentinel);
  });

/** `at`: the argument that was wrong. What came before it is saved. */
const failed = (sentinel: Sentinel, at: number, reply: ErrorReply): Reply => {
  if (at > 3) sentinel.services.saveConfig();
  return reply;
};

const integer = (min: bigint, apply: (primary: WatchedPrimary, value: bigint) => void): Option => ({
  values: 1,
  apply: (primary, [text]) => {
    const value = parseInt64(text as Bytes);
    if (value === null || value < min) return text as Bytes;
    apply(primary, value);
    return null;
  },
});

const script = (title: string, apply: (primary: WatchedPrimary, path: Bytes | null) => void): Option => ({
  values: 1,
  apply: (primary, [value], sentinel) => {
    const path = value as Bytes;
    if (sentinel.denyScriptsReconfig) {
      return error('ERR Reconfiguration of scripts path is denied for security reasons. Check the deny-scripts-reconfig '
        + 'configuration directive in your Sentinel configuration');
    }
    if (path !== EMPTY && !sentinel.host.scripts.isExecutable(path)) {
      return error(`ERR ${title} script seems non existing or non executable`);
    }
    apply(primary, path === EMPTY ? null : path);
    return null;
  },
});

/** How the nodes want a sentinel to authenticate: connections are made anew with it. */
const credential = (apply: (primary: WatchedPrimary, value: Bytes | null) => void): Option => ({
  values: 1,
  apply: (primary, [value]) => {
    apply(primary, value === EMPTY ? null : value as Bytes);
    for (const { link } of [primary, ...primary.replicas.values()]) {
      link.closeCommands();
      link.closePubsub();
    }
    return null;
  },
});

const renameCommand: Option = {
  values: 2,
  apply: ({ options }, values) => {
    const [from, to] = values as readonly [Bytes, Bytes];
    if (from === EMPTY || to === EMPTY) return EMPTY;
    options.renamedCommands.delete(lower(from));
    // Renamed to itself: it has its own name again.
    if (lower(from) !== lower(to)) options.renamedCommands.set(lower(from), { from, to });
    return null;
  },
};

/** The widths that Redis keeps these numbers in. */
const uint32 = (value: bigint): number => Number(BigInt.asUintN(32, value));
const int32 = (value: bigint): number => Number(BigInt.asIntN(32, value));

const OPTIONS: ReadonlyMap<string, Option> = new Map([
  ['down-after-milliseconds', integer(1n, (primary, value) => setDownAfter(primary, Number(value)))],
  ['failover-timeout', integer(1n, ({ options }, value) => { options.failoverTimeoutMs = Number(value); })],
  ['parallel-syncs', integer(1n, ({ options }, value) => { options.parallelSyncs = int32(value); })],
  ['quorum', integer(1n, ({ options }, value) => { options.quorum = uint32(value); })],
  [SENTINEL_DIRECTIVE.rebootPeriod, integer(0n, ({ options }, value) => { options.rebootDownAfterMs = Number(value); })],
  ['notification-script', script('Notification', ({ options }, path) => { options.notificationScript = path; })],
  ['client-reconfig-script', script('Client reconfiguration', ({ options }, path) => { options.clientReconfigScript = path; })],
  ['auth-pass', { ...credential(({ options }, value) => { options.authPass = value; }), isSecret: true }],
  ['auth-user', credential(({ options }, value) => { options.authUser = value; })],
  ['rename-command', renameCommand],
]);
