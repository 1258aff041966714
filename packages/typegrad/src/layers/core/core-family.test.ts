import { describe, expect, test } from 'vitest'
import { deserializeLayer } from '../../doors/layers.ts'
import {
  ArgumentError,
  input,
  ones,
  optimizers,
  ShapeError,
  sequential,
  setRandomSeed,
  type Tensor,
  tensor,
  type Variable,
} from '../../index.ts'
import { l2 } from '../../regularizers/index.ts'
import { testLayer } from '../../testing/test-layer.ts'
import { pReLU } from '../activations/p-relu.ts'
import { withActivityPenalties } from '../base/activity.ts'
import { maskOf } from '../base/masks.ts'
import { conv1d } from '../convolutional/conv.ts'
import { groupNormalization } from '../normalization/group-normalization.ts'
import { rmsNormalization } from '../normalization/rms-normalization.ts'
import { spectralNormalization } from '../normalization/spectral-normalization.ts'
import { unitNormalization } from '../normalization/unit-normalization.ts'
import { activityRegularization } from '../regularization/activity-regularization.ts'
import { alphaDropout } from '../regularization/alpha-dropout.ts'
import { gaussianDropout } from '../regularization/gaussian-dropout.ts'
import { gaussianNoise } from '../regularization/gaussian-noise.ts'
import { spatialDropout1d, spatialDropout2d, spatialDropout3d } from '../regularization/spatial-dropout.ts'
import { dense } from './dense.ts'
import { einsumDense } from './einsum-dense.ts'
import { embedding } from './embedding.ts'
import { lambda, registerLambda } from './lambda.ts'
import { reversibleEmbedding } from './reversible-embedding.ts'

const training = { training: true }

describe('einsumDense', () => {
  test('with heads', () =>
    testLayer(
      (options) =>
        einsumDense({ equation: '...x,xhd->...hd', outputShape: [2, 3], biasAxes: 'hd', ...options }),
      {
        inputShape: [2, 3, 4],
        expectedOutputShape: [2, 3, 2, 3],
        expectedWeights: [
          ['kernel', [4, 2, 3]],
          ['bias', [2, 3]],
        ],
      },
    ))
  test('says what does not fit', () => {
    const build = (equation: string, outputShape: number | number[], biasAxes?: string) =>
      einsumDense({ equation, outputShape, ...(biasAxes === undefined ? {} : { biasAxes }) }).ensureBuilt([
        null,
        3,
      ])
    expect(() => build('ab->ac', 4)).toThrow(ArgumentError)
    expect(() => build('abc,cd->abd', [3, 4])).toThrow(ShapeError)
    expect(() => build('ab,bc->ac', [4, 5])).toThrow(/EinsumDense: outputShape: expected 1 sizes/)
    expect(() => build('ab,bc->ac', 4, 'z')).toThrow(/EinsumDense: biasAxes/)
  })
})

describe('reversibleEmbedding', () => {
  test('there', () =>
    testLayer((options) => reversibleEmbedding({ inputDim: 4, outputDim: 3, ...options }), {
      inputShape: [2, 2],
      inputValues: [0, 3, 1, 3],
      expectedOutputShape: [2, 2, 3],
      expectedWeights: [['embeddings', [4, 3]]],
    }))
  test('and back', async () => {
    const layer = reversibleEmbedding({ inputDim: 3, outputDim: 2, tieWeights: false, logitSoftCap: 1 })
    const logits = layer.apply(tensor([[1, 2]]))
    expect(logits.shape).toEqual([1, 3])
    expect(layer.weights.map(({ shape }) => shape)).toEqual([
      [3, 2],
      [2, 3],
    ])
    expect(() => layer.apply(tensor([[1, 2, 3]]))).toThrow(ShapeError)
    const masking = reversibleEmbedding({ inputDim: 3, outputDim: 2, maskZero: true })
    const vectors = masking.apply(tensor([[0, 2]], { dtype: 'int32' }))
    expect(await (maskOf(vectors) as Tensor).toArray()).toEqual([[0, 1]])
    expect(maskOf(masking.apply(vectors.mul(1) as Tensor))).toBe(undefined)
  })
})

describe('lambda', () => {
  const square = (x: Tensor) => x.square()
  registerLambda('square', square)

  test('comes back by its name', () =>
    testLayer((options) => lambda({ function: 'square', ...options }), {
      inputShape: [2, 3],
      expectedOutputShape: [2, 3],
    }))
  test('computes with a function', async () => {
    expect(
      await lambda((x) => x.mul(2))
        .apply(tensor([1, 2]))
        .toArray(),
    ).toEqual([2, 4])
  })
  test('is never made of what stands in a file', () => {
    const config = JSON.parse(JSON.stringify(lambda((x) => x).getConfig())) as Record<string, unknown>
    const refused = /Lambda: expected a function, or the name of one that was registered/
    expect(() => deserializeLayer({ className: 'Lambda', config })).toThrow(refused)
    const code = { className: '__lambda__', config: { code: '4wEAAAA=' } }
    expect(() => deserializeLayer({ className: 'Lambda', config: { function: code } })).toThrow(refused)
    expect(() => lambda('unheard')).toThrow(/received 'unheard'/)
    expect(() => registerLambda('square', (x: Tensor) => x)).toThrow(ArgumentError)
  })
})

