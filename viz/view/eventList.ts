/**
 * The events of a run as a list of texts: what the picture shows, for those who do not see it, and for everybody who wants words. The
 * list is as long as the run; only the rows in sight exist.
 *
 * Keys in the list: up, down, page up, page down, Home, End move; Enter opens the event.
 */
import { element } from '../dom.ts';
import { EVENTS_MAX, type EventRequest, type EventRow, type EventWindow } from '../model/events.ts';
import { NONE } from '../model/recording.ts';
import { number, text } from '../texts/text.ts';

export interface EventListEvents {
  ask(request: EventRequest): Promise<EventWindow>;
  go(row: number): void;
}

const ROW_HEIGHT = 24;
const ROWS_SEEN = 14;
/** Browsers give no element more height than about twice that: longer lists scroll in larger steps. */
const HEIGHT_MAX = 8_000_000;
const SETTLE_MS = 120;

export class EventListView {
  readonly root: HTMLElement;
  private readonly events: EventListEvents;
  private readonly node: HTMLSelectElement = element('select');
  private readonly kind: HTMLSelectElement = element('select');
  private readonly words: HTMLInputElement = element('input', { type: 'search', maxlength: '200' });
  private readonly follow: HTMLInputElement = element('input', { type: 'checkbox', checked: '' });
  private readonly count: HTMLElement = element('p', { class: 'quiet', role: 'status' });
  private readonly box: HTMLElement = element('div', { class: 'events', role: 'listbox', tabindex: '0', 'aria-label': text('events.label') });
  private readonly spacer: HTMLElement = element('div', { class: 'spacer', role: 'presentation' });
  private total = 0;
  private from = 0;
  private rows: readonly EventRow[] = [];
  /** Place in the list of the row that is chosen; `NONE`: none is in sight. */
  private chosen = NONE;
  private selected: number | null = null;
  private now = 0;
  private asked = 0;
  private settle = 0;

  constructor(events: EventListEvents) {
    this.events = events;
    const field = (key: 'events.node' | 'events.kind' | 'events.text', input: HTMLElement): HTMLElement => element('label', {}, text(key), input);
    const form = element('form', {}, field('events.node', this.node), field('events.kind', this.kind), field('events.text', this.words),
      element('label', { class: 'check' }, this.follow, text('events.follow')));
    form.addEventListener('submit', (event) => event.preventDefault());
    for (const input of [this.node, this.kind, this.words]) input.addEventListener('change', () => void this.show(null));
    this.box.append(this.spacer);
    this.box.style.height = `${ROW_HEIGHT * ROWS_SEEN}px`;
    this.box.addEventListener('scroll', () => void this.scrolled());
    this.box.addEventListener('keydown', (event) => this.key(event));
    this.root = element('div', {}, form, this.count, this.box);
  }

  /** Another run. */
  load(nodes: readonly string[], kinds: readonly string[]): void {
    const options = (names: readonly string[]): readonly HTMLOptionElement[] => [new Option(text('events.all'), ''), ...names.map((name) => new Option(name))];
    this.node.replaceChildren(...options(nodes.filter((name) => name !== '')));
    this.kind.replaceChildren(...options(kinds));
    this.selected = null;
    this.now = 0;
    // Of the run before nothing may be left; what is not seen is asked for when it is.
    this.asked++;
    this.rows = [];
    this.draw();
    if (this.isSeen) void this.show(null);
  }

  private get isSeen(): boolean {
    return this.root.isConnected && this.root.offsetParent !== null;
  }

  focus(): void {
    this.box.focus();
    void this.show(null);
  }

  /** The time that is shown has changed; while it runs, the list follows when it rests. */
  seek(at: number, selected: number | null): void {
    this.now = at;
    this.selected = selected;
    clearTimeout(this.settle);
    this.settle = window.setTimeout(() => {
      if (this.follow.checked && this.isSeen) void this.show(null);
    }, SETTLE_MS);
  }

  /** `from`: place of the first row in sight; null: around now. */
  private async show(from: number | null): Promise<void> {
    const asked = ++this.asked;
    const window = await this.events.ask({
      node: this.node.value, kind: this.kind.value, word: '', text: this.words.value, from, around: this.now,
      count: Math.min(EVENTS_MAX, ROWS_SEEN + 1),
    });
    if (asked !== this.asked) return;
    this.total = window.total;
    this.from = window.from;
    this.rows = window.rows;
    const shown = this.rows.findIndex(({ row }) => row === this.selected);
    this.chosen = shown >= 0 ? window.from + shown : from === null ? window.nowPlace : this.chosen;
    this.count.textContent = window.total === 0 ? text('events.empty') : text('events.count', { total: number(window.total) });
    this.spacer.style.height = `${this.height}px`;
    if (from === null) this.box.scrollTop = this.from / Math.max(1, this.total - ROWS_SEEN) * (this.height - ROW_HEIGHT * ROWS_SEEN);
    this.draw();
  }

  private get height(): number {
    return Math.min(HEIGHT_MAX, Math.max(this.total, ROWS_SEEN) * ROW_HEIGHT);
  }

  private async scrolled(): Promise<void> {
    const room = this.height - ROW_HEIGHT * ROWS_SEEN;
    const from = room <= 0 ? 0 : Math.round(this.box.scrollTop / room * Math.max(0, this.total - ROWS_SEEN));
    if (Math.abs(from - this.from) > 1 || this.rows.length === 0) await this.show(from);
  }

  private draw(): void {
    const top = this.box.scrollTop;
    const made = this.rows.map(({ row, at, text: said }, index) => {
      const place = this.from + index;
      const option = element('div', {
        class: 'event', role: 'option', id: `event-${row}`, 'aria-posinset': String(place + 1), 'aria-setsize': String(this.total),
        'aria-selected': String(place === this.chosen), 'data-row': String(row),
      }, element('span', { class: 'time' }, (at / 1e6).toFixed(6)), said);
      option.style.top = `${top + index * ROW_HEIGHT}px`;
      option.addEventListener('click', () => {
        this.chosen = place;
        this.events.go(row);
      });
      return option;
    });
    this.spacer.replaceChildren(...made);
    const chosen = this.rows[this.chosen - this.from];
    if (chosen === undefined) this.box.removeAttribute('aria-activedescendant');
    else this.box.setAttribute('aria-activedescendant', `event-${chosen.row}`);
  }

  private key(event: KeyboardEvent): void {
    const page = ROWS_SEEN - 1;
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -this.total, End: this.total,
    };
    const step = steps[event.key];
    if (event.key === 'Enter') {
      const chosen = this.rows[this.chosen - this.from];
      if (chosen !== undefined) this.events.go(chosen.row);
    } else if (step === undefined) return;
    else void this.move(Math.max(0, Math.min(this.total - 1, this.chosen + step)));
    event.preventDefault();
    event.stopPropagation();
  }

  private async move(place: number): Promise<void> {
    this.chosen = place;
    this.selected = null;
    const isSeen = place >= this.from && place < this.from + ROWS_SEEN;
    if (isSeen) this.draw();
    else {
      const from = Math.max(0, Math.min(this.total - ROWS_SEEN, place - Math.floor(ROWS_SEEN / 2)));
      await this.show(from);
      this.box.scrollTop = from / Math.max(1, this.total - ROWS_SEEN) * (this.height - ROW_HEIGHT * ROWS_SEEN);
      this.draw();
    }
  }
}
