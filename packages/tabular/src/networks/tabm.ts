import { layers, type Tensor, type Variable } from 'typegrad'
import { ArgumentError, ops, optionsOf } from 'typegrad/core'
import {
  type AnyLayer,
  type CallContext,
  checks,
  deserializeLayer,
  Layer,
  register,
  type SerializedObject,
  serialize,
  takes,
} from 'typegrad/layers'
import { BatchEnsembleDense, MemberScales, type ScaleStart } from './batch-ensemble-dense.ts'
import { FeatureDense } from './feature-dense.ts'
import { HotCodes, oneHotFeatures } from './hot-codes.ts'
import { registeredAs, rootUniform } from './starts.ts'
import { type TableInputOptions, TableInputs, tableInputChecks } from './table-inputs.ts'

export interface TabMOptions extends TableInputOptions {
  /** How many numbers each member predicts of a row. */
  readonly outputs: number
  /** What numbers become first: a layer (batch, numbers) → (batch, numbers, units). Default they stay. */
  readonly embedding?: AnyLayer | SerializedObject
  /** Networks in one. Default 32. */
  readonly members?: number
  /** Hidden layers. Default 2 with an embedding, 3 without. */
  readonly blocks?: number
  /** Size of the hidden layers. Default 512. */
  readonly units?: number
  /** The share of hidden numbers that training drops. Default 0.1. */
  readonly dropout?: number
  /**
   * What members have of their own: vectors that scale what goes into each layer and comes out of it (`'tabm'`), one that scales the
   * features (`'mini'`), or everything (`'packed'`). Default `'tabm'`.
   */
  readonly architecture?: 'tabm' | 'mini' | 'packed'
}

const tabMChecks = optionsOf<TabMOptions>()({
  outputs: checks.needed(checks.count),
  embedding: checks.anything,
  members: checks.count,
  blocks: checks.count,
  units: checks.count,
  dropout: checks.share,
  architecture: checks.oneOf('tabm', 'mini', 'packed'),
  ...tableInputChecks,
})

/**
 * TabM: an ensemble of perceptrons in one network, whose members share most weights and predict each for itself. What a row is
 * predicted as is the mean over the members, of probabilities where there are classes; the loss is the mean of theirs.
 *
 * Inputs, a list of what there is: numbers (batch, numbers) and codes of categories (batch, columns), which become one-hot. Output
 * (batch, members, outputs).
 *
 * Gorishniy et al. 2024, "TabM: advancing tabular deep learning with parameter-efficient ensembling", https://arxiv.org/abs/2410.24210
 *
 * @throws ArgumentError for neither numbers nor categories, and for an embedding without numbers.
 * @example
 * const embedding = new PiecewiseLinearEmbeddings({ bins: quantileBins(columns, 48), units: 16 })
 * const network = new TabM({ numbers: 10, categories: [3, 12], outputs: 1, embedding, members: 8, units: 128 })
 */
@takes(tabMChecks)
export class TabM extends Layer<readonly Tensor[]> {
  readonly className = 'TabM'
  readonly outputs: number
  readonly members: number
  readonly units: number
  readonly architecture: 'tabm' | 'mini' | 'packed'
  readonly embedding: Layer | undefined
  readonly blocks: readonly (BatchEnsembleDense | FeatureDense | layers.Dense)[]
  readonly dropout: layers.Dropout
  readonly head: FeatureDense
  readonly #inputs: TableInputs
  readonly #hot: HotCodes
  /** Of the architecture `'mini'`. */
  #scale: Variable | undefined

