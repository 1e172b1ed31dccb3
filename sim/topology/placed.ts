/**
 * Texts that remember where they stand, and the one form of every importer's message: `file:line: key: message`.
 */
import { ScenarioError } from '../../engine/core/errors.ts';

export interface Place {
  /** When absent: the file that is being imported. */
  readonly file?: string;
  readonly line: number;
  readonly key: string;
}

/** A text with the place it stands at. */
export interface Placed extends Place {
  readonly text: string;
}

export const placeOf = ({ file, line, key }: Place, mainFile: string): string =>
  `${file ?? mainFile}:${line}: ${key}`;

export const placedError = (placed: Place, mainFile: string, message: string): ScenarioError =>
  new ScenarioError(asLine(`${placeOf(placed, mainFile)}: ${message}`));

/** Longest message, in characters. */
const MESSAGE_MAX = 380;

/** What strangers wrote may be long, and hold anything: a message is one line. */
export const asLine = (text: string): string => {
  const line = text.replace(/[\u0000-\u001f\u007f]+/g, ' ');
  return line.length > MESSAGE_MAX ? `${line.slice(0, MESSAGE_MAX)}…` : line;
};

/** Text that stands within a file's value, moved down to the line of its key: a block of several lines begins on the next one. */
export const movedToLine = (text: string, line: number): string =>
  '\n'.repeat(text.trimEnd().includes('\n') ? line : line - 1) + text;

/** The path of what a file refers to, in the terms in which the file itself is named. */
export const besideFile = (file: string, path: string): string => {
  if (path.startsWith('/')) return path;
  const parts: string[] = [];
  for (const part of [...file.split('/').slice(0, -1), ...path.split('/')]) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..' && parts.at(-1) !== '') parts.pop();
    else if (part !== '.' && (part !== '' || parts.length === 0)) parts.push(part);
  }
  return parts.join('/');
};
