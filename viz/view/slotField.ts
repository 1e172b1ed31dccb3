/** In a cluster it is asked of one slot whom each node holds to be its owner: this field says of which. Elsewhere it is not there. */
import { element } from '../dom.ts';
import { text } from '../texts/text.ts';

const SLOT_MAX = 16_383;

export class SlotField {
  readonly root: HTMLElement;
  private readonly input: HTMLInputElement = element('input', { type: 'number', min: '0', max: String(SLOT_MAX), step: '1', value: '0', id: 'slot' });

  /** `changed` hears of another slot. */
  constructor(changed: () => void) {
    this.root = element('label', { class: 'slot', hidden: '' }, text('control.slot'), this.input);
    this.input.addEventListener('change', () => {
      this.slot = Number(this.input.value);
      changed();
    });
  }

  get slot(): number {
    return Number(this.input.value);
  }

  set slot(slot: number) {
    this.input.value = String(Number.isInteger(slot) ? Math.min(SLOT_MAX, Math.max(0, slot)) : 0);
  }

  show(isCluster: boolean): void {
    this.root.hidden = !isCluster;
  }
}