describe('normalization', () => {
  test('groupNormalization', () =>
    testLayer((options) => groupNormalization({ groups: 2, ...options }), {
      inputShape: [2, 3, 4],
      expectedOutputShape: [2, 3, 4],
      expectedWeights: [
        ['gamma', [4]],
        ['beta', [4]],
      ],
    }))
  test('groupNormalization of another axis, each channel by itself', () =>
    testLayer((options) => groupNormalization({ groups: -1, axis: 1, center: false, ...options }), {
      inputShape: [2, 3, 4],
      expectedWeights: [['gamma', [3]]],
    }))
  test('refuses groups that do not fit', () => {
    expect(() => groupNormalization({ groups: 0 })).toThrow(ArgumentError)
    expect(() => groupNormalization().apply(ones([2, 6]))).toThrow(/groups that divide the 6 channels evenly/)
  })
  test('rmsNormalization', () =>
    testLayer(rmsNormalization, { inputShape: [2, 3, 4], expectedWeights: [['scale', [4]]] }))
  test('unitNormalization', () => testLayer(unitNormalization, { inputShape: [2, 3, 4] }))
})

describe('spectralNormalization', () => {
  test('is the layer itself outside of training', () =>
    testLayer(
      (options) =>
        spectralNormalization({
          layer: dense({ units: 3, name: 'inner', ...(options.dtype && { dtype: options.dtype }) }),
          ...options,
        }),
      {
        inputShape: [2, 4],
        expectedOutputShape: [2, 3],
        expectedWeights: [
          ['inner/kernel', [4, 3]],
          ['vector_u', [1, 3]],
          ['inner/bias', [3]],
        ],
        expectedTrainable: [0, 2],
      },
    ))
  // Keras 3.15.1 on PyTorch and on TensorFlow: SGD(0.1), x = [[1, -2]], y = [[0.5, 0.25]], mean squared error
  test('a step goes on from the normalized kernel, with the gradient by that one', async () => {
    const inner = dense({ units: 2, useBias: false })
    const net = sequential([input({ shape: [2] }), spectralNormalization({ layer: inner })])
    const [kernel, vector] = net.weights as [Variable, Variable]
    kernel.assign(
      tensor([
        [1, 2],
        [3, 4],
      ]),
    )
    vector.assign(tensor([[0.6, 0.8]]))
    net.compile({ optimizer: optimizers.sgd({ learningRate: 0.1 }), loss: 'meanSquaredError' })
    await net.trainOnBatch(tensor([[1, -2]]), tensor([[0.5, 0.25]]))
    for (const [i, value] of [0.32447517, 0.50075698, 0.26596692, 0.46235368].entries())
      expect((await kernel.value.data())[i]).toBeCloseTo(value, 6)
    for (const [i, value] of [0.57615703, 0.817339].entries())
      expect((await vector.value.data())[i]).toBeCloseTo(value, 6)
  })
  test('finds the largest singular value', async () => {
    setRandomSeed(3)
    const inner = dense({ units: 2, useBias: false })
    const layer = spectralNormalization({ layer: inner, powerIterations: 30 })
    layer.ensureBuilt([null, 2])
    inner.setWeights([
      tensor([
        [3, 0],
        [0, -1],
      ]),
    ])
    const y = (await layer
      .apply(
        tensor([
          [1, 0],
          [0, 1],
        ]),
        training,
      )
      .toArray()) as number[][]
    expect(y[0]?.[0]).toBeCloseTo(1, 5)
    expect(y[1]?.[1]).toBeCloseTo(-1 / 3, 5)
  })
})

describe('pReLU', () => {
  test('with a slope for each channel', () =>
    testLayer((options) => pReLU({ sharedAxes: [1], alphaInitializer: 'ones', ...options }), {
      inputShape: [2, 3, 4],
      expectedWeights: [['alpha', [1, 4]]],
    }))
  test('refuses axes that there are not', () => {
    expect(() => pReLU({ sharedAxes: [0] }).apply(ones([2, 3]))).toThrow(ArgumentError)
  })
})

