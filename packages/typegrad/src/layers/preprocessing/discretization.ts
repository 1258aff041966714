import { toNumbers } from '../../base/conversions.ts'
import { ArgumentError, StateError } from '../../base/errors.ts'
import { anything, checked, count, optionsOf, orNull, positive } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import { constant, type Tensor } from '../../tensor/tensor.ts'
import { Layer, type LayerOptions, layerChecks } from '../base/layer.ts'
import { type AdaptData, type AdaptOptions, adaptChecks, numericBatchesOf } from './adapt-data.ts'
import { encodeCategories, getOutputMode } from './categorical.ts'
import { boundariesOf, emptySummary, mergeSummaries, summarize } from './quantile-summary.ts'

export interface DiscretizationOptions extends LayerOptions {
  /** Where bins end, in ascending order: a number x is in bin i if boundaries[i−1] ≤ x < boundaries[i]. Default: `adapt` finds them. */
  readonly binBoundaries?: readonly number[] | null
  /** How many bins of about equally many samples `adapt` makes. One of this and `binBoundaries` is needed. Default none. */
  readonly numBins?: number | null
  /** How exact `adapt` is: the share of samples by which a boundary may be off. Default 0.01. */
  readonly epsilon?: number
  /** The bin's number, or a row of 0 and 1 or counts over the bins. Default `'int'`. */
  readonly outputMode?: 'int' | 'oneHot' | 'multiHot' | 'count'
}

export const discretizationChecks = optionsOf<DiscretizationOptions>()({
  numBins: orNull(count),
  binBoundaries: anything,
  epsilon: positive,
  outputMode: anything,
  ...layerChecks,
})

/** Numbers as bins; see {@link discretization}. */
@takes(discretizationChecks)
export class Discretization extends Layer {
  readonly className = 'Discretization'
  readonly numBins: number | undefined
  readonly epsilon: number
  readonly outputMode: 'int' | 'oneHot' | 'multiHot' | 'count'
  #boundaries: readonly number[] | undefined

  constructor({
    binBoundaries,
    numBins,
    epsilon = 0.01,
    outputMode = 'int',
    ...options
  }: DiscretizationOptions = {}) {
    super(options)
    if (binBoundaries == null && numBins == null) {
      throw new ArgumentError({
        where: 'Discretization',
        expected: 'numBins, which adapt then finds, or binBoundaries',
        received: 'neither',
      })
    }
    this.numBins = numBins ?? undefined
    this.epsilon = epsilon
    this.outputMode = getOutputMode('Discretization', outputMode, ['int', 'oneHot', 'multiHot', 'count'])
    if (binBoundaries != null) this.#boundaries = checkedBoundaries(binBoundaries)
  }

  /** Where bins end; undefined before `adapt` has found it. */
  get binBoundaries(): readonly number[] | undefined {
    return this.#boundaries
  }

  /** Whether \`adapt\` finds something: not where it was given as an option. */
  get isAdaptable(): boolean {
    return this.numBins !== undefined
  }

  /**
   * Finds the boundaries of bins with about equally many of the data's numbers each: of a whole array, or of batches as they
   * come, of which only a summary of 1/ε numbers is kept. Compile a model that the layer stands in after it.
   *
   * @throws ArgumentError for a layer that was given its boundaries, DataError for no samples.
   * @example
   * const bins = layers.discretization({ numBins: 4 })
   * await bins.adapt([1, 2, 3, 4, 5, 6, 7, 8])
   */
  async adapt(data: AdaptData, options: AdaptOptions = {}): Promise<void> {
    const where = `${this.name}.adapt`
    const { numBins, epsilon } = this
    if (numBins === undefined) {
      throw new ArgumentError({
        where,
        expected: 'a layer that was made with numBins',
        received: 'one whose binBoundaries were given',
      })
    }
    let summary = emptySummary
    for await (const { data: values, dtype } of numericBatchesOf(
      where,
      data,
      checked(where, options, adaptChecks),
    )) {
      const batch = Float32Array.from<number | bigint>(toNumbers(values, dtype), Number)
      summary = mergeSummaries(summarize(batch, epsilon), summary, epsilon)
    }
    this.#boundaries = boundariesOf(summary, numBins)
  }

  call(x: Tensor): Tensor {
    const boundaries = this.#boundaries
    if (boundaries === undefined) {
      throw new StateError({
        where: this.name,
        expected: 'a layer that knows its boundaries',
        received: 'one that was not adapted',
        fix: 'Call await layer.adapt(data) first, or give it binBoundaries.',
      })
    }
    // Not below so many boundaries; NaN is below none, and falls into the last bin as in NumPy.
    const below = x
      .cast('float32')
      .expandDims(-1)
      .less(constant(boundaries, [boundaries.length], 'float32'))
    const bins = below.logicalNot().cast('int32').sum(-1)
    if (this.outputMode === 'int') return bins
    return encodeCategories(bins, {
      outputMode: this.outputMode,
      depth: boundaries.length + 1,
      dtype: this.dtype,
    })
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      binBoundaries: this.#boundaries ?? null,
      numBins: this.numBins ?? null,
      epsilon: this.epsilon,
      outputMode: this.outputMode,
    }
  }
}

function checkedBoundaries(boundaries: readonly number[]): readonly number[] {
  const at = boundaries.findIndex(
    (value, i) => typeof value !== 'number' || !(value >= (boundaries[i - 1] ?? -Infinity)),
  )
  if (at === -1) return [...boundaries]
  throw new ArgumentError({
    where: 'Discretization: binBoundaries',
    expected: 'numbers in ascending order',
    received: `${boundaries[at]} at ${at}`,
  })
}

/**
 * Turns numbers into the bins that they fall into: whole numbers (int32) from 0 to the number of boundaries, or rows over
 * the bins by `outputMode`, shaped as {@link categoryEncoding} does. Boundaries are given, or {@link Discretization.adapt}
 * finds such as divide data evenly. NaN falls into the last bin.
 *
 * @throws ArgumentError without `numBins` and `binBoundaries`, and for boundaries that do not ascend.
 * @example
 * const bins = layers.discretization({ binBoundaries: [0, 1, 2] })
 * await bins.apply(tensor([[-1, 0.5, 1, 7]])).toArray() // [[0, 1, 2, 3]]
 */
export const discretization = (options?: DiscretizationOptions): Discretization => new Discretization(options)
