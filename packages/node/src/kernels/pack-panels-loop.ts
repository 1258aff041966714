/**
 * Packs b (inner, columns), or its transpose (columns, inner), into panels (⌈columns / width⌉, inner, width), the order
 * in which a product reads it: panel[p][i][j] = b[i][width · p + j], and 0 behind the last column. The width is 16 with
 * narrow tiles, 32 with wide ones. Of a batch, each matrix has panels of its own.
 *
 * A task is some panels of one matrix. Loops: the task's panels; then the rows of the panel, or of a transposed b eight
 * of them at a time, as squares of 8 × 8.
 *
 * Tails: the last of all panels may have fewer columns, so it has code of its own, which reads through a mask and fills
 * up with zeros. Both lengths of a transposed b are multiples of eight.
 *
 * | register | holds |
 * | --- | --- |
 * | rbx, rbp | the panel's first column of b; the panel |
 * | r12, r13 | panels that are left for the task; panels behind the task's |
 * | r8 | the number of the matrix in the batch, at first |
 * | rsi, rdi, rcx | the next row of b and of the panel; rows that are left |
 * | rax, rdx | temporary |
 * | ymm0, ymm1 | the row's halves (zmm0, zmm1 with wide tiles) |
 * | ymm2, ymm3 | zero; the mask of the last columns (k1, k2 with wide tiles) |
 * | ymm0–15 | a square and its transpose, where b is transposed |
 */
import { matricesOf, type PackPanelsKernel, panelsOf, productTiles } from 'typegrad/engine'
import { type Assembler, condition, gp, type Label, type Operand, vector } from '../assembler/assembler.ts'
import { emitMasks, lanes } from '../assembler/constant-pool.ts'
import { choose, clamp, countDown, countDownOrSkip, emitFunction, type Loop, tablePointer } from './loop.ts'
import { loadFloats, loadMask } from './partial-vectors.ts'
import { emitMatrix, emitMatrixOfTask } from './product-walk.ts'
import { emitTranspose } from './transpose.ts'
import { halfMasks, setHalfMasks } from './wide-tile.ts'

const [from, to, panelsLeft, panelsAfter] = [gp.rbx, gp.rbp, gp.r12, gp.r13]
const [nextFrom, nextTo, rowsLeft] = [gp.rsi, gp.rdi, gp.rcx]
const [zero, mask] = [2, 3] as const

interface Context {
  readonly assembler: Assembler
  readonly kernel: PackPanelsKernel
  readonly maskEnd: Label
  /** Of a matrix, and of a task. */
  readonly panels: number
  readonly panelsOfTask: number
  readonly panelColumns: number
  /** Bytes from one row of what is read to the next, and from one panel's columns to the next panel's. */
  readonly fromRow: number
  readonly fromPanel: number
  /** Bytes from one row of a panel to the next, and from one panel to the next. */
  readonly toRow: number
  readonly toPanel: number
}

function contextOf(assembler: Assembler, kernel: PackPanelsKernel): Context {
  const { tile, inner, columns, isTransposed, tasks, batch } = kernel
  const panels = panelsOf(tile, columns)
  const panelColumns = productTiles[tile].columns
  const fromRow = 4 * (batch?.strides.row ?? (isTransposed ? inner : columns))
  const toRow = 4 * panelColumns
  return {
    assembler,
    kernel,
    maskEnd: assembler.label('mask'),
    panels,
    panelsOfTask: Math.ceil(panels / tasks),
    panelColumns,
    fromRow,
    fromPanel: isTransposed ? panelColumns * fromRow : toRow,
    toRow,
    toPanel: toRow * inner,
  }
}

export function emitPackPanels(assembler: Assembler, kernel: PackPanelsKernel): Loop {
  const context = contextOf(assembler, kernel)
  const { panelColumns, fromPanel, toPanel, maskEnd } = context
  const rest = kernel.columns % panelColumns
  const entry = emitFunction(assembler, 0, () => {
    emitTask(context)
    countDownOrSkip(assembler, panelsLeft, () => {
      if (rest === 0) {
        emitPanel(context, panelColumns)
      } else {
        // The last of all panels is the one behind which neither this task nor another has one.
        assembler.address(gp.rax, { base: panelsLeft, index: panelsAfter, scale: 1 })
        assembler.compareImmediate(gp.rax, 1)
        choose(assembler, condition.notEqual, {
          fails: () => emitPanel(context, rest),
          holds: () => emitPanel(context, panelColumns),
        })
      }
      assembler.addImmediate(from, fromPanel)
      assembler.addImmediate(to, toPanel)
    })
  })
  if (kernel.tile === 'narrow' && rest > 0) emitMasks(assembler, maskEnd)
  return { entry, tasks: matricesOf(kernel) * kernel.tasks }
}

