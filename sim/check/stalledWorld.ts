/** What excuses are computed from: the final state, the plan as it struck, and the policies. */
import type { StrikeReport } from '../report.ts';
import type { SimProcess } from '../node/simProcess.ts';
import { type ProcessSpec, type Topology, directiveOf } from '../topology/topology.ts';
import type { FindNode } from './namedNodes.ts';
import type { NodeView } from './nodeView.ts';

export interface StalledWorld {
  readonly topology: Topology;
  readonly strikes: readonly StrikeReport[];
  /** The proof that it does not run and never will without a human; null: there is none. */
  deadForGood(process: SimProcess): string | null;
  /** The data nodes that clients with a fixed server are led to. */
  entries(): readonly NodeView[];
  readonly find: FindNode;
  readonly nowMs: number;
}

/**
 * A server whose last sync of its append-only file failed takes no writes, and answers PING with MISCONF, until one succeeds; and while
 * nothing is written nothing is synced, not even by a rewrite. Source: flushAppendOnlyFile and writeCommandsDeniedByDiskError of Redis
 * 7.0; held against redis-server 7.0.15 with failing calls. Null: it is not in that state.
 */
export const refusesAfterFailedSync = ({ name, process, hasFailedSync }: NodeView): string | null =>
  (process.state !== 'running' || !hasFailedSync ? null
    : `the last sync of ${name} failed: it refuses writes until one succeeds, and makes none while nothing is written`);

/**
 * A wall clock that went back by more than what has passed since: what the server waits for by it, as for the delay before a diskless
 * snapshot, stands still until the clock is where it was. Null: none did.
 */
export const clockWentBack = ({ strikes, nowMs }: StalledWorld, { name, process }: NodeView): string | null => {
  const jump = strikes.find(({ entry, resolved, atMs }) => {
    const byMs = entry.with?.['byMs'];
    return entry.do === 'clockJump' && typeof byMs === 'number' && byMs < 0 && atMs !== null && atMs - byMs > nowMs
      && (resolved?.split(' ') ?? []).includes(process.machine.name);
  });
  return jump === undefined ? null
    : `the clock of ${name} went back by ${-Number(jump.entry.with?.['byMs']) / 1000} s at ${(jump.atMs ?? 0) / 1000} s: what it waits for since before is not over`;
};

/** Actions by which a human sets roles; words of a command that do. */
const ROLE_ACTIONS: readonly string[] = ['promote', 'follow'];
const ROLE_COMMANDS: readonly string[] = ['REPLICAOF', 'FAILOVER'];

const setsRoles = ({ entry }: StrikeReport): boolean => {
  const argv = entry.with?.['argv'];
  const [word] = Array.isArray(argv) ? argv : [];
  return ROLE_ACTIONS.includes(entry.do) || (entry.do === 'command' && typeof word === 'string' && ROLE_COMMANDS.includes(word.toUpperCase()));
};

/** That a node's role is what a human, or its own configuration at its last start, made it; null where nobody ever set any. */
export const humanRoles = ({ strikes, topology }: StalledWorld, view: NodeView): string | null => {
  const last = strikes.filter((strike) => strike.resolved !== null && setsRoles(strike))
    .sort((left, right) => (left.atMs ?? 0) - (right.atMs ?? 0)).at(-1);
  if (last === undefined) return null;
  const spec = topology.processes.find(({ name }) => name === view.name);
  const role = view.role === 'replica' ? `a replica of ${view.primary ?? 'nobody'}` : 'a primary';
  const configured = spec !== undefined && view.role !== null && isConfigured(spec, view) && view.process.starts > 1
    ? 'as its configuration makes it at each start' : 'as a human left it';
  return `${view.name} is ${role}, ${configured}; roles were last set by '${last.entry.do}' at ${(last.atMs ?? 0) / 1000} s, and nobody but a human sets them here`;
};

const isConfigured = (spec: ProcessSpec, view: NodeView): boolean => (directiveOf(spec, 'replicaof') !== null) === (view.role === 'replica');

/** The node, whom it follows, and so on up; a ring ends where it began. */
export const lineage = ({ find }: StalledWorld, view: NodeView): readonly NodeView[] => {
  const chain: NodeView[] = [];
  for (let at: NodeView | null = view; at !== null && !chain.includes(at); at = at.primary === null ? null : find(at.primary)) chain.push(at);
  return chain;
};
