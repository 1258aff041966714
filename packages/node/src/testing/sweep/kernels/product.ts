import {
  type PackPanelsKernel,
  type ProductKernel,
  type ProductTile,
  productTiles,
  type Triangle,
} from 'typegrad/engine'
import { kernelSweep } from '../case.ts'
import { around, range } from '../dimensions.ts'
import { allOrders, byRows, dense, stridesOfOrder } from './layouts.ts'

const tiles = ['narrow', 'wide'] as const

/** Panels of b (inner, columns), whose elements `of` gives, behind `before` floats of other matrices. */
function fillPanels(
  to: Float32Array | Float64Array,
  { tile, inner, columns, before }: { tile: ProductTile; inner: number; columns: number; before: number },
  of: (row: number, column: number) => number,
): void {
  const width = productTiles[tile].columns
  for (let panel = 0; panel < Math.ceil(columns / width); panel++)
    for (let row = 0; row < inner; row++)
      for (let j = 0; j < width; j++) {
        const column = panel * width + j
        to[before + (panel * inner + row) * width + j] = column < columns ? of(row, column) : 0
      }
}

const panelFloats = (tile: ProductTile, inner: number, columns: number): number =>
  Math.ceil(columns / productTiles[tile].columns) * productTiles[tile].columns * inner

export const packPanels = kernelSweep({
  dimensions: {
    tile: tiles,
    inner: [...range(1, 18), 24, 40, 64],
    columns: [...range(1, 50), ...around(1, 64, 96), 104, 128],
    isTransposed: [false, true],
    tasks: [1, 2, 3, 5],
    batch: [undefined, [1, 2], [2, 1], [2, 3]] as const,
    order: dense,
  },
  build({ tile, inner, columns, isTransposed, tasks, batch, order }, random) {
    if (isTransposed && (inner % 8 !== 0 || columns % 8 !== 0)) return undefined
    // Of an order of dense matrices either rows or columns lie without gaps, as the kernel is told.
    if (batch !== undefined && order.at(-1) !== (isTransposed ? 2 : 3)) return undefined
    const [first, second] = batch ?? [1, 1]
    const strides =
      batch === undefined
        ? [0, 0, isTransposed ? 1 : columns, isTransposed ? inner : 1]
        : stridesOfOrder([first, second, inner, columns], order)
    const [s0, s1, ofRow, ofColumn] = strides as [number, number, number, number]
    const b = random.integers(first * second * inner * columns)
    const floats = panelFloats(tile, inner, columns)
    const values = new Float64Array(first * second * floats)
    for (let m = 0; m < first * second; m++) {
      const begin = Math.floor(m / second) * s0 + (m % second) * s1
      fillPanels(values, { tile, inner, columns, before: m * floats }, (row, column) => {
        return b[begin + row * ofRow + column * ofColumn] as number
      })
    }
    const kernel: PackPanelsKernel = {
      kind: 'packPanels',
      tile,
      inner,
      columns,
      isTransposed,
      tasks,
      ...(batch !== undefined && {
        batch: { sizes: batch, strides: { batch: [s0, s1], row: isTransposed ? ofColumn : ofRow } },
      }),
    }
    return { kernel, inputs: [b], outputs: [{ values }] }
  },
})

/**
 * Tiles of 6 × 16 and 14 × 32; blocks of 512 and 768 elements of a row and of 2¹⁵ and 2¹⁶ floats; copies where rows are
 * 1024 floats apart (2048 are three blocks of wide tiles), or panels are many.
 */
