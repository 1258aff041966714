import { ArgumentError } from '../../base/errors.ts'
import { boolean, number, optionsOf } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import { normalizeAxis } from '../../ops/apply.ts'
import { normalizeMoments } from '../../ops/normalization.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { Variable } from '../../tensor/variable.ts'
import { Layer, type LayerOptions, layerChecks } from '../base/layer.ts'
import { knownShape, type SymbolicShape } from '../base/symbolic.ts'
import {
  policyConfig,
  type ScaleOptions,
  scaleChecks,
  type WeightPolicy,
  weightPolicy,
} from '../base/weight-policy.ts'
import { positiveEpsilon } from './layer-normalization.ts'

export interface GroupNormalizationOptions extends LayerOptions, ScaleOptions {
  /** Number of groups of channels; −1 for each channel by itself (instance normalization). Default 32. */
  readonly groups?: number
  /** The axis of the channels. Default −1. */
  readonly axis?: number
  /** Added to the variance before its root. Default 1e-3. */
  readonly epsilon?: number
  /** Whether beta is added. Default true. */
  readonly center?: boolean
  /** Whether gamma multiplies. Default true. */
  readonly scale?: boolean
}

export const groupNormalizationChecks = optionsOf<GroupNormalizationOptions>()({
  groups: number,
  axis: number,
  epsilon: number,
  center: boolean,
  scale: boolean,
  ...layerChecks,
  ...scaleChecks,
})

/** Mean 0 and variance 1 within groups of a sample's channels; see {@link groupNormalization}. */
@takes(groupNormalizationChecks)
export class GroupNormalization extends Layer {
  readonly className = 'GroupNormalization'
  readonly groups: number
  readonly axis: number
  readonly epsilon: number
  readonly center: boolean
  readonly scale: boolean
  readonly #betaPolicy: WeightPolicy
  readonly #gammaPolicy: WeightPolicy
  #gamma: Variable | undefined
  #beta: Variable | undefined

  constructor({
    groups = 32,
    axis = -1,
    epsilon = 1e-3,
    center = true,
    scale = true,
    betaInitializer = 'zeros',
    gammaInitializer = 'ones',
    betaRegularizer,
    gammaRegularizer,
    betaConstraint,
    gammaConstraint,
    ...options
  }: GroupNormalizationOptions = {}) {
    super(options)
    if (!Number.isInteger(groups) || (groups < 1 && groups !== -1)) {
      throw new ArgumentError({
        where: 'GroupNormalization',
        expected: 'a positive whole number of groups, or −1',
        received: String(groups),
      })
    }
    this.groups = groups
    this.axis = axis
    this.epsilon = positiveEpsilon('GroupNormalization', epsilon)
    this.center = center
    this.scale = scale
    this.#betaPolicy = weightPolicy(betaInitializer, betaRegularizer, betaConstraint)
    this.#gammaPolicy = weightPolicy(gammaInitializer, gammaRegularizer, gammaConstraint)
  }

  #axisOf(rank: number): number {
    const axis = normalizeAxis('GroupNormalization', this.axis, new Array<number>(rank).fill(0))
    if (axis !== 0) return axis
    throw new ArgumentError({
      where: 'GroupNormalization',
      expected: 'an axis after the batch',
      received: '0',
    })
  }

  override build(inputShape: SymbolicShape): void {
    const shape = knownShape('GroupNormalization', inputShape, [this.#axisOf(inputShape.length)])
    const [channels] = shape as [number]
    if (this.groups !== -1 && channels % this.groups !== 0) {
      throw new ArgumentError({
        where: 'GroupNormalization',
        expected: `groups that divide the ${channels} channels evenly`,
        received: String(this.groups),
      })
    }
    if (this.scale) this.#gamma = this.addWeight({ name: 'gamma', shape, ...this.#gammaPolicy })
    if (this.center) this.#beta = this.addWeight({ name: 'beta', shape, ...this.#betaPolicy })
  }

  override get supportsMasking(): boolean {
    return true
  }

  call(x: Tensor): Tensor {
    const axis = this.#axisOf(x.rank)
    const channels = x.shape[axis] as number
    const groups = this.groups === -1 ? channels : this.groups
    // (N, …, C, …) → (N, …, groups, C / groups, …): moments over all but the batch and the groups.
    const grouped = x.reshape(x.shape.toSpliced(axis, 1, groups, channels / groups))
    const axes = grouped.shape.map((_, i) => i).filter((i) => i !== 0 && i !== axis)
    const { value } = normalizeMoments(grouped, { axes, epsilon: this.epsilon })
    const normalized = value.reshape(x.shape)
    const along = (weight: Variable): Tensor =>
      axis === x.rank - 1
        ? weight.value
        : weight.value.reshape([channels, ...x.shape.slice(axis + 1).map(() => 1)])
    const scaled = this.#gamma === undefined ? normalized : normalized.mul(along(this.#gamma))
    return this.#beta === undefined ? scaled : scaled.add(along(this.#beta))
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      groups: this.groups,
      axis: this.axis,
      epsilon: this.epsilon,
      center: this.center,
      scale: this.scale,
      ...policyConfig('beta', this.#betaPolicy),
      ...policyConfig('gamma', this.#gammaPolicy),
    }
  }
}

/**
 * Normalizes groups of each sample's channels: `(x − mean) / √(variance + epsilon) · gamma + beta`, with mean and
 * variance over a group and all places. It does not depend on the batch. The shape stays. Weights: gamma and
 * beta of the channels' size.
 *
 * Wu and He 2018, https://arxiv.org/abs/1803.08494
 *
 * @throws ArgumentError for groups that do not divide the channels, or an axis that the input does not have.
 * @example
 * layers.groupNormalization({ groups: 8 })
 */
export const groupNormalization = (options?: GroupNormalizationOptions): GroupNormalization =>
  new GroupNormalization(options)
