/**
 * The arguments of `faultline server`, taken as redis-server takes its own: a configuration file first or none, then
 * `--directive value …` in any number, `-` at either end for more configuration on standard input.
 *
 * Always holds: the options come out as configuration text, one directive a line, and are judged like any other.
 * Source: server.c main of Redis 7.0, read for its behaviour.
 */
import { type Bytes, bytes, quote, utf8 } from '../core/bytes.ts';
import { splitArguments } from '../protocol/splitArguments.ts';

export interface StartCommand {
  readonly kind: 'start';
  readonly configFile: string | null;
  readonly fromStandardInput: boolean;
  readonly sentinel: boolean;
  /** `--directive value …` as configuration text. */
  readonly options: Bytes;
}

export type CommandLine = StartCommand | { readonly kind: 'version' } | { readonly kind: 'help' };

/** Directives that may stand without a value: `--save --port 7000` means `save ""`. */
const VALUE_WHEN_ALONE: ReadonlyMap<string, string> = new Map([['--save', ' ""'], ['--sentinel', '']]);

/** `argv` without the program and the word `server`. `isSentinel`: the program's name says so. */
export const parseCommandLine = (argv: readonly string[], isSentinel = false): CommandLine => {
  const [first] = argv;
  if (first === '-v' || first === '--version') return { kind: 'version' };
  if (first === '-h' || first === '--help') return { kind: 'help' };
  const configFile = first !== undefined && !first.startsWith('-') ? first : null;
  const rest = argv.slice(configFile === null ? 0 : 1);
  let fromStandardInput = false;
  if (configFile === null && rest[0] === '-') {
    fromStandardInput = true;
    rest.shift();
  }
  if (rest.at(-1) === '-') {
    fromStandardInput = true;
    rest.pop();
  }
  return {
    kind: 'start', configFile, fromStandardInput, sentinel: isSentinel || argv.includes('--sentinel'),
    options: bytes(optionLines(rest).join('\n')),
  };
};

/** A word with two dashes begins a directive, unless the directive before it still lacks its value. */
const optionLines = (words: readonly string[]): string[] => {
  const lines: string[] = [];
  let mayBegin = true;
  for (let index = 0; index < words.length; index++) {
    const word = utf8(words[index] as string);
    if (!mayBegin || !word.startsWith('--')) {
      lines.push(`${lines.pop() ?? ''} ${quote(word)}`.trimStart());
      mayBegin = true;
      continue;
    }
    // The name alone, or name and values in one argument: "--replicaof 10.0.0.1 6379".
    let line = word.slice(2);
    mayBegin = splitArguments(word)?.length !== 1;
    const next = words[index + 1];
    const alone = next === undefined || next.startsWith('--') ? VALUE_WHEN_ALONE.get(word.toLowerCase()) : undefined;
    if (alone !== undefined) {
      line += alone;
      mayBegin = true;
    }
    lines.push(line);
  }
  return lines;
};

export const HELP: string = `Usage: faultline server [CONF] [--directive value …] [-]

The engine on real TCP, started the way redis-server is. CONF is a redis.conf; "-" at the end reads
more configuration from standard input; options win over both.

Options:
  --port N                the port, 6379 unless given; 0 for none
  --replicaof HOST PORT   follow that primary ("--replicaof HOST PORT" in one argument does as well)
  --directive value …     any directive of redis.conf
  --sentinel              be a sentinel; needs a configuration file
  -v, --version           print the version
  -h, --help              print this

Environment:
  FAULTLINE_NOTES=FILE    append what the engine notes about itself, one JSON document a line

Examples:
  faultline server                                    on every address, port 6379
  faultline server /etc/redis/redis.conf
  faultline server --port 7777 --save 60 1000 --dir /var/lib/redis
  faultline server --port 7778 --replicaof 127.0.0.1 7777
  faultline server redis.conf --loglevel verbose -    with more directives on standard input
`;
