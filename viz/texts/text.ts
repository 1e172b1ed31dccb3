/**
 * What people read on the page, in their language: `text('key', values)`. One table a language, all with the same keys; what Redis
 * itself says (event names, commands, replies) is in no table and stays as it is.
 *
 * Always holds: the language is settled before the first text is asked for and stays for the life of the page; another one is a
 * new load of the same address.
 */
import { fill } from '../../sim/check/causeWords.ts';
import { english } from './english.ts';
import { korean } from './korean.ts';
import type { Language } from './language.ts';
import { lessonsEnglish } from './lessonsEnglish.ts';
import { lessonsKorean } from './lessonsKorean.ts';
import { translated } from './report.ts';
import { teachesKorean } from './teachesKorean.ts';
import { useEnglish } from './useEnglish.ts';
import { useKorean } from './useKorean.ts';

export type TextKey = keyof typeof english | keyof typeof lessonsEnglish | keyof typeof useEnglish;

/** Each in its own language, for the switch. */
export const LANGUAGES: readonly (readonly [Language, string])[] = [['en', 'English'], ['ko', '한국어']];

export const TABLES: Readonly<Record<Language, Readonly<Record<TextKey, string>>>> = {
  en: { ...english, ...lessonsEnglish, ...useEnglish }, ko: { ...korean, ...lessonsKorean, ...useKorean },
};

const REMEMBERED = 'faultline.language';

const isLanguage = (value: string | null): value is Language => LANGUAGES.some(([language]) => language === value);

/** The browser may keep nothing from one page to the next, or forbid to ask. */
const remembered = (): string | null => {
  try {
    return localStorage.getItem(REMEMBERED);
  } catch {
    return null;
  }
};

/** The link decides, then what was chosen last, then the browser. */
const chosenLanguage = (): Language => {
  if (typeof location === 'undefined') return 'en';
  const asked = new URLSearchParams(location.search).get('lang');
  if (isLanguage(asked)) return asked;
  const before = remembered();
  if (isLanguage(before)) return before;
  return navigator.language.startsWith('ko') ? 'ko' : 'en';
};

export const language: Language = chosenLanguage();

export const text = (key: TextKey, values: Readonly<Record<string, string | number>> = {}): string =>
  fill(TABLES[language][key], values);

/** For keys that are put together from data: lessons, names of states. Throws when no table has it. */
export const textOf = (key: string, values: Readonly<Record<string, string | number>> = {}): string => {
  if (!Object.hasOwn(TABLES.en, key)) throw new Error(`no text is called ${key}`);
  return text(key as TextKey, values);
};

/** What the simulator says in a report, in the page's language as far as that has words for it. */
export const reported = (said: string): string => translated(said, language) ?? said;

/** What a scenario teaches; `said` in its own words. */
export const teachesOf = (name: string, said: string): string => (language === 'ko' ? teachesKorean[name] ?? said : said);

/** A whole number with separators, or one with so many digits behind the point. */
export const number = (value: number, digits: number = 0): string =>
  new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);

/** Puts the texts into what the page's HTML marks by `data-text` and `data-label`. */
export const translatePage = (): void => {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll<HTMLElement>('[data-text]')) element.textContent = textOf(element.dataset['text'] ?? '');
  for (const element of document.querySelectorAll<HTMLElement>('[data-label]')) {
    element.setAttribute('aria-label', textOf(element.dataset['label'] ?? ''));
  }
};

/** A select of the languages; another one loads the same address anew. */
export const languageSwitch = (): HTMLSelectElement => {
  const made = document.createElement('select');
  made.setAttribute('aria-label', text('page.language'));
  for (const [value, name] of LANGUAGES) {
    const option = new Option(name, value, value === language, value === language);
    option.lang = value;
    made.append(option);
  }
  made.addEventListener('change', () => {
    try {
      localStorage.setItem(REMEMBERED, made.value);
    } catch {
      // The link says it too.
    }
    const address = new URL(location.href);
    address.searchParams.set('lang', made.value);
    location.assign(address);
  });
  return made;
};
