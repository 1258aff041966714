import { canonicalName } from '../base/registry.ts'

/** Σ aₖ·cos(k·φ) for φ from −π to π: the windows that are sums of cosines. */
const cosineSums = {
  blackman: [0.42, 0.5, 0.08],
  blackmanharris: [0.35875, 0.48829, 0.14128, 0.01168],
  boxcar: [1],
  flattop: [0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368],
  hamming: [0.54, 0.46],
  hann: [0.5, 0.5],
  nuttall: [0.3635819, 0.4891775, 0.1365995, 0.0106411],
} as const satisfies Record<string, readonly number[]>

/** Windows of straight lines and of a half wave, by place i of n. */
const shapes = {
  bartlett: (i: number, n: number) => 1 - Math.abs((2 * i) / (n - 1) - 1),
  cosine: (i: number, n: number) => Math.sin((Math.PI / n) * (i + 0.5)),
  triang: (i: number, n: number) => 1 - Math.abs((2 * i - (n - 1)) / (n % 2 === 0 ? n : n + 1)),
} as const satisfies Record<string, (i: number, n: number) => number>

const table = { ...cosineSums, ...shapes }

const aliases = {
  bart: 'bartlett',
  bkh: 'blackmanharris',
  bla: 'blackman',
  black: 'blackman',
  box: 'boxcar',
  flat: 'flattop',
  flt: 'flattop',
  halfcosine: 'cosine',
  ham: 'hamming',
  hamm: 'hamming',
  han: 'hann',
  nut: 'nuttall',
  ones: 'boxcar',
  rect: 'boxcar',
  rectangular: 'boxcar',
  tri: 'triang',
  triangle: 'triang',
} as const

/** Names of windows, as SciPy has them. */
export type WindowName = keyof typeof table | keyof typeof aliases | (string & {})

/** @throws UnknownNameError with the nearest known name. */
export const checkWindow = (where: string, name: WindowName): keyof typeof table =>
  canonicalName(`${where}: window`, name, table, aliases)

/**
 * A window of `length` numbers: symmetric, or periodic, which is a symmetric one of length + 1 without its last
 * number. SciPy's `signal.windows`, https://docs.scipy.org/doc/scipy/reference/signal.windows.html
 *
 * @throws UnknownNameError with the nearest known name.
 */
export function windowOf(
  where: string,
  name: WindowName,
  length: number,
  { periodic }: { readonly periodic: boolean },
): Float64Array {
  const known = checkWindow(where, name)
  if (length <= 1) return new Float64Array(length).fill(1)
  const size = periodic ? length + 1 : length
  const shape: readonly number[] | ((i: number, n: number) => number) = table[known]
  return Float64Array.from({ length }, (_, i) => {
    if (typeof shape === 'function') return shape(i, size)
    const angle = (2 * Math.PI * i) / (size - 1) - Math.PI
    return shape.reduce((sum, factor, k) => sum + factor * Math.cos(k * angle), 0)
  })
}
