
import { test } from 'vitest';
import { lessons, resolve } from '../../scenarios/index.ts';
import { findAnchors } from '../../viz/model/anchors.ts';
import { figureOf } from '../../viz/model/figures.ts';
import { Theatre } from '../../viz/model/theatre.ts';
import { LESSON_FIGURES } from '../../scenarios/lessons/lesson.ts';
test('x', () => {
  const only = process.env['ONLY'];
  for (const lesson of lessons) {
    if (only !== undefined && !only.split(',').includes(lesson.name)) continue;
    const theatre = new Theatre();
    const t0 = performance.now();
    const a = theatre.open(resolve(lesson.scenario, () => ''), lesson.seed);
    const t1 = performance.now();
    const b = theatre.fork(a.id, lesson.change);
    console.log(`== ${lesson.name} ${Math.round(t1 - t0)} ms, ${a.records} records, ${a.endAt / 1e6} s; diff at ${(theatre.difference(a.id, b.id)?.at ?? -1) / 1e6}\n` +
      findAnchors(theatre.recording(a.id), lesson.steps.map(({ when }) => when)).map((f, i) => `   ${lesson.steps[i]?.key} ${f === null ? 'NONE' : (f.at / 1e6).toFixed(3) + ' ' + f.node}`).join('\n') + '\n' +
      LESSON_FIGURES.map((f) => `   ${f}: ${figureOf(a, f)} | ${figureOf(b, f)}`).join('\n') + '\n   ' + a.report.failures.join(';')+ '\n   B ' + b.report.failures.join(';'));
  }
}, 300000);
