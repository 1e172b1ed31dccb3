/**
 * The page: choose a scenario and a seed, run it in the worker, look at the timeline. The choice stands in the address, so
 * that a link shows the same run. `window.faultline` is the same for tests.
 */
import { findLesson, scenarios } from '../scenarios/index.ts';
import type { RunReport } from '../sim/report.ts';
import { type CheckDocument, readCheckDocument } from '../scenarios/check/checkDocument.ts';
import { checkView } from './checkView.ts';
import { button, element, find } from './dom.ts';
import { givenRun } from './given.ts';
import { LessonPlay, type LessonStage } from './lesson.ts';
import { LessonProgress } from './lessonProgress.ts';
import type { RunView } from './model/theatre.ts';
import { showReport } from './reportView.ts';
import { language, languageSwitch, teachesOf, text, translatePage } from './texts/text.ts';
import { offerStop } from './stopButton.ts';
import { StoppedError, TheatreClient } from './theatreClient.ts';
import type { Hit } from './view/hit.ts';
import { commandsFor, nodePanel, recordPanel } from './view/inspector.ts';
import { ledgerPanel } from './view/ledgerTable.ts';
import { legend } from './view/legend.ts';
import { lessonList } from './view/lessonList.ts';
import { Overview } from './view/overview.ts';
import { Player, SPEEDS } from './view/player.ts';
import { SlotField } from './view/slotField.ts';
import type { TimeMode } from './view/timeMap.ts';
import { Timeline } from './view/timeline.ts';
import { timeAt } from './view/scene.ts';
import { Use } from './use.ts';

declare global {
  interface Window {
    faultline: {
      run(scenario: string, seed: number): Promise<RunReport>;
      readonly current: RunView | null;
    };
  }
}

const form = find('choice', HTMLFormElement);
const scenarioField = find('scenario', HTMLSelectElement);
const seedField = find('seed', HTMLInputElement);
const teaches = find('teaches', HTMLParagraphElement);
const status = find('status', HTMLParagraphElement);
const theatre = find('theatre', HTMLElement);
const inspector = find('inspector', HTMLElement);
const ledger = find('ledger', HTMLElement);
const report = find('report', HTMLElement);
const client = new TheatreClient();
offerStop(find('stop', HTMLButtonElement), client);
void client.ask('speak', { language });
let current: RunView | null = null;

const player = new Player((at) => {
  timeline.now = at;
  timeline.reveal(at);
  use.moved();
});

const timeline = new Timeline(find('timeline', HTMLElement), client, {
  chosen: (hit) => void choose(hit).then(showInspector),
  menu: (hit, x, y) => use.openMenu(hit, x, y),
  moved: () => {
    const scene = timeline.scene();
    if (scene === null) return;
    overview.frameAt(timeAt(scene, 0), timeAt(scene, scene.width));
    use.moved();
  },
});

const overview = new Overview(find('overview', HTMLElement), (at) => {
  player.seek(at);
});

/** Where the panels stand below the picture, what was asked for is brought into sight. */
const showInspector = (): void => {
  if (matchMedia('(max-width: 48rem)').matches) inspector.scrollIntoView({ block: 'nearest' });
};

/** A row or a lane was clicked. */
const choose = async ({ row, lane, at }: Hit): Promise<void> => {
  if (current === null) return;
  if (row !== null) {
    await openRecord(row);
    return;
  }
  const chosen = current.lanes.find(({ name }) => name === lane);
  if (chosen === undefined) return;
  const commands = commandsFor(chosen.kind, isCluster(current));
  player.seek(at);
  if (commands.length === 0) {
    inspector.replaceChildren(element('p', { class: 'quiet' }, text('node.client', { node: chosen.name })));
    return;
  }
  inspector.replaceChildren(element('p', {}, text('page.asking', { node: chosen.name })));
  const run = current;
  try {
    const answers = await client.ask('console', { run: run.id, at, node: chosen.name, commands });
    if (current === run) inspector.replaceChildren(...nodePanel(chosen.name, at, commands, answers));
  } catch (error) {
    inspector.replaceChildren(element('p', { class: 'bad' }, error instanceof Error ? error.message : String(error)));
  }
};

