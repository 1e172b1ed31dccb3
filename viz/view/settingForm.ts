/** One changed setting with the same seed: presets for the common ones, any other directive by name. */
import { element } from '../dom.ts';
import type { Preset } from '../model/settings.ts';
import type { ForkChange } from '../model/theatre.ts';
import { text } from '../texts/text.ts';

/** `servers`: names of single processes. `run` gets the change; what it rejects with is said in the form. */
export const settingForm = (
  presets: readonly Preset[], servers: readonly string[], run: (change: ForkChange) => Promise<void>,
): readonly HTMLElement[] => {
  const preset = element('select', {}, ...presets.map(({ label, process, value }, place) =>
    new Option(`${label} = ${value} (${text(`setting.${process}`)})`, String(place))), new Option(text('setting.other'), ''));
  const process = element('select', {}, new Option(text('setting.data'), 'data'), new Option(text('setting.sentinels'), 'sentinels'),
    ...servers.map((name) => new Option(name)));
  const directive = element('input', { maxlength: '200', required: '', spellcheck: 'false' });
  const value = element('input', { maxlength: '200', spellcheck: 'false' });
  const error = element('p', { class: 'bad', role: 'alert' });
  const chosen = (): Preset | undefined => (preset.value === '' ? undefined : presets[Number(preset.value)]);
  const fill = (): void => {
    const one = chosen();
    directive.readOnly = one !== undefined;
    directive.value = one?.directive ?? '';
    value.value = one?.value ?? '';
    if (one !== undefined) process.value = one.process;
  };
  preset.addEventListener('change', fill);
  fill();
  const submit = element('button', { type: 'submit' }, text('setting.run'));
  const form = element('form', {},
    element('label', {}, text('setting.preset'), preset), element('label', {}, text('setting.process'), process),
    element('label', {}, text('setting.directive'), directive), element('label', {}, text('setting.value'), value), submit);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const one = chosen();
    if (one !== undefined && one.value === value.value.trim() && one.process === process.value) {
      error.textContent = text('setting.same');
      return;
    }
    submit.disabled = true;
    error.textContent = '';
    void run({ kind: 'setting', process: process.value, directive: directive.value.trim(), value: `${one?.lead ?? ''}${value.value.trim()}` })
      .catch((reason: unknown) => {
        error.textContent = reason instanceof Error ? reason.message : String(reason);
      }).finally(() => {
        submit.disabled = false;
      });
  });
  return [element('p', { class: 'quiet' }, text('setting.hint')), form, error];
};
