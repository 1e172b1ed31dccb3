/**
 * What the scenarios of Sentinel are deployed on: the project's own Compose file (a primary, two replicas, three sentinels
 * with quorum 2, each on a machine of its own), or a topology built with the same times; and the clients that go with either.
 */
import type { ClientSpec, Locator, ProbeSpec, WorkloadSpec } from '../../sim/scenario.ts';
import { SENTINEL_PORT } from '../../sim/topology/sentinelDirectives.ts';
import type { Topology } from '../../sim/topology/topology.ts';
import { type SentinelClientsOptions, client, sentinelClients } from '../plan.ts';
import { PRIMARY_NAME, type SentinelPlan, sentinelTopology } from '../topologies.ts';

/** `redis-main`, `redis-replica-1`, `redis-replica-2`, `redis-sentinel-1` to `-3`; nothing restarts by itself. */
export const COMPOSE = { file: 'sentinel.compose.yaml' } as const;

/** Those of the Compose file, in milliseconds, for topologies that are built. */
export const TIMES = { downAfterMs: 3000, failoverTimeoutMs: 18_000 } as const;

/** What the images of the Compose file do by default, and what a primary needs that comes back with its data. */
export const PERSISTED: readonly (readonly string[])[] = [['appendonly', 'yes']];

/** First snapshots without the five seconds that replicas are waited for: nothing here is about those. */
const PROMPT: readonly (readonly string[])[] = [['repl-diskless-sync-delay', '0']];

export type WatchedPlan = Pick<SentinelPlan, 'replicas' | 'sentinels' | 'quorum' | 'placement'> & Partial<SentinelPlan>;

/** `sentinelTopology` with the times of the Compose file. */
export const watched = (plan: WatchedPlan): Topology =>
  sentinelTopology({ ...TIMES, ...plan, directives: [...PROMPT, ...(plan.directives ?? [])] });

/** `host:port` of every sentinel of a topology. */
export const sentinelsOf = (topology: Topology): readonly string[] => topology.processes
  .filter((process) => process.kind === 'sentinel').map((process) => `${process.machine}:${process.port}`);

const COMPOSE_SENTINELS: readonly string[] = [1, 2, 3].map((ordinal) => `redis-sentinel-${ordinal}:${SENTINEL_PORT}`);

/** Three clients and a probe that ask the sentinels of the Compose file. */
export const composeClients = (options: SentinelClientsOptions = {}): WorkloadSpec =>
  sentinelClients(PRIMARY_NAME, COMPOSE_SENTINELS, options);

/** The same for a topology that was built. */
export const clientsOf = (topology: Topology, options: SentinelClientsOptions = {}): WorkloadSpec =>
  sentinelClients(PRIMARY_NAME, sentinelsOf(topology), options);

/** Five clients that add to sets of their own, `C1` to `C5`, and a probe in each of their two zones. */
export const fiveClients = (topology: Topology): WorkloadSpec => {
  const locator: Locator = { sentinel: { name: PRIMARY_NAME, sentinels: sentinelsOf(topology), listens: false } };
  const zoneOf = (ordinal: number): string => (ordinal <= 2 ? 'minority' : 'majority');
  const clients = [1, 2, 3, 4, 5].map((ordinal): ClientSpec =>
    client(`C${ordinal}`, 'setAdd', { ...locator, zone: zoneOf(ordinal) }));
  const probes = ['minority', 'majority'].map((zone, index): ProbeSpec => ({ name: `P${index + 1}`, zone, ...locator }));
  return { clients, probes };
};

/** Clients that keep the address of their start for ever (`C1`, `P1`), beside one that asks again (`C2`, `P2`). */
export const stubbornAndAsking = (): WorkloadSpec => {
  const service = { name: PRIMARY_NAME, sentinels: COMPOSE_SENTINELS };
  const stubborn: Locator = { sentinelOnce: service };
  const asking: Locator = { sentinel: { ...service, listens: false } };
  return {
    clients: [client('C1', 'setAdd', { ...stubborn, zone: 'stubborn' }), client('C2', 'setAdd', { ...asking, zone: 'asking' })],
    probes: [{ name: 'P1', zone: 'stubborn', ...stubborn }, { name: 'P2', zone: 'asking', ...asking }],
  };
};
