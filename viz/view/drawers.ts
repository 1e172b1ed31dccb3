/** The tools below the picture: a row of buttons, of which one at a time has its panel open. */
import { element } from '../dom.ts';
import { text } from '../texts/text.ts';

export type DrawerName = 'forks' | 'setting' | 'search' | 'events' | 'filters' | 'files';

const NAMES: readonly DrawerName[] = ['forks', 'setting', 'search', 'events', 'filters', 'files'];

export class Drawers {
  readonly root: HTMLElement;
  private readonly buttons: ReadonlyMap<DrawerName, HTMLButtonElement>;
  private readonly panels: ReadonlyMap<DrawerName, HTMLElement>;
  private readonly opened: (name: DrawerName) => void;
  private open: DrawerName | null = null;

  /** `opened`: its panel is in sight now. `more`: further buttons of the row. */
  constructor(opened: (name: DrawerName) => void, more: readonly HTMLElement[]) {
    this.opened = opened;
    this.panels = new Map(NAMES.map((name) => [name, element('section', {
      id: `drawer-${name}`, class: 'drawer', 'aria-label': text(`tool.${name}`), hidden: '',
    })]));
    this.buttons = new Map(NAMES.map((name) => {
      const made = element('button', { type: 'button', 'aria-expanded': 'false', 'aria-controls': `drawer-${name}` }, text(`tool.${name}`));
      made.addEventListener('click', () => this.toggle(name));
      return [name, made];
    }));
    this.root = element('div', {}, element('div', { class: 'row tools', role: 'toolbar', 'aria-label': text('tool.toolbar') },
      ...this.buttons.values(), ...more), ...this.panels.values());
  }

  panel(name: DrawerName): HTMLElement {
    return this.panels.get(name) as HTMLElement;
  }

  isOpen(name: DrawerName): boolean {
    return this.open === name;
  }

  show(name: DrawerName): void {
    if (this.open !== name) this.toggle(name);
    else this.opened(name);
  }

  toggle(name: DrawerName): void {
    this.open = this.open === name ? null : name;
    for (const [each, panel] of this.panels) {
      panel.hidden = each !== this.open;
      this.buttons.get(each)?.setAttribute('aria-expanded', String(each === this.open));
    }
    if (this.open === name) this.opened(name);
  }
}
