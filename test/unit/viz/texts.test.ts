/**
 * Every language says everything: the same keys and the same places for values in each table, the parts of every lesson, and no words
 * that the page shows in one language only because they stand in a source as they are.
 */
import { describe, expect, test } from 'vitest';
import { scenarios } from '../../../scenarios/index.ts';
import { lessons } from '../../../scenarios/lessons/index.ts';
import { LESSON_FIGURES } from '../../../scenarios/lessons/lesson.ts';
import { fill } from '../../../sim/check/causeWords.ts';
import { reportEnglish } from '../../../viz/texts/reportEnglish.ts';
import { reportKorean } from '../../../viz/texts/reportKorean.ts';
import { SENTENCES } from '../../../viz/texts/sentences.ts';
import { teachesKorean } from '../../../viz/texts/teachesKorean.ts';
import { TABLES, textOf } from '../../../viz/texts/text.ts';

const placesOf = (template: string): readonly string[] => [...template.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name).sort();

describe('the tables', () => {
  test('each language has the same keys, in the same order, and no empty text', () => {
    expect(Object.keys(TABLES.ko)).toEqual(Object.keys(TABLES.en));
    for (const table of Object.values(TABLES)) expect(Object.entries(table).filter(([, said]) => said.trim() === '')).toEqual([]);
  });

  test('each language has the same places for values', () => {
    const differing = Object.entries(TABLES.en).filter(([key, template]) =>
      placesOf(template).join() !== placesOf(TABLES.ko[key as keyof typeof TABLES.ko]).join());
    expect(differing.map(([key]) => key)).toEqual([]);
  });

  test('Korean sentences are Korean', () => {
    const sentences = Object.entries(TABLES.en).filter(([, said]) => (said.replace(/\{\w+\}/g, '').match(/[A-Za-z]{2,}/g) ?? []).length > 4).map(([key]) => key);
    expect(sentences.length).toBeGreaterThan(100);
    expect(sentences.filter((key) => !/[가-힣]/.test(TABLES.ko[key as keyof typeof TABLES.ko]))).toEqual([]);
  });

  test('values take their places; one that is missing leaves its name to be seen', () => {
    expect(fill('{a} of {b}', { a: 1, b: 'two' })).toBe('1 of two');
    expect(fill('{a} of {b}', { a: 1 })).toBe('1 of {b}');
    expect(() => textOf('lesson.none.title')).toThrow(/no text is called/);
  });
});

/** The tables that stand apart: sentences of the model, causes, reports; by name, English and Korean. */
const APART: readonly (readonly [string, Readonly<Record<string, string>>, Readonly<Record<string, string>>])[] = [
  ['sentences', SENTENCES.en.words, SENTENCES.ko.words], ['causes', SENTENCES.en.causes, SENTENCES.ko.causes], ['reports', reportEnglish, reportKorean],
];
/** Templates that are all places and signs. */
const NO_WORDS: readonly string[] = ['{sentence}', '+odown {x}'];

describe.each(APART)('the table of %s', (_name, english, korean) => {
  test('has the same keys in each language, with the same places for values', () => {
    expect(Object.keys(korean).sort()).toEqual(Object.keys(english).sort());
    const differing = Object.entries(english).filter(([key, template]) => placesOf(template).join() !== placesOf(korean[key] ?? '').join());
    expect(differing.map(([key]) => key)).toEqual([]);
  });

  test('leaves no English sentence in Korean', () => {
    const left = Object.entries(korean).filter(([, said]) => /[A-Za-z]{2,}/.test(said.replace(/\{\w+\}/g, '')) && !/[가-힣]/.test(said)
      && !NO_WORDS.some((part) => said.startsWith(part)));
    expect(left).toEqual([]);
    expect(Object.values(korean).filter((said) => /[가-힣]/.test(said)).length).toBeGreaterThan(15);
  });
});

test('what each scenario teaches is said in Korean, and of no other', () => {
  expect(Object.keys(teachesKorean).sort()).toEqual(scenarios.map(({ name }) => name).sort());
  expect(Object.entries(teachesKorean).filter(([, said]) => !/[가-힣]/.test(said))).toEqual([]);
});

