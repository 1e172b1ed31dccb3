/**
 * The function libraries of one server: their code, what they registered, and the payload in which FUNCTION DUMP hands them on.
 *
 * Always holds: names of libraries are unique, and names of functions among all libraries; a change that fails changes nothing.
 * Source: functions.c of Redis 7.0 (functionsCreateWithLibraryCtx, functionRestoreCommand, rdbFunctionLoad), for behaviour.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import type { LibraryCodes } from '../keyspace/libraries.ts';
import { OPCODE_FUNCTION2 } from '../persistence/rdbFormat.ts';
import { RdbError, RdbInput } from '../persistence/rdbInput.ts';
import { ValueWriter } from '../persistence/rdbValueWriter.ts';
import type { LoadedLibrary, RegisteredFunction, ScriptEngine } from '../scripting/scriptEngine.ts';
import { readLibraryHead } from './scriptFlags.ts';

export interface Library {
  readonly name: Bytes;
  /** With its first line. */
  readonly code: Bytes;
  readonly loaded: LoadedLibrary;
}

export interface FoundFunction {
  readonly library: Library;
  readonly registered: RegisteredFunction;
}

export type RestorePolicy = 'flush' | 'append' | 'replace';

export const NO_ENGINE = 'ERR scripts are not part of this build';
const LIST_LISTPACK_SIZE = -2;

export class FunctionLibraries implements LibraryCodes {
  private readonly engine: () => ScriptEngine | null;
  private libraries: ReadonlyMap<Bytes, Library> = new Map();
  private functions: ReadonlyMap<Bytes, FoundFunction> = new Map();

  constructor(engine: () => ScriptEngine | null) {
    this.engine = engine;
  }

  get all(): readonly Library[] {
    return [...this.libraries.values()];
  }

  get functionCount(): number {
    return this.functions.size;
  }

  find(name: Bytes): FoundFunction | undefined {
    return this.functions.get(name);
  }

  /** The name of the library that was loaded, or what is wrong with it. */
  load(code: Bytes, replaces: boolean): { readonly name: Bytes } | string {
    const head = readLibraryHead(code);
    if (typeof head === 'string') return head;
    if (!replaces && this.libraries.has(head.name)) return `ERR Library '${head.name}' already exists`;
    const made = this.make(code);
    if (typeof made === 'string') return made;
    return this.adopt([...this.all.filter(({ name }) => name !== made.name), made]) ?? { name: made.name };
  }

  /** False: there is no such library. */
  delete(name: Bytes): boolean {
    if (!this.libraries.has(name)) return false;
    this.adopt(this.all.filter((library) => library.name !== name));
    return true;
  }

  clear(): void {
    this.adopt([]);
  }

  codes(): readonly Bytes[] {
    return this.all.map(({ code }) => code);
  }

  replaceAll(codes: readonly Bytes[]): string | null {
    const made = this.makeAll(codes);
    return typeof made === 'string' ? made : this.adopt(made);
  }

  /** The body of a DUMP. */
  dump(): Bytes {
    const writer = new ValueWriter({ compression: true, listMaxListpackSize: LIST_LISTPACK_SIZE });
    return bytes(this.codes().map((code) => String.fromCharCode(OPCODE_FUNCTION2) + writer.string(code)).join(''));
  }

  /** Null, or why the body of a DUMP cannot be taken. */
  restore(body: Bytes, policy: RestorePolicy): string | null {
    const codes = readDump(body);
    if (codes === null) return 'ERR failed loading functions payload';
    const made = this.makeAll(codes);
    if (typeof made === 'string') return made;
    const names = new Set(made.map(({ name }) => name));
    if (policy === 'flush') return this.adopt(made);
    const clash = this.all.find(({ name }) => names.has(name));
    if (policy === 'append' && clash !== undefined) return `ERR Library ${clash.name} already exists`;
    return this.adopt([...this.all.filter(({ name }) => !names.has(name)), ...made]);
  }

  private makeAll(codes: readonly Bytes[]): readonly Library[] | string {
    const libraries: Library[] = [];
    for (const code of codes) {
      const made = this.make(code);
      if (typeof made === 'string') return made;
      libraries.push(made);
    }
    return libraries;
  }

  private make(code: Bytes): Library | string {
    const head = readLibraryHead(code);
    if (typeof head === 'string') return head;
    const engine = this.engine();
    if (engine === null) return NO_ENGINE;
    const loaded = engine.load(head.code);
    return typeof loaded === 'string' ? `ERR ${loaded}` : { name: head.name, code, loaded };
  }

  /** These are all there are, unless two have functions of one name. */
  private adopt(libraries: readonly Library[]): string | null {
    const functions = new Map<Bytes, FoundFunction>();
    for (const library of libraries) {
      for (const registered of library.loaded.functions) {
        if (functions.has(registered.name)) return `ERR Function ${registered.name} already exists`;
        functions.set(registered.name, { library, registered });
      }
    }
    this.libraries = new Map(libraries.map((library) => [library.name, library]));
    this.functions = functions;
    return null;
  }
}

const readDump = (body: Bytes): readonly Bytes[] | null => {
  const input = new RdbInput({ size: body.length, read: (from, length) => bytes(body.slice(from, from + length)) }, false);
  const codes: Bytes[] = [];
  try {
    while (input.position < body.length) {
      if (input.byte() !== OPCODE_FUNCTION2) return null;
      codes.push(input.text());
    }
  } catch (failure) {
    if (!(failure instanceof RdbError)) throw failure;
    return null;
  }
  return codes;
};