const openRecord = async (row: number): Promise<void> => {
  const run = current;
  if (run === null) return;
  const record = await client.ask('record', { run: run.id, row });
  if (current !== run) return;
  // A lesson covers what follows its question.
  if (timeline.coveredFrom !== null && record.at >= timeline.coveredFrom) return;
  timeline.selected = row;
  timeline.causes = new Set(record.causes);
  timeline.effects = new Set(record.effects);
  player.seek(record.at);
  use.recordOpened(record);
  inspector.replaceChildren(...recordPanel(record, (other) => void openRecord(other)));
};

const jumpToViolation = (): void => {
  const first = current?.moments.find(({ kind }) => kind === 'violation');
  if (first === undefined) status.textContent = text('page.noViolation');
  else void openRecord(first.row);
};

const buildControls = (): void => {
  const speed = element('select', { 'aria-label': text('control.speed') }, ...SPEEDS.map((each) => new Option(`${each}×`, String(each), each === 5, each === 5)));
  speed.addEventListener('change', () => {
    player.speed = Number(speed.value);
  });
  const mode = element('select', { id: 'mode', 'aria-label': text('control.timeScale') },
    new Option(text('control.real'), 'real'), new Option(text('control.warped'), 'warped'), new Option(text('control.steps'), 'steps'));
  mode.addEventListener('change', () => timeline.setMode(mode.value as TimeMode));
  find('controls', HTMLElement).replaceChildren(
    button('▶', text('control.play'), () => (player.isPlaying ? player.pause() : player.play())),
    speed, button('|◀', text('control.beginning'), () => player.seek(0)),
    button('◁', text('control.back'), () => void use.step(-1)), button('▷', text('control.on'), () => void use.step(1)),
    button('+', text('control.zoomIn'), () => timeline.zoom(0.5)), button('−', text('control.zoomOut'), () => timeline.zoom(2)),
    button('▭', text('control.whole'), () => timeline.look({ from: 0, to: 1 })), mode,
    slots.root, button('✖', text('control.violation'), jumpToViolation),
  );
};

/** Which beliefs are drawn, in a cluster. */
const slots = new SlotField(() => void showBeliefs());

const isCluster = (run: RunView): boolean => run.nodes.includes('cluster-creator');

const showBeliefs = async (): Promise<void> => {
  const run = current;
  if (run === null || !isCluster(run)) return;
  const beliefs = await client.ask('beliefs', { run: run.id, slot: slots.slot });
  if (current !== run) return;
  current = { ...run, beliefs };
  showTimeline(current);
  use.moved();
};

const showTimeline = (run: RunView): void => timeline.show(run,
  { clients: text('lane.clients'), zone: text('lane.zone'), beliefs: text('lane.beliefs') }, new Map(run.names), modeField().value as TimeMode);

const show = (run: RunView): void => {
  current = run;
  theatre.hidden = false;
  player.load(run.endAt);
  timeline.now = null;
  timeline.selected = null;
  timeline.causes = new Set();
  timeline.effects = new Set();
  showTimeline(run);
  slots.show(isCluster(run));
  if (slots.slot !== 0) void showBeliefs();
  overview.show(run);
  inspector.replaceChildren(element('p', { class: 'quiet' }, text('page.clickSomething')));
  ledger.replaceChildren(...ledgerPanel(run, (row) => void openRecord(row)));
  use.shown(run);
  const { current: branch, source } = use.session;
  showReport(report, run.report, branch?.parent === null && source?.kind === 'named');
};

const modeField = (): HTMLSelectElement => find('mode', HTMLSelectElement);

const showRunning = (virtualMs: number): void => {
  status.textContent = text('page.runningAt', { seconds: Math.round(virtualMs / 1000) });
};

