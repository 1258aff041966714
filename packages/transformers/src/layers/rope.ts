import { ops, scalar, type Tensor, tensor } from 'typegrad'
import { exponents, longFrequencies, type RopeSettings, ropeFrequencies } from './rope-frequencies.ts'

/** By which angles the features of queries and keys are turned at each position. */
export interface Rotation {
  /** (length, 1, dim) or (batch, length, 1, dim): the same for all heads. */
  readonly cos: Tensor
  /** The same shape; negative for the first feature of each pair. */
  readonly sin: Tensor
  /** The first so many features are turned, feature i with feature i + turned / 2. */
  readonly turned: number
}

/**
 * Rotary positions: a query and a key are turned by angles that grow with their positions, so that their product depends on
 * the distance alone.
 *
 * Su et al. 2021, https://arxiv.org/abs/2104.09864. The two features of a pair stand half of the turned ones apart, as in
 * GPT-NeoX and in Hugging Face's Llama.
 */
export class RotaryEmbedding {
  readonly #settings: RopeSettings
  /** Radians a position of each feature. cos(−x) = cos x and sin(−x) = −sin x; what is not turned has the angle 0. */
  readonly #signed: Float32Array
  /** The same of texts beyond the original context, where these are others. */
  readonly #long: Float32Array | undefined

  constructor(settings: RopeSettings) {
    this.#settings = settings
    this.#signed = signed(ropeFrequencies(settings), settings)
    if (settings.scaling.type === 'longrope')
      this.#long = signed(longFrequencies(settings, settings.scaling.longFactors), settings)
  }

  /**
   * The rotation at these positions: computed once for all attentions of a network that are turned alike.
   *
   * With `dynamic` and `longrope` it depends on the largest position of the call. Keys in a cache stay as they were turned, here as
   * in Hugging Face's, so that a text that is longer than the context gives other numbers in pieces than as a whole.
   *
   * @param positions (length) or (batch, length), whole numbers.
   */
  at(positions: Tensor): Rotation {
    const { dim, turned, scaling } = this.#settings
    const places = positions.cast('float32').reshape([...positions.shape, 1, 1])
    const angles = places.mul(this.#frequencies(places))
    const [cos, sin] = [angles.cos(), angles.sin()]
    if (!('attentionFactor' in scaling) || scaling.attentionFactor === 1) return { cos, sin, turned }
    const factors = tensor(new Float32Array(dim).fill(scaling.attentionFactor, 0, turned).fill(1, turned))
    return { cos: cos.mul(factors), sin: sin.mul(factors), turned }
  }

  /** Radians a position of each feature, in a text with these positions. */
  #frequencies(places: Tensor): Tensor {
    const { scaling } = this.#settings
    if (scaling.type === 'dynamic') return this.#grown(places.max().add(1), scaling.factor)
    if (scaling.type !== 'longrope' || this.#long === undefined) return tensor(this.#signed)
    const isLong = places.max().add(1).greater(scaling.originalPositions)
    return ops.where(isLong, tensor(this.#long), tensor(this.#signed))
  }

  /** Frequencies by a base that grew: θ · (factor · length / context − factor + 1)^(d / (d − 2)) of d turned features. */
  #grown(length: Tensor, factor: number): Tensor {
    const { dim, turned, theta, positions } = this.#settings
    const beyond = ops
      .maximum(length, positions)
      .mul(factor / positions)
      .sub(factor - 1)
    const base = beyond.pow(scalar(turned / (turned - 2))).mul(theta)
    const frequencies = base.pow(tensor(exponents(turned))).reciprocal()
    return ops.concat([frequencies.neg(), frequencies, tensor(new Float32Array(dim - turned))])
  }
}

/** Of the first features of pairs, of the second ones, and of those that are not turned. */
function signed(frequencies: Float32Array, { dim, turned }: RopeSettings): Float32Array {
  const rest = new Float32Array(dim - turned)
  return Float32Array.of(...frequencies.map((frequency) => -frequency), ...frequencies, ...rest)
}

/**
 * Queries or keys, turned by their positions.
 *
 * @param x (batch, length, heads, dim)
 * @returns the same shape.
 */
export function rotate(x: Tensor, { cos, sin, turned }: Rotation): Tensor {
  const half = turned / 2
  const rest = (x.shape.at(-1) as number) - turned
  const parts = x.split(rest === 0 ? [half, half] : [half, half, rest], -1)
  const [first, second, ...others] = parts as [Tensor, Tensor, ...Tensor[]]
  return x.mul(cos).add(ops.concat([second, first, ...others], -1).mul(sin))
}
