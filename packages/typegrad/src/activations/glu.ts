import { ShapeError } from '../base/errors.ts'
import { formatShape } from '../base/shape.ts'
import { normalizeAxis } from '../ops/apply.ts'
import { mul } from '../ops/arithmetic.ts'
import { sigmoid } from '../ops/elementwise.ts'
import { split } from '../ops/shape.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * The first half of an axis times the sigmoid of the second: a linear unit with a gate
 * (Dauphin et al. 2016, https://arxiv.org/abs/1612.08083).
 *
 * Input (…, 2n, …), output (…, n, …). The axis is the last by default.
 *
 * @throws ShapeError if the axis has an odd size.
 */
export function glu(x: Tensor, axis = -1): Tensor {
  const at = normalizeAxis('glu', axis, x.shape)
  if ((x.shape[at] as number) % 2 !== 0) {
    throw new ShapeError({
      where: 'glu',
      expected: `an even size along axis ${at}, to halve it`,
      received: `shape ${formatShape(x.shape)}`,
    })
  }
  const [value, gate] = split(x, 2, at) as [Tensor, Tensor]
  return mul(value, sigmoid(gate))
}
