/**
 * Nodes that come and go under traffic. A new node has no slots: it serves nobody until some are moved to it. One that leaves must
 * have none; then every other node is told to forget it, within the minute for which a forgotten node is not let in again.
 */
import type { Scenario } from '../../sim/scenario.ts';
import { slotsChangeHands } from '../expectations.ts';
import { addNode, at, moveSlots, removeNode } from '../plan.ts';
import { movesHold, slotClients, threeAndThree } from './deployment.ts';

/** `n7` and `n8` stand alone at first. */
const topology = threeAndThree({ spares: 2 });
const SLOTS = '1550-1650';

export const addingANode: Scenario = {
  name: 'cluster/adding-a-node',
  teaches: 'A node that joins serves nobody until slots are moved to it; a second one joins as its replica.',
  topology,
  workload: slotClients(topology),
  plan: [addNode(at(12_000), 'n7', 'n1'), moveSlots(at(20_000), 'n1', 'n7', SLOTS), addNode(at(28_000), 'n8', 'n1', 'n7')],
  durationMs: 40_000,
  settlingMs: 15_000,
  // Measured over 50 seeds: no probe noticed anything.
  expects: { verdicts: { ...slotsChangeHands, ...movesHold }, lost: { max: 0 }, unavailableMs: { max: 500 } },
};

export const removingANode: Scenario = {
  name: 'cluster/removing-a-node',
  teaches: 'A node that leaves gives its slots away first; then all others are told to forget it, and it is alone again.',
  topology,
  workload: slotClients(topology),
  plan: [
    addNode(at(12_000), 'n7', 'n1'), moveSlots(at(20_000), 'n1', 'n7', SLOTS), moveSlots(at(28_000), 'n7', 'n2', SLOTS),
    removeNode(at(36_000), 'n7'),
  ],
  durationMs: 42_000,
  settlingMs: 15_000,
  // Measured over 50 seeds: no probe noticed anything.
  expects: { verdicts: { ...slotsChangeHands, ...movesHold }, lost: { max: 0 }, unavailableMs: { max: 500 } },
};
