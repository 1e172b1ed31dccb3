/** The one command that does a run again, as a shell takes it. */

export const quoteArgument = (argument: string): string =>
  (/^[\w./:-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`);

export const replayLine = (argument: string, seed: number): string => `npx faultline run ${quoteArgument(argument)} --seed ${seed}`;
