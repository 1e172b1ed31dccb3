/** What page and worker say to each other: plain data, copied or handed over on the way. */
import type { LessonAnchor } from '../scenarios/lessons/lesson.ts';
import type { RunReport } from '../sim/report.ts';
import type { FoundAnchor } from './model/anchors.ts';
import type { Belief } from './model/beliefs.ts';
import type { Difference } from './model/difference.ts';
import type { Slice, SliceRequest } from './model/slice.ts';
import type { EventRequest, EventWindow, WordCount } from './model/events.ts';
import type { Preset } from './model/settings.ts';
import type { Language } from './texts/language.ts';
import type { ExportFormat, ForkChange, RecordView, RunView, SearchView } from './model/theatre.ts';

/** What can be asked, by name: what goes in, what comes out. */
export interface Questions {
  /** Where in a run the steps of a lesson are. */
  readonly anchors: {
    readonly ask: { readonly run: number; readonly anchors: readonly LessonAnchor[] }; readonly answer: readonly (FoundAnchor | null)[];
  };
  /** Runs a scenario of ours without keeping anything but the report. */
  readonly report: { readonly ask: { readonly scenario: string; readonly seed: number }; readonly answer: RunReport };
  readonly open: { readonly ask: { readonly scenario: string; readonly seed: number }; readonly answer: RunView };
  /** What `source.ts` reads, as text; `seed` for what names none. */
  readonly openText: { readonly ask: { readonly text: string; readonly name: string; readonly seed: number }; readonly answer: RunView };
  readonly fork: { readonly ask: { readonly parent: number; readonly change: ForkChange }; readonly answer: RunView };
  readonly slice: { readonly ask: { readonly run: number; readonly request: SliceRequest }; readonly answer: Slice };
  readonly record: { readonly ask: { readonly run: number; readonly row: number }; readonly answer: RecordView };
  readonly console: {
    readonly ask: { readonly run: number; readonly at: number; readonly node: string; readonly commands: readonly (readonly string[])[] };
    readonly answer: readonly string[];
  };
  readonly beliefs: { readonly ask: { readonly run: number; readonly slot: number }; readonly answer: readonly Belief[] };
  readonly events: { readonly ask: { readonly run: number; readonly request: EventRequest }; readonly answer: EventWindow };
  readonly search: { readonly ask: { readonly run: number; readonly text: string }; readonly answer: SearchView };
  readonly messageWords: { readonly ask: { readonly run: number }; readonly answer: readonly WordCount[] };
  readonly presets: { readonly ask: { readonly run: number }; readonly answer: readonly Preset[] };
  /** Text of a file; `from` and `to` are the window that is seen, virtual microseconds. */
  readonly export: {
    readonly ask: { readonly run: number; readonly format: ExportFormat; readonly from: number; readonly to: number }; readonly answer: string;
  };
  /** In which language the worker speaks of records. */
  readonly speak: { readonly ask: { readonly language: Language }; readonly answer: null };
  /** Ids of the runs that are still open. */
  readonly openRuns: { readonly ask: Readonly<Record<string, never>>; readonly answer: readonly number[] };
  readonly difference: { readonly ask: { readonly left: number; readonly right: number }; readonly answer: Difference | null };
}

export type QuestionName = keyof Questions;

/** Those whose answer is a run: they take long, one at a time, while the others go on being answered. */
export type LongName = 'open' | 'openText' | 'fork';

export type Request = {
  readonly [Name in QuestionName]: { readonly id: number; readonly name: Name; readonly ask: Questions[Name]['ask'] };
}[QuestionName];

/** What the page says: a question, or that no run that is still being made is wanted any more. */
export type Said = Request | { readonly name: 'stop' };

export type Answer =
  | { readonly id: number; readonly kind: 'answer'; readonly answer: Questions[QuestionName]['answer'] }
  | { readonly id: number; readonly kind: 'failure'; readonly message: string }
  /** The run was not made to its end, because the page said so. */
  | { readonly id: number; readonly kind: 'stopped' }
  | { readonly id: number; readonly kind: 'progress'; readonly virtualMs: number };
