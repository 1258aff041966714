import { type ColumnBins, missingBin, type TreeColumn, writeBins } from './bins.ts'
import type { ForestNodes } from './forest-nodes.ts'
import { ForestWalker, missingCode } from './forest-walker.ts'

/** Rows that are predicted together: while all trees look at them, they stay in the processor's cache. */
const blockRows = 256

/** Trees that give a number for a row each. */
export class Forest {
  readonly nodes: ForestNodes
  /** The bins of each column, with the thresholds that nodes compare with. */
  readonly bins: readonly ColumnBins[]
  /** What the splits by each column gained together. */
  readonly gains: Float64Array
  #walker: ForestWalker | undefined

  constructor(nodes: ForestNodes, bins: readonly ColumnBins[], gains: Float64Array) {
    this.nodes = nodes
    this.bins = bins
    this.gains = gains
  }

  /** How many trees there are. */
  get trees(): number {
    return this.nodes.roots.length
  }

  /** Numbers that do not exceed it go left. Behind the last threshold there are missing values alone. */
  thresholdOf(node: number): number {
    const bins = this.bins[this.nodes.column[node] as number]
    const thresholds = bins?.kind === 'number' ? bins.thresholds : undefined
    return thresholds?.[this.nodes.bin[node] as number] ?? Number.POSITIVE_INFINITY
  }

  /** Adds what the trees say to scores: trees take turns, one for each output. */
  addTo(scores: readonly Float64Array[], columns: readonly TreeColumn[]): void {
    this.#walker ??= new ForestWalker(this.nodes, this.bins.length)
    const rows = scores[0]?.length ?? 0
    const codes = new Uint8Array(Math.min(rows, blockRows))
    for (let start = 0; start < rows; start += blockRows) {
      const count = Math.min(blockRows, rows - start)
      columns.forEach(({ values }, i) => {
        const bins = this.bins[i] as ColumnBins
        writeBins(bins, part(values, start, count), codes)
        // A category that there is not is missing.
        const missing = missingBin(bins)
        for (let row = 0; row < count; row++) if (codes[row] === missing) codes[row] = missingCode
        this.#walker?.setColumn(i, codes, count)
      })
      this.#walker.addTrees(scores, start, count)
    }
  }

  /** The share of each column in what all splits gained. */
  importance(): Float64Array {
    const total = this.gains.reduce((sum, gain) => sum + gain, 0)
    return total > 0 ? this.gains.map((gain) => gain / total) : this.gains.slice()
  }
}

const part = (values: ArrayLike<number>, start: number, count: number): ArrayLike<number> =>
  values instanceof Float64Array
    ? values.subarray(start, start + count)
    : Float64Array.from({ length: count }, (_, i) => values[start + i] as number)
