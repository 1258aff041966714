import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  ArgumentError,
  adapt,
  adapters,
  cloneModel,
  compile,
  DTypeError,
  grad,
  input,
  Layer,
  layers,
  loadModel,
  Model,
  mergeAdapters,
  model,
  ShapeError,
  StateError,
  sequential,
  setRandomSeed,
  type Tensor,
  tensor,
  type Variable,
  valueAndGrad,
} from '../index.ts'
import { expectClose } from '../testing/closeness.ts'

const numbersOf = async (x: Tensor): Promise<number[]> => Array.from((await x.data()) as Float32Array)

class Block extends Layer {
  readonly className = 'PathsTestBlock'
  readonly selfAttention = layers.multiHeadAttention({ numHeads: 2, keyDim: 2 })
  readonly feed = { up: layers.dense({ units: 6 }), down: layers.dense({ units: 4 }) }
  call(x: Tensor): Tensor {
    const attended = x.add(this.selfAttention.apply([x, x] as readonly Tensor[]) as Tensor) as Tensor
    return attended.add(this.feed.down.apply(this.feed.up.apply(attended)))
  }
}

class Encoder extends Model {
  readonly className = 'PathsTestEncoder'
  readonly encoder = [new Block(), new Block()]
  readonly recurrent = layers.lstm({ units: 3 })
  override call(x: Tensor): Tensor {
    let y = x
    for (const block of this.encoder) y = block.apply(y)
    return this.recurrent.apply(y)
  }
}

const attentionPaths = ['query', 'key', 'value', 'attention_output'].flatMap((name) => [
  `self_attention/${name}/kernel`,
  `self_attention/${name}/bias`,
])
const blockPaths = [
  ...attentionPaths,
  ...['up', 'down'].flatMap((name) => [`feed/${name}/kernel`, `feed/${name}/bias`]),
]

describe('paths', () => {
  test('lead by fields, numbers and keys in classes of the own', () => {
    const one = new Encoder()
    one.ensureBuilt([null, 3, 4])
    expect([...one.weightPaths.keys()]).toEqual([
      ...blockPaths.map((path) => `encoder/0/${path}`),
      ...blockPaths.map((path) => `encoder/1/${path}`),
      'recurrent/cell/kernel',
      'recurrent/cell/recurrent_kernel',
      'recurrent/cell/bias',
    ])
    expect([...one.weightPaths.values()]).toEqual(one.weights)
    const kernels = one.weightsWhere('encoder/*/self_attention/{query,value}/kernel')
    expect(kernels).toEqual(
      ['0', '1'].flatMap((i) =>
        ['query', 'value'].map((name) => one.weightPaths.get(`encoder/${i}/self_attention/${name}/kernel`)),
      ),
    )
  })

  test('lead by names in models of layers, of which those that were made up are counted in the model', () => {
    const make = () => {
      const inner = sequential([layers.dense({ units: 2 }), layers.dense({ units: 2 })], { name: 'inner' })
      return sequential([
        input({ shape: [4] }),
        layers.dense({ units: 4 }),
        layers.batchNormalization(),
        layers.dense({ units: 3, name: 'neck' }),
        layers.dense({ units: 3 }),
        inner,
      ])
    }
    const expected = [
      'dense/kernel',
      'dense/bias',
      'batch_normalization/gamma',
      'batch_normalization/beta',
      'batch_normalization/moving_mean',
      'batch_normalization/moving_variance',
      'neck/kernel',
      'neck/bias',
      'dense_1/kernel',
      'dense_1/bias',
      'inner/dense/kernel',
      'inner/dense/bias',
      'inner/dense_1/kernel',
      'inner/dense_1/bias',
    ]
    // The second model's layers have other names; paths are the same, and those of its copy too.
    for (const one of [make(), make(), cloneModel(make())])
      expect([...one.weightPaths.keys()]).toEqual(expected)
  })

  test('are one for a weight that stands at two places', () => {
    const shared = layers.dense({ units: 4, name: 'shared' })
    const place = input({ shape: [4] })
    const one = model({ inputs: place, outputs: shared.apply(shared.apply(place)) })
    expect([...one.weightPaths.keys()]).toEqual(['shared/kernel', 'shared/bias'])
  })
})

const pair = () => {
  setRandomSeed(5)
  return sequential([
    layers.dense({ units: 4, inputShape: [3], activation: 'tanh', name: 'body' }),
    layers.dense({ units: 2, name: 'head' }),
  ])
}
const namesOf = (weights: readonly Variable[]): string[] => weights.map(({ name }) => name)
const x = tensor([
  [0.1, -0.4, 0.7],
  [0.9, 0.2, -0.3],
])
const y = tensor([
  [1, 0],
  [0, 1],
])

