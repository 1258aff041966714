import { hostRandom, type Work } from 'typegrad/core'
import { binsOf, type ColumnBins, type TreeColumn, writeBins } from './bins.ts'
import type { BoostOptions } from './boost-options.ts'
import { BoostedTrees } from './boosted-trees.ts'
import {
  checkBeginning,
  checkBoostRanges,
  checkColumnCount,
  checkColumns,
  checkGroups,
  checkTargets,
} from './checks.ts'
import { ForestBuilder } from './forest-builder.ts'
import { type GrowthRules, histogramsFor, TreeGrower } from './grow.ts'
import { treeLosses } from './losses.ts'
import { drawColumns, drawRows } from './sampling.ts'
import { TrainingMemory } from './training-memory.ts'
import type { TreeLoss } from './tree-loss.ts'

/** Sums of hessians that a child has at least, as scikit-learn has it. */
const minHessian = 1e-3

/** The rounds of boosting, as work that yields between trees. */
export function* boostWork(
  columns: readonly TreeColumn[],
  given: ArrayLike<number>,
  options: BoostOptions,
): Work<BoostedTrees> {
  const { loss: name = 'squaredError', quantile = 0.5, learningRate = 0.1, seed = 0 } = options
  const { rounds = 100, rowShare = 1, columnShare = 1 } = options
  const { deadline = Number.POSITIVE_INFINITY, signal } = options
  const rows = checkColumns('boost', columns)
  checkBoostRanges(options)
  const targets = Float64Array.from(given)
  const classes = options.classes ?? (name === 'softmax' ? greatest(targets) + 1 : 2)
  checkTargets('boost', name, targets, rows, classes)
  checkGroups('boost', name, options.groups, rows)
  const loss: TreeLoss = treeLosses[name]({ classes, quantile, groups: options.groups })
  const begin = loss.begin(targets)
  checkBeginning(name, begin)

  const bins: ColumnBins[] = []
  for (const column of columns) {
    bins.push(binsOf(column, options.bins ?? 255))
    yield
  }
  const rules = rulesOf(options, rows)
  const memory = new TrainingMemory(columns, bins, histogramsFor(rules.maxLeaves), loss.hasConstantHessians)
  yield
  const grower = new TreeGrower(memory, bins, loss.hasConstantHessians, rules)
  const builder = new ForestBuilder(bins)
  const scores = begin.map((value) => new Float64Array(rows).fill(value))
  const held = heldRows(options, columns, bins, begin, classes)
  // Lists of other rows are others.
  const heldLoss: TreeLoss = treeLosses[name]({ classes, quantile, groups: options.validation?.groups })
  const stopping = new EarlyStopping(options, held && heldLoss.mean(held.targets, held.scores))
  const draw = hostRandom(seed, 0x7ee5)
  for (let round = 0; round < rounds; round++) {
    signal?.throwIfAborted()
    if (round > 0 && performance.now() > deadline) break
    const sample = drawRows(rows, rowShare, draw)
    for (let output = 0; output < begin.length; output++) {
      loss.writePairs(targets, scores, output, memory.pairs)
      yield
      // What a tree does with the order of rows does not concern the next.
      memory.order.set(sample.order)
      grower.grow(sample.count, drawColumns(columns.length, columnShare, draw))
      setLeaves(grower, memory, loss, targets, scores[output] as Float64Array, learningRate)
      addToRows(grower, memory, sample.count, scores[output] as Float64Array)
      if (held !== undefined) addToHeld(grower, held.bins, held.scores[output] as Float64Array)
      builder.add(grower)
      yield
    }
    if (held !== undefined && stopping.isOver(heldLoss.mean(held.targets, held.scores))) break
  }
  return new BoostedTrees({
    loss: name,
    classes,
    quantile,
    begin,
    forest: builder.build(held === undefined ? builder.trees : stopping.bestRound * begin.length),
    validationLosses: stopping.losses,
  })
}

