import { type Assembler, vector } from '../assembler/assembler.ts'

/**
 * Eight rows of eight floats, in ymm0–7, become their columns. Changes all sixteen registers.
 *
 * @returns the registers of the columns, in order.
 */
export function emitTranspose(assembler: Assembler): readonly number[] {
  const v = assembler.vector.bind(assembler)
  for (let pair = 0; pair < 4; pair++) {
    v(vector.unpackLow, 8 + 2 * pair, 2 * pair, 2 * pair + 1)
    v(vector.unpackHigh, 9 + 2 * pair, 2 * pair, 2 * pair + 1)
  }
  // ymm0–3 get columns 0 to 3 (and 4 to 7) of the first four rows, ymm4–7 those of the last four.
  for (let half = 0; half < 2; half++) {
    const from = 8 + 4 * half
    v(vector.shuffleTwo, 4 * half, from, from + 2, 0x44)
    v(vector.shuffleTwo, 4 * half + 1, from, from + 2, 0xee)
    v(vector.shuffleTwo, 4 * half + 2, from + 1, from + 3, 0x44)
    v(vector.shuffleTwo, 4 * half + 3, from + 1, from + 3, 0xee)
  }
  for (let column = 0; column < 4; column++) {
    v(vector.permuteHalves, 8 + column, column, 4 + column, 0x20)
    v(vector.permuteHalves, 12 + column, column, 4 + column, 0x31)
  }
  return [8, 9, 10, 11, 12, 13, 14, 15]
}
