import { ArgumentError, ShapeError } from '../../base/errors.ts'
import { anything, boolean, number, optionsOf } from '../../base/options.ts'
import { serialize } from '../../base/serialization.ts'
import { takes } from '../../base/takes.ts'
import { getInitializer, type Initializer, type InitializerIdentifier } from '../../initializers/index.ts'
import { normalizeAxis } from '../../ops/apply.ts'
import { normalizeMaskedMoments } from '../../ops/masked-moments.ts'
import { normalizeMoments } from '../../ops/normalization.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { Variable } from '../../tensor/variable.ts'
import { type CallContext, Layer, type LayerOptions, layerChecks } from '../base/layer.ts'
import { type Mask, spreadMask } from '../base/masks.ts'
import { formatSymbolicShape, knownShape, type SymbolicShape } from '../base/symbolic.ts'
import {
  policyConfig,
  type ScaleOptions,
  scaleChecks,
  type WeightPolicy,
  weightPolicy,
} from '../base/weight-policy.ts'
import { positiveEpsilon } from './layer-normalization.ts'

export interface BatchNormalizationOptions extends LayerOptions, ScaleOptions {
  /** The axis that is not averaged over: the channels. Default −1; 1 for channels first. */
  readonly axis?: number
  /** How much of a moving statistic stays at each step. Default 0.99. */
  readonly momentum?: number
  /** Added to the variance before its root. Default 1e-3. */
  readonly epsilon?: number
  /** Whether beta is added. Default true. */
  readonly center?: boolean
  /** Whether gamma multiplies. Default true. */
  readonly scale?: boolean
  /** What the moving mean begins as. Default `'zeros'`. */
  readonly movingMeanInitializer?: InitializerIdentifier
  /** What the moving variance begins as. Default `'ones'`. */
  readonly movingVarianceInitializer?: InitializerIdentifier
}

export const batchNormalizationChecks = optionsOf<BatchNormalizationOptions>()({
  axis: number,
  momentum: number,
  epsilon: number,
  center: boolean,
  scale: boolean,
  movingMeanInitializer: anything,
  movingVarianceInitializer: anything,
  ...layerChecks,
  ...scaleChecks,
})

/** Mean 0 and variance 1 over each batch; see {@link batchNormalization}. */
@takes(batchNormalizationChecks)
export class BatchNormalization extends Layer {
  readonly className = 'BatchNormalization'
  readonly axis: number
  readonly momentum: number
  readonly epsilon: number
  readonly center: boolean
  readonly scale: boolean
  readonly #betaPolicy: WeightPolicy
  readonly #gammaPolicy: WeightPolicy
  readonly #initializers: Readonly<Record<'movingMean' | 'movingVariance', Initializer>>
  #gamma: Variable | undefined
  #beta: Variable | undefined
  #movingMean: Variable | undefined
  #movingVariance: Variable | undefined

