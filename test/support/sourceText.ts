/**
 * Source text split into what a simple rule can be held against: the code with comments and the contents of strings
 * blanked out (lines and columns stay where they are), and the strings by themselves. A tokeniser, not a parser: it knows
 * comments, quotes, templates and regular expressions.
 */
export interface SourceText {
  /** Comments blank, strings and regular expressions without their contents. */
  readonly code: string;
  /** Comments blank, strings left in. */
  readonly withStrings: string;
  readonly strings: readonly { readonly line: number; readonly text: string }[];
}

/** A slash after one of these begins a regular expression, not a division. */
const BEFORE_REGEX = /(?:^|[=([{,;:!&|?+\-*%<>~^]|=>|\b(?:return|typeof|case|in|of|void|delete|throw|new|do|else))\s*$/;

export const readSource = (text: string): SourceText => new Tokeniser(text).run();

class Tokeniser {
  private readonly text: string;
  private readonly code: string[];
  private readonly withStrings: string[];
  private readonly strings: { line: number; text: string }[] = [];
  /** Depths of braces at which a template's `${` was opened. */
  private readonly templates: number[] = [];
  private braces = 0;
  private at = 0;

  constructor(text: string) {
    this.text = text;
    this.code = Array.from({ length: text.length }, (_, index) => text.charAt(index));
    this.withStrings = [...this.code];
  }

  run(): SourceText {
    while (this.at < this.text.length) this.step();
    return { code: this.code.join(''), withStrings: this.withStrings.join(''), strings: this.strings };
  }

  private step(): void {
    const { text, at } = this;
    const here = text.charAt(at);
    const pair = text.slice(at, at + 2);
    if (pair === '//') this.comment(this.endOf('\n', at));
    else if (pair === '/*') this.comment(this.endOf('*/', at) + 2);
    else if (here === "'" || here === '"') this.quoted(here);
    else if (here === '`') this.template(at + 1);
    else if (here === '/' && BEFORE_REGEX.test(this.codeBefore(at))) this.regex();
    else {
      if (here === '{') this.braces += 1;
      if (here === '}') {
        this.braces -= 1;
        if (this.templates.at(-1) === this.braces) {
          this.templates.pop();
          this.template(at + 1);
          return;
        }
      }
      this.at += 1;
    }
  }

  private codeBefore(at: number): string {
    return this.code.slice(Math.max(0, at - 40), at).join('');
  }

  private endOf(mark: string, from: number): number {
    const end = this.text.indexOf(mark, from);
    return end < 0 ? this.text.length : end;
  }

  private comment(end: number): void {
    this.blank(this.code, this.at, end);
    this.blank(this.withStrings, this.at, end);
    this.at = end;
  }

  private quoted(quote: string): void {
    let end = this.at + 1;
    while (end < this.text.length && this.text.charAt(end) !== quote) end += this.text.charAt(end) === '\\' ? 2 : 1;
    this.string(this.at + 1, end);
    this.at = end + 1;
  }

  /** From behind a backquote or the brace that closes `${…}`, up to the next `${` or the end. */
  private template(from: number): void {
    let end = from;
    while (end < this.text.length && this.text.charAt(end) !== '`' && this.text.slice(end, end + 2) !== '${') {
      end += this.text.charAt(end) === '\\' ? 2 : 1;
    }
    this.string(from, end);
    if (this.text.charAt(end) === '`') this.at = end + 1;
    else {
      this.templates.push(this.braces);
      this.braces += 1;
      this.at = end + 2;
    }
  }

  private regex(): void {
    let end = this.at + 1;
    let inClass = false;
    for (; end < this.text.length; end++) {
      const here = this.text.charAt(end);
      if (here === '\\') end += 1;
      else if (here === '[') inClass = true;
      else if (here === ']') inClass = false;
      else if ((here === '/' && !inClass) || here === '\n') break;
    }
    this.blank(this.code, this.at + 1, end);
    this.at = end + 1;
  }

  private string(from: number, end: number): void {
    this.strings.push({ line: lineAt(this.text, from), text: this.text.slice(from, end) });
    this.blank(this.code, from, end);
  }

  private blank(target: string[], from: number, end: number): void {
    for (let index = from; index < end; index++) if (target[index] !== '\n') target[index] = ' ';
  }
}

/** Line of an offset, from 1. */
export const lineAt = (text: string, offset: number): number => {
  let line = 1;
  for (let index = text.indexOf('\n'); index >= 0 && index < offset; index = text.indexOf('\n', index + 1)) line += 1;
  return line;
};
