/**
 * `${VARIABLE:-default}` in Compose values. There is no environment here, so only a default gives a value; a variable
 * without one is an error rather than an empty text that would change the deployment in silence.
 *
 * Source: compose-spec, "Interpolation".
 */

export interface Interpolated {
  readonly text: string;
  /** Variables whose default was taken. */
  readonly defaulted: readonly string[];
  /** The first variable without a default, or null. */
  readonly missing: string | null;
}

const VARIABLE = /\$(?:\$|\{([A-Za-z_]\w*)(?:(:?[-?+])([^{}]*))?\}|([A-Za-z_]\w*))/g;

export const interpolate = (text: string): Interpolated => {
  const defaulted: string[] = [];
  let missing: string | null = null;
  const replaced = text.replace(
    VARIABLE,
    (whole: string, braced: string | undefined, operator: string | undefined, word: string | undefined,
      plain: string | undefined) => {
      if (whole === '$$') return '$';
      const name = braced ?? plain ?? '';
      if (operator === '-' || operator === ':-') {
        defaulted.push(name);
        return word ?? '';
      }
      // `+` replaces only what is set, and nothing is.
      if (operator === '+' || operator === ':+') return '';
      missing ??= name;
      return '';
    },
  );
  return { text: replaced, defaulted, missing };
};
