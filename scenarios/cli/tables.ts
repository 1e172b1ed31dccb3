/**
 * Text as a terminal shows it: colours where there is a terminal that wants them, tables that fit its width, numbers and
 * times the way people read them.
 */
import Table from 'cli-table3';
import pico from 'picocolors';

export type Colours = ReturnType<typeof pico.createColors>;

export interface Style {
  readonly colours: Colours;
  /** Columns of the terminal. */
  readonly width: number;
}

const WIDTH_DEFAULT = 100;
const WIDTH_MIN = 60;
const WIDTH_MAX = 140;
const INDENT = 2;
const GAP = 2;

/** The style for a stream; https://no-color.org is honoured. */
export const styleFor = (stream: { readonly isTTY?: boolean; readonly columns?: number }): Style => {
  const plain = (process.env['NO_COLOR'] ?? '') !== '' || process.env['TERM'] === 'dumb';
  const width = Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, stream.columns ?? WIDTH_DEFAULT));
  return { colours: pico.createColors(stream.isTTY === true && !plain), width };
};

/** A table without lines, indented, whose last column takes the room that is left and wraps. */
export const table = (style: Style, head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const widths = columnWidths(style, head, rows);
  const none = Object.fromEntries([
    'top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right', 'left',
    'left-mid', 'mid', 'mid-mid', 'right', 'right-mid',
  ].map((name) => [name, '']));
  const drawn = new Table({
    head: head.map((title) => style.colours.dim(title)),
    colWidths: widths,
    wordWrap: true,
    chars: { ...none, middle: ' '.repeat(GAP) },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
  });
  drawn.push(...rows.map((row) => [...row]));
  return indent(drawn.toString());
};

const columnWidths = (style: Style, head: readonly string[], rows: readonly (readonly string[])[]): number[] => {
  const natural = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => visibleLength(row[column] ?? '')), 1));
  const room = style.width - INDENT - GAP * (head.length - 1);
  const fixed = natural.slice(0, -1).reduce((sum, width) => sum + width, 0);
  const last = natural.length - 1;
  natural[last] = Math.max(16, Math.min(natural[last] ?? 1, room - fixed));
  return natural;
};

const visibleLength = (text: string): number => text.replace(/\u001b\[\d+m/g, '').length;

export const indent = (text: string): string =>
  text.split('\n').map((line) => (' '.repeat(INDENT) + line).trimEnd()).join('\n');

/** Breaks a text at spaces so that no line is longer than the style's width. */
export const wrap = (style: Style, text: string, hanging: number = 0): string => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const room = style.width - INDENT - (lines.length === 0 ? 0 : hanging);
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each, index) => (index === 0 ? each : ' '.repeat(hanging) + each)).join('\n');
};

/** 1234567 as 1,234,567, the same in every locale. */
export const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');

/** Virtual milliseconds as seconds: `20.000 s`. */
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(3)} s`;

export const plural = (count: number, noun: string): string => `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
