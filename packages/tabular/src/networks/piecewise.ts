import { type DType, type Tensor, tensor } from 'typegrad/core'
import type { BinEdges } from './bins.ts'

/** A bound that no number reaches. */
const open = 3e38

/**
 * The piecewise-linear code of numbers: for each bin 1 where the number is above it, 0 where it is below, and within it how far it is
 * along, `(x − a) / (b − a)`. The first bin goes on below its edge, and the last one above.
 *
 * All features have as many places as the one with the most bins, so that one operation serves all: the last bin stands in the last
 * place, the others from the first on, and what is between stays 0.
 *
 * Gorishniy et al. 2022, section 3.2, https://arxiv.org/abs/2203.05556
 */
export class PiecewiseCode {
  readonly features: number
  /** Places of each feature. */
  readonly places: number
  /** Places that bins stand in, feature by feature: `feature · places + place`. */
  readonly used: readonly number[]
  readonly #slope: Tensor
  readonly #offset: Tensor
  readonly #bounds: { readonly low: Tensor; readonly high: Tensor }

  constructor(bins: BinEdges, dtype: DType) {
    this.features = bins.length
    const places = Math.max(...bins.map(({ length }) => length - 1))
    this.places = places
    const size = this.features * places
    const [slope, offset] = [new Float64Array(size), new Float64Array(size)]
    const [low, high] = [new Float64Array(size), new Float64Array(size).fill(1)]
    const used: number[] = []
    bins.forEach((edges, feature) => {
      const count = edges.length - 1
      const first = feature * places
      low[first] = -open
      high[first + places - 1] = open
      // A single bin goes on at both ends.
      if (count === 1) low[first + places - 1] = -open
      for (let bin = 0; bin < count; bin++) {
        const at = first + (bin === count - 1 ? places - 1 : bin)
        const [a, b] = [edges[bin] as number, edges[bin + 1] as number]
        slope[at] = 1 / (b - a)
        offset[at] = -a / (b - a)
        used.push(at)
      }
    })
    this.used = used
    const made = (values: Float64Array): Tensor =>
      tensor(dtype === 'float64' ? values : Float32Array.from(values), {
        shape: [this.features, places],
        dtype,
      })
    this.#slope = made(slope)
    this.#offset = made(offset)
    this.#bounds = { low: made(low), high: made(high) }
  }

  /** (batch, features) → (batch, features, places). */
  of(x: Tensor): Tensor {
    const along = x.expandDims(-1).mul(this.#slope).add(this.#offset)
    return along.maximum(this.#bounds.low).minimum(this.#bounds.high)
  }
}
