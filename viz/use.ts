/**
 * What can be done with a run beside looking at it: forks by menu and by a changed setting, comparison, search, the list of events,
 * filters, keys, the address bar, files. The parts know nothing of each other; here they meet.
 */
import { KIND_NAMES } from '../sim/time/kinds.ts';
import { AddressBar } from './addressBar.ts';
import { button } from './dom.ts';
import { Forking } from './forking.ts';
import type { Place } from './model/actions.ts';
import { NONE } from './model/recording.ts';
import type { Origin, RecordView, RunView } from './model/theatre.ts';
import { Session } from './session.ts';
import { text } from './texts/text.ts';
import type { TheatreClient } from './theatreClient.ts';
import type { Page } from './usePage.ts';
import { type DrawerName, Drawers } from './view/drawers.ts';
import { EventListView } from './view/eventList.ts';
import { type SaveFormat, acceptDrops, filesPanel, saveFile } from './view/filesPanel.ts';
import { type Filter, NO_FILTER, filterPanel } from './view/filters.ts';
import type { Hit } from './view/hit.ts';
import { type KeyRow, keySheet, listenForKeys } from './view/keys.ts';
import { Menu } from './view/menu.ts';
import type { Player } from './view/player.ts';
import { type Scene, timeAt, xOf } from './view/scene.ts';
import { SearchPanel } from './view/searchPanel.ts';
import type { Timeline } from './view/timeline.ts';

export interface UseParts {
  readonly client: TheatreClient;
  readonly timeline: Timeline;
  readonly player: Player;
  readonly page: Page;
  /** Where the tools stand. */
  readonly root: HTMLElement;
}

const PAN_STEP = 0.2;

export class Use {
  readonly session: Session;
  private readonly client: TheatreClient;
  private readonly timeline: Timeline;
  private readonly player: Player;
  private readonly page: Page;
  private readonly drawers: Drawers;
  private readonly menu: Menu;
  private readonly searching: SearchPanel;
  private readonly list: EventListView;
  private readonly forking: Forking;
  private readonly address: AddressBar;
  private readonly sheet: HTMLDialogElement;
  private filter: Filter = NO_FILTER;
  private opened: RecordView | null = null;
  private hit: Hit | null = null;

  constructor({ client, timeline, player, page, root }: UseParts) {
    this.client = client;
    this.timeline = timeline;
    this.player = player;
    this.page = page;
    this.session = new Session(client);
    this.searching = new SearchPanel({
      search: (query) => this.session.ask((run) => client.ask('search', { run, text: query })), go: (row) => void page.openRecord(row),
    });
    this.list = new EventListView({
      ask: (request) => this.session.ask((run) => client.ask('events', { run, request })), go: (row) => void page.openRecord(row),
    });
    this.menu = new Menu(document.body, {
      chosen: (entries) => void this.forking.fork({ kind: 'plan', entries }).catch((error: unknown) => this.sayError(error)),
      record: () => {
        const row = this.hit?.row ?? null;
        return row === null ? null : () => void page.openRecord(row);
      },
      inspect: (node, at) => page.inspect(node, at),
      nodes: () => this.session.current?.view.lanes.map(({ name }) => name) ?? [],
    });
    const keys = this.keys();
    this.sheet = keySheet(keys);
    document.body.append(this.sheet);
    listenForKeys(keys);
    this.drawers = new Drawers((name) => this.fill(name), [
      button(text('tool.menu'), text('tool.menu'), () => this.openMenuByKey()), button('?', text('tool.keys'), () => this.sheet.showModal())]);
    this.drawers.panel('search').append(this.searching.root);
    this.drawers.panel('events').append(this.list.root);
    this.drawers.panel('files').append(...filesPanel(this.files));
    acceptDrops(this.files);
    root.append(this.drawers.root);
    document.querySelector('.stage')?.setAttribute('aria-label', text('key.picture'));
    const { session, drawers } = this;
    this.forking = new Forking({
      client, session, timeline, player, page, tree: drawers.panel('forks'), setting: drawers.panel('setting'), reveal: () => drawers.show('forks'),
    });
    this.address = new AddressBar({ client, session, timeline, player, page, forking: this.forking, filter: () => this.filter, refilter: (filter) => {
      this.apply(filter);
      if (drawers.isOpen('filters')) void this.fillFilters();
    } });
  }

  /** The page shows this run now. */
  shown(run: RunView): void {
    this.session.note(run);
    this.page.choose(run.report.scenario, run.report.seed);
    this.opened = null;
    this.searching.forget();
    this.list.load(run.nodes, KIND_NAMES);
    this.forking.fillTree();
    for (const name of ['setting', 'filters'] as const) if (this.drawers.isOpen(name)) this.fill(name);
    const notice = noticeOf(run.origin, run);
    if (notice !== '') this.page.say(notice);
    this.moved();
  }

