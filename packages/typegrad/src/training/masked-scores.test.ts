import { describe, expect, test } from 'vitest'
import { evaluateAll, grad, layers, optimizers, sequential, type Tensor, tensor } from '../index.ts'
import { remasked } from '../layers/base/masks.ts'
import { getLoss } from '../losses/index.ts'
import { getMetric } from '../metrics/index.ts'
import { expectClose } from '../testing/closeness.ts'
import { fromGolden, type GoldenTensor, goldenValues, readGolden } from '../testing/golden.ts'
import { updateMetric } from './step-labels.ts'
import { lossOf } from './total-loss.ts'

interface Scored {
  readonly config: Readonly<Record<string, unknown>>
  readonly yTrue: GoldenTensor
  readonly yPred: GoldenTensor
  readonly mask: GoldenTensor | null
  readonly sampleWeight: GoldenTensor | null
}

interface LossCase extends Scored {
  readonly loss: string
  readonly output: GoldenTensor
  readonly gradient: GoldenTensor
}

interface MetricCase extends Scored {
  readonly metric: string
  readonly result: GoldenTensor
}

const { losses, metrics } = readGolden<{
  readonly losses: readonly LossCase[]
  readonly metrics: readonly MetricCase[]
}>('masked-scores.json')

const given = (golden: GoldenTensor | null): Tensor | undefined =>
  golden === null ? undefined : fromGolden(golden)

const titled = <C extends Scored>(cases: readonly C[], nameOf: (one: C) => string) =>
  cases.map((one) => {
    const { config, yPred, mask, sampleWeight } = one
    const weighted = sampleWeight === null ? '' : `, weights ${sampleWeight.shape}`
    const title = `${nameOf(one)} ${JSON.stringify(config)} of [${yPred.shape}]${mask === null ? '' : ' masked'}${weighted}`
    return [title, one] as const
  })

describe('losses of masked predictions against Keras', () => {
  test.each(titled(losses, ({ loss }) => loss))('%s', async (_, golden) => {
    const loss = getLoss({ className: golden.loss, config: golden.config })
    const weight = given(golden.sampleWeight)
    const of = (prediction: Tensor): Tensor =>
      lossOf(
        { loss, lossWeight: 1 },
        [remasked(prediction, given(golden.mask))],
        [fromGolden(golden.yTrue)],
        weight === undefined ? [] : [weight],
        0,
      ) as Tensor
    const prediction = fromGolden(golden.yPred)
    const [value, gradient] = [of(prediction), grad((p: Tensor) => of(p).sum())(prediction)]
    await evaluateAll([value, gradient])
    expect(value.shape).toEqual(golden.output.shape)
    expectClose(await value.data(), goldenValues(golden.output), {}, 'value')
    expectClose(await gradient.data(), goldenValues(golden.gradient), {}, 'gradient')
  })
})

describe('metrics of masked predictions against Keras', () => {
  test.each(titled(metrics, ({ metric }) => metric))('%s', async (_, golden) => {
    const metric = getMetric({ className: golden.metric, config: golden.config })
    const prediction = remasked(fromGolden(golden.yPred), given(golden.mask))
    updateMetric(metric, fromGolden(golden.yTrue), prediction, given(golden.sampleWeight))
    expectClose(await metric.result().data(), goldenValues(golden.result))
  })
})

describe('labels (batch, time) of predictions (batch, time, 1)', () => {
  const padded = [
    [[1], [2], [0]],
    [[3], [0], [0]],
  ]
  const made = () => {
    const model = sequential([
      layers.masking({ inputShape: [3, 1] }),
      layers.dense({ units: 1, kernelInitializer: 'zeros' }),
    ])
    model.compile({
      optimizer: optimizers.sgd({ learningRate: 1e-9 }),
      loss: 'mse',
      metrics: ['mae'],
      weightedMetrics: ['mse'],
    })
    return model
  }
  const y = tensor([
    [1, 3, 50],
    [2, 50, 50],
  ])

  // (1 + 9 + 4) / 3, of the three steps that there are; Keras refuses these shapes.
  test('are one for each step where a mask leaves some out', async () => {
    const { history } = await made().fit(padded, y, { verbose: 0 })
    expect(history.loss[0]).toBeCloseTo(14 / 3, 4)
    expect(history.mae?.[0]).toBeCloseTo(2, 4)
  })

  test('and where weights tell them apart', async () => {
    const sampleWeight = [
      [2, 1, 1],
      [0, 1, 1],
    ]
    const { history } = await made().fit(padded, y, { verbose: 0, sampleWeight })
    expect(history.loss[0]).toBeCloseTo((2 + 9) / 3, 4)
    expect(history.mse?.[0]).toBeCloseTo((2 + 9) / 3, 4)
  })

  test('a weight for each sample stands for its steps', async () => {
    const { history } = await made().fit(padded, y, { verbose: 0, sampleWeight: [3, 1] })
    expect(history.loss[0]).toBeCloseTo((3 + 27 + 4) / 3, 4)
    expect(history.mse?.[0]).toBeCloseTo((3 + 27 + 4) / 7, 4)
  })
})
