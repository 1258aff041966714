import { ArgumentError } from '../../base/errors.ts'
import { anything, boolean, number, optionsOf } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import { normalizeAxes } from '../../ops/apply.ts'
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

export interface LayerNormalizationOptions extends LayerOptions, ScaleOptions {
  /** The axis or axes over which each sample is normalized. Default −1. */
  readonly axis?: number | readonly number[]
  /** Added to the variance before its root. Default 1e-3. */
  readonly epsilon?: number
  /** Whether beta is added. Default true. */
  readonly center?: boolean
  /** Whether gamma multiplies. Default true. */
  readonly scale?: boolean
}

export const layerNormalizationChecks = optionsOf<LayerNormalizationOptions>()({
  axis: anything,
  epsilon: number,
  center: boolean,
  scale: boolean,
  ...layerChecks,
  ...scaleChecks,
})

/** Mean 0 and variance 1 within each sample; see {@link layerNormalization}. */
@takes(layerNormalizationChecks)
export class LayerNormalization extends Layer {
  readonly className = 'LayerNormalization'
  readonly axis: number | readonly number[]
  readonly epsilon: number
  readonly center: boolean
  readonly scale: boolean
  readonly #betaPolicy: WeightPolicy
  readonly #gammaPolicy: WeightPolicy
  #gamma: Variable | undefined
  #beta: Variable | undefined

  constructor({
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
  }: LayerNormalizationOptions = {}) {
    super(options)
    this.axis = axis
    this.epsilon = positiveEpsilon('LayerNormalization', epsilon)
    this.center = center
    this.scale = scale
    this.#betaPolicy = weightPolicy(betaInitializer, betaRegularizer, betaConstraint)
    this.#gammaPolicy = weightPolicy(gammaInitializer, gammaRegularizer, gammaConstraint)
  }

  #axes(rank: number): number[] {
    return normalizeAxes('LayerNormalization', this.axis, new Array<number>(rank).fill(0))
  }

  override build(inputShape: SymbolicShape): void {
    const shape = knownShape('LayerNormalization', inputShape, this.#axes(inputShape.length))
    if (this.scale) {
      this.#gamma = this.addWeight({ name: 'gamma', shape, ...this.#gammaPolicy })
    }
    if (this.center) {
      this.#beta = this.addWeight({ name: 'beta', shape, ...this.#betaPolicy })
    }
  }

  override get supportsMasking(): boolean {
    return true
  }

  call(x: Tensor): Tensor {
    const axes = this.#axes(x.rank)
    const { value } = normalizeMoments(x, { axes, epsilon: this.epsilon })
    const last = axes.every((axis, i) => axis === x.rank - axes.length + i)
    const along = (weight: Variable): Tensor =>
      last ? weight.value : weight.value.reshape(x.shape.map((d, i) => (axes.includes(i) ? d : 1)))
    const scaled = this.#gamma === undefined ? value : value.mul(along(this.#gamma))
    return this.#beta === undefined ? scaled : scaled.add(along(this.#beta))
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      axis: this.axis,
      epsilon: this.epsilon,
      center: this.center,
      scale: this.scale,
      ...policyConfig('beta', this.#betaPolicy),
      ...policyConfig('gamma', this.#gammaPolicy),
    }
  }
}

/** @throws ArgumentError for what is not a positive number. */
export function positiveEpsilon(where: string, epsilon: number): number {
  if (epsilon > 0) return epsilon
  throw new ArgumentError({ where, expected: 'a positive epsilon', received: String(epsilon) })
}

/**
 * Normalizes each sample by itself over `axis`: `(x − mean) / √(variance + epsilon) · gamma + beta`. The shape
 * stays. Weights: gamma and beta of the axes' sizes.
 *
 * Ba, Kiros and Hinton 2016, https://arxiv.org/abs/1607.06450
 *
 * @throws ArgumentError for an axis that the input does not have.
 * @example
 * layers.layerNormalization({ epsilon: 1e-5 })
 */
export const layerNormalization = (options?: LayerNormalizationOptions): LayerNormalization =>
  new LayerNormalization(options)
