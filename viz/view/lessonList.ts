/** The lessons as a list of links, with what is done. A link is a link: it can be copied, opened beside, gone back from. */
import { lessons } from '../../scenarios/lessons/index.ts';
import { button, element } from '../dom.ts';
import type { LessonProgress } from '../lessonProgress.ts';
import { text, textOf } from '../texts/text.ts';

export const lessonTitle = (name: string): string => textOf(`lesson.${name}.title`);

/** The page with this lesson, in the language of now; null: without any. */
export const lessonAddress = (name: string | null): string => {
  const lang = new URLSearchParams(location.search).get('lang');
  const query = new URLSearchParams({ ...(name === null ? {} : { lesson: name }), ...(lang === null ? {} : { lang }) }).toString();
  return query === '' ? location.pathname : `?${query}`;
};

/** Fills `root`, and again whenever `fill` is called. */
export const lessonList = (progress: LessonProgress): { readonly root: HTMLElement; fill(): void } => {
  const summary = element('summary');
  const list = element('ol', { class: 'lessons' });
  const forget = button(text('lessons.forget'), text('lessons.forget'), () => {
    progress.forget();
    fill();
  });
  const fill = (): void => {
    const { done } = progress;
    const finished = lessons.filter(({ name }) => done.has(name)).length;
    summary.textContent = text('lessons.open', { done: finished, all: lessons.length });
    forget.hidden = finished === 0;
    list.replaceChildren(...lessons.map(({ name }) => element('li', {},
      element('a', { href: lessonAddress(name) }, lessonTitle(name)), ...(done.has(name) ? [` ✓ ${text('lessons.done')}`] : []))));
  };
  fill();
  return { root: element('details', { class: 'lesson-list' }, summary, list, forget), fill };
};
