import { type ColumnBins, missingBin, type TreeColumn } from './bins.ts'
import type { TreeGrower } from './grow.ts'
import { binsPerColumn } from './histogram-code.ts'

/** The nodes of all trees, field by field. */
export interface ForestNodes {
  /** The first node of each tree. */
  readonly roots: Int32Array
  /** The column that a node splits by; −1 of a leaf. */
  readonly column: Int32Array
  /** Numbers that do not exceed it go left. */
  readonly threshold: Float64Array
  readonly left: Int32Array
  readonly right: Int32Array
  readonly missingLeft: Uint8Array
  /** What a leaf adds. */
  readonly value: Float64Array
  /** Where in `sets` the categories that go left stand, as 8 numbers of 32 bits; −1 where numbers are compared. */
  readonly set: Int32Array
  readonly sets: Uint32Array
  /** What the split of a node gained, for importance. */
  readonly gain: Float64Array
}

/** Rows that are predicted together. */
const blockRows = 256

/** Words of a set of categories. */
export const setWords = binsPerColumn / 32

/** Trees that give a number for a row each. */
export class Forest {
  readonly nodes: ForestNodes

  constructor(nodes: ForestNodes) {
    this.nodes = nodes
  }

  /** How many trees there are. */
  get trees(): number {
    return this.nodes.roots.length
  }

  /** Adds what the trees say to scores: trees take turns, one for each output. */
  addTo(scores: readonly Float64Array[], columns: readonly TreeColumn[]): void {
    const rows = scores[0]?.length ?? 0
    // A block of rows stays in the processor's cache while all trees look at it.
    const block = new Float64Array(Math.min(rows, blockRows) * columns.length)
    for (let start = 0; start < rows; start += blockRows) {
      const end = Math.min(rows, start + blockRows)
      columns.forEach(({ values, categories }, i) => {
        for (let row = start, at = i; row < end; row++, at += columns.length) {
          const value = values[row] as number
          // A category that there is not is missing.
          block[at] = categories === undefined || (value >= 0 && value < categories) ? value : Number.NaN
        }
      })
      for (let tree = 0; tree < this.trees; tree++)
        this.#addTree(tree, block, columns.length, start, end, scores[tree % scores.length] as Float64Array)
    }
  }

  #addTree(
    tree: number,
    block: Float64Array,
    width: number,
    start: number,
    end: number,
    scores: Float64Array,
  ): void {
    const { roots, column, threshold, left, right, missingLeft, value, set, sets } = this.nodes
    const root = roots[tree] as number
    for (let row = start, first = 0; row < end; row++, first += width) {
      let node = root
      for (let at = column[node] as number; at >= 0; at = column[node] as number) {
        const x = block[first + at] as number
        const words = set[node] as number
        let isLeft: boolean
        if (Number.isNaN(x)) isLeft = missingLeft[node] === 1
        else if (words < 0) isLeft = x <= (threshold[node] as number)
        else isLeft = (((sets[words + (x >> 5)] as number) >>> (x & 31)) & 1) === 1
        node = (isLeft ? left[node] : right[node]) as number
      }
      scores[row] = (scores[row] as number) + (value[node] as number)
    }
  }

  /** The share of each column in what all splits gained. */
  importance(columns: number): Float64Array {
    const shares = new Float64Array(columns)
    const { column, gain } = this.nodes
    let total = 0
    for (let node = 0; node < column.length; node++) {
      const at = column[node] as number
      if (at < 0) continue
      shares[at] = (shares[at] as number) + (gain[node] as number)
      total += gain[node] as number
    }
    return total > 0 ? shares.map((share) => share / total) : shares
  }

  /** The first trees alone. */
  first(trees: number): Forest {
    const { nodes } = this
    if (trees >= this.trees) return this
    const end = nodes.roots[trees] as number
    return new Forest({
      ...nodes,
      roots: nodes.roots.slice(0, trees),
      column: nodes.column.slice(0, end),
      threshold: nodes.threshold.slice(0, end),
      left: nodes.left.slice(0, end),
      right: nodes.right.slice(0, end),
      missingLeft: nodes.missingLeft.slice(0, end),
      value: nodes.value.slice(0, end),
      set: nodes.set.slice(0, end),
      gain: nodes.gain.slice(0, end),
    })
  }
}

/** Collects trees as they are grown. */
export class ForestBuilder {
  readonly #bins: readonly ColumnBins[]
  readonly #roots: number[] = []
  readonly #column: number[] = []
  readonly #threshold: number[] = []
  readonly #left: number[] = []
  readonly #right: number[] = []
  readonly #missingLeft: number[] = []
  readonly #value: number[] = []
  readonly #set: number[] = []
  readonly #sets: number[] = []
  readonly #gain: number[] = []

  constructor(bins: readonly ColumnBins[]) {
    this.#bins = bins
  }

  /** Adds the tree that was grown last. */
  add(tree: TreeGrower): void {
    const first = this.#column.length
    this.#roots.push(first)
    for (let node = 0; node < tree.count; node++) {
      const column = tree.column[node] as number
      const bins = this.#bins[column]
      this.#column.push(column)
      this.#left.push(column < 0 ? 0 : first + (tree.left[node] as number))
      this.#right.push(column < 0 ? 0 : first + (tree.right[node] as number))
      this.#missingLeft.push(column < 0 ? 0 : (tree.missingLeft[node] as number))
      this.#value.push(column < 0 ? (tree.value[node] as number) : 0)
      this.#gain.push(column < 0 ? 0 : (tree.gain[node] as number))
      this.#set.push(bins?.kind === 'category' ? this.#addSet(tree, node, bins) : -1)
      // Behind the last threshold there are missing values alone.
      this.#threshold.push(
        bins?.kind === 'number' ? (bins.thresholds[tree.bin[node] as number] ?? Number.POSITIVE_INFINITY) : 0,
      )
    }
  }

  #addSet(tree: TreeGrower, node: number, bins: ColumnBins): number {
    const first = this.#sets.length
    const words = new Uint32Array(setWords)
    for (let bin = 0; bin < missingBin(bins); bin++)
      if (tree.goesLeft[node * binsPerColumn + bin] === 1)
        words[bin >> 5] = (words[bin >> 5] as number) | (1 << (bin & 31))
    this.#sets.push(...words)
    return first
  }

  build(): Forest {
    return new Forest({
      roots: Int32Array.from(this.#roots),
      column: Int32Array.from(this.#column),
      threshold: Float64Array.from(this.#threshold),
      left: Int32Array.from(this.#left),
      right: Int32Array.from(this.#right),
      missingLeft: Uint8Array.from(this.#missingLeft),
      value: Float64Array.from(this.#value),
      set: Int32Array.from(this.#set),
      sets: Uint32Array.from(this.#sets),
      gain: Float64Array.from(this.#gain),
    })
  }
}
