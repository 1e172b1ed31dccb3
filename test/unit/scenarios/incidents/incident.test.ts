/** The incidents as data: links, names, and what is said of them; and the page that is made of it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { incidentsPage } from '../../../../scenarios/cli/incidentsPage.ts';
import { incidents, scenarios } from '../../../../scenarios/index.ts';

const PAGE = new URL('../../../../docs/incidents.md', import.meta.url);

describe('incidents', () => {
  const named = incidents.map((incident) => [incident.scenario.name, incident] as const);

  test.each(named)('%s is listed, and names where it was reported', (name, incident) => {
    expect(name).toMatch(/^incidents\/[a-z0-9-]+$/);
    expect(scenarios).toContain(incident.scenario);
    expect(incident.reports.length).toBeGreaterThan(0);
    for (const report of incident.reports) {
      expect(report).toMatch(/^https:\/\/(?:github\.com\/[\w.-]+\/[\w.-]+\/(?:issues|pull)\/\d+|aphyr\.com\/posts\/[\w-]+)$/);
    }
    expect(incident.says).toMatch(/\.$/);
    expect(incident.says).not.toBe(incident.scenario.teaches);
    // A scenario that expects nothing would show nothing.
    const { verdicts, ...bounds } = incident.scenario.expects;
    expect(Object.keys(verdicts).length + Object.keys(bounds).length).toBeGreaterThan(1);
  });

  test('the named ones are all there, and at least four more', () => {
    const links = incidents.flatMap(({ reports }) => reports).join(' ');
    const asked = ['283-jepsen-redis', 'redis/issues/6062', 'redis/issues/2989', 'redis/issues/3697', 'redis/issues/6424',
      'redis/issues/6434',
      'redis/issues/2087', 'charts/issues/5418', 'redis-operator/issues/97', 'redis/issues/6771'];
    expect(asked.filter((one) => !links.includes(one))).toEqual([]);
    expect(new Set(links.split(' ')).size).toBeGreaterThanOrEqual(asked.length + 4);
  });

  test('docs/incidents.md is made of them (FAULTLINE_GOLDEN=write writes it)', () => {
    const page = incidentsPage(incidents);
    if (process.env['FAULTLINE_GOLDEN'] === 'write') writeFileSync(PAGE, page);
    expect(readFileSync(PAGE, 'utf8')).toBe(page);
  });
});
