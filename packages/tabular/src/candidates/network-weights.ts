import { FormatError } from 'typegrad/core'
import { narrow, widen } from 'typegrad/formats'
import { readArray, readNumbers, type Saved } from '../saving/saved.ts'
import type { TableNetwork } from './network-predictor.ts'
import { setWeights, weightsOf } from './train-network.ts'

/** Matrices of fewer numbers than this are kept as they are: there is little to gain, and frequencies of waves are among them. */
const leastNumbers = 1000
/** The largest number of float16. */
const most = 65_504

/** A network's weights, in its order. */
export interface KeptWeights {
  readonly values: readonly Float32Array[]
  /** Places of those that have 16 bits. */
  readonly short: readonly number[]
}

/**
 * Rounds a network's large matrices to float16, which halves its file and changes each number by a two-thousandth at most, and leaves the
 * network with what is kept: that is what is judged.
 */
export async function keepWeights(network: TableNetwork): Promise<KeptWeights> {
  const values = await weightsOf(network)
  const short = values.flatMap((own, place) => {
    const isMatrix = (network.weights[place]?.shape.length ?? 0) > 1
    return isMatrix && own.length >= leastNumbers && own.every((value) => Math.abs(value) <= most)
      ? [place]
      : []
  })
  const rounded = values.map((own, place) => (short.includes(place) ? widened(narrowed(own)) : own))
  setWeights(network, rounded)
  return { values: rounded, short }
}

function narrowed(values: Float32Array): Uint16Array {
  const bits = new Uint16Array(values.length)
  narrow('float16', values, bits)
  return bits
}

function widened(bits: Uint16Array): Float32Array {
  const values = new Float32Array(bits.length)
  widen('float16', bits, values)
  return values
}

/** What {@link readWeights} reads. */
export function savedWeights({ values, short }: KeptWeights): { readonly [part: string]: Saved } {
  const isShort = (_: unknown, place: number): boolean => short.includes(place)
  const long = values.filter((_, place) => !isShort(_, place))
  return {
    weights: Float32Array.from(joined(long)),
    short,
    shortWeights: narrowed(Float32Array.from(joined(values.filter(isShort)))),
  }
}

function* joined(parts: readonly Float32Array[]): Generator<number> {
  for (const part of parts) yield* part
}

/** Gives a network that is built the weights that were kept. @throws FormatError for those of another one. */
export function readWeights(saved: unknown, network: TableNetwork): KeptWeights {
  const short = readNumbers(saved, 'short')
  const [long, bits] = [
    readArray(saved, 'weights', Float32Array),
    readArray(saved, 'shortWeights', Uint16Array),
  ]
  const sizes = network.weights.map(({ shape }) => shape.reduce((product, one) => product * one, 1))
  const sum = (of: readonly number[]): number => of.reduce((total, size) => total + size, 0)
  const shortSize = sum(sizes.filter((_, place) => short.includes(place)))
  if (bits.length !== shortSize || long.length !== sum(sizes) - shortSize)
    throw new FormatError({
      where: 'table model: weights',
      expected: `${sum(sizes)} numbers, as the network has them`,
      received: String(long.length + bits.length),
      fix: 'The file is damaged: restore it from a copy, or train the model again.',
    })
  const all = widened(bits)
  const at = { long: 0, short: 0 }
  const values = sizes.map((size, place) => {
    const kind = short.includes(place) ? 'short' : 'long'
    at[kind] += size
    return (kind === 'short' ? all : long).slice(at[kind] - size, at[kind])
  })
  setWeights(network, values)
  return { values, short }
}
