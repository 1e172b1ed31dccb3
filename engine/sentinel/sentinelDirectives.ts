/**
 * The `sentinel …` lines of a configuration file, as they were written by hand or by a sentinel before.
 *
 * Always holds: what the whole sentinel rests on (names are resolved or not, its ID) is read first, then the primaries, then
 * what refers to them; within each the order is that of the text. Source: queueSentinelConfig, sentinelHandleConfiguration in
 * sentinel.c of Redis 7.0.
 */
import { type Bytes, EMPTY, lower } from '../core/bytes.ts';
import { SENTINEL_DIRECTIVE, SENTINEL_TEXT } from '../protocol/sentinelNames.ts';
import { createPeer, createPrimary, createReplica, setDownAfter } from './createInstance.ts';
import type { WatchedPrimary } from './instance.ts';
import { leadingEpoch, leadingInt } from './leadingInteger.ts';
import { ID_LENGTH, type Sentinel } from './sentinel.ts';
import { yesOrNo } from './yesOrNo.ts';

export interface PlacedDirective {
  readonly name: Bytes;
  /** The words behind `sentinel`. */
  readonly values: readonly Bytes[];
  readonly place: string;
}

/** Null: it was applied; else why not. */
type Outcome = string | null;

interface Rule {
  /** How many words may follow its own. */
  readonly words: readonly number[];
  apply(sentinel: Sentinel, words: readonly Bytes[]): Outcome;
}

/** Throws what `complain` makes of the first directive that cannot be used. */
export const applySentinelDirectives = (
  sentinel: Sentinel, directives: readonly PlacedDirective[], complain: (directive: PlacedDirective, reason: string) => Error,
): void => {
  const isMonitor = (directive: PlacedDirective): boolean => word(directive) === MONITOR;
  const isGlobal = (directive: PlacedDirective): boolean => GLOBAL_RULES.has(word(directive));
  const rest = directives.filter((directive) => !isMonitor(directive) && !isGlobal(directive));
  for (const directive of [...directives.filter(isGlobal), ...directives.filter(isMonitor), ...rest]) {
    // `sentinel` alone says nothing.
    if (directive.values.length === 0) continue;
    const problem = applyOne(sentinel, directive);
    if (problem !== null) throw complain(directive, problem);
  }
};

const word = ({ values }: PlacedDirective): Bytes => lower(values[0] ?? EMPTY);

const applyOne = (sentinel: Sentinel, directive: PlacedDirective): Outcome => {
  const rule = GLOBAL_RULES.get(word(directive)) ?? PRIMARY_RULES.get(word(directive));
  const words = directive.values.slice(1);
  if (rule === undefined || !rule.words.includes(words.length)) return 'Unrecognized sentinel configuration statement.';
  return rule.apply(sentinel, words);
};

const MONITOR = 'monitor';

const global = (name: string, apply: (sentinel: Sentinel, value: Bytes) => Outcome | void): readonly [string, Rule] =>
  [name, { words: [1], apply: (sentinel, [value]) => apply(sentinel, value as Bytes) ?? null }];

const flag = (name: string, plural: string, apply: (sentinel: Sentinel, value: boolean) => void): readonly [string, Rule] =>
  global(name, (sentinel, value) => {
    const isOn = yesOrNo(value);
    if (isOn === null) return `Please specify yes or no for the ${name} option${plural}.`;
    apply(sentinel, isOn);
    return null;
  });

const GLOBAL_RULES: ReadonlyMap<string, Rule> = new Map([
  flag('deny-scripts-reconfig', 's', (sentinel, value) => { sentinel.denyScriptsReconfig = value; }),
  flag('resolve-hostnames', '', (sentinel, value) => { sentinel.resolveHostnames = value; }),
  flag('announce-hostnames', '', (sentinel, value) => { sentinel.announceHostnames = value; }),
  global('announce-ip', (sentinel, value) => { sentinel.announceIp = value === EMPTY ? sentinel.announceIp : value; }),
  global('announce-port', (sentinel, value) => { sentinel.announcePort = leadingInt(value); }),
  global('sentinel-user', (sentinel, value) => { sentinel.sentinelUser = value; }),
  global('sentinel-pass', (sentinel, value) => { sentinel.sentinelPass = value; }),
  global('current-epoch', (sentinel, value) => {
    if (!sentinel.services.bugs.forgetsEpochs) sentinel.currentEpoch = Math.max(sentinel.currentEpoch, leadingEpoch(value));
  }),
  global('myid', (sentinel, value) => {
    if (value.length !== ID_LENGTH) return 'Malformed Sentinel id in myid option.';
    sentinel.id = value;
    return null;
  }),
]);

