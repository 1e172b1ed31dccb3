/**
 * The words of a lesson: where one is, the narration, the question, the comparison. It draws what it is given and says what was
 * pressed; `lesson.ts` knows the course of it.
 */
import { lessons } from '../../scenarios/lessons/index.ts';
import type { Lesson, LessonFigure } from '../../scenarios/lessons/lesson.ts';
import { button, element } from '../dom.ts';
import type { Difference } from '../model/difference.ts';
import { figureOf } from '../model/figures.ts';
import type { RunView } from '../model/theatre.ts';
import { number, text, textOf } from '../texts/text.ts';
import { lessonAddress, lessonTitle } from './lessonList.ts';

/** Where one is in a lesson, in this order but for the question, which stands behind one of the steps. */
export type Place =
  | { readonly kind: 'intro' }
  | { readonly kind: 'step'; readonly index: number }
  | { readonly kind: 'question' }
  | { readonly kind: 'compare' };

export interface Compared {
  readonly b: RunView;
  readonly difference: Difference | null;
}

export interface PanelState {
  readonly lesson: Lesson;
  readonly places: readonly Place[];
  readonly at: number;
  /** The last place that may be gone to. */
  readonly furthest: number;
  /** Virtual microseconds of the current step; null where there is none, or where it is not known yet. */
  readonly stepAt: number | null;
  readonly answer: string | null;
  /** Null: it is still under way, and the introduction is all there is to see. */
  readonly a: RunView | null;
  readonly compared: Compared | null;
}

export interface PanelEvents {
  go(place: number): void;
  answered(option: string): void;
  /** Shows A or B in the picture. */
  look(run: RunView): void;
  /** Records of the current step. */
  open(): void;
}

const say = (lesson: Lesson, part: string): string => textOf(`lesson.${lesson.name}.${part}`);

export const lessonPanel = (state: PanelState, events: PanelEvents): readonly HTMLElement[] => {
  const { lesson } = state;
  const ordinal = lessons.indexOf(lesson) + 1;
  return [
    element('header', {},
      element('p', { class: 'quiet' }, text('lessons.number', { number: ordinal, all: lessons.length })),
      element('h2', { tabindex: '-1' }, lessonTitle(lesson.name)),
      element('a', { href: lessonAddress(null) }, text('lessons.leave'))),
    placesBar(state, events),
    element('div', { class: 'narration', 'aria-live': 'polite' }, ...placeBody(state, events)),
    movesBar(state, events),
  ];
};

const placeLabel = (place: Place): string => {
  switch (place.kind) {
    case 'intro': return '•';
    case 'step': return String(place.index + 1);
    case 'question': return '?';
    case 'compare': return 'A | B';
  }
};

const placeName = ({ lesson }: PanelState, place: Place): string => {
  switch (place.kind) {
    case 'intro': return lessonTitle(lesson.name);
    case 'step': return text('lessons.step', { number: place.index + 1, all: lesson.steps.length });
    case 'question': return text('lessons.predict');
    // What is read aloud begins with what is seen.
    case 'compare': return `A | B: ${text('lessons.compare')}`;
  }
};

const placesBar = (state: PanelState, events: PanelEvents): HTMLElement => element('nav', { 'aria-label': text('lessons.title') },
  element('ol', { class: 'places' }, ...state.places.map((place, index) => {
    const made = button(placeLabel(place), placeName(state, place), () => events.go(index));
    made.disabled = index > state.furthest;
    if (index === state.at) made.setAttribute('aria-current', 'step');
    return element('li', {}, made);
  })));

const placeBody = (state: PanelState, events: PanelEvents): readonly HTMLElement[] => {
  const { lesson } = state;
  const place = state.places[state.at];
  switch (place?.kind) {
    case 'step': return [stepBody(state, place.index, events)];
    case 'question': return questionBody(state, events);
    case 'compare': return compareBody(state, events);
    default: return [element('p', {}, say(lesson, 'intro'))];
  }
};

const stepBody = ({ lesson, stepAt }: PanelState, index: number, events: PanelEvents): HTMLElement => {
  const why = element('button', { type: 'button', class: 'link' }, text('lessons.why'));
  why.addEventListener('click', () => events.open());
  return element('p', {},
    ...(stepAt === null ? [] : [element('b', {}, text('lessons.stepAt', { seconds: number(stepAt / 1e6, 3) })), ' ']),
    say(lesson, `step.${lesson.steps[index]?.key ?? ''}`), ' ', why);
};

