import { describe, expect, it } from 'vitest'
import { ArgumentError, ShapeError, StateError, UnknownNameError } from '../base/errors.ts'
import { serialize } from '../base/serialization.ts'
import { compile, evaluateAll, type Tensor, tensor, zeros } from '../index.ts'
import { binaryCrossentropy, sparseCategoricalCrossentropy } from '../losses/index.ts'
import { expectClose } from '../testing/closeness.ts'
import { fromGolden, type GoldenTensor, readGolden } from '../testing/golden.ts'
import {
  auc,
  categoricalAccuracy,
  f1Score,
  getMetric,
  iou,
  Mean,
  type Metric,
  mean,
  precision,
  R2Score,
  r2Score,
  Sum,
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
  /** Numbers, or vectors of them; NaN is a string. */
  readonly results: readonly (number | string | readonly (number | string)[])[]
}

const cases = ['metrics.json', 'counting-and-correlation-metrics.json'].flatMap(
  (file) => readGolden<{ readonly cases: readonly Case[] }>(file).cases,
)

const numbersOf = (results: Case['results']): number[] => results.flat().map(Number)
const valuesOf = async (tensors: readonly Tensor[]): Promise<number[]> =>
  (await Promise.all(tensors.map(async (tensor) => Array.from(await tensor.data(), Number)))).flat()

function update(metric: Metric, { yTrue, yPred, values, sampleWeight }: Batch): void {
  const weight = sampleWeight === null ? undefined : fromGolden(sampleWeight)
  if ((metric instanceof Mean || metric instanceof Sum) && values !== undefined)
    metric.updateState(fromGolden(values), weight)
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
  it.each(titles)('%s', async (_, i) => {
    const { metric: className, config, batches, results } = cases[i] as Case
    const metric = getMetric({ className, config })
    const computed = batches.map((batch) => {
      update(metric, batch)
      return metric.result()
    })
    await evaluateAll(computed)
    expectClose(await valuesOf(computed), numbersOf(results))
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
        expectClose(
          await valuesOf(await step()),
          numbersOf(chosen.map((golden) => golden.results[batch] as Case['results'][number])),
        )
      }
      await reset()
    }
    const left = metrics.flatMap((metric) => metric.variables.map((variable) => variable.value as Tensor))
    await evaluateAll(left)
    expect((await valuesOf(left)).every((value) => value === 0)).toBe(true)
  })
})

describe('a metric that learns its shape from the first batch', () => {
  it.each([
    ['F1Score', f1Score({ average: 'macro' }), f1Score({ average: 'macro' })],
    ['R2Score', r2Score(), r2Score()],
    ['AUC', auc({ multiLabel: true }), auc({ multiLabel: true })],
  ] as [string, Metric, Metric][])('%s is forgotten by a reset compiled before', async (_, metric, fresh) => {
    const reset = compile(() => metric.reset())
    const update = compile((y: Tensor, p: Tensor) => metric.updateState(y, p))
    expect(await metric.result().item()).toBe(0)
    await expect(compile(() => metric.result())()).rejects.toThrow(StateError)
    await reset()
    const labels = tensor([
      [1, 0],
      [0, 1],
      [1, 1],
    ]) as Tensor
    const [first, second] = [
      [
        [0.9, 0.8],
        [0.7, 0.2],
        [0.1, 0.3],
      ],
      [
        [0.2, 0.3],
        [0.4, 0.9],
        [0.8, 0.6],
      ],
    ].map((scores) => tensor(scores) as Tensor) as [Tensor, Tensor]
    await update(labels, first)
    await reset()
    expect(await metric.result().item()).toBe(metric instanceof R2Score ? Number.NaN : 0)
    await update(labels, second)
    fresh.updateState(labels, second)
    expect(await metric.result().item()).toBe(await fresh.result().item())
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
    for (const identifier of ['precisionAtRecall', 'meanIoU', 'iou']) {
      expect(() => getMetric(identifier)).toThrow(ArgumentError)
    }
    expect(() => precision({ thresholds: [0.5, 2] })).toThrow('expected a number from 0 to 1, or several')
    expect(() => auc({ curve: 'PRC' as 'PR' })).toThrow('AUC: curve: expected one of ROC, PR, PRGAIN')
    expect(() => iou({ numClasses: 3, targetClassIds: [3] })).toThrow('targetClassIds from 0 to 2')
    expect(() => f1Score({ threshold: 0 })).toThrow(ArgumentError)
    expect(() => f1Score().updateState(zeros([4]), zeros([4]))).toThrow(ShapeError)
    expect(() => r2Score({ numRegressors: -1 })).toThrow(ArgumentError)
    expect(() => categoricalAccuracy(zeros([4]), zeros([4, 3]))).toThrow('use the sparse metric')
  })
})
