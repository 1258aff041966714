import { initializers, type Tensor, type Variable } from 'typegrad'
import { ops, optionsOf, random, tensor } from 'typegrad/core'
import { type CallContext, checks, Layer, register, takes } from 'typegrad/layers'
import { HotCodes, type HotFeature, tableOffsets } from './hot-codes.ts'
import { NtkBlock } from './ntk-block.ts'
import { PeriodicBiasEmbeddings } from './periodic-bias-embeddings.ts'
import { registeredAs } from './starts.ts'
import { type TableInputOptions, TableInputs, tableInputChecks } from './table-inputs.ts'

export interface RealMLPOptions extends TableInputOptions {
  /** How many numbers are predicted of a row. */
  readonly outputs: number
  /** Sizes of the hidden layers. Default [256, 256, 256]. */
  readonly hidden?: readonly number[]
  /** Default `'selu'`, which the paper takes for classes; it takes `'mish'` for numbers. */
  readonly activation?: 'selu' | 'mish'
  /** Waves of each number (PBLD), or none. Default 16. */
  readonly frequencies?: number
  /** Size of the vector that each number becomes by its waves, itself being the last of it. Default 4. */
  readonly numberUnits?: number
  /** Deviation of the frequencies at the start. Default 0.1. */
  readonly frequencyScale?: number
  /** Size of the vectors of categories. Default 8. */
  readonly categoryUnits?: number
  /** Columns of at most so many codes, the 0 of missing ones included, are one-hot. Default 9. */
  readonly oneHotLimit?: number
  /** The share of hidden numbers that training drops; {@link RealMLP.dropoutRate} changes it. Default 0.15. */
  readonly dropout?: number
}

const realMLPChecks = optionsOf<RealMLPOptions>()({
  outputs: checks.needed(checks.count),
  hidden: checks.list,
  activation: checks.oneOf('selu', 'mish'),
  frequencies: checks.wholeFrom(0),
  numberUnits: checks.wholeFrom(2),
  frequencyScale: checks.positive,
  categoryUnits: checks.count,
  oneHotLimit: checks.count,
  dropout: checks.share,
  ...tableInputChecks,
})

/** How fast a weight learns, and how much of it decays, beside the others. */
export interface LearningFactors {
  readonly rate: number
  readonly decay: number
}

/** By the name of a weight; 1 and 1 of the others, the kernels. */
const factors: Readonly<Record<string, LearningFactors>> = {
  scale: { rate: 6, decay: 6 },
  bias: { rate: 0.1, decay: 0 },
  slope: { rate: 0.1, decay: 0.1 },
  waves: { rate: 0.1, decay: 0.1 },
}

/**
 * The perceptron of RealMLP: numbers are centred, scaled by quartiles and smoothly clipped to −3 … 3, become waves beside themselves,
 * and meet a scale that learns fast; kernels are divided by the root of their inputs (neural tangent parametrisation), and
 * activations are learned between none and all, `x + a · (f(x) − x)`.
 *
 * Inputs, a list of what there is: numbers (batch, numbers), NaN where they are missing, and codes of categories (batch, columns),
 * with 0 for missing ones. Output (batch, outputs). What numbers are centred and scaled by are weights that training leaves alone:
 * `startRealMLP` sets them, and begins kernels and biases by the rows of a batch, as the paper does.
 *
 * Holzmüller et al. 2024, "Better by default", https://arxiv.org/abs/2407.04491
 *
 * @throws ArgumentError for neither numbers nor categories.
 * @example
 * const network = new RealMLP({ numbers: 10, categories: [3, 12], outputs: 2, hidden: [64, 64] })
 */
