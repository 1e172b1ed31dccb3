/**
 * Chaos on somebody's own deployment: the clients that fit it, and a plan that each seed draws anew.
 *
 * Always holds: what is expected is what must hold on any deployment, whatever it is configured to lose.
 */
import type { ResolvedScenario } from '../sim/scenario.ts';
import type { Topology } from '../sim/topology/topology.ts';
import { CHAOS } from './chaos.ts';
import { clientsFor, zonesOf } from './clientsFor.ts';

/** Throws `ScenarioError` for a deployment whose clients would not know where to go. */
export const chaosOn = (topology: Topology): ResolvedScenario => ({
  ...CHAOS, name: topology.name, teaches: 'What this deployment makes of whatever strikes it.', topology,
  workload: clientsFor(topology, zonesOf(topology)),
});
