/**
 * The house rules that a machine can check, over every source file: which room may import which, names that would break
 * determinism, state in modules, lengths, headers, and where the wire's old words may stand. No compiler: a tokeniser
 * blanks comments and strings, the rest are simple expressions. Every complaint names file and line.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { MARKS } from '../engine/core/marks.ts';
import type { SourceText } from './support/sourceText.ts';
import { lineAt, readSource } from './support/sourceText.ts';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const FILE_LINES_MAX = 500;
const FUNCTION_LINES_MAX = 70;

/** Data tables may be longer. */
const LONG_TABLES: readonly string[] = ['engine/server/commandDocs.ts'];

/** Files where the wire's words `master` and `slave` may stand in a string, and why. */
const WIRE_FILES: Readonly<Record<string, string>> = {
  'engine/protocol/wireNames.ts': 'the one place for them',
  'engine/protocol/sentinelNames.ts': "the same for Sentinel's events, replies and directives",
  'engine/server/commandDocs.ts': 'what COMMAND DOCS says, word for word',
  'sim/topology/bitnamiRedis.ts': "the image's own variables and values",
  'sim/topology/helmValues.ts': "the chart's own values",
  'sim/topology/helmChart.ts': "the chart's own values",
  'sim/topology/helmReplication.ts': "the chart's own values",
  'sim/topology/bitnamiVariables.ts': "the image's own variables and values",
  'sim/topology/bitnamiSentinel.ts': "the image's own variables and values",
  'sim/topology/mend/editCompose.ts': "the image's own variables and values",
  'sim/topology/mend/editHelm.ts': "the chart's own values",
  'sim/topology/mend/editFiles.ts': "the chart's own values",
};

/** Names of Redis's configuration parameters, which have no other spelling. */
const WIRE_PARAMETERS: readonly string[] = ['masterauth', 'masteruser'];

/** Floors of the engine: a room imports from lower floors and from itself. */
const FLOORS: Readonly<Record<string, number>> = {
  core: 0, protocol: 1, keyspace: 2, commands: 3, scripting: 3, persistence: 4, replication: 5, sentinel: 6, cluster: 6, server: 7, node: 9,
};
const HOST_FLOOR = 0.5;
const INDEX_FLOOR = 8;

/** Packages that each room may use. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  engine: [],
  'engine/node': [],
  'engine/scripting': ['fengari'],
  sim: ['seedrandom', 'yaml'],
  scenarios: [],
  'scenarios/cli': ['commander', 'cli-table3', 'cli-progress', 'junit-report-builder', 'picocolors', 'yaml', 'fast-check'],
  viz: ['d3', 'vite'],
};

interface Source extends SourceText {
  readonly path: string;
  readonly text: string;
}

const listSources = (directory: string): readonly string[] =>
  readdirSync(join(ROOT, directory), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .sort();

const sources: readonly Source[] = ['engine', 'sim', 'scenarios', 'viz'].flatMap(listSources).map((path) => {
  const text = readFileSync(join(ROOT, path), 'utf8');
  return { path, text, ...readSource(text) };
});

const roomOf = (path: string): string => {
  for (const room of ['engine/node', 'scenarios/cli']) if (path.startsWith(`${room}/`)) return room;
  return path.split('/')[0] ?? '';
};

const isPure = ({ path }: Source): boolean => ['engine', 'sim', 'scenarios'].includes(roomOf(path));

/** Every match of `pattern` in the chosen text, as `path:line: message`. */
const findAll = (source: Source, text: string, pattern: RegExp, message: (match: RegExpExecArray) => string | null): string[] =>
  [...text.matchAll(pattern)].flatMap((match) => {
    const complaint = message(match);
    return complaint === null ? [] : [`${source.path}:${lineAt(text, match.index)}: ${complaint}`];
  });

const complaintsOf = (check: (source: Source) => readonly string[]): readonly string[] => sources.flatMap(check);

const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*)'([\w@./:?-]+)'/g;