describe('freezing by path', () => {
  test('keeps training from single weights', async () => {
    const one = pair()
    one.freeze('body/*')
    one.unfreeze('body/bias')
    expect(namesOf(one.trainableWeights)).toEqual(['body/bias', 'head/kernel', 'head/bias'])
    one.compile({ optimizer: 'sgd', loss: 'mse' })
    const before = await Promise.all(one.getWeights().map(numbersOf))
    await one.fit(x, y, { verbose: 0 })
    const after = await Promise.all(one.getWeights().map(numbersOf))
    expect(before.map((values, i) => JSON.stringify(values) !== JSON.stringify(after[i]))).toEqual([
      false,
      true,
      true,
      true,
    ])
  })

  test('lets single weights be trained of layers that are frozen, and none that never were', () => {
    const one = sequential([
      layers.dense({ units: 2, inputShape: [3], name: 'body' }),
      layers.batchNormalization({ name: 'norm' }),
    ])
    one.trainable = false
    one.unfreeze('body/bias')
    expect(namesOf(one.trainableWeights)).toEqual(['body/bias'])
    expect(one.getLayer('norm').trainable).toBe(false)
    one.unfreeze()
    expect(namesOf(one.trainableWeights)).toEqual(['body/kernel', 'body/bias', 'norm/gamma', 'norm/beta'])
  })

  test('is noticed after compile', async () => {
    const one = pair()
    one.compile({ optimizer: 'sgd', loss: 'mse' })
    one.freeze('body/kernel')
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    await one.trainOnBatch(x, y)
    expect(warn.mock.calls.flat().join()).toMatch(/trainable of 'body\/kernel' has changed since compile/)
    warn.mockRestore()
  })

  test('says which path was meant', () => {
    expect(() => pair().freeze('body/kernle')).toThrow("Did you mean 'body/kernel'?")
    expect(() => pair().weightsWhere(['head/*', 'none/*'])).toThrow(ArgumentError)
    expect(pair().weightsWhere(() => false)).toEqual([])
  })
})

describe('a model as a function of its weights', () => {
  const lossOf = (one: Model) => (values: Record<string, Tensor>) =>
    one.applyWith(values, x).sub(y).square().mean()

  test('has the gradients that its weights have, by path, alone and compiled', async () => {
    const one = pair()
    const { grads } = valueAndGrad(() => one.apply(x).sub(y).square().mean(), one.trainableWeights)
    const expected = await Promise.all(grads.map(numbersOf))
    const byPath = grad(lossOf(one))
    const compiled = compile((values: Record<string, Tensor>) => byPath(values))
    for (const given of [byPath(one.weightValues()), await compiled(one.weightValues())]) {
      expect(Object.keys(given)).toEqual([...one.weightPaths.keys()])
      const values = await Promise.all(Object.values(given).map(numbersOf))
      for (const [i, value] of values.entries()) expectClose(value, expected[i] as number[])
    }
  })

  test('computes with the values that it is given, and leaves its weights alone', async () => {
    const [one, other] = [pair(), pair()]
    const before = await numbersOf(one.apply(x))
    other.setWeights(one.getWeights().map((weight) => weight.mul(-2).add(0.1)))
    const expected = await numbersOf(other.apply(x))
    expect(expected).not.toEqual(before)
    expectClose(await numbersOf(one.applyWith(other.weightValues(), x)), expected)
    const head = await numbersOf(one.applyWith(other.weightValues('head/*'), x))
    one.setWeights([...one.getWeights().slice(0, 2), ...other.getWeights().slice(2)])
    expectClose(await numbersOf(one.apply(x)), head)
  })

  test('forgets what it assigns to values that it was given', async () => {
    const norm = sequential([layers.batchNormalization({ inputShape: [3], name: 'norm', momentum: 0.5 })])
    const mean = norm.weightPaths.get('norm/moving_mean') as Variable
    await compile((values: Record<string, Tensor>) => norm.applyWith(values, x, { training: true }))(
      norm.weightValues(),
    )
    expect(await numbersOf(mean.value)).toEqual([0, 0, 0])
    await compile(() => norm.applyWith({}, x, { training: true }))()
    expectClose(await numbersOf(mean.value), [0.25, -0.05, 0.1])
  })

  test('reaches what adapters compute from', async () => {
    const one = pair()
    adapt(one, 'head/kernel', adapters.lowRank({ rank: 1 }))
    const values = one.weightValues('head/kernel/low_rank/*')
    const gradients = grad(lossOf(one))(values)
    expect(Object.keys(gradients)).toEqual(['head/kernel/low_rank/a', 'head/kernel/low_rank/b'])
    // B is zero, and with it A's gradient.
    expect(Math.max(...(await numbersOf(gradients['head/kernel/low_rank/a'] as Tensor)).map(Math.abs))).toBe(
      0,
    )
    expect(
      Math.max(...(await numbersOf(gradients['head/kernel/low_rank/b'] as Tensor)).map(Math.abs)),
    ).toBeGreaterThan(0.01)
  })

  test('refuses values that do not fit', () => {
    const one = pair()
    expect(() => one.applyWith({ 'head/kernal': x }, x)).toThrow("Did you mean 'head/kernel'?")
    expect(() => one.applyWith({ 'head/bias': tensor([1]) }, x)).toThrow(ShapeError)
    expect(() => one.applyWith({ 'head/bias': tensor([1, 2], { dtype: 'int32' }) }, x)).toThrow(DTypeError)
    expect(() => sequential([layers.dense({ units: 1 })]).applyWith({}, x)).toThrow(StateError)
  })
})

