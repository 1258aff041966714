import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  adapt,
  adapters,
  type Data,
  model as functional,
  input,
  type Layer,
  layers,
  loadModel,
  losses,
  type Model,
  mergeAdapters,
  metrics,
  type Optimizer,
  optimizers,
  removeAdapters,
  sequential,
  setRandomSeed,
  type Tensor,
} from '../index.ts'
import type { AnyModel } from '../models/model.ts'
import { flatWeights } from '../testing/linear-reference.ts'
import { modelConfig } from './save.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'typegrad-save-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))
const folder = (name = 'model') => join(root, name)

const _predictions = async (model: AnyModel, x: Data): Promise<number[][]> => {
  const outputs = await model.predict(x)
  const list = Array.isArray(outputs) ? outputs : [outputs]
  return Promise.all(list.map(async (output: Tensor) => Array.from((await output.data()) as Float32Array)))
}

const rows = (count: number, width: number) =>
  Array.from({ length: count }, (_, i) => Array.from({ length: width }, (_, j) => Math.sin(i * width + j)))

const small = () =>
  sequential([
    layers.dense({ units: 8, activation: 'relu', inputShape: [4] }),
    layers.dropout({ rate: 0.5 }),
    layers.dense({ units: 1 }),
  ])

describe('what was compiled', () => {
  test.each<[string, Parameters<Model['compile']>[0]]>([
    ['by names', { optimizer: 'adam', loss: 'mse', metrics: ['mae', 'rmse'] }],
    [
      'by objects',
      {
        optimizer: optimizers.sgd({ learningRate: 0.25, momentum: 0.5, nesterov: true }),
        loss: losses.huber({ delta: 2 }),
        metrics: [metrics.meanAbsoluteError({ name: 'off' })],
        weightedMetrics: ['mse'],
      },
    ],
    ['with a weight', { optimizer: 'adamw', loss: ['mae'], lossWeights: [0.5] }],
  ])('%s', async (_, options) => {
    const model = small()
    model.compile(options)
    const [x, y] = [rows(6, 4), rows(6, 1)]
    const before = await model.evaluate(x, y, { verbose: 0 })
    await model.save(folder())
    const loaded = await loadModel(folder())
    expect(await loaded.evaluate(x, y, { verbose: 0 })).toEqual(before)
    expect(loaded.optimizer.getConfig()).toEqual(model.optimizer.getConfig())
    expect(modelConfig(loaded)).toEqual(modelConfig(model))
    expect((await loadModel(folder(), { compile: false })).isCompiled).toBe(false)
  })

  test('for several outputs whose names have numbers', async () => {
    const x = input({ shape: [4] })
    const model = functional({
      inputs: x,
      outputs: ['out_1', 'out_2'].map((name) => layers.dense({ units: 1, name }).apply(x)),
    })
    model.compile({
      optimizer: 'sgd',
      loss: { out_1: 'mse', out_2: 'mae' },
      lossWeights: { out_2: 0.5 },
      metrics: { out_2: ['mse'] },
    })
    const y = [rows(3, 1), rows(3, 1)]
    const before = await model.evaluate(rows(3, 4), y, { verbose: 0 })
    expect(Object.keys(before)).toEqual(['loss', 'out_1_loss', 'out_2_loss', 'out_2_mse'])
    await model.save(folder())
    expect(await (await loadModel(folder())).evaluate(rows(3, 4), y, { verbose: 0 })).toEqual(before)
  })

  test('with a function is compiled again by hand', async () => {
    const model = small()
    model.compile({ loss: (yTrue, yPred) => yPred.sub(yTrue).abs().mean(-1) })
    await model.fit(rows(4, 4), rows(4, 1), { verbose: 0 })
    await model.save(folder())
    await expect(loadModel(folder())).rejects.toMatchObject({
      code: 'name',
      message: expect.stringContaining(
        'Load the model with { compile: false } and call compile with your own.',
      ),
    })
    const loaded = await loadModel(folder(), { compile: false })
    expect(await flatWeights(loaded)).toEqual(await flatWeights(model))
  })
})

