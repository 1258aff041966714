import {
  type Axes,
  dtypeOfValue,
  type ElementwiseKernel,
  type KernelOp,
  type KernelValue,
} from 'typegrad/engine'
import { type Assembler, condition, gp, type Operand, vector } from '../assembler/assembler.ts'
import { ConstantPool, emitMasks, lanes } from '../assembler/constant-pool.ts'
import { ElementwiseBody, type KernelPointer, mask, position } from './elementwise-body.ts'
import { clamp, emitFunction, type Loop } from './loop.ts'

/** What operations cost whose cost is not that of a sum, in sums. */
const costs: Readonly<Partial<Record<KernelOp, number>>> = {
  div: 4,
  sqrt: 4,
  reciprocal: 4,
  exp: 16,
  sigmoid: 20,
  tanh: 30,
}
/** Sums up to which handing work to another thread costs more than it saves: some 25 microseconds. Another thread takes 10 to wake. */
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

/** What stands on the stack while the loop runs. */
const local = {
  /** The row's indices along the first three axes. */
  indices: [0, 8, 16].map((displacement): Operand => ({ base: gp.rsp, displacement })),
  vectorEnd: { base: gp.rsp, displacement: 24 },
  end: { base: gp.rsp, displacement: 32 },
  lastRow: { base: gp.rsp, displacement: 40 },
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

/** All loads of eight elements come before their stores, so an output may be the memory of an aligned input. */
export function emitElementwise(assembler: Assembler, kernel: ElementwiseKernel): Loop {
  const division = divide(kernel)
  const { rows, rowsOfTask, rowLength, total, isFlat } = division
  // What is one row is cut into several along the third axis.
  const axes = isFlat ? ([1, 1, rows, rowLength] as const) : kernel.axes
  const pool = new ConstantPool(assembler)
  const maskEnd = assembler.label('mask')
  const mayHaveRest = total % lanes !== 0 || rowLength % lanes !== 0

  const entry = emitFunction(assembler, localBytes, () => {
    // r14 is the row, r13 the table of pointers.
    assembler.move(gp.r13, gp.rdi)
    assembler.store(local.end, gp.rsi)
    assembler.multiply(gp.r14, local.end, rowsOfTask)
    assembler.move(gp.r15, gp.r14)
    assembler.addImmediate(gp.r15, rowsOfTask)
    clamp(assembler, gp.r15, rows)
    assembler.store(local.lastRow, gp.r15)
    firstIndices(assembler, axes)

    const nextRow = assembler.label('row')
    assembler.place(nextRow)
    if (isFlat) {
      assembler.multiply(gp.rax, local.indices[2] as Operand, rowLength)
      assembler.moveSmall(gp.rcx, total)
      assembler.sub(gp.rcx, gp.rax)
      clamp(assembler, gp.rcx, rowLength)
    } else {
      assembler.moveSmall(gp.rcx, rowLength)
    }
    assembler.store(local.end, gp.rcx)
    if (mayHaveRest) {
      // The mask of what is left.
      assembler.move(gp.rax, gp.rcx)
      assembler.andImmediate(gp.rax, lanes - 1)
      assembler.add(gp.rax, gp.rax)
      assembler.add(gp.rax, gp.rax)
      assembler.address(gp.rdx, { label: maskEnd })
      assembler.sub(gp.rdx, gp.rax)
      assembler.vectorMemory(vector.load, mask, 0, { base: gp.rdx })
    }
    assembler.andImmediate(gp.rcx, -lanes)
    assembler.store(local.vectorEnd, gp.rcx)

    const pointers = emitPointers(assembler, kernel, axes, isFlat)
    const [loop, rest, rowDone] = [assembler.label('eight'), assembler.label('rest'), assembler.label('done')]
    assembler.moveSmall(position, 0)
    assembler.compareMemory(position, local.vectorEnd)
    assembler.jumpIf(condition.aboveOrEqual, rest)
    assembler.place(loop)
    new ElementwiseBody(assembler, kernel, pool, pointers, false).emit()
    assembler.addImmediate(position, lanes)
    assembler.compareMemory(position, local.vectorEnd)
    assembler.jumpIf(condition.below, loop)
    assembler.place(rest)
    if (mayHaveRest) {
      assembler.compareMemory(position, local.end)
      assembler.jumpIf(condition.aboveOrEqual, rowDone)
      new ElementwiseBody(assembler, kernel, pool, pointers, true).emit()
    }
    assembler.place(rowDone)
    advance(assembler, axes)
    assembler.addImmediate(gp.r14, 1)
    assembler.compareMemory(gp.r14, local.lastRow)
    assembler.jumpIf(condition.below, nextRow)
  })

  pool.emit()
  emitMasks(assembler, maskEnd)
  return { entry, tasks: division.tasks }
}

/** The indices of row r14. */
function firstIndices(assembler: Assembler, [, second, third]: Axes): void {
  const [far, middle, near] = local.indices as [Operand, Operand, Operand]
  assembler.move(gp.rax, gp.r14)
  for (const [size, index] of [
    [third, near],
    [second, middle],
  ] as const) {
    assembler.moveSmall(gp.rdx, 0)
    assembler.moveSmall(gp.rcx, size)
    assembler.divide(gp.rcx)
    assembler.store(index, gp.rdx)
  }
  assembler.store(far, gp.rax)
}

/** The indices of the row after: the last one counts, and carries over to the one before it. */
function advance(assembler: Assembler, axes: Axes): void {
  const done = assembler.label('carried')
  for (let axis = 2; axis >= 0; axis--) {
    const index = local.indices[axis] as Operand
    assembler.load(gp.rax, index)
    assembler.addImmediate(gp.rax, 1)
    assembler.store(index, gp.rax)
    if (axis === 0) break
    assembler.compareImmediate(gp.rax, axes[axis] as number)
    assembler.jumpIf(condition.below, done)
    assembler.moveSmall(gp.rax, 0)
    assembler.store(index, gp.rax)
  }
  assembler.place(done)
}

/** Loads where the inputs and outputs of the row begin into registers. */
function emitPointers(
  assembler: Assembler,
  kernel: ElementwiseKernel,
  axes: Axes,
  isFlat: boolean,
): KernelPointer[] {
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
    const bytes = dtype === 'bool' ? 1 : 4
    const step = strides[3]
    const own = isFlat ? [0, 0, step * inner] : strides.slice(0, 3)
    assembler.load(register, { base: gp.r13, displacement: 8 * i })
    if (offset !== 0) assembler.addImmediate(register, offset * bytes)
    own.forEach((stride, axis) => {
      if (stride === 0 || axes[axis] === 1) return
      assembler.multiply(gp.r11, local.indices[axis] as Operand, stride * bytes)
      assembler.add(register, gp.r11)
    })
    return { register, bytes, isScalar: step === 0 }
  })
}
