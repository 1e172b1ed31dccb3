/**
 * The story of `replication/primary-power-loss` with seed 7, as a text that a person can read and a reviewer can compare: every
 * change of role, history and synchronisation. A difference is either a bug or a change of behaviour that somebody meant; then
 *
 *     FAULTLINE_GOLDEN=write npx vitest run test/golden
 *
 * writes the file anew, and the change is reviewed as part of the commit.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Note } from '../../engine/index.ts';
import { type TraceRecord, runScenario } from '../../sim/index.ts';
import { resolvedScenario } from '../simulation/resolved.ts';

const FILE = new URL('./primaryPowerLoss.txt', import.meta.url);
const SEED = 7;

/** Replication IDs get short names in the order in which they appear. */
class Names {
  private readonly known: Map<string, string> = new Map();

  shorten(text: string): string {
    return text.replace(/[0-9a-f]{40}/g, (id) => {
      const name = this.known.get(id) ?? `history-${this.known.size + 1}`;
      this.known.set(id, name);
      return name;
    });
  }
}

const line = (note: Note): string | null => {
  switch (note.kind) {
    case 'role': return note.role === 'primary' ? 'role: primary' : `role: replica of ${note.primary}`;
    case 'sync': return `sync: ${note.state} (${note.detail})`;
    case 'replica': return `replica ${note.replica}: ${note.event} at ${note.offset}${note.detail === '' ? '' : ` (${note.detail})`}`;
    case 'history': {
      const from = note.parent === null || note.parent === note.id ? '' : ` from ${note.parent}:${note.parentOffset}`;
      return `history: ${note.reason} to ${note.id}:${note.offset}${from}`;
    }
    default: return null;
  }
};

const story = (): string => {
  const names = new Names();
  const lines: string[] = [];
  const sink = { record: ({ kind, at, node, detail }: TraceRecord): void => {
    const text = kind === 'note' && detail !== null ? line(detail['note'] as Note) : null;
    const seconds = `${Math.floor(at / 1_000_000)}.${String(at % 1_000_000).padStart(6, '0')}`;
    if (text !== null) lines.push(`${seconds.padStart(10)}  ${node.padEnd(15)}  ${names.shorten(text)}`);
  } };
  const report = runScenario(resolvedScenario('replication/primary-power-loss'), SEED, { sink });
  expect(report.failures).toEqual([]);
  return `${lines.join('\n')}\n`;
};

test('the notes of seed 7 are those of the file', () => {
  const found = story();
  if (process.env['FAULTLINE_GOLDEN'] === 'write') writeFileSync(FILE, found);
  expect(found).toBe(readFileSync(FILE, 'utf8'));
});
