import { add } from '../../ops/arithmetic.ts'
import { bernoulli } from '../../random/index.ts'
import { isTrainingAtWork } from '../../tensor/layer-at-work.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { Variable } from '../../tensor/variable.ts'

/**
 * What a layer makes of its input and its kernel, linear in the kernel. Where training drops inputs of what adapters add
 * to the kernel (LoRA's dropout), each part of it gets inputs of its own: f(x, W) + f(dropped(x), ΔW).
 *
 * @param product of the input and a tensor of the kernel's shape.
 */
export function kernelProduct(
  x: Tensor,
  kernel: Variable,
  product: (x: Tensor, kernel: Tensor) => Tensor,
): Tensor {
  const addends = isTrainingAtWork() ? kernel.definition?.addends?.() : undefined
  if (addends === undefined) return product(x, kernel.value)
  return addends
    .map(({ value, inputDropout }) => product(inputDropout === 0 ? x : dropped(x, inputDropout), value))
    .reduce((sum, part) => add(sum, part))
}

/** Without a share of the elements; the others are scaled so that their sum stays on average. */
function dropped(x: Tensor, rate: number): Tensor {
  const kept = bernoulli(x.shape, { probability: 1 - rate, dtype: x.dtype })
  return x.mul(kept.mul(1 / (1 - rate)))
}
