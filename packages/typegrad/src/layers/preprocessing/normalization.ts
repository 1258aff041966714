import { epsilon } from '../../base/epsilon.ts'
import { ArgumentError, ShapeError } from '../../base/errors.ts'
import { anything, boolean, checked, optionsOf } from '../../base/options.ts'
import { formatShape, type Shape, sameShape, sizeOf } from '../../base/shape.ts'
import { takes } from '../../base/takes.ts'
import { normalizeAxes } from '../../ops/apply.ts'
import { flattenNested } from '../../tensor/create.ts'
import { constant, fromData, type NestedArray, type Tensor } from '../../tensor/tensor.ts'
import type { Variable } from '../../tensor/variable.ts'
import { Layer, type LayerOptions, layerChecks } from '../base/layer.ts'
import { knownShape, type SymbolicShape } from '../base/symbolic.ts'
import { type AdaptData, type AdaptOptions, adaptChecks, numericBatchesOf } from './adapt-data.ts'
import { Moments } from './moments.ts'

export interface NormalizationOptions extends LayerOptions {
  /**
   * The axis, or axes, whose elements each have a mean and a variance of their own; null for one of each over all there
   * is. Default −1: the features.
   */
  readonly axis?: number | readonly number[] | null
  /** Means that are known, a number or nested arrays along the axes. Default: `adapt` finds them. */
  readonly mean?: NestedArray | null
  /** Variances that are known, in the shape of `mean`. Default: `adapt` finds them. */
  readonly variance?: NestedArray | null
  /** Whether the way back is computed, `mean + x · σ`. Default false. */
  readonly invert?: boolean
}

export const normalizationChecks = optionsOf<NormalizationOptions>()({
  axis: anything,
  mean: anything,
  variance: anything,
  invert: boolean,
  ...layerChecks,
})

/** Mean 0 and variance 1 by numbers that `adapt` found; see {@link normalization}. */
@takes(normalizationChecks)
export class Normalization extends Layer {
  readonly className = 'Normalization'
  readonly axis: number | readonly number[] | null
  readonly invert: boolean
  readonly #given: { readonly mean: NestedArray; readonly variance: NestedArray } | undefined
  #mean: Variable | undefined
  #variance: Variable | undefined

  constructor({ axis = -1, mean, variance, invert = false, ...options }: NormalizationOptions = {}) {
    super(options)
    this.axis = axis
    this.invert = invert
    this.#given = givenMoments(mean ?? undefined, variance ?? undefined, axesOf(axis).length)
  }

  override get supportsMasking(): boolean {
    return true
  }

