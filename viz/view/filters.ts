/** Which messages are drawn: by who talks to whom, by their words, and by whose they are. */
import { button, element } from '../dom.ts';
import type { WordCount } from '../model/events.ts';
import { number, text } from '../texts/text.ts';
import { MESSAGE_FAMILIES, type MessageFamily } from './palette.ts';

export interface Filter {
  readonly hiddenFamilies: ReadonlySet<MessageFamily>;
  readonly hiddenWords: ReadonlySet<string>;
  /** A message of one of these is not drawn, whichever end it is. */
  readonly hiddenNodes: ReadonlySet<string>;
}

export const NO_FILTER: Filter = { hiddenFamilies: new Set(), hiddenWords: new Set(), hiddenNodes: new Set() };

/** `changed` hears of the whole filter after each change. */
export const filterPanel = (
  words: readonly WordCount[], names: readonly string[], filter: Filter, changed: (filter: Filter) => void,
): readonly HTMLElement[] => {
  const families = new Set(filter.hiddenFamilies);
  const hidden = new Set(filter.hiddenWords);
  const nodes = new Set(filter.hiddenNodes);
  const tell = (): void => changed({ hiddenFamilies: new Set(families), hiddenWords: new Set(hidden), hiddenNodes: new Set(nodes) });
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
  /** A group of boxes with the two buttons that set them all. */
  const group = <Name extends string>(title: string, set: Set<Name>, entries: readonly (readonly [Name, string])[]): HTMLElement => {
    const boxes = entries.map(([name, shown]) => box(name, set, shown));
    const all = (isShown: boolean): void => {
      for (const [name] of entries) {
        if (isShown) set.delete(name);
        else set.add(name);
      }
      for (const label of boxes) (label.firstChild as HTMLInputElement).checked = isShown;
      tell();
    };
    return element('fieldset', {}, element('legend', {}, title),
      element('div', { class: 'row' }, button(text('filter.all'), text('filter.all'), () => all(true)),
        button(text('filter.none'), text('filter.none'), () => all(false))), ...boxes);
  };
  return [
    group(text('filter.families'), families, MESSAGE_FAMILIES.map((family) => [family, text(`family.${family}`)] as const)),
    group(text('filter.nodes'), nodes, names.map((name) => [name, name] as const)),
    group(text('filter.words'), hidden, words.map(({ word, count }) =>
      [word, `${word === '' ? text('filter.plain') : word} (${number(count)})`] as const)),
  ];
};
