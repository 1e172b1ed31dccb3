/**
 * The checks that real processes can be judged by: those that need the clients' history, the final read, the nodes' answers at the
 * end or their logs, and nothing of what goes on inside. Each says what it needs; every other check that a scenario names is
 * `not observable` here, and never said to hold.
 */
import { SENTINEL_EVENT } from '../../../engine/index.ts';
import type { History } from '../../../sim/client/history.ts';
import type { FinalReadResult } from '../../../sim/check/finalRead.ts';
import { consistencyChecks } from '../../../sim/check/consistency/consistencyChecks.ts';
import { FreshReads } from '../../../sim/check/staleReads.ts';
import type { CheckResult } from '../../../sim/check/check.ts';
import type { LedgerReport } from '../../../sim/report.ts';
import type { Verdict } from '../../../sim/scenario.ts';
import { type LoggedLine, eventOf, wordsBehind } from './eventLog.ts';
import type { NodeAnswer } from './observer.ts';

/** What a check must be able to see. */
export type Observation = 'history' | 'final read' | 'answers of the nodes' | 'logs' | 'notes';

/** A node at the end of the run. */
export interface EndNode {
  readonly name: string;
  readonly isAlive: boolean;
  /** `address:port`, and by every name of its machine. */
  readonly places: readonly string[];
  readonly answer: NodeAnswer | null;
  /** Keys whose value is another one than the final read's; null: it could not be asked. */
  readonly differingKeys: readonly string[] | null;
}

export interface EndOfRun {
  readonly history: History;
  readonly read: FinalReadResult;
  readonly ledger: LedgerReport;
  readonly nodes: readonly EndNode[];
  /** What each living sentinel holds to be the primary's place; null: it does not say. */
  readonly beliefs: readonly { readonly sentinel: string; readonly place: string | null }[];
  /** The slots as each living node has them. */
  readonly slotMaps: readonly { readonly node: string; readonly map: readonly string[] | null }[];
  readonly lines: readonly LoggedLine[];
  /** Zones whose probes still fail. */
  readonly failingZones: readonly string[];
  readonly isCluster: boolean;
  readonly hasSentinels: boolean;
}

export interface RealCheck {
  readonly name: string;
  readonly isSafety: boolean;
  readonly needs: readonly Observation[];
  /** Null: this run has nothing that it is about. */
  judge(end: EndOfRun): CheckResult | null;
}

const holds = (detail: string): CheckResult => ({ verdict: 'holds', detail });
const violated = (detail: string): CheckResult => ({ verdict: 'violated', detail });
const notExercised = (detail: string): CheckResult => ({ verdict: 'not exercised', detail });
const notObservable = (detail: string): CheckResult => ({ verdict: 'not observable', detail });

const servingNodes = ({ nodes, read }: EndOfRun): readonly EndNode[] => {
  const places = new Set<string>([...(read.server === null ? [] : [read.server]), ...read.servers.values()]);
  return nodes.filter((node) => node.places.some((place) => places.has(place)));
};

/** What keeps a node from agreeing with its primary; null: nothing does. */
const disagreement = (node: EndNode, all: readonly EndNode[], serving: readonly EndNode[]): string | null => {
  const { name, answer, differingKeys } = node;
  if (!node.isAlive) return null;
  if (answer === null) return `${name} does not answer`;
  if (differingKeys !== null && differingKeys.length > 0) return `${name} holds other data (${differingKeys[0] ?? ''})`;
  if (serving.includes(node)) return null;
  if (answer.role !== 'replica') return serving.length > 1 || all.length === 1 ? null : `${name} is a primary of its own`;
  if (!answer.isConnected) return `${name} is not connected to a primary`;
  const above = all.find(({ places }) => answer.primary !== null && places.includes(answer.primary));
  if (above?.answer === undefined || above.answer === null) return `${name} follows ${answer.primary ?? 'nobody'}, which does not answer`;
  if (above.answer.replicationId !== answer.replicationId) return `${name} follows another history`;
  return above.answer.offset === answer.offset ? null : `${name} stands at offset ${answer.offset}, not ${above.answer.offset}`;
};

