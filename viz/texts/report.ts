/**
 * What the simulator says in a report comes in English. In another language the page finds the template that made it and says the same
 * by its own table; what no template fits (a name, a server's own error) stays as it is.
 */
import { fill } from '../../sim/check/causeWords.ts';
import type { Language } from './language.ts';
import { reportEnglish } from './reportEnglish.ts';
import { reportKorean } from './reportKorean.ts';

/** Table of each language but English. */
const TABLES: Readonly<Record<Exclude<Language, 'en'>, typeof reportKorean>> = { ko: reportKorean };

/** Places that hold a number, and those that hold sentences of the table themselves. */
const NUMBERS: readonly string[] = ['n', 'm', 'k'];
const SENTENCES: readonly string[] = ['s', 't', 'u'];
/** Sentences in sentences: an excuse for a verdict on writers that fail. */
const DEPTH_MAX = 4;

interface Shape {
  readonly key: keyof typeof reportEnglish;
  readonly expression: RegExp;
  readonly names: readonly string[];
}

const shapeOf = (key: keyof typeof reportEnglish): Shape => {
  const template = reportEnglish[key];
  const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const expression = template.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .reduce((before, part, index) => `${before}${NUMBERS.includes(names[index - 1] ?? '') ? '(-?[\\d.]+)' : '(.+?)'}${part}`);
  return { key, expression: new RegExp(`^${expression}$`, 's'), names };
};

/** What stands around a sentence is taken away first; then the wordiest: where two fit, the one that says more is meant. */
const SHAPES: readonly Shape[] = (Object.keys(reportEnglish) as (keyof typeof reportEnglish)[]).map(shapeOf)
  .sort((left, right) => Number(isAround(right)) - Number(isAround(left)) || wordsOf(right) - wordsOf(left));

function isAround({ names }: Shape): boolean {
  return names.some((name) => SENTENCES.includes(name));
}

function wordsOf({ key }: Shape): number {
  return reportEnglish[key].replace(/\{\w+\}/g, '').length;
}

/** `said` in `language`; null: no template fits. */
export const translated = (said: string, language: Language, depth: number = 0): string | null => {
  if (language === 'en') return said;
  for (const { key, expression, names } of SHAPES) {
    const found = expression.exec(said);
    if (found === null) continue;
    const values = Object.fromEntries(names.map((name, index) => {
      const value = found[index + 1] ?? '';
      return [name, SENTENCES.includes(name) && depth < DEPTH_MAX ? translated(value, language, depth + 1) ?? value : value];
    }));
    return fill(TABLES[language][key], values);
  }
  return null;
};
