import { FormatError } from 'typegrad/core'
import { readArray, readNumbers, readPart } from '../../saving/saved.ts'
import type { Tower } from '../networks/towers.ts'
import type { Scorer } from './scorer.ts'
import { ByVectors, readVectorScorer, VectorScorer } from './vector-scorer.ts'

/** What a tower makes of features alone, outside of graphs: W₂ relu(W₁ f + b). The last number is a bias. */
export class FeatureTower {
  readonly width: number
  readonly hidden: number
  readonly outputs: number
  readonly #kernel: Float32Array
  readonly #bias: Float32Array
  readonly #outer: Float32Array

  /** @param kernel (width, hidden) @param bias (hidden) @param outer (hidden, outputs) */
  constructor(
    shape: readonly [width: number, hidden: number, outputs: number],
    kernel: Float32Array,
    bias: Float32Array,
    outer: Float32Array,
  ) {
    ;[this.width, this.hidden, this.outputs] = shape
    ;[this.#kernel, this.#bias, this.#outer] = [kernel, bias, outer]
  }

  /** The tower of a network; undefined for one that knows no features. */
  static async of({ inner, outer }: Tower): Promise<FeatureTower | undefined> {
    const weights = [...(inner?.trainableWeights ?? []), ...(outer?.trainableWeights ?? [])]
    const [kernel, bias, last] = await Promise.all(
      weights.map(async (weight) => ({
        shape: weight.shape,
        values: Float32Array.from(await weight.value.data(), Number),
      })),
    )
    if (kernel === undefined || bias === undefined || last === undefined) return undefined
    const [width = 0, hidden = 0] = kernel.shape
    return new FeatureTower([width, hidden, last.shape[1] ?? 0], kernel.values, bias.values, last.values)
  }

  /** A vector and a bias of a row of features. */
  vectorOf(features: ArrayLike<number>): Float32Array {
    const inner = Float64Array.from(this.#bias)
    for (let f = 0; f < this.width; f++)
      for (let h = 0; h < this.hidden; h++)
        inner[h] =
          (inner[h] as number) + (features[f] as number) * (this.#kernel[f * this.hidden + h] as number)
    const vector = new Float64Array(this.outputs)
    for (let h = 0; h < this.hidden; h++)
      for (let o = 0; o < this.outputs; o++)
        vector[o] =
          (vector[o] as number) +
          Math.max(0, inner[h] as number) * (this.#outer[h * this.outputs + o] as number)
    return Float32Array.from(vector)
  }

  toSaved() {
    return {
      shape: [this.width, this.hidden, this.outputs],
      kernel: this.#kernel,
      bias: this.#bias,
      outer: this.#outer,
    }
  }

  /** @throws FormatError for what is damaged. */
  static fromSaved(saved: unknown): FeatureTower {
    const [width = 0, hidden = 0, outputs = 0] = readNumbers(saved, 'shape')
    const parts = (['kernel', 'bias', 'outer'] as const).map((name) => readArray(saved, name, Float32Array))
    const [kernel, bias, outer] = parts as [Float32Array, Float32Array, Float32Array]
    if (kernel.length === width * hidden && bias.length === hidden && outer.length === hidden * outputs)
      return new FeatureTower([width, hidden, outputs], kernel, bias, outer)
    throw new FormatError({
      where: 'recommender: tower',
      expected: `weights of ${width} features`,
      received: `${kernel.length}, ${bias.length} and ${outer.length} numbers`,
      fix: 'The file is damaged: restore it from a copy, or train the model again.',
    })
  }
}

/** Scores by vectors that follow from features too, so that new users have some. */
export class TowerScorer extends ByVectors implements Scorer {
  readonly kind = 'towers'
  readonly usesFeatures = true
  readonly #users: FeatureTower | undefined

  constructor(vectors: VectorScorer, users: FeatureTower | undefined) {
    super(vectors)
    this.#users = users
  }

  /** Scores of all items for someone who is known by features alone; undefined where users have none. */
  byFeatures(features: ArrayLike<number>): Float64Array | undefined {
    if (this.#users === undefined) return undefined
    const found = this.#users.vectorOf(features)
    const dimensions = found.length - 1
    const one = new VectorScorer({
      ...this.vectors,
      userBiases: found.slice(dimensions),
      users: { count: 1, dimensions, values: found.slice(0, dimensions) },
    })
    return one.all(0)
  }

  toSaved() {
    return { vectors: this.found.toSaved(), users: this.#users?.toSaved() ?? null }
  }
}

/** @throws FormatError for what is damaged. */
export function readTowerScorer(saved: unknown): TowerScorer {
  const users = readPart(saved, 'users')
  return new TowerScorer(
    readVectorScorer(readPart(saved, 'vectors')),
    users === null ? undefined : FeatureTower.fromSaved(users),
  )
}
