import { FormatError } from '../base/errors.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Tensors of a callback's state that are named by their numbers: `best_0`, `best_1`, … */
export function numbered(
  where: string,
  name: string,
  tensors: Readonly<Record<string, Tensor>>,
): readonly Tensor[] {
  const count = Object.keys(tensors).length
  return Array.from({ length: count }, (_, i) => {
    const found = Object.hasOwn(tensors, `${name}_${i}`) ? tensors[`${name}_${i}`] : undefined
    if (found !== undefined) return found
    throw new FormatError({
      where,
      expected: `${count} tensors ${name}_0, ${name}_1, …`,
      received: `none of the name ${name}_${i}`,
      fix: 'The backup belongs to a training with other callbacks, or is damaged.',
    })
  })
}