describe('in files', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'typegrad-paths-'))
  })
  afterAll(() => rm(folder, { recursive: true }))
  const outputs = async (one: Model) => numbersOf(await one.predict(x))

  test('a part of the weights leaves the others alone', async () => {
    const one = pair()
    one.freeze()
    adapt(one, '**/kernel', adapters.lowRank({ rank: 2 }))
    one.compile({ optimizer: 'adam', loss: 'mse' })
    await one.fit(x, y, { epochs: 3, verbose: 0 })
    const [tuned, all] = [join(folder, 'tuned.safetensors'), join(folder, 'all.safetensors')]
    await one.saveWeights(tuned, { only: 'trainable' })
    await one.saveWeights(all)

    const other = pair()
    adapt(other, '**/kernel', adapters.lowRank({ rank: 2 }))
    await other.loadWeights(tuned)
    expect(await outputs(other)).toEqual(await outputs(one))

    await one.saveWeights(tuned, { only: ['head/bias', 'body/*'] })
    const third = pair()
    const kernel = await numbersOf(third.weightPaths.get('head/kernel')?.value as Tensor)
    for (const weight of one.weightsWhere('**/bias')) weight.assign(weight.value.add(1))
    await one.saveWeights(tuned, { only: ['head/bias', 'body/*'] })
    await third.loadWeights(tuned)
    expect(await numbersOf(third.weightPaths.get('head/bias')?.value as Tensor)).toEqual([1, 1])
    expect(await numbersOf(third.weightPaths.get('head/kernel')?.value as Tensor)).toEqual(kernel)

    // Another model's part, and a whole file that lacks weights, are refused as before.
    await one.saveWeights(tuned, { only: 'trainable' })
    await expect(third.loadWeights(tuned)).rejects.toThrow(/besides .*low_rank/)
    await pair().saveWeights(all)
    await expect(one.loadWeights(all)).rejects.toThrow(/no .*low_rank/)
    await expect(one.saveWeights(join(folder, 'part.weights.h5'), { only: 'trainable' })).rejects.toThrow(
      ArgumentError,
    )
    await expect(one.saveWeights(tuned, { only: 'bod/*' })).rejects.toThrow(/fits none/)
  })

  test.each(['folder', 'model.keras', 'model.h5'])(
    '%s keeps which weights are frozen, with the optimizer’s state',
    async (name) => {
      const one = pair()
      one.freeze(['body/kernel', 'head/bias'])
      one.compile({ optimizer: 'adam', loss: 'mse' })
      await one.fit(x, y, { epochs: 2, verbose: 0 })
      await one.save(join(folder, name))
      const again = await loadModel(join(folder, name))
      expect(namesOf(again.trainableWeights)).toEqual(['body/bias', 'head/kernel'])
      for (const each of [one, again]) await each.fit(x, y, { epochs: 2, shuffle: false, verbose: 0 })
      expect(await outputs(again as Model)).toEqual(await outputs(one))
    },
  )

  test('a folder keeps adapters, which go on training; Keras’s formats ask to merge them', async () => {
    const one = pair()
    one.freeze()
    adapt(one, '**/kernel', adapters.lowRank({ rank: 2, alpha: 4 }))
    adapt(one, 'head/kernel', adapters.lowRank({ rank: 1, name: 'second' }))
    one.compile({ optimizer: 'adam', loss: 'mse' })
    await one.fit(x, y, { epochs: 2, verbose: 0 })
    await one.save(join(folder, 'adapted'))
    const again = await loadModel(join(folder, 'adapted'))
    expect([...again.weightPaths.keys()]).toEqual([...one.weightPaths.keys()])
    expect(namesOf(again.trainableWeights)).toEqual(namesOf(one.trainableWeights))
    for (const each of [one, again]) await each.fit(x, y, { epochs: 2, shuffle: false, verbose: 0 })
    expect(await outputs(again as Model)).toEqual(await outputs(one))

    const clone = cloneModel(one)
    expect([...clone.weightPaths.keys()]).toEqual([...one.weightPaths.keys()])
    clone.setWeights(one.getWeights())
    expect(await outputs(clone)).toEqual(await outputs(one))

    for (const name of ['adapted.keras', 'adapted.h5'])
      await expect(one.save(join(folder, name))).rejects.toThrow(
        /'body\/kernel', which LowRank computes.*mergeAdapters/s,
      )
    await expect(one.saveWeights(join(folder, 'adapted.weights.h5'))).rejects.toThrow(/mergeAdapters/)
    const tuned = await outputs(one)
    mergeAdapters(one)
    one.compile({ optimizer: 'adam', loss: 'mse' })
    await one.save(join(folder, 'merged.keras'))
    const merged = await loadModel(join(folder, 'merged.keras'))
    expectClose(await outputs(merged as Model), tuned)
    expect(merged.trainableWeights).toEqual([])
    mergeAdapters(again)
    expect(again.trainableWeights).toEqual([])
  })
})