/** Where the task's first panel is, how many panels it has, and how many come after them. */
function emitTask(context: Context): void {
  const { assembler, kernel, panels, panelsOfTask, fromPanel, toPanel } = context
  const { batch, tasks } = kernel
  assembler.load(from, tablePointer(0))
  assembler.load(to, tablePointer(1))
  if (batch !== undefined) {
    const matrix = gp.r8
    emitMatrixOfTask(assembler, matrix, tasks)
    emitMatrix(assembler, from, matrix, batch.sizes, batch.strides.batch)
    assembler.scale(gp.rax, matrix, panels * toPanel)
    assembler.add(to, gp.rax)
  }
  const firstPanel = gp.rax
  assembler.scale(firstPanel, gp.rsi, panelsOfTask)
  clamp(assembler, firstPanel, panels)
  assembler.moveSmall(panelsLeft, panels)
  assembler.sub(panelsLeft, firstPanel)
  assembler.move(panelsAfter, panelsLeft)
  clamp(assembler, panelsLeft, panelsOfTask)
  assembler.sub(panelsAfter, panelsLeft)
  assembler.scale(gp.rcx, firstPanel, fromPanel)
  assembler.add(from, gp.rcx)
  assembler.scale(gp.rcx, firstPanel, toPanel)
  assembler.add(to, gp.rcx)
}

/** A panel of so many columns of b, and zeros. */
function emitPanel(context: Context, width: number): void {
  const { assembler, kernel } = context
  assembler.move(nextFrom, from)
  assembler.move(nextTo, to)
  if (kernel.isTransposed) emitTransposed(context, width)
  else if (kernel.tile === 'wide') emitWide(context, width)
  else emitNarrow(context, width)
}

function emitNarrow(
  { assembler, kernel, panelColumns, fromRow, toRow, maskEnd }: Context,
  width: number,
): void {
  const whole = Math.floor(width / lanes)
  const partial = width % lanes
  assembler.vector(vector.xor, zero, zero, zero)
  if (partial > 0) loadMask(assembler, mask, partial, maskEnd)
  assembler.moveSmall(rowsLeft, kernel.inner)
  countDown(assembler, rowsLeft, () => {
    for (let half = 0; half < panelColumns / lanes; half++) {
      const at = (base: number): Operand => ({ base, displacement: 4 * lanes * half })
      const isPartial = half === whole && partial > 0
      const exists = half < whole || isPartial
      if (exists) loadFloats(assembler, half, at(nextFrom), isPartial ? mask : undefined)
      assembler.vectorMemory(vector.store, exists ? half : zero, 0, at(nextTo))
    }
    assembler.addImmediate(nextFrom, fromRow)
    assembler.addImmediate(nextTo, toRow)
  })
}

function emitWide({ assembler, kernel, fromRow, toRow }: Context, width: number): void {
  setHalfMasks(assembler, width)
  assembler.moveSmall(rowsLeft, kernel.inner)
  countDown(assembler, rowsLeft, () => {
    for (const [half, mask] of halfMasks.entries()) {
      const displacement = 64 * half
      assembler.wideMemory(vector.load, half, 0, { base: nextFrom, displacement }, { mask })
      assembler.wideMemory(vector.store, half, 0, { base: nextTo, displacement })
    }
    assembler.addImmediate(nextFrom, fromRow)
    assembler.addImmediate(nextTo, toRow)
  })
}

/** Eight rows of the panel at a time, in squares of 8 × 8. */
function emitTransposed({ assembler, kernel, panelColumns, fromRow, toRow }: Context, width: number): void {
  assembler.moveSmall(rowsLeft, kernel.inner / lanes)
  countDown(assembler, rowsLeft, () => {
    for (let column = 0; column < panelColumns; column += lanes) {
      const exists = column < width
      if (exists)
        for (let i = 0; i < lanes; i++) {
          const displacement = fromRow * (column + i)
          assembler.vectorMemory(vector.load, i, 0, { base: nextFrom, displacement })
        }
      else assembler.vector(vector.xor, 0, 0, 0)
      const rows = exists ? emitTranspose(assembler) : Array.from({ length: lanes }, () => 0)
      rows.forEach((register, i) => {
        const displacement = toRow * i + 4 * column
        assembler.vectorMemory(vector.store, register, 0, { base: nextTo, displacement })
      })
    }
    assembler.addImmediate(nextFrom, 4 * lanes)
    assembler.addImmediate(nextTo, toRow * lanes)
  })
}
