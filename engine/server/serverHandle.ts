/** What a started server or sentinel is to the process around it. */
import type { LogLevel } from '../host.ts';

/** What the process around a server may ask of it. */
export interface ServerHandle {
  /** Saves where the configuration says so for that signal, then leaves with status 0. */
  shutdown(signal: 'SIGTERM' | 'SIGINT'): void;
  /** `ending`: a shutdown waits for replicas. */
  phase(): 'loading' | 'serving' | 'ending';
  /** `M` or `S`, for the log. */
  roleLetter(): string;
  logLevel(): LogLevel;
}
