import { describe, expect, test } from 'vitest'
import { hostRandom } from '../doors/core.ts'
import { complexZeros, FourierTransform } from './fourier.ts'
import { FrameSpectra, Frames, type PadMode } from './frames.ts'
import { melFilters, sumBands } from './mel.ts'
import { RealFourierTransform } from './real-fourier.ts'

const below = hostRandom(1)
const noise = (length: number): Float64Array =>
  Float64Array.from({ length }, () => below(2 ** 30) / 2 ** 29 - 1)

// Fours, twos, other primes, and their products: all passes, alone and together.
const lengths = [1, 2, 3, 4, 5, 7, 8, 12, 16, 25, 30, 31, 32, 60, 64, 97, 128, 210, 400]

test.each(lengths)('a transform of %i numbers is what the definition says', (length) => {
  const x = { re: noise(length), im: noise(length) }
  const copy = { re: x.re.slice(), im: x.im.slice() }
  const transform = new RealFourierTransform(length)
  const [out, real] = [complexZeros(length), complexZeros(transform.bins)]
  new FourierTransform(length).transform(x, out)
  transform.transform(x.re, real)
  expect(x).toEqual(copy)
  let farthest = 0
  for (let k = 0; k < length; k++) {
    const sum = { re: 0, im: 0, realRe: 0, realIm: 0 }
    for (let n = 0; n < length; n++) {
      const angle = (-2 * Math.PI * ((k * n) % length)) / length
      const a = x.re[n] as number
      const b = x.im[n] as number
      const [c, s] = [Math.cos(angle), Math.sin(angle)]
      sum.re += a * c - b * s
      sum.im += a * s + b * c
      sum.realRe += a * c
      sum.realIm += a * s
    }
    const mirrored = k < transform.bins ? 1 : -1
    const at = mirrored === 1 ? k : length - k
    farthest = Math.max(
      farthest,
      Math.abs((out.re[k] as number) - sum.re),
      Math.abs((out.im[k] as number) - sum.im),
      Math.abs((real.re[at] as number) - sum.realRe),
      Math.abs(mirrored * (real.im[at] as number) - sum.realIm),
    )
  }
  expect(farthest).toBeLessThan(1e-12)
})

describe('frames', () => {
  const samples = Float32Array.of(1, 2, 3, 4)
  const read = (padding: PadMode | null, frame: number, length: number): number[] => {
    const out = new Float64Array(length)
    new Frames({ length, hop: 2, padding }).read(samples, frame, out)
    return Array.from(out)
  }

  // numpy.pad([1, 2, 3, 4], 6, mode), cut into frames of 12: the signal is shorter than what stands before it.
  test.each([
    ['constant', [0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 0, 0]],
    ['edge', [1, 1, 1, 1, 1, 1, 1, 2, 3, 4, 4, 4]],
    ['reflect', [1, 2, 3, 4, 3, 2, 1, 2, 3, 4, 3, 2]],
    ['symmetric', [3, 4, 4, 3, 2, 1, 1, 2, 3, 4, 4, 3]],
  ] as const)('go on beyond the ends: %s', (padding, expected) => {
    expect(read(padding, 0, 12)).toEqual(expected)
  })

  test('within the signal are counted as far as they are whole', () => {
    expect(read(null, 1, 2)).toEqual([3, 4])
    const counted = (padding: PadMode | null, length: number) =>
      new Frames({ length, hop: 2, padding }).count(4)
    expect([
      counted(null, 2),
      counted(null, 3),
      counted(null, 5),
      counted('edge', 3),
      counted('edge', 4),
    ]).toEqual([2, 1, 0, 2, 3])
  })

  test('have spectra, with a shorter window in their middle', () => {
    const signal = noise(40)
    const window = [0.5, 1, 0.25]
    const spectra = new FrameSpectra({ length: 8, hop: 3, window, padding: null })
    expect(spectra.count(40)).toBe(11)
    const { re, im } = spectra.spectrum(signal, 4)
    const alone = complexZeros(5)
    const x = new Float64Array(8)
    for (const [i, weight] of window.entries()) x[2 + i] = (signal[4 * 3 + 2 + i] as number) * weight
    new RealFourierTransform(8).transform(x, alone)
    expect([re, im]).toEqual([alone.re, alone.im])
    const power = spectra.power(signal, 4)
    expect(Array.from(power)).toEqual(Array.from(alone.re, (a, k) => a * a + (alone.im[k] as number) ** 2))
    // What was heard before is not left over in silence.
    expect(spectra.power(new Float64Array(40), 4).every((value) => value === 0)).toBe(true)
  })
})

test('mel filters of one norm have that norm, and too narrow ones nothing', () => {
  const frequencies = Float64Array.from({ length: 65 }, (_, k) => k * 125)
  const range = { lowest: 0, highest: 8000, scale: 'htk' } as const
  for (const p of [1, 2, Number.POSITIVE_INFINITY])
    for (const { weights } of melFilters(10, frequencies, { ...range, norm: p })) {
      const norm = p === Infinity ? Math.max(...weights) : weights.reduce((s, w) => s + w ** p, 0) ** (1 / p)
      expect(norm).toBeCloseTo(1, 12)
    }
  const narrow = melFilters(60, frequencies, { ...range, norm: null })
  expect(narrow.some(({ weights }) => weights.length === 0)).toBe(true)
  const out = new Float32Array(61).fill(9)
  sumBands(narrow, new Float64Array(65), out, 1)
  expect([out[0], ...out.subarray(1)]).toEqual([9, ...new Array(60).fill(0)])
})
