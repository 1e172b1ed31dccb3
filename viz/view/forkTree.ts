/** The runs of the page as a tree: what changed, when, and what came of it; a click shows one; any two can be compared. */
import { describeTarget } from '../../scenarios/describeEntry.ts';
import type { PlanEntry } from '../../sim/scenario.ts';
import { element } from '../dom.ts';
import type { ForkChange } from '../model/theatre.ts';
import type { Branch } from '../session.ts';
import { number, reported, text } from '../texts/text.ts';

export interface ForkTreeEvents {
  show(branch: Branch): void;
  compare(left: Branch, right: Branch): void;
}

/** `comparison`: what was found last, below the tree. */
export const forkTree = (
  branches: readonly Branch[], current: Branch | null, comparison: HTMLElement, events: ForkTreeEvents,
): readonly HTMLElement[] => {
  const [root] = branches;
  if (root === undefined) return [];
  const below = (parent: Branch): HTMLElement => {
    const forks = branches.filter((branch) => branch.parent === parent);
    return element('li', {}, entry(parent, branches.indexOf(parent), parent === current, events),
      ...(forks.length === 0 ? [] : [element('ul', {}, ...forks.map(below))]));
  };
  return [
    element('h2', {}, text('fork.title')),
    element('ul', { class: 'forks' }, below(root)),
    ...(branches.length < 2 ? [element('p', { class: 'quiet' }, text('fork.none'))] : [choice(branches, current, events)]),
    comparison,
  ];
};

/** A letter for the tree and the tables: A is the root. */
export const letterOf = (place: number): string => (place < LETTERS ? String.fromCharCode(FIRST_LETTER + place) : `#${place + 1}`);

const FIRST_LETTER = 65;
const LETTERS = 26;

const entry = (branch: Branch, place: number, isShown: boolean, { show }: ForkTreeEvents): HTMLElement => {
  const made = element('button', { type: 'button', class: 'fork', ...(isShown ? { 'aria-current': 'true' } : {}) },
    element('b', {}, letterOf(place)), ` ${changeText(branch.change)} `,
    element('span', { class: branch.view.report.ok ? 'good' : 'bad' }, outcomeText(branch)));
  made.title = text('fork.hash', { hash: branch.view.report.traceHash });
  made.addEventListener('click', () => show(branch));
  return made;
};

const outcomeText = ({ view: { report } }: Branch): string => {
  const violated = report.verdicts.filter(({ verdict }) => verdict === 'violated').length;
  return [
    report.ok ? text('fork.asExpected') : text('fork.notExpected'),
    text('fork.lost', { count: number(report.ledger.lost) }),
    text('fork.outage', { seconds: number(report.unavailableMs / 1000, 1) }),
    ...(violated === 0 ? [] : [text('fork.violated', { count: violated })]),
  ].join(' · ');
};

export const changeText = (change: ForkChange | null): string => {
  if (change === null) return text('fork.original');
  if (change.kind === 'plan') return change.entries.map(entryText).join(', ');
  const process = change.process === 'data' ? text('setting.data') : change.process === 'sentinels' ? text('setting.sentinels') : change.process;
  return text('fork.setting', { process, directive: change.directive, value: change.value });
};

const entryText = (entry: PlanEntry): string => {
  const what = `${entry.do} ${reported(describeTarget(entry))}`.trim();
  const { when } = entry;
  if ('after' in when) return what;
  const micros = 'atMicros' in when ? when.atMicros : when.atMs * 1000;
  return text('fork.at', { what, seconds: (micros / 1e6).toFixed(6) });
};

const choice = (branches: readonly Branch[], current: Branch | null, { compare }: ForkTreeEvents): HTMLElement => {
  const select = (chosen: number, label: string): HTMLSelectElement => element('select', { 'aria-label': label },
    ...branches.map(({ change }, place) => {
      const option = new Option(`${letterOf(place)} ${changeText(change)}`, String(place), place === chosen, place === chosen);
      return option;
    }));
  const right = current === null || current.parent === null ? branches.length - 1 : branches.indexOf(current);
  const left = branches[right]?.parent;
  const [first, second] = [
    select(left === undefined || left === null ? 0 : branches.indexOf(left), text('fork.compare')), select(right, text('fork.with'))];
  const form = element('form', { class: 'row' }, first, element('span', {}, text('fork.with')), second,
    element('button', { type: 'submit' }, text('fork.compare')));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const [one, other] = [branches[Number(first.value)], branches[Number(second.value)]];
    if (one !== undefined && other !== undefined) compare(one, other);
  });
  return form;
};
