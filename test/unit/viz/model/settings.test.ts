import { describe, expect, test } from 'vitest';
import { presetsFor } from '../../../../viz/model/settings.ts';
import { Theatre } from '../../../../viz/model/theatre.ts';
import { resolvedScenario } from '../../../simulation/resolved.ts';
import { finished } from '../../../support/finished.ts';

describe('presetsFor', () => {
  const sentinel = resolvedScenario('sentinel/primary-killed');

  test('says what the deployment has now, and else the defaults', () => {
    const presets = presetsFor(sentinel);
    const valueOf = (label: string): string | undefined => presets.find((one) => one.label === label)?.value;
    expect(valueOf('quorum (mymain)')).toBe('2');
    expect(valueOf('down-after-milliseconds (mymain)')).toBe('3000');
    expect(valueOf('appendonly')).toBe('yes');
    expect(valueOf('min-replicas-to-write')).toBe('0');
    expect(valueOf('cluster-node-timeout')).toBeUndefined();
    const cluster = presetsFor(resolvedScenario('cluster/primary-killed'));
    expect(cluster.map(({ label }) => label)).toContain('cluster-node-timeout');
    expect(cluster.some(({ process }) => process === 'sentinels')).toBe(false);
  });

  test('each, set to what it is already, changes nothing that anybody sees', () => {
    const source = { ...sentinel, durationMs: 700, settlingMs: 0, expects: { verdicts: {} }, plan: [] };
    const theatre = new Theatre();
    const root = finished(theatre.open(source, 1));
    for (const { process, directive, lead, value } of presetsFor(source)) {
      const fork = finished(theatre.fork(root.id, { kind: 'setting', process, directive, value: `${lead}${value}` }));
      expect([directive, fork.report.ledger.acknowledged]).toEqual([directive, root.report.ledger.acknowledged]);
    }
  });

  test('a quorum of three of three is another run', () => {
    const source = { ...sentinel, durationMs: 16_000, settlingMs: 0, expects: { verdicts: {} }, plan: [
      { when: { atMs: 5000 }, do: 'kill', target: 'redis-main' }, { when: { atMs: 5000 }, do: 'kill', target: 'redis-sentinel-3' }] };
    const theatre = new Theatre();
    const root = finished(theatre.open(source, 1));
    const preset = theatre.presets(root.id).find(({ label }) => label === 'quorum (mymain)');
    const fork = finished(theatre.fork(root.id, {
      kind: 'setting', process: 'sentinels', directive: preset?.directive ?? '', value: `${preset?.lead ?? ''}3` }));
    const promotions = ({ moments }: typeof root): number => moments.filter(({ kind }) => kind === 'promotion').length;
    expect([promotions(root), promotions(fork)]).toEqual([1, 0]);
  });
});
