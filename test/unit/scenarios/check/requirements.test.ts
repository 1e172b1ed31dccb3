import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../../../engine/core/errors.ts';
import { judgeRequirements, needsPairs, parseRequirements } from '../../../../scenarios/check/requirements.ts';
import type { CheckRow } from '../../../../scenarios/check/table.ts';

const row = (given: Partial<CheckRow>): CheckRow => ({
  component: 'a', kinds: ['machine'], fault: 'power', verdict: 'recovers', availability: 'recovers', runs: 20, recovered: 20,
  lostShare: { median: 0, p99: 0, max: 0 }, unknownMax: 0, outageMs: { median: 0, p99: 0, max: 0 }, readOutageMs: { median: 0, p99: 0, max: 0 },
  seed: 1, cell: 'a/power', problems: [], ...given,
});

describe('requirements', () => {
  test('are read part by part', () => {
    expect(parseRequirements('survives=1machine, lost<=0.1%,outage<=15s')).toMatchObject({
      survives: { count: 1, kind: 'machine' }, lostMax: 0.001, outageMsMax: 15_000,
    });
    expect(needsPairs(parseRequirements('survives=2machines'))).toBe(true);
  });

  test.each(['', 'survives=3machine', 'survives=1node', 'lost<0.1%', 'outage<=15', 'lost<=1%,lost<=2%'])('%j is refused by its name', (text) => {
    expect(() => parseRequirements(text)).toThrow(ConfigError);
  });

  test('a machine that is not survived breaks survives=1machine, a process does not', () => {
    const one = parseRequirements('survives=1machine');
    expect(judgeRequirements(one, [row({}), row({ kinds: ['process'], recovered: 0 })]).ok).toBe(true);
    const judged = judgeRequirements(one, [row({}), row({ recovered: 19, cell: 'b/power' })]);
    expect(judged.ok).toBe(false);
    expect(judged.broken.map(({ cell }) => cell)).toEqual(['b/power']);
  });

  test('two at once count only where two are asked for', () => {
    const pair = row({ kinds: ['machine', 'machine'], recovered: 0, cell: 'a/power + b/power' });
    expect(judgeRequirements(parseRequirements('survives=1machine'), [row({}), pair]).ok).toBe(true);
    expect(judgeRequirements(parseRequirements('survives=2machine'), [row({}), pair]).ok).toBe(false);
  });

  test('bounds are on the worst run', () => {
    const lossy = row({ lostShare: { median: 0, p99: 0, max: 0.002 }, outageMs: { median: 100, p99: 100, max: 20_000 } });
    expect(judgeRequirements(parseRequirements('lost<=0.1%'), [lossy]).ok).toBe(false);
    expect(judgeRequirements(parseRequirements('lost<=0.2%'), [lossy]).ok).toBe(true);
    expect(judgeRequirements(parseRequirements('outage<=15s'), [lossy]).ok).toBe(false);
  });

  test('nothing run is nothing met', () => {
    expect(judgeRequirements(parseRequirements('survives=1zone'), [row({})])).toMatchObject({ ok: false });
  });
});