  /** Time, window or choice have changed. */
  moved(): void {
    this.list.seek(this.player.now, this.timeline.selected);
    this.address.moved();
  }

  recordOpened(record: RecordView): void {
    this.opened = record;
    this.moved();
  }

  /** Opens what the address names. */
  start(): Promise<void> {
    return this.address.start();
  }

  /** One event back or on: from the one that is open, or from the time that is shown. */
  async step(by: 1 | -1): Promise<void> {
    const run = this.session.current?.view;
    if (run === undefined) return;
    const isOpen = this.opened !== null && this.opened.row === this.timeline.selected && this.opened.at === this.player.now;
    let row = (this.opened?.row ?? 0) + by;
    if (!isOpen) {
      const { nowPlace } = await this.session.ask((id) => this.client.ask('events', {
        run: id, request: { node: '', kind: '', word: '', text: '', from: null, around: this.player.now, count: 0 } }));
      row = by < 0 ? nowPlace : nowPlace + 1;
    }
    if (row > NONE && row < run.records) await this.page.openRecord(row);
  }

  /** The picture, a lane's name or a key asks for the menu. `x` and `y`: in the window. */
  openMenu(hit: Hit, x: number, y: number): void {
    const scene = this.timeline.scene();
    if (scene === null || this.isCovered) return;
    this.hit = hit;
    this.player.pause();
    this.menu.open(placeOf(hit, scene), x, y);
  }

  private openMenuByKey(): void {
    const scene = this.timeline.scene();
    if (scene === null) return;
    const at = this.timeline.now ?? timeAt(scene, scene.width / 2);
    const focused = document.activeElement instanceof HTMLElement && document.activeElement.classList.contains('lane')
      ? document.activeElement.title : null;
    const isOpen = focused === null && this.opened !== null && this.opened.row === this.timeline.selected;
    const box = document.querySelector('.stage')?.getBoundingClientRect();
    const hit: Hit = isOpen && this.opened !== null
      ? { row: this.opened.row, lane: this.opened.node, at: this.opened.at, text: '' } : { row: null, lane: focused, at, text: '' };
    const top = scene.layout.laneRows.get(hit.lane ?? '')?.top ?? 0;
    this.openMenu(hit, (box?.left ?? 0) + Math.max(0, Math.min(scene.width, xOf(scene, hit.at))), (box?.top ?? 0) + top);
  }

  private keys(): readonly KeyRow[] {
    const { timeline, player, page } = this;
    return [
      { keys: [' '], shown: '␣', says: 'key.play', press: () => (player.isPlaying ? player.pause() : player.play()) },
      { keys: ['ArrowLeft', 'ArrowRight'], shown: '← →', says: 'key.pan', press: (key) => timeline.pan(key === 'ArrowLeft' ? -PAN_STEP : PAN_STEP) },
      { keys: ['+', '=', '-', '_'], shown: '+ −', says: 'key.zoom', press: (key) => timeline.zoom(key === '+' || key === '=' ? 0.5 : 2) },
      { keys: ['0'], shown: '0', says: 'key.whole', press: () => timeline.look({ from: 0, to: 1 }) },
      { keys: ['Home', 'End'], shown: 'Home End', says: 'key.ends',
        press: (key) => player.seek(key === 'Home' ? 0 : this.session.current?.view.endAt ?? 0) },
      { keys: [',', '.'], shown: ', .', says: 'key.step', press: (key) => void this.step(key === ',' ? -1 : 1) },
      { keys: ['v'], shown: 'v', says: 'key.violation', press: () => page.jumpToViolation() },
      { keys: ['l'], shown: 'l', says: 'key.loss', press: () => this.jumpToLoss() },
      { keys: ['/'], shown: '/', says: 'key.search', press: () => this.reveal('search') },
      { keys: ['m'], shown: 'm', says: 'key.menu', press: () => this.openMenuByKey() },
      { keys: ['f'], shown: 'f', says: 'key.forks', press: () => this.reveal('forks') },
      { keys: ['e'], shown: 'e', says: 'key.events', press: () => this.reveal('events') },
      { keys: ['c'], shown: 'c', says: 'key.setting', press: () => this.reveal('setting') },
      { keys: ['g'], shown: 'g', says: 'key.filters', press: () => this.reveal('filters') },
      { keys: ['o'], shown: 'o', says: 'key.files', press: () => this.reveal('files') },
      { keys: ['?'], shown: '?', says: 'key.sheet', press: () => this.sheet.showModal() },
    ];
  }

  /** A lesson asks what will happen: nothing may tell before it is answered. */
  private get isCovered(): boolean {
    return this.timeline.coveredFrom !== null;
  }

  private reveal(name: DrawerName): void {
    if (!this.isCovered) this.drawers.show(name);
  }

