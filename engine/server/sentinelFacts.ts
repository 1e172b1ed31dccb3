/** The commands of a sentinel as rights are given for them: those that a server has too, and its own. */
import { SENTINEL_COMMANDS } from '../protocol/sentinelNames.ts';
import { COMMAND_FACTS } from './commandFacts.ts';

/** Lines as those of `commandFacts.ts`. */
export const sentinelFacts = (): readonly string[] => [
  ...COMMAND_FACTS.filter((fact) => SENTINEL_COMMANDS.includes(fact.slice(0, fact.indexOf(';')))),
  ...SENTINEL_COMMANDS.filter((name) => name.startsWith('sentinel'))
    .map((name) => `${name}; ${name === 'sentinel|help' ? 'slow' : 'admin slow dangerous'}; ;`),
];
