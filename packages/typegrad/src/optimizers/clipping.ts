import { ArgumentError } from '../base/errors.ts'
import { number, optionsOf } from '../base/options.ts'
import { add, div, maximum, minimum, mul, sub } from '../ops/arithmetic.ts'
import { clip } from '../ops/comparison.ts'
import { reciprocal, sqrt, square } from '../ops/elementwise.ts'
import { sum } from '../ops/reduce.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** At most one of them. */
export interface ClippingOptions {
  /** The gradient of each weight is scaled down to this norm. Default none. */
  readonly clipnorm?: number | undefined
  /** Every element of a gradient is cut to ± this value. Default none. */
  readonly clipvalue?: number | undefined
  /** All gradients are scaled down together to this norm. Default none. */
  readonly globalClipnorm?: number | undefined
}

export const clippingChecks = optionsOf<ClippingOptions>()({
  clipnorm: number,
  clipvalue: number,
  globalClipnorm: number,
})

/** @throws ArgumentError if more than one kind of clipping is asked for. */
export function checkClipping(where: string, options: ClippingOptions): void {
  const { clipnorm, clipvalue, globalClipnorm } = options
  const given = Object.entries({ clipnorm, clipvalue, globalClipnorm }).filter(
    ([, value]) => value !== undefined,
  )
  if (given.length <= 1) return
  throw new ArgumentError({
    where,
    expected: 'at most one of clipnorm, clipvalue and globalClipnorm',
    received: given.map(([name, value]) => `${name} ${value}`).join(', '),
  })
}

/** Gradients clipped as Keras does, each with one product and the rest on scalars. */
export function clipGradients(
  grads: readonly Tensor[],
  { clipnorm, clipvalue, globalClipnorm }: ClippingOptions,
): readonly Tensor[] {
  if (isPositive(clipnorm)) {
    return grads.map((g) => mul(g, div(clipnorm, maximum(sqrt(sum(square(g))), clipnorm))))
  }
  if (isPositive(globalClipnorm)) {
    const norm = sqrt(grads.map((g) => sum(square(g))).reduce((a, b) => add(a, b)))
    const scale = mul(minimum(reciprocal(norm), 1 / globalClipnorm), globalClipnorm)
    // A norm that is not finite must not pass for a large one: ∞ − ∞ is NaN.
    const factor = add(scale, sub(norm, norm))
    return grads.map((g) => mul(g, factor))
  }
  if (isPositive(clipvalue)) return grads.map((g) => clip(g, { min: -clipvalue, max: clipvalue }))
  return grads
}

const isPositive = (value: number | undefined): value is number => value !== undefined && value > 0
