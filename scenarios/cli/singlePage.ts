/**
 * The one-file page of a run (`faultline run --html`), or of a check: the built page with the saved run in it, which the page plays again
 * when it is opened. It needs no server and loads nothing. `viz/given.ts` reads what stands here.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../../engine/core/errors.ts';
import type { CheckDocument } from '../check/checkDocument.ts';
import type { SavedRun } from '../index.ts';
import { packageRoot, readTextFile } from './files.ts';

/** The built one-file page. Throws `ConfigError` where the package was not built. */
export const readSinglePage = (): string => {
  const path = join(packageRoot(), 'dist', 'single', 'index.html');
  if (!existsSync(path)) throw new ConfigError(`${path}: is missing; npm run build makes it`);
  return readTextFile(path);
};

/** `page` as `readSinglePage` gives it. A run made with planted bugs must not come here: the page has none. */
export const withRun = (page: string, saved: SavedRun): string => withDocument(page, saved);

/** The same with the report of a check. */
export const withCheck = (page: string, check: CheckDocument): string => withDocument(page, check);

const withDocument = (page: string, document: SavedRun | CheckDocument): string => {
  // Scripts stand in the head, so the last end of a body is the page's own.
  const place = page.lastIndexOf('</body>');
  if (place < 0) throw new ConfigError('the built page has no body; npm run build makes it anew');
  // No text of the run can end the element.
  const data = JSON.stringify(document).replaceAll('<', '\\u003c');
  return `${page.slice(0, place)}<script type="application/json" id="given">${data}</script>\n  ${page.slice(place)}`;
};
