import type { ColumnBins } from './bins.ts'
import { binsPerColumn } from './histogram-code.ts'
import type { TrainingMemory } from './training-memory.ts'

/** What a split has to keep to. */
export interface SplitRules {
  /** λ of the leaf values −G / (H + λ). */
  readonly l2: number
  readonly minRows: number
  readonly minHessian: number
  readonly minGain: number
}

/** Keeps leaf values finite where hessians vanish. */
const epsilon = 1e-15

/** Rows' worth of hessian that are added to a category before categories are put in order, and that a category needs to be in it. */
const categorySupport = 10

/** Splits that are as good but for rounding are looked at too, so that ties end as the formula of the gain says. */
const almost = 1 - 1e-10

/** The value of a leaf, before shrinkage. */
export const leafValue = (gradient: number, hessian: number, l2: number): number =>
  -gradient / (hessian + l2 + epsilon)

/**
 * Finds the best split of a node from its histogram: for numbers by a scan over thresholds with missing values on either side, for
 * categories by a scan in the order of their gradients (Fisher, "On grouping for maximum homogeneity", 1958). The gain is the loss that
 * leaves save by the second-order approximation (Chen and Guestrin, 2016, equation 7), twice.
 *
 * What was found stands in its fields, which the next search overwrites.
 */
export class SplitFinder {
  gain = 0
  /** The column's place in the table; −1 without a split. */
  column = -1
  /** Values in bins up to this one go left; of categories, `left` says which. */
  bin = 0
  missingLeft = false
  leftGradient = 0
  leftHessian = 0
  leftCount = 0
  /** 1 for each bin whose rows go left. */
  readonly left = new Uint8Array(binsPerColumn)

  readonly #memory: TrainingMemory
  readonly #bins: readonly ColumnBins[]
  readonly #hasMissing: Uint8Array
  readonly #hasConstantHessians: boolean
  readonly #rules: SplitRules
  // Categories with enough rows, in the order of their gradients.
  readonly #categories = new Uint8Array(binsPerColumn)
  readonly #means = new Float64Array(binsPerColumn)
  // Of the node that is looked at.
  #first = 0
  #count = 0
  #gradient = 0
  #hessian = 0
  #loss = 0

  constructor(
    memory: TrainingMemory,
    bins: readonly ColumnBins[],
    hasMissing: Uint8Array,
    hasConstantHessians: boolean,
    rules: SplitRules,
  ) {
    this.#memory = memory
    this.#bins = bins
    this.#hasMissing = hasMissing
    this.#hasConstantHessians = hasConstantHessians
    this.#rules = rules
  }

