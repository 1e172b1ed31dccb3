/**
 * The run that the page is given to open at once: by `faultline run --html`, which writes it into the page, or by `faultline view
 * FILE`, whose server has the file beside the page. An address that names a run goes before both: it holds what was done since.
 */

export interface Given {
  readonly name: string;
  readonly text: string;
}

/** The element of the page that `scenarios/cli/singlePage.ts` writes. */
const ELEMENT = 'given';
/** What `scenarios/cli/pageServer.ts` has the file at, and the parameter that says its name. */
const OPENED = './opened';
const PARAMETER = 'open';
const NAME_LENGTH_MAX = 255;

/** Null: the page begins with nothing, or with what its address says. Rejects with one line. */
export const givenRun = async (href: string): Promise<Given | null> => {
  const { searchParams, hash } = new URL(href);
  if (['scenario', 'lesson'].some((name) => searchParams.has(name)) || new URLSearchParams(hash.slice(1)).has('run')) return null;
  const written = document.getElementById(ELEMENT)?.textContent ?? null;
  if (written !== null) return { name: 'run.json', text: written };
  const name = searchParams.get(PARAMETER)?.slice(0, NAME_LENGTH_MAX) ?? null;
  if (name === null) return null;
  const response = await fetch(OPENED);
  if (!response.ok) throw new Error(`${name}: ${response.status} ${response.statusText}`);
  return { name, text: await response.text() };
};
