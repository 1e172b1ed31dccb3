/** The page of the incidents, `docs/incidents.md`: made of the data alone, so the same data give the same bytes. */
import type { Incident } from '../incidents/incident.ts';

const HEAD = `# Public reports as scenarios

Each of these was reported by somebody. The scenario shows it on the engine, as Redis 7.0.15 does it, or shows that it is mended; its
expectations say what must come out, and CI runs them over several seeds. This page is made of \`scenarios/incidents\`.
`;

const TODAY: Readonly<Record<Incident['today'], string>> = {
  shown: 'Redis 7.0.15 does the same.', mended: 'Mended since: the scenario shows what happens instead.',
};

export const incidentsPage = (incidents: readonly Incident[]): string => [HEAD, ...incidents.map(section)].join('\n');

const section = ({ scenario, reports, says, today }: Incident): string => [
  `## \`${scenario.name}\``,
  `${says} ${TODAY[today]}`,
  `**${scenario.teaches}**`,
  `${reports.map((report) => `<${report}>`).join(', ')}. Again: \`npx faultline run ${scenario.name}\`.`,
].map((paragraph) => `${paragraph}\n`).join('\n');
