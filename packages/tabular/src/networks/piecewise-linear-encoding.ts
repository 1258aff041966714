import type { Tensor } from 'typegrad'
import { ops, optionsOf, tensor } from 'typegrad/core'
import { checks, Layer, type LayerOptions, layerChecks, register, takes } from 'typegrad/layers'
import { type BinEdges, checkBins } from './bins.ts'
import { PiecewiseCode } from './piecewise.ts'
import { registeredAs } from './starts.ts'

export interface PiecewiseLinearEncodingOptions extends LayerOptions {
  /** The edges of each feature's bins, as `quantileBins` gives them. */
  readonly bins: BinEdges
}

const encodingChecks = optionsOf<PiecewiseLinearEncodingOptions>()({
  bins: checks.needed(checks.list),
  ...layerChecks,
})

/**
 * Numbers as how far they have come along each of their bins: see {@link PiecewiseLinearEmbeddings}, which learns vectors of it.
 *
 * Input (batch, features), output (batch, bins of all features together). No weights.
 *
 * Gorishniy et al. 2022, https://arxiv.org/abs/2203.05556
 *
 * @throws ArgumentError for edges that do not ascend.
 * @example
 * const encoding = new PiecewiseLinearEncoding({ bins: [[0, 1, 2]] })
 * await encoding.apply(tensor([[1.5]])).toArray() // [[1, 0.5]]
 */
@takes(encodingChecks)
export class PiecewiseLinearEncoding extends Layer {
  readonly className = 'PiecewiseLinearEncoding'
  readonly bins: BinEdges
  readonly #code: PiecewiseCode

  constructor({ bins, ...options }: PiecewiseLinearEncodingOptions) {
    super(options)
    checkBins(this.className, bins)
    this.bins = bins
    this.#code = new PiecewiseCode(bins, this.dtype)
  }

  call(x: Tensor): Tensor {
    const { features, places, used } = this.#code
    const flat = this.#code.of(x).reshape([x.shape[0] as number, features * places])
    return used.length === features * places
      ? flat
      : ops.gather(flat, tensor(Int32Array.from(orderOf(used))), 1)
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), bins: this.bins }
  }
}

/** Bins in the order of their places: the last one of a feature behind the others. */
const orderOf = (used: readonly number[]): number[] => [...used].sort((a, b) => a - b)

register('layer', PiecewiseLinearEncoding, registeredAs)
