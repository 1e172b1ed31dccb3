/**
 * A lesson in the page: opens its run, goes from step to step along its events, covers what follows the question until it is
 * answered, and runs B, the same seed with one setting changed.
 *
 * Always holds: nothing behind the question's event is shown, played to or opened before there is an answer.
 */
import type { Lesson } from '../scenarios/lessons/lesson.ts';
import type { LessonProgress } from './lessonProgress.ts';
import type { FoundAnchor } from './model/anchors.ts';
import type { RunView } from './model/theatre.ts';
import type { TheatreClient } from './theatreClient.ts';
import { type Compared, type PanelEvents, type Place, lessonPanel } from './view/lessonPanel.ts';
import { Overview } from './view/overview.ts';
import type { Player } from './view/player.ts';
import type { Timeline } from './view/timeline.ts';

/** What a lesson needs of the page around it. */
export interface LessonStage {
  readonly client: TheatreClient;
  readonly timeline: Timeline;
  readonly player: Player;
  /** The run in the picture: a fork of the learner's own may have taken its place. */
  current(): RunView | null;
  /** Puts a run into the picture. */
  show(run: RunView): void;
  openRecord(row: number): Promise<void>;
  say(message: string): void;
}

/** How long the picture takes from one step to the next. */
const PLAY_SECONDS = 2.5;
/** What is seen around a step: some time before, a little after. */
const BEFORE_MICROS = 4_000_000;
const AFTER_MICROS = 2_000_000;

const prefersStillness = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;

export class LessonPlay {
  private readonly lesson: Lesson;
  private readonly root: HTMLElement;
  private readonly stage: LessonStage;
  private readonly progress: LessonProgress;
  private readonly places: readonly Place[];
  private readonly finished: () => void;
  private a: RunView | null = null;
  private anchors: readonly (FoundAnchor | null)[] = [];
  private compared: Compared | null = null;
  private answer: string | null = null;
  private at = 0;

  /** `finished` hears when the lesson was brought to its end. */
  constructor(lesson: Lesson, root: HTMLElement, stage: LessonStage, progress: LessonProgress, finished: () => void) {
    this.lesson = lesson;
    this.root = root;
    this.stage = stage;
    this.progress = progress;
    this.finished = finished;
    this.places = placesOf(lesson);
  }

  /** Rejects with what the worker says went wrong. */
  async start(): Promise<void> {
    const { client, timeline } = this.stage;
    const { scenario, seed, steps } = this.lesson;
    // Nothing is to be seen before it is known what may be.
    timeline.coveredFrom = 0;
    document.body.dataset['lesson'] = 'opening';
    document.body.dataset['covered'] = '';
    this.root.hidden = false;
    this.draw();
    const a = await client.ask('open', { scenario: scenario.name, seed });
    this.anchors = await client.ask('anchors', { run: a.id, anchors: steps.map(({ when }) => when) });
    this.a = a;
    this.cover();
    this.show(a);
    this.go(0);
    document.body.dataset['lesson'] = 'open';
  }

  private get furthest(): number {
    if (this.a === null) return 0;
    return this.answer === null ? this.places.findIndex(({ kind }) => kind === 'question') : this.places.length - 1;
  }

  private show(run: RunView): void {
    if (this.stage.current()?.id !== run.id) this.stage.show(run);
  }

  private cover(): void {
    const { timeline, player } = this.stage;
    const asked = this.lesson.steps.findIndex(({ key }) => key === this.lesson.prediction.after);
    const last = this.anchors[asked]?.at ?? 0;
    timeline.coveredFrom = this.answer === null ? last + 1 : null;
    player.limit = this.answer === null ? last : Infinity;
    if (this.answer === null) document.body.dataset['covered'] = '';
    else delete document.body.dataset['covered'];
    timeline.draw();
  }

