/**
 * The running configuration: every directive with its value, checked when it is set. Source: config.c of Redis 7.0.
 */
import { type Bytes, bytes, lower } from '../core/bytes.ts';
import { InvariantError } from '../core/errors.ts';
import { parseSafeInteger } from '../core/integers.ts';
import type { Settings } from '../commands/settings.ts';
import { readEventClasses } from '../keyspace/keyEvents.ts';
import { configAlias, configName } from '../protocol/wireNames.ts';
import { type Directive, directiveError } from './configFile.ts';
import { DEFAULT_USER, DefaultUser } from './defaultUser.ts';
import { formatOutputLimits, parseOutputLimits } from './outputLimits.ts';
import { PARAMETERS, type Parameter } from './parameters.ts';

type Value = number | boolean | Bytes;

/** Null (or nothing): the change has taken effect. */
type Listener = () => string | null | void;

/** Directives that are read and kept, and mean something only to parts that are not built yet. */
const NOT_BUILT: readonly { readonly name: string; readonly harmless: string; readonly what: string }[] = [
  { name: 'unixsocket', harmless: '', what: 'unix sockets' },
];

/** Directives that CONFIG GET shows only when they are asked for by name. */
const HIDDEN: readonly string[] = [
  'use-exit-on-panic', 'key-load-delay', 'rdb-key-save-delay', 'loading-process-events-interval-bytes',
];

export interface ShownDirective {
  readonly name: string;
  readonly value: Bytes;
  readonly isHidden: boolean;
}

/** A directive with its present value, as text. */
export interface PresentValue {
  readonly parameter: Parameter;
  readonly value: Bytes;
  readonly isDefault: boolean;
  /** The value is asked for, not set. */
  readonly isComputed: boolean;
}

/** `rename-command`: an empty new name takes the command away. */
export interface CommandRename {
  readonly directive: Directive;
  readonly from: Bytes;
  readonly to: Bytes;
}

export class Config implements Settings {
  readonly defaultUser: DefaultUser = new DefaultUser();
  readonly renames: CommandRename[] = [];
  private readonly values: Map<string, Value> = new Map();
  private readonly parameters: Map<string, Parameter> = new Map();
  private readonly listeners: Map<string, Listener> = new Map();
  private readonly computed: Map<string, () => Bytes> = new Map();

  constructor() {
    for (const parameter of PARAMETERS) {
      this.parameters.set(parameter.name, parameter);
      const value = parse(parameter, bytes(parameter.default));
      if (value instanceof Problem) throw new InvariantError(`bad default of ${parameter.name}`);
      this.values.set(parameter.name, value);
    }
  }

  number(name: string): number {
    return this.values.get(name) as number;
  }

  flag(name: string): boolean {
    return this.values.get(name) as boolean;
  }

  text(name: string): Bytes {
    return this.values.get(name) as Bytes;
  }

  /** Calls back after each change of a directive. One listener a directive; what it returns is why it cannot be. */
  onChange(name: string, listener: Listener): void {
    this.listeners.set(name, listener);
  }

  /** Applies what a file or the command line says, in order. Throws `ConfigError` with the place. */
  load(directives: readonly Directive[]): void {
    let saveWasSet = false;
    const users: Directive[] = [];
    for (const directive of directives) {
      const name = configName(directive.name);
      if (name === 'user') {
        users.push(directive);
        continue;
      }
      if (name === 'rename-command') {
        this.addRename(directive);
        continue;
      }
      const parameter = this.parameters.get(name);
      if (parameter === undefined) {
        throw directiveError(directive, 'Bad directive or wrong number of arguments');
      }
      const isList = parameter.kind.kind === 'words';
      const isWrong = name === 'replicaof' ? directive.values.length !== 2
        : isList ? directive.values.length === 0 : directive.values.length !== 1;
      if (isWrong) {
        throw directiveError(directive, 'wrong number of arguments');
      }
      let value: Bytes = directive.values.join(' ') as Bytes;
      if (name === 'save') {
        // Lines of a file add up; an empty one clears.
        if (saveWasSet && value !== '' && this.text('save') !== '') value = `${this.text('save')} ${value}` as Bytes;
        saveWasSet = true;
      }
      const problem = this.assign(parameter, value);
      if (problem !== null) throw directiveError(directive, problem);
    }
    this.defaultUser.setPassword(this.text('requirepass'));
    // Users come after everything else, and win.
    for (const directive of users) this.loadUser(directive);
  }

