/**
 * Floating-point numbers of 8 and 16 bits, as files hold them and as float32 has them.
 *
 * | format | bits: sign, exponent, fraction | largest | infinity |
 * | --- | --- | --- | --- |
 * | `float16` | 1, 5, 10 | 65,504 | yes |
 * | `bfloat16` | 1, 8, 7 | 3.39e38 | yes |
 * | `float8e5m2` | 1, 5, 2 | 57,344 | yes |
 * | `float8e4m3` | 1, 4, 3 | 448 | no: PyTorch's `float8_e4m3fn` |
 *
 * IEEE 754; Micikevicius et al., FP8 Formats for Deep Learning (2022), https://arxiv.org/abs/2209.05433.
 */

export const narrowFloats = ['float16', 'bfloat16', 'float8e5m2', 'float8e4m3'] as const
export type NarrowFloat = (typeof narrowFloats)[number]

interface Layout {
  readonly exponentBits: number
  readonly fractionBits: number
  /** What is larger than every finite number becomes this: infinity, or the largest number where there is none. */
  readonly overflow: number
  readonly nan: number
}

const layouts: Readonly<Record<NarrowFloat, Layout>> = {
  float16: { exponentBits: 5, fractionBits: 10, overflow: 0x7c00, nan: 0x7e00 },
  bfloat16: { exponentBits: 8, fractionBits: 7, overflow: 0x7f80, nan: 0x7fc0 },
  float8e5m2: { exponentBits: 5, fractionBits: 2, overflow: 0x7c, nan: 0x7f },
  float8e4m3: { exponentBits: 4, fractionBits: 3, overflow: 0x7e, nan: 0x7f },
}

/** Bits of float32: infinity without its sign, and where the exponent begins. */
const [infinity32, fraction32] = [0x7f800000, 23]
const bias32 = 127
const biasOf = ({ exponentBits }: Layout): number => 2 ** (exponentBits - 1) - 1
const widthOf = ({ exponentBits, fractionBits }: Layout): number => 1 + exponentBits + fractionBits

/** Elements as an array of their bits: one or two bytes each. */
export type NarrowBits = Uint8Array | Uint16Array

/** An array for the bits of `length` elements. */
export const narrowArray = (format: NarrowFloat, length: number): NarrowBits =>
  widthOf(layouts[format]) === 8 ? new Uint8Array(length) : new Uint16Array(length)

/**
 * Narrow numbers as float32, which holds each exactly.
 *
 * @param to gets the elements from `begin` to `end`.
 */
export function widen(
  format: NarrowFloat,
  from: NarrowBits,
  to: Float32Array,
  begin = 0,
  end = from.length,
): void {
  // As bits: a number that is NaN may lose its payload on the way.
  const bits = new Uint32Array(to.buffer, to.byteOffset, to.length)
  if (format === 'bfloat16') {
    for (let i = begin; i < end; i++) bits[i] = (from[i] as number) << 16
    return
  }
  const table = tableOf(format)
  for (let i = begin; i < end; i++) bits[i] = table[from[i] as number] as number
}

const tables = new Map<NarrowFloat, Uint32Array>()

/** The bits of float32 for every pattern of a format: 1 KB, or 256 KB for float16. */
function tableOf(format: NarrowFloat): Uint32Array {
  let table = tables.get(format)
  if (table === undefined) {
    const layout = layouts[format]
    table = Uint32Array.from({ length: 2 ** widthOf(layout) }, (_, pattern) => widened(layout, pattern))
    tables.set(format, table)
  }
  return table
}

function widened(layout: Layout, pattern: number): number {
  const { exponentBits, fractionBits, overflow } = layout
  const signBit = 2 ** (exponentBits + fractionBits)
  const sign = pattern >= signBit ? 0x80000000 : 0
  const magnitude = pattern % signBit
  const exponent = magnitude >>> fractionBits
  const fraction = magnitude % 2 ** fractionBits
  // Above the largest number: infinity, where the format has it, and what is no number. Its payload stays, made quiet.
  if (magnitude > overflow) return (sign | 0x7fc00000 | (fraction << (fraction32 - fractionBits))) >>> 0
  if (magnitude === overflow && fraction === 0) return (sign | infinity32) >>> 0
  const scale = 2 ** (Math.max(exponent, 1) - biasOf(layout) - fractionBits)
  const value = (exponent === 0 ? fraction : fraction + 2 ** fractionBits) * scale
  return (sign | float32Bits(value)) >>> 0
}

const oneFloat = new Float32Array(1)
const oneWord = new Uint32Array(oneFloat.buffer)

function float32Bits(value: number): number {
  oneFloat[0] = value
  return oneWord[0] as number
}

/**
 * float32 → narrow numbers, rounded to the nearest, ties to the even one, as PyTorch's casts do. What is too large
 * becomes infinity, and 448 in `float8e4m3` (PyTorch before 2.15 made it NaN there). NaN keeps its sign alone.
 *
 * @param to gets the elements from `begin` to `end`.
 */
export function narrow(
  format: NarrowFloat,
  from: Float32Array,
  to: NarrowBits,
  begin = 0,
  end = from.length,
): void {
  const layout = layouts[format]
  const { exponentBits, fractionBits, overflow, nan } = layout
  const bits = new Uint32Array(from.buffer, from.byteOffset, from.length)
  const signPlace = exponentBits + fractionBits
  const dropped = fraction32 - fractionBits
  const bias = biasOf(layout)
  const rebias = (bias32 - bias) << fraction32
  const smallestNormal = (bias32 - bias + 1) << fraction32
  const half = 2 ** (dropped - 1) - 1
  // Its last bit is worth as much as the smallest narrow number, so that adding it rounds to multiples of that.
  const rounder = 2 ** (1 - bias - fractionBits + fraction32)
  const rounderBits = float32Bits(rounder)
  for (let i = begin; i < end; i++) {
    const word = bits[i] as number
    const sign = (word >>> 31) << signPlace
    const magnitude = word & 0x7fffffff
    let pattern: number
    if (magnitude > infinity32) pattern = nan
    else if (magnitude < smallestNormal)
      pattern = float32Bits(Math.abs(from[i] as number) + rounder) - rounderBits
    else {
      const scaled = magnitude - rebias
      pattern = Math.min((scaled + half + ((scaled >>> dropped) & 1)) >>> dropped, overflow)
    }
    to[i] = sign | pattern
  }
}
