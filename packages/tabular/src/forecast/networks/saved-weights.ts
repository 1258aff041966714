import { type Tensor, tensor } from 'typegrad'
import { FormatError } from 'typegrad/core'
import type { Layer } from 'typegrad/layers'

/** All weights of a layer, one behind the other. */
export async function weightsOf(layer: Layer<never>): Promise<Float32Array> {
  const parts = await Promise.all(layer.weights.map(({ value }) => value.data()))
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part as Float32Array, at)
    at += part.length
  }
  return all
}

/** Gives a layer that is built the weights that {@link weightsOf} gave. @throws FormatError for another number of them. */
export function giveWeights(layer: Layer<never>, all: Float32Array): void {
  const sizes = layer.weights.map(({ shape }) => shape.reduce((size, side) => size * side, 1))
  const size = sizes.reduce((sum, own) => sum + own, 0)
  if (size !== all.length)
    throw new FormatError({
      where: 'ForecastModel: weights of a network',
      expected: `${size} numbers`,
      received: String(all.length),
      fix: 'The file is damaged, or of another release: restore it from a copy, or train the model again.',
    })
  let at = 0
  layer.setWeights(
    layer.weights.map(({ shape }, i): Tensor => {
      const own = tensor(all.slice(at, at + (sizes[i] as number)), { shape })
      at += sizes[i] as number
      return own
    }),
  )
}