  /**
   * CONFIG SET of several directives: all or none. Null when done, else the error text behind `ERR `. `mayChangeProtected`:
   * whoever asks may change those that are protected too.
   */
  set(pairs: readonly (readonly [Bytes, Bytes])[], mayChangeProtected = false): string | null {
    const failed = (spelled: Bytes, problem: string): string =>
      `CONFIG SET failed (possibly related to argument '${spelled}') - ${problem}`;
    const chosen: Parameter[] = [];
    for (const [spelled] of pairs) {
      const parameter = this.parameters.get(configName(lower(spelled)));
      if (parameter === undefined) return `Unknown option or number of arguments for CONFIG SET - '${spelled}'`;
      if (!parameter.mutable) return failed(spelled, "can't set immutable config");
      if (parameter.isProtected === true && !mayChangeProtected) return failed(spelled, "can't set protected config");
      if (chosen.includes(parameter)) return failed(spelled, 'duplicate parameter');
      chosen.push(parameter);
    }
    const before = new Map(chosen.map(({ name }) => [name, this.values.get(name) as Value]));
    for (const [index, [spelled, value]] of pairs.entries()) {
      const problem = this.assign(chosen[index] as Parameter, value);
      if (problem === null) continue;
      this.restore(before);
      return failed(spelled, problem);
    }
    for (const [index, { name }] of chosen.entries()) {
      const problem = this.listeners.get(name)?.() ?? null;
      if (problem === null) continue;
      this.restore(before);
      for (const { name: applied } of chosen.slice(0, index)) this.listeners.get(applied)?.();
      return failed((pairs[index] as readonly [Bytes, Bytes])[0], problem);
    }
    if (chosen.some(({ name }) => name === 'requirepass')) this.defaultUser.setPassword(this.text('requirepass'));
    return null;
  }

  /** The present value of a directive as CONFIG SET takes it, by any of its names; null for one that there is not. */
  presentText(name: Bytes): Bytes | null {
    const value = this.values.get(configName(lower(name)));
    return value === undefined ? null : format(value);
  }

  isKnown(name: string): boolean {
    return this.parameters.has(name);
  }

  /** Every directive with its value, in the order of the table. */
  *present(): Generator<PresentValue, void> {
    for (const parameter of this.parameters.values()) {
      const computed = this.computed.get(parameter.name);
      const value = computed?.() ?? format(this.values.get(parameter.name) as Value);
      yield { parameter, value, isDefault: value === parameter.default, isComputed: computed !== undefined };
    }
  }

  /** Every directive with its value as CONFIG GET shows it, older names included. */
  *list(): Generator<ShownDirective, void> {
    for (const { parameter, value } of this.present()) {
      const isHidden = HIDDEN.includes(parameter.name);
      yield { name: parameter.name, value, isHidden };
      const alias = configAlias(parameter.name);
      if (alias !== null) yield { name: alias, value, isHidden };
    }
  }

  /** A directive that commands change: its value is asked for when it is shown (`replicaof`). */
  compute(name: string, value: () => Bytes): void {
    this.computed.set(name, value);
  }

  private addRename(directive: Directive): void {
    const [from, to, ...others] = directive.values;
    if (from === undefined || to === undefined || others.length > 0) {
      throw directiveError(directive, 'wrong number of arguments');
    }
    this.renames.push({ directive, from, to });
  }

  private loadUser(directive: Directive): void {
    const [name, ...rules] = directive.values;
    const problem = name === DEFAULT_USER ? this.defaultUser.apply(rules) : 'users other than the default one: not built yet';
    if (problem !== null) throw directiveError(directive, problem);
  }

  private assign(parameter: Parameter, value: Bytes): string | null {
    const parsed = parameter.name === OUTPUT_LIMITS ? this.mergeOutputLimits(value) : parse(parameter, value);
    if (parsed instanceof Problem) return parsed.text;
    const notBuilt = NOT_BUILT.find((row) => row.name === parameter.name);
    if (notBuilt !== undefined && format(parsed) !== notBuilt.harmless) return `${notBuilt.what}: not built yet`;
    this.values.set(parameter.name, parsed);
    return null;
  }

  /** Kinds of client that `value` does not name keep their limits. */
  private mergeOutputLimits(value: Bytes): Bytes | Problem {
    const present = this.values.get(OUTPUT_LIMITS) as Bytes;
    const limits = parseOutputLimits(`${present} ${value}` as Bytes, parseMemory);
    return limits === null ? new Problem('Invalid client output buffer limits') : formatOutputLimits(limits);
  }

  private restore(before: ReadonlyMap<string, Value>): void {
    for (const [name, value] of before) this.values.set(name, value);
  }
}

const BIND_ADDRESSES_MAX = 16;
/** Texts that are a name in the directory and no path. */
const PATH_PROBLEMS: Readonly<Record<string, string>> = {
  dbfilename: "dbfilename can't be a path, just a filename",
  appendfilename: "appendfilename can't be a path, just a filename",
  appenddirname: "appenddirname can't be a path, just a dirname",
};
const OUTPUT_LIMITS = 'client-output-buffer-limit';

