import { panelColumns, panelsOf, points, type WinogradWeightsKernel } from 'typegrad/engine'
import { type Assembler, condition, gp, type Operand, vector } from '../assembler/assembler.ts'
import { ConstantPool, lanes } from '../assembler/constant-pool.ts'
import { clamp, emitFunction, type Loop } from './loop.ts'
import { emitTranspose } from './transpose.ts'

/** Elements of a kernel that one task transforms. */
const taskElements = 1 << 15

/** G·w·Gᵀ for all pairs of channels, eight outputs at a time. */
export function emitWinogradWeights(
  assembler: Assembler,
  { inputs, outputs, isMirrored }: WinogradWeightsKernel,
): Loop {
  const pool = new ConstantPool(assembler)
  const groups = Math.ceil(inputs / lanes)
  const groupsOfTask = Math.max(1, Math.floor(taskElements / (9 * lanes * outputs)))
  const windowBytes = 4 * inputs * outputs
  /** Registers: this task's input channels, by eights, and their end; the first of eight outputs. */
  const [group, lastGroup, output] = [gp.r12, gp.r13, gp.r14]
  /** 16 points of 8 × 8 elements, for what is transposed. */
  const squareBytes = isMirrored ? points * lanes * 4 * lanes : 0
  /** From one point to the next. */
  const pointBytes =
    4 *
    panelColumns *
    (isMirrored ? panelsOf('narrow', inputs) * outputs : panelsOf('narrow', outputs) * inputs)

  const entry = emitFunction(assembler, squareBytes, () => {
    assembler.load(gp.rbx, { base: gp.rdi, displacement: 0 })
    assembler.load(gp.rbp, { base: gp.rdi, displacement: 8 })
    assembler.scale(group, gp.rsi, groupsOfTask)
    assembler.move(lastGroup, group)
    assembler.addImmediate(lastGroup, groupsOfTask)
    clamp(assembler, lastGroup, groups)
    const nextGroup = assembler.label('group')
    assembler.place(nextGroup)
    assembler.moveSmall(output, 0)
    const nextOutput = assembler.label('output')
    assembler.place(nextOutput)
    // rsi: eight kernels' first element, of the group's first input.
    assembler.scale(gp.rsi, group, 4 * lanes * outputs)
    assembler.add(gp.rsi, gp.rbx)
    assembler.address(gp.rsi, { base: gp.rsi, index: output, scale: 4 })
    if (isMirrored) emitMirrored()
    else emitStraight()
    assembler.addImmediate(output, lanes)
    assembler.compareImmediate(output, outputs)
    assembler.jumpIf(condition.below, nextOutput)
    assembler.addImmediate(group, 1)
    assembler.compare(group, lastGroup)
    assembler.jumpIf(condition.below, nextGroup)
  })
  pool.emit()
  return { entry, tasks: Math.ceil(groups / groupsOfTask) }

  /** Row `row` of a panel: its address within a point is ((panel · rows) + row) · 16, and eight more in its second half. */
  function place(register: number, column: number, rows: number, row: number, temporary: number): void {
    // Panel: column / 16; half: whether column % 16 is 8.
    assembler.move(register, column)
    assembler.shiftRight(register, 4)
    assembler.scale(register, register, 4 * panelColumns * rows)
    assembler.scale(temporary, row, 4 * panelColumns)
    assembler.add(register, temporary)
    assembler.move(temporary, column)
    assembler.andImmediate(temporary, lanes)
    assembler.scale(temporary, temporary, 4)
    assembler.add(register, temporary)
    assembler.add(register, gp.rbp)
  }

  function emitStraight(): void {
    assembler.scale(gp.r8, group, lanes)
    place(gp.rdi, output, inputs, gp.r8, gp.rax)
    assembler.moveSmall(gp.r15, lanes)
    const loop = assembler.label('input')
    assembler.place(loop)
    emitTransform(assembler, pool, gp.rsi, windowBytes, (point, register) =>
      assembler.vectorMemory(vector.store, register, 0, { base: gp.rdi, displacement: point * pointBytes }),
    )
    assembler.addImmediate(gp.rsi, 4 * outputs)
    assembler.addImmediate(gp.rdi, 4 * panelColumns)
    assembler.subImmediate(gp.r15, 1)
    assembler.jumpIf(condition.notEqual, loop)
  }

  function emitMirrored(): void {
    const square = (point: number, row: number): Operand => ({
      base: gp.rdi,
      displacement: 4 * lanes * (lanes * point + row),
    })
    assembler.move(gp.rdi, gp.rsp)
    assembler.moveSmall(gp.r15, lanes)
    const loop = assembler.label('input')
    assembler.place(loop)
    emitTransform(assembler, pool, gp.rsi, windowBytes, (point, register) =>
      assembler.vectorMemory(vector.store, register, 0, square(point, 0)),
    )
    assembler.addImmediate(gp.rsi, 4 * outputs)
    assembler.addImmediate(gp.rdi, 4 * lanes)
    assembler.subImmediate(gp.r15, 1)
    assembler.jumpIf(condition.notEqual, loop)

    assembler.move(gp.rdi, gp.rsp)
    assembler.scale(gp.r8, group, lanes)
    place(gp.r9, gp.r8, outputs, output, gp.rax)
    for (let point = 0; point < points; point++) {
      for (let row = 0; row < lanes; row++) assembler.vectorMemory(vector.load, row, 0, square(point, row))
      // A window that is turned around exchanges the first and the last of its transform's rows and columns.
      const turned = (i: number) => (i === 0 ? 3 : i === 3 ? 0 : i)
      const to = 4 * turned(Math.floor(point / 4)) + turned(point % 4)
      emitTranspose(assembler).forEach((register, row) => {
        const displacement = to * pointBytes + 4 * panelColumns * row
        assembler.vectorMemory(vector.store, register, 0, { base: gp.r9, displacement })
      })
    }
  }
}

/** Sixteen points of the windows of eight outputs, whose elements lie `windowBytes` apart. */
function emitTransform(
  assembler: Assembler,
  pool: ConstantPool,
  from: number,
  windowBytes: number,
  store: (point: number, register: number) => void,
): void {
  const v = assembler.vector.bind(assembler)
  const half = 15
  assembler.vectorMemory(vector.load, half, 0, pool.float(0.5))
  for (let i = 0; i < 9; i++)
    assembler.vectorMemory(vector.load, i, 0, { base: from, displacement: i * windowBytes })
  /** (a + b + c) / 2 and (a − b + c) / 2; `b` is changed. */
  const halves = (a: number, b: number, c: number, sum: number, difference: number): void => {
    v(vector.add, sum, a, c)
    v(vector.sub, difference, sum, b)
    v(vector.add, sum, sum, b)
    v(vector.mul, sum, sum, half)
    v(vector.mul, difference, difference, half)
  }
  for (let column = 0; column < 3; column++)
    halves(column, 3 + column, 6 + column, 9 + column, 12 + column)
    // Registers 3 to 5 are free now.
  ;[0, 9, 12, 6].forEach((first, row) => {
    store(4 * row, first)
    store(4 * row + 3, first + 2)
    halves(first, first + 1, first + 2, 3, 4)
    store(4 * row + 1, 3)
    store(4 * row + 2, 4)
  })
}