@takes(realMLPChecks)
export class RealMLP extends Layer<readonly Tensor[]> {
  readonly className = 'RealMLP'
  readonly outputs: number
  readonly hidden: readonly NtkBlock[]
  readonly head: NtkBlock
  readonly waves: PeriodicBiasEmbeddings | undefined
  readonly #options: Required<
    Omit<RealMLPOptions, 'name' | 'trainable' | 'inputShape' | 'dtype' | 'activityRegularizer'>
  >
  readonly #inputs: TableInputs
  readonly #hot: HotCodes
  /** Columns of categories that have vectors. */
  readonly #embedded: readonly number[]
  /** Rows of the table of vectors before those of each such column. */
  readonly #offsets: Int32Array
  #center!: Variable
  #spread!: Variable
  #missing: Variable | undefined
  #vectors: Variable | undefined
  #scale!: Variable
  #dropoutRate!: Variable

  constructor({
    outputs,
    numbers = 0,
    categories = [],
    hidden = [256, 256, 256],
    activation = 'selu',
    frequencies = 16,
    numberUnits = 4,
    frequencyScale = 0.1,
    categoryUnits = 8,
    oneHotLimit = 9,
    dropout = 0.15,
    ...options
  }: RealMLPOptions) {
    super(options)
    this.outputs = outputs
    this.#options = {
      outputs,
      numbers,
      categories,
      hidden,
      activation,
      frequencies,
      numberUnits,
      frequencyScale,
      categoryUnits,
      oneHotLimit,
      dropout,
    }
    this.#inputs = new TableInputs(this.className, { numbers, categories })
    this.#hot = new HotCodes(
      categories.flatMap((size, column) => (size <= oneHotLimit ? hotFeatures(column, size) : [])),
    )
    this.#embedded = categories.flatMap((size, column) => (size > oneHotLimit ? [column] : []))
    this.#offsets = tableOffsets(this.#embedded.map((column) => categories[column] as number))
    const { dtype } = this
    this.waves =
      frequencies > 0 && numbers > 0
        ? new PeriodicBiasEmbeddings({ units: numberUnits - 1, frequencies, frequencyScale, dtype })
        : undefined
    this.hidden = hidden.map((units) => new NtkBlock({ units, activation, dtype }))
    this.head = new NtkBlock({ units: outputs, dtype })
  }

  /** Blocks in the order in which they compute. */
  get blocks(): readonly NtkBlock[] {
    return [...this.hidden, this.head]
  }

  /** The share of hidden numbers that training drops: a scalar that may be assigned between steps. */
  get dropoutRate(): Variable {
    return this.#dropoutRate
  }

  /** What features before the embeddings are centred and divided by: numbers, and one-hot categories behind them. */
  get statistics(): { readonly center: Variable; readonly spread: Variable } {
    return { center: this.#center, spread: this.#spread }
  }

  /** How fast a weight of the network learns, by the paper. */
  factorsOf(weight: Variable): LearningFactors {
    const name = weight.name.split('/').at(-1) as string
    const isOfWaves = weight === this.#missing || this.waves?.weights.includes(weight) === true
    // Without waves, what stands for missing numbers learns as kernels do.
    if (isOfWaves && this.waves !== undefined) return factors.waves as LearningFactors
    return factors[name] ?? { rate: 1, decay: 1 }
  }

  override build(): void {
    const { categories, categoryUnits, hidden, dropout, numberUnits } = this.#options
    const { numbers } = this.#inputs
    const statistic = { shape: [numbers + this.#hot.count], trainable: false }
    this.#center = this.addWeight({ name: 'center', initializer: 'zeros', ...statistic })
    this.#spread = this.addWeight({ name: 'spread', initializer: 'ones', ...statistic })
    this.#dropoutRate = this.addWeight({
      name: 'dropoutRate',
      shape: [],
      initializer: initializers.constant({ value: dropout }),
      trainable: false,
    })
    if (numbers > 0)
      this.#missing = this.addWeight({ name: 'missing', shape: [numbers], initializer: 'zeros' })
    const rows = this.#embedded.reduce((sum, column) => sum + (categories[column] as number), 0)
    if (rows > 0)
      this.#vectors = this.addWeight({
        name: 'vectors',
        shape: [rows, categoryUnits],
        initializer: initializers.randomNormal({ stddev: 1 }),
      })
    this.waves?.ensureBuilt([null, numbers])
    const perNumber = this.waves === undefined ? 1 : numberUnits
    const width = numbers * perNumber + this.#hot.count + this.#embedded.length * categoryUnits
    this.#scale = this.addWeight({ name: 'scale', shape: [width], initializer: 'ones' })
    this.blocks.forEach((block, i) => {
      block.ensureBuilt([null, i === 0 ? width : (hidden[i - 1] as number)])
    })
  }

  call(inputs: readonly Tensor[], { training }: CallContext): Tensor {
    const states = this.hidden.reduce((x, block) => {
      const out = block.apply(x)
      return training ? this.dropped(out) : out
    }, this.features(inputs))
    return this.head.apply(states)
  }

  /** What training lets through of hidden numbers. */
  dropped(x: Tensor): Tensor {
    const rate = this.#dropoutRate.value
    const kept = random.uniform(x.shape).greaterEqual(rate).cast(x.dtype)
    return x.mul(kept.div(rate.neg().add(1)))
  }

  /** Numbers and one-hot categories before they are centred and scaled: (batch, numbers + hot). */
  rawFeatures(inputs: readonly Tensor[]): Tensor {
    const { x, codes } = this.#inputs.split(this.className, inputs)
    const hot =
      codes === undefined || this.#hot.count === 0 ? undefined : this.#hot.of(codes).cast(this.dtype)
    const parts = [x, hot].filter((part) => part !== undefined)
    return parts.length === 1 ? (parts[0] as Tensor) : ops.concat(parts, 1)
  }

  /** What the first block is given: (batch, width). */
  features(inputs: readonly Tensor[]): Tensor {
    const { numbers } = this.#inputs
    const rows = (inputs[0] as Tensor).shape[0] as number
    const parts: Tensor[] = []
    if (this.#center.shape[0] !== 0) {
      const centred = this.rawFeatures(inputs).sub(this.#center.value).mul(this.#spread.value)
      // Missing numbers are taken out before anything is computed of them, for gradients would be NaN, too.
      const isMissing = centred.isNaN()
      // Beyond ±1e6 the clipped number is ±3 to the last digit, while the square of a larger one could be infinite.
      const known = ops.where(isMissing, 0, centred).clip({ min: -1e6, max: 1e6 })
      const clipped = known.div(
        known
          .square()
          .mul(1 / 9)
          .add(1)
          .sqrt(),
      )
      const first = (of: Tensor): Tensor => ops.slice(of, [0, 0], [rows, numbers])
      if (numbers > 0) {
        const x = first(clipped)
        const gaps = first(isMissing)
        if (this.waves !== undefined) parts.push(this.waves.embedded(x, gaps).reshape([rows, -1]))
        parts.push(ops.where(gaps, (this.#missing as Variable).value, x))
      }
      if (this.#hot.count > 0) parts.push(ops.slice(clipped, [0, numbers], [rows, this.#hot.count]))
    }
    if (this.#vectors !== undefined) parts.push(this.#vectorsOf(inputs.at(-1) as Tensor))
    const features = parts.length === 1 ? (parts[0] as Tensor) : ops.concat(parts, 1)
    return features.mul(this.#scale.value)
  }

  #vectorsOf(codes: Tensor): Tensor {
    const own = ops.gather(codes, tensor(Int32Array.from(this.#embedded)), 1).cast('int32')
    const vectors = ops.gather((this.#vectors as Variable).value, own.add(tensor(this.#offsets)))
    return vectors.reshape([codes.shape[0] as number, -1])
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), ...this.#options }
  }
}

/** Of two codes a column with −1 and 1, of three one with 0, 1 and −1, of more a column for each but the 0. */
function hotFeatures(column: number, size: number): HotFeature[] {
  if (size === 2) return [{ column, plus: 1, minus: 0 }]
  if (size === 3) return [{ column, plus: 1, minus: 2 }]
  return Array.from({ length: size - 1 }, (_, i) => ({ column, plus: i + 1 }))
}

register('layer', RealMLP, registeredAs)