class Problem {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const parse = (parameter: Parameter, value: Bytes): Value | Problem => {
  const kind = parameter.kind;
  switch (kind.kind) {
    case 'flag': {
      const word = lower(value);
      if (word === 'yes') return true;
      return word === 'no' ? false : new Problem("argument must be 'yes' or 'no'");
    }
    case 'integer': {
      const number = parseSafeInteger(value);
      if (number === null) return new Problem("argument couldn't be parsed into an integer");
      if (number < kind.min || number > kind.max) {
        return new Problem(`argument must be between ${kind.min} and ${kind.max} inclusive`);
      }
      return number;
    }
    case 'memory': {
      const size = parseMemory(value);
      return size === null ? new Problem('argument must be a memory value') : size;
    }
    case 'choice': {
      const word = lower(value);
      if (kind.choices.includes(word)) return word;
      return new Problem(`argument(s) must be one of the following: ${kind.choices.join(', ')}`);
    }
    case 'text':
      if (parameter.name === 'cluster-announce-hostname') return parseHostname(value);
      if (parameter.name === 'maxmemory-clients') return parseMemoryOrPercent(value);
      if (parameter.name === 'notify-keyspace-events') return readEventClasses(value) ?? new Problem(UNKNOWN_EVENT_CLASS);
      return PATH_PROBLEMS[parameter.name] !== undefined && value.includes('/')
        ? new Problem(PATH_PROBLEMS[parameter.name] as string) : value;
    case 'words':
      if (parameter.name === 'bind' && value.split(' ').length > BIND_ADDRESSES_MAX) {
        return new Problem('Too many bind addresses specified.');
      }
      if (parameter.name === 'replicaof') return parseReplicaof(value);
      return parameter.name === 'save' ? parseSave(value) : value;
  }
};

/** It goes into the bus's messages and into nodes.conf. */
const parseHostname = (value: Bytes): Bytes | Problem => {
  if (value.length > HOSTNAME_BYTES_MAX) return new Problem('Hostnames must be less than 256 characters');
  return /^[-.0-9A-Za-z]*$/.test(value) ? value : new Problem('Hostnames may only contain alphanumeric characters, hyphens or dots');
};

const UNKNOWN_EVENT_CLASS = "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.";
const HOSTNAME_BYTES_MAX = 255;

/** `host port`, `no one`, or nothing. */
const parseReplicaof = (value: Bytes): Bytes | Problem => {
  const [, port] = value.split(' ') as Bytes[];
  if (port === undefined || lower(value) === 'no one') return value;
  const number = parseSafeInteger(port);
  return number === null || number < 0 || number > PORT_MAX ? new Problem('Invalid master port') : value;
};

const PORT_MAX = 65535;

const parseSave = (value: Bytes): Bytes | Problem => {
  const words = value.split(' ').filter((word) => word !== '');
  if (words.length % 2 !== 0) return new Problem('Invalid save parameters');
  for (let index = 0; index < words.length; index += 2) {
    const seconds = parseSafeInteger(words[index] as Bytes);
    const changes = parseSafeInteger(words[index + 1] as Bytes);
    if (seconds === null || seconds < 1 || changes === null || changes < 0) {
      return new Problem('Invalid save parameters');
    }
  }
  return words.join(' ') as Bytes;
};

const MEMORY_UNITS: Readonly<Record<string, number>> = {
  '': 1, b: 1, k: 1000, kb: 1024, m: 1000000, mb: 1048576, g: 1000000000, gb: 1073741824,
};

/** Bytes, with the units that Redis takes; null when it is none. */
export const parseMemory = (value: Bytes): number | null => {
  const parts = /^([0-9]{1,15})([a-z]*)$/.exec(lower(value));
  const unit = parts === null ? undefined : MEMORY_UNITS[parts[2] as string];
  const size = unit === undefined || parts === null ? NaN : Number(parts[1]) * unit;
  return Number.isSafeInteger(size) ? size : null;
};

/** Bytes, or a share of `whole` as `5%`; null when it is neither. */
export const memoryOrPercent = (value: Bytes, whole: number): number | null => {
  const percent = /^([0-9]{1,3})%$/.exec(value);
  return percent === null ? parseMemory(value) : Math.floor((whole * Number(percent[1])) / 100);
};

const parseMemoryOrPercent = (value: Bytes): Bytes | Problem => {
  const size = memoryOrPercent(value, 100);
  if (size === null) return new Problem('argument must be a memory or percent value');
  if (value.endsWith('%') && size > 100) return new Problem('percentage argument must be less or equal to 100');
  return value.endsWith('%') ? value : bytes(String(size));
};

const format = (value: Value): Bytes =>
  typeof value === 'boolean' ? bytes(value ? 'yes' : 'no') : bytes(String(value));

