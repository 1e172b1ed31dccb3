/**
 * Keyspace notifications: what happens to keys, by class, as `notify-keyspace-events` names the classes with letters.
 * Source: notify.c of Redis 7.0, for behaviour.
 */
import { type Bytes, bytes } from '../core/bytes.ts';

/**
 * g: any type; $ strings, l lists, s sets, h hashes, z sorted sets, t streams; x expired, e evicted, m asked for in vain, n new; d
 * modules, of which there are none.
 */
export type EventClass = 'g' | '$' | 'l' | 's' | 'h' | 'z' | 'x' | 'e' | 't' | 'm' | 'n' | 'd';

export type KeyEventListener = (databaseId: number, kind: EventClass, event: string, key: Bytes) => void;

/** What `A` stands for. */
const ALL_CLASSES = 'g$lshzxetd';
/** In the order in which CONFIG GET shows them. */
const SHOWN = `${ALL_CLASSES}n`;
const BEHIND = 'KEm';

/** The letters of the directive in Redis's order, `A` for all but m and n; null where one means nothing. */
export const readEventClasses = (text: Bytes): Bytes | null => {
  const letters = new Set([...text].flatMap((letter) => (letter === 'A' ? [...ALL_CLASSES] : [letter])));
  for (const letter of letters) if (!SHOWN.includes(letter) && !BEHIND.includes(letter)) return null;
  const has = (letter: string): boolean => letters.has(letter);
  const front = [...ALL_CLASSES].every(has) ? `A${has('n') ? 'n' : ''}` : [...SHOWN].filter(has).join('');
  return bytes(front + [...BEHIND].filter(has).join(''));
};

/** As CONFIG GET shows them: beside `A` it forgets new keys. */
export const shownEventClasses = (classes: Bytes): Bytes => bytes(classes.replace('An', 'A'));

/** Who is told, by the directive: null where nobody is. `publish` takes a channel and a message. */
export const keyEventListener = (classes: Bytes, publish: (channel: Bytes, message: Bytes) => void): KeyEventListener | null => {
  const toKeys = classes.includes('K');
  const toEvents = classes.includes('E');
  if (!toKeys && !toEvents) return null;
  const wanted = classes.replace('A', ALL_CLASSES);
  return (databaseId, kind, event, key) => {
    if (!wanted.includes(kind)) return;
    if (toKeys) publish(bytes(`__keyspace@${databaseId}__:${key}`), bytes(event));
    if (toEvents) publish(bytes(`__keyevent@${databaseId}__:${event}`), key);
  };
};
