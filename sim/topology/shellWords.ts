/**
 * Words and commands of a shell's line, as far as a deployment's start commands go: quotes, backslashes, variables, and
 * commands one after the other. What only a shell can answer (pipes, substitutions, conditions) is not understood, and said so.
 *
 * Source: POSIX shell command language, "Quoting" and "Lists".
 */

/** One simple command of a script. */
export type ShellCommand = readonly string[];

/** A word ends at blanks, unless they are quoted; null: a quote is not closed. */
export const splitShellWords = (text: string): readonly string[] | null => {
  const words: string[] = [];
  let word: string | null = null;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (character === "'" || character === '"') {
      const end = closingQuote(text, at);
      if (end < 0) return null;
      const inside = text.slice(at + 1, end);
      word = (word ?? '') + (character === "'" ? inside : inside.replace(/\\(["\\$`])/g, '$1'));
      at = end;
    } else if (character === '\\') {
      at++;
      // A backslash before the end of a line joins it with the next.
      if (text[at] !== '\n') word = (word ?? '') + (text[at] ?? '');
    } else if (/\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + character;
  }
  return word === null ? words : [...words, word];
};

const closingQuote = (text: string, opening: number): number => {
  const quote = text[opening];
  for (let at = opening + 1; at < text.length; at++) {
    if (quote === '"' && text[at] === '\\') at++;
    else if (text[at] === quote) return at;
  }
  return -1;
};

/** The simple commands of `script`; null where only a shell could tell what it does. */
export const shellCommands = (script: string, variables: ReadonlyMap<string, string>): readonly ShellCommand[] | null => {
  const expanded = expandVariables(script, variables);
  if (expanded === null) return null;
  const parts = splitCommands(expanded);
  if (parts === null) return null;
  const commands: ShellCommand[] = [];
  for (const part of parts) {
    const words = splitShellWords(part);
    if (words === null) return null;
    if (words.length > 0) commands.push(words);
  }
  return commands;
};

/** `$NAME`, `${NAME}` and `${NAME:-word}`, outside single quotes; null where something else stands behind a dollar, or a backquote. */
const expandVariables = (script: string, variables: ReadonlyMap<string, string>): string | null => {
  let isUnderstood = true;
  const text = script.replace(
    /'[^']*'|\\.|`|\$(?:\{(\w+)(?::?-([^{}]*))?\}|([A-Za-z_]\w*)|)/g,
    (whole: string, braced: string | undefined, word: string | undefined, plain: string | undefined) => {
      if (whole.startsWith("'") || whole.startsWith('\\')) return whole;
      const name = braced ?? plain;
      if (name === undefined) isUnderstood = false;
      return name === undefined ? whole : variables.get(name) ?? word ?? '';
    });
  return isUnderstood ? text : null;
};

/** At `;`, `&&` and ends of lines outside quotes; null at a pipe, a redirection or anything else that a shell would act on. */
const splitCommands = (script: string): readonly string[] | null => {
  const parts: string[] = [];
  let part = '';
  for (let at = 0; at < script.length; at++) {
    const character = script[at] as string;
    if (character === "'" || character === '"') {
      const end = closingQuote(script, at);
      if (end < 0) return null;
      part += script.slice(at, end + 1);
      at = end;
    } else if (character === '\\') {
      part += script.slice(at, at + 2);
      at++;
    } else if (character === '&' && script[at + 1] === '&') {
      parts.push(part);
      part = '';
      at++;
    } else if (character === ';' || character === '\n') {
      parts.push(part);
      part = '';
    } else if (character === '#' && (part === '' || /\s$/.test(part))) {
      while (at + 1 < script.length && script[at + 1] !== '\n') at++;
    } else if (/[|&<>()]/.test(character)) return null;
    else part += character;
  }
  return [...parts, part];
};
