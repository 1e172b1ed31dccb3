/** Which messages are drawn: by who talks to whom, and by their words. */
import { button, element } from '../dom.ts';
import type { WordCount } from '../model/events.ts';
import { number, text } from '../texts/text.ts';
import { MESSAGE_FAMILIES, type MessageFamily } from './palette.ts';

export interface Filter {
  readonly hiddenFamilies: ReadonlySet<MessageFamily>;
  readonly hiddenWords: ReadonlySet<string>;
}

/** `changed` hears of the whole filter after each change. */
export const filterPanel = (words: readonly WordCount[], filter: Filter, changed: (filter: Filter) => void): readonly HTMLElement[] => {
  const families = new Set(filter.hiddenFamilies);
  const hidden = new Set(filter.hiddenWords);
  const tell = (): void => changed({ hiddenFamilies: new Set(families), hiddenWords: new Set(hidden) });
  const boxes: HTMLInputElement[] = [];
  const box = <Name extends string>(name: Name, set: Set<Name>, shown: string): HTMLElement => {
    const input = element('input', { type: 'checkbox' });
    input.checked = !set.has(name);
    input.addEventListener('change', () => {
      if (input.checked) set.delete(name);
      else set.add(name);
      tell();
    });
    return element('label', { class: 'check' }, input, shown);
  };
  const wordBoxes = words.map(({ word, count }) => {
    const made = box(word, hidden, `${word === '' ? text('filter.plain') : word} (${number(count)})`);
    boxes.push(made.querySelector('input') as HTMLInputElement);
    return made;
  });
  const all = (isShown: boolean): void => {
    for (const { word } of words) {
      if (isShown) hidden.delete(word);
      else hidden.add(word);
    }
    for (const input of boxes) input.checked = isShown;
    tell();
  };
  return [
    element('fieldset', {}, element('legend', {}, text('filter.families')),
      ...MESSAGE_FAMILIES.map((family) => box(family, families, text(`family.${family}`)))),
    element('fieldset', {}, element('legend', {}, text('filter.words')),
      element('div', { class: 'row' }, button(text('filter.all'), text('filter.all'), () => all(true)),
        button(text('filter.none'), text('filter.none'), () => all(false))), ...wordBoxes),
  ];
};
