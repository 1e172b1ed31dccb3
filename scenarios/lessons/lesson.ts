/**
 * What a lesson is: a scenario with a seed, a narration tied to events of its run, a prediction that the learner makes before
 * the rest is shown, and one changed setting with what it changes. Data only: the words stand in the page's tables of texts, under
 * `lesson.NAME.…`, so that a lesson speaks every language of the page.
 *
 * Always holds, and `test/simulation/lessons.test.ts` runs each lesson to see it: every anchor is found, in the order of the steps;
 * the prediction's answer is what the report proves; A and B differ as told.
 */
import type { EventPattern, PlanEntry, Scenario } from '../../sim/scenario.ts';

/** Where in a run: the strike of the plan's entry at this place, or the n-th record that matches (1 when absent). */
export type LessonAnchor =
  | { readonly strike: number }
  | { readonly event: EventPattern; readonly nth?: number };

export interface LessonStep {
  /** The text `lesson.NAME.step.KEY`. */
  readonly key: string;
  readonly when: LessonAnchor;
  /** Lanes that the step speaks of, beside the one that its record stands on. */
  readonly about?: readonly string[];
}

/** Figures of a run that a lesson speaks of; see `figureOf` of the page for how each is read. */
export const LESSON_FIGURES = [
  'acknowledged', 'lost', 'waitedLost', 'unavailable', 'odown', 'leaders', 'failovers', 'chosen',
] as const;

export type LessonFigure = (typeof LESSON_FIGURES)[number];

/** What a figure must be: within bounds (a count, or virtual ms for `unavailable`), or this name. */
export interface LessonClaim {
  readonly figure: LessonFigure;
  readonly min?: number;
  readonly max?: number;
  readonly is?: string;
}

export interface LessonPrediction {
  /** Key of the step at which it is asked; what lies behind that is covered until then. */
  readonly after: string;
  /** The texts `lesson.NAME.option.KEY`, in the order in which they are offered. */
  readonly options: readonly string[];
  readonly answer: string;
  /** What must hold of A for that answer to be right. */
  readonly proof: readonly LessonClaim[];
}

/** One changed directive of a process, or of all of a kind; the page forks by exactly this. */
export interface LessonChange {
  readonly kind: 'setting';
  readonly process: string;
  readonly directive: string;
  readonly value: string;
}

/** A figure of both runs, and what it must be in each. */
export interface LessonComparison {
  readonly figure: LessonFigure;
  readonly a: Omit<LessonClaim, 'figure'>;
  readonly b: Omit<LessonClaim, 'figure'>;
}

export interface Lesson {
  /** `lessons/NAME` is its scenario. */
  readonly name: string;
  readonly scenario: Scenario & { readonly plan: readonly PlanEntry[] };
  readonly seed: number;
  readonly steps: readonly LessonStep[];
  readonly prediction: LessonPrediction;
  readonly change: LessonChange;
  readonly comparisons: readonly LessonComparison[];
}

/** The usual seed: lessons need no special one. */
export const LESSON_SEED = 1;

export const onStrike = (strike: number): LessonAnchor => ({ strike });

export const onNote = (kind: string, fields: Readonly<Record<string, string>> = {}, nth: number = 1, node?: string): LessonAnchor =>
  ({ event: { kind: `note.${kind}`, fields, ...(node === undefined ? {} : { node }) }, nth });

/** The first primary of a topology that was built, as sentinels name it. */
export const FIRST_PRIMARY = '10.0.0.1:6379';

/** The n-th sentinel that holds the first primary to be down. */
export const onDown = (nth: number = 1): LessonAnchor => onNote('sentinel', { event: '+sdown', instance: FIRST_PRIMARY }, nth);

export const withQuorum = (quorum: number): LessonChange =>
  ({ kind: 'setting', process: 'sentinels', directive: 'sentinel monitor mymain', value: `${FIRST_PRIMARY.replace(':', ' ')} ${quorum}` });
