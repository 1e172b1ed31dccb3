
import { test } from 'vitest';
import { lessons, resolve } from '../../scenarios/index.ts';
import { runScenario } from '../../sim/index.ts';
test('x', () => {
  for (const { name, scenario } of lessons) for (let seed = 2; seed <= 7; seed++) {
    const report = runScenario(resolve(scenario, () => ''), seed);
    if (!report.ok) console.log('NOTOK', name, seed, report.failures.join('; '));
  }
  console.log('DONE');
}, 600000);
