/**
 * How the server's program is loaded when it is started by a name: from one file with all modules and V8's code cache beside it,
 * which takes a fraction of the time that some hundred modules take. `npm run build` makes both (bundleServer.ts).
 *
 * Always holds: a bundle older than the modules is left alone, and so is a code cache of another Node; what runs is the same.
 */
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import type { ProgramName } from './serverMain.ts';

/** Beside this file, so that what the program finds by its own place stays where it is. */
export const BUNDLE: string = fileURLToPath(new URL('./serverBundle.cjs', import.meta.url));
export const CODE_CACHE: string = `${BUNDLE}.cache`;
/** Written whenever the engine's modules are. */
const BUILD_RECORDS: readonly string[] = ['engine.json', 'engine-node.json'];

type RunServer = (argv: readonly string[], name: ProgramName) => void;

/** `argv` is what follows the program's name. */
export const launchServer = async (argv: readonly string[], name: ProgramName): Promise<void> => {
  const run: RunServer = isBundleFresh() ? runBundle(false).run : (await import('./serverMain.ts')).runServer;
  run(argv, name);
};

const isBundleFresh = (): boolean => {
  const made = modifiedMs(BUNDLE);
  return made !== null && BUILD_RECORDS.every((record) =>
    (modifiedMs(fileURLToPath(new URL(`../../.tsbuildinfo/${record}`, import.meta.url))) ?? 0) <= made);
};

const modifiedMs = (file: string): number | null => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? null;

/** Runs the bundle's modules. `cacheIsOld`: without the code cache, which the caller is about to make from `script`. */
export const runBundle = (cacheIsOld: boolean): { readonly run: RunServer; readonly script: Script } => {
  const text = readFileSync(BUNDLE, 'latin1');
  const cachedData = cacheIsOld ? undefined : codeCache();
  const script = new Script(`(function(exports,require,module,__filename){${text}\n})`, {
    filename: BUNDLE, ...(cachedData === undefined ? {} : { cachedData }),
  });
  const exports: { runServer?: RunServer } = {};
  const main = script.runInThisContext() as (exports: object, require: NodeJS.Require, module: object, file: string) => void;
  main(exports, createRequire(BUNDLE), { exports }, BUNDLE);
  if (exports.runServer === undefined) throw new Error(`${BUNDLE} is damaged; npm run build makes it anew`);
  return { run: exports.runServer, script };
};

const codeCache = (): Buffer | undefined => {
  try {
    return readFileSync(CODE_CACHE);
  } catch {
    return undefined;
  }
};
