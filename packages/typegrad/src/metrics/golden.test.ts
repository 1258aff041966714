import { beforeAll, describe, expect, it } from 'vitest'
import { ShapeError, UnknownNameError } from '../base/errors.ts'
import { serialize } from '../base/serialization.ts'
import { compile, evaluateAll, type Tensor, tensor, zeros } from '../index.ts'
import { binaryCrossentropy, sparseCategoricalCrossentropy } from '../losses/index.ts'
import { expectClose } from '../testing/closeness.ts'
import { fromGolden, type GoldenTensor, readGolden } from '../testing/golden.ts'
import {
  categoricalAccuracy,
  getMetric,
  Mean,
  type Metric,
  mean,
  sparseCategoricalAccuracy,
} from './index.ts'

interface Batch {
  readonly yTrue?: GoldenTensor
  readonly yPred?: GoldenTensor
  readonly values?: GoldenTensor
  readonly sampleWeight: GoldenTensor | null
}

interface Case {
  readonly metric: string
  readonly config: Readonly<Record<string, unknown>>
  readonly batches: readonly Batch[]
  readonly results: readonly number[]
}

const { cases } = readGolden<{ readonly cases: readonly Case[] }>('metrics.json')

function update(metric: Metric, { yTrue, yPred, values, sampleWeight }: Batch): void {
  const weight = sampleWeight === null ? undefined : fromGolden(sampleWeight)
  if (metric instanceof Mean && values !== undefined) metric.updateState(fromGolden(values), weight)
  else metric.updateState(fromGolden(yTrue as GoldenTensor), fromGolden(yPred as GoldenTensor), weight)
}

const titles = cases.map(({ metric, config, batches }, i) => {
  const [first] = batches as [Batch]
  const weighted = first.sampleWeight === null ? '' : ` weights ${first.sampleWeight.shape}`
  return [
    `${metric} ${JSON.stringify(config)} ${(first.values ?? first.yPred)?.shape}${weighted}`,
    i,
  ] as const
})

describe('metrics against Keras, batch after batch', () => {
  const results = cases.map(({ metric: className, config, batches }) => {
    const metric = getMetric({ className, config })
    return batches.map((batch) => {
      update(metric, batch)
      return metric.result()
    })
  })
  beforeAll(() => evaluateAll(results.flat()))

  it.each(titles)('%s', async (_, i) => {
    const values = await Promise.all((results[i] as Tensor[]).map((result) => result.item()))
    expectClose(values, (cases[i] as Case).results)
  })
})

describe('metrics in compiled steps', () => {
  /** One case of each metric, with weights where there are any, all in one compiled function. */
  const chosen = [...new Map(cases.map((golden) => [golden.metric, golden])).values()]
  const metrics = chosen.map(({ metric: className, config }) => getMetric({ className, config }))

  it('gather over steps and forget when they are reset', async () => {
    const steps = [0, 1, 2].map((batch) =>
      compile(() => {
        chosen.forEach((golden, i) => {
          update(metrics[i] as Metric, golden.batches[batch] as Batch)
        })
        return metrics.map((metric) => metric.result())
      }),
    )
    const forgetEagerly = () => {
      for (const metric of metrics) metric.reset()
    }
    const forget = compile(forgetEagerly)
    for (const reset of [() => forget(), forgetEagerly]) {
      for (const [batch, step] of steps.entries()) {
        const results = await Promise.all((await step()).map((result) => result.item()))
        expectClose(
          results,
          chosen.map((golden) => golden.results[batch] as number),
        )
      }
      await reset()
    }
    const left = metrics.flatMap((metric) => metric.variables.map((variable) => variable.value as Tensor))
    await evaluateAll(left)
    for (const value of left) expect(await value.item()).toBe(0)
  })
})

describe('a mean', () => {
  it('of nothing is 0', async () => {
    expect(await mean().result().item()).toBe(0)
  })

  it('of losses weighs each by its batch', async () => {
    const loss = new Mean({ name: 'loss' })
    loss.updateState(tensor(1) as Tensor, tensor(32) as Tensor)
    loss.updateState(tensor(4) as Tensor, tensor(16) as Tensor)
    expect(await loss.result().item()).toBe(2)
  })
})

describe('getMetric', () => {
  it('makes a metric again from its configuration', () => {
    for (const { metric: className, config } of cases) {
      const first = getMetric({ className, config })
      expect(serialize(getMetric(serialize(first)))).toEqual(serialize(first))
    }
  })

  it('gives a named metric its name', () => {
    expect(getMetric('mae').name).toBe('mae')
    expect(getMetric('mean_absolute_error').name).toBe('mean_absolute_error')
    expect(getMetric(categoricalAccuracy).name).toBe('categorical_accuracy')
    expect(
      getMetric(function distance(a, b) {
        return a.sub(b)
      }).name,
    ).toBe('distance')
  })

  it("resolves 'accuracy' by the shapes of labels and outputs", () => {
    const classNameOf = (labelShape: number[], outputShape: (number | null)[], name = 'accuracy') =>
      getMetric(name, { labelShape, outputShape }).className
    expect(classNameOf([8], [null, 1])).toBe('BinaryAccuracy')
    expect(classNameOf([8, 1], [null, 1])).toBe('BinaryAccuracy')
    expect(classNameOf([8], [null, 10])).toBe('SparseCategoricalAccuracy')
    expect(classNameOf([8, 1], [null, 10], 'acc')).toBe('SparseCategoricalAccuracy')
    expect(classNameOf([8, 10], [null, 10])).toBe('CategoricalAccuracy')
    expect(getMetric('acc', { labelShape: [8, 10], outputShape: [null, 10] }).name).toBe('acc')
  })

  it('asks the loss for what shapes do not say', () => {
    const loss = sparseCategoricalCrossentropy({ fromLogits: true })
    expect(getMetric('accuracy', { outputShape: [null, 10], loss }).className).toBe(
      'SparseCategoricalAccuracy',
    )
    expect(getMetric('crossentropy', { outputShape: [null, 10], loss }).getConfig()).toMatchObject({
      fromLogits: true,
    })
    const binary = getMetric('ce', { outputShape: [null, 1], loss: binaryCrossentropy() })
    expect(binary.className).toBe('BinaryCrossentropy')
    expect(() => getMetric('accuracy')).toThrow(
      "Name it in full: 'binaryAccuracy', 'categoricalAccuracy', 'sparseCategoricalAccuracy'.",
    )
  })

  it('refuses what it does not know, and labels that do not fit', () => {
    expect(() => getMetric('binary_acuracy')).toThrow(UnknownNameError)
    expect(() => getMetric('binary_acuracy')).toThrow("Did you mean 'binaryAccuracy'?")
    expect(() => sparseCategoricalAccuracy(zeros([4, 3]), zeros([4, 3]))).toThrow(ShapeError)
    expect(() => categoricalAccuracy(zeros([4]), zeros([4, 3]))).toThrow('use the sparse metric')
  })
})
