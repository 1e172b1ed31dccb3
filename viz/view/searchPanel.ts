/** Search: a query, the matches as a list, and the way from one to the next. */
import { button, element } from '../dom.ts';
import type { SearchView } from '../model/theatre.ts';
import { number, text } from '../texts/text.ts';

export interface SearchEvents {
  search(query: string): Promise<SearchView>;
  go(row: number): void;
}

export class SearchPanel {
  readonly root: HTMLElement;
  private readonly field: HTMLInputElement;
  private readonly count: HTMLElement;
  private readonly list: HTMLOListElement;
  private readonly events: SearchEvents;
  private found: SearchView | null = null;
  private place = -1;

  constructor(events: SearchEvents) {
    this.events = events;
    this.field = element('input', { type: 'search', maxlength: '300', spellcheck: 'false', list: 'searches', class: 'wide' });
    const examples = element('datalist', { id: 'searches' }, ...EXAMPLES.map((example) => new Option(example)));
    this.count = element('span', { role: 'status' });
    this.list = element('ol', { class: 'results', 'aria-label': text('search.results') });
    const form = element('form', { role: 'search' }, element('label', { class: 'wide' }, text('search.label'), this.field), examples,
      element('button', { type: 'submit' }, text('search.go')),
      button('‹', text('search.previous'), () => this.step(-1)), button('›', text('search.next'), () => this.step(1)), this.count);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.search();
    });
    this.root = element('div', {}, form, element('p', { class: 'quiet' }, text('search.hint')), this.list);
  }

  focus(): void {
    this.field.focus();
    this.field.select();
  }

  /** Another run: its rows are others. */
  forget(): void {
    this.found = null;
    this.place = -1;
    this.count.textContent = '';
    this.list.replaceChildren();
  }

  private async search(): Promise<void> {
    this.forget();
    try {
      this.found = await this.events.search(this.field.value);
    } catch (error) {
      this.count.textContent = error instanceof Error ? error.message : String(error);
      return;
    }
    const { first, rows, isCut, undecided } = this.found;
    this.list.replaceChildren(...first.map(({ row, at, text: said }, place) => {
      const made = element('button', { type: 'button', class: 'link' }, `${(at / 1e6).toFixed(6)} s  ${said}`);
      made.addEventListener('click', () => this.choose(place));
      return element('li', { value: String(place + 1), 'data-row': String(row) }, made);
    }));
    const notes = [
      ...(rows.length > first.length ? [text('search.more', { count: number(first.length) })] : []),
      ...(undecided > 0 ? [text('search.undecided', { count: number(undecided) })] : []),
    ];
    this.list.append(...notes.map((note) => element('li', { class: 'quiet note' }, note)));
    this.count.textContent = rows.length === 0 ? text('search.none') : this.countText(0, rows.length, isCut);
    if (rows.length > 0) this.choose(0);
  }

  private step(by: number): void {
    if (this.found === null) void this.search();
    else if (this.found.rows.length > 0) this.choose((this.place + by + this.found.rows.length) % this.found.rows.length);
  }

  private choose(place: number): void {
    const { found } = this;
    const row = found?.rows[place];
    if (found === null || row === undefined) return;
    this.place = place;
    this.count.textContent = this.countText(place, found.rows.length, found.isCut);
    this.list.querySelector('[aria-current]')?.removeAttribute('aria-current');
    const item = this.list.children[place];
    item?.setAttribute('aria-current', 'true');
    item?.scrollIntoView({ block: 'nearest' });
    this.events.go(row);
  }

  private countText(place: number, total: number, isCut: boolean): string {
    return text('search.count', { place: place + 1, total: isCut ? `${number(total)}+` : number(total) });
  }
}

const EXAMPLES: readonly string[] = [
  'vote', 'kind:complete failed', 'word:sentinel +sdown', 'word:sentinel +sdown not followed by word:odown within 5000 ms on the same node',
  'kind:drop', 'word:role primary',
];
