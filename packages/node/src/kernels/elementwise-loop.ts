/**
 * Several elementwise operations on one shape in one pass over memory: outputs[k][i] = f_k(inputs[0][i], inputs[1][i], …),
 * along four axes, where each input has an offset and strides of its own (0 where it is broadcast).
 *
 * A task is some rows along the last axis; a kernel of one row is cut into several, and rows of a few channels are taken
 * together (elementwise-layout.ts). Loops: rows, eight elements at a time (elementwise-body.ts), or eight pixels. All loads of
 * eight elements come before their stores, so an output may be the memory of an aligned input.
 *
 * Tails: the last task has fewer rows, and the last row of a kernel of one row is shorter. What is left of a row goes
 * through a mask; rows that hold bools or bytes have none left (`hasWholeBytes`), nor have rows of pixels.
 *
 * | register | holds |
 * | --- | --- |
 * | r14, r13 | the row; the table of pointers |
 * | rax, rbx, rcx, rdx, rsi, rdi, rbp, r8–r10, r12, r15 | where the row's inputs and outputs begin (`pointerRegisters`) |
 * | r15 | the pixel, where rows are of pixels |
 * | r11 | the position in the row, in elements; temporary while pointers are found, as rax, rcx, rdx and r15 are |
 * | ymm0–13 | values, as elementwise-body.ts gives them out |
 * | ymm14, ymm15 | of each operation's own; the mask |
 * | stack | `local` |
 */
import { dtypeOfValue, type ElementwiseKernel, type KernelValue } from 'typegrad/engine'
import { type Assembler, condition, gp, type Label, type Operand, vector } from '../assembler/assembler.ts'
import { ConstantPool, emitMasks, lanes } from '../assembler/constant-pool.ts'
import { ElementwiseBody, type KernelPointer, mask, position, type VectorPlace } from './elementwise-body.ts'
import { type ElementwiseLayout, layoutOf } from './elementwise-layout.ts'
import { clamp, countUp, divideBy, emitFunction, type Loop, skipIf, stackSlot, tablePointer } from './loop.ts'

/** Registers of pointers, in the order in which they are given out: `maxPointers`, the last of which also counts pixels. */
const pointerRegisters = [
  gp.rax,
  gp.rcx,
  gp.rdx,
  gp.rbx,
  gp.rbp,
  gp.rsi,
  gp.rdi,
  gp.r8,
  gp.r9,
  gp.r10,
  gp.r12,
  gp.r15,
]
/** Counts a row's pixels, where rows are of pixels. */
const pixel = gp.r15

/** The row, and the table of pointers. */
const [row, table] = [gp.r14, gp.r13]

/** What is on the stack while the loop runs. */
const local = {
  /** The row's indices along the first three axes. */
  indices: [stackSlot(0), stackSlot(1), stackSlot(2)],
  /** The end of the row's whole vectors, and of its elements. */
  vectorEnd: stackSlot(3),
  end: stackSlot(4),
  /** The row behind the task's last one. */
  lastRow: stackSlot(5),
} as const
const localBytes = 48

interface Context {
  readonly assembler: Assembler
  readonly kernel: ElementwiseKernel
  readonly layout: ElementwiseLayout
  readonly pool: ConstantPool
  readonly maskEnd: Label
  /** Whether a row may end with a partial vector. */
  readonly mayHaveRest: boolean
}

export function emitElementwise(assembler: Assembler, kernel: ElementwiseKernel): Loop {
  const layout = layoutOf(kernel)
  const context: Context = {
    assembler,
    kernel,
    layout,
    pool: new ConstantPool(assembler),
    maskEnd: assembler.label('mask'),
    mayHaveRest: layout.total % lanes !== 0 || layout.rowLength % lanes !== 0,
  }
  const entry = emitFunction(assembler, localBytes, () => {
    emitTask(context)
    countUp(assembler, row, { to: local.lastRow }, () => {
      emitRowEnds(context)
      emitRow(context)
      emitNextIndices(context)
    })
  })
  context.pool.emit()
  emitMasks(assembler, context.maskEnd)
  return { entry, tasks: layout.tasks }
}

