import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CallContext } from '../doors/layers.ts'
import { registerLayer } from '../doors/layers.ts'
import { input, Layer, layers, loadModel, model, ones, type Tensor, tensor } from '../index.ts'
import type { AnyModel } from './model.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'typegrad-calls-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** The model out of a folder and out of Keras's two formats. */
const again = (net: AnyModel, endings: readonly string[] = ['', '.keras', '.h5']): Promise<AnyModel[]> =>
  Promise.all(
    endings.map(async (ending) => {
      const path = join(folder, `${net.name}${ending}`)
      await net.save(path)
      return await loadModel<readonly Tensor[]>(path)
    }),
  )

const outputsOf = async (net: AnyModel, x: Tensor | Tensor[]): Promise<number[][]> => {
  const outputs = await net.predict(x)
  const list: readonly Tensor[] = Array.isArray(outputs) ? outputs : [outputs]
  return Promise.all(list.map(async (output) => Array.from(await output.data(), Number)))
}

const wave = (...shape: number[]): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1)
  return tensor(
    Array.from({ length: size }, (_, i) => Math.sin(i * 1.7)),
    { shape },
  )
}

describe('options of a call belong to it, in every format', () => {
  test('a shared attention layer, causal and then not', async () => {
    const x = input({ shape: [5, 4] })
    const shared = layers.multiHeadAttention({ numHeads: 2, keyDim: 3 })
    const net = model({
      inputs: x,
      outputs: [
        shared.apply([x, x], { useCausalMask: true }),
        shared.apply([x, x]),
        shared.apply([x, x], { useCausalMask: false }),
      ],
    })
    const value = wave(2, 5, 4)
    const [causal, whole, also] = await outputsOf(net, value)
    const { useCausalMask: _, ...config } = shared.getConfig()
    const alone = layers.multiHeadAttention({ numHeads: 2, keyDim: 3, ...config, useCausalMask: true })
    alone.ensureBuilt([
      [null, 5, 4],
      [null, 5, 4],
    ])
    alone.setWeights(shared.getWeights())
    expect(causal).toEqual(Array.from(await alone.apply([value, value]).data(), Number))
    expect(whole).toEqual(also)
    expect(whole).not.toEqual(causal)
    for (const loaded of await again(net))
      expect(await outputsOf(loaded, value)).toEqual([causal, whole, also])
  })

  test('masks of queries, values and pairs, and the scores beside the output', async () => {
    const [x, there, pairs] = [
      input({ shape: [5, 4] }),
      input({ shape: [5], dtype: 'bool' }),
      input({ shape: [5, 5], dtype: 'bool' }),
    ]
    const shared = layers.multiHeadAttention({ numHeads: 2, keyDim: 3 })
    const [masked, scores] = shared.apply([x, x], {
      valueMask: there,
      returnAttentionScores: true,
    }) as unknown as [typeof x, typeof x]
    const paired = shared.apply([x, x], { attentionMask: pairs })
    const plain = layers.attention().apply([x, x], { queryMask: there, valueMask: there })
    const net = model({ inputs: [x, there, pairs], outputs: [masked, scores, paired, plain] })
    const steps = tensor([[true, true, false, true, false]])
    const values = [wave(1, 5, 4), steps, ones([1, 5, 5], { dtype: 'bool' })]
    const before = await outputsOf(net, values)
    // Softmax over the keys: nothing for those that are not there, and 1 for the rest together.
    const rows = before[1] as number[]
    for (let row = 0; row < 2 * 5; row++) {
      expect([rows[row * 5 + 2], rows[row * 5 + 4]]).toEqual([0, 0])
      expect(rows.slice(row * 5, row * 5 + 5).reduce((a, b) => a + b)).toBeCloseTo(1, 6)
    }
    // Attention leaves out queries that are not there.
    expect(before[3]?.slice(8, 12)).toEqual([0, 0, 0, 0])
    for (const loaded of await again(net)) expect(await outputsOf(loaded, values)).toEqual(before)
  })

  test('training, whatever the model does', async () => {
    const x = input({ shape: [400] })
    const dropout = layers.dropout({ rate: 0.5 })
    const fixed = layers.batchNormalization({ name: 'fixed' })
    const net = model({
      inputs: x,
      outputs: [dropout.apply(x, { training: true }), dropout.apply(x), fixed.apply(x, { training: false })],
    })
    const share = (values: number[] | undefined) => (values ?? []).filter((v) => v === 0).length / 400
    const value = ones([1, 400])
    for (const one of [net, ...(await again(net))]) {
      const [dropped, kept] = await outputsOf(one, value)
      expect(share(dropped)).toBeGreaterThan(0.3)
      expect(share(dropped)).toBeLessThan(0.7)
      expect(share(kept)).toBe(0)
      one.compile({ optimizer: 'sgd', loss: ['mse', 'mse', 'mse'] })
      await one.trainOnBatch(value, [value, value, value])
      const [mean] = one.getLayer('fixed').nonTrainableWeights
      expect(await mean?.value.max().item()).toBe(0)
    }
  })

  test('and without it each layer trains as the model does', async () => {
    const x = input({ shape: [2] })
    const [dropout, norm] = [layers.dropout({ rate: 0.5 }), layers.batchNormalization({ name: 'norm' })]
    const net = model({ inputs: x, outputs: [dropout.apply(x), norm.apply(x)] })
    const value = tensor([
      [1, 4],
      [3, 8],
    ])
    for (const one of [net, ...(await again(net))]) {
      one.compile({ optimizer: 'sgd', loss: ['mse', 'mse'] })
      await one.trainOnBatch(value, [value, value])
      // 0.99 · 0 + 0.01 · mean, and 0.99 · 1 + 0.01 · variance
      const statistics = one.getLayer('norm').nonTrainableWeights.map(({ value }) => value)
      const [mean = [], variance = []] = await Promise.all(
        statistics.map(async (value) => Array.from(await value.data(), Number)),
      )
      expect(mean.map((v) => v.toFixed(6))).toEqual(['0.020000', '0.060000'])
      expect(variance.map((v) => v.toFixed(6))).toEqual(['1.000000', '1.030000'])
    }
  })

  test('a mask', async () => {
    const [x, mask] = [input({ shape: [4, 3] }), input({ shape: [4], dtype: 'bool' })]
    const gru = layers.gru({ units: 2 })
    const net = model({ inputs: [x, mask], outputs: [gru.apply(x, { mask }), gru.apply(x)] })
    const values = [wave(1, 4, 3), tensor([[true, true, false, false]])]
    const before = await outputsOf(net, values)
    const two = gru.apply((values[0] as Tensor).slice([0, 0, 0], [1, 2, 3]) as Tensor)
    expect(before[0]).toEqual(Array.from(await two.data(), Number))
    expect(before[1]).not.toEqual(before[0])
    for (const loaded of await again(net)) expect(await outputsOf(loaded, values)).toEqual(before)
  })

  test('a mask for each of several inputs', async () => {
    const [a, b, mask] = [
      input({ shape: [4, 3] }),
      input({ shape: [4, 3] }),
      input({ shape: [4], dtype: 'bool' }),
    ]
    const joined = layers.concatenate({ axis: 1 }).apply([a, b], { mask: [null, mask] })
    const net = model({ inputs: [a, b, mask], outputs: layers.gru({ units: 2 }).apply(joined) })
    const values = [wave(1, 4, 3), wave(1, 4, 3), tensor([[true, false, false, false]])]
    const before = await outputsOf(net, values)
    const alike = await outputsOf(net, [
      values[0],
      wave(1, 4, 3).mul([[[1], [5], [5], [5]]]),
      values[2],
    ] as Tensor[])
    expect(alike).toEqual(before)
    const [loaded] = await again(net, [''])
    expect(loaded && (await outputsOf(loaded, values))).toEqual(before)
  })

  test('initial states', async () => {
    const [x, h, c] = [input({ shape: [4, 3] }), input({ shape: [2] }), input({ shape: [2] })]
    const lstm = layers.lstm({ units: 2 })
    const both = layers.bidirectional({ layer: layers.gru({ units: 2 }) })
    const net = model({
      inputs: [x, h, c],
      outputs: [
        lstm.apply(x, { initialState: [h, c] }),
        lstm.apply([x, h, c]),
        lstm.apply(x),
        both.apply(x, { initialState: [h, c] }),
      ],
    })
    const values = [wave(2, 4, 3), wave(2, 2), ones([2, 2])]
    const before = await outputsOf(net, values)
    expect(before[0]).toEqual(before[1])
    expect(before[0]).not.toEqual(before[2])
    for (const loaded of await again(net)) expect(await outputsOf(loaded, values)).toEqual(before)
    expect(() => lstm.apply([x, h, c], { initialState: [h, c] })).toThrow(/received both/)
  })
})

