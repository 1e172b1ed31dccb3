/** The running configuration as the lower floors read it. Names are Redis's own, in their new spelling (`replica-…`). */
import type { Bytes } from '../core/bytes.ts';

export interface Settings {
  /** Integers, memory sizes in bytes, durations in the unit that the directive has. */
  number(name: string): number;
  flag(name: string): boolean;
  text(name: string): Bytes;
}
