import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { registerLayer, type SymbolicShape } from '../doors/layers.ts'
import {
  type Data,
  model as functional,
  initializers,
  input,
  Layer,
  type LayerOptions,
  layers,
  loadModel,
  sequential,
  type Tensor,
  type Variable,
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
    // What is saved again has the same bytes, but for the name of the save: a model that is not compiled begins with
    // random numbers of its own.
    await loaded.save(folder('again'))
    const bytesOf = (name?: string) =>
      readFileSync(join(folder(name), 'model.safetensors'), 'latin1').replace(
        /"typegrad.save":"[0-9a-f-]+"/,
        '',
      )
    expect(bytesOf('again')).toBe(bytesOf())
    // The same model saves the same bytes.
    await loaded.save(folder('third'))
    for (const file of readdirSync(folder('third')))
      expect(readFileSync(join(folder('third'), file))).toEqual(readFileSync(join(folder('again'), file)))
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
        return x.abs().pow(this.exponent.value.add(this.exponents.dog_1 as number))
      }
      override getConfig() {
        return { ...super.getConfig(), exponents: this.exponents }
      }
    }
    const model = sequential([new Power({ exponents: { dog_1: 2, catOrDog: 1 }, inputShape: [4] })])
    await model.save(folder())
    await expect(loadModel(folder())).rejects.toMatchObject({
      code: 'name',
      message: expect.stringContaining("Register a layer of your own: register('layer', SaveTestPower)."),
    })
    registerLayer('SaveTestPower', (config) => new Power(config as never))
    const loaded = await loadModel(folder())
    expect(loaded.layers[0]?.getConfig().exponents).toEqual({ dog_1: 2, catOrDog: 1 })
    expect(await predictions(loaded, x4)).toEqual(await predictions(model, x4))
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
        /'layers\/dense\/kernel': expected float32 \[4, 9\] for dense_?\d*\/kernel, received float32 \[4, 8\]\. The file belongs/,
      ),
    })
    const fewer = sequential([layers.dense({ units: 8, inputShape: [4], name: 'only' })])
    await expect(fewer.loadWeights(file)).rejects.toMatchObject({
      code: 'format',
      message: expect.stringMatching(
        /the 2 tensors of this model, received 4: besides 'layers\/dense_1\/kernel', 'layers\/dense_1\/bias'\. The file belongs/,
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
    version: 2,
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
