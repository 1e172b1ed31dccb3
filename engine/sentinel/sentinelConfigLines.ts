/**
 * What the configuration file of a sentinel says of it: each directive that differs from its default, and the state that must
 * outlive the process. While a failover is past its promotion, the promoted replica stands there as the primary already.
 *
 * Nothing is quoted but `announce-ip`, as in Redis: a password with a blank in it makes a file that cannot be read again.
 * Source: rewriteConfigSentinelOption in sentinel.c of Redis 7.0.
 */
import { type Bytes, EMPTY, bytes, lower } from '../core/bytes.ts';
import { type RewrittenOption, quoted } from '../persistence/configRewrite.ts';
import { SENTINEL_DIRECTIVE } from '../protocol/sentinelNames.ts';
import { type InstanceAddress, sameAddress } from './address.ts';
import type { WatchedPrimary } from './instance.ts';
import type { Sentinel } from './sentinel.ts';
import { yesOrNoText } from './yesOrNo.ts';

const SENTINEL = 'sentinel';

/** The words of a line behind `sentinel`: the directive and its values. */
type Words = readonly [directive: string, ...values: readonly (string | number)[]];

/**
 * One entry for each line, in the order in which new lines are appended; the same name comes again for each primary. At the
 * end an entry without lines for every directive, so that old lines of which none is left go.
 */
export const sentinelConfigLines = (sentinel: Sentinel): readonly RewrittenOption[] => [
  option(['myid', sentinel.id]),
  option(['deny-scripts-reconfig', yesOrNoText(sentinel.denyScriptsReconfig)], !sentinel.denyScriptsReconfig),
  option(['resolve-hostnames', yesOrNoText(sentinel.resolveHostnames)], sentinel.resolveHostnames),
  option(['announce-hostnames', yesOrNoText(sentinel.announceHostnames)], sentinel.announceHostnames),
  ...[...sentinel.primaries.values()].flatMap((primary) => primaryLines(sentinel, primary)).map((words) => option(words)),
  ...globalLines(sentinel).map((words) => option(words)),
  ...DIRECTIVES.map((directive) => ({ name: `${SENTINEL} ${directive}`, lines: [] })),
];

/** The name by which a line of the old file belongs to an option. */
export const sentinelOptionOf = (words: readonly Bytes[]): string => {
  const directive = lower(words[1] ?? EMPTY);
  return `${SENTINEL} ${directive === SENTINEL_DIRECTIVE.knownReplicaOld ? SENTINEL_DIRECTIVE.knownReplica : directive}`;
};

const DIRECTIVES: readonly string[] = [
  'myid', 'deny-scripts-reconfig', 'resolve-hostnames', 'announce-hostnames', 'monitor', 'down-after-milliseconds',
  'failover-timeout', 'parallel-syncs', 'notification-script', 'client-reconfig-script', 'auth-pass', 'auth-user',
  SENTINEL_DIRECTIVE.rebootPeriod, 'config-epoch', 'leader-epoch', SENTINEL_DIRECTIVE.knownReplica, 'known-sentinel',
  'rename-command', 'current-epoch', 'announce-ip', 'announce-port', 'sentinel-user', 'sentinel-pass',
];

/** `isForced` false: only where the file has such a line already. */
const option = (words: Words, isForced = true): RewrittenOption =>
  ({ name: `${SENTINEL} ${words[0]}`, lines: [{ text: bytes(`${SENTINEL} ${words.join(' ')}`), isForced }] });

const primaryLines = (sentinel: Sentinel, primary: WatchedPrimary): readonly Words[] => {
  const { name, options, currentAddress: at, downAfterMs } = primary;
  const { periods } = sentinel;
  const given = (directive: string, value: Bytes | null): readonly Words[] => (value === null ? [] : [[directive, name, value]]);
  const unless = (directive: string, value: number, usual: number): readonly Words[] =>
    (value === usual ? [] : [[directive, name, value]]);
  return [
    ['monitor', name, written(sentinel, at), at.port, options.quorum],
    ...unless('down-after-milliseconds', downAfterMs, periods.defaultDownAfter),
    ...unless('failover-timeout', options.failoverTimeoutMs, periods.defaultFailoverTimeout),
    ...unless('parallel-syncs', options.parallelSyncs, 1),
    ...given('notification-script', options.notificationScript),
    ...given('client-reconfig-script', options.clientReconfigScript),
    ...given('auth-pass', options.authPass),
    ...given('auth-user', options.authUser),
    ...unless(SENTINEL_DIRECTIVE.rebootPeriod, options.rebootDownAfterMs, 0),
    ['config-epoch', name, primary.configEpoch],
    ['leader-epoch', name, primary.leaderEpoch],
    ...[...primary.replicas.values()].map(({ address }): Words => {
      // The promoted one is written as the primary; in its place stands the old primary, which will follow it.
      const shown = sameAddress(address, at) ? primary.address : address;
      return [SENTINEL_DIRECTIVE.knownReplica, name, written(sentinel, shown), shown.port];
    }),
    ...[...primary.sentinels.values()].map(({ address, name: runId }): Words =>
      ['known-sentinel', name, written(sentinel, address), address.port, runId]),
    ...[...options.renamedCommands.values()].map(({ from, to }): Words => ['rename-command', name, from, to]),
  ];
};

/** A name that could not be looked up yet is kept: an empty place would make a line that cannot be read. */
const written = (sentinel: Sentinel, address: InstanceAddress): Bytes =>
  (address.ip === EMPTY ? address.hostname : sentinel.shown(address));

const globalLines = (sentinel: Sentinel): readonly Words[] => {
  const { announceIp, announcePort, sentinelUser, sentinelPass } = sentinel;
  const given = (directive: string, value: Bytes, text: string): readonly Words[] => (value === EMPTY ? [] : [[directive, text]]);
  return [
    ['current-epoch', sentinel.currentEpoch],
    ...(announceIp === null ? [] : [['announce-ip', quoted(announceIp)] as const]),
    ...(announcePort === 0 ? [] : [['announce-port', announcePort] as const]),
    ...given('sentinel-user', sentinelUser, sentinelUser),
    ...given('sentinel-pass', sentinelPass, sentinelPass),
  ];
};
