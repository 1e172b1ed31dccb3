/**
 * The sentences of the model, one table a language with the same keys. They are made in the worker, which searches them too; so they
 * are apart from the page's tables, and the page says once which language it speaks.
 */
import { CAUSE_WORDS, type CauseValues, type CauseWords, fill } from '../../sim/check/causeWords.ts';
import { sentencesEnglish } from './sentencesEnglish.ts';
import { causeWordsKorean, sentencesKorean } from './sentencesKorean.ts';
import type { Language } from './language.ts';

export type SentenceKey = keyof typeof sentencesEnglish;

export interface Sentences {
  readonly words: Readonly<Record<SentenceKey, string>>;
  readonly causes: CauseWords;
}

export const SENTENCES: Readonly<Record<Language, Sentences>> = {
  en: { words: sentencesEnglish, causes: CAUSE_WORDS }, ko: { words: sentencesKorean, causes: causeWordsKorean },
};

export const sentence = ({ words }: Sentences, key: SentenceKey, values: CauseValues): string => fill(words[key], values);