const checkImports = (source: Source): readonly string[] =>
  findAll(source, source.withStrings, IMPORT, ([, specifier = '']) => {
    const complaint = importComplaint(source.path, specifier);
    return complaint === null ? null : `must not import ${specifier}: ${complaint}`;
  });

const importComplaint = (from: string, specifier: string): string | null => {
  const room = roomOf(from);
  if (specifier.startsWith('node:')) {
    return room === 'engine/node' || room === 'scenarios/cli' ? null : 'node: is for engine/node and scenarios/cli';
  }
  if (!specifier.startsWith('.')) {
    const name = specifier.split('/')[0] ?? '';
    return (PACKAGES[from.startsWith('engine/scripting/') ? 'engine/scripting' : room] ?? []).includes(name) ? null : `not a package of ${room}`;
  }
  const target = join(dirname(from), specifier.split('?')[0] ?? '');
  const targetRoom = roomOf(target);
  if (room === 'engine' || room === 'engine/node') return engineComplaint(from, target);
  if (room === 'sim') return simComplaint(target);
  if (room === 'scenarios') {
    if (targetRoom === 'scenarios' || targetRoom === 'sim') return null;
    return isVocabulary(target) ? null : 'scenarios use sim and the vocabulary of engine/core';
  }
  if (room === 'viz') return targetRoom === 'scenarios/cli' || targetRoom === 'engine/node' ? 'needs Node' : null;
  return null;
};

/** What everybody may share of the engine without its server: byte strings, units, errors, notes, the Host. */
const isVocabulary = (target: string): boolean => target.startsWith('engine/core/') || target === 'engine/host.ts';

const simComplaint = (target: string): string | null => {
  if (roomOf(target) === 'sim' || target === 'engine/index.ts' || isVocabulary(target)) return null;
  return 'sim uses engine/index.ts, engine/host.ts and engine/core';
};

const engineComplaint = (from: string, target: string): string | null => {
  if (!target.startsWith('engine/')) return 'the engine knows nothing outside itself';
  const own = floorOf(from);
  const other = floorOf(target);
  const sameRoom = from.split('/')[1] === target.split('/')[1];
  return other < own || sameRoom ? null : 'imports run downwards';
};

const floorOf = (path: string): number => {
  if (path === 'engine/host.ts') return HOST_FLOOR;
  if (path === 'engine/index.ts') return INDEX_FLOOR;
  return FLOORS[path.split('/')[1] ?? ''] ?? -1;
};

const MATH_ALLOWED: readonly string[] = ['floor', 'ceil', 'trunc', 'min', 'max', 'abs', 'sign', 'imul', 'clz32', 'sqrt'];

/** Names that make a run depend on the machine, the browser or the moment. */
const BANNED: readonly (readonly [RegExp, string])[] = [
  [/(?<![.\w])Date\b(?=[.(\s)])/g, 'Date: clocks come from the Host'],
  [/\b(?:setTimeout|setInterval|setImmediate|queueMicrotask)\b/g, 'timers come from the Host'],
  [/(?<![.\w])performance\./g, 'performance: clocks come from the Host'],
  [/\bprocess\.(?:env|argv|nextTick|exit|stdout|stderr|hrtime|memoryUsage|on|cwd|platform)\b/g, 'process is for Node'],
  [/(?<![.\w])console\./g, 'console: log through the Host'],
  [/(?<![.\w])Intl\b/g, 'Intl depends on the machine'],
  [/\.(?:localeCompare|toLocale\w*)\b/g, 'locales depend on the machine'],
  [/\bTextDecoder\b/g, 'TextDecoder: latin1 is windows-1252 there'],
  [/(?<![.\w])(?:crypto|navigator|globalThis)\./g, 'not the same everywhere'],
];

const checkBanned = (source: Source): readonly string[] => {
  if (!isPure(source)) return [];
  const named = BANNED.flatMap(([pattern, message]) => findAll(source, source.code, pattern, () => message));
  const math = findAll(source, source.code, /\bMath\.(\w+)/g, ([, name = '']) =>
    MATH_ALLOWED.includes(name) ? null : `Math.${name} may differ between machines; see engine/core/math.ts`);
  // Powers of bigints are exact.
  const powers = findAll(source, source.code, /(\w*)\s*\*\*/g, ([, base = '']) =>
    /^\d+n$/.test(base) ? null : '** may differ between machines');
  return [...named, ...math, ...powers];
};

