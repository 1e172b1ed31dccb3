/** JSON as values. Source: lua_cjson.c of Redis 7.0 (json_next_token, json_parse_*), for behaviour and messages. */
import lua from 'fengari/src/lua.js';
import type { LuaState } from 'fengari/src/luaTypes.js';
import { type Bytes, bytes, utf8 } from '../core/bytes.ts';
import type { JsonSettings } from './json.ts';
import { pushText, raise } from './luaStack.ts';
import { readNumber } from './numberText.ts';

const SLOTS = 4;
const PUNCTUATION: Readonly<Record<string, string>> = {
  '{': 'T_OBJ_BEGIN', '}': 'T_OBJ_END', '[': 'T_ARR_BEGIN', ']': 'T_ARR_END', ':': 'T_COLON', ',': 'T_COMMA',
};
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t',
};
/** As far as strtod reads. */
const NUMBER = /[+-]?(?:0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)(?:[pP][+-]?\d+)?|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf(?:inity)?|nan)/iy;
/** What strtod takes and JSON does not. */
const INVALID_NUMBER = /\+|-?(?:0[xX\d]|inf|nan)/iy;

interface Token {
  /** `error`: `text` says which. */
  readonly kind: string;
  readonly at: number;
  readonly text?: string;
  readonly value?: number | boolean;
}

/** Pushes what the text means. */
export const pushDecoded = (L: LuaState, text: Bytes, settings: JsonSettings): void => {
  // The first characters of UTF-16 and UTF-32 have null bytes.
  if (text.length >= 2 && (text.charCodeAt(0) === 0 || text.charCodeAt(1) === 0)) {
    raise(L, 'JSON parser does not support UTF-16 or UTF-32');
  }
  new Decoder(L, text, settings).decode();
};

class Decoder {
  private readonly L: LuaState;
  private readonly text: Bytes;
  private readonly settings: JsonSettings;
  private at = 0;
  private depth = 0;

  constructor(L: LuaState, text: Bytes, settings: JsonSettings) {
    this.L = L;
    this.text = text;
    this.settings = settings;
  }

  decode(): void {
    this.push(this.next());
    const token = this.next();
    if (token.kind !== 'T_END') this.expected('the end', token);
  }

  private push(token: Token): void {
    const { L } = this;
    switch (token.kind) {
      case 'T_STRING': pushText(L, token.text as string); return;
      case 'T_NUMBER': lua.lua_pushnumber(L, token.value as number); return;
      case 'T_BOOLEAN': lua.lua_pushboolean(L, token.value as boolean); return;
      case 'T_OBJ_BEGIN': this.pushObject(); return;
      case 'T_ARR_BEGIN': this.pushList(); return;
      case 'T_NULL': lua.lua_pushlightuserdata(L, null); return;
      default: this.expected('value', token);
    }
  }

  private pushObject(): void {
    const { L } = this;
    this.descend();
    lua.lua_newtable(L);
    let token = this.next();
    if (token.kind !== 'T_OBJ_END') {
      for (;;) {
        if (token.kind !== 'T_STRING') this.expected('object key string', token);
        pushText(L, token.text as string);
        token = this.next();
        if (token.kind !== 'T_COLON') this.expected('colon', token);
        this.push(this.next());
        lua.lua_rawset(L, -3);
        token = this.next();
        if (token.kind === 'T_OBJ_END') break;
        if (token.kind !== 'T_COMMA') this.expected('comma or object end', token);
        token = this.next();
      }
    }
    this.depth--;
  }

  private pushList(): void {
    const { L } = this;
    this.descend();
    lua.lua_newtable(L);
    let token = this.next();
    if (token.kind !== 'T_ARR_END') {
      for (let place = 1; ; place++) {
        this.push(token);
        lua.lua_rawseti(L, -2, place);
        token = this.next();
        if (token.kind === 'T_ARR_END') break;
        if (token.kind !== 'T_COMMA') this.expected('comma or array end', token);
        token = this.next();
      }
    }
    this.depth--;
  }

