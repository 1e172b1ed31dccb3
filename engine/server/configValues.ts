/**
 * What the texts of directives stand for, each kind by its own rules, with the complaints in redis-server's words.
 * Source: config.c of Redis 7.0 (the set functions of its kinds of directive), compared by test.
 */
import { type Bytes, bytes, lower } from '../core/bytes.ts';
import { parseSafeInteger } from '../core/integers.ts';
import { readEventClasses } from '../keyspace/keyEvents.ts';
import { CLIENT_TYPE_REPLICA_OLD } from '../protocol/wireNames.ts';
import type { Parameter } from './parameters.ts';

const BIND_ADDRESSES_MAX = 16;
const HZ_MIN = 1;
const HZ_MAX = 500;
/** The largest number of 64 bits, which no number of ours is. */
const MEMORY_MAX_TEXT = '9223372036854775807';
/** Why a value cannot be. */
export class Problem {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Value = number | boolean | Bytes;

/** The value that a text stands for, or why it stands for none. */
export const parseValue = (parameter: Parameter, value: Bytes): Value | Problem => {
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
      // Too few and too many rounds a second are taken for the nearest number that will do.
      return parameter.name === 'hz' ? Math.min(Math.max(number, HZ_MIN), HZ_MAX) : number;
    }
    case 'memory': {
      const size = parseMemory(value);
      if (size === null) return new Problem('argument must be a memory value');
      return size < kind.min ? new Problem(`argument must be between ${kind.min} and ${MEMORY_MAX_TEXT} inclusive`) : size;
    }
    case 'choice': {
      const word = lower(value);
      if (kind.choices.includes(word)) return word;
      return new Problem(`argument(s) must be one of the following: ${kind.choices.join(', ')}`);
    }
    case 'text': case 'words':
      return OWN_RULES[parameter.name]?.(value) ?? value;
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
  if (value === '' || lower(value) === 'no one') return value;
  const [, port, ...others] = value.split(' ') as Bytes[];
  if (port === undefined || others.length > 0) return new Problem('wrong number of arguments');
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

/** A name in the directory, and no path. */
const fileName = (name: string, what: 'filename' | 'dirname', mayBeEmpty: boolean) => (value: Bytes): Bytes | Problem => {
  if (value === '' && !mayBeEmpty) return new Problem(`${name} can't be empty`);
  return value.includes('/') ? new Problem(`${name} can't be a path, just a ${what}`) : value;
};

const parseBind = (value: Bytes): Bytes | Problem =>
  (value.split(' ').length > BIND_ADDRESSES_MAX ? new Problem('Too many bind addresses specified.') : value);

const parseFileMode = (value: Bytes): Bytes | Problem =>
  (/^[0-7]{1,4}$/.test(value) ? value.replace(/^0+(?=.)/, '') as Bytes : new Problem("argument couldn't be parsed as an octal number"));

const SHUTDOWN_WORDS: readonly string[] = ['default', 'save', 'nosave', 'now', 'force'];

const parseShutdownWords = (value: Bytes): Bytes | Problem => {
  const words = lower(value).split(' ');
  if (!words.every((word) => SHUTDOWN_WORDS.includes(word))) {
    return new Problem(`argument(s) must be one of the following: ${SHUTDOWN_WORDS.join(', ')}`);
  }
  if (words.includes('save') && words.includes('nosave')) return new Problem("shutdown options SAVE and NOSAVE can't be used simultaneously");
  return SHUTDOWN_WORDS.filter((word) => words.includes(word) && (word !== 'default' || words.every((one) => one === word))).join(' ') as Bytes;
};

const parsePercentiles = (value: Bytes): Bytes | Problem => {
  const numbers = value.split(' ').filter((word) => word !== '').map((word) => (/^-?[0-9]+(\.[0-9]*)?$/.test(word) ? Number(word) : NaN));
  if (numbers.some((number) => number !== number)) return new Problem('Invalid latency-tracking-info-percentiles parameters');
  if (numbers.some((number) => number < 0 || number > 100)) {
    return new Problem('latency-tracking-info-percentiles parameters should sit between [0.0,100.0]');
  }
  return numbers.map(String).join(' ') as Bytes;
};

const OOM_SCORES = 3;
const OOM_SCORE_MAX = 2000;

const parseOomScores = (value: Bytes): Bytes | Problem => {
  const words = value.split(' ') as Bytes[];
  if (words.length !== OOM_SCORES) return new Problem('wrong number of arguments');
  const isScore = (word: Bytes): boolean => {
    const score = parseSafeInteger(word);
    return score !== null && score >= -OOM_SCORE_MAX && score <= OOM_SCORE_MAX;
  };
  return words.every(isScore) ? value
    : new Problem(`Invalid oom-score-adj-values, elements must be between -${OOM_SCORE_MAX} and ${OOM_SCORE_MAX}.`);
};

/** Groups of kind, hard limit, soft limit, seconds. */
const parseOutputLimitGroups = (value: Bytes): Bytes | Problem => {
  const words = value.split(' ').filter((word) => word !== '') as Bytes[];
  if (words.length % 4 !== 0) return new Problem('Wrong number of arguments in buffer limit configuration.');
  for (let index = 0; index < words.length; index += 4) {
    const [kind, hard, soft, seconds] = words.slice(index, index + 4) as [Bytes, Bytes, Bytes, Bytes];
    if (!LIMITED_CLIENTS.includes(lower(kind))) return new Problem('Invalid client class specified in buffer limit configuration.');
    if (parseMemory(hard) === null || parseMemory(soft) === null || !/^[0-9]{1,9}$/.test(seconds)) {
      return new Problem('Error in hard, soft or soft_seconds setting in buffer limit configuration.');
    }
  }
  return value;
};

const LIMITED_CLIENTS: readonly string[] = ['normal', CLIENT_TYPE_REPLICA_OLD, 'replica', 'pubsub'];

const TITLE_VARIABLES: readonly string[] = ['title', 'listen-addr', 'server-mode', 'port', 'tls-port', 'unixsocket', 'config-file'];

const parseTitleTemplate = (value: Bytes): Bytes | Problem => {
  const isKnown = [...value.matchAll(/\{([^}]*)\}?/g)].every(([whole, name = '']) => whole.endsWith('}') && TITLE_VARIABLES.includes(name));
  return value !== '' && isKnown ? value : new Problem('template format is invalid or contains unknown variables');
};

/** Directives whose values have rules of their own. */
const OWN_RULES: Readonly<Record<string, (value: Bytes) => Bytes | Problem>> = {
  'cluster-announce-hostname': parseHostname,
  'maxmemory-clients': parseMemoryOrPercent,
  'notify-keyspace-events': (value) => readEventClasses(value) ?? new Problem(UNKNOWN_EVENT_CLASS),
  dbfilename: fileName('dbfilename', 'filename', true),
  appendfilename: fileName('appendfilename', 'filename', false),
  appenddirname: fileName('appenddirname', 'dirname', false),
  bind: parseBind,
  replicaof: parseReplicaof,
  save: parseSave,
  unixsocketperm: parseFileMode,
  'shutdown-on-sigint': parseShutdownWords,
  'shutdown-on-sigterm': parseShutdownWords,
  'latency-tracking-info-percentiles': parsePercentiles,
  'oom-score-adj-values': parseOomScores,
  'client-output-buffer-limit': parseOutputLimitGroups,
  'proc-title-template': parseTitleTemplate,
};