export const product = kernelSweep({
  // All values: of one length of rows alone wide tiles make a copy.
  shortCases: 1000,
  dimensions: {
    tile: tiles,
    rows: [...range(1, 30), 43, ...around(1, 60), 67, 85, 131],
    inner: [...range(1, 20), 32, 33, ...around(1, 512, 768), 1024, 1030, 1536, 1544, 2048],
    columns: [...range(1, 66), 80, 97, 128, 130],
    isTransposed: [false, true],
    hasBias: [false, true],
    hasRelu: [false, true],
    rowParts: [1, 2, 3, 5],
    columnParts: [1, 2, 3],
    hasNaN: [false, false, false, true],
  },
  build(
    { tile, rows, inner, columns, isTransposed, hasBias, hasRelu, rowParts, columnParts, hasNaN },
    random,
  ) {
    if (rows * inner * columns > 1_000_000) return undefined
    const [a, b] = [random.integers(rows * inner), random.integers(inner * columns)]
    if (hasNaN) a[random.below(a.length)] = Number.NaN
    const bias = random.integers(columns, 50)
    const at = (i: number, k: number): number => a[isTransposed ? k * rows + i : i * inner + k] as number
    const values = new Float64Array(rows * columns)
    for (let i = 0; i < rows; i++)
      for (let k = 0; k < inner; k++) {
        const factor = at(i, k)
        for (let j = 0; j < columns; j++)
          values[i * columns + j] =
            (values[i * columns + j] as number) + factor * (b[k * columns + j] as number)
      }
    values.forEach((sum, i) => {
      const value = hasBias ? sum + (bias[i % columns] as number) : sum
      values[i] = hasRelu && value < 0 ? 0 : value
    })
    const panels = new Float32Array(panelFloats(tile, inner, columns))
    fillPanels(
      panels,
      { tile, inner, columns, before: 0 },
      (row, column) => b[row * columns + column] as number,
    )
    const kernel: ProductKernel = {
      kind: 'product',
      tile,
      shape: [rows, columns],
      rows,
      inner,
      columns,
      isTransposed,
      hasBias,
      hasRelu,
      parts: [rowParts, columnParts],
    }
    return {
      kernel,
      inputs: hasBias ? [a, panels, bias] : [a, panels],
      outputs: [{ values }, undefined],
    }
  },
})

/** The same for a batch of matrices that lie in any order, and of which one side of the diagonal may be 0. */
export const batchProduct = kernelSweep({
  dimensions: {
    tile: tiles,
    rows: [...range(1, 30), 45, 61, 97],
    inner: [...range(1, 20), 32, 45, 64, 128, 513, 769, 1024],
    columns: [...range(1, 50), 64, 65, 96, 130],
    sizes: [
      [1, 2],
      [2, 1],
      [2, 3],
    ] as const,
    aOrder: allOrders,
    cOrder: byRows,
    rowParts: [1, 2],
    columnParts: [1, 2, 4],
    triangle: [undefined, 'lower', 'upper', 'result'] as const,
  },
  build({ tile, rows, columns, sizes, aOrder, cOrder, rowParts, columnParts, triangle, ...more }, random) {
    const inner = triangle === 'lower' || triangle === 'upper' ? rows : more.inner
    const matrices = sizes[0] * sizes[1]
    if (matrices * rows * inner * columns > 500_000) return undefined
    const [ofA, ofC] = [
      stridesOfOrder([...sizes, rows, inner], aOrder),
      stridesOfOrder([...sizes, rows, columns], cOrder),
    ] as [number[], number[]]
    const a = random.integers(matrices * rows * inner)
    const b = random.integers(matrices * inner * columns)
    const floats = panelFloats(tile, inner, columns)
    const panels = new Float32Array(matrices * floats)
    const values = new Float64Array(matrices * rows * columns)
    const isAbove = new Uint8Array(values.length)
    const at = (strides: readonly number[], m: number, i: number, j: number): number => {
      const [first, second, row, column] = strides as [number, number, number, number]
      return Math.floor(m / sizes[1]) * first + (m % sizes[1]) * second + i * row + j * column
    }
    for (let m = 0; m < matrices; m++) {
      const bAt = (k: number, j: number): number => b[(m * inner + k) * columns + j] as number
      fillPanels(panels, { tile, inner, columns, before: m * floats }, bAt)
      for (let i = 0; i < rows; i++) {
        for (let k = 0; k < inner; k++)
          if ((triangle === 'lower' && k > i) || (triangle === 'upper' && k < i)) a[at(ofA, m, i, k)] = 0
        for (let j = 0; j < columns; j++) {
          let sum = 0
          for (let k = 0; k < inner; k++) sum += (a[at(ofA, m, i, k)] as number) * bAt(k, j)
          values[at(ofC, m, i, j)] = sum
          isAbove[at(ofC, m, i, j)] = j > i ? 1 : 0
        }
      }
    }
    const kernel: ProductKernel = {
      kind: 'product',
      tile,
      shape: [matrices, rows, columns],
      rows,
      inner,
      columns,
      isTransposed: false,
      hasBias: false,
      hasRelu: false,
      parts: [rowParts, columnParts],
      batch: {
        sizes,
        a: { batch: [ofA[0] as number, ofA[1] as number], row: ofA[2] as number, inner: ofA[3] as number },
        c: { batch: [ofC[0] as number, ofC[1] as number], row: ofC[2] as number },
        ...(triangle !== undefined && { triangle }),
      },
    }
    const mayBeZero = triangle === ('result' satisfies Triangle) ? (i: number) => isAbove[i] === 1 : undefined
    return {
      kernel,
      inputs: [a, panels],
      outputs: [{ values, ...(mayBeZero && { mayBeZero }) }, undefined],
    }
  },
})
