/**
 * Whether a sentinel would take its configuration, found out by starting one that can do nothing: its host listens nowhere,
 * looks nothing up and calls nobody back. So what is refused, and in which words, is the engine's own business.
 */
import { type Directive, type Host, NO_CAUSE, bytes, startSentinel } from '../../engine/index.ts';

/** Throws `ConfigError` for the first line that cannot be used. */
export const trySentinel = (directives: readonly Directive[]): void => {
  startSentinel(DEAF_HOST, directives, { configFile: bytes('sentinel.conf') });
};

const nothing = (): void => {};
const never = (): never => {
  throw new Error('a sentinel on trial does nothing but read its configuration');
};
const TIMER = Object.freeze({ timer: true }) as ReturnType<Host['setTimer']>;
const MOMENT = 0 as ReturnType<Host['wallMs']>;

const DEAF_HOST: Host = Object.freeze({
  pid: 1,
  wallMs: () => MOMENT,
  wallMicros: () => 0,
  monotonicMicros: () => 0 as ReturnType<Host['monotonicMicros']>,
  setTimer: () => TIMER,
  clearTimer: nothing,
  entropy: (count: number) => bytes('0'.repeat(count)),
  resolve: nothing,
  listen: nothing,
  listenUnix: nothing,
  connect: () => ({ cancel: nothing }),
  tls: null,
  files: Object.freeze({
    changeDirectory: never, open: never, exists: () => false, list: () => [], makeDirectory: nothing, rename: nothing, remove: nothing, syncDirectory: nothing,
  }),
  scripts: Object.freeze({ isExecutable: () => false, run: () => null }),
  startChild: never,
  onTurnEnd: nothing,
  cost: nothing,
  block: nothing,
  exit: nothing,
  log: nothing,
  note: nothing,
  cause: () => NO_CAUSE,
});