  constructor({
    outputs,
    numbers = 0,
    categories = [],
    embedding,
    members = 32,
    blocks = embedding === undefined ? 3 : 2,
    units = 512,
    dropout = 0.1,
    architecture = 'tabm',
    ...options
  }: TabMOptions) {
    super(options)
    this.#inputs = new TableInputs(this.className, { numbers, categories })
    if (embedding !== undefined && numbers === 0)
      throw new ArgumentError({ where: 'TabM: embedding', expected: 'numbers to embed', received: 'none' })
    this.outputs = outputs
    this.members = members
    this.units = units
    this.architecture = architecture
    this.embedding =
      embedding === undefined || embedding instanceof Layer
        ? (embedding as Layer | undefined)
        : deserializeLayer(embedding as SerializedObject)
    this.#hot = new HotCodes(oneHotFeatures(categories))
    const { dtype } = this
    this.dropout = layers.dropout({ rate: dropout, dtype })
    this.head = new FeatureDense({ units: outputs, dtype })
    this.blocks = Array.from({ length: blocks }, (_, i) => this.#block(i))
  }

  #block(i: number): BatchEnsembleDense | FeatureDense | layers.Dense {
    const { units, members, architecture, dtype } = this
    if (architecture === 'packed') return new FeatureDense({ units, dtype })
    if (architecture === 'mini') {
      const start = rootUniform(i === 0 ? this.#chunks().reduce((sum, width) => sum + width, 0) : units)
      return layers.dense({ units, dtype, kernelInitializer: start, biasInitializer: start })
    }
    return new BatchEnsembleDense({
      units,
      members,
      dtype,
      ...(i === 0 && { start: this.#start, chunks: this.#chunks() }),
    })
  }

  /** By which the first scales begin: columns of one feature are scaled alike. */
  get #start(): ScaleStart {
    return this.embedding === undefined ? 'signs' : 'normal'
  }

  /** Widths of the features in the input of the first block. */
  #chunks(): readonly number[] {
    const { numbers, sizes } = this.#inputs
    return [...Array<number>(numbers).fill(this.#embeddedWidth()), ...sizes]
  }

  #embeddedWidth(): number {
    if (this.embedding === undefined) return 1
    this.embedding.ensureBuilt([null, this.#inputs.numbers])
    const shape = this.embedding.computeOutputShape([null, this.#inputs.numbers])
    return Number(shape.at(-1))
  }

  override build(): void {
    const { members, units } = this
    const chunks = this.#chunks()
    const width = chunks.reduce((sum, one) => sum + one, 0)
    if (this.architecture === 'mini')
      this.#scale = this.addWeight({
        name: 'scale',
        shape: [members, width],
        initializer: new MemberScales(this.#start, chunks),
      })
    this.blocks.forEach((block, i) => {
      block.ensureBuilt([null, members, i === 0 ? width : units])
    })
    this.head.ensureBuilt([null, members, units])
  }

  call(inputs: readonly Tensor[], context: CallContext): Tensor {
    const x = this.#features(inputs, context)
    const states = this.blocks.reduce<Tensor>(
      (state, block) => this.dropout.apply(block.apply(state).relu(), context),
      this.#ofMembers(x),
    )
    return this.head.apply(states)
  }

  /** (batch, width) → (batch, members, width); (batch, 1, width) where the first block makes it the members' own. */
  #ofMembers(x: Tensor): Tensor {
    const all = x.expandDims(1)
    if (this.#scale !== undefined) return all.mul(this.#scale.value)
    const [rows = 0, width = 0] = x.shape
    return this.architecture === 'packed' ? ops.broadcastTo(all, [rows, this.members, width]) : all
  }

  /** One row of features for each row: (batch, width). */
  #features(inputs: readonly Tensor[], context: CallContext): Tensor {
    const { x, codes } = this.#inputs.split(this.className, inputs)
    const parts: Tensor[] = []
    if (x !== undefined)
      parts.push(
        this.embedding === undefined
          ? x
          : this.embedding.apply(x, context).reshape([x.shape[0] as number, -1]),
      )
    if (codes !== undefined) parts.push(this.#hot.of(codes).cast(this.dtype))
    return parts.length === 1 ? (parts[0] as Tensor) : ops.concat(parts, 1)
  }

  override getConfig(): Record<string, unknown> {
    const { outputs, members, units, architecture, embedding } = this
    return {
      ...super.getConfig(),
      outputs,
      numbers: this.#inputs.numbers,
      categories: this.#inputs.sizes,
      ...(embedding !== undefined && { embedding: serialize(embedding) }),
      members,
      blocks: this.blocks.length,
      units,
      dropout: this.dropout.rate,
      architecture,
    }
  }
}

register('layer', TabM, registeredAs)
