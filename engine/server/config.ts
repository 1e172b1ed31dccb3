/**
 * The running configuration: every directive with its value, checked when it is set. Source: config.c of Redis 7.0.
 */
import { type Bytes, bytes, lower } from '../core/bytes.ts';
import { ConfigError, InvariantError } from '../core/errors.ts';
import type { Settings } from '../commands/settings.ts';
import { configAlias, configName } from '../protocol/wireNames.ts';
import { type Directive, directiveError } from './configFile.ts';
import { Acl, userOfLine } from './acl.ts';
import { COMMAND_FACTS } from './commandFacts.ts';
import { Problem, type Value, parseMemory, parseValue } from './configValues.ts';
import { formatOutputLimits, parseOutputLimits } from './outputLimits.ts';
import { PARAMETERS, type Parameter } from './parameters.ts';

/** Null (or nothing): the change has taken effect. */
type Listener = () => string | null | void;

/** Directives of older versions that files may still have: nothing comes of them. */
const GIVEN_UP: readonly string[] = ['list-max-ziplist-entries', 'list-max-ziplist-value'];
const SENTINEL = 'sentinel';

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

const PARAMETERS_BY_NAME: ReadonlyMap<string, Parameter> = new Map(PARAMETERS.map((parameter) => [parameter.name, parameter]));

/** Parsed once, for all who start with them. */
const DEFAULT_VALUES: ReadonlyMap<string, Value> = new Map(PARAMETERS.map((parameter): [string, Value] => {
  const value = parseValue(parameter, bytes(parameter.default));
  if (value instanceof Problem) throw new InvariantError(`bad default of ${parameter.name}`);
  return [parameter.name, value];
}));

export class Config implements Settings {
  readonly acl: Acl;
  /** Users come from lines of the configuration. */
  hasUserLines = false;
  readonly renames: CommandRename[] = [];
  private readonly values: Map<string, Value>;
  private readonly parameters: ReadonlyMap<string, Parameter> = PARAMETERS_BY_NAME;
  private readonly listeners: Map<string, Listener> = new Map();
  private readonly computed: Map<string, () => Bytes> = new Map();

  /** `facts`: the commands that users may be given rights for. */
  constructor(facts: readonly string[] = COMMAND_FACTS) {
    this.acl = new Acl(this, facts);
    this.values = new Map(DEFAULT_VALUES);
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
      // The word alone has been heard by whoever started us.
      if (GIVEN_UP.includes(name) || (name === SENTINEL && directive.values.length === 0)) continue;
      if (name === SENTINEL) throw directiveError(directive, 'sentinel directive while not in sentinel mode');
      const parameter = this.parameters.get(name);
      if (parameter === undefined) {
        throw directiveError(directive, 'Bad directive or wrong number of arguments');
      }
      const isWrong = name === 'replicaof' ? directive.values.length === 0
        : parameter.kind.kind !== 'words' && directive.values.length !== 1;
      if (isWrong) throw directiveError(directive, 'wrong number of arguments');
      let value: Bytes = directive.values.join(' ') as Bytes;
      if (name === 'save') {
        // Lines of a file add up; an empty one clears.
        if (saveWasSet && value !== '' && this.text('save') !== '') value = `${this.text('save')} ${value}` as Bytes;
        saveWasSet = true;
      }
      const problem = this.assign(parameter, value);
      if (problem !== null) throw directiveError(directive, problem);
    }
    if (this.flag('cluster-enabled') && !['', 'no one'].includes(lower(this.text('replicaof')))) {
      throw new ConfigError('replicaof directive not allowed in cluster mode');
    }
    this.acl.defaultUser.setPassword(this.text('requirepass'));
    // Users come after everything else, and win.
    this.loadUsers(users);
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
    if (chosen.some(({ name }) => name === 'requirepass')) this.acl.defaultUser.setPassword(this.text('requirepass'));
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
      throw directiveError(directive, 'Bad directive or wrong number of arguments');
    }
    this.renames.push({ directive, from, to });
  }

  private loadUsers(directives: readonly Directive[]): void {
    const names: Bytes[] = [];
    for (const directive of directives) {
      const [name] = directive.values;
      if (name === undefined) throw directiveError(directive, 'Bad directive or wrong number of arguments');
      const user = names.includes(name) ? `Error in user declaration '${name}': ${DUPLICATE_USER}` : userOfLine(this.acl, directive.values);
      if (typeof user === 'string') throw directiveError(directive, user);
      names.push(name);
      this.acl.set(user);
    }
    this.hasUserLines = names.length > 0;
  }

  private assign(parameter: Parameter, value: Bytes): string | null {
    const parsed = parseValue(parameter, value);
    if (parsed instanceof Problem) return parsed.text;
    this.values.set(parameter.name, parameter.name === OUTPUT_LIMITS ? this.mergeOutputLimits(value) : parsed);
    return null;
  }

  /** Kinds of client that `value` does not name keep their limits. */
  private mergeOutputLimits(value: Bytes): Bytes {
    const limits = parseOutputLimits(`${this.values.get(OUTPUT_LIMITS) as Bytes} ${lower(value)}` as Bytes, parseMemory);
    if (limits === null) throw new InvariantError('limits are checked before they are merged');
    return formatOutputLimits(limits);
  }

  private restore(before: ReadonlyMap<string, Value>): void {
    for (const [name, value] of before) this.values.set(name, value);
  }
}

const OUTPUT_LIMITS = 'client-output-buffer-limit';
const DUPLICATE_USER = 'Duplicate user found. A user can only be defined once in config files';

const format = (value: Value): Bytes =>
  typeof value === 'boolean' ? bytes(value ? 'yes' : 'no') : bytes(String(value));

