/**
 * Sine, cosine and arc sine with the same result on every engine, which those of `Math` do not promise. Within one unit in the last
 * place for arguments up to some thousands. Source: the algorithms of fdlibm (Sun Microsystems, 1993): reduction to a quarter circle,
 * then a polynomial.
 */

export const PI = 3.141592653589793;

/** Half of pi in a part that is exact in products with small integers, and the rest. */
const HALF_PI_HEAD = 1.57079632673412561417;
const HALF_PI_TAIL = 6.07710050650619224932e-11;
const HALF_PI = 1.57079632679489655800;
const HALF_PI_REST = 6.12323399573676603587e-17;
const QUARTER_PI = 0.78539816339744827900;

/** Splits a double into halves of its digits, so that the square of the head is exact. */
const SPLITTER = 134217729;

const polynomial = (x: number, coefficients: readonly number[]): number => {
  let sum = 0;
  for (let index = coefficients.length - 1; index >= 0; index--) sum = sum * x + (coefficients[index] as number);
  return sum;
};

const SINE: readonly number[] = [
  8.33333333332248946124e-3, -1.98412698298579493134e-4, 2.75573137070700676789e-6, -2.50507602534068634195e-8,
  1.58969099521155010221e-10,
];
const SINE_FIRST = -1.66666666666666324348e-1;
const COSINE: readonly number[] = [
  4.16666666666666019037e-2, -1.38888888888741095749e-3, 2.48015872894767294178e-5, -2.75573143513906633035e-7,
  2.08757232129817482790e-9, -1.13596475577881948265e-11,
];
const ARC_TOP: readonly number[] = [
  1.66666666666666657415e-1, -3.25565818622400915405e-1, 2.01212532134862925881e-1, -4.00555345006794114027e-2,
  7.91534994289814532176e-4, 3.47933107596021167570e-5,
];
const ARC_BOTTOM: readonly number[] = [
  1, -2.40339491173441421878, 2.02094576023350569471, -6.88283971605453293030e-1, 7.70381505559019352791e-2,
];

/** Sine of `x + rest`, for an angle of at most a quarter of pi; `rest` is far smaller. */
const smallSine = (x: number, rest: number): number => {
  const square = x * x;
  const cube = square * x;
  const tail = polynomial(square, SINE);
  return x - (square * (0.5 * rest - cube * tail) - rest - cube * SINE_FIRST);
};

const smallCosine = (x: number, rest: number): number => {
  const square = x * x;
  const tail = square * polynomial(square, COSINE);
  const half = 0.5 * square;
  const near = 1 - half;
  return near + (1 - near - half + (square * tail - x * rest));
};

/** `x` less a number of quarter turns, as a sum of two; and that number, of which the last two bits count. */
const reduced = (x: number): readonly [turns: number, head: number, rest: number] => {
  if (Math.abs(x) <= QUARTER_PI) return [0, x, 0];
  const turns = Math.floor(x / HALF_PI + 0.5);
  const near = x - turns * HALF_PI_HEAD;
  const step = turns * HALF_PI_TAIL;
  const head = near - step;
  return [turns, head, near - head - step];
};

export const sin = (x: number): number => {
  const [turns, head, rest] = reduced(x);
  const value = turns % 2 === 0 ? smallSine(head, rest) : smallCosine(head, rest);
  return ((turns % 4) + 4) % 4 >= 2 ? -value : value;
};

export const cos = (x: number): number => {
  const [turns, head, rest] = reduced(x);
  const value = turns % 2 === 0 ? smallCosine(head, rest) : smallSine(head, rest);
  const quarter = ((turns % 4) + 4) % 4;
  return quarter === 1 || quarter === 2 ? -value : value;
};

/** NaN outside of -1 to 1. */
export const asin = (x: number): number => {
  const size = Math.abs(x);
  if (size > 1) return NaN;
  if (size < 0.5) {
    const square = x * x;
    return x + x * ((square * polynomial(square, ARC_TOP)) / polynomial(square, ARC_BOTTOM));
  }
  const half = (1 - size) * 0.5;
  const ratio = (half * polynomial(half, ARC_TOP)) / polynomial(half, ARC_BOTTOM);
  const root = Math.sqrt(half);
  const split = root * SPLITTER;
  const head = split - (split - root);
  const tail = root === 0 ? 0 : (half - head * head) / (root + head);
  const result = QUARTER_PI - (2 * root * ratio - (HALF_PI_REST - 2 * tail) - (QUARTER_PI - 2 * head));
  return x < 0 ? -result : result;
};