/** A line about a primary: its name comes first, `count` words more. */
const about = (
  name: string, count: number, apply: (sentinel: Sentinel, primary: WatchedPrimary, values: readonly Bytes[]) => Outcome | void,
): readonly [string, Rule] => [name, {
  words: [count + 1],
  apply: (sentinel, [of, ...values]) => {
    const primary = sentinel.primaries.get(of as Bytes);
    return primary === undefined ? SENTINEL_TEXT.unknownDirectiveName : apply(sentinel, primary, values) ?? null;
  },
}];

const aboutOne = (
  name: string, apply: (primary: WatchedPrimary, value: Bytes, sentinel: Sentinel) => Outcome | void,
): readonly [string, Rule] => about(name, 1, (sentinel, primary, [value]) => apply(primary, value as Bytes, sentinel));

const duration = (name: string, apply: (primary: WatchedPrimary, durationMs: number) => void): readonly [string, Rule] =>
  aboutOne(name, (primary, value) => {
    const durationMs = leadingInt(value);
    if (durationMs <= 0) return 'negative or zero time parameter.';
    apply(primary, durationMs);
    return null;
  });

const knownReplica = (name: string): readonly [string, Rule] => about(name, 2, (sentinel, primary, values) => {
  const [hostname, port] = values as readonly [Bytes, Bytes];
  const replica = createReplica(sentinel, primary, hostname, leadingInt(port));
  return typeof replica === 'string' ? replica : null;
});

/** Without a run ID (files of very old sentinels) there is nothing to know it by: its next hello tells. */
const knownSentinel: Rule = {
  words: [3, 4],
  apply: (sentinel, words) => {
    const [of, hostname, port, runId] = words as readonly [Bytes, Bytes, Bytes, Bytes | undefined];
    const primary = sentinel.primaries.get(of);
    if (primary === undefined) return SENTINEL_TEXT.unknownDirectiveName;
    if (runId === undefined) return null;
    const peer = createPeer(sentinel, primary, hostname, leadingInt(port), runId);
    return typeof peer === 'string' ? peer : null;
  },
};

const monitor: Rule = {
  words: [4],
  apply: (sentinel, words) => {
    const [name, hostname, port, quorumText] = words as readonly [Bytes, Bytes, Bytes, Bytes];
    const quorum = leadingInt(quorumText);
    if (quorum <= 0) return 'Quorum must be 1 or greater.';
    const primary = createPrimary(sentinel, name, hostname, leadingInt(port), quorum);
    return typeof primary === 'string' ? primary : null;
  },
};

const script = (
  name: string, title: string, apply: (primary: WatchedPrimary, path: Bytes) => void,
): readonly [string, Rule] => aboutOne(name, (primary, path, sentinel) => {
  if (!sentinel.host.scripts.isExecutable(path)) return `${title} script seems non existing or non executable.`;
  apply(primary, path);
  return null;
});

const PRIMARY_RULES: ReadonlyMap<string, Rule> = new Map([
  [MONITOR, monitor],
  duration('down-after-milliseconds', setDownAfter),
  duration('failover-timeout', ({ options }, durationMs) => { options.failoverTimeoutMs = durationMs; }),
  aboutOne('parallel-syncs', ({ options }, value) => { options.parallelSyncs = leadingInt(value); }),
  script('notification-script', 'Notification', ({ options }, path) => { options.notificationScript = path; }),
  script('client-reconfig-script', 'Client reconfiguration', ({ options }, path) => { options.clientReconfigScript = path; }),
  aboutOne('auth-pass', ({ options }, value) => { options.authPass = value; }),
  aboutOne('auth-user', ({ options }, value) => { options.authUser = value; }),
  aboutOne(SENTINEL_DIRECTIVE.rebootPeriod, ({ options }, value) => {
    const durationMs = leadingInt(value);
    if (durationMs < 0) return 'negative time parameter.';
    options.rebootDownAfterMs = durationMs;
    return null;
  }),
  aboutOne('config-epoch', (primary, value, sentinel) => {
    if (sentinel.services.bugs.forgetsEpochs) return;
    primary.configEpoch = leadingEpoch(value);
    sentinel.currentEpoch = Math.max(sentinel.currentEpoch, primary.configEpoch);
  }),
  aboutOne('leader-epoch', (primary, value, sentinel) => {
    if (!sentinel.services.bugs.forgetsEpochs) primary.leaderEpoch = leadingEpoch(value);
  }),
  knownReplica(SENTINEL_DIRECTIVE.knownReplica),
  knownReplica(SENTINEL_DIRECTIVE.knownReplicaOld),
  ['known-sentinel', knownSentinel],
  about('rename-command', 2, (_sentinel, { options }, values) => {
    const [from, to] = values as readonly [Bytes, Bytes];
    if (options.renamedCommands.has(lower(from))) return 'Same command renamed multiple times with rename-command.';
    options.renamedCommands.set(lower(from), { from, to });
    return null;
  }),
]);