  override build(inputShape: SymbolicShape): void {
    const kept = this.#keptAxes(inputShape)
    const shape = knownShape('Normalization', inputShape, kept)
    if (this.#given !== undefined) {
      // Shapes are looked at before anything runs.
      for (const moment of [this.#given.mean, this.#given.variance])
        spread(moment, inputShape.length, kept, shape, this.dtype)
      return
    }
    const options = { shape, trainable: false }
    this.#mean = this.addWeight({ ...options, name: 'mean', initializer: 'zeros' })
    this.#variance = this.addWeight({ ...options, name: 'variance', initializer: 'ones' })
    // Keras's files have it: how many samples older versions had seen.
    this.addWeight({ name: 'count', shape: [], dtype: 'int32', initializer: 'zeros', trainable: false })
  }

  /** Axes with numbers of their own, from the front. */
  #keptAxes(shape: SymbolicShape): number[] {
    return normalizeAxes('Normalization', axesOf(this.axis), shape as Shape)
  }

  /** Whether \`adapt\` finds something: not where it was given as an option. */
  get isAdaptable(): boolean {
    return this.#given === undefined
  }

  /**
   * Finds mean and variance of data: of a whole array, or of batches as they come, of which one at a time is in memory.
   * A model that the layer stands in uses them from its next call on.
   *
   * @throws DataError for no samples; ShapeError for batches whose kept axes have other sizes; ArgumentError for a layer
   * that was given its mean.
   * @example
   * const normalize = layers.normalization()
   * await normalize.adapt([[1, 10], [3, 30]])
   * await normalize.apply(tensor([[2, 20]])).toArray() // [[0, 0]]
   */
  async adapt(data: AdaptData, options: AdaptOptions = {}): Promise<void> {
    const where = `${this.name}.adapt`
    if (this.#given !== undefined) {
      throw new ArgumentError({
        where,
        expected: 'a layer whose mean and variance are to be found',
        received: 'one that was given them as options',
        fix: 'Make the layer without mean and variance.',
      })
    }
    let moments: Moments | undefined
    for await (const { data: values, shape, dtype } of numericBatchesOf(
      where,
      data,
      checked(where, options, adaptChecks),
    )) {
      const open = shape.map((size, i) => (i === 0 && !this.#keptAxes(shape).includes(0) ? null : size))
      this.ensureBuilt(shape, open)
      const kept = this.#keptAxes(shape)
      const found = kept.map((axis) => shape[axis] as number)
      const wanted = (this.#mean as Variable).shape
      if (!sameShape(found, wanted)) {
        throw new ShapeError({
          where,
          expected: `batches with ${formatShape(wanted)} along axis ${JSON.stringify(this.axis)}, as the layer was built`,
          received: `shape ${formatShape(shape)}`,
        })
      }
      moments ??= new Moments(sizeOf(wanted))
      moments.add(values, shape, kept, dtype)
    }
    const [mean, variance] = [this.#mean, this.#variance] as readonly [Variable, Variable]
    const { means, variances } = moments as Moments
    mean.assign(fromData(Float32Array.from(means), mean.shape, 'float32').cast(mean.dtype))
    variance.assign(fromData(Float32Array.from(variances), mean.shape, 'float32').cast(mean.dtype))
  }

  call(x: Tensor): Tensor {
    const [mean, deviation] = this.#moments(x)
    const values = x.cast(this.dtype)
    return this.invert ? values.mul(deviation).add(mean) : values.sub(mean).div(deviation)
  }

  /** Mean and max(σ, ε), so shaped that they meet the input. */
  #moments(x: Tensor): readonly [Tensor, Tensor] {
    const kept = this.#keptAxes(x.shape)
    const shape = kept.map((axis) => x.shape[axis] as number)
    const along = (moment: Tensor): Tensor =>
      moment.reshape(x.shape.map((size, i) => (kept.includes(i) ? size : 1)))
    const [mean, variance] =
      this.#given === undefined
        ? [along((this.#mean as Variable).value), along((this.#variance as Variable).value)]
        : [
            spread(this.#given.mean, x.rank, kept, shape, this.dtype),
            spread(this.#given.variance, x.rank, kept, shape, this.dtype),
          ]
    return [mean, variance.sqrt().maximum(epsilon)]
  }

  override getConfig(): Record<string, unknown> {
    const { mean = null, variance = null } = this.#given ?? {}
    return { ...super.getConfig(), axis: this.axis, invert: this.invert, mean, variance }
  }
}

const axesOf = (axis: number | readonly number[] | null): readonly number[] =>
  axis === null ? [] : typeof axis === 'number' ? [axis] : axis

function givenMoments(mean: NestedArray | undefined, variance: NestedArray | undefined, axes: number) {
  if (mean === undefined && variance === undefined) return undefined
  if (mean === undefined || variance === undefined) {
    throw new ArgumentError({
      where: 'Normalization',
      expected: 'mean and variance together',
      received: mean === undefined ? 'variance alone' : 'mean alone',
    })
  }
  const [first, second] = [flattenNested(mean, []), flattenNested(variance, [])]
  if (!sameShape(first, second) || first.length > axes) {
    throw new ArgumentError({
      where: 'Normalization',
      expected: `mean and variance of one shape, with at most ${axes} dimension${axes === 1 ? '' : 's'} as there are axes`,
      received: `${formatShape(first)} and ${formatShape(second)}`,
    })
  }
  return { mean, variance }
}

/** Given numbers as a tensor of the input's rank: their axes are the last of the kept ones, as in Keras. */
function spread(
  moment: NestedArray,
  rank: number,
  kept: readonly number[],
  sizes: Shape,
  dtype: Layer['dtype'],
): Tensor {
  const values: number[] = []
  const shape = flattenNested(moment, values)
  const whole = new Array<number>(rank).fill(1)
  shape.forEach((size, i) => {
    const place = kept.length - shape.length + i
    whole[kept[place] as number] = size
    if (size === 1 || size === sizes[place]) return
    throw new ShapeError({
      where: 'Normalization',
      expected: `a mean of ${sizes[place]} elements along axis ${kept[place]} of the input`,
      received: `shape ${formatShape(shape)}`,
    })
  })
  return constant(values, whole, dtype)
}

/**
 * Shifts and scales its input to mean 0 and variance 1: `(x − mean) / max(√variance, 1e-7)`, by numbers that
 * {@link Normalization.adapt} found in data, or that are given.
 *
 * The shape stays; the output has the layer's dtype. Weights, none of them trained: mean and variance, of the sizes of
 * `axis`, and Keras's count.
 *
 * @throws ArgumentError for one of mean and variance alone, or of other shapes.
 * @example
 * const normalize = layers.normalization()
 * await normalize.adapt(table)                        // an array, or a Dataset of batches
 * layers.normalization({ axis: null, mean: 127.5, variance: 5418.75 })
 */
export const normalization = (options?: NormalizationOptions): Normalization => new Normalization(options)
