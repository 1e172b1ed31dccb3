/**
 * The names of everything that can stand in a trace, as a frozen list of small integers.
 *
 * The list only grows at its end: a kind's number is mixed into every trace hash. The first group are events, which
 * fire at their time; the second are observations, made inside an event at its instant.
 */
export const KIND_NAMES = [
  // Events.
  'start', 'timer', 'segment', 'retransmit', 'window', 'syn', 'synAnswer', 'synRetry', 'rst', 'keepAlive',
  'listening', 'connectFailed', 'resolved', 'resume', 'fileSync', 'writeBack', 'childSlice', 'childDone', 'plan',
  'world', 'probe', 'boot',
  // Observations.
  'drop', 'giveUp', 'log', 'note', 'kill', 'power', 'up', 'pause', 'unpause', 'slow', 'exit', 'cut', 'heal',
  'link', 'clock', 'disk', 'name', 'fault', 'action', 'invoke', 'complete', 'verdict', 'mark', 'script',
] as const;

export type KindName = (typeof KIND_NAMES)[number];

/** The number of each kind. */
export const KIND: Readonly<Record<KindName, number>> = Object.freeze(
  Object.fromEntries(KIND_NAMES.map((name, index) => [name, index])) as Record<KindName, number>);

export const KIND_COUNT: number = KIND_NAMES.length;
