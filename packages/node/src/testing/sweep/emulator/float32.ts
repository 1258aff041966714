/**
 * Arithmetic of single precision as the processor's: rounded to nearest even, subnormal numbers kept (MXCSR's default),
 * and which of several NaNs is the result (Intel SDM, volume 1, 4.8.3.5 and 14.5.1).
 *
 * Sums, products, quotients and roots are computed in double precision and rounded again, which gives what one rounding
 * would: 53 bits are at least 2 · 24 + 2 (S. Figueroa, "When is double rounding innocuous?", 1995). A product of two is
 * exact in double precision, subnormal or not.
 */

/** The quiet NaN that operations give of numbers that have no result. */
const indefinite = 0xffc00000 | 0
const quiet = 0x00400000

const isNaNWord = (word: number): boolean => (word & 0x7fffffff) > 0x7f800000

/** The result's bits, where it is NaN: the first operand that is one, made quiet. */
export function nanOf(a: number, b: number, c = 0): number {
  if (isNaNWord(a)) return a | quiet
  if (isNaNWord(b)) return b | quiet
  if (isNaNWord(c)) return c | quiet
  return indefinite
}

const double = new Float64Array(1)
const halves = new Uint32Array(double.buffer)

/**
 * product + addend, rounded once to single precision, where the product of two floats is exact as a double.
 *
 * The sum as a double is rounded already. Where it is, and its last bit is even, it moves by one unit towards what was
 * lost: rounded to odd, it cannot be taken for the middle between two floats, and lies on the right side of it
 * (S. Boldo and G. Melquiond, "Emulation of a FMA and correctly rounded sums: proved algorithms using rounding to odd",
 * 2008). What was lost is known exactly (D. Knuth's two-sum).
 */
export function roundedSum(product: number, addend: number): number {
  const sum = product + addend
  const rounded = Math.fround(sum)
  // Most sums are floats already. Then what was lost is less than half a unit of the float.
  if (rounded === sum || !Number.isFinite(sum)) return rounded
  const part = sum - product
  const lost = product - (sum - part) + (addend - part)
  if (lost === 0) return rounded
  double[0] = sum
  const low = halves[0] as number
  if ((low & 1) === 1) return rounded
  // Towards what was lost: away from 0 where both have one sign.
  if (lost > 0 === sum > 0) halves[0] = low + 1
  else {
    halves[0] = low - 1
    if (low === 0) halves[1] = (halves[1] as number) - 1
  }
  return Math.fround(double[0] as number)
}

/** To a whole number: to nearest even, down, up, towards 0. */
export const roundings: readonly ((x: number) => number)[] = [nearestEven, Math.floor, Math.ceil, Math.trunc]

export function nearestEven(x: number): number {
  const below = Math.floor(x)
  const over = x - below
  const isUp = over > 0.5 || (over === 0.5 && below % 2 !== 0)
  const rounded = isUp ? below + 1 : below
  // −0.3 becomes −0.
  return rounded === 0 && (x < 0 || Object.is(x, -0)) ? -0 : rounded
}

/** To an integer of 32 bits, of which the smallest stands for what does not fit. */
export function toInteger(x: number): number {
  const rounded = nearestEven(x)
  return rounded >= -(2 ** 31) && rounded < 2 ** 31 ? rounded : -(2 ** 31)
}

/** Comparisons by the lower four bits of their number; the fifth says only which NaNs are signalled. */
export const comparisons: readonly ((a: number, b: number) => boolean)[] = [
  (a, b) => a === b,
  (a, b) => a < b,
  (a, b) => a <= b,
  (a, b) => isUnordered(a, b),
  (a, b) => a !== b,
  (a, b) => !(a < b),
  (a, b) => !(a <= b),
  (a, b) => !isUnordered(a, b),
  (a, b) => a === b || isUnordered(a, b),
  (a, b) => !(a >= b),
  (a, b) => !(a > b),
  () => false,
  (a, b) => a !== b && !isUnordered(a, b),
  (a, b) => a >= b,
  (a, b) => a > b,
  () => true,
]

const isUnordered = (a: number, b: number): boolean => Number.isNaN(a) || Number.isNaN(b)
