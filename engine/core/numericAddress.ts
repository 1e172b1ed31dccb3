/**
 * IP addresses as the resolver of the C library takes them, and the one form in which it gives them back: of IPv4 also the
 * old forms of one to four numbers, decimal, octal or hexadecimal, the last of which fills what is left.
 * Source: inet_aton(3), inet_ntop(3), RFC 5952; anetResolve in anet.c of Redis 7.0.
 */
import { type Bytes, bytes } from './bytes.ts';

/** The address in its usual form; null where the text is none. */
export const numericAddress = (text: Bytes): Bytes | null => {
  if (USUAL_IPV4.test(text)) return text;
  if (text.includes(':')) return ipv6Of(text);
  const numbers = ipv4Of(text);
  return numbers === null ? null : bytes(numbers.join('.'));
};

const USUAL_IPV4 = /^(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!$)|$)){4}$/;
const IPV4_NUMBER = /^(?:0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/;
const IPV4_PARTS = 4;
const IPV6_GROUPS = 8;
/** Groups before an IPv4 address that ends an IPv6 one. */
const GROUPS_BEFORE_IPV4 = 6;
const MAPPED_PREFIX = 0xffff;

const numberOf = (text: string): number => {
  if (!IPV4_NUMBER.test(text)) return NaN;
  if (/^0x/i.test(text)) return Number.parseInt(text, 16);
  return Number.parseInt(text, text.startsWith('0') ? 8 : 10);
};

const ipv4Of = (text: string): readonly number[] | null => {
  const parts = text.split('.').map(numberOf);
  const last = parts.pop() ?? NaN;
  if (parts.length >= IPV4_PARTS || parts.some((part) => !(part <= 255))) return null;
  const rest: number[] = [];
  let left = last;
  for (let index = parts.length; index < IPV4_PARTS; index++) {
    rest.unshift(left % 256);
    left = Math.floor(left / 256);
  }
  // Not a number included.
  return left === 0 ? [...parts, ...rest] : null;
};

/** The groups in front of `::` and behind it; without one all are in front. */
const groupsOf = (text: string): readonly number[] | null => {
  const groups: number[] = [];
  if (text === '') return groups;
  const words = text.split(':');
  for (const [index, word] of words.entries()) {
    if (index === words.length - 1 && USUAL_IPV4.test(word)) {
      const [a = 0, b = 0, c = 0, d = 0] = word.split('.').map(Number);
      groups.push(a * 256 + b, c * 256 + d);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(word)) return null;
      groups.push(Number.parseInt(word, 16));
    }
  }
  return groups;
};

const ipv6Of = (text: string): Bytes | null => {
  const [front = '', back, ...more] = text.split('::');
  const before = groupsOf(front);
  const after = groupsOf(back ?? '');
  if (before === null || after === null || more.length > 0 || (back !== undefined && front.includes('.'))) return null;
  const missing = IPV6_GROUPS - before.length - after.length;
  if (back === undefined ? missing !== 0 : missing < 1) return null;
  return bytes(shown([...before, ...Array.from({ length: missing }, () => 0), ...after]));
};

/** The first longest run of two or more zeros is left out. */
const shown = (groups: readonly number[]): string => {
  let start = -1;
  let length = 1;
  for (let at = 0; at < groups.length; at++) {
    let end = at;
    while (groups[end] === 0) end++;
    if (end - at > length) {
      start = at;
      length = end - at;
    }
  }
  const isIpv4 = start === 0 && (length === GROUPS_BEFORE_IPV4
    || (length === GROUPS_BEFORE_IPV4 - 1 && groups[GROUPS_BEFORE_IPV4 - 1] === MAPPED_PREFIX));
  const [high = 0, low = 0] = groups.slice(GROUPS_BEFORE_IPV4);
  const hex = (some: readonly number[]): string => some.map((group) => group.toString(16)).join(':');
  const ipv4 = [Math.floor(high / 256), high % 256, Math.floor(low / 256), low % 256].join('.');
  if (isIpv4) return length === GROUPS_BEFORE_IPV4 ? `::${ipv4}` : `::ffff:${ipv4}`;
  return start < 0 ? hex(groups) : `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
};
