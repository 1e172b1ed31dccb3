/** The page about the server names the directives that change nothing, all of them and no others: those that no source asks for. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PARAMETERS } from '../../../../engine/server/parameters.ts';
import { packageRoot } from '../../../../scenarios/cli/files.ts';

/** Files that name directives without asking for them. */
const TABLES: readonly string[] = ['parameters.ts', 'configLines.ts', 'configValues.ts', 'commandDocs.ts', 'wireNames.ts'];
/** Shown when asked for by name, and nothing else. */
const HIDDEN = ['loading-process-events-interval-bytes'];

test('docs/server.md lists the directives without effect', () => {
  const engine = join(packageRoot(), 'engine');
  const source = readdirSync(engine, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !TABLES.some((table) => name.endsWith(`/${table}`)))
    .map((name) => readFileSync(join(engine, name), 'utf8')).join('\n');
  const idle = PARAMETERS.map(({ name }) => name).filter((name) => HIDDEN.includes(name) || !source.includes(`'${name}'`));
  const page = readFileSync(join(packageRoot(), 'docs/server.md'), 'utf8').split('<!-- without effect')[1] ?? '';
  expect([...page.matchAll(/`([^`]+)`/g)].map(([, name]) => name).sort()).toEqual([...new Set(idle)].sort());
});
