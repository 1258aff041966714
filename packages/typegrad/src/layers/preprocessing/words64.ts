/**
 * Whole numbers modulo 2⁶⁴ as two of 32 bits, which hashes of 64 bits are made of: a BigInt for each of their steps is an object in
 * memory, and takes tens of times as long.
 *
 * Numbers stand in registers, which those who calculate take once for all ({@link registers}); functions write into the first.
 */
const halves = new Int32Array(256)
let taken = 0

/** The place of a number's low half; the high one is behind it. */
export type Register = number & { readonly register?: never }

/** Registers of a caller's own, which hold 0. */
export function registers<const Names extends readonly string[]>(
  ...names: Names
): { readonly [Name in Names[number]]: Register } {
  const own = Object.fromEntries(names.map((name, i) => [name, taken + 2 * i]))
  taken += 2 * names.length
  return own as { [Name in Names[number]]: Register }
}

export function copy(to: Register, a: Register): void {
  halves[to] = halves[a] as number
  halves[to + 1] = halves[a + 1] as number
}

/** Of halves, of which 32 bits count each. */
export function set(to: Register, high: number, low: number): void {
  halves[to] = low
  halves[to + 1] = high
}

/** A whole number of up to 53 bits; negative ones as two's complement. */
export const setNumber = (to: Register, value: number): void => set(to, Math.floor(value / 2 ** 32), value)

/** The low 64 bits. */
export const setBigint = (to: Register, value: bigint): void =>
  set(to, Number(BigInt.asIntN(32, value >> 32n)), Number(BigInt.asIntN(32, value)))

/** Eight bytes, the lowest first. */
export function load(to: Register, bytes: Uint8Array, at: number): void {
  halves[to] = word32(bytes, at)
  halves[to + 1] = word32(bytes, at + 4)
}

/** Four bytes, the lowest first. */
export const word32 = (bytes: Uint8Array, at: number): number =>
  (bytes[at] as number) |
  ((bytes[at + 1] as number) << 8) |
  ((bytes[at + 2] as number) << 16) |
  ((bytes[at + 3] as number) << 24)

/** The low half, with its sign. */
export const lowOf = (a: Register): number => halves[a] as number

export function add(to: Register, a: Register, b: Register): void {
  const low = ((halves[a] as number) >>> 0) + ((halves[b] as number) >>> 0)
  halves[to + 1] = (halves[a + 1] as number) + (halves[b + 1] as number) + (low > 0xffffffff ? 1 : 0)
  halves[to] = low
}

export function xor(to: Register, a: Register, b: Register): void {
  halves[to] = (halves[a] as number) ^ (halves[b] as number)
  halves[to + 1] = (halves[a + 1] as number) ^ (halves[b + 1] as number)
}

/** By products of 16 bits, whose sums are below 2³². */
export function multiply(to: Register, a: Register, b: Register): void {
  const lowA = halves[a] as number
  const lowB = halves[b] as number
  const a0 = lowA & 0xffff
  const a1 = lowA >>> 16
  const b0 = lowB & 0xffff
  const b1 = lowB >>> 16
  const first = a1 * b0 + ((a0 * b0) >>> 16)
  const second = a0 * b1 + (first & 0xffff)
  const carried = a1 * b1 + (first >>> 16) + (second >>> 16)
  const crossed = Math.imul(lowA, halves[b + 1] as number) + Math.imul(halves[a + 1] as number, lowB)
  halves[to + 1] = carried + crossed
  halves[to] = Math.imul(lowA, lowB)
}

/** To the right by 1 to 63 bits, but for 32. */
export function rotate(to: Register, a: Register, by: number): void {
  const isFar = by > 32
  const low = halves[isFar ? a + 1 : a] as number
  const high = halves[isFar ? a : a + 1] as number
  const bits = by & 31
  halves[to] = (low >>> bits) | (high << (32 - bits))
  halves[to + 1] = (high >>> bits) | (low << (32 - bits))
}

/** By 32 bits. */
export function swapHalves(a: Register): void {
  const low = halves[a] as number
  halves[a] = halves[a + 1] as number
  halves[a + 1] = low
}

/** x xor (x >> 47). */
export function shiftMix(to: Register, a: Register): void {
  const high = halves[a + 1] as number
  halves[to] = (halves[a] as number) ^ (high >>> 15)
  halves[to + 1] = high
}

/** The number as one, from 0 to 2⁶⁴ − 1. */
export const bigintOf = (a: Register): bigint =>
  (BigInt((halves[a + 1] as number) >>> 0) << 32n) | BigInt((halves[a] as number) >>> 0)

/** The rest of a division by a whole number from 1 to 2⁵³ − 1. */
export function remainder(a: Register, divisor: number): number {
  // Beyond this a rest times 2¹⁶ is no whole number of a float.
  if (divisor > 2 ** 37) return Number(bigintOf(a) % BigInt(divisor))
  const low = halves[a] as number
  const rest = (((halves[a + 1] as number) >>> 0) % divisor) * 0x10000 + (low >>> 16)
  return ((rest % divisor) * 0x10000 + (low & 0xffff)) % divisor
}