const questionBody = (state: PanelState, events: PanelEvents): readonly HTMLElement[] => {
  const { lesson, answer } = state;
  if (answer !== null) return answeredBody(lesson, answer);
  const problem = element('p', { role: 'alert', class: 'bad' });
  const form = element('form', { class: 'prediction' },
    element('fieldset', {},
      element('legend', {}, say(lesson, 'question')),
      ...lesson.prediction.options.map((option) => element('label', {},
        element('input', { type: 'radio', name: 'prediction', value: option }), say(lesson, `option.${option}`)))),
    element('p', { class: 'quiet' }, text('lessons.covered')), problem,
    element('button', { type: 'submit' }, text('lessons.answer')));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const chosen = new FormData(form).get('prediction');
    if (typeof chosen === 'string') events.answered(chosen);
    else problem.textContent = text('lessons.chooseFirst');
  });
  return [form];
};

const answeredBody = (lesson: Lesson, answer: string): readonly HTMLElement[] => {
  const { prediction } = lesson;
  const isRight = answer === prediction.answer;
  return [
    element('p', {}, say(lesson, 'question')),
    element('p', { class: 'quiet' }, text('lessons.yours', { answer: say(lesson, `option.${answer}`) })),
    element('p', { class: isRight ? 'good verdict' : 'bad verdict' }, isRight ? text('lessons.right')
      : text('lessons.wrong', { answer: say(lesson, `option.${prediction.answer}`) })),
    element('p', {}, say(lesson, 'reveal')),
  ];
};

/** Runs that part sooner than this do so since the setting stands in their configuration files. */
const AT_ONCE_MICROS = 1_000_000;

const compareBody = (state: PanelState, events: PanelEvents): readonly HTMLElement[] => {
  const { lesson, a, compared } = state;
  const change = [element('h3', {}, text('lessons.change')), element('p', {}, say(lesson, 'change'))];
  if (a === null || compared === null) return [...change, element('p', { role: 'status' }, text('lessons.comparing'))];
  const { b, difference } = compared;
  const rows = lesson.comparisons.map(({ figure }) => {
    const [left, right] = [shown(a, figure), shown(b, figure)];
    return element('tr', left === right ? {} : { class: 'differs' }, element('th', { scope: 'row' }, textOf(`figure.${figure}`)),
      element('td', { class: 'number' }, left), element('td', { class: 'number' }, right));
  });
  const lookAt = (run: RunView, label: string): HTMLElement => button(label, label, () => events.look(run));
  return [
    ...change,
    element('div', { class: 'scroll', tabindex: '0' }, element('table', {},
      element('thead', {}, element('tr', {}, element('th', { scope: 'col' }, text('lessons.figure')),
        ...['A', 'B'].map((name) => element('th', { scope: 'col', class: 'number' }, name)))),
      element('tbody', {}, ...rows))),
    element('div', { class: 'strips' }),
    element('p', { class: 'row' }, lookAt(a, text('lessons.showA')), lookAt(b, text('lessons.showB'))),
    ...(difference === null ? [] : [element('p', { class: 'quiet' }, difference.at < AT_ONCE_MICROS ? text('lessons.differenceAtOnce')
      : text('lessons.difference', { seconds: number(difference.at / 1e6, 3) }))]),
    element('p', { class: 'conclusion' }, say(lesson, 'conclusion')),
  ];
};

const shown = (run: RunView, figure: LessonFigure): string => {
  const value = figureOf(run, figure);
  if (value === null) return text('figure.nobody');
  if (typeof value === 'string') return value;
  return figure === 'unavailable' ? text('report.seconds', { seconds: number(value / 1000, 1) }) : number(value);
};

const movesBar = (state: PanelState, events: PanelEvents): HTMLElement => {
  const { lesson, at, furthest, places } = state;
  const back = button(text('lessons.backward'), text('lessons.backward'), () => events.go(at - 1));
  back.disabled = at === 0;
  const on = button(text('lessons.forward'), text('lessons.forward'), () => events.go(at + 1));
  on.classList.add('primary');
  on.disabled = at >= furthest;
  on.hidden = at === places.length - 1 || (places[at]?.kind === 'question' && state.answer === null);
  const next = lessons[lessons.indexOf(lesson) + 1];
  const after = at < places.length - 1 || state.compared === null ? []
    : [next === undefined ? element('p', { class: 'good' }, text('lessons.last'))
      : element('a', { href: lessonAddress(next.name), class: 'next' }, text('lessons.next', { title: lessonTitle(next.name) }))];
  return element('p', { class: 'moves' }, back, on, ...after);
};
