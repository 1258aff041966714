import { layers, type Tensor, type Variable } from 'typegrad'
import { ArgumentError, ops, optionsOf, tensor } from 'typegrad/core'
import { type CallContext, checks, Layer, register, takes } from 'typegrad/layers'
import { FeatureTransformerBlock } from './feature-transformer-block.ts'
import { tableOffsets } from './hot-codes.ts'
import { LinearEmbeddings } from './linear-embeddings.ts'
import { registeredAs, rootUniform } from './starts.ts'
import { type TableInputOptions, TableInputs, tableInputChecks } from './table-inputs.ts'

export interface FeatureTransformerOptions extends TableInputOptions {
  /** How many numbers are predicted of a row. */
  readonly outputs: number
  /** Blocks of attention and feed-forward. Default 3. */
  readonly blocks?: number
  /** Size of each feature's vector: a multiple of `heads`. Default 192. */
  readonly units?: number
  /** Default 8. */
  readonly heads?: number
  /** Size of what the feed-forward part computes with. Default 4/3 of `units`, rounded down. */
  readonly feedForward?: number
  /** Of the feed-forward part: `'reglu'`, which has a gate, or `'relu'`. Default `'reglu'`. */
  readonly activation?: 'reglu' | 'relu'
  /** The share of attention that training drops. Default 0.2. */
  readonly attentionDropout?: number
  /** The share of the feed-forward part's numbers that training drops. Default 0.1. */
  readonly dropout?: number
}

const featureTransformerChecks = optionsOf<FeatureTransformerOptions>()({
  outputs: checks.needed(checks.count),
  blocks: checks.count,
  units: checks.count,
  heads: checks.count,
  feedForward: checks.count,
  activation: checks.oneOf('reglu', 'relu'),
  attentionDropout: checks.share,
  dropout: checks.share,
  ...tableInputChecks,
})

/**
 * FT-Transformer: each feature of a row is a token, which attend to one another; a token of its own gathers what is predicted from.
 *
 * Inputs, a list of what there is: numbers (batch, numbers) and codes of categories (batch, columns). Output (batch, outputs).
 *
 * Gorishniy et al. 2021, "Revisiting deep learning models for tabular data", https://arxiv.org/abs/2106.11959
 *
 * @throws ArgumentError for neither numbers nor categories, and for heads that do not divide the units.
 * @example
 * const network = new FeatureTransformer({ numbers: 10, categories: [3, 12], outputs: 1, blocks: 2, units: 64 })
 */
@takes(featureTransformerChecks)
export class FeatureTransformer extends Layer<readonly Tensor[]> {
  readonly className = 'FeatureTransformer'
  readonly outputs: number
  readonly units: number
  readonly numberTokens: LinearEmbeddings | undefined
  readonly blocks: readonly FeatureTransformerBlock[]
  readonly headNorm: layers.LayerNormalization
  readonly head: layers.Dense
  readonly #options: Omit<FeatureTransformerOptions, 'numbers' | 'categories'>
  readonly #inputs: TableInputs
  #gathering!: Variable
  #categoryTokens: Variable | undefined
  #categoryBias: Variable | undefined

  constructor({
    outputs,
    numbers = 0,
    categories = [],
    blocks = 3,
    units = 192,
    heads = 8,
    feedForward = Math.floor((units * 4) / 3),
    activation = 'reglu',
    attentionDropout = 0.2,
    dropout = 0.1,
    ...options
  }: FeatureTransformerOptions) {
    super(options)
    if (units % heads !== 0)
      throw new ArgumentError({
        where: 'FeatureTransformer: units',
        expected: `a multiple of the ${heads} heads`,
        received: String(units),
      })
    this.outputs = outputs
    this.units = units
    this.#options = { outputs, blocks, units, heads, feedForward, activation, attentionDropout, dropout }
    this.#inputs = new TableInputs(this.className, { numbers, categories })
    const { dtype } = this
    this.numberTokens = numbers > 0 ? new LinearEmbeddings({ units, dtype }) : undefined
    this.blocks = Array.from(
      { length: blocks },
      (_, i) =>
        new FeatureTransformerBlock({
          ...{ units, heads, feedForward, activation, attentionDropout, dropout, dtype },
          isFirst: i === 0,
          isLast: i === blocks - 1,
        }),
    )
    this.headNorm = layers.layerNormalization({ epsilon: 1e-5, dtype })
    const start = rootUniform(units)
    this.head = layers.dense({ units: outputs, kernelInitializer: start, biasInitializer: start, dtype })
  }

  override build(): void {
    const { units } = this
    const { numbers, sizes } = this.#inputs
    const initializer = rootUniform(units)
    this.#gathering = this.addWeight({ name: 'gathering', shape: [units], initializer })
    this.numberTokens?.ensureBuilt([null, numbers])
    if (sizes.length > 0) {
      const rows = sizes.reduce((sum, size) => sum + size, 0)
      this.#categoryTokens = this.addWeight({ name: 'categoryTokens', shape: [rows, units], initializer })
      this.#categoryBias = this.addWeight({ name: 'categoryBias', shape: [sizes.length, units], initializer })
    }
    const tokens = [null, 1 + numbers + sizes.length, units]
    for (const block of this.blocks) block.ensureBuilt(tokens)
    this.headNorm.ensureBuilt([null, units])
    this.head.ensureBuilt([null, units])
  }

  call(inputs: readonly Tensor[], context: CallContext): Tensor {
    const tokens = this.#tokens(inputs)
    const states = this.blocks.reduce((x, block) => block.apply(x, context), tokens)
    // The last block gives the gathering token alone.
    const gathered = states.reshape([states.shape[0] as number, this.units])
    return this.head.apply(this.headNorm.apply(gathered).relu())
  }

  /** (batch, 1 + features, units) */
  #tokens(inputs: readonly Tensor[]): Tensor {
    const { x, codes } = this.#inputs.split(this.className, inputs)
    const rows = (inputs[0] as Tensor).shape[0] as number
    const parts = [ops.broadcastTo(this.#gathering.value, [rows, 1, this.units]) as Tensor]
    if (x !== undefined && this.numberTokens !== undefined) parts.push(this.numberTokens.apply(x))
    if (codes !== undefined) {
      const places = codes.cast('int32').add(tensor(tableOffsets(this.#inputs.sizes)))
      const vectors = ops.gather((this.#categoryTokens as Variable).value, places)
      parts.push(vectors.add((this.#categoryBias as Variable).value))
    }
    return ops.concat(parts, 1)
  }

  override getConfig(): Record<string, unknown> {
    const { numbers, sizes } = this.#inputs
    return { ...super.getConfig(), ...this.#options, numbers, categories: sizes }
  }
}

register('layer', FeatureTransformer, registeredAs)