  constructor({
    axis = -1,
    momentum = 0.99,
    epsilon = 1e-3,
    center = true,
    scale = true,
    betaInitializer = 'zeros',
    gammaInitializer = 'ones',
    betaRegularizer,
    gammaRegularizer,
    betaConstraint,
    gammaConstraint,
    movingMeanInitializer = 'zeros',
    movingVarianceInitializer = 'ones',
    ...options
  }: BatchNormalizationOptions = {}) {
    super(options)
    if (!(momentum >= 0 && momentum <= 1)) {
      throw new ArgumentError({
        where: 'BatchNormalization',
        expected: 'a momentum from 0 to 1',
        received: String(momentum),
      })
    }
    this.axis = axis
    this.momentum = momentum
    this.epsilon = positiveEpsilon('BatchNormalization', epsilon)
    this.center = center
    this.scale = scale
    this.#betaPolicy = weightPolicy(betaInitializer, betaRegularizer, betaConstraint)
    this.#gammaPolicy = weightPolicy(gammaInitializer, gammaRegularizer, gammaConstraint)
    this.#initializers = {
      movingMean: getInitializer(movingMeanInitializer),
      movingVariance: getInitializer(movingVarianceInitializer),
    }
  }

  override build(inputShape: SymbolicShape): void {
    const axis = this.#axisOf(inputShape.length)
    const shape = knownShape('BatchNormalization', inputShape, [axis])
    const { movingMean, movingVariance } = this.#initializers
    if (this.scale) this.#gamma = this.addWeight({ name: 'gamma', shape, ...this.#gammaPolicy })
    if (this.center) this.#beta = this.addWeight({ name: 'beta', shape, ...this.#betaPolicy })
    const moving = { shape, trainable: false }
    this.#movingMean = this.addWeight({ ...moving, name: 'moving_mean', initializer: movingMean })
    this.#movingVariance = this.addWeight({
      ...moving,
      name: 'moving_variance',
      initializer: movingVariance,
    })
  }

  #axisOf(rank: number): number {
    return normalizeAxis('BatchNormalization', this.axis, new Array<number>(rank).fill(0))
  }

  override get supportsMasking(): boolean {
    return true
  }

  call(x: Tensor, { training, mask }: CallContext): Tensor {
    const movingMean = this.#movingMean as Variable
    const axis = this.#axisOf(x.rank)
    const channels = movingMean.shape[0] as number
    if (x.shape[axis] !== channels) {
      throw new ShapeError({
        where: 'BatchNormalization',
        expected: `an input with ${channels} elements along axis ${axis}`,
        received: `shape ${formatSymbolicShape(x.shape)}`,
      })
    }
    const broadcastShape = x.shape.map((d, i) => (i === axis ? d : 1))
    const along = (values: Tensor): Tensor => (axis === x.rank - 1 ? values : values.reshape(broadcastShape))
    // A frozen layer keeps its statistics and uses them, as in Keras.
    return training && this.trainable ? this.#byBatch(x, axis, along, mask) : this.#byMoving(x, along)
  }

  #byBatch(x: Tensor, axis: number, along: (values: Tensor) => Tensor, mask: Mask): Tensor {
    const axes = x.shape.map((_, i) => i).filter((i) => i !== axis)
    const { epsilon } = this
    const { value, mean, variance } =
      mask === undefined
        ? normalizeMoments(x, { axes, epsilon })
        : normalizeMaskedMoments(x, spreadMask(mask, x), { axes, epsilon })
    this.#move(this.#movingMean as Variable, mean)
    this.#move(this.#movingVariance as Variable, variance)
    const scaled = this.#gamma === undefined ? value : value.mul(along(this.#gamma.value))
    return this.#beta === undefined ? scaled : scaled.add(along(this.#beta.value))
  }

  #move(moving: Variable, batch: Tensor): void {
    const current = batch.reshape(moving.shape).cast(moving.dtype)
    const kept = moving.value.mul(this.momentum)
    moving.assign(kept.add(current.mul(1 - this.momentum)))
  }

  /** One multiplication and one addition of x's size: the rest is of the channels'. */
  #byMoving(x: Tensor, along: (values: Tensor) => Tensor): Tensor {
    const mean = (this.#movingMean as Variable).value
    const inverse = (this.#movingVariance as Variable).value.add(this.epsilon).rsqrt()
    const factor = this.#gamma === undefined ? inverse : inverse.mul(this.#gamma.value)
    const shift = mean.mul(factor).neg()
    const offset = this.#beta === undefined ? shift : shift.add(this.#beta.value)
    return x.mul(along(factor)).add(along(offset))
  }

  override getConfig(): Record<string, unknown> {
    const { movingMean, movingVariance } = this.#initializers
    return {
      ...super.getConfig(),
      axis: this.axis,
      momentum: this.momentum,
      epsilon: this.epsilon,
      center: this.center,
      scale: this.scale,
      ...policyConfig('beta', this.#betaPolicy),
      ...policyConfig('gamma', this.#gammaPolicy),
      movingMeanInitializer: serialize(movingMean),
      movingVarianceInitializer: serialize(movingVariance),
    }
  }
}

/**
 * Normalizes each channel over the batch: `(x − mean) / √(variance + epsilon) · gamma + beta`, while training
 * with the batch's statistics, otherwise with their moving averages. The shape stays. Masked steps are normalized too,
 * but the statistics leave them out.
 *
 * Weights, each of the channels' size: gamma, beta, and, not trained, moving_mean and moving_variance
 * (`moving · momentum + batch · (1 − momentum)`).
 *
 * Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167
 *
 * @throws ArgumentError for an axis that the input does not have.
 * @example
 * layers.batchNormalization({ momentum: 0.9 })
 */
export const batchNormalization = (options?: BatchNormalizationOptions): BatchNormalization =>
  new BatchNormalization(options)
