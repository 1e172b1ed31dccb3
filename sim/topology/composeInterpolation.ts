/**
 * `${VARIABLE:-default}` in Compose values. There is no environment here but the file `.env`; a variable that has no value
 * there and no default is an error rather than an empty text that would change the deployment in silence.
 *
 * Source: compose-spec, "Interpolation"; "Environment files".
 */

/** Values of variables, by their names. */
export type Variables = ReadonlyMap<string, string>;

export interface Interpolated {
  readonly text: string;
  /** Variables whose default was taken. */
  readonly defaulted: readonly string[];
  /** The first variable without a default, or null. */
  readonly missing: string | null;
}

const VARIABLE = /\$(?:\$|\{([A-Za-z_]\w*)(?:(:?[-?+])([^{}]*))?\}|([A-Za-z_]\w*))/g;

export const interpolate = (text: string, variables: Variables): Interpolated => {
  const defaulted: string[] = [];
  let missing: string | null = null;
  const replaced = text.replace(
    VARIABLE,
    (whole: string, braced: string | undefined, operator: string | undefined, word: string | undefined,
      plain: string | undefined) => {
      if (whole === '$$') return '$';
      const name = braced ?? plain ?? '';
      const value = variables.get(name);
      // With a colon an empty value counts as none.
      const isSet = value !== undefined && !(value === '' && operator?.startsWith(':') === true);
      if (operator === '+' || operator === ':+') return isSet ? word ?? '' : '';
      if (isSet) return value;
      if (operator === '-' || operator === ':-') {
        defaulted.push(name);
        return word ?? '';
      }
      missing ??= name;
      return '';
    },
  );
  return { text: replaced, defaulted, missing };
};

/** The lines of an `.env` file, or of an `env_file`: `NAME=value`, quotes taken off, comments left out. */
export const readVariableLines = (text: string): readonly { readonly name: string; readonly value: string; readonly line: number }[] =>
  text.split('\n').flatMap((line, index) => {
    const [, name, raw = ''] = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined) return [];
    const quoted = /^(["'])(.*?)\1(?:\s+#.*)?$/.exec(raw);
    return [{ name, value: quoted?.[2] ?? raw.replace(/(?:^|\s)#.*$/, ''), line: index + 1 }];
  });
