/**
 * A kernel's transform for Winograd's F(2×2, 3×3): w (3, 3, I, O) → G·w·Gᵀ as panels, (16 points, panels of O, I, 16).
 * Mirrored, for the input's gradient: of the kernel with both axes of the window turned around and channels exchanged,
 * (16 points, panels of I, O, 16).
 *
 * ```
 *     1  0  0
 * G = ½  ½  ½
 *     ½ −½  ½
 *     0  0  1
 * ```
 *
 * A task is some groups of eight inputs. Loops: groups, eight outputs at a time, the group's eight inputs. Straight, each
 * input's transform is a vector of eight outputs, as panels have it. Mirrored, the transforms of the 8 × 8 pairs go to
 * the stack, and each point's square is transposed from there into its panel.
 *
 * Tails: the last task has fewer groups. Channels are multiples of eight; of a last panel that has eight columns the
 * other eight are never written.
 *
 * | register | holds |
 * | --- | --- |
 * | rbx, rbp | w; the panels of the first point |
 * | r12, r13, r14 | the group; the one behind the task's last; the first of eight outputs |
 * | rsi | the input's windows, of eight outputs |
 * | rdi | where the input's transform goes: its panel, or its row of the square |
 * | r9 | the panel that transposed squares go to (mirrored) |
 * | r15 | inputs that are left |
 * | rax, r8 | temporary |
 * | ymm0–8 | the window; later ymm3 and ymm4 are a point |
 * | ymm9–11, ymm12–14, ymm15 | rows 1 and 2 of G·w; ½ |
 * | stack (mirrored) | 16 squares of 8 × 8 floats |
 */
import { panelColumns, panelsOf, points, type WinogradWeightsKernel } from 'typegrad/engine'
import { type Assembler, gp, type Operand, vector } from '../assembler/assembler.ts'
import { ConstantPool, lanes } from '../assembler/constant-pool.ts'
import { clamp, countDown, countUp, emitFunction, type Loop, tablePointer } from './loop.ts'
import { emitTranspose } from './transpose.ts'

/** Elements of a kernel that one task transforms. */
const taskElements = 1 << 15

const [weights, panels] = [gp.rbx, gp.rbp]
const [group, lastGroup, output] = [gp.r12, gp.r13, gp.r14]
const [from, to, inputsLeft, firstInput] = [gp.rsi, gp.rdi, gp.r15, gp.r8]
const transposedTo = gp.r9
const half = 15

interface Context {
  readonly assembler: Assembler
  readonly kernel: WinogradWeightsKernel
  readonly pool: ConstantPool
  /** From one point's panels to the next's. */
  readonly pointBytes: number
}

export function emitWinogradWeights(assembler: Assembler, kernel: WinogradWeightsKernel): Loop {
  const { inputs, outputs, isMirrored } = kernel
  const pool = new ConstantPool(assembler)
  const groups = Math.ceil(inputs / lanes)
  const groupsOfTask = Math.max(1, Math.floor(taskElements / (9 * lanes * outputs)))
  const [rows, columns] = isMirrored ? [outputs, inputs] : [inputs, outputs]
  const pointBytes = 4 * panelColumns * panelsOf('narrow', columns) * rows
  const context: Context = { assembler, kernel, pool, pointBytes }
  const squareBytes = isMirrored ? points * lanes * 4 * lanes : 0

  const entry = emitFunction(assembler, squareBytes, () => {
    assembler.load(weights, tablePointer(0))
    assembler.load(panels, tablePointer(1))
    assembler.scale(group, gp.rsi, groupsOfTask)
    assembler.move(lastGroup, group)
    assembler.addImmediate(lastGroup, groupsOfTask)
    clamp(assembler, lastGroup, groups)
    countUp(assembler, group, { to: { register: lastGroup } }, () => {
      assembler.moveSmall(output, 0)
      countUp(assembler, output, { by: lanes, to: { number: outputs } }, () => {
        assembler.scale(from, group, 4 * lanes * outputs)
        assembler.add(from, weights)
        assembler.address(from, { base: from, index: output, scale: 4 })
        if (isMirrored) emitMirrored(context)
        else emitStraight(context)
      })
    })
  })
  pool.emit()
  return { entry, tasks: Math.ceil(groups / groupsOfTask) }
}

/** Eight inputs' transforms, each a vector of eight outputs. */
function emitStraight(context: Context): void {
  const { assembler, kernel, pointBytes } = context
  assembler.scale(firstInput, group, lanes)
  emitPanelPlace(assembler, to, { column: output, row: firstInput, rows: kernel.inputs })
  forEachInput(context, 4 * panelColumns, (point) => ({ base: to, displacement: point * pointBytes }))
}