  private descend(): void {
    this.depth++;
    if (this.depth > this.settings.decodeDepthMax || !lua.lua_checkstack(this.L, SLOTS)) {
      raise(this.L, `Found too many nested data structures (${this.depth}) at character ${this.at}`);
    }
  }

  private expected(what: string, { kind, at, text }: Token): never {
    return raise(this.L, `Expected ${what} but found ${kind === 'error' ? text as string : kind} at character ${at + 1}`);
  }

  private next(): Token {
    while (' \t\n\r'.includes(this.text.charAt(this.at)) && this.at < this.text.length) this.at++;
    const at = this.at;
    if (at >= this.text.length) return { kind: 'T_END', at };
    const character = this.text.charAt(at);
    const kind = PUNCTUATION[character];
    if (kind !== undefined) {
      this.at++;
      return { kind, at };
    }
    if (character === '"') return this.string();
    if (character === '-' || (character >= '0' && character <= '9')) {
      return !this.settings.decodeInvalid && this.isInvalidNumber() ? this.failed('invalid number') : this.number();
    }
    if (this.takes('true')) return { kind: 'T_BOOLEAN', at, value: true };
    if (this.takes('false')) return { kind: 'T_BOOLEAN', at, value: false };
    if (this.takes('null')) return { kind: 'T_NULL', at };
    return this.settings.decodeInvalid && this.isInvalidNumber() ? this.number() : this.failed('invalid token');
  }

  private failed(text: string): Token {
    return { kind: 'error', at: this.at, text };
  }

  private takes(word: string): boolean {
    if (!this.text.startsWith(word, this.at)) return false;
    this.at += word.length;
    return true;
  }

  private isInvalidNumber(): boolean {
    const pattern = new RegExp(INVALID_NUMBER);
    pattern.lastIndex = this.at;
    return pattern.test(this.text);
  }

  private number(): Token {
    const { at } = this;
    const pattern = new RegExp(NUMBER);
    pattern.lastIndex = at;
    const word = pattern.exec(this.text)?.[0];
    if (word === undefined) return this.failed('invalid number');
    this.at += word.length;
    return { kind: 'T_NUMBER', at, value: readNumber(word) ?? 0 };
  }

  private string(): Token {
    const { at } = this;
    let out = '';
    this.at++;
    for (;;) {
      const character = this.text.charAt(this.at);
      if (character === '') return this.failed('unexpected end of string');
      if (character === '"') break;
      if (character !== '\\') {
        out += character;
        this.at++;
        continue;
      }
      const escape = this.text.charAt(this.at + 1);
      if (escape === 'u') {
        const unit = this.codePoint();
        if (unit === null) return this.failed('invalid unicode escape code');
        out += unit;
        continue;
      }
      const plain = ESCAPES[escape];
      if (plain === undefined) return this.failed('invalid escape code');
      out += plain;
      this.at += 2;
    }
    this.at++;
    return { kind: 'T_STRING', at, text: out };
  }

  /** `\uXXXX`, or two of them that are one character; as UTF-8. */
  private codePoint(): Bytes | null {
    const high = this.codeUnit(this.at);
    if (high === null || (high >= 0xdc00 && high < 0xe000)) return null;
    if (high < 0xd800 || high >= 0xe000) {
      this.at += 6;
      return high === 0 ? bytes('\0') : utf8(String.fromCharCode(high));
    }
    const low = this.codeUnit(this.at + 6);
    if (low === null || low < 0xdc00 || low >= 0xe000) return null;
    this.at += 12;
    return utf8(String.fromCharCode(high, low));
  }

  private codeUnit(at: number): number | null {
    const digits = /^\\u([0-9a-fA-F]{4})/.exec(this.text.slice(at, at + 6))?.[1];
    return digits === undefined ? null : Number.parseInt(digits, 16);
  }
}
