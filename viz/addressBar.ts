/**
 * The address bar: it names the run that is shown, its forks and the view as soon as the page rests, and what it names is opened.
 * Whether the run is the same bytes as where the link was made, its hash tells.
 */
import { type Link, type LinkFork, addressOf, bareAddress, linkIn } from './link.ts';
import type { Forking } from './forking.ts';
import type { ForkChange } from './model/theatre.ts';
import type { Branch, Session } from './session.ts';
import { text } from './texts/text.ts';
import type { TheatreClient } from './theatreClient.ts';
import type { Page } from './usePage.ts';
import type { Filter } from './view/filters.ts';
import type { Player } from './view/player.ts';
import { timeAt } from './view/scene.ts';
import type { Timeline } from './view/timeline.ts';

const REST_MS = 300;

export interface AddressBarParts {
  readonly client: TheatreClient;
  readonly session: Session;
  readonly timeline: Timeline;
  readonly player: Player;
  readonly page: Page;
  readonly forking: Forking;
  /** Which messages are drawn now. */
  filter(): Filter;
  refilter(filter: Filter): void;
}

export class AddressBar {
  private readonly parts: AddressBarParts;
  private rest = 0;
  /** The address says more than is shown yet. */
  private isOpening = false;
  /** What the address was last set to; another one was typed or pasted. */
  private written = '';
  /** The root as a saved run, for links; of a named one nothing is needed. */
  private rootText: { readonly root: Branch; readonly text: Promise<string> } | null = null;

  constructor(parts: AddressBarParts) {
    this.parts = parts;
    addEventListener('hashchange', () => void this.follow());
    addEventListener('popstate', () => void this.follow());
  }

  /** What is shown has changed: the address says so when it rests. */
  moved(): void {
    clearTimeout(this.rest);
    this.rest = window.setTimeout(() => void this.write(), REST_MS);
  }

  /** Opens what the address names. A lesson opens itself. */
  async start(): Promise<void> {
    this.written = location.href;
    if (new URL(location.href).searchParams.has('lesson')) return;
    this.isOpening = true;
    try {
      const link = await linkIn(location.href);
      if (link !== null) await this.openLink(link);
    } catch (error) {
      this.parts.page.say(error instanceof Error ? error.message : String(error));
    } finally {
      this.isOpening = false;
    }
    if (this.parts.session.current !== null) this.moved();
  }

  /** The address of what is shown; null, and an address that names no run, where none can. A lesson has its own. */
  async write(): Promise<string | null> {
    if (this.isOpening || new URL(location.href).searchParams.has('lesson')) return location.href;
    const address = await this.link().then((link) => (link === null ? null : addressOf(link, location.href))).catch(() => null);
    history.replaceState(null, '', address ?? bareAddress(location.href));
    this.written = location.href;
    return address;
  }

  private async link(): Promise<Link | null> {
    const { session, timeline, page } = this.parts;
    const { current, branches, source } = session;
    const scene = timeline.scene();
    const [root] = branches;
    if (current === null || source === null || scene === null || root === undefined || root.view.origin.kind === 'traceAlone') return null;
    const forks = branches.slice(1).map(({ parent, change }): LinkFork =>
      ({ parent: parent === null ? 0 : branches.indexOf(parent), change: change as ForkChange }));
    return {
      source: source.kind === 'named' ? { scenario: source.scenario } : { run: await this.savedRoot(root) },
      seed: root.view.report.seed, forks, shown: branches.indexOf(current), traceHash: current.view.report.traceHash,
      view: { mode: page.mode(), from: timeAt(scene, 0), to: timeAt(scene, scene.width), now: timeline.now, row: timeline.selected, slot: page.slot(), filter: this.parts.filter() },
    };
  }

  private savedRoot(root: Branch): Promise<string> {
    if (this.rootText?.root !== root) {
      const { client, session } = this.parts;
      const saved = session.idOf(root).then((run) => client.ask('export', { run, format: 'run', from: 0, to: 0 }));
      this.rootText = { root, text: saved };
    }
    return this.rootText?.text ?? Promise.resolve('');
  }

  /** Somebody typed or pasted another address. */
  private async follow(): Promise<void> {
    if (location.href !== this.written) await this.start();
  }

  private async openLink({ source, seed, forks, shown, traceHash, view }: Link): Promise<void> {
    const { session, page, forking, player } = this.parts;
    const running = (virtualMs: number): void => page.running(virtualMs);
    page.say(text('page.running'));
    page.show(await session.open('scenario' in source ? { kind: 'named', scenario: source.scenario, seed }
      : { kind: 'text', name: 'link', text: source.run, seed }, running));
    for (const { parent, change } of forks) await session.fork(change, session.branches[parent] ?? null, running);
    const branch = session.branches[shown];
    if (branch === undefined) return;
    if (shown > 0) await forking.showBranch(branch);
    page.say('');
    if (view !== null) {
      page.setMode(view.mode);
      if (view.slot !== page.slot()) page.setSlot(view.slot);
      this.parts.refilter(view.filter);
      forking.look(view.from, view.to);
      if (view.row !== null && view.row < branch.view.records) await page.openRecord(view.row);
      if (view.now !== null) player.seek(view.now);
    }
    const got = branch.view.report.traceHash;
    if (traceHash !== null) page.say(got === traceHash ? text('link.same') : text('link.mismatch', { wanted: traceHash, got }));
  }
}
