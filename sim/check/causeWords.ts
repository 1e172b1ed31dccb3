/**
 * The words in which decisions and their causes are told. Reports speak English; the page hands over the same table in its own
 * language.
 *
 * Always holds: a table of another language has the same keys, with the same places for values.
 */

export type CauseValues = Readonly<Record<string, string | number>>;

/** `{name}` in the template gives way to the value of that name. */
export const fill = (template: string, values: CauseValues): string =>
  template.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));

export const CAUSE_WORDS = {
  odown: '{node} found {name} to be objectively down: {agreeing} agree, the quorum is {quorum}',
  vote: '{node} voted for {candidate} in epoch {epoch} of {name}',
  forced: '{node} was told to fail {name} over',
  elected: '{node} was elected in epoch {epoch} of {name} with {votes} of {known} votes',
  selected: '{node} chose {replica} to be the primary of {name}',
  gaveUp: "{node} gave its primary's connection up: {detail}",
  lostReplica: '{node} lost its replica {replica}',
  serves: '{node} serves {count} slots from now on, with epoch {epoch}',
  pfail: '{node} had heard nothing of {other} for the node timeout',
  fail: '{node} found {other} to have failed: {detail} primaries say so',
  told: '{node} was told by {reporters} that {other} has failed',
  election: '{node} asked for votes in epoch {epoch} to replace {other}, {detail}',
  stopped: '{node} stopped serving: {detail}',
  sdown: '{node} had heard nothing valid of {other} for down-after-milliseconds',
  began: '{node} began a failover of {name}',
  switched: '{node} switched: {detail}',
  exit: '{node} ended with status {status}',
  struck: '{what}: {whom}',
  sentence: 'at {seconds} s {what} (#{id})',
  silence: '{sentence}, the last being #{last}',
  because: 'because {sentence}',
} as const;

export type CauseWord = keyof typeof CAUSE_WORDS;

export type CauseWords = Readonly<Record<CauseWord, string>>;
