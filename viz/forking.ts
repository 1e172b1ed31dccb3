/**
 * Forks of a run: made, shown where their parent was looked at, listed as a tree, and held against each other; by the menu or by a
 * changed setting.
 */
import { element } from './dom.ts';
import { NONE } from './model/recording.ts';
import type { ForkChange } from './model/theatre.ts';
import type { Branch, Session } from './session.ts';
import { text } from './texts/text.ts';
import type { TheatreClient } from './theatreClient.ts';
import type { Page } from './usePage.ts';
import { type Side, comparePanel } from './view/comparePanel.ts';
import { changeText, forkTree, letterOf } from './view/forkTree.ts';
import type { Player } from './view/player.ts';
import { timeAt } from './view/scene.ts';
import { settingForm } from './view/settingForm.ts';
import type { Timeline } from './view/timeline.ts';

export interface ForkingParts {
  readonly client: TheatreClient;
  readonly session: Session;
  readonly timeline: Timeline;
  readonly player: Player;
  readonly page: Page;
  /** Where the tree and the form stand. */
  readonly tree: HTMLElement;
  readonly setting: HTMLElement;
  /** The tree is to be seen. */
  readonly reveal: () => void;
}

export class Forking {
  private readonly parts: ForkingParts;
  private readonly comparison: HTMLElement = element('div', { class: 'comparison', 'aria-live': 'polite' });

  constructor(parts: ForkingParts) {
    this.parts = parts;
  }

  /** The tree as it is now. */
  fillTree(): void {
    const { session, tree } = this.parts;
    // Another root: nothing of the old one is compared any more.
    if (session.branches.length === 1) this.comparison.replaceChildren();
    tree.replaceChildren(...forkTree(session.branches, session.current, this.comparison, {
      show: (branch) => this.start(this.showBranch(branch)), compare: (left, right) => this.start(this.compare(left, right)),
    }));
  }

  /** The form of a changed setting, for the run that is shown. */
  async fillSetting(): Promise<void> {
    const { client, session, setting: panel } = this.parts;
    const servers = session.current?.view.lanes.filter(({ kind }) => kind === 'data' || kind === 'sentinel').map(({ name }) => name) ?? [];
    try {
      const presets = await session.ask((run) => client.ask('presets', { run }));
      panel.replaceChildren(...settingForm(presets, servers, (change) => this.fork(change)));
    } catch (error) {
      panel.replaceChildren(element('p', { class: 'bad' }, error instanceof Error ? error.message : String(error)));
    }
  }

  /** The fork is shown where its parent was looked at, and compared with it. */
  async fork(change: ForkChange): Promise<void> {
    const { session, page, reveal } = this.parts;
    const parent = session.current;
    if (parent === null) return;
    page.say(text('tool.running'));
    const branch = await session.fork(change, parent, (virtualMs) => page.running(virtualMs)).finally(() => page.say(''));
    await this.showBranch(branch);
    reveal();
    await this.compare(parent, branch);
  }

  async showBranch(branch: Branch, at: number | null = null): Promise<void> {
    const { session, timeline, player, page } = this.parts;
    const scene = timeline.scene();
    const [from, to] = scene === null ? [0, 0] : [timeAt(scene, 0), timeAt(scene, scene.width)];
    const now = at ?? timeline.now;
    await session.idOf(branch, (virtualMs) => page.running(virtualMs));
    page.say('');
    page.show(branch.view);
    this.look(from, to);
    if (now !== null) player.seek(now);
  }

  /** Virtual microseconds at the edges. */
  look(from: number, to: number): void {
    const { timeline } = this.parts;
    const map = timeline.scene()?.map;
    if (map !== undefined && to > from) timeline.look({ from: map.place(from), to: map.place(to) });
  }

  private async compare(left: Branch, right: Branch): Promise<void> {
    const { client, session, page } = this.parts;
    this.comparison.replaceChildren(element('p', {}, text('fork.comparing')));
    const difference = await session.difference(left, right);
    const side = async (branch: Branch): Promise<Side> => {
      const row = difference?.row ?? NONE;
      const run = await session.idOf(branch);
      const record = row === NONE || row >= branch.view.records ? null : await client.ask('record', { run, row });
      const jump = (): void => this.start(this.showBranch(branch, record?.at ?? null).then(() => page.openRecord(row)));
      return { letter: letterOf(session.branches.indexOf(branch)), name: changeText(branch.change), view: branch.view, record, jump };
    };
    const sides = [await side(left), await side(right)] as const;
    this.comparison.replaceChildren(...comparePanel(...sides, difference));
  }

  /** What goes wrong is said. */
  private start(work: Promise<void>): void {
    work.catch((error: unknown) => this.parts.page.say(error instanceof Error ? error.message : String(error)));
  }
}
