/** What the lessons say, in Korean. */
import type { lessonsEnglish } from './lessonsEnglish.ts';

export const lessonsKorean: Readonly<Record<keyof typeof lessonsEnglish, string>> = {
};
