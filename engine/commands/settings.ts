/** The running configuration as the lower floors read it. Names are Redis's own, in their new spelling (`replica-…`). */
import type { Bytes } from '../core/bytes.ts';

export interface Settings {
  /** Integers, memory sizes in bytes, durations in the unit that the directive has. */
  number(name: string): number;
  flag(name: string): boolean;
  text(name: string): Bytes;
}

/** Where those who replicate from us, or watch us, come to. */
export const replicationPort = (settings: Settings): number => {
  const secure = settings.flag('tls-replication') ? settings.number('tls-port') : 0;
  return secure === 0 ? settings.number('port') : secure;
};
