import { number, optionsOf } from '../base/options.ts'
import { divideNoNaN } from '../losses/reduction.ts'
import { add } from '../ops/arithmetic.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Accumulator } from './accumulator.ts'
import { type ConfusionCounts, checkedThresholds, confusionCounts, lowest } from './confusion.ts'
import { Metric } from './metric.ts'
import { scalarIfOne, type ThresholdOptions, thresholdChecks } from './threshold-counts.ts'

export interface ThresholdRatioOptions extends ThresholdOptions {
  /** Only the k largest scores of a row mean 1, whatever they are. Default: all above the threshold. */
  readonly topK?: number | undefined
  /** Only this class counts: a position along the last axis. Default: all. */
  readonly classId?: number | undefined
}

export const thresholdRatioChecks = optionsOf<ThresholdRatioOptions>()({
  topK: number,
  classId: number,
  ...thresholdChecks,
})

/** True positives over true positives and another count, for one or more thresholds. */
export abstract class ThresholdRatio extends Metric {
  readonly thresholds: readonly number[]
  readonly topK: number | undefined
  readonly classId: number | undefined
  readonly #isDefault: boolean
  readonly #other: keyof ConfusionCounts
  readonly #positives: Accumulator
  readonly #others: Accumulator

  constructor(
    { thresholds, topK, classId, ...options }: ThresholdRatioOptions,
    name: string,
    other: 'falsePositives' | 'falseNegatives',
  ) {
    super(options, name)
    this.#isDefault = thresholds === undefined
    this.thresholds = checkedThresholds(this.name, thresholds, topK === undefined ? 0.5 : lowest)
    this.topK = topK
    this.classId = classId
    this.#other = other
    const shape = [this.thresholds.length]
    this.#positives = this.addSum('true_positives', shape)
    this.#others = this.addSum(other === 'falsePositives' ? 'false_positives' : 'false_negatives', shape)
  }

  override updateState(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void {
    const counts = confusionCounts(this.className, yTrue, yPred, sampleWeight, this)
    this.#positives.add(counts.truePositives)
    this.#others.add(counts[this.#other])
  }

  override result(): Tensor {
    const positives = this.#positives.value
    return scalarIfOne(divideNoNaN(positives, add(positives, this.#others.value)))
  }

  override getConfig(): Record<string, unknown> {
    const thresholds = this.#isDefault ? null : this.thresholds
    return { ...super.getConfig(), thresholds, topK: this.topK ?? null, classId: this.classId ?? null }
  }
}