describe('training goes on from a saved model', () => {
  const [x, y] = [rows(50, 4), rows(50, 1)]
  const options = { verbose: 0, batchSize: 8 } as const
  const bytes = async (model: AnyModel): Promise<string[]> => {
    const all = [...model.weights, ...model.optimizer.variables, model.seedGenerator.state]
    const data = await Promise.all(all.map((variable) => variable.value.data()))
    return data.map((d) => Buffer.from(d.buffer, d.byteOffset, d.byteLength).toString('hex'))
  }
  const made = () => {
    setRandomSeed(7)
    const model = small()
    model.compile({ optimizer: 'adam', loss: 'mse' })
    return model
  }

  test('bit for bit, with dropout, shuffling and adam', async () => {
    const straight = made()
    const { history } = await straight.fit(x, y, { ...options, epochs: 4 })

    const first = made()
    await first.fit(x, y, { ...options, epochs: 2 })
    await first.save(folder())
    setRandomSeed(99) // whatever else the program draws
    const second = await loadModel(folder())
    const rest = await second.fit(x, y, { ...options, epochs: 4, initialEpoch: 2 })
    expect(await bytes(second)).toEqual(await bytes(straight))
    expect(rest.history.loss).toEqual(history.loss?.slice(2))

    const third = await loadModel(folder())
    await third.fit(x, y, { ...options, epochs: 2 })
    expect(await bytes(third), 'without initialEpoch').toEqual(await bytes(straight))
  })

  test('and two runs of one seed are the same, whatever other models do', async () => {
    const alone = made()
    await alone.fit(x, y, { ...options, epochs: 2 })
    const beside = made()
    const other = small()
    other.compile({ optimizer: 'sgd', loss: 'mse' })
    await Promise.all([
      beside.fit(x, y, { ...options, epochs: 2 }),
      other.fit(x, y, { ...options, epochs: 3 }),
    ])
    expect(await bytes(beside)).toEqual(await bytes(alone))
  })

  test('while models made one after another draw different numbers', async () => {
    setRandomSeed(1)
    const [a, b] = [small(), small()]
    expect(a.seedGenerator.seed).not.toBe(b.seedGenerator.seed)
    setRandomSeed(1)
    expect(small().seedGenerator.seed).toBe(a.seedGenerator.seed)
  })

  test('a save in the midst of a training is of one moment', async () => {
    const model = made()
    const saving: Promise<void>[] = []
    const training = model.fit(x, y, { ...options, epochs: 30 })
    for (let i = 0; i < 3; i++) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      saving.push(model.save(folder(`save_${i}`)))
    }
    await Promise.all([training, ...saving])
    for (let i = 0; i < 3; i++) {
      const saved = await loadModel(folder(`save_${i}`))
      const steps = await saved.optimizer.iterations.value.item()
      const fresh = made()
      // Seven steps an epoch: as many as the save had seen, from the start.
      await fresh.fit(x, y, { ...options, epochs: Math.floor(steps / 7) })
      const rest = steps % 7
      if (rest > 0) await fresh.fit(x, y, { ...options, stepsPerEpoch: rest })
      expect(await flatWeights(saved)).toEqual(await flatWeights(fresh))
    }
  })
})

describe('a model whose trained weights are others since it was compiled', () => {
  const [x, y] = [rows(10, 4), rows(10, 1)]
  const options = { verbose: 0, batchSize: 5 } as const
  const withAdapter = (model: Model): void => {
    adapt(model, '*/kernel', adapters.lowRank({ rank: 2 }))
  }
  const first = (model: Model): Layer => model.layers[0] as Layer
  const trains = (trainable: boolean) => (model: Model) => {
    first(model).trainable = trainable
  }
  // Optimizers around others have to know the weights of those.
  const wrapped = () => optimizers.lossScaleOptimizer({ innerOptimizer: 'adam' })
  const several = () =>
    optimizers.multiOptimizer({ defaultOptimizer: 'adam', optimizerMap: { '.*bias': 'rmsprop' } })

  test.each<[string, (model: Model) => void, (model: Model) => void, (() => Optimizer)?]>([
    ['a layer frozen', () => {}, trains(false)],
    ['a weight frozen', () => {}, (model) => model.freeze('*/kernel')],
    ['a layer freed', trains(false), trains(true)],
    ['adapted', () => {}, withAdapter],
    ['adapted, with a scaled loss', () => {}, withAdapter, wrapped],
    ['adapted, with several optimizers', () => {}, withAdapter, several],
    ['merged', withAdapter, (model) => void mergeAdapters(model)],
    ['released', withAdapter, (model) => void removeAdapters(model)],
  ])(
    '%s: it is saved as it is after the next compile, and goes on to the same bits',
    async (_, before, after, optimizer = () => optimizers.adam()) => {
      const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
      try {
        setRandomSeed(3)
        const model = small()
        before(model)
        model.compile({ optimizer: optimizer(), loss: 'mse' })
        await model.fit(x, y, options)
        await model.save(folder('same'))
        expect(warn).not.toHaveBeenCalled()
        after(model)
        await model.save(folder())
        expect(warn.mock.calls).toEqual([[expect.stringContaining('as after model.compile')]])
        const loaded = await loadModel(folder())
        model.compile({ optimizer: optimizer(), loss: 'mse' })
        await model.fit(x, y, options)
        await loaded.fit(x, y, options)
        expect(await flatWeights(loaded)).toEqual(await flatWeights(model))
      } finally {
        warn.mockRestore()
      }
    },
  )

  test.each(['model.keras', 'model.h5'])('is read from %s', async (file) => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    try {
      const model = small()
      model.compile({ optimizer: 'adam', loss: 'mse' })
      await model.fit(x, y, options)
      first(model).trainable = false
      await model.save(folder(file))
      const loaded = await loadModel(folder(file))
      expect(await flatWeights(loaded)).toEqual(await flatWeights(model))
      await loaded.fit(x, y, options)
    } finally {
      warn.mockRestore()
    }
  })
})
