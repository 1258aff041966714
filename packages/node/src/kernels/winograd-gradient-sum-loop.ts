import { points, type WinogradGradientSumKernel } from 'typegrad/engine'
import { type Assembler, condition, gp, vector } from '../assembler/assembler.ts'
import { ConstantPool, lanes } from '../assembler/constant-pool.ts'
import { clamp, emitFunction, type Loop } from './loop.ts'

/** Elements of a kernel's gradient of one task. */
const taskElements = 1 << 13

/** Gᵀ·(Σ parts)·G, eight pairs of channels at a time. */
export function emitWinogradGradientSum(
  assembler: Assembler,
  { inputs, outputs, parts }: WinogradGradientSumKernel,
): Loop {
  const pool = new ConstantPool(assembler)
  const pairs = inputs * outputs
  const pairsOfTask = Math.max(lanes, Math.floor(taskElements / points / lanes) * lanes)
  const v = assembler.vector.bind(assembler)
  const [pair, last, from, to] = [gp.r11, gp.r12, gp.rbx, gp.rbp]
  const half = 15

  const entry = emitFunction(assembler, 0, () => {
    assembler.load(from, { base: gp.rdi, displacement: 0 })
    assembler.load(to, { base: gp.rdi, displacement: 8 })
    assembler.scale(pair, gp.rsi, pairsOfTask)
    assembler.move(last, pair)
    assembler.addImmediate(last, pairsOfTask)
    clamp(assembler, last, pairs)
    assembler.vectorMemory(vector.load, half, 0, pool.float(0.5))
    const loop = assembler.label('pairs')
    assembler.place(loop)
    /** u0 + (u1 + u2) / 2, (u1 − u2) / 2 and (u1 + u2) / 2 + u3, the first of which takes u0's place. */
    const windows = (u0: number, u1: number, u2: number, u3: number): readonly number[] => {
      v(vector.mul, u1, u1, half)
      v(vector.mul, u2, u2, half)
      v(vector.add, u0, u0, u1)
      v(vector.add, u0, u0, u2)
      v(vector.add, u3, u3, u1)
      v(vector.add, u3, u3, u2)
      v(vector.sub, u1, u1, u2)
      return [u0, u1, u3]
    }
    // Columns of the transform: of four rows three are left, in registers 3 · column and the two behind.
    for (let column = 0; column < 4; column++) {
      const rows = [3 * column, 3 * column + 1, 13, 3 * column + 2] as const
      rows.forEach((register, row) => {
        for (let part = 0; part < parts; part++) {
          const displacement = 4 * pairs * (points * part + 4 * row + column)
          const place = { base: from, index: pair, scale: 4, displacement } as const
          assembler.vectorMemory(
            part === 0 ? vector.load : vector.add,
            register,
            part === 0 ? 0 : register,
            place,
          )
        }
      })
      windows(...rows)
    }
    for (let row = 0; row < 3; row++)
      windows(row, 3 + row, 6 + row, 9 + row).forEach((register, column) => {
        const displacement = 4 * pairs * (3 * row + column)
        assembler.vectorMemory(vector.store, register, 0, { base: to, index: pair, scale: 4, displacement })
      })
    assembler.addImmediate(pair, lanes)
    assembler.compare(pair, last)
    assembler.jumpIf(condition.below, loop)
  })
  pool.emit()
  return { entry, tasks: Math.ceil(pairs / pairsOfTask) }
}
