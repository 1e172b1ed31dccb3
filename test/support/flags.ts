/** The flags of the programs beside the tests: a wrong one is one line and status 2. */
import { type ParseArgsConfig, parseArgs } from 'node:util';

const refuse = (message: string): never => {
  process.stderr.write(`${message.replace(/\s*\n\s*/g, ' ')}\n`);
  process.exit(2);
};

/** As `parseArgs`; does not come back where the command line is wrong. */
export const flagsOf = <Config extends ParseArgsConfig>(config: Config): ReturnType<typeof parseArgs<Config>> => {
  try {
    return parseArgs(config);
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
};

/** A whole number from 1. */
export const countOf = (name: string, text: string): number => {
  const value = Number(text);
  return Number.isSafeInteger(value) && value >= 1 ? value : refuse(`--${name}: '${text}' is not a whole number from 1`);
};

/** A number above 0. */
export const positiveOf = (name: string, text: string): number => {
  const value = Number(text);
  return Number.isFinite(value) && value > 0 ? value : refuse(`--${name}: '${text}' is not a number above 0`);
};
