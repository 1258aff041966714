import { ArgumentError } from 'typegrad/core'

/** The modified Bessel function I₀ by its series, for Kaiser's window. */
function besselI0(x: number): number {
  let term = 1
  let sum = 1
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / (2 * k)) ** 2
    sum += term
  }
  return sum
}

/** Weights of a low-pass filter at 1 / `rate` of all frequencies: a sinc in Kaiser's window with β = 5, of sum `up`. */
function lowPass(up: number, rate: number): { readonly weights: Float64Array; readonly half: number } {
  const half = 10 * rate
  const weights = new Float64Array(2 * half + 1)
  for (let i = -half; i <= half; i++) {
    const x = i / rate
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)
    weights[i + half] = sinc * besselI0(5 * Math.sqrt(1 - (i / half) ** 2))
  }
  const sum = weights.reduce((a, b) => a + b, 0)
  return { weights: weights.map((weight) => (weight * up) / sum), half }
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b))

/**
 * Samples at another rate, by a polyphase filter: up by one whole number and down by another, with a sinc in Kaiser's window
 * (β = 5, ten zeros to each side), as `scipy.signal.resample_poly` and librosa's `res_type='polyphase'` do it. What lies before
 * and behind the sound counts as silence.
 *
 * @param samples of one channel.
 * @returns ⌈length · to / from⌉ samples.
 * @throws ArgumentError for rates that are no positive whole numbers.
 * @example
 * const { data, samplingRate } = toMono(await readSound('letter.flac'))
 * const resampled = resample(data, samplingRate, 16_000)
 */
export function resample(samples: Float32Array, from: number, to: number): Float32Array {
  if (!Number.isInteger(from) || !Number.isInteger(to) || from < 1 || to < 1)
    throw new ArgumentError({
      where: 'resample',
      expected: 'rates that are positive whole numbers of samples a second',
      received: `${from} and ${to}`,
    })
  if (from === to) return samples
  const common = divisor(from, to)
  const [up, down] = [to / common, from / common]
  const { weights, half } = lowPass(up, Math.max(up, down))
  const resampled = new Float32Array(Math.ceil((samples.length * up) / down))
  for (let i = 0; i < resampled.length; i++) {
    // The filter's middle stands at i · down of the samples with up − 1 zeros between them.
    const middle = i * down
    const first = Math.max(0, Math.ceil((middle - half) / up))
    const last = Math.min(samples.length - 1, Math.floor((middle + half) / up))
    let sum = 0
    for (let k = first; k <= last; k++)
      sum += (samples[k] as number) * (weights[middle - k * up + half] as number)
    resampled[i] = sum
  }
  return resampled
}
