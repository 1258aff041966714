import type { TreeColumn } from './bins.ts'
import { checkColumnCount, checkColumns } from './checks.ts'
import { Forest } from './forest.ts'
import { type TreeLossName, treeLosses } from './losses.ts'

/** What trees became, and how their losses went. */
export interface BoostedParts {
  readonly loss: TreeLossName
  readonly classes: number
  readonly quantile: number
  /** Scores before the first tree, one an output. */
  readonly begin: readonly number[]
  readonly forest: Forest
  /** The loss of the validation rows before the first round and after each, where there were any. */
  readonly validationLosses: readonly number[]
}

/** Trees that were trained. */
export class BoostedTrees implements BoostedParts {
  readonly loss: TreeLossName
  readonly classes: number
  readonly quantile: number
  readonly begin: readonly number[]
  readonly forest: Forest
  readonly validationLosses: readonly number[]

  constructor({ loss, classes, quantile, begin, forest, validationLosses }: BoostedParts) {
    this.loss = loss
    this.classes = classes
    this.quantile = quantile
    this.begin = begin
    this.forest = forest
    this.validationLosses = validationLosses
  }

  /** The same trees with leaves as float32, which take half as much room; each is off by less than a ten-millionth. */
  withShortLeaves(): BoostedTrees {
    const { nodes, bins, gains } = this.forest
    const value = nodes.value.map(Math.fround)
    return new BoostedTrees({ ...this, forest: new Forest({ ...nodes, value }, bins, gains) })
  }

  /** Rounds that were kept. */
  get rounds(): number {
    return this.forest.trees / this.begin.length
  }

  /** Scores of rows before the link, one array an output: log-odds, logits, logarithms of counts, numbers. */
  scores(columns: readonly TreeColumn[]): Float64Array[] {
    const rows = checkColumns('BoostedTrees', columns)
    checkColumnCount('BoostedTrees', columns.length, this.forest.bins.length)
    const scores = this.begin.map((value) => new Float64Array(rows).fill(value))
    this.forest.addTo(scores, columns)
    return scores
  }

  /** Predictions of rows, one array an output: probabilities (of 1, or of each class), counts, numbers. */
  predict(columns: readonly TreeColumn[]): Float64Array[] {
    const scores = this.scores(columns)
    treeLosses[this.loss](this).predict(scores)
    return scores
  }
}
