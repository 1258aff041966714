import { ArgumentError } from 'typegrad/core'
import { type ColumnBins, missingBin, type TreeColumn, writeBins } from './bins.ts'
import {
  binsPerColumn,
  columnsPerPass,
  countBytes,
  sumBytes,
  type TreeCode,
  treeCode,
} from './histogram-code.ts'
import { webAssembly } from './webassembly.ts'

const pageBytes = 65536
/** What a memory of 32-bit addresses can have, less a page. */
const mostBytes = 4 * 1024 ** 3 - pageBytes

/**
 * All that growing trees needs, in one memory that WebAssembly and JavaScript share: bins of all columns, the order of rows, pairs of
 * gradient and hessian, and a pool of histograms. It is laid out once; no node of a tree allocates anything.
 */
export class TrainingMemory {
  readonly rows: number
  readonly columns: number
  /** Bins by columns: column c's of row r is at `c * rows + r`. */
  readonly bins: Uint8Array
  /** Numbers of rows; each node has a range of them. Behind them there is place for as many, for splitting. */
  readonly order: Uint32Array
  /** Gradient and hessian of each row of the table. */
  readonly pairs: Float32Array
  /** Histograms' gradients and hessians: `{@link sumsAt}` says where. */
  readonly sums: Float64Array
  readonly counts: Uint32Array
  /** Bins of each column, with the one of missing values. */
  readonly widths: Int32Array
  /** 1 for each bin whose rows go left, for {@link partition}. */
  readonly #marks: Uint8Array
  readonly #hasConstantHessians: boolean
  readonly #code: TreeCode
  readonly #at: Readonly<Record<'order' | 'pairs' | 'ordered' | 'sums' | 'counts' | 'marks', number>>

  /** @param histograms how many there can be at a time. @throws ArgumentError for more than fits into 4 GiB. */
  constructor(
    columns: readonly TreeColumn[],
    bins: readonly ColumnBins[],
    histograms: number,
    hasConstantHessians: boolean,
  ) {
    const rows = columns[0]?.values.length ?? 0
    let size = 0
    const place = (bytes: number): number => {
      const at = size
      size = Math.ceil((size + bytes) / 16) * 16
      if (size > mostBytes) throw tooLarge(rows, columns.length, histograms)
      return at
    }
    // Bins begin at address 0.
    place(rows * columns.length)
    const marks = place(binsPerColumn)
    const order = place(rows * 8)
    const pairs = place(rows * 8)
    const ordered = place(rows * 8)
    const sums = place(histograms * columns.length * sumBytes)
    const counts = place(histograms * columns.length * countBytes)
    const memory = new webAssembly.Memory({ initial: Math.ceil(size / pageBytes) })
    this.rows = rows
    this.columns = columns.length
    this.bins = new Uint8Array(memory.buffer, 0, rows * columns.length)
    this.order = new Uint32Array(memory.buffer, order, rows * 2)
    this.pairs = new Float32Array(memory.buffer, pairs, rows * 2)
    this.#marks = new Uint8Array(memory.buffer, marks, binsPerColumn)
    this.sums = new Float64Array(memory.buffer, sums, (histograms * columns.length * sumBytes) / 8)
    this.counts = new Uint32Array(memory.buffer, counts, (histograms * columns.length * countBytes) / 4)
    this.widths = Int32Array.from(bins, (column) => missingBin(column) + 1)
    this.#hasConstantHessians = hasConstantHessians
    this.#code = treeCode(memory, !hasConstantHessians)
    this.#at = { order, pairs, ordered, sums, counts, marks }
    columns.forEach(({ values }, i) => {
      writeBins(bins[i] as ColumnBins, values, this.bins.subarray(i * rows, (i + 1) * rows))
    })
  }

  /**
   * Makes the histograms of the rows from `start` to `end` of the order.
   *
   * @param used the columns, by their places; the histogram's own columns are in this order.
   */
  makeHistogram(histogram: number, start: number, end: number, used: Int32Array): void {
    const { rows, columns, sums, counts, widths } = this
    const [at, code] = [this.#at, this.#code]
    for (let column = 0; column < used.length; column++) {
      const first = (histogram * columns + column) * binsPerColumn
      const last = first + (widths[used[column] as number] as number)
      sums.fill(0, 2 * first, 2 * last)
      if (!this.#hasConstantHessians) counts.fill(0, first, last)
    }
    const [from, until] = [at.order + 4 * start, at.order + 4 * end]
    code.gather(from, until, at.pairs, at.ordered)
    for (let column = 0; column < used.length; column += columnsPerPass) {
      const taken = Math.min(columnsPerPass, used.length - column)
      const place = histogram * columns + column
      // Functions for fewer columns ignore the rest.
      code.addRows[taken - 1]?.(
        from,
        until,
        at.ordered,
        at.sums + place * sumBytes,
        at.counts + place * countBytes,
        (used[column] as number) * rows,
        (used[column + 1] ?? 0) * rows,
        (used[column + 2] ?? 0) * rows,
        (used[column + 3] ?? 0) * rows,
      )
    }
  }

  /** Takes a node's histogram from that of the node above: what is left is its sibling's. */
  subtractHistogram(from: number, histogram: number, used: Int32Array): void {
    const { columns, widths } = this
    const [at, code] = [this.#at, this.#code]
    for (let column = 0; column < used.length; column++) {
      const width = widths[used[column] as number] as number
      const [a, b] = [from * columns + column, histogram * columns + column]
      const [sums, counts] = [at.sums + a * sumBytes, at.counts + a * countBytes]
      code.subtractSums(sums, sums + 16 * width, at.sums + b * sumBytes)
      // Four at a time: what is beyond the last bin is never read.
      if (!this.#hasConstantHessians)
        code.subtractCounts(counts, counts + 4 * width, at.counts + b * countBytes)
    }
  }

  /** Puts the rows that go left before the others, each in their order, and says where the others begin. */
  partition(column: number, start: number, end: number, goesLeft: Uint8Array, first: number): number {
    const { rows, order } = this
    const at = this.#at
    for (let bin = 0; bin < binsPerColumn; bin++) this.#marks[bin] = goesLeft[first + bin] as number
    const [from, others] = [at.order + 4 * start, at.order + 4 * rows]
    const left = this.#code.partition(from, at.order + 4 * end, others, column * rows, at.marks)
    const middle = (((left >>> 0) - at.order) / 4) | 0
    order.copyWithin(middle, rows, rows + end - middle)
    return middle
  }
}

function tooLarge(rows: number, columns: number, histograms: number): ArgumentError {
  return new ArgumentError({
    where: 'trees',
    expected: 'a table that fits into 4 GiB with the histograms of its leaves',
    received: `${rows} rows, ${columns} columns and ${histograms} histograms of ${((sumBytes + countBytes) * columns) / 1024} KiB`,
    fix: 'Take a sample of the rows, fewer columns, or fewer leaves (maxLeaves).',
  })
}
