/**
 * The end of a Winograd convolution's kernel gradient: parts (parts, 16 points, I, O) → (3, 3, I, O), Gᵀ·u·G with u the
 * sum of the parts, for each pair of channels.
 *
 * ```
 *      1  ½  ½  0
 * Gᵀ = 0  ½ −½  0
 *      0  ½  ½  1
 * ```
 *
 * A task is `taskElements` / 16 pairs of channels; its loop takes eight pairs at a time. Tails: the last task has fewer
 * pairs; pairs are multiples of eight.
 *
 * | register | holds |
 * | --- | --- |
 * | rbx, rbp | the parts; the gradient |
 * | r11, r12 | the pair; the one behind the task's last |
 * | ymm0–11 | Gᵀ·u: register 3 · column + row |
 * | ymm13, ymm15 | row 2 of a column of u; ½ |
 */
import { points, type WinogradGradientSumKernel } from 'typegrad/engine'
import { type Assembler, gp, type Operand, vector } from '../assembler/assembler.ts'
import { ConstantPool, lanes } from '../assembler/constant-pool.ts'
import { clamp, countUp, emitFunction, type Loop, tablePointer } from './loop.ts'

/** Floats of a part that one task reads. */
const taskElements = 1 << 13
const pairsOfTask = taskElements / points

const [from, to, pair, lastPair] = [gp.rbx, gp.rbp, gp.r11, gp.r12]
const half = 15

export function emitWinogradGradientSum(
  assembler: Assembler,
  { inputs, outputs, parts }: WinogradGradientSumKernel,
): Loop {
  const pool = new ConstantPool(assembler)
  const pairs = inputs * outputs
  const entry = emitFunction(assembler, 0, () => {
    assembler.load(from, tablePointer(0))
    assembler.load(to, tablePointer(1))
    assembler.scale(pair, gp.rsi, pairsOfTask)
    assembler.move(lastPair, pair)
    assembler.addImmediate(lastPair, pairsOfTask)
    clamp(assembler, lastPair, pairs)
    assembler.vectorMemory(vector.load, half, 0, pool.float(0.5))
    countUp(assembler, pair, { by: lanes, to: { register: lastPair } }, () => {
      for (let column = 0; column < 4; column++) emitColumn(assembler, column, pairs, parts)
      for (let row = 0; row < 3; row++) emitRow(assembler, row, pairs)
    })
  })
  pool.emit()
  return { entry, tasks: Math.ceil(pairs / pairsOfTask) }
}

/** The eight pairs' elements of an array of (…, I, O), whose matrix of channels has this number. */
const pairsAt = (base: number, matrix: number, pairs: number): Operand => ({
  base,
  index: pair,
  scale: 4,
  displacement: 4 * pairs * matrix,
})

/** A column of u, added up over the parts → that of Gᵀ·u. */
function emitColumn(assembler: Assembler, column: number, pairs: number, parts: number): void {
  const rows = [3 * column, 3 * column + 1, 13, 3 * column + 2] as const
  rows.forEach((sum, row) => {
    for (let part = 0; part < parts; part++) {
      const element = pairsAt(from, points * part + 4 * row + column, pairs)
      if (part === 0) assembler.vectorMemory(vector.load, sum, 0, element)
      else assembler.vectorMemory(vector.add, sum, sum, element)
    }
  })
  emitThree(assembler, ...rows)
}

/** A row of Gᵀ·u → that of Gᵀ·u·G, which is stored. */
function emitRow(assembler: Assembler, row: number, pairs: number): void {
  emitThree(assembler, row, 3 + row, 6 + row, 9 + row).forEach((register, column) => {
    assembler.vectorMemory(vector.store, register, 0, pairsAt(to, 3 * row + column, pairs))
  })
}

/**
 * Gᵀ·u for one column u: u0 + (u1 + u2) / 2, (u1 − u2) / 2 and (u1 + u2) / 2 + u3. @returns the three registers, which
 * are those of u0, u1 and u3; that of u2 is changed.
 */
function emitThree(assembler: Assembler, u0: number, u1: number, u2: number, u3: number): readonly number[] {
  const v = assembler.vector.bind(assembler)
  v(vector.mul, u1, u1, half)
  v(vector.mul, u2, u2, half)
  v(vector.add, u0, u0, u1)
  v(vector.add, u0, u0, u2)
  v(vector.add, u3, u3, u1)
  v(vector.add, u3, u3, u2)
  v(vector.sub, u1, u1, u2)
  return [u0, u1, u3]
}
