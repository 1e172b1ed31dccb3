/**
 * Sine, cosine and arc sine with the same result on every engine, which those of `Math` do not promise. Within one unit in the last
 * place for arguments up to some thousands. Source: the algorithms of fdlibm (Sun Microsystems, 1993): reduction to a quarter circle,
 * then a polynomial.
 */

/** Half of pi in a part that is exact in products with small integers, and the rest. */
const HALF_PI_HEAD = 1.5707963267341256;
const HALF_PI_TAIL = 6.077100506506192e-11;
const HALF_PI = 1.5707963267948966;
const HALF_PI_REST = 6.123233995736766e-17;
const QUARTER_PI = 0.7853981633974483;

export const PI: number = 4 * QUARTER_PI;

/** Splits a double into halves of its digits, so that the square of the head is exact. */
const SPLITTER = 134217729;

const polynomial = (x: number, coefficients: readonly number[]): number => {
  let sum = 0;
  for (let index = coefficients.length - 1; index >= 0; index--) sum = sum * x + (coefficients[index] as number);
  return sum;
};

const SINE: readonly number[] = [
  0.00833333333332249, -0.0001984126982985795, 2.7557313707070068e-6, -2.5050760253406863e-8,
  1.58969099521155e-10,
];
const SINE_FIRST = -0.16666666666666632;
const COSINE: readonly number[] = [
  0.0416666666666666, -0.001388888888887411, 2.480158728947673e-5, -2.7557314351390663e-7,
  2.087572321298175e-9, -1.1359647557788195e-11,
];
const ARC_TOP: readonly number[] = [
  0.16666666666666666, -0.3255658186224009, 0.20121253213486293, -0.04005553450067941,
  0.0007915349942898145, 3.479331075960212e-5,
];
const ARC_BOTTOM: readonly number[] = [
  1, -2.403394911734414, 2.0209457602335057, -0.6882839716054533, 0.07703815055590194,
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