const use = new Use({
  client, timeline, player, root: find('tools', HTMLElement), page: {
    show, openRecord, jumpToViolation, running: showRunning,
    inspect: (node, at) => void choose({ row: null, lane: node, at, text: '' }),
    say: (message) => {
      status.textContent = message;
    },
    mode: () => modeField().value as TimeMode,
    slot: () => slots.slot,
    setSlot: (slot) => {
      slots.slot = slot;
      void showBeliefs();
    },
    setMode: (mode) => {
      modeField().value = mode;
      timeline.setMode(mode);
    },
    choose: (scenario, seed) => {
      const isOurs = scenarios.some(({ name }) => name === scenario);
      if (isOurs) scenarioField.value = scenario;
      seedField.value = String(seed);
      if (isOurs) showTeaches();
      else teaches.textContent = scenario;
    },
  },
});

const runChosen = async (): Promise<void> => {
  const seed = Number(seedField.value);
  if (!/^\d+$/.test(seedField.value) || !Number.isSafeInteger(seed)) {
    status.textContent = text('page.badSeed');
    return;
  }
  const submit = form.querySelector('button');
  if (submit !== null) submit.disabled = true;
  status.textContent = text('page.running');
  try {
    show(await use.session.open({ kind: 'named', scenario: scenarioField.value, seed }, showRunning));
    status.textContent = '';
  } catch (error) {
    // Who stops a run goes on with what was shown before.
    if (!(error instanceof StoppedError)) {
      theatre.hidden = true;
      report.replaceChildren();
    }
    status.textContent = error instanceof Error ? error.message : String(error);
  } finally {
    if (submit !== null) submit.disabled = false;
  }
};

/** The report of a check: its cells open in the timeline below. */
const showCheck = (document: CheckDocument): void => {
  const section = find('check', HTMLElement);
  section.hidden = false;
  section.replaceChildren(...checkView(document, (name, scenario, seed) => {
    void use.openFile(name, scenario, seed).then(() => theatre.scrollIntoView());
  }));
};

const roomOf = (name: string): string => name.slice(0, name.indexOf('/'));

const showTeaches = (): void => {
  const chosen = scenarios.find(({ name }) => name === scenarioField.value);
  teaches.textContent = chosen === undefined ? '' : teachesOf(chosen.name, chosen.teaches);
};

translatePage();
find('languages', HTMLElement).append(languageSwitch());
// Room by room: a hundred names in one list are none.
for (const room of new Set(scenarios.map(({ name }) => roomOf(name)))) {
  scenarioField.append(element('optgroup', { label: room }, ...scenarios.filter(({ name }) => roomOf(name) === room).map(({ name }) => new Option(name))));
}
showTeaches();
buildControls();
find('legend', HTMLElement).replaceChildren(...legend());
scenarioField.addEventListener('change', showTeaches);
form.addEventListener('submit', (event) => {
  event.preventDefault();
  void runChosen();
});
window.faultline = {
  run: (scenario, seed) => client.ask('report', { scenario, seed }),
  get current() {
    return current;
  },
};
const lessonName = new URLSearchParams(location.search).get('lesson');
const lesson = lessonName === null ? null : findLesson(lessonName);
const progress = new LessonProgress();
const list = lessonList(progress);
// Whoever comes with nothing in hand is shown what there is.
if (!['scenario', 'lesson', 'open'].some((name) => new URLSearchParams(location.search).has(name)) && location.hash === '') list.root.setAttribute('open', '');
find('lessons', HTMLElement).append(list.root);
void use.start().then(async () => {
  const given = await givenRun(location.href);
  if (given === null) return;
  const check = readCheckDocument(given.text);
  if (check === null) await use.openFile(given.name, given.text);
  else showCheck(check);
}).catch((error: unknown) => {
  status.textContent = error instanceof Error ? error.message : String(error);
});
if (lessonName !== null && lesson === null) status.textContent = text('lessons.noSuch', { name: lessonName });
if (lesson !== null) {
  const stage: LessonStage = { client, timeline, player, show, openRecord, current: () => current, say: (message) => {
    status.textContent = message;
  } };
  status.textContent = text('page.running');
  new LessonPlay(lesson, find('lesson', HTMLElement), stage, progress, () => list.fill()).start().then(
    () => {
      status.textContent = '';
    },
    (error: unknown) => {
      status.textContent = error instanceof Error ? error.message : String(error);
    });
}
