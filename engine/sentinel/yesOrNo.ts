/** `yes` and `no` as configuration directives spell them. Source: yesnotoi in config.c of Redis 7.0. */
import { type Bytes, lower } from '../core/bytes.ts';

/** Null for any other word. */
export const yesOrNo = (text: Bytes): boolean | null => {
  const word = lower(text);
  return word === 'yes' ? true : word === 'no' ? false : null;
};

export const yesOrNoText = (value: boolean): string => (value ? 'yes' : 'no');
