/** The lessons, in the order in which they are best taken. Data and pure functions; each one's scenario is listed with all others. */
import { unpersistedPrimary, waitIsNotConsensus } from './acknowledged.ts';
import { quorumAndMajority, twoSentinels } from './authority.ts';
import { coverageAndValidity, lostMajority } from './clusters.ts';
import type { Lesson } from './lesson.ts';
import { manualFailover, whichReplica } from './promotion.ts';
import { minReplicas, splitBrain } from './splitBrain.ts';
import { failoverTimeout, slowCommand } from './timing.ts';

export const lessons: readonly Lesson[] = [
  quorumAndMajority, twoSentinels, splitBrain, minReplicas, waitIsNotConsensus, unpersistedPrimary, slowCommand, failoverTimeout,
  whichReplica, manualFailover, lostMajority, coverageAndValidity,
];

/** The lesson of that name; null when there is none. */
export const findLesson = (name: string): Lesson | null => lessons.find((lesson) => lesson.name === name) ?? null;