describe('noise', () => {
  const shape = [2, 3, 4]
  test.each([
    ['gaussianNoise', (more: object) => gaussianNoise({ stddev: 0.5, seed: 1, ...more }), shape],
    ['gaussianDropout', (more: object) => gaussianDropout({ rate: 0.5, seed: 1, ...more }), shape],
    ['alphaDropout', (more: object) => alphaDropout({ rate: 0.5, seed: 1, ...more }), shape],
    ['spatialDropout1d', (more: object) => spatialDropout1d({ rate: 0.5, seed: 1, ...more }), shape],
    ['spatialDropout2d', (more: object) => spatialDropout2d({ rate: 0.5, ...more }), [2, 3, 2, 4]],
    ['spatialDropout3d', (more: object) => spatialDropout3d({ rate: 0.5, ...more }), [2, 2, 3, 2, 2]],
  ] as const)('%s', async (_, make, inputShape) => {
    await testLayer(make, { inputShape, expectedOutputShape: inputShape })
    await testLayer(make, { inputShape, training: true, gradient: false })
  })

  test('keeps means and variances', async () => {
    setRandomSeed(5)
    const moments = async (x: Tensor) => {
      const y = Array.from(await x.data(), Number)
      const mean = y.reduce((a, b) => a + b, 0) / y.length
      return [mean, y.reduce((a, b) => a + (b - mean) ** 2, 0) / y.length] as const
    }
    const x = ones([200, 200])
    // 40,000 draws: the mean's standard deviation is σ/200, the variance's about σ²·√(2/40,000); five of them.
    const [noise, spread] = await moments(gaussianNoise({ stddev: 0.5 }).apply(x, training))
    expect(Math.abs(noise - 1)).toBeLessThan(0.0125)
    expect(Math.abs(spread - 0.25)).toBeLessThan(0.009)
    const [dropped, variance] = await moments(gaussianDropout({ rate: 0.2 }).apply(x, training))
    expect(Math.abs(dropped - 1)).toBeLessThan(0.0125)
    expect(Math.abs(variance - 0.25)).toBeLessThan(0.009)
    const standard = gaussianNoise({ stddev: 1 }).apply(x.mul(0), training)
    const [mean, one] = await moments(alphaDropout({ rate: 0.3 }).apply(standard, training))
    expect(Math.abs(mean)).toBeLessThan(0.03)
    expect(Math.abs(one - 1)).toBeLessThan(0.05)
  })

  test('drops whole channels', async () => {
    const rows = (await spatialDropout1d({ rate: 0.5 })
      .apply(ones([20, 5, 3]), training)
      .toArray()) as number[][][]
    for (const steps of rows) for (const step of steps) expect(step).toEqual(steps[0])
    expect(new Set(rows.flat(2))).toEqual(new Set([0, 2]))
  })

  test('says what does not fit', () => {
    expect(() => gaussianNoise({ stddev: -1 })).toThrow(ArgumentError)
    expect(() => gaussianDropout({ rate: 1 })).toThrow(ArgumentError)
    expect(() => alphaDropout({ rate: 2 })).toThrow(ArgumentError)
    expect(() => spatialDropout2d({ rate: 0.5 }).apply(ones([2, 3]))).toThrow(ShapeError)
  })
})

describe('regularizers and constraints', () => {
  test('are made again from a configuration', async () => {
    const kernel = { kernelRegularizer: l2({ l2: 0.5 }), kernelConstraint: 'maxNorm' } as const
    await testLayer((options) => dense({ units: 2, ...kernel, biasRegularizer: 'l1', ...options }), {
      inputShape: [2, 3],
      expectedWeights: [
        ['kernel', [3, 2]],
        ['bias', [2]],
      ],
    })
    const layer = conv1d({ filters: 1, kernelSize: 2, kernelInitializer: 'ones', ...kernel })
    layer.ensureBuilt([null, 4, 3])
    expect(await (layer.penalties[0] as Tensor).item()).toBe(3)
    expect([...layer.constraints.keys()].map(({ shape }) => shape)).toEqual([[2, 3, 1]])
    const vectors = embedding({ inputDim: 4, outputDim: 2, embeddingsConstraint: 'unitNorm' })
    vectors.ensureBuilt([null])
    expect(vectors.constraints.size).toBe(1)
  })

  test('of what a layer computes count each sample', async () => {
    const layer = dense({ units: 1, kernelInitializer: 'ones', activityRegularizer: l2({ l2: 0.5 }) })
    const x = tensor([
      [1, 1],
      [2, 2],
    ])
    const { penalties } = withActivityPenalties(() => layer.apply(x))
    expect(await (penalties[0] as Tensor).item()).toBe((0.5 * (4 + 16)) / 2)
    await testLayer((options) => activityRegularization({ l1: 0.1, l2: 0.2, ...options }), {
      inputShape: [2, 3],
      expectedOutputShape: [2, 3],
    })
    const passed = withActivityPenalties(() => activityRegularization({ l1: 1 }).apply(x))
    expect(await (passed.penalties[0] as Tensor).item()).toBe(3)
    expect(await passed.value.toArray()).toEqual(await x.toArray())
  })
})