function rulesOf(options: BoostOptions, rows: number): GrowthRules {
  const { l2 = 0, minRows = 20, minGain = 0, maxLeaves = 31, maxDepth = Number.POSITIVE_INFINITY } = options
  // No tree has more leaves than these rows allow, and memory is laid out for them.
  const most = Math.max(2, Math.floor(rows / minRows))
  return { l2, minRows, minHessian, minGain, maxLeaves: Math.min(maxLeaves, most), maxDepth }
}

/** The best number of rounds, by the loss of rows that are not trained on. */
class EarlyStopping {
  bestRound = 0
  /** Before the first round, and after each. */
  readonly losses: number[] = []
  readonly #patience: number
  readonly #tolerance: number
  #best: number

  constructor({ patience = 10, tolerance = 1e-7 }: BoostOptions, begin: number | undefined) {
    this.#patience = patience
    this.#tolerance = tolerance
    this.#best = begin ?? 0
    if (begin !== undefined) this.losses.push(begin)
  }

  /** Notes the loss after a round, and whether there have been too many without a lower one. */
  isOver(loss: number): boolean {
    this.losses.push(loss)
    const round = this.losses.length - 1
    if (loss < this.#best - this.#tolerance) {
      this.#best = loss
      this.bestRound = round
    }
    return round - this.bestRound >= this.#patience
  }
}

interface HeldRows {
  readonly bins: Uint8Array
  readonly targets: Float64Array
  readonly scores: Float64Array[]
}

function heldRows(
  { validation, loss = 'squaredError' }: BoostOptions,
  columns: readonly TreeColumn[],
  bins: readonly ColumnBins[],
  begin: readonly number[],
  classes: number,
): HeldRows | undefined {
  if (validation === undefined) return undefined
  const where = 'boost: validation'
  const rows = checkColumns(where, validation.columns)
  checkColumnCount(where, validation.columns.length, columns.length)
  const targets = Float64Array.from(validation.targets)
  checkTargets(where, loss, targets, rows, classes)
  checkGroups(where, loss, validation.groups, rows)
  const own = new Uint8Array(rows * columns.length)
  validation.columns.forEach(({ values }, i) => {
    writeBins(bins[i] as ColumnBins, values, own.subarray(i * rows, (i + 1) * rows))
  })
  return { bins: own, targets, scores: begin.map((value) => new Float64Array(rows).fill(value)) }
}

/** Shrinks the leaves, or makes them the best constants where a Newton step is not right. */
function setLeaves(
  grower: TreeGrower,
  { order }: TrainingMemory,
  { leaf }: TreeLoss,
  targets: Float64Array,
  scores: Float64Array,
  learningRate: number,
): void {
  for (let node = 0; node < grower.count; node++) {
    if (grower.column[node] !== -1) continue
    if (leaf !== undefined) {
      const rows = order.subarray(grower.start[node], grower.end[node])
      const residuals = new Float64Array(rows.length)
      for (let i = 0; i < rows.length; i++) {
        const row = rows[i] as number
        residuals[i] = (targets[row] as number) - (scores[row] as number)
      }
      grower.value[node] = leaf(residuals)
    }
    grower.value[node] = (grower.value[node] as number) * learningRate
  }
}

/** Adds the tree's leaves to the scores of the rows that it was grown from, which are in order, and then to those of the others. */
function addToRows(
  grower: TreeGrower,
  { order, rows, bins }: TrainingMemory,
  count: number,
  scores: Float64Array,
): void {
  for (let node = 0; node < grower.count; node++) {
    if (grower.column[node] !== -1) continue
    const value = grower.value[node] as number
    const end = grower.end[node] as number
    for (let i = grower.start[node] as number; i < end; i++) {
      const row = order[i] as number
      scores[row] = (scores[row] as number) + value
    }
  }
  for (let i = count; i < rows; i++) {
    const row = order[i] as number
    scores[row] = (scores[row] as number) + (grower.value[grower.leafOf(bins, rows, row)] as number)
  }
}

function addToHeld(grower: TreeGrower, bins: Uint8Array, scores: Float64Array): void {
  const rows = scores.length
  for (let row = 0; row < rows; row++)
    scores[row] = (scores[row] as number) + (grower.value[grower.leafOf(bins, rows, row)] as number)
}

const greatest = (values: Float64Array): number => values.reduce((most, value) => Math.max(most, value), 1)
