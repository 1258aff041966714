import { type ColumnBins, missingBin } from './bins.ts'
import { binsPerColumn } from './histogram-code.ts'
import { leafValue, SplitFinder, type SplitRules } from './split.ts'
import type { TrainingMemory } from './training-memory.ts'

export interface GrowthRules extends SplitRules {
  readonly maxLeaves: number
  readonly maxDepth: number
}

/**
 * Grows one tree after another, always splitting the leaf whose split gains most (leaf-wise, as LightGBM does). Of a node's children the
 * smaller one's histogram is made from its rows, and the other's is what is left of the parent's. The fields of nodes are arrays that
 * all trees share; a tree's root is node 0.
 */
export class TreeGrower {
  /** Nodes of the tree that was grown last. */
  count = 0
  /** The column that a node splits by; −1 of a leaf. */
  readonly column: Int32Array
  readonly bin: Uint8Array
  readonly missingLeft: Uint8Array
  readonly left: Int32Array
  readonly right: Int32Array
  /** Of a leaf: −G / (H + λ). */
  readonly value: Float64Array
  /** For each node which bins go left: `binsPerColumn` each. */
  readonly goesLeft: Uint8Array
  /** A node's rows in the memory's order. */
  readonly start: Uint32Array
  readonly end: Uint32Array

  readonly #memory: TrainingMemory
  readonly #bins: readonly ColumnBins[]
  readonly #hasMissing: Uint8Array
  readonly #rules: GrowthRules
  readonly #finder: SplitFinder
  /** What the split that was found gains; 0 without one. */
  readonly gain: Float64Array
  /** The column of the split that was found, before it is made. */
  readonly #found: Int32Array
  readonly #gradient: Float64Array
  readonly #hessian: Float64Array
  // Sums of the left child of the split that was found.
  readonly #leftGradient: Float64Array
  readonly #leftHessian: Float64Array
  readonly #depth: Uint16Array
  /** The place of a node's histogram; −1 without one. */
  readonly #histogram: Int32Array
  readonly #free: Int32Array
  #freeCount = 0

