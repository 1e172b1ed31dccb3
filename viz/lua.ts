/**
 * Lua in the page: loaded when the first script of a run asks for it. The builds put this in the place of the engine's own
 * (`luaBuild.ts`). Whoever runs something hears of `LuaNotLoaded`, loads it, and begins again: a run is the same the second time.
 */
import type { CreateScriptEngine } from '../engine/index.ts';

export class LuaNotLoaded extends Error {
  constructor() {
    super('Lua is not loaded yet');
  }
}

let loaded: CreateScriptEngine | null = null;

export const createLuaEngine: CreateScriptEngine = (services) => {
  if (loaded === null) throw new LuaNotLoaded();
  return loaded(services);
};

type Maybe<Made> = Made | Promise<Made>;

const load = async (): Promise<void> => {
  loaded = (await import('../engine/scripting/luaEngine.ts')).createLuaEngine;
};

/** Does `work`, and where that wants Lua, does it again when Lua is there. */
export const withLua = <Made>(work: () => Maybe<Made>): Maybe<Made> => {
  const again = (error: unknown): Promise<Made> => {
    if (!(error instanceof LuaNotLoaded)) throw error;
    return load().then(work);
  };
  try {
    const made = work();
    return made instanceof Promise ? made.catch(again) : made;
  } catch (error) {
    return again(error);
  }
};

/** `again` begins anew what `error` stopped; null: it was stopped by something else. */
export const afterLua = <Made>(error: unknown, again: () => Maybe<Made>): Promise<Made> | null =>
  (error instanceof LuaNotLoaded ? load().then(again) : null);