/** Why the nodes do not agree yet, a line each. */
export const disagreements = (end: EndOfRun): readonly string[] => {
  const serving = servingNodes(end);
  return end.nodes.flatMap((node) => disagreement(node, end.nodes, serving) ?? []);
};

const convergence: RealCheck['judge'] = (end) => {
  if (!end.read.isPrimary) return violated('no primary serves');
  const problems = disagreements(end);
  if (problems.length > 0) return violated(problems.join('; '));
  const living = end.nodes.filter(({ isAlive }) => isAlive);
  return living.length < 2 ? notExercised('fewer than two nodes live') : holds(`${living.length} nodes agree`);
};

const serviceRestored: RealCheck['judge'] = (end) => {
  const { read, failingZones, history } = end;
  if (!read.done || !read.isPrimary) return violated('no primary takes writes where the clients look for one');
  const unserved = history.operations.find(({ key }) => !read.values.has(key));
  if (unserved !== undefined) return violated(`nobody serves ${unserved.key}`);
  if (failingZones.length > 0) return violated(`writes still fail from ${failingZones.join(', ')}`);
  return holds(`${servingNodes(end).map(({ name }) => name).join(', ')} takes writes`);
};

const oneWritablePrimary: RealCheck['judge'] = ({ nodes, beliefs, hasSentinels }) => {
  if (!hasSentinels) return null;
  if (beliefs.length === 0) return notExercised('no living sentinel watches anything');
  const primaries = nodes.filter(({ isAlive, answer }) => isAlive && answer?.role === 'primary');
  const [primary] = primaries;
  if (primary === undefined) return violated('there is no primary');
  if (primaries.length > 1) return violated(`there are several primaries: ${primaries.map(({ name }) => name).join(', ')}`);
  const other = beliefs.find(({ place }) => place !== null && !primary.places.includes(place));
  return other === undefined ? holds(`${primary.name}, at the end`)
    : violated(`${primary.name} is the primary, ${other.sentinel} holds ${other.place ?? ''} to be it`);
};

const sentinelsAgree: RealCheck['judge'] = ({ beliefs, nodes, hasSentinels }) => {
  if (!hasSentinels) return null;
  const known = beliefs.filter(({ place }) => place !== null);
  if (known.length < 2) return notExercised('fewer than two sentinels answer');
  const names = new Set(known.map(({ place }) => nodes.find(({ places }) => places.includes(place ?? ''))?.name ?? place));
  return names.size === 1 ? holds(`${known.length} sentinels agree on ${[...names][0] ?? ''}`)
    : violated(known.map(({ sentinel, place }) => `${sentinel} holds ${place ?? 'nobody'}`).join('; '));
};

const slotMapsAgree: RealCheck['judge'] = ({ slotMaps, isCluster }) => {
  if (!isCluster) return null;
  const known = slotMaps.flatMap(({ node, map }) => (map === null ? [] : [{ node, map: map.join(', ') }]));
  const [first] = known;
  if (first === undefined || known.length < 2) return notExercised('fewer than two nodes answer');
  const other = known.find(({ map }) => map !== first.map);
  return other === undefined ? holds(`${known.length} nodes have the same map`) : violated(`${other.node} and ${first.node} have different maps`);
};

/** In each epoch a sentinel votes for one: `+vote-for-leader ID EPOCH`. */
const oneVotePerEpoch: RealCheck['judge'] = ({ lines, hasSentinels }) => {
  if (!hasSentinels) return null;
  const votes = new Map<string, string>();
  for (const { node, message } of lines) {
    if (eventOf(message) !== SENTINEL_EVENT.voteForLeader) continue;
    const [leader = '', epoch = ''] = wordsBehind(message);
    const key = `${node} ${epoch}`;
    const before = votes.get(key);
    if (before !== undefined && before !== leader) return violated(`${node} voted twice in epoch ${epoch}`);
    votes.set(key, leader);
  }
  return votes.size === 0 ? notExercised('no votes') : holds(`${votes.size} votes`);
};

