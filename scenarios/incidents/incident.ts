/**
 * What an incident is: a public report of something that went wrong, as a scenario that shows it, or shows that it is mended.
 * Data only.
 *
 * Always holds, and `test/simulation/incidents.test.ts` runs each to see it: the scenario's expectations are what the report says of
 * the outcome, or what Redis 7.0 does instead.
 */
import type { Scenario } from '../../sim/scenario.ts';

export interface Incident {
  readonly scenario: Scenario;
  /** Where it was reported. */
  readonly reports: readonly string[];
  /** What the report says, in our words. */
  readonly says: string;
  /** `shown`: Redis 7.0.15 still does it. `mended`: it does not, and the scenario shows what it does instead. */
  readonly today: 'shown' | 'mended';
}
