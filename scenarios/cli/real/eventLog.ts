/**
 * What servers log, as events that two worlds can be compared by: Sentinel's by their own names, those of Cluster and replication by
 * the sentence that announces them. The engine logs in Redis's words, so one reader serves both worlds.
 *
 * Source: the log calls of sentinel.c, cluster.c and replication.c of Redis 7.0.
 */

/** A line of some process's log. */
export interface LoggedLine {
  readonly node: string;
  readonly atMs: number;
  readonly message: string;
}

/** `4711:X 23 Nov 2026 04:06:11.123 # +sdown …`: pid and role, date, time, level. */
const LINE = /^[0-9]+:[A-Z] [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:.]+ [.*#-] (.*)$/;

/** The message of a line; null: it is none of the log's, such as the banner. */
export const messageOf = (line: string): string | null => LINE.exec(line)?.[1] ?? null;

const SENTINEL_EVENT = /^([+-][a-z][a-z-]+)(?: |$)/;

/** Sentences of a log and the names that their events get here. */
const SENTENCES: readonly (readonly [RegExp, string])[] = [
  [/^Marking node .* as failing \(quorum reached\)/, 'node-failed'],
  [/^FAIL message received from /, 'fail-heard'],
  [/^Clear FAIL state for node /, 'fail-cleared'],
  [/^Start of election delayed for /, 'election-delayed'],
  [/^Starting a failover election for epoch /, 'election-started'],
  [/^Failover auth granted to /, 'vote-given'],
  [/^Failover election won/, 'election-won'],
  [/^Manual failover requested by /, 'failover-requested'],
  [/^Cluster state changed: fail/, 'cluster-fails'],
  [/^Cluster state changed: ok/, 'cluster-serves'],
  [/^Configuration change detected/, 'follows-another'],
  [/^Migrating to orphaned /, 'replica-migrates'],
  [/^Full resync from /, 'full-sync'],
  [/^Successful partial resynchronization with /, 'partial-sync'],
  [/^Partial resynchronization not accepted|^Unable to partial resync with replica /, 'partial-refused'],
  [/^F(?:ailover|AILOVER) .*, failing over\.$/, 'handed-over'],
  [/ MODE enabled\b/, 'promoted'],
];

/** The name of the event that a message announces; null: none that is compared. */
export const eventOf = (message: string): string | null => {
  const sentinel = SENTINEL_EVENT.exec(message);
  if (sentinel !== null) return sentinel[1] ?? null;
  return SENTENCES.find(([sentence]) => sentence.test(message))?.[1] ?? null;
};

/** Names of the events of each node, in the order of their first time. */
export const ordersOf = (lines: readonly LoggedLine[]): ReadonlyMap<string, readonly string[]> => {
  const orders = new Map<string, string[]>();
  for (const { node, message } of lines) {
    const event = eventOf(message);
    if (event === null) continue;
    const order = orders.get(node) ?? [];
    orders.set(node, order);
    if (!order.includes(event)) order.push(event);
  }
  return orders;
};

/** The words behind an event's name. */
export const wordsBehind = (message: string): readonly string[] => message.split(' ').slice(1);
