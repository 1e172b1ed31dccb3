import { expect, test } from 'vitest';
import { firstDifference } from '../../../../viz/model/difference.ts';
import { play } from '../../../../viz/model/play.ts';
import { played } from './played.ts';
import { finished } from '../../../support/finished.ts';

test('a run differs from itself nowhere, and from its fork where that begins', () => {
  const { recording, scenario } = played('sentinel/primary-killed');
  expect(firstDifference(recording, recording)).toBeNull();
  const atMicros = 15_000_001;
  const fork = finished(play({ ...scenario, plan: [...scenario.plan, { when: { atMicros }, do: 'kill', target: 'redis-sentinel-1' }] }, 1));
  const difference = firstDifference(recording, fork.recording);
  expect(difference?.at).toBe(atMicros);
  expect(fork.recording.kindName(difference?.row as number)).toBe('plan');
});
