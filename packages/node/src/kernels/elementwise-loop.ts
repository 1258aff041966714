/**
 * Several elementwise operations on one shape in one pass over memory: outputs[k][i] = f_k(inputs[0][i], inputs[1][i], …),
 * along four axes, where each input has an offset and strides of its own (0 where it is broadcast).
 *
 * A task is some rows along the last axis; a kernel of one row is cut into several. Loops: rows, eight elements at a time
 * (elementwise-body.ts). All loads of eight elements come before their stores, so an output may be the memory of an
 * aligned input.
 *
 * Tails: the last task has fewer rows, and the last row of a kernel of one row is shorter. What is left of a row goes
 * through a mask; rows that hold bools or bytes have none left (`hasWholeBytes` in supports/elementwise.ts).
 *
 * | register | holds |
 * | --- | --- |
 * | r14, r13 | the row; the table of pointers |
 * | rax, rbx, rcx, rdx, rsi, rdi, rbp, r8–r10, r12, r15 | where the row's inputs and outputs begin (`pointerRegisters`) |
 * | r11 | the position in the row, in elements; temporary while pointers are found, as rax, rcx, rdx and r15 are |
 * | ymm0–13 | values, as elementwise-body.ts gives them out |
 * | ymm14, ymm15 | of each operation's own; the mask |
 * | stack | `local` |
 */
import {
  type Axes,
  dtypeOfValue,
  type ElementwiseKernel,
  type KernelOp,
  type KernelValue,
} from 'typegrad/engine'
import { type Assembler, condition, gp, type Label, type Operand, vector } from '../assembler/assembler.ts'
import { ConstantPool, emitMasks, lanes } from '../assembler/constant-pool.ts'
import { ElementwiseBody, type KernelPointer, mask, position } from './elementwise-body.ts'
import { clamp, countUp, divideBy, emitFunction, type Loop, skipIf, stackSlot, tablePointer } from './loop.ts'

/** What operations cost whose cost is not that of a sum, in sums. */
const costs: Readonly<Partial<Record<KernelOp, number>>> = {
  div: 4,
  sqrt: 4,
  reciprocal: 4,
  exp: 16,
  sigmoid: 20,
  tanh: 30,
}
/**
 * Sums up to which handing work to another thread costs more than it saves: some 25 microseconds, of which another thread
 * takes 10 to wake.
 */
const smallWork = 1 << 19
/** Sums of one task. */
const taskWork = 1 << 17

/** Registers of pointers, in the order in which they are given out. */
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
/** How many inputs and outputs a kernel may have. */
export const maxPointers = pointerRegisters.length

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

/** How a kernel's elements are cut into tasks, each of which is some rows. */
interface Division {
  readonly tasks: number
  readonly rows: number
  readonly rowsOfTask: number
  /** Elements of a row; the last one of a kernel without rows may be shorter. */
  readonly rowLength: number
  readonly total: number
  readonly isFlat: boolean
}

function divide({ axes, values }: ElementwiseKernel): Division {
  const rowLength = axes[3]
  const rows = axes[0] * axes[1] * axes[2]
  const total = rows * rowLength
  const cost = values.reduce((sum, value) => sum + (value.kind === 'op' ? (costs[value.op] ?? 1) : 1), 0)
  const isSmall = total * cost <= smallWork
  const chunk = Math.max(64, Math.floor(taskWork / cost / 64) * 64)
  if (rows === 1) {
    const length = isSmall ? total : chunk
    const pieces = Math.ceil(total / length)
    return { tasks: pieces, rows: pieces, rowsOfTask: 1, rowLength: length, total, isFlat: true }
  }
  const rowsOfTask = isSmall ? rows : Math.max(1, Math.floor(chunk / rowLength))
  return { tasks: Math.ceil(rows / rowsOfTask), rows, rowsOfTask, rowLength, total, isFlat: false }
}

interface Context {
  readonly assembler: Assembler
  readonly kernel: ElementwiseKernel
  readonly division: Division
  /** The kernel's axes; what is one row is cut into several along the third axis. */
  readonly axes: Axes
  readonly pool: ConstantPool
  readonly maskEnd: Label
  /** Whether a row may end with a partial vector. */
  readonly mayHaveRest: boolean
}

export function emitElementwise(assembler: Assembler, kernel: ElementwiseKernel): Loop {
  const division = divide(kernel)
  const { rows, rowLength, total, isFlat } = division
  const context: Context = {
    assembler,
    kernel,
    division,
    axes: isFlat ? [1, 1, rows, rowLength] : kernel.axes,
    pool: new ConstantPool(assembler),
    maskEnd: assembler.label('mask'),
    mayHaveRest: total % lanes !== 0 || rowLength % lanes !== 0,
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
  return { entry, tasks: division.tasks }
}

/** The task's rows, and the indices of the first one. */
function emitTask({ assembler, division, axes }: Context): void {
  const { rows, rowsOfTask } = division
  const [, second, third] = axes
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
function emitRowEnds({ assembler, division, maskEnd, mayHaveRest }: Context): void {
  const { rowLength, total, isFlat } = division
  const length = gp.rcx
  if (isFlat) {
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

/** The row's whole vectors, then what is left through the mask. */
function emitRow(context: Context): void {
  const { assembler, kernel, pool, mayHaveRest } = context
  const pointers = emitPointers(context)
  assembler.moveSmall(position, 0)
  assembler.compareMemory(position, local.vectorEnd)
  skipIf(assembler, condition.aboveOrEqual, () =>
    countUp(assembler, position, { by: lanes, to: local.vectorEnd }, () =>
      new ElementwiseBody(assembler, kernel, pool, pointers, false).emit(),
    ),
  )
  if (!mayHaveRest) return
  assembler.compareMemory(position, local.end)
  skipIf(assembler, condition.aboveOrEqual, () =>
    new ElementwiseBody(assembler, kernel, pool, pointers, true).emit(),
  )
}

/** The indices of the row after: the last one counts, and carries over to the one before it. */
function emitNextIndices({ assembler, axes }: Context): void {
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
function emitPointers({ assembler, kernel, axes, division }: Context): KernelPointer[] {
  const [, second, third, inner] = axes
  const contiguous = [second * third * inner, third * inner, inner, 1] as const
  const inputs = kernel.values.flatMap((value) => (value.kind === 'input' ? [value] : []))
  const outputs = kernel.outputs.map((i) => ({
    dtype: dtypeOfValue(kernel.values[i] as KernelValue),
    offset: 0,
    strides: contiguous,
  }))
  return [...inputs, ...outputs].map(({ dtype, offset, strides }, i) => {
    const register = pointerRegisters[i] as number
    const bytes = dtype === 'float32' ? 4 : 1
    const step = strides[3]
    const own = division.isFlat ? [0, 0, step * inner] : strides.slice(0, 3)
    assembler.load(register, tablePointer(i, table))
    if (offset !== 0) assembler.addImmediate(register, offset * bytes)
    own.forEach((stride, axis) => {
      if (stride === 0 || axes[axis] === 1) return
      assembler.multiply(gp.r11, local.indices[axis] as Operand, stride * bytes)
      assembler.add(register, gp.r11)
    })
    return { register, dtype, bytes, isScalar: step === 0 }
  })
}
