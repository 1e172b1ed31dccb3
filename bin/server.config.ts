/**
 * Part of `npm run build`, behind the compiler: the server's modules as one file without what takes time to read, and the
 * code that V8 makes of it, so that a server is ready in a fraction of the time (engine/node/launch.ts loads both).
 */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin, UserConfig } from 'vite';

const DIRECTORY: string = fileURLToPath(new URL('../dist/engine/node/', import.meta.url));
const BUNDLE = 'serverBundle.cjs';

interface Launch {
  readonly CODE_CACHE: string;
  runBundle(cacheIsOld: boolean): { readonly script: { createCachedData(): Buffer } };
}

/** In the text: characters that make V8 keep it in twice the space. Beside it: the code cache. */
const withCodeCache = (): Plugin => ({
  name: 'with-code-cache',
  async closeBundle() {
    const file = DIRECTORY + BUNDLE;
    writeFileSync(file, readFileSync(file, 'utf8').replace(/[^\0-\x7f]/g, (character) =>
      `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`));
    const launch = await import(`${DIRECTORY}launch.js`) as Launch;
    writeFileSync(launch.CODE_CACHE, launch.runBundle(true).script.createCachedData());
    for (const name of ['redis-server', 'redis-sentinel']) chmodSync(new URL(`./${name}`, import.meta.url), 0o755);
  },
});

const config: UserConfig = {
  root: fileURLToPath(new URL('.', import.meta.url)),
  publicDir: false,
  plugins: [withCodeCache()],
  ssr: { noExternal: true },
  build: {
    ssr: `${DIRECTORY}serverMain.js`,
    target: 'node20',
    outDir: DIRECTORY,
    emptyOutDir: false,
    minify: true,
    rolldownOptions: { output: { format: 'cjs', entryFileNames: BUNDLE, codeSplitting: false } },
  },
};

export default config;
