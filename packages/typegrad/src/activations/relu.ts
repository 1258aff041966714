import { checked, number, optionsOf } from '../base/options.ts'
import { leakyRelu, relu6 } from '../ops/activations.ts'
import { mul, sub } from '../ops/arithmetic.ts'
import { clip, greater, where } from '../ops/comparison.ts'
import { relu as plainRelu } from '../ops/elementwise.ts'
import type { Tensor } from '../tensor/tensor.ts'

export interface ReluOptions {
  /** Slope below the threshold. Default 0. */
  readonly negativeSlope?: number | undefined
  /** What larger values are cut to. Default none. */
  readonly maxValue?: number | undefined
  /** Below it the function is `negativeSlope`·(x − threshold). Default 0. */
  readonly threshold?: number | undefined
}

const reluChecks = optionsOf<ReluOptions>()({ negativeSlope: number, maxValue: number, threshold: number })

/**
 * max(x, 0), with Keras's variations: x from the threshold up to `maxValue`, a slope below.
 *
 * @example
 * relu(tensor([-2, 3]))                          // [0, 3]
 * relu(tensor([-2, 3]), { negativeSlope: 0.5 })  // [-1, 3]
 */
export function relu(x: Tensor, options: ReluOptions = {}): Tensor {
  const { negativeSlope = 0, maxValue, threshold = 0 } = checked('relu', options, reluChecks)
  if (threshold === 0 && maxValue === undefined) {
    return negativeSlope === 0 ? plainRelu(x) : leakyRelu(x, { negativeSlope })
  }
  const above = threshold === 0 ? plainRelu(x) : where(greater(x, threshold), x, 0)
  // Cut at 6 Keras takes relu6, whose slope there is 0; at other numbers it passes.
  const cutAt = (max: number): Tensor => (max === 6 && threshold === 0 ? relu6(x) : clip(above, { max }))
  const cut = maxValue === undefined ? above : cutAt(maxValue)
  return negativeSlope === 0 ? cut : sub(cut, mul(plainRelu(sub(threshold, x)), negativeSlope))
}
