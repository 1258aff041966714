import { ArgumentError, ShapeError } from '../../base/errors.ts'
import { number, optionsOf, orNull } from '../../base/options.ts'
import { formatShape, type Shape } from '../../base/shape.ts'
import { formatSymbolicShape, type SymbolicShape } from '../base/symbolic.ts'

/** Options of layers that draw at random while training. */
export interface NoiseOptions {
  /** Makes the noise independent of the draws of other layers. Default: each layer draws its own. */
  readonly seed?: number | null
}

export const noiseChecks = optionsOf<NoiseOptions>()({ seed: orNull(number) })

/** @throws ArgumentError for what is not a share. */
export function noiseRate(where: string, rate: number): number {
  if (rate >= 0 && rate <= 1) return rate
  throw new ArgumentError({ where, expected: 'a rate from 0 to 1', received: String(rate) })
}

/** @throws ArgumentError for what is not a whole number. */
export function noiseSeed(where: string, seed: number | null | undefined): number | undefined {
  if (seed == null) return undefined
  if (Number.isInteger(seed)) return seed
  throw new ArgumentError({ where, expected: 'a whole seed', received: String(seed) })
}

/** The shape of a mask: `noiseShape` with the input's own sizes in the place of nulls. */
export function maskShape(where: string, noise: SymbolicShape | undefined, shape: Shape): Shape {
  if (noise === undefined) return shape
  if (noise.length === shape.length && noise.every((d, i) => d === null || d === 1 || d === shape[i]))
    return noise.map((d, i) => d ?? (shape[i] as number))
  throw new ShapeError({
    where: `${where}: noiseShape`,
    expected: `null, 1 or the input's size for each dimension of ${formatShape(shape)}`,
    received: formatSymbolicShape(noise),
  })
}
