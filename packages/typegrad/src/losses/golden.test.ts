import { describe, expect, it } from 'vitest'
import { UnknownNameError } from '../base/errors.ts'
import { serialize } from '../base/serialization.ts'
import { evaluateAll, grad, type Tensor } from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { fromGolden, type GoldenTensor, goldenValues, readGolden } from '../testing/golden.ts'
import { getLoss, meanSquaredError } from './index.ts'

interface Case {
  readonly loss: string
  readonly config: Readonly<Record<string, unknown>>
  readonly yTrue: GoldenTensor
  readonly yPred: GoldenTensor
  readonly sampleWeight: GoldenTensor | null
  readonly output: GoldenTensor
  readonly gradient: GoldenTensor
  readonly note?: string
}

const cases = ['losses.json', 'focal-and-overlap-losses.json', 'smoothed-labels.json'].flatMap(
  (file) => readGolden<{ readonly cases: readonly Case[] }>(file).cases,
)

const titles = cases.map(({ loss, config, yPred, yTrue, sampleWeight, note }, i) => {
  const weighted = sampleWeight === null ? '' : ` weights ${sampleWeight.shape}`
  return [
    `${loss} ${JSON.stringify(config)} ${yTrue.shape} ${yPred.shape}${weighted}${note === undefined ? '' : `, ${note}`}`,
    i,
  ] as const
})

describe('losses against Keras and PyTorch', () => {
  it.each(titles)('%s', async (_, i) => {
    const { loss: className, config, yTrue, yPred, sampleWeight, ...expected } = cases[i] as Case
    const loss = getLoss({ className, config })
    const weight = sampleWeight === null ? undefined : fromGolden(sampleWeight)
    const lossOf = (predicted: Tensor) => loss.apply(fromGolden(yTrue), predicted, weight)
    const predicted = fromGolden(yPred)
    const [value, gradient] = [lossOf(predicted), grad((p: Tensor) => lossOf(p).sum())(predicted)]
    await evaluateAll([value, gradient])
    expect(value.shape).toEqual(expected.output.shape)
    expectClose(await value.data(), goldenValues(expected.output), {}, 'value')
    expectClose(await gradient.data(), goldenValues(expected.gradient), {}, 'gradient')
  })
})

describe('getLoss', () => {
  it('makes a loss again from its configuration', () => {
    for (const { loss: className, config } of cases) {
      const first = getLoss({ className, config })
      expect(serialize(getLoss(serialize(first)))).toEqual(serialize(first))
    }
  })

  it('takes aliases, factories, functions and losses', () => {
    expect(getLoss('mse').className).toBe('MeanSquaredError')
    expect(getLoss('mean_squared_error').name).toBe('mean_squared_error')
    expect(getLoss(meanSquaredError).className).toBe('MeanSquaredError')
    const own = meanSquaredError({ reduction: 'sum', name: 'own' })
    expect(getLoss(own)).toBe(own)
    expect(own.name).toBe('own')
    expect(
      getLoss(function distance(a, b) {
        return a.sub(b)
      }).name,
    ).toBe('distance')
  })

  it("resolves 'crossentropy' by the shapes", () => {
    const classNameOf = (labelShape: number[], outputShape: (number | null)[]) =>
      getLoss('crossentropy', { labelShape, outputShape }).className
    expect(classNameOf([8], [null, 1])).toBe('BinaryCrossentropy')
    expect(classNameOf([8], [null, 10])).toBe('SparseCategoricalCrossentropy')
    expect(classNameOf([8, 1], [null, 10])).toBe('SparseCategoricalCrossentropy')
    expect(classNameOf([8, 10], [null, 10])).toBe('CategoricalCrossentropy')
    expect(() => getLoss('crossentropy')).toThrow('Name it in full')
  })

  it('refuses what it does not know', () => {
    expect(() => getLoss('sparse_categorical_crossentrop')).toThrow(UnknownNameError)
    expect(() => getLoss('sparse_categorical_crossentrop')).toThrow(
      "Did you mean 'sparseCategoricalCrossentropy'?",
    )
    expect(() => meanSquaredError({ reduction: 'avg' as 'sum' })).toThrow(UnknownNameError)
  })
})
