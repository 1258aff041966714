import { readFileSync } from 'node:fs'
import { tensor } from 'typegrad'
import { hostRandom } from 'typegrad/core'
import { expect, test } from 'vitest'
import { denoise, trainDenoisingAutoencoder } from './index.ts'

interface GoldenCase {
  readonly function: keyof typeof denoise
  readonly options: object
  readonly series: readonly (number | null)[]
  readonly result: readonly (number | null)[]
}

const { cases } = JSON.parse(
  readFileSync(new URL('../../golden/denoising.json', import.meta.url), 'utf8'),
) as { cases: readonly GoldenCase[] }

const numbersOf = (values: readonly (number | null)[]): Float64Array =>
  Float64Array.from(values, (value) => value ?? Number.NaN)

test.each(cases.map((one, i) => [`${i}: ${one.function} ${JSON.stringify(one.options)}`, one] as const))(
  '%s',
  (_, one) => {
    const run = denoise[one.function] as (series: Float64Array, options: object) => Float64Array
    const result = run(numbersOf(one.series), one.options)
    const expected = numbersOf(one.result)
    // SciPy solves for powers of the positions as they are, which costs it digits: 11⁸ is 2 · 10⁸.
    const tolerance = 'order' in one.options && one.options.order === 8 ? 1e-8 : 1e-10
    expect(result.length).toBe(expected.length)
    for (const [i, value] of expected.entries())
      if (Number.isNaN(value)) expect(result[i], `at ${i}`).toBeNaN()
      else
        expect(
          Math.abs((result[i] as number) - value) / Math.max(1, Math.abs(value)),
          `at ${i}`,
        ).toBeLessThan(tolerance)
  },
)

test('what cannot be is named', () => {
  expect(() => denoise.savitzkyGolay([1, Number.NaN])).toThrow(
    'denoise.savitzkyGolay: position 1: expected a finite number, received NaN',
  )
  expect(() => denoise.rollingMean([1, Infinity])).toThrow(
    'position 1: expected a finite number, received Infinity',
  )
  expect(() => denoise.savitzkyGolay([1, 2, 3])).toThrow('expected a window of at most 3')
  expect(() => denoise.savitzkyGolay([1, 2, 3], { window: 3, order: 3 })).toThrow(
    'expected an order below the window of 3',
  )
  expect(() => denoise.savitzkyGolay([1, 2, 3], { window: 4 })).toThrow('expected an odd whole number')
  expect(() => denoise.waveletShrink([1, 2, 3], { levels: 4 })).toThrow(
    'expected a series of at least 112 numbers, for 4 levels of db4, received 3',
  )
  expect(() => denoise.waveletShrink([1, 2], { wavelet: 'db40' as 'db4' })).toThrow(
    'expected one of haar, db2',
  )
  expect(() => denoise.hampel(null as never)).toThrow('expected an array of numbers')
  for (const run of Object.values(denoise) as ((series: number[], options: object) => unknown)[])
    expect(() => run([1, 2, 3], { notAnOption: 1 })).toThrow(/expected .*option.*"notAnOption"/s)
})

test('an autoencoder takes noise out of rows that it has not seen', async () => {
  const below = hostRandom(4)
  const uniform = () => (below(2 ** 30) + 0.5) / 2 ** 30
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
  // Ten columns that two numbers make.
  const mixing = Array.from({ length: 10 }, () => [normal(), normal()] as const)
  const rows = Array.from({ length: 320 }, () => {
    const [a, b] = [normal(), normal()]
    return mixing.map(([p, q]) => p * a + q * b)
  })
  const [train, held] = [rows.slice(0, 256), rows.slice(256)]
  const noisy = held.map((row) => row.map((value) => value + 0.5 * normal()))
  const trained = await trainDenoisingAutoencoder(train, {
    units: [24, 8],
    corruption: { kind: 'gaussian', deviation: 0.5 },
    epochs: 30,
    learningRate: 0.01,
  })
  const errorOf = (of: ArrayLike<number>): number =>
    held.flat().reduce((sum, value, i) => sum + ((of[i] as number) - value) ** 2, 0) / (64 * 10)
  const mended = errorOf((await (await trained.denoise(noisy)).data()) as Float32Array)
  const before = errorOf(noisy.flat())
  // Of noise in ten directions, the two in which rows lie stay: a fifth of 0.25.
  expect(before).toBeGreaterThan(0.2)
  expect(mended).toBeLessThan(before / 2)
  expect((await trained.encode(noisy)).shape).toEqual([64, 8])
  expect(trained.losses.length).toBe(30)
  // The same seed, the same model; other corruptions train as well.
  for (const corruption of [
    { kind: 'mask', rate: 0.2 },
    { kind: 'swap', rate: 0.2 },
  ] as const) {
    const few = () => trainDenoisingAutoencoder(train.slice(0, 32), { units: [4], epochs: 2, corruption })
    expect((await few()).losses).toEqual((await few()).losses)
  }
  await expect(trainDenoisingAutoencoder([[1, Number.NaN]])).rejects.toThrow(
    'row 0, column 1: expected a finite number',
  )
  await expect(trainDenoisingAutoencoder(tensor([1, 2]))).rejects.toThrow('received the shape [2]')
  await expect(trainDenoisingAutoencoder(train, { notAnOption: 1 } as never)).rejects.toThrow('"notAnOption"')
})
