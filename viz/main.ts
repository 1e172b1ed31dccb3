/**
 * The page: choose a scenario and a seed, run it in the worker, see the report. The choice stands in the address, so that
 * a link shows the same run. `window.faultline.run` is the same for tests.
 */
import { scenarios } from '../scenarios/index.ts';
import type { RunReport } from '../sim/report.ts';
import { showReport } from './reportView.ts';
import { Simulation } from './simulation.ts';

declare global {
  interface Window {
    faultline: { run(scenario: string, seed: number): Promise<RunReport> };
  }
}

const find = <Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind => {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${id}`);
  return found;
};

const form = find('choice', HTMLFormElement);
const scenarioField = find('scenario', HTMLSelectElement);
const seedField = find('seed', HTMLInputElement);
const teaches = find('teaches', HTMLParagraphElement);
const status = find('status', HTMLParagraphElement);
const report = find('report', HTMLElement);
const simulation = new Simulation();

const showTeaches = (): void => {
  teaches.textContent = scenarios.find(({ name }) => name === scenarioField.value)?.teaches ?? '';
};

const runChosen = async (): Promise<void> => {
  const seed = Number(seedField.value);
  if (!/^\d+$/.test(seedField.value) || !Number.isSafeInteger(seed)) {
    status.textContent = 'The seed must be a decimal whole number below 2^53.';
    return;
  }
  const button = form.querySelector('button');
  if (button !== null) button.disabled = true;
  status.textContent = 'Running…';
  history.replaceState(null, '', `?${new URLSearchParams({ scenario: scenarioField.value, seed: String(seed) }).toString()}`);
  try {
    showReport(report, await simulation.run(scenarioField.value, seed));
    status.textContent = '';
  } catch (error) {
    report.replaceChildren();
    status.textContent = error instanceof Error ? error.message : String(error);
  } finally {
    if (button !== null) button.disabled = false;
  }
};

scenarioField.append(...scenarios.map(({ name }) => new Option(name)));
const asked = new URLSearchParams(location.search);
if (scenarios.some(({ name }) => name === asked.get('scenario'))) scenarioField.value = asked.get('scenario') ?? '';
if (asked.has('seed')) seedField.value = asked.get('seed') ?? '';
showTeaches();
scenarioField.addEventListener('change', showTeaches);
form.addEventListener('submit', (event) => {
  event.preventDefault();
  void runChosen();
});
window.faultline = { run: async (scenario, seed) => (await simulation.run(scenario, seed)).report };
if (asked.has('scenario')) void runChosen();