  private jumpToLoss(): void {
    const losses = this.session.current?.view.operations.losses ?? [];
    const rows = losses.map(({ row, lostRow }) => (row === NONE ? lostRow : row)).filter((row) => row !== NONE);
    if (rows.length === 0) this.page.say(text('key.noLoss'));
    else void this.page.openRecord(Math.min(...rows));
  }

  private fill(name: DrawerName): void {
    switch (name) {
      case 'forks': {
        this.forking.fillTree();
        this.drawers.panel(name).querySelector<HTMLElement>('button[aria-current]')?.focus();
        break;
      }
      case 'setting': {
        void this.forking.fillSetting();
        break;
      }
      case 'search': {
        this.searching.focus();
        break;
      }
      case 'events': {
        this.list.focus();
        break;
      }
      case 'filters': {
        void this.fillFilters();
        break;
      }
      case 'files':
    }
  }

  private async fillFilters(): Promise<void> {
    const words = await this.session.ask((run) => this.client.ask('messageWords', { run }));
    const names = this.session.current?.view.lanes.map(({ name }) => name) ?? [];
    this.drawers.panel('filters').replaceChildren(...filterPanel(words, names, this.filter, (filter) => this.apply(filter)));
  }

  private apply(filter: Filter): void {
    this.filter = filter;
    this.timeline.hiddenFamilies = filter.hiddenFamilies;
    this.timeline.hiddenNodes = filter.hiddenNodes;
    this.timeline.isWordShown = (word) => !filter.hiddenWords.has(word);
    this.timeline.refilter();
    this.address.moved();
  }

  private readonly files = {
    link: (): Promise<string | null> => this.address.write(),
    open: (name: string, content: string): void => void this.openFile(name, content),
    save: (format: SaveFormat): void => void this.save(format).catch((error: unknown) => this.sayError(error)),
    say: (message: string): void => this.page.say(message),
  };

  /** A file of any kind that `source.ts` reads. `seed`: for one that brings none along; without it the one that is shown. */
  async openFile(name: string, content: string, seed: number = this.session.current?.view.report.seed ?? 1): Promise<void> {
    try {
      this.page.say(text('page.running'));
      const view = await this.session.open({ kind: 'text', name, text: content, seed }, (virtualMs) => this.page.running(virtualMs));
      this.page.say('');
      this.page.show(view);
    } catch (error) {
      this.sayError(error);
    }
  }

  private async save(format: SaveFormat): Promise<void> {
    const scene = this.timeline.scene();
    const report = this.session.current?.view.report;
    if (scene === null || report === undefined) return;
    const name = `${report.scenario.replace(/[^A-Za-z0-9-]+/g, '-')}-seed${report.seed}`;
    if (format === 'svg') {
      const { sceneSvg } = await import('./view/exportSvg.ts');
      saveFile(`${name}.svg`, new Blob([sceneSvg(scene, `${report.scenario}, seed ${report.seed}`)], { type: 'image/svg+xml' }));
    } else if (format === 'png') {
      const { scenePng } = await import('./view/exportPng.ts');
      saveFile(`${name}.png`, await scenePng(scene));
    } else {
      const [from, to] = [timeAt(scene, 0), timeAt(scene, scene.width)];
      const content = await this.session.ask((run) => this.client.ask('export', { run, format, from, to }));
      const type = format === 'shiviz' ? 'text/plain' : 'application/json';
      saveFile(format === 'shiviz' ? `${name}.shiviz.log` : `${name}.${format}.json`, new Blob([content], { type }));
    }
  }

  private sayError(error: unknown): void {
    this.page.say(messageOf(error));
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A message is a link between two nodes; elsewhere a lane, or only a time. */
const placeOf = ({ row, lane, at }: Hit, { slice: seen, layout, run }: Scene): Place => {
  const slice = seen?.messages;
  const names = [...layout.laneRows.keys()];
  const arrow = row === null || slice?.kind !== 'arrows' ? NONE : slice.row.indexOf(row);
  if (arrow !== NONE && slice?.kind === 'arrows') {
    return { at, what: 'link', node: '', from: names[slice.fromLane[arrow] as number] ?? '', to: names[slice.toLane[arrow] as number] ?? '' };
  }
  const kind = run.lanes.find(({ name }) => name === lane)?.kind;
  const what = kind === undefined || kind === 'other' ? 'time' : kind === 'client' || kind === 'probe' ? 'client' : 'server';
  return { at, what, node: what === 'time' ? '' : lane ?? '', from: '', to: '' };
};

const noticeOf = (origin: Origin, { report: { traceHash } }: RunView): string => {
  switch (origin.kind) {
    case 'fresh': return '';
    case 'saved': return origin.traceHash === traceHash ? text('origin.same') : text('origin.mismatch', { wanted: origin.traceHash, got: traceHash });
    case 'trace': return origin.differsAt === null ? text('origin.trace') : text('origin.traceDiffers', { number: origin.differsAt });
    case 'traceAlone': return text('origin.traceAlone');
  }
};
