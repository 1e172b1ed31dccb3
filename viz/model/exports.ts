/** A run as the text of a file, in the formats that people save. Apart from the theatre: the worker loads it when the first is asked for. */
import { saveRun } from '../../scenarios/savedRun.ts';
import { perfettoText } from './exportPerfetto.ts';
import { shivizText } from './exportShiviz.ts';
import { buildFaults } from './faults.ts';
import { buildLanes } from './lanes.ts';
import { buildMoments } from './moments.ts';
import type { Played } from './play.ts';
import type { ExportFormat } from './theatre.ts';

/** `from` and `to`, virtual microseconds, are the window that is seen: ShiViz gets no more than that. */
export const exportText = (played: Played, format: ExportFormat, from: number, to: number): string => {
  const { scenario, seed, recording, report } = played;
  const lanes = buildLanes(recording, scenario);
  switch (format) {
    case 'report': return `${JSON.stringify(report, null, 2)}\n`;
    case 'run': return `${JSON.stringify(saveRun(scenario, seed, report.traceHash), null, 2)}\n`;
    case 'perfetto':
      return perfettoText(played, { lanes, moments: buildMoments(recording, report), faults: buildFaults(recording, report) });
    case 'shiviz': {
      const names = new Set(lanes.map(({ name }) => name));
      return shivizText(recording, from, to, (node) => names.has(node));
    }
  }
};
