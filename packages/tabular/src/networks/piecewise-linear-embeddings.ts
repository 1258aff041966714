import type { Tensor } from 'typegrad'
import { optionsOf } from 'typegrad/core'
import {
  checks,
  Layer,
  type LayerOptions,
  layerChecks,
  register,
  type SymbolicShape,
  takes,
} from 'typegrad/layers'
import { type BinEdges, checkBins } from './bins.ts'
import { FeatureDense } from './feature-dense.ts'
import { LinearEmbeddings } from './linear-embeddings.ts'
import { PiecewiseCode } from './piecewise.ts'
import { registeredAs } from './starts.ts'

export interface PiecewiseLinearEmbeddingsOptions extends LayerOptions {
  /** The edges of each feature's bins, as `quantileBins` gives them. */
  readonly bins: BinEdges
  /** Size of the vector that each number becomes. */
  readonly units: number
  /**
   * Whether a line of each number's own is added, beside which the piecewise part begins at zero (version B of the authors'
   * package, of the paper about TabM); without it kernels begin at random and have biases (version A). Default true.
   */
  readonly linearPart?: boolean
  /** Applied to the piecewise part: `'relu'` or `'linear'`. Default `'linear'`. */
  readonly activation?: 'relu' | 'linear'
}

const embeddingsChecks = optionsOf<PiecewiseLinearEmbeddingsOptions>()({
  bins: checks.needed(checks.list),
  units: checks.needed(checks.count),
  linearPart: checks.boolean,
  activation: checks.oneOf('relu', 'linear'),
  ...layerChecks,
})

/**
 * A vector for each number, along a line that bends at the edges of its bins: the piecewise-linear code times a kernel of the number's
 * own.
 *
 * Input (batch, features), output (batch, features, units). Weights: those of a `LinearEmbeddings` where there is a linear part, and
 * the kernel (features, most bins of a feature, units).
 *
 * Gorishniy et al. 2022, "On embeddings for numerical features in tabular deep learning", https://arxiv.org/abs/2203.05556; the
 * linear part: Gorishniy et al. 2024, https://arxiv.org/abs/2410.24210
 *
 * @throws ArgumentError for edges that do not ascend.
 * @example
 * new PiecewiseLinearEmbeddings({ bins: quantileBins(columns, 48), units: 16 })
 */
@takes(embeddingsChecks)
export class PiecewiseLinearEmbeddings extends Layer {
  readonly className = 'PiecewiseLinearEmbeddings'
  readonly bins: BinEdges
  readonly units: number
  readonly linearPart: boolean
  readonly activation: 'relu' | 'linear'
  readonly line: LinearEmbeddings | undefined
  readonly pieces: FeatureDense
  readonly #code: PiecewiseCode

  constructor({
    bins,
    units,
    linearPart = true,
    activation = 'linear',
    ...options
  }: PiecewiseLinearEmbeddingsOptions) {
    super(options)
    checkBins(this.className, bins)
    this.bins = bins
    this.units = units
    this.linearPart = linearPart
    this.activation = activation
    this.#code = new PiecewiseCode(bins, this.dtype)
    const { dtype } = this
    this.line = linearPart ? new LinearEmbeddings({ units, dtype }) : undefined
    this.pieces = new FeatureDense({
      units,
      dtype,
      useBias: !linearPart,
      start: linearPart ? 'zeros' : 'uniform',
    })
  }

  override build(inputShape: SymbolicShape): void {
    this.line?.ensureBuilt(inputShape)
    this.pieces.ensureBuilt([null, this.#code.features, this.#code.places])
  }

  call(x: Tensor): Tensor {
    const pieces = this.pieces.apply(this.#code.of(x))
    const active = this.activation === 'relu' ? pieces.relu() : pieces
    return this.line === undefined ? active : this.line.apply(x).add(active)
  }

  override getConfig(): Record<string, unknown> {
    const { bins, units, linearPart, activation } = this
    return { ...super.getConfig(), bins, units, linearPart, activation }
  }
}

register('layer', PiecewiseLinearEmbeddings, registeredAs)
