/**
 * The menu of what can happen at a place and a time: by the right button or a key. A choice that needs to know more asks for it in a
 * small form; what comes of it are plan entries, which the page makes a fork of.
 *
 * Keys: up, down, Home, End move; Enter chooses; Escape goes back to where the focus was.
 */
import type { PlanEntry } from '../../sim/scenario.ts';
import { button, element } from '../dom.ts';
import { type ActionField, type ActionName, type ActionValues, type Place, actionsAt, entriesFor } from '../model/actions.ts';
import { text } from '../texts/text.ts';

export interface MenuEvents {
  chosen(entries: readonly PlanEntry[]): void;
  /** The record that lies there; null: none. */
  record(): (() => void) | null;
  /** A server is asked its own commands. */
  inspect(node: string, at: number): void;
  /** Names of all lanes, for forms that ask for another node. */
  nodes(): readonly string[];
}

const EDGE = 8;

export class Menu {
  private readonly box: HTMLElement;
  private readonly events: MenuEvents;
  private back: Element | null = null;

  constructor(parent: HTMLElement, events: MenuEvents) {
    this.events = events;
    this.box = element('div', { class: 'menu', hidden: '' });
    parent.append(this.box);
    this.box.addEventListener('keydown', (event) => this.key(event));
    document.addEventListener('pointerdown', (event) => {
      if (!this.box.hidden && event.target instanceof Node && !this.box.contains(event.target)) this.close();
    });
  }

  get isOpen(): boolean {
    return !this.box.hidden;
  }

  /** `x` and `y`: in the window. */
  open(place: Place, x: number, y: number): void {
    if (this.box.hidden) this.back = document.activeElement;
    this.list(place);
    this.box.hidden = false;
    const { width, height } = this.box.getBoundingClientRect();
    this.box.style.left = `${Math.max(EDGE, Math.min(x, innerWidth - width - EDGE))}px`;
    this.box.style.top = `${Math.max(EDGE, Math.min(y, innerHeight - height - EDGE))}px`;
    this.focus(0);
  }

  close(): void {
    this.box.hidden = true;
    if (this.back instanceof HTMLElement) this.back.focus();
  }

  private list(place: Place): void {
    const record = this.events.record();
    const item = (name: string, pressed: () => void): HTMLElement => {
      const made = element('button', { type: 'button', role: 'menuitem', tabindex: '-1' }, name);
      made.addEventListener('click', pressed);
      return made;
    };
    const close = (then: () => void): (() => void) => () => {
      this.close();
      then();
    };
    const menu = element('div', { role: 'menu', 'aria-label': titleOf(place) },
      ...(record === null ? [] : [item(text('menu.record'), close(record))]),
      ...(place.what === 'server' ? [item(text('menu.inspect'), close(() => this.events.inspect(place.node, place.at)))] : []),
      ...actionsAt(place).map(({ name, fields }) => item(text(`action.${name}`), () => {
        if (fields.length > 0) this.form(place, name, fields);
        else this.choose(place, name, {});
      })));
    this.box.replaceChildren(element('p', { class: 'title' }, titleOf(place)), element('p', { class: 'quiet' }, text('menu.hint')), menu);
  }

  private form(place: Place, name: ActionName, fields: readonly ActionField[]): void {
    const others = this.events.nodes().filter((node) => node !== place.node);
    const inputs = fields.map((field) => ({ field, input: inputOf(field, others) }));
    const error = element('p', { class: 'bad', role: 'alert' });
    const form = element('form', { 'aria-label': text(`action.${name}`) },
      ...inputs.map(({ field, input }) => element('label', {}, text(`field.${field.name}`), input)), error,
      element('div', { class: 'row' }, element('button', { type: 'submit' }, text('menu.fork')),
        button(text('menu.back'), text('menu.back'), () => {
          this.list(place);
          this.focus(0);
        })));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const values: ActionValues = Object.fromEntries(inputs.map(({ field, input }) => [field.name, valueOf(input)]));
      error.textContent = this.choose(place, name, values);
    });
    this.box.replaceChildren(element('p', { class: 'title' }, `${text(`action.${name}`)} ${titleOf(place)}`), form);
    inputs[0]?.input.focus();
  }

  /** Returns what is wrong with what was filled in. */
  private choose(place: Place, name: ActionName, values: ActionValues): string {
    let entries: readonly PlanEntry[];
    try {
      entries = entriesFor(name, place, values);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    this.close();
    this.events.chosen(entries);
    return '';
  }

  private get items(): readonly HTMLElement[] {
    return [...this.box.querySelectorAll<HTMLElement>('[role=menuitem]')];
  }

  private focus(place: number): void {
    const { items } = this;
    items.at(items.length === 0 ? 0 : place % items.length)?.focus();
  }

  private key(event: KeyboardEvent): void {
    const at = this.items.findIndex((item) => item === document.activeElement);
    const moves: Readonly<Record<string, () => void>> = {
      Escape: () => this.close(), ArrowDown: () => this.focus(at + 1), ArrowUp: () => this.focus(at - 1),
      Home: () => this.focus(0), End: () => this.focus(-1), Tab: () => this.close(),
    };
    // In a form the arrows and the tabulator belong to its fields.
    if (at < 0 && event.key !== 'Escape') {
      event.stopPropagation();
      return;
    }
    const move = moves[event.key];
    event.stopPropagation();
    if (move === undefined) return;
    event.preventDefault();
    move();
  }
}

const titleOf = (place: Place): string => {
  const seconds = (place.at / 1e6).toFixed(6);
  if (place.what === 'link') return text('menu.atLink', { from: place.from, to: place.to, seconds });
  return place.what === 'time' ? text('menu.atTime', { seconds }) : text('menu.atNode', { node: place.node, seconds });
};

type Input = HTMLInputElement | HTMLSelectElement;

const inputOf = ({ kind, initial, min, max, isOptional }: ActionField, others: readonly string[]): Input => {
  if (kind === 'node') return element('select', {}, new Option(text('menu.everybody'), ''), ...others.map((name) => new Option(name)));
  if (kind === 'nodes') {
    const made = element('select', { multiple: '', size: String(Math.min(10, others.length)) }, ...others.map((name) => new Option(name)));
    made.required = true;
    return made;
  }
  const made = element('input', kind === 'text' ? { maxlength: String(max) } : { type: 'number', min: String(min), max: String(max), step: '1' });
  made.required = !isOptional;
  made.value = initial;
  return made;
};

const valueOf = (input: Input): string =>
  (input instanceof HTMLSelectElement ? [...input.selectedOptions].map(({ value }) => value).join('\n') : input.value);
