/**
 * Faults of the name service: it is silent, slow, or says what is not so. They concern whoever asks while they last; resolvers go
 * on believing what they keep.
 */
import { type Bytes, bytes } from '../../engine/index.ts';
import { type KindRow, MICROS_PER_MS, action, fault, positiveOf, textOf } from './strikes.ts';
import { resolveMachine } from './target.ts';

/** How long resolvers believe a record that the operator changed: containers ask anew each time. */
const CHANGED_NAME_TTL_MICROS = 0;

const silentNames: KindRow['strike'] = ({ network: { names } }) => {
  names.silences++;
  return { resolved: 'the name server', outcome: 'silent', undo: () => {
    names.silences--;
  } };
};

const slowNames: KindRow['strike'] = ({ network: { names } }, entry) => {
  const delayMicros = positiveOf(entry, 'delayMs') * MICROS_PER_MS;
  names.extraDelayMicros += delayMicros;
  return { resolved: 'the name server', outcome: 'slow', undo: () => {
    names.extraDelayMicros -= delayMicros;
  } };
};

/** Without `with.to` nobody has that name. */
const wrongName: KindRow['strike'] = (parts, entry) => {
  const name = bytes(textOf(entry, 'name'));
  const to = entry.with?.['to'] === undefined ? null : resolveMachine(parts, textOf(entry, 'to'));
  if (to === null && entry.with?.['to'] !== undefined) return null;
  const addresses: readonly Bytes[] = to === null ? [] : [to.address];
  const lie = parts.network.names.lie(name, addresses);
  const outcome = to === null ? `${name} does not resolve` : `${name} resolves to ${to.name} (${to.address})`;
  return { resolved: to?.name ?? name, outcome, undo: () => lie.end() };
};

const point: KindRow['strike'] = (parts, entry) => {
  const machine = resolveMachine(parts, textOf(entry, 'to'));
  if (machine === null) return null;
  parts.network.names.set(bytes(textOf(entry, 'name')), [machine.address], CHANGED_NAME_TTL_MICROS);
  return { resolved: machine.name, outcome: `${textOf(entry, 'name')} is ${machine.name} (${machine.address})` };
};

export const NAME_KINDS: readonly KindRow[] = [
  fault('silentNames', silentNames, [], false),
  fault('slowNames', slowNames, ['delayMs'], false),
  fault('wrongName', wrongName, ['name'], false),
  action('point', point, ['name', 'to'], false),
];
