/** A whole number in as few bytes as it needs, seven bits in each (LEB128). */
function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]
}

/** Instructions by their names in WebAssembly's specification, chapter 5.4. */
const get = (local: number): number[] => [0x20, local]
const set = (local: number): number[] => [0x21, local]
const constant = (value: number): number[] => [0x41, ...leb(value)]
const load = (offset: number): number[] => [0x28, 2, offset]
const add = [0x6a]
const differs = [0x47]
const again = [0x0d, 0]
const loop = (...body: readonly number[][]): number[] => [0x03, 0x40, ...body.flat(), 0x0b]
const simd = (code: number): number[] => [0xfd, ...leb(code)]
const loadSplat = (offset: number): number[] => [...simd(9), 2, offset]
const loadFour = [...simd(92), 0, 0]
const store = [...simd(11), 0, 0]
/** Four bytes as float32. */
const floats = [...simd(137), ...simd(169), ...simd(251)]
const plus = simd(228)
const minus = simd(229)
const times = simd(230)

/** Parameters, then locals; those from `fx` on are vectors. */
const [rows, columns, rowsEnd, columnsEnd, out, step, top, bottom, column, fx, fy, from, upper, lower] =
  Array.from({ length: 14 }, (_, i) => i) as [
    ...[number, number, number, number, number, number, number],
    ...[number, number, number, number, number, number, number],
  ]

const pixel = (row: number, side: number): number[] =>
  [get(row), get(column), load(side), add, loadFour, floats].flat()
/** a + (b − a) f, of what lies left and right in one row. */
const between = (row: number, into: number): number[] =>
  [
    ...[pixel(row, 0), set(from)],
    ...[get(from), pixel(row, 4), get(from), minus, get(fx), times, plus, set(into)],
  ].flat()

const body = [
  loop(
    ...[get(rows), load(0), set(top), get(rows), load(4), set(bottom), get(rows), loadSplat(8), set(fy)],
    ...[get(columns), set(column)],
    loop(
      ...[get(column), loadSplat(8), set(fx)],
      ...[between(top, upper), between(bottom, lower)],
      ...[get(out), get(upper), get(lower), get(upper), minus, get(fy), times, plus, store],
      ...[get(out), get(step), add, set(out)],
      ...[get(column), constant(12), add, set(column), get(column), get(columnsEnd), differs, again],
    ),
    ...[get(rows), constant(12), add, set(rows), get(rows), get(rowsEnd), differs, again],
  ),
].flat()

const section = (id: number, content: readonly number[]): number[] => [id, ...leb(content.length), ...content]
const i32 = 0x7f
const v128 = 0x7b
const text = (word: string): number[] => [word.length, ...[...word].map((letter) => letter.charCodeAt(0))]
const code = [2, 3, i32, 5, v128, ...body, 0x0b]

/**
 * `bilinear(rows, columns, rowsEnd, columnsEnd, out, step)` over an imported memory `of.memory`: each pixel of a resized picture,
 * three or four channels in one vector, is made of four. A row of either table has 12 bytes: where in memory, or within a row,
 * the pixels on both sides lie, and how much the second counts (float32). `step` is the size of a pixel that is written; the
 * fourth number that is written is the next pixel's first, or lies behind the last.
 */
export const bilinearProgram = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...section(1, [1, 0x60, 6, i32, i32, i32, i32, i32, i32, 0]),
  ...section(2, [1, ...text('of'), ...text('memory'), 2, 0, 1]),
  ...section(3, [1, 0]),
  ...section(7, [1, ...text('bilinear'), 0, 0]),
  ...section(10, [1, ...leb(code.length), ...code]),
])
