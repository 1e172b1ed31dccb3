/**
 * The runs of the page as a tree: a root that was opened, and forks of it. Every run is kept as data (what it was opened from, what
 * changed), so one that the worker has forgotten is made again when it is wanted.
 *
 * Always holds: a branch's parent stands before it; the same changes from the same root make the same runs.
 */
import type { Questions } from './messages.ts';
import type { Difference } from './model/difference.ts';
import type { ForkChange, RunView } from './model/theatre.ts';
import type { TheatreClient } from './theatreClient.ts';

/** What a root was opened from. */
export type Opened =
  | { readonly kind: 'named'; readonly scenario: string; readonly seed: number }
  | { readonly kind: 'text'; readonly name: string; readonly text: string; readonly seed: number };

export interface Branch {
  readonly parent: Branch | null;
  readonly change: ForkChange | null;
  /** The newest that the worker made of it: ids change when it is made again, nothing else does. */
  view: RunView;
}

/** Forks of one root; a link with more is not opened. */
export const BRANCHES_MAX = 64;

export type Progress = (virtualMs: number) => void;

export class Session {
  private readonly client: TheatreClient;
  private opened: Opened | null = null;
  private tree: Branch[] = [];
  private shown: Branch | null = null;
  /** Opened, but not shown yet. */
  private pending: { readonly view: RunView; readonly opened: Opened } | null = null;

  constructor(client: TheatreClient) {
    this.client = client;
  }

  /** The root first, then forks in the order in which they were made. */
  get branches(): readonly Branch[] {
    return this.tree;
  }

  get current(): Branch | null {
    return this.shown;
  }

  get source(): Opened | null {
    return this.opened;
  }

  /** Hears of every run that is shown, whoever opened it: a fork of a known one joins the tree, any other begins a new one. */
  note(view: RunView): Branch {
    const known = this.tree.find((branch) => branch.view.id === view.id);
    if (known !== undefined) return this.shown = known;
    const parent = view.fork === null ? undefined : this.tree.find((branch) => branch.view.id === view.fork?.parent);
    if (view.fork !== null && parent !== undefined) {
      return this.shown = this.add({ parent, change: view.fork.change, view });
    }
    const { scenario, seed } = view.report;
    this.opened = this.pending?.view === view ? this.pending.opened : { kind: 'named', scenario, seed };
    this.pending = null;
    this.tree = [];
    return this.shown = this.add({ parent: null, change: null, view });
  }

  /** The run is not shown yet: whoever shows it calls `note`. Rejects with one line. */
  async open(opened: Opened, onProgress?: Progress): Promise<RunView> {
    const view = await this.run(opened, onProgress);
    this.pending = { view, opened };
    return view;
  }

  /** A fork of `parent`, by default of the run that is shown; it is in the tree, but not shown yet. */
  async fork(change: ForkChange, parent: Branch | null = this.shown, onProgress?: Progress): Promise<Branch> {
    if (parent === null) throw new Error('no run to fork from');
    if (this.tree.length >= BRANCHES_MAX) throw new Error(`a run has at most ${BRANCHES_MAX - 1} forks here`);
    const id = await this.idOf(parent, onProgress);
    const view = await this.client.ask('fork', { parent: id, change }, onProgress);
    return this.add({ parent, change, view });
  }

  /** The branch's run in the worker, made again where it was forgotten. */
  async idOf(branch: Branch, onProgress?: Progress): Promise<number> {
    const open = await this.client.ask('openRuns', {});
    if (open.includes(branch.view.id)) return branch.view.id;
    if (branch.parent === null || branch.change === null) {
      if (this.opened === null) throw new Error('the run is not open any more');
      branch.view = await this.run(this.opened, onProgress);
    } else {
      const parent = await this.idOf(branch.parent, onProgress);
      branch.view = await this.client.ask('fork', { parent, change: branch.change }, onProgress);
    }
    return branch.view.id;
  }

  /** A question about the run that is shown. */
  async ask<Answer>(question: (run: number) => Promise<Answer>): Promise<Answer> {
    if (this.shown === null) throw new Error('no run is shown');
    return question(await this.idOf(this.shown));
  }

  async difference(left: Branch, right: Branch): Promise<Difference | null> {
    await this.idOf(left);
    await this.idOf(right);
    // Making the second may have cost the first its place.
    return this.client.ask('difference', { left: await this.idOf(left), right: right.view.id });
  }

  private add(branch: Branch): Branch {
    this.tree = [...this.tree, branch];
    return branch;
  }

  private run(opened: Opened, onProgress?: Progress): Promise<Questions['open']['answer']> {
    return opened.kind === 'named' ? this.client.ask('open', { scenario: opened.scenario, seed: opened.seed }, onProgress)
      : this.client.ask('openText', { text: opened.text, name: opened.name, seed: opened.seed }, onProgress);
  }
}
