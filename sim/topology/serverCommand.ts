/**
 * What a container of the official image starts: its command, taken apart into the program, the configuration file and the
 * options behind it.
 *
 * Always holds: a command that cannot be read is an error, never taken for the image's default.
 * Source: docker-library/redis and valkey-io/valkey-container, `docker-entrypoint.sh`, read for their behaviour; server.c of
 * Redis 7.0 (main), for how options are told from the file.
 */
import type { ComposeReader } from './composeReader.ts';
import type { ComposeService, PlacedWords } from './composeService.ts';
import type { Placed } from './placed.ts';
import { type ConfLine, lineOfWords } from './redisConf.ts';
import { type ShellCommand, shellCommands, splitShellWords } from './shellWords.ts';

export type ServerCommand =
  | {
    readonly kind: 'server';
    readonly at: Placed;
    readonly isSentinel: boolean;
    /** Path in the container; null: no configuration file. */
    readonly configPath: string | null;
    readonly options: readonly ConfLine[];
    /** Where the start command has copied the configuration file from; the copy is made anew at each start. */
    readonly copiedFrom: string | null;
    /** It is copied where it is missing only: `cp -n`. */
    readonly isCopiedOnce: boolean;
  }
  /** `redis-cli`, which does something once and ends. */
  | { readonly kind: 'tool'; readonly at: Placed; readonly words: readonly string[] };

const SERVER = /^(?:\/\S*\/)?(?:redis|valkey)-server$/;
const SENTINEL = /^(?:\/\S*\/)?(?:redis|valkey)-sentinel$/;
const TOOL = /^(?:\/\S*\/)?(?:redis|valkey)-cli$/;
const SHELL = /^(?:\/\S*\/)?(?:sh|bash|ash|dash)$/;
/** The entrypoint of the image itself. */
const OWN_ENTRYPOINT = /(?:^|\/)docker-entrypoint\.sh$/;
/** Commands of a start script that change nothing that the server reads. */
const HARMLESS: readonly string[] = [
  'sleep', 'mkdir', 'chown', 'chmod', 'ls', 'echo', 'true', ':', 'set', 'ulimit', 'sysctl', 'date', 'id', 'whoami', 'cat', 'export',
];

/** `program` is the server that the image starts when it is not told otherwise. */
export const readServerCommand = (reader: ComposeReader, service: ComposeService, program: string): ServerCommand => {
  const at = (service.command ?? service.entrypoint)?.at ?? { line: service.line, key: `${service.path}.command`, text: '' };
  const own = service.entrypoint;
  const given = service.command?.words ?? [];
  // An entrypoint of one's own replaces the image's, and with it its command.
  const words = own === null ? prefixed(given, program) : [...own.words, ...given];
  const [first = ''] = words;
  const bare = OWN_ENTRYPOINT.test(first) ? prefixed(words.slice(1), program) : words;
  if (SHELL.test(bare[0] ?? '')) return ofScript(reader, service, { at, words: bare });
  return ofWords(reader, { at, words: bare }, null, service.environment);
};

/** The image's entrypoint puts the server in front of what looks like its options or its file. */
const prefixed = (words: readonly string[], program: string): readonly string[] => {
  const [first = ''] = words;
  return words.length === 0 || first.startsWith('-') || first.endsWith('.conf') ? [program, ...words] : words;
};

/** `sh -c "… && exec redis-server …"`: the last command is the server, those before it must be harmless or copy its file. */
const ofScript = (reader: ComposeReader, service: ComposeService, { at, words }: PlacedWords): ServerCommand => {
  const option = words.findIndex((word) => /^-[a-z]*c$/.test(word));
  const script = option < 0 ? undefined : words[option + 1];
  if (script === undefined) throw reader.errorAt(at, `'${words.join(' ')}' runs a script that is not in this file`);
  const variables = new Map([...service.environment].map(([name, placed]) => [name, placed.text]));
  const commands = shellCommands(script, variables);
  if (commands === null) {
    throw reader.errorAt(
      at, 'has a shell script that cannot be followed here (pipes, redirections, conditions); give the server\'s own command');
  }
  const run = commands.map((command) => (command[0] === 'exec' ? command.slice(1) : command));
  const index = run.findIndex(([first = '']) => SERVER.test(first) || SENTINEL.test(first) || TOOL.test(first));
  const server = run[index];
  if (server === undefined) throw reader.errorAt(at, `'${script}' starts no server`);
  let copied: ShellCommand | null = null;
  for (const command of run.slice(0, index)) {
    const [name = ''] = command;
    if (name === 'cp') copied = command;
    else if (!HARMLESS.includes(name)) throw reader.errorAt(at, `'${command.join(' ')}' before the server cannot be followed here`);
  }
  return ofWords(reader, { at, words: server }, copied, service.environment);
};

const ofWords = (
  reader: ComposeReader, { at, words }: PlacedWords, copied: ShellCommand | null, environment: ReadonlyMap<string, Placed>,
): ServerCommand => {
  const [program = '', ...rest] = words;
  if (TOOL.test(program)) return { kind: 'tool', at, words: rest };
  if (!SERVER.test(program) && !SENTINEL.test(program)) {
    throw reader.errorAt(at, `'${words.join(' ')}' does not start a server that this importer knows`);
  }
  const extra = environment.get('VALKEY_EXTRA_FLAGS');
  const flags = program.includes('valkey') ? extra?.text.split(/\s+/).filter((word) => word !== '') ?? [] : [];
  const args = [...rest, ...flags];
  const hasFile = args[0] !== undefined && !args[0].startsWith('-');
  if (args[0] === '-') throw reader.errorAt(at, 'reads the configuration from standard input, which is not here');
  const configPath = hasFile ? absolute(args[0] ?? '') : null;
  const options = optionLines(reader, at, hasFile ? args.slice(1) : args);
  const isSentinel = SENTINEL.test(program) || options.some(({ words: [name] }) => name === 'sentinel');
  const paths = copied?.slice(1).filter((word) => !word.startsWith('-')).map(absolute) ?? [];
  const isCopied = paths.length === 2 && configPath !== null
    && (paths[1] === configPath || `${paths[1]?.replace(/\/$/, '')}/${paths[0]?.split('/').at(-1)}` === configPath);
  return {
    kind: 'server', at, isSentinel, configPath,
    // Alone the word chooses the mode; with more behind it it is a directive.
    options: options.filter(({ words: line }) => line[0] !== 'sentinel' || line.length > 1),
    copiedFrom: isCopied ? paths[0] ?? null : null,
    isCopiedOnce: isCopied && copied?.some((word) => /^-\w*n/.test(word) || word === '--no-clobber') === true,
  };
};

/** The image's working directory is the data directory. */
const absolute = (path: string): string => (path.startsWith('/') ? path : `/data/${path.replace(/^\.\//, '')}`);

/** `--name value …`; several words in one argument are as good as several arguments. */
const optionLines = (reader: ComposeReader, at: Placed, args: readonly string[]): readonly ConfLine[] => {
  const lines: string[][] = [];
  for (const word of args) {
    const last = lines.at(-1);
    if (word.startsWith('--')) lines.push([...splitShellWords(word.slice(2)) ?? [word.slice(2)]]);
    else if (last === undefined) throw reader.errorAt(at, `'${word}' stands before any --option`);
    else last.push(word);
  }
  // Alone it turns snapshots off.
  return lines.map((words) => lineOfWords(words.length === 1 && words[0] === 'save' ? ['save', ''] : words, at));
};
