import { beforeAll, describe, expect, it } from 'vitest'
import { ArgumentError, ShapeError, UnknownNameError } from '../base/errors.ts'
import { serialize } from '../base/serialization.ts'
import { evaluateAll, setRandomSeed, type Tensor } from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { type GoldenTensor, goldenValues, readGolden } from '../testing/golden.ts'
import { computeFans, getInitializer, glorotUniform, identity, stft, varianceScaling } from './index.ts'

interface Case {
  readonly initializer: string
  readonly config: Readonly<Record<string, unknown>>
  readonly shape: readonly number[]
  readonly fanIn: number
  readonly fanOut: number
  readonly expected: {
    readonly mean: number
    readonly standardDeviation: number
    readonly minimum: number | null
    readonly maximum: number | null
  }
}

interface ExactCase {
  readonly initializer: string
  readonly config: Readonly<Record<string, unknown>>
  readonly shape: readonly number[]
  readonly value: GoldenTensor
}

const { cases, exact } = readGolden<{
  readonly cases: readonly Case[]
  readonly exact: readonly ExactCase[]
}>('initializers.json')

/** Random numbers have no golden values: their statistics must be what the formulas, checked on Keras, say. */
describe("initializers' statistics against Keras's", () => {
  const draws: Tensor[] = []
  beforeAll(async () => {
    setRandomSeed(5)
    draws.push(
      ...cases.map(({ initializer: className, config, shape }) =>
        getInitializer({ className, config }).initialize(shape),
      ),
    )
    await evaluateAll(draws)
  })

  it.each(cases.map(({ initializer, config, shape }, i) => [initializer, config, shape, i] as const))(
    '%s %j %j',
    async (_, __, ___, i) => {
      const { expected, shape, fanIn, fanOut } = cases[i] as Case
      expect(computeFans(shape)).toEqual({ fanIn, fanOut })
      const draw = draws[i] as Tensor
      expect(draw.shape).toEqual(shape)
      expect(draw.dtype).toBe('float32')
      const values = Array.from(await draw.data(), Number)
      const mean = values.reduce((a, b) => a + b, 0) / values.length
      const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length)
      // Five standard errors of the mean; a deviation of 4,000 draws is within 5 %.
      expect(Math.abs(mean - expected.mean)).toBeLessThanOrEqual(
        (5 * expected.standardDeviation) / Math.sqrt(values.length) + 1e-7,
      )
      expect(Math.abs(deviation - expected.standardDeviation)).toBeLessThanOrEqual(
        0.05 * expected.standardDeviation + 1e-7,
      )
      const largest = values.reduce((a, b) => Math.max(a, b))
      const smallest = values.reduce((a, b) => Math.min(a, b))
      if (expected.maximum !== null) expect(largest).toBeLessThanOrEqual(expected.maximum + 1e-6)
      if (expected.minimum !== null) expect(smallest).toBeGreaterThanOrEqual(expected.minimum - 1e-6)
    },
  )
})

describe("initializers' values against Keras's", () => {
  it.each(exact.map((golden) => [golden.initializer, golden.config, golden] as const))(
    '%s %j',
    async (className, config, { shape, value }) => {
      const initializer = getInitializer({ className, config })
      expect(getInitializer(serialize(initializer))).toEqual(initializer)
      const given = initializer.initialize(shape)
      expect(given.shape).toEqual(value.shape)
      expectClose(await given.data(), goldenValues(value), { scaled: 1e-5 })
    },
  )
})

describe('computeFans', () => {
  it.each([
    [[], 1, 1],
    [[7], 7, 7],
    [[3, 5], 3, 5],
    [[2, 3, 4, 5], 24, 30],
  ])('%j', (shape, fanIn, fanOut) => {
    expect(computeFans(shape)).toEqual({ fanIn, fanOut })
  })

  it('takes the axes that are named', () => {
    expect(computeFans([2, 3, 4], { inputAxes: [0], outputAxes: [1, -1] })).toEqual({ fanIn: 2, fanOut: 12 })
  })
})

describe('getInitializer', () => {
  it('makes one again from its configuration', () => {
    for (const { initializer: className, config } of cases) {
      const first = getInitializer({ className, config })
      const again = getInitializer(serialize(first))
      expect(again).toEqual(first)
      expect(again.constructor).toBe(first.constructor)
    }
  })

  it('understands other spellings and passes initializers through', () => {
    expect(getInitializer('he_normal').className).toBe('HeNormal')
    expect(getInitializer('zero').className).toBe('Zeros')
    expect(varianceScaling({ distribution: 'normal' }).distribution).toBe('truncatedNormal')
    const own = glorotUniform({ seed: 3 })
    expect(getInitializer(own)).toBe(own)
  })

  it('refuses what it does not know', () => {
    expect(() => getInitializer('glorot')).toThrow(UnknownNameError)
    expect(() => getInitializer('glorot_uniforn')).toThrow("Did you mean 'glorotUniform'?")
    expect(() => varianceScaling({ scale: 0 })).toThrow(ArgumentError)
  })
})

it('draws the same numbers from the same seed, and others from none', async () => {
  const [a, b, c, d] = [
    glorotUniform({ seed: 3 }),
    glorotUniform({ seed: 3 }),
    glorotUniform(),
    glorotUniform(),
  ].map((initializer) => initializer.initialize([4, 4])) as [Tensor, Tensor, Tensor, Tensor]
  expect(await a.toArray()).toEqual(await b.toArray())
  expect(await c.toArray()).not.toEqual(await d.toArray())
})

it('identity makes matrices alone', async () => {
  expect(await identity({ gain: 2 }).initialize([2, 3]).toArray()).toEqual([
    [2, 0, 0],
    [0, 2, 0],
  ])
  expect(() => identity().initialize([2])).toThrow(ShapeError)
})

it('stft makes kernels of one channel alone', () => {
  expect(() => stft({ window: 'han' })).not.toThrow()
  expect(() => stft({ window: 'hanning' })).toThrow(UnknownNameError)
  expect(() => stft({ side: 'left' as never })).toThrow('expected one of "real", "imag", received "left"')
  expect(() => stft({ scaling: 'energy' as never })).toThrow(ArgumentError)
  expect(() => stft().initialize([8, 2, 5])).toThrow('expected the shape of a kernel (frame, 1, frequencies)')
  expect(() => stft({ window: [1, 2] }).initialize([3, 1, 4])).toThrow('a window of 3 values')
})