const checkCallbacks = (source: Source): readonly string[] => {
  if (!isPure(source) || roomOf(source.path) === 'scenarios') return [];
  return findAll(source, source.code, /(?<![.\w])(async|await|Promise)\b/g, ([name]) =>
    `${name}: callbacks, so that the Host alone orders what happens`);
};

/** Statements at the outermost level, which live as long as the module. */
const topLevel = (code: string): string => {
  let depth = 0;
  return [...code].map((character) => {
    if (character === '}' || character === ')' || character === ']') depth -= 1;
    const shown = depth === 0 || character === '\n' ? character : ' ';
    if (character === '{' || character === '(' || character === '[') depth += 1;
    return shown;
  }).join('');
};

const checkModuleState = (source: Source): readonly string[] => {
  if (!isPure(source)) return [];
  const top = topLevel(source.code);
  const variables = findAll(source, top, /^(?:export )?(?:let|var)\b/gm, () => 'module-level variable');
  const collections = findAll(
    source, top, /^(?:export )?const (\w+)(?:: ([^=]+?))? =\s*(new (?:Map|Set|WeakMap|WeakSet|Array|ChunkList)\b|\[ *\])([^;]*)/gm,
    ([, name = '', type = '', , rest = '']) => {
      if (/^(?:readonly|Readonly)/.test(type.trim()) || /\bas const\b/.test(rest)) return null;
      return `module-level collection ${name} can be changed: give it a readonly type`;
    });
  const statics = findAll(
    source, source.code, /^\s*(?:private |public )?static (?!readonly)(\w+)\s*[:=]/gm, ([, name = '']) => `mutable static field ${name}`);
  return [...variables, ...collections, ...statics];
};

const checkLengths = (source: Source): readonly string[] => {
  const lines = source.text.split('\n').length - 1;
  const tooLong = lines > FILE_LINES_MAX && !LONG_TABLES.includes(source.path)
    ? [`${source.path}:${lines}: longer than ${FILE_LINES_MAX} lines`] : [];
  return [...tooLong, ...longFunctions(source)];
};

const CONTROL = /(?:^|[\s;{}])(?:if|for|while|switch|catch|with|else|do|try|class|interface)\b[^;]*$/;

/** Measures every body in braces that follows an arrow, or a parameter list that no control word opens. */
const longFunctions = (source: Source): readonly string[] => {
  const { code } = source;
  const opened: { readonly from: number; readonly isFunction: boolean }[] = [];
  const complaints: string[] = [];
  for (const { 0: brace, index } of code.matchAll(/[{}]/g)) {
    if (brace === '{') {
      const before = code.slice(Math.max(0, index - 300), index).trimEnd();
      const head = before.slice(Math.max(before.lastIndexOf(';'), before.lastIndexOf('{'), before.lastIndexOf('}')) + 1);
      const isFunction = before.endsWith('=>') || (/\)(?:\s*:[^=]*)?$/.test(before) && !CONTROL.test(head));
      opened.push({ from: index, isFunction });
      continue;
    }
    const body = opened.pop();
    if (body === undefined || !body.isFunction) continue;
    const length = code.slice(body.from, index).split('\n').length;
    if (length > FUNCTION_LINES_MAX) {
      complaints.push(`${source.path}:${lineAt(code, body.from)}: function of ${length} lines, ${FUNCTION_LINES_MAX} at most`);
    }
  }
  return complaints;
};