/** The task's rows, and the indices of the first one. */
function emitTask({ assembler, layout }: Context): void {
  const { axes, rowsOfTask } = layout
  const [first, second, third] = axes
  const rows = first * second * third
  const [far, middle, near] = local.indices
  const lastRow = gp.r15
  assembler.move(table, gp.rdi)
  assembler.store(local.end, gp.rsi)
  assembler.multiply(row, local.end, rowsOfTask)
  assembler.move(lastRow, row)
  assembler.addImmediate(lastRow, rowsOfTask)
  clamp(assembler, lastRow, rows)
  assembler.store(local.lastRow, lastRow)
  assembler.move(gp.rax, row)
  divideBy(assembler, third)
  assembler.store(near, gp.rdx)
  divideBy(assembler, second)
  assembler.store(middle, gp.rdx)
  assembler.store(far, gp.rax)
}

/** Where the row ends, and its whole vectors; the mask of what is left. */
function emitRowEnds({ assembler, layout, maskEnd, mayHaveRest }: Context): void {
  const { axes, rowLength, total } = layout
  const length = gp.rcx
  if (axes[2] * rowLength > total) {
    assembler.multiply(gp.rax, local.indices[2], rowLength)
    assembler.moveSmall(length, total)
    assembler.sub(length, gp.rax)
    clamp(assembler, length, rowLength)
  } else {
    assembler.moveSmall(length, rowLength)
  }
  assembler.store(local.end, length)
  if (mayHaveRest) {
    assembler.move(gp.rax, length)
    assembler.andImmediate(gp.rax, lanes - 1)
    assembler.add(gp.rax, gp.rax)
    assembler.add(gp.rax, gp.rax)
    assembler.address(gp.rdx, { label: maskEnd })
    assembler.sub(gp.rdx, gp.rax)
    assembler.vectorMemory(vector.load, mask, 0, { base: gp.rdx })
  }
  assembler.andImmediate(length, -lanes)
  assembler.store(local.vectorEnd, length)
}

/** The row's whole vectors, then what is left through the mask; of pixels eight at a time. */
function emitRow(context: Context): void {
  const { assembler, kernel, layout, pool, mayHaveRest } = context
  const { channels } = layout
  const pointers = emitPointers(context)
  const emitVector = (place: VectorPlace): void =>
    new ElementwiseBody(assembler, kernel, pool, pointers, place).emit()
  assembler.moveSmall(position, 0)
  if (channels > 1) assembler.moveSmall(pixel, 0)
  assembler.compareMemory(position, local.vectorEnd)
  skipIf(assembler, condition.aboveOrEqual, () =>
    countUp(assembler, position, { by: lanes * channels, to: local.vectorEnd }, () => {
      for (let vector = 0; vector < channels; vector++) emitVector({ vector, channels, pixel })
      if (channels > 1) assembler.addImmediate(pixel, lanes)
    }),
  )
  if (!mayHaveRest) return
  assembler.compareMemory(position, local.end)
  skipIf(assembler, condition.aboveOrEqual, () => emitVector({ vector: 0, channels: 1, pixel, isRest: true }))
}

/** The indices of the row after: the last one counts, and carries over to the one before it. */
function emitNextIndices({ assembler, layout: { axes } }: Context): void {
  const done = assembler.label('carried')
  for (const axis of [2, 1, 0] as const) {
    const index = local.indices[axis]
    assembler.load(gp.rax, index)
    assembler.addImmediate(gp.rax, 1)
    assembler.store(index, gp.rax)
    if (axis === 0) break
    assembler.compareImmediate(gp.rax, axes[axis])
    assembler.jumpIf(condition.below, done)
    assembler.moveSmall(gp.rax, 0)
    assembler.store(index, gp.rax)
  }
  assembler.place(done)
}

/** Registers = where the inputs and outputs of the row begin. Changes r11. */
function emitPointers({ assembler, kernel, layout }: Context): KernelPointer[] {
  const { axes, rowLength, inputs } = layout
  const [, second, third] = axes
  const outputs = kernel.outputs.map((i) => ({
    dtype: dtypeOfValue(kernel.values[i] as KernelValue),
    offset: 0,
    strides: [second * third * rowLength, third * rowLength, rowLength],
    reading: 'contiguous' as const,
  }))
  return [...inputs, ...outputs].map(({ dtype, offset, strides, reading }, i) => {
    const register = pointerRegisters[i] as number
    const bytes = dtype === 'float32' ? 4 : 1
    assembler.load(register, tablePointer(i, table))
    if (offset !== 0) assembler.addImmediate(register, offset * bytes)
    strides.forEach((stride, axis) => {
      if (stride === 0 || axes[axis] === 1) return
      assembler.multiply(gp.r11, local.indices[axis] as Operand, stride * bytes)
      assembler.add(register, gp.r11)
    })
    return { register, dtype, bytes, reading }
  })
}