/** x · scale + memory, where a call may give both. */
class Remember extends Layer {
  readonly className = 'Remember'
  override get callOptions() {
    return ['memory', 'scale']
  }
  call(x: Tensor, { memory, scale = 1 }: CallContext & { memory?: { old: Tensor }; scale?: number }): Tensor {
    const scaled = x.mul(scale)
    return memory === undefined ? scaled : scaled.add(memory.old)
  }
}
registerLayer('Remember', (config) => new Remember(config))

describe('options of a layer of one’s own', () => {
  test('tensors and numbers, kept for each call', async () => {
    const [x, y] = [input({ shape: [2] }), input({ shape: [2] })]
    const shared = new Remember()
    const net = model({
      inputs: [x, y],
      outputs: [shared.apply(x, { memory: { old: y }, scale: 3 }), shared.apply(x)],
    })
    const values = [tensor([[1, 2]]), tensor([[10, 20]])]
    for (const one of [net, ...(await again(net, ['', '.keras']))])
      expect(await outputsOf(one, values)).toEqual([
        [13, 26],
        [1, 2],
      ])
    expect(await shared.apply(values[0] as Tensor, { scale: 2 }).toArray()).toEqual([[2, 4]])
  })

  test('an option that the layer does not take', () => {
    const x = input({ shape: [2] })
    expect(() => new Remember().apply(x, { scael: 3 })).toThrow(/'scael'.*Did you mean 'scale'\?/)
    expect(() => layers.dense({ units: 1 }).apply(x, { trainnig: true })).toThrow(/Did you mean 'training'/)
    expect(() => layers.dense({ units: 1 }).apply(ones([1, 2]), { memory: x })).toThrow(/tensors/)
    expect(() => layers.dense({ units: 1 }).apply(x, { useCausalMask: true })).toThrow(/callOptions/)
  })

  test('handed on whole, it means nothing to layers that do not take it', async () => {
    class Outer extends Layer {
      readonly className = 'Outer'
      readonly inner = layers.dense({ units: 2, kernelInitializer: 'ones' })
      override get callOptions() {
        return ['scale']
      }
      call(x: Tensor, context: CallContext & { scale?: number }): Tensor {
        return this.inner.apply(x, context).mul(context.scale ?? 1)
      }
    }
    expect(await new Outer().apply(ones([1, 2]), { scale: 3 }).toArray()).toEqual([[6, 6]])
  })

  test('a tensor of values among them is saved', async () => {
    const x = input({ shape: [2] })
    const net = model({ inputs: x, outputs: new Remember().apply(x, { memory: { old: ones([1, 2]) } }) })
    expect(await outputsOf(net, ones([1, 2]))).toEqual([[2, 2]])
    for (const name of ['with-values', 'with-values.keras']) {
      await net.save(join(folder, name))
      const loaded = await loadModel(join(folder, name))
      expect(await outputsOf(loaded, ones([1, 2]))).toEqual([[2, 2]])
    }
  })
})