  /**
   * @param value of the node as a leaf, which the gain is against.
   * @param used the columns that the histogram has, by their places.
   */
  find(
    histogram: number,
    used: Int32Array,
    count: number,
    gradient: number,
    hessian: number,
    value: number,
  ): void {
    this.gain = 0
    this.column = -1
    this.#count = count
    this.#gradient = gradient
    this.#hessian = hessian
    this.#loss = gradient * value
    for (let i = 0; i < used.length; i++) {
      const column = used[i] as number
      this.#first = (histogram * this.#memory.columns + i) * binsPerColumn
      const { kind, count: bins } = this.#bins[column] as ColumnBins
      if (kind === 'category') this.#scanCategories(column, bins)
      else {
        const hasMissing = this.#hasMissing[column] === 1
        this.#scanUp(column, hasMissing ? bins : bins - 1)
        if (hasMissing) this.#scanDown(column, bins - 2)
      }
    }
    if (this.column >= 0 && this.#bins[this.column]?.kind === 'number') this.#markLeft()
  }

  /** Thresholds from the least on; missing values go right. */
  #scanUp(column: number, end: number): void {
    const { sums, counts } = this.#memory
    const { minRows, minHessian, l2 } = this.#rules
    const isConstant = this.#hasConstantHessians
    const [first, count, gradient, hessian] = [this.#first, this.#count, this.#gradient, this.#hessian]
    let bar = this.#bar()
    let leftCount = 0
    let leftGradient = 0
    let leftHessian = 0
    for (let bin = 0; bin < end; bin++) {
      const at = first + bin
      const binHessian = sums[2 * at + 1] as number
      const binCount = isConstant ? binHessian : (counts[at] as number)
      // Without rows, it would be the split of the bin before.
      if (binCount === 0) continue
      leftCount += binCount
      leftGradient += sums[2 * at] as number
      leftHessian += binHessian
      if (leftCount < minRows || leftHessian < minHessian) continue
      if (count - leftCount < minRows || hessian - leftHessian < minHessian) break
      const [rightGradient, rightHessian] = [gradient - leftGradient, hessian - leftHessian]
      // The gain is more than the best where a / b > bar; most thresholds are told by this, without a division.
      const [leftWeight, rightWeight] = [leftHessian + l2, rightHessian + l2]
      const parts = leftGradient * leftGradient * rightWeight + rightGradient * rightGradient * leftWeight
      if (parts <= bar * leftWeight * rightWeight) continue
      this.#consider(column, bin, false, leftGradient, leftHessian, leftCount)
      bar = this.#bar()
    }
  }

  /** Thresholds from the greatest on; missing values go left. */
  #scanDown(column: number, start: number): void {
    const { sums, counts } = this.#memory
    const { minRows, minHessian, l2 } = this.#rules
    const isConstant = this.#hasConstantHessians
    const [first, count, gradient, hessian] = [this.#first, this.#count, this.#gradient, this.#hessian]
    let bar = this.#bar()
    let rightCount = 0
    let rightGradient = 0
    let rightHessian = 0
    for (let bin = start; bin >= 0; bin--) {
      const at = first + bin + 1
      const binHessian = sums[2 * at + 1] as number
      const binCount = isConstant ? binHessian : (counts[at] as number)
      if (binCount === 0) continue
      rightCount += binCount
      rightGradient += sums[2 * at] as number
      rightHessian += binHessian
      if (rightCount < minRows || rightHessian < minHessian) continue
      if (count - rightCount < minRows || hessian - rightHessian < minHessian) break
      const [leftGradient, leftHessian] = [gradient - rightGradient, hessian - rightHessian]
      const [leftWeight, rightWeight] = [leftHessian + l2, rightHessian + l2]
      const parts = leftGradient * leftGradient * rightWeight + rightGradient * rightGradient * leftWeight
      if (parts <= bar * leftWeight * rightWeight) continue
      this.#consider(column, bin, true, leftGradient, leftHessian, count - rightCount)
      bar = this.#bar()
    }
  }

  /**
   * Categories from both ends of their order to its middle. Those with few rows stay on the right, on whose side more categories are;
   * missing values are one of them.
   */
  #scanCategories(column: number, bins: number): void {
    const { sums, counts } = this.#memory
    const { minRows, minHessian } = this.#rules
    const isConstant = this.#hasConstantHessians
    const [first, count, hessian] = [this.#first, this.#count, this.#hessian]
    const known = this.#orderCategories(this.#hasMissing[column] === 1 ? bins + 1 : bins)
    if (known < 2) return
    const middle = (known + 1) >> 1
    for (const isUp of [true, false]) {
      let leftCount = 0
      let leftGradient = 0
      let leftHessian = 0
      const end = isUp ? middle : middle - 1
      for (let i = 0; i < end; i++) {
        const at = first + (this.#categories[isUp ? i : known - 1 - i] as number)
        const binHessian = sums[2 * at + 1] as number
        leftCount += isConstant ? binHessian : (counts[at] as number)
        leftGradient += sums[2 * at] as number
        leftHessian += binHessian
        if (leftCount < minRows || leftHessian < minHessian) continue
        if (count - leftCount < minRows || hessian - leftHessian < minHessian) break
        if (!this.#consider(column, 0, false, leftGradient, leftHessian, leftCount)) continue
        this.left.fill(0)
        for (let j = 0; j <= i; j++) this.left[this.#categories[isUp ? j : known - 1 - j] as number] = 1
        this.missingLeft = this.left[bins] === 1
      }
    }
  }

  /** Puts the categories with enough rows in the order of their gradients, and says how many there are. */
  #orderCategories(bins: number): number {
    const { sums } = this.#memory
    const support = this.#count / this.#hessian
    let known = 0
    for (let bin = 0; bin < bins; bin++) {
      const at = 2 * (this.#first + bin)
      const hessian = sums[at + 1] as number
      if (hessian * support < categorySupport) continue
      const mean = (sums[at] as number) / (hessian + categorySupport)
      // By insertion: most columns have few categories, and nothing is allocated. Of equal ones the last comes first, as the merge
      // sort of scikit-learn leaves them, which calls none of two equal ones the lesser.
      let place = known++
      for (; place > 0 && (this.#means[place - 1] as number) >= mean; place--) {
        this.#means[place] = this.#means[place - 1] as number
        this.#categories[place] = this.#categories[place - 1] as number
      }
      this.#means[place] = mean
      this.#categories[place] = bin
    }
    return known
  }

  /** What the quotient of a split has to exceed to be better than the best. */
  #bar(): number {
    return (Math.max(this.gain, this.#rules.minGain) - this.#loss) * almost
  }

  /** Keeps a split if it gains more than the best. */
  #consider(
    column: number,
    bin: number,
    missingLeft: boolean,
    gradient: number,
    hessian: number,
    count: number,
  ): boolean {
    const { l2, minGain } = this.#rules
    const [rightGradient, rightHessian] = [this.#gradient - gradient, this.#hessian - hessian]
    const gain =
      this.#loss -
      gradient * leafValue(gradient, hessian, l2) -
      rightGradient * leafValue(rightGradient, rightHessian, l2)
    if (gain <= this.gain || gain <= minGain) return false
    this.gain = gain
    this.column = column
    this.bin = bin
    this.missingLeft = missingLeft
    this.leftGradient = gradient
    this.leftHessian = hessian
    this.leftCount = count
    return true
  }

  #markLeft(): void {
    const missing = this.#bins[this.column]?.count ?? 0
    this.left.fill(0)
    this.left.fill(1, 0, this.bin + 1)
    this.left[missing] = this.missingLeft ? 1 : 0
  }
}