const checkHeader = (source: Source): readonly string[] =>
  /^(?:#!.*\n)?\/\*\*/.test(source.text) ? [] : [`${source.path}:1: does not open with what it is for (/** … */)`];

const checkExports = (source: Source): readonly string[] =>
  /^viz\/\w+\.config\.ts$/.test(source.path) || source.path.endsWith('.d.ts') ? []
    : findAll(source, source.code, /\bexport default\b/g, () => 'default export: exports have names');

/** Words that go over the wire. Sentences are Redis's log lines and error texts, which tools match as they are. */
const checkWireWords = (source: Source): readonly string[] => {
  if (Object.hasOwn(WIRE_FILES, source.path)) return [];
  return source.strings
    .filter(({ text }) => /^\S*(?:master|slave)\S*$/i.test(text.trim()) && !WIRE_PARAMETERS.includes(text))
    .map(({ line, text }) => `${source.path}:${line}: '${text.slice(0, 40)}': the wire's words live in engine/protocol/wireNames.ts`);
};

const checkScriptReach = (): readonly string[] => {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const seen = new Set<string>();
  const queue = ['scenarios/index.ts'];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const source = byPath.get(path);
    if (source === undefined || seen.has(path)) continue;
    seen.add(path);
    for (const [, specifier = ''] of source.withStrings.matchAll(IMPORT)) {
      if (specifier.startsWith('.')) queue.push(join(dirname(path), specifier));
    }
  }
  return [...seen].filter((path) => /^(?:scenarios\/cli|engine\/node)\//.test(path)).map((path) => `${path}:1: reached from scenarios/index.ts`);
};

const CATALOGUE = 'engine/core/marks.ts';

/** Each mark of the catalogue is made somewhere in the room that it names, and none is made past it. */
const checkMarks = (): readonly string[] => {
  const makers = sources.filter(({ path }) => path !== CATALOGUE && /^(?:engine|sim\/client)\//.test(path));
  const missing = Object.entries(MARKS).filter(([name, { room }]) => {
    const folder = room === 'client' ? 'sim/client/' : 'engine/';
    return !makers.some(({ path, code, strings }) => path.startsWith(folder) && /\bmark\(|\bmarked\(/.test(code)
      && strings.some(({ text }) => text === name));
  }).map(([name]) => `${CATALOGUE}: nothing makes the mark ${name}`);
  const past = sources.filter(({ path }) => path !== CATALOGUE && !path.startsWith('viz/')).flatMap((source) =>
    findAll(source, source.withStrings, /note\(\{ kind: 'mark'/g, () => `marks are made by mark() of ${CATALOGUE}`));
  return [...missing, ...past];
};

/** npm ci refuses a lock file that lacks a package which another names, if only for another platform. */
const checkLock = (): readonly string[] => {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly dependencies?: object; readonly optionalDependencies?: object }>>;
  };
  const names = Object.keys(packages);
  return Object.entries(packages).flatMap(([path, { dependencies = {}, optionalDependencies = {} }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies }).filter((name) => !names.some((known) => known.endsWith(`node_modules/${name}`)))
      .map((name) => `package-lock.json: ${path} needs ${name}, which is not in it`));
};

describe('the house is tidy', () => {
  test('there is something to check', () => expect(sources.length).toBeGreaterThan(20));
  test('imports run one way', () => expect(complaintsOf(checkImports)).toEqual([]));
  test('scenarios/index.ts never reaches Node', () => expect(checkScriptReach()).toEqual([]));
  test('nothing depends on the machine or the moment', () => expect(complaintsOf(checkBanned)).toEqual([]));
  test('engine and sim use callbacks', () => expect(complaintsOf(checkCallbacks)).toEqual([]));
  test('no module holds state', () => expect(complaintsOf(checkModuleState)).toEqual([]));
  test('files and functions are short', () => expect(complaintsOf(checkLengths)).toEqual([]));
  test('every file says what it is for', () => expect(complaintsOf(checkHeader)).toEqual([]));
  test('exports have names', () => expect(complaintsOf(checkExports)).toEqual([]));
  test('every mark of the catalogue is made somewhere', () => {
    expect(Object.keys(MARKS).length).toBeGreaterThan(40);
    expect(checkMarks()).toEqual([]);
  });
  test('npm ci finds all that it needs in the lock file', () => expect(checkLock()).toEqual([]));
  test("the wire's old words stand in one place", () => expect(complaintsOf(checkWireWords)).toEqual([]));
});