  private go(at: number): void {
    const place = this.places[at];
    if (this.a === null || place === undefined || at > this.furthest) return;
    this.at = at;
    if (place.kind !== 'compare') this.show(this.a);
    if (place.kind === 'step') this.playTo(place.index);
    else if (place.kind === 'intro') this.look(0, this.anchors[0]?.at ?? 0, new Set());
    else if (place.kind === 'compare') this.compare().catch((error: unknown) => this.stage.say(error instanceof Error ? error.message : String(error)));
    this.draw();
  }

  private playTo(index: number): void {
    const anchor = this.anchors[index];
    const step = this.lesson.steps[index];
    if (anchor === undefined || anchor === null || step === undefined) return;
    const { player } = this.stage;
    const from = Math.min(player.now, anchor.at);
    this.look(from, anchor.at, new Set([anchor.node, ...step.about ?? []]));
    player.playTo(anchor.at, prefersStillness() ? 0 : PLAY_SECONDS, () => this.open());
  }

  /** The window holds both times and something around them. */
  private look(from: number, to: number, about: ReadonlySet<string>): void {
    const { timeline } = this.stage;
    timeline.about = about;
    timeline.lookAt(Math.max(0, Math.min(from, to - BEFORE_MICROS)), to + AFTER_MICROS);
  }

  private open(): void {
    const place = this.places[this.at];
    const anchor = place?.kind === 'step' ? this.anchors[place.index] : null;
    if (anchor !== undefined && anchor !== null) void this.stage.openRecord(anchor.row);
  }

  private async compare(): Promise<void> {
    const { client, timeline } = this.stage;
    const { a } = this;
    if (a === null) return;
    timeline.about = new Set();
    // The whole of it: nothing is still to come.
    timeline.now = null;
    timeline.look({ from: 0, to: 1 });
    if (this.compared === null) {
      const b = await client.ask('fork', { parent: a.id, change: this.lesson.change });
      this.compared = { b, difference: await client.ask('difference', { left: a.id, right: b.id }) };
      this.progress.finish(this.lesson.name);
      this.finished();
    }
    this.draw();
  }

  private draw(): void {
    const { a, lesson, places, at, furthest, answer, compared, root } = this;
    const place = places[at];
    const anchor = place?.kind === 'step' ? this.anchors[place.index] : null;
    const hadFocus = root.contains(document.activeElement);
    const events: PanelEvents = {
      go: (next) => this.go(next),
      answered: (option) => {
        this.answer = option;
        this.cover();
        this.draw();
      },
      look: (run) => {
        this.show(run);
        this.stage.timeline.look({ from: 0, to: 1 });
      },
      open: () => this.open(),
    };
    root.replaceChildren(...lessonPanel({ lesson, places, at, furthest, stepAt: anchor?.at ?? null, answer, a, compared }, events));
    this.drawStrips();
    if (hadFocus) root.querySelector<HTMLElement>('.prediction input, .moves button.primary:not([hidden]), .moves a, h2')?.focus();
  }

  /** The whole of A above the whole of B. */
  private drawStrips(): void {
    const strips = this.root.querySelector<HTMLElement>('.strips');
    if (strips === null || this.a === null || this.compared === null) return;
    for (const [name, run] of [['A', this.a], ['B', this.compared.b]] as const) {
      const row = document.createElement('div');
      const strip = document.createElement('div');
      strip.className = 'strip';
      row.append(name, strip);
      strips.append(row);
      const overview = new Overview(strip, (at) => {
        this.show(run);
        this.stage.player.seek(at);
      });
      overview.show(run);
      overview.frameAt(0, 0);
    }
  }
}

const placesOf = ({ steps, prediction }: Lesson): readonly Place[] => [
  { kind: 'intro' },
  ...steps.flatMap(({ key }, index): readonly Place[] =>
    (key === prediction.after ? [{ kind: 'step', index }, { kind: 'question' }] : [{ kind: 'step', index }])),
  { kind: 'compare' },
];
