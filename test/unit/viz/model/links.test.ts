import { describe, expect, test } from 'vitest';
import { Links } from '../../../../viz/model/links.ts';
import { played } from './played.ts';

describe('Links', () => {
  const { recording } = played('sentinel/primary-killed');
  const links = new Links(recording);
  const rowOf = (kind: string, note?: string): number => {
    for (let row = 0; row < recording.count; row++) {
      if (recording.kindName(row) === kind && (note === undefined || recording.word(row) === note)) return row;
    }
    throw new Error(`no ${kind}`);
  };

  test('a leader is there because the primary was killed', () => {
    const causes = links.causes(rowOf('note', 'leader'));
    expect(causes.map((row) => recording.word(row))).toContain('vote');
    for (const row of causes) expect(row).toBeLessThan(rowOf('note', 'leader'));
    expect(links.because(rowOf('note', 'odown'))).not.toHaveLength(0);
  });

  test('effects are the other way round', () => {
    const kill = rowOf('kill');
    const plan = links.parent(kill);
    expect(recording.kindName(plan)).toBe('plan');
    expect(links.effects(plan)).toContain(kill);
    const odown = rowOf('note', 'odown');
    for (const cause of links.because(odown)) expect(links.children(cause)).toContain(odown);
  });
});