/** The same by way of the stack, where each point has a square of (8 inputs, 8 outputs), to be transposed. */
function emitMirrored(context: Context): void {
  const { assembler, kernel, pointBytes } = context
  const inSquare = (point: number, row: number): Operand => ({
    base: to,
    displacement: 4 * lanes * (lanes * point + row),
  })
  assembler.move(to, gp.rsp)
  forEachInput(context, 4 * lanes, (point) => inSquare(point, 0))

  assembler.move(to, gp.rsp)
  assembler.scale(firstInput, group, lanes)
  emitPanelPlace(assembler, transposedTo, { column: firstInput, row: output, rows: kernel.outputs })
  for (let point = 0; point < points; point++) {
    for (let row = 0; row < lanes; row++) assembler.vectorMemory(vector.load, row, 0, inSquare(point, row))
    emitTranspose(assembler).forEach((register, row) => {
      const displacement = mirrored(point) * pointBytes + 4 * panelColumns * row
      assembler.vectorMemory(vector.store, register, 0, { base: transposedTo, displacement })
    })
  }
}

/** A window that is turned around exchanges the first and the last of its transform's rows, and of its columns. */
function mirrored(point: number): number {
  const turned = (i: number): number => (i === 0 ? 3 : i === 3 ? 0 : i)
  return 4 * turned(Math.floor(point / 4)) + turned(point % 4)
}

/** The transforms of the group's eight inputs, with eight outputs each. `to` moves on by `step` bytes for each. */
function forEachInput(
  { assembler, kernel, pool }: Context,
  step: number,
  placeOf: (point: number) => Operand,
): void {
  const { inputs, outputs } = kernel
  assembler.moveSmall(inputsLeft, lanes)
  countDown(assembler, inputsLeft, () => {
    emitTransform(assembler, pool, 4 * inputs * outputs, (point, register) =>
      assembler.vectorMemory(vector.store, register, 0, placeOf(point)),
    )
    assembler.addImmediate(from, 4 * outputs)
    assembler.addImmediate(to, step)
  })
}

/** register = where a column and a row stand in the first point's panels of so many rows. Changes rax. */
function emitPanelPlace(
  assembler: Assembler,
  register: number,
  { column, row, rows }: { readonly column: number; readonly row: number; readonly rows: number },
): void {
  const temporary = gp.rax
  assembler.move(register, column)
  assembler.shiftRight(register, Math.log2(panelColumns))
  assembler.scale(register, register, 4 * panelColumns * rows)
  assembler.scale(temporary, row, 4 * panelColumns)
  assembler.add(register, temporary)
  // Columns are multiples of eight: 0 or 8 within the panel.
  assembler.move(temporary, column)
  assembler.andImmediate(temporary, lanes)
  assembler.scale(temporary, temporary, 4)
  assembler.add(register, temporary)
  assembler.add(register, panels)
}

/** G·w·Gᵀ of the windows of eight outputs, whose elements are `windowBytes` apart. */
function emitTransform(
  assembler: Assembler,
  pool: ConstantPool,
  windowBytes: number,
  store: (point: number, register: number) => void,
): void {
  assembler.vectorMemory(vector.load, half, 0, pool.float(0.5))
  for (let i = 0; i < 9; i++)
    assembler.vectorMemory(vector.load, i, 0, { base: from, displacement: i * windowBytes })
  const [row0, row1, row2, row3] = [0, 9, 12, 6] as const
  for (let column = 0; column < 3; column++)
    emitHalves(assembler, [column, 3 + column, 6 + column], row1 + column, row2 + column)
  // The window's second row, in registers 3 to 5, is not needed any more.
  const [sum, difference] = [3, 4] as const
  ;[row0, row1, row2, row3].forEach((first, row) => {
    store(4 * row, first)
    store(4 * row + 3, first + 2)
    emitHalves(assembler, [first, first + 1, first + 2], sum, difference)
    store(4 * row + 1, sum)
    store(4 * row + 2, difference)
  })
}

/** (a + b + c) / 2 and (a − b + c) / 2. */
function emitHalves(
  assembler: Assembler,
  [a, b, c]: readonly [number, number, number],
  sum: number,
  difference: number,
): void {
  const v = assembler.vector.bind(assembler)
  v(vector.add, sum, a, c)
  v(vector.sub, difference, sum, b)
  v(vector.add, sum, sum, b)
  v(vector.mul, sum, sum, half)
  v(vector.mul, difference, difference, half)
}