  constructor(
    memory: TrainingMemory,
    bins: readonly ColumnBins[],
    hasConstantHessians: boolean,
    rules: GrowthRules,
  ) {
    const most = 2 * rules.maxLeaves
    this.#memory = memory
    this.#bins = bins
    this.#rules = rules
    this.#hasMissing = Uint8Array.from(bins, (column, i) => {
      const own = memory.bins.subarray(i * memory.rows, (i + 1) * memory.rows)
      return own.includes(missingBin(column)) ? 1 : 0
    })
    this.#finder = new SplitFinder(memory, bins, this.#hasMissing, hasConstantHessians, rules)
    this.column = new Int32Array(most)
    this.bin = new Uint8Array(most)
    this.missingLeft = new Uint8Array(most)
    this.left = new Int32Array(most)
    this.right = new Int32Array(most)
    this.value = new Float64Array(most)
    this.goesLeft = new Uint8Array(most * binsPerColumn)
    this.start = new Uint32Array(most)
    this.end = new Uint32Array(most)
    this.gain = new Float64Array(most)
    this.#found = new Int32Array(most)
    this.#gradient = new Float64Array(most)
    this.#hessian = new Float64Array(most)
    this.#leftGradient = new Float64Array(most)
    this.#leftHessian = new Float64Array(most)
    this.#depth = new Uint16Array(most)
    this.#histogram = new Int32Array(most)
    this.#free = new Int32Array(histogramsFor(rules.maxLeaves))
  }

  /**
   * @param rows the first so many of the memory's order are what the tree is grown from.
   * @param used the columns that it may split by.
   */
  grow(rows: number, used: Int32Array): void {
    this.#freeCount = this.#free.length
    for (let i = 0; i < this.#freeCount; i++) this.#free[i] = i
    this.count = 0
    const root = this.#add(0, rows, 0)
    const histogram = this.#take()
    this.#memory.makeHistogram(histogram, 0, rows, used)
    const [gradient, hessian] = this.#totals(histogram, used)
    this.#gradient[root] = gradient
    this.#hessian[root] = hessian
    // A tree that cannot split changes nothing; gains are against that.
    this.value[root] = 0
    this.#histogram[root] = histogram
    this.#findSplit(root, used, 0)
    for (let leaves = 1; leaves < this.#rules.maxLeaves; leaves++) {
      const node = this.#best()
      if (node < 0) return
      this.#split(node, used, leaves + 1 === this.#rules.maxLeaves)
    }
  }

  /** The leaf that a row is in. @param bins by columns, `rows` each. */
  leafOf(bins: Uint8Array, rows: number, row: number): number {
    let node = 0
    for (let column = this.column[0] as number; column >= 0; column = this.column[node] as number) {
      const isLeft = this.goesLeft[node * binsPerColumn + (bins[column * rows + row] as number)] === 1
      node = (isLeft ? this.left[node] : this.right[node]) as number
    }
    return node
  }

  #add(start: number, end: number, depth: number): number {
    const node = this.count++
    this.column[node] = -1
    this.start[node] = start
    this.end[node] = end
    this.#depth[node] = depth
    this.gain[node] = 0
    this.#histogram[node] = -1
    return node
  }

  /** The sums over all rows, which the histogram of any column has. */
  #totals(histogram: number, used: Int32Array): readonly [gradient: number, hessian: number] {
    const { sums, columns, widths } = this.#memory
    const first = 2 * histogram * columns * binsPerColumn
    const width = widths[used[0] as number] as number
    let [gradient, hessian] = [0, 0]
    for (let bin = 0; bin < width; bin++) {
      gradient += sums[first + 2 * bin] as number
      hessian += sums[first + 2 * bin + 1] as number
    }
    return [gradient, hessian]
  }

  /** The open node whose split gains most; −1 where none gains anything. */
  #best(): number {
    let best = -1
    let most = 0
    for (let node = 0; node < this.count; node++) {
      if (this.column[node] !== -1 || (this.gain[node] as number) <= most) continue
      best = node
      most = this.gain[node] as number
    }
    return best
  }

  #findSplit(node: number, used: Int32Array, value: number): void {
    const count = (this.end[node] as number) - (this.start[node] as number)
    const finder = this.#finder
    const [gradient, hessian] = [this.#gradient[node] as number, this.#hessian[node] as number]
    const { minRows, minHessian, maxDepth } = this.#rules
    const isOpen = count >= 2 * minRows && hessian >= minHessian && (this.#depth[node] as number) < maxDepth
    if (isOpen) finder.find(this.#histogram[node] as number, used, count, gradient, hessian, value)
    if (!isOpen || finder.column < 0) {
      this.#release(node)
      return
    }
    this.gain[node] = finder.gain
    this.bin[node] = finder.bin
    this.missingLeft[node] = finder.missingLeft ? 1 : 0
    // Where training had no missing values, they follow the most rows.
    if (this.#hasMissing[finder.column] === 0)
      this.missingLeft[node] = finder.leftCount > count - finder.leftCount ? 1 : 0
    this.#leftGradient[node] = finder.leftGradient
    this.#leftHessian[node] = finder.leftHessian
    this.#found[node] = finder.column
    this.goesLeft.set(finder.left, node * binsPerColumn)
    const missing = missingBin(this.#bins[finder.column] as ColumnBins)
    this.goesLeft[node * binsPerColumn + missing] = this.missingLeft[node] as number
  }

  #split(node: number, used: Int32Array, isLast: boolean): void {
    const { l2 } = this.#rules
    const column = this.#found[node] as number
    this.column[node] = column
    const [start, end] = [this.start[node] as number, this.end[node] as number]
    const middle = this.#memory.partition(column, start, end, this.goesLeft, node * binsPerColumn)
    const depth = (this.#depth[node] as number) + 1
    const [left, right] = [this.#add(start, middle, depth), this.#add(middle, end, depth)]
    this.left[node] = left
    this.right[node] = right
    this.#gradient[left] = this.#leftGradient[node] as number
    this.#hessian[left] = this.#leftHessian[node] as number
    this.#gradient[right] = (this.#gradient[node] as number) - (this.#leftGradient[node] as number)
    this.#hessian[right] = (this.#hessian[node] as number) - (this.#leftHessian[node] as number)
    for (const child of [left, right])
      this.value[child] = leafValue(this.#gradient[child] as number, this.#hessian[child] as number, l2)
    const least = 2 * this.#rules.minRows
    const canSplit =
      !isLast && depth < this.#rules.maxDepth && Math.max(middle - start, end - middle) >= least
    if (!canSplit) {
      this.#release(node)
      return
    }
    const [small, large] = middle - start < end - middle ? [left, right] : [right, left]
    const histogram = this.#take()
    this.#memory.makeHistogram(histogram, this.start[small] as number, this.end[small] as number, used)
    this.#histogram[small] = histogram
    this.#histogram[large] = this.#histogram[node] as number
    this.#histogram[node] = -1
    this.#memory.subtractHistogram(this.#histogram[large] as number, histogram, used)
    for (const child of [left, right]) this.#findSplit(child, used, this.value[child] as number)
  }

  #take(): number {
    this.#freeCount -= 1
    return this.#free[this.#freeCount] as number
  }

  #release(node: number): void {
    const histogram = this.#histogram[node] as number
    if (histogram < 0) return
    this.#free[this.#freeCount++] = histogram
    this.#histogram[node] = -1
  }
}

/** How many histograms a tree needs at a time: each open leaf has one, and a split needs one more. */
export const histogramsFor = (maxLeaves: number): number => maxLeaves + 1