/** A sentinel that is elected was elected in the epoch that it last spoke of: `+new-epoch EPOCH`. */
const oneLeaderPerEpoch: RealCheck['judge'] = ({ lines, hasSentinels }) => {
  if (!hasSentinels) return null;
  const epochs = new Map<string, string>();
  const leaders = new Map<string, string>();
  for (const { node, message } of lines) {
    const event = eventOf(message);
    if (event === SENTINEL_EVENT.newEpoch) epochs.set(node, wordsBehind(message)[0] ?? '');
    if (event !== SENTINEL_EVENT.electedLeader) continue;
    const key = `${epochs.get(node) ?? ''} ${wordsBehind(message)[1] ?? ''}`;
    const other = leaders.get(key);
    if (other !== undefined && other !== node) return violated(`${node} and ${other} were elected in one epoch`);
    leaders.set(key, node);
  }
  return leaders.size === 0 ? notExercised('no leaders') : holds(`${leaders.size} elected`);
};

const ledgerNoBugs: RealCheck['judge'] = ({ ledger }) => {
  if (ledger.acknowledged === 0) return notExercised('nothing was acknowledged');
  return ledger.lost === 0 ? holds('nothing was lost') : notObservable(`${ledger.lost} lost; why is not to be seen`);
};

/** In the order of their names in reports. */
export const REAL_CHECKS: readonly RealCheck[] = [
  { name: 'convergence', isSafety: false, needs: ['final read', 'answers of the nodes'], judge: convergence },
  {
    name: 'fresh-reads', isSafety: false, needs: ['history'],
    judge: ({ history }) => new FreshReads(history).finish(),
  },
  { name: 'one-vote-per-epoch', isSafety: true, needs: ['logs'], judge: oneVotePerEpoch },
  { name: 'one-leader-per-epoch', isSafety: true, needs: ['logs'], judge: oneLeaderPerEpoch },
  { name: 'sentinels-agree', isSafety: false, needs: ['answers of the nodes'], judge: sentinelsAgree },
  { name: 'one-writable-primary', isSafety: false, needs: ['answers of the nodes'], judge: oneWritablePrimary },
  { name: 'slot-maps-agree', isSafety: false, needs: ['answers of the nodes'], judge: slotMapsAgree },
  { name: 'ledger-no-bugs', isSafety: true, needs: ['history', 'final read'], judge: ledgerNoBugs },
  { name: 'service-restored', isSafety: false, needs: ['history', 'final read'], judge: serviceRestored },
];

export interface JudgedCheck extends CheckResult {
  readonly name: string;
  readonly isSafety: boolean;
}

/** What each check of a run needs to see; those that are not observable need the notes of the processes. */
export const needsOf = (judged: readonly JudgedCheck[]): Readonly<Record<string, readonly Observation[]>> =>
  Object.fromEntries(judged.map(({ name, verdict }) => {
    const known = REAL_CHECKS.find((check) => check.name === name)?.needs;
    return [name, known ?? (verdict === 'not observable' ? ['notes'] : ['history'])];
  }));

/** Every check that can be judged, and every other one that the scenario names. */
export const judgeReal = (end: EndOfRun, expected: Readonly<Record<string, Verdict>>): readonly JudgedCheck[] => {
  const judged = REAL_CHECKS.flatMap(({ name, isSafety, judge }): JudgedCheck[] => {
    const result = judge(end);
    return result === null ? [] : [{ name, isSafety, ...result }];
  });
  const names = Object.keys(expected);
  for (const check of consistencyChecks(end.history, names)) judged.push({ name: check.name, isSafety: check.isSafety, ...check.finish() });
  const unseen = names.filter((name) => judged.every((one) => one.name !== name))
    .map((name): JudgedCheck => ({ name, isSafety: true, ...notObservable('it needs what goes on inside of the processes') }));
  return [...judged, ...unseen];
};
