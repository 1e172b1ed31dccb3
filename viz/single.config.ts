/**
 * The build of the one-file page, `dist/single/index.html`: scripts, style and worker are in it, so that it opens from `file://`.
 * `faultline run --html` puts a run into a copy of it (`scenarios/cli/singlePage.ts`); `given.ts` finds it there.
 */
import type { Plugin, UserConfig } from 'vite';
import { LUA_BUILD, luaOnDemand } from './luaBuild.ts';

/** Everything that the page would load is put where it loads it. Whatever is left over is an error: the page would lack it. */
const intoOneFile = (): Plugin => ({
  name: 'into-one-file',
  enforce: 'post',
  generateBundle(_options, bundle) {
    const page = bundle['index.html'];
    if (page === undefined || page.type !== 'asset') throw new Error('the build made no index.html');
    let html = String(page.source);
    for (const [file, made] of Object.entries(bundle)) {
      if (file === 'index.html') continue;
      const place = new RegExp(`<(script|link)\\b[^>]*\\b(?:src|href)="\\./${file.replaceAll('.', '\\.')}"[^>]*>(?:</script>)?`);
      if (!place.test(html)) throw new Error(`${file}: the page does not name it, so it cannot go into it`);
      // A function, since the texts hold dollar signs.
      html = html.replace(place, () => (made.type === 'chunk' ? `<script type="module">${inScript(made.code)}</script>`
        : `<style>${String(made.source)}</style>`));
      delete bundle[file];
    }
    page.source = html;
  },
});

/** What would end a script, or hide its end, stands in strings only, where a backslash changes nothing. */
const inScript = (code: string): string => code.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');

const withInlineWorker = (): Plugin => ({
  name: 'with-inline-worker',
  enforce: 'pre',
  resolveId(source, importer) {
    return source === './startWorker.ts' ? this.resolve('./startWorkerInline.ts', importer) : null;
  },
});

const config: UserConfig = {
  ...LUA_BUILD,
  base: './',
  build: {
    outDir: '../dist/single', emptyOutDir: true, target: 'es2022', modulePreload: false, assetsInlineLimit: Number.MAX_SAFE_INTEGER,
    cssCodeSplit: false,
    // What is loaded on demand elsewhere is in the page from the beginning.
    rolldownOptions: { output: { codeSplitting: false } },
  },
  worker: { format: 'iife', plugins: () => [luaOnDemand()], rolldownOptions: { output: { codeSplitting: false } } },
  plugins: [withInlineWorker(), intoOneFile()],
};

export default config;
