/**
 * What the builds of the page need for fengari, the Lua in the engine: it asks for an environment variable, and behind `typeof process`
 * it holds branches for Node whose modules no browser has, and which never run there.
 */
import type { Plugin, UserConfig } from 'vite';

const NODE_ONLY = /^(?:child_process|crypto|fs|os|path|readline-sync|tmp|tty)$/;

export const LUA_BUILD: Pick<UserConfig, 'define' | 'resolve'> = {
  define: { 'process.env.FENGARICONF': 'undefined' },
  resolve: { alias: [{ find: NODE_ONLY, replacement: new URL('noModule.ts', import.meta.url).pathname }] },
};

const ENGINE = /\/engine\/index\.ts$/;
const ON_DEMAND = new URL('lua.ts', import.meta.url).pathname;

/** The page's Lua in the place of the engine's: see `lua.ts`. */
export const luaOnDemand = (): Plugin => ({
  name: 'lua-on-demand',
  enforce: 'pre',
  resolveId: (source, importer) => (source === './scripting/luaEngine.ts' && ENGINE.test(importer ?? '') ? ON_DEMAND : null),
});