describe('the lessons', () => {
  test.each(lessons.map((lesson) => [lesson.name, lesson] as const))('%s has all its texts, and no text without a place in it', (name, lesson) => {
    const wanted = [
      'title', 'intro', 'question', 'reveal', 'change', 'conclusion', ...lesson.steps.map(({ key }) => `step.${key}`),
      ...lesson.prediction.options.map((option) => `option.${option}`),
    ].map((part) => `lesson.${name}.${part}`);
    expect(Object.keys(TABLES.en).filter((key) => key.startsWith(`lesson.${name}.`)).sort()).toEqual(wanted.sort());
  });

  test('every figure has a name', () => {
    for (const figure of LESSON_FIGURES) expect(textOf(`figure.${figure}`)).not.toBe('');
  });
});

const sources: Readonly<Record<string, string>> = import.meta.glob(['../../../viz/*.ts', '../../../viz/view/*.ts', '!**/vite.config.ts'], {
  query: '?raw', import: 'default', eager: true,
});

/** The arguments of the call whose parenthesis opens right before `from`. */
const argumentsAt = (source: string, from: number): readonly string[] => {
  const parts: string[] = [];
  let depth = 0;
  let start = from;
  for (let at = from; at < source.length; at++) {
    const here = source.charAt(at);
    if (depth === 0 && (here === ',' || here === ')')) {
      parts.push(source.slice(start, at).trim());
      start = at + 1;
      if (here === ')') return parts;
    } else if ('([{'.includes(here)) depth++;
    else if (')]}'.includes(here)) depth--;
  }
  return parts;
};

/** Names of keys are the same in every language. */
const SAME_EVERYWHERE: readonly string[] = ['Esc', 'Tab'];
const WORDS = /[A-Za-z]{2,}/;
/** Several words, or one with a capital: what a person reads. Names of classes, types and kinds are none of these. */
const PROSE = /^[A-Z][a-z]+(?: |$|[.…!?])|[a-z]{2,} [a-z]+ [a-z]{2,}|[a-z][.!?…]$/;
const ATTRIBUTES_SAID = /(?:'aria-label'|\btitle|\bplaceholder): (?:'([^'\n]*)'|`([^`]*)`)/g;
const CONTENTS_SAID = /textContent = (?:'([^'\n]*)'|`([^`]*)`)/g;

const unfilled = (template: string): string => template.replace(/\$\{[^}]*\}/g, '');

const complaintsIn = (path: string, source: string): readonly string[] => {
  const code = source.replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, '');
  const complaints = new Set<string>();
  const complain = (said: string): void => {
    if (!SAME_EVERYWHERE.includes(said)) complaints.add(`${path}: '${said}' stands in no table of texts`);
  };
  for (const { 0: opening, 1: name, index } of code.matchAll(/\b(element|button|Option)\(/g)) {
    const children = argumentsAt(code, index + opening.length).slice(name === 'element' ? 2 : 0, name === 'Option' ? 1 : undefined);
    for (const child of children) {
      const literal = /^(?:'([^'\n]*)'|`([^`]*)`)$/.exec(child);
      if (literal !== null && WORDS.test(unfilled(literal[1] ?? literal[2] ?? ''))) complain(literal[1] ?? literal[2] ?? '');
      for (const [, said = ''] of child.matchAll(/'([^'\n]*)'/g)) if (PROSE.test(said)) complain(said);
    }
  }
  for (const [, plain, template] of [...code.matchAll(ATTRIBUTES_SAID), ...code.matchAll(CONTENTS_SAID)]) {
    if (WORDS.test(unfilled(plain ?? template ?? ''))) complain(plain ?? template ?? '');
  }
  return [...complaints];
};

describe('the sources of the page', () => {
  test('there are some, and a bare word in one is found', () => {
    expect(Object.keys(sources).length).toBeGreaterThan(25);
    expect(complaintsIn('x', "element('p', {}, 'Hello there')")).toHaveLength(1);
    expect(complaintsIn('x', "element('p', {}, isDone ? 'It is done.' : text('page.run'))")).toHaveLength(1);
    expect(complaintsIn('x', "element('p', { class: 'quiet', title: 'hello' }, text('page.run'))")).toHaveLength(1);
    expect(complaintsIn('x', 'element("p", {}, `${count} of them`)')).toHaveLength(1);
    expect(complaintsIn('x', "status.textContent = 'Running…'")).toHaveLength(1);
    expect(complaintsIn('x', "element('p', { class: 'quiet' }, text('page.run'), '–')")).toEqual([]);
  });

  test('show nothing that is in no table', () => {
    expect(Object.entries(sources).flatMap(([path, source]) => complaintsIn(path, source))).toEqual([]);
  });
});
