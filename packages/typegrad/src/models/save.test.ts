import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type Data,
  model as functional,
  initializers,
  input,
  Layer,
  type LayerOptions,
  layers,
  loadModel,
  losses,
  type Model,
  metrics,
  optimizers,
  registerLayer,
  type SymbolicShape,
  sequential,
  setRandomSeed,
  type Tensor,
  type Variable,
} from '../index.ts'
import { flatWeights } from '../testing/linear-reference.ts'
import type { AnyModel } from './model.ts'
import { modelConfig } from './save.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'typegrad-save-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))
const folder = (name = 'model') => join(root, name)

const predictions = async (model: AnyModel, x: Data): Promise<number[][]> => {
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

describe('a saved model predicts the same', () => {
  const shared = () => {
    const [a, b] = [input({ shape: [4], name: 'left_1' }), input({ shape: [4], name: 'right_1' })]
    const tower = layers.dense({ units: 3, activation: 'tanh', name: 'tower_1' })
    const both = layers.concatenate().apply([tower.apply(a), tower.apply(b)])
    return functional({
      inputs: [a, b],
      outputs: [layers.dense({ units: 1, name: 'score_1' }).apply(both), tower.apply(b)],
    })
  }
  const nested = () => {
    const base = sequential([layers.dense({ units: 3, inputShape: [4] }), layers.batchNormalization()], {
      name: 'base',
    })
    base.trainable = false
    const x = input({ shape: [4] })
    const h = input({ shape: [3] })
    const head = functional({
      inputs: h,
      outputs: layers.dense({ units: 2 }).apply(h),
      name: 'head',
      trainable: false,
    })
    return functional({ inputs: x, outputs: head.apply(base.apply(x)) })
  }
  const images = () =>
    sequential([
      layers.conv2d({ filters: 2, kernelSize: 2, inputShape: [2, 2, 1], activation: 'relu', name: 'conv' }),
      layers.flatten(),
      layers.dense({ units: 2, kernelInitializer: initializers.heNormal({ seed: 3 }) }),
    ])
  const late = () => sequential([layers.dense({ units: 2 }), layers.layerNormalization()])
  const x4 = rows(5, 4)

  test.each<[string, () => AnyModel, Data]>([
    ['sequential', small, x4],
    ['built by its first data', late, x4],
    ['with shared layers, two inputs and two outputs', shared, [x4, rows(5, 4).reverse()]],
    ['nested and partly frozen', nested, x4],
    ['of images', images, Float32Array.from(x4.flat())],
    [
      'of words',
      () => sequential([layers.embedding({ inputDim: 9, outputDim: 2, inputShape: [3] })]),
      [[0, 8, 1]],
    ],
  ])('%s', async (_, make, x) => {
    const model = make()
    const before = await predictions(model, x)
    await model.save(folder())
    const loaded = await loadModel(folder())
    expect(await predictions(loaded, x)).toEqual(before)
    expect(modelConfig(loaded)).toEqual(modelConfig(model))
    expect(loaded.weights.map(({ name, trainable }) => [name, trainable])).toEqual(
      model.weights.map(({ name, trainable }) => [name, trainable]),
    )
    expect(loaded.trainableWeights.length).toBe(model.trainableWeights.length)
    expect(loaded.className).toBe(model.className)
    // What was loaded saves the same bytes.
    await loaded.save(folder('again'))
    expect(readFileSync(join(folder('again'), 'model.safetensors'))).toEqual(
      readFileSync(join(folder(), 'model.safetensors')),
    )
  })

  test('of a layer of one’s own', async () => {
    class Power extends Layer {
      readonly className = 'SaveTestPower'
      readonly exponents: Readonly<Record<string, number>>
      exponent!: Variable
      constructor({ exponents, ...options }: LayerOptions & { exponents: Readonly<Record<string, number>> }) {
        super(options)
        this.exponents = exponents
      }
      override build(_: SymbolicShape) {
        this.exponent = this.addWeight({ name: 'exponent', shape: [], initializer: 'ones' })
      }
      call(x: Tensor) {
        return x.abs().pow(this.exponent.value.add(this.exponents.dog_1 as number)) as Tensor
      }
      override getConfig() {
        return { ...super.getConfig(), exponents: this.exponents }
      }
    }
    const model = sequential([new Power({ exponents: { dog_1: 2, catOrDog: 1 }, inputShape: [4] })])
    await model.save(folder())
    await expect(loadModel(folder())).rejects.toMatchObject({
      code: 'name',
      message: expect.stringContaining("Register a layer of your own: registerLayer('SaveTestPower', make)."),
    })
    registerLayer('SaveTestPower', (config) => new Power(config as never))
    const loaded = await loadModel(folder())
    expect(loaded.layers[0]?.getConfig().exponents).toEqual({ dog_1: 2, catOrDog: 1 })
    expect(await predictions(loaded, x4)).toEqual(await predictions(model, x4))
  })
})

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
    model.compile({ loss: (yTrue, yPred) => yPred.sub(yTrue).abs().mean(-1) as Tensor })
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
    const all = [...model.weights, ...model.optimizer.variables, model.generator.state]
    const data = await Promise.all(all.map((variable) => (variable.value as Tensor).data()))
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
    expect(a.generator.seed).not.toBe(b.generator.seed)
    setRandomSeed(1)
    expect(small().generator.seed).toBe(a.generator.seed)
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

describe('weights alone', () => {
  test('go into a model of the same layers, even if these were numbered otherwise', async () => {
    const [model, other] = [small(), small()]
    expect(other.layers[0]?.name).not.toBe(model.layers[0]?.name)
    await model.saveWeights(join(folder('deep/er'), 'weights.safetensors'))
    await other.loadWeights(join(folder('deep/er'), 'weights.safetensors'))
    expect(await flatWeights(other)).toEqual(await flatWeights(model))
  })

  test('of another model are refused', async () => {
    const [model, file] = [small(), folder('weights.safetensors')]
    await model.saveWeights(file)
    const larger = sequential([layers.dense({ units: 9, inputShape: [4] }), layers.dense({ units: 1 })])
    const before = await flatWeights(larger)
    await expect(larger.loadWeights(file)).rejects.toMatchObject({
      code: 'format',
      message: expect.stringMatching(
        /expected float32 \[4, 9\], received float32 \[4, 8\]\. The file belongs/,
      ),
    })
    const fewer = sequential([layers.dense({ units: 8, inputShape: [4], name: 'only' })])
    await expect(fewer.loadWeights(file)).rejects.toMatchObject({
      code: 'format',
      message: expect.stringMatching(
        /the 2 tensors of this model, received 4: no 'only\/kernel', 'only\/bias', and besides '/,
      ),
    })
    expect(await flatWeights(larger)).toEqual(before)
    await expect(model.loadWeights(folder('nothing'))).rejects.toMatchObject({ code: 'format' })
  })
})

test('a saved folder holds what its description says', async () => {
  const model = small()
  model.compile({ optimizer: 'sgd', loss: 'mse' })
  await model.save(folder())
  expect(readdirSync(folder()).sort()).toEqual(['config.json', 'model.safetensors', 'optimizer.safetensors'])
  const config = JSON.parse(readFileSync(join(folder(), 'config.json'), 'utf8')) as Record<string, unknown>
  expect(config).toMatchObject({
    format: 'typegrad',
    version: 1,
    class_name: 'Sequential',
    build_config: { input_shape: [null, 4] },
    compile_config: { optimizer: { class_name: 'SGD' } },
    config: {
      layers: [
        { class_name: 'Dense', config: { units: 8, kernel_initializer: { class_name: 'GlorotUniform' } } },
        { class_name: 'Dropout', config: { rate: 0.5 } },
        { class_name: 'Dense' },
      ],
    },
  })
})

test('nothing that is not a model is lost by a save', async () => {
  const model = small()
  writeFileSync(join(root, 'thesis.txt'), 'years of work')
  await expect(model.save(root)).rejects.toMatchObject({
    code: 'argument',
    message: `save: expected a folder for the model alone: a new one, an empty one or that of a saved model, received ${root}, which holds 'thesis.txt' too. Save it into a folder of its own, such as '${join(root, 'model')}'.`,
  })
  await model.deleteTrainingState(root)
  expect(readFileSync(join(root, 'thesis.txt'), 'utf8')).toBe('years of work')
  await expect(model.save(join(root, 'thesis.txt'))).rejects.toMatchObject({ code: 'argument' })
  await model.save(folder())
  await model.save(folder()) // a model's own folder is replaced
  await model.deleteTrainingState(folder())
  expect(readdirSync(root)).toEqual(['thesis.txt'])
})
