import { matricesOf, type PackPanelsKernel, panelsOf, productTiles } from '../../../kernel/product.ts'
import { type Assembler, condition, gp, vector } from './assembler.ts'
import { emitMasks, lanes } from './constant-pool.ts'
import { clamp, countDown, emitFunction, type Loop } from './loop.ts'
import { emitMatrix, emitMatrixOfTask } from './product-walk.ts'
import { emitTranspose } from './transpose.ts'

/** Where the task is in b and in the panels, the panels that are left, and rows of the one that is written. */
const [from, to, panelsLeft, rowsLeft] = [gp.rbx, gp.rbp, gp.r12, gp.rcx]
const masks = [1, 2] as const

/** Each task copies some panels. */
export function emitPackPanels(assembler: Assembler, kernel: PackPanelsKernel): Loop {
  const { tile, inner, columns, isTransposed, tasks, batch } = kernel
  const panels = panelsOf(tile, columns)
  const panelColumns = productTiles[tile].columns
  const panelRow = 4 * panelColumns
  const panelsOfTask = Math.ceil(panels / tasks)
  /** From one row of what is read to the next, and from one panel to the next. */
  const row = 4 * (batch?.strides.row ?? (isTransposed ? inner : columns))
  const step = isTransposed ? panelColumns * row : panelRow
  const rest = columns % panelColumns
  const maskEnd = assembler.label('mask')

  const entry = emitFunction(assembler, 0, () => {
    assembler.load(from, { base: gp.rdi, displacement: 0 })
    assembler.load(to, { base: gp.rdi, displacement: 8 })
    if (batch !== undefined) {
      const matrix = gp.r8
      emitMatrixOfTask(assembler, matrix, tasks)
      emitMatrix(assembler, from, matrix, batch.sizes, batch.strides.batch)
      assembler.scale(gp.rax, matrix, panels * panelRow * inner)
      assembler.add(to, gp.rax)
    }
    assembler.scale(gp.rax, gp.rsi, panelsOfTask)
    clamp(assembler, gp.rax, panels)
    assembler.moveSmall(panelsLeft, panels)
    assembler.sub(panelsLeft, gp.rax)
    // What is left from here on to the last panel; the task ends before that.
    assembler.move(gp.r13, panelsLeft)
    clamp(assembler, panelsLeft, panelsOfTask)
    assembler.sub(gp.r13, panelsLeft)
    assembler.scale(gp.rcx, gp.rax, step)
    assembler.add(from, gp.rcx)
    assembler.scale(gp.rcx, gp.rax, panelRow * inner)
    assembler.add(to, gp.rcx)
    const done = assembler.label('done')
    assembler.test(panelsLeft)
    assembler.jumpIf(condition.equal, done)
    countDown(assembler, panelsLeft, () => {
      if (rest === 0) {
        emitPanel(panelColumns)
      } else {
        const [whole, next] = [assembler.label('whole'), assembler.label('next')]
        // The last panel is the one after which nothing is left, neither here nor for other tasks.
        assembler.address(gp.rax, { base: panelsLeft, index: gp.r13, scale: 1 })
        assembler.compareImmediate(gp.rax, 1)
        assembler.jumpIf(condition.notEqual, whole)
        emitPanel(rest)
        assembler.jump(next)
        assembler.place(whole)
        emitPanel(panelColumns)
        assembler.place(next)
      }
      assembler.addImmediate(from, step)
      assembler.addImmediate(to, panelRow * inner)
    })
    assembler.place(done)
  })
  if (tile === 'narrow' && rest > 0) emitMasks(assembler, maskEnd)
  return { entry, tasks: matricesOf(kernel) * tasks }

  /** A panel of so many columns, and zeros. */
  function emitPanel(width: number): void {
    assembler.move(gp.rsi, from)
    assembler.move(gp.rdi, to)
    if (isTransposed) emitTransposed(width)
    else if (tile === 'wide') emitWide(width)
    else emitNarrow(width)
  }

  function emitNarrow(width: number): void {
    const [zero, mask] = [2, 3]
    const whole = Math.floor(width / lanes)
    const partial = width % lanes
    assembler.vector(vector.xor, zero, zero, zero)
    if (partial > 0) {
      assembler.address(gp.rax, { label: maskEnd })
      assembler.vectorMemory(vector.load, mask, 0, { base: gp.rax, displacement: -4 * partial })
    }
    assembler.moveSmall(rowsLeft, inner)
    countDown(assembler, rowsLeft, () => {
      for (let half = 0; half < panelColumns / lanes; half++) {
        const at = (base: number) => ({ base, displacement: 4 * lanes * half })
        const isPartial = half === whole && partial > 0
        if (half < whole) assembler.vectorMemory(vector.load, half, 0, at(gp.rsi))
        if (isPartial) assembler.vectorMemory(vector.maskLoad, half, mask, at(gp.rsi))
        assembler.vectorMemory(vector.store, half < whole || isPartial ? half : zero, 0, at(gp.rdi))
      }
      assembler.addImmediate(gp.rsi, row)
      assembler.addImmediate(gp.rdi, panelRow)
    })
  }

  function emitWide(width: number): void {
    masks.forEach((mask, half) => {
      assembler.moveSmall(gp.rax, bitsOf(width, half))
      assembler.setMask(mask, gp.rax)
    })
    assembler.moveSmall(rowsLeft, inner)
    countDown(assembler, rowsLeft, () => {
      for (const [half, mask] of masks.entries()) {
        assembler.wideMemory(vector.load, half, 0, { base: gp.rsi, displacement: 64 * half }, { mask })
        assembler.wideMemory(vector.store, half, 0, { base: gp.rdi, displacement: 64 * half })
      }
      assembler.addImmediate(gp.rsi, row)
      assembler.addImmediate(gp.rdi, panelRow)
    })
  }

  /** Squares of eight by eight; both lengths are multiples of that. */
  function emitTransposed(width: number): void {
    assembler.moveSmall(rowsLeft, inner / lanes)
    countDown(assembler, rowsLeft, () => {
      for (let group = 0; group < panelColumns; group += lanes) {
        const isThere = group < width
        if (isThere)
          for (let i = 0; i < lanes; i++)
            assembler.vectorMemory(vector.load, i, 0, {
              base: gp.rsi,
              displacement: row * (group + i),
            })
        else assembler.vector(vector.xor, 0, 0, 0)
        const rows = isThere ? emitTranspose(assembler) : Array.from({ length: lanes }, () => 0)
        rows.forEach((register, i) => {
          assembler.vectorMemory(vector.store, register, 0, {
            base: gp.rdi,
            displacement: panelRow * i + 4 * group,
          })
        })
      }
      assembler.addImmediate(gp.rsi, 4 * lanes)
      assembler.addImmediate(gp.rdi, panelRow * lanes)
    })
  }
}

/** Bits of the elements of a panel's half that are there. */
export const bitsOf = (width: number, half: number): number =>
  (1 << Math.max(0, Math.min(16, width - 16 * half))) - 1
