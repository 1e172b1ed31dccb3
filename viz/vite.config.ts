/** The browser timeline's build: relative addresses, so that `dist/page` can be served from anywhere. */
import type { UserConfig } from 'vite';
import { LUA_BUILD, luaOnDemand } from './luaBuild.ts';

const config: UserConfig = {
  ...LUA_BUILD,
  base: './',
  build: { outDir: '../dist/page', emptyOutDir: true, target: 'es2022' },
  worker: { format: 'es', plugins: () => [luaOnDemand()] },
  plugins: [luaOnDemand()],
  server: { host: '127.0.0.1' },
};

export default config;
