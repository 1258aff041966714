// Models of classes of their own in Keras's older format, which keeps no shape that they were built for.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { readHdf5 } from '../formats/hdf5.ts'
import {
  layers,
  loadModel,
  Model,
  register,
  type SymbolicShape,
  type Tensor,
  tensor,
  type Variable,
} from '../index.ts'
import { flatWeights } from '../testing/linear-reference.ts'

const golden = (file: string): string =>
  fileURLToPath(new URL(`../../golden/keras-files/${file}`, import.meta.url))
const told = JSON.parse(readFileSync(golden('own_class.json'), 'utf8')) as {
  readonly x: number[][]
  readonly y: number[][]
  readonly loadModel: string
}
const root = mkdtempSync(join(tmpdir(), 'typegrad-h5-classes-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

class Scaled extends Model {
  readonly className: string = 'Scaled'
  readonly out = layers.dense({ units: 2, name: 'out' })
  readonly hidden = layers.dense({ units: 3, name: 'hidden' })
  scale!: Variable
  override build(inputShape: SymbolicShape) {
    this.scale = this.addWeight({ name: 'scale', shape: [2], initializer: 'ones' })
    super.build(inputShape)
  }
  override call(x: Tensor): Tensor {
    return this.out.apply(this.hidden.apply(x)).mul(this.scale.value)
  }
}
register('layer', Scaled)

/** With a second weight, of which Keras writes no file of this format. */
class Shifted extends Scaled {
  override readonly className = 'Shifted'
  shift!: Variable
  override build(inputShape: SymbolicShape) {
    this.shift = this.addWeight({ name: 'shift', shape: [2], initializer: 'zeros', trainable: false })
    super.build(inputShape)
  }
  override call(x: Tensor): Tensor {
    return super.call(x).add(this.shift.value)
  }
}
register('layer', Shifted)

/** One that is built, by a call. */
async function built<M extends Scaled>(model: M): Promise<M> {
  await model.predict(tensor(told.x))
  return model
}
const scaled = (): Promise<Scaled> => built(new Scaled({ name: 'scaled' }))

test('weights of Keras’s file go into a model that is built, its own among them', async () => {
  const model = await scaled()
  const { loaded, missing } = await model.loadWeights(golden('own_class.h5'))
  expect([loaded.length, missing]).toEqual([5, []])
  const y = (await (await model.predict(tensor(told.x))).toArray()) as number[][]
  expect(y).toEqual(told.y.map((row) => row.map((value) => expect.closeTo(value, 5))))
})

test('the file that is written has what Keras’s has, and its weights come back', async () => {
  const [model, again] = [await scaled(), await scaled()]
  await model.loadWeights(golden('own_class.h5'))
  const file = join(root, 'own.h5')
  await model.save(file)
  await again.loadWeights(file)
  expect(await flatWeights(again)).toEqual(await flatWeights(model))
  // Keras puts the model before the names of weights within its layers. They are told apart by their order alone.
  const plain = (name: string): string => name.replace('scaled/', '')
  const content = (path: string) =>
    readHdf5(new Uint8Array(readFileSync(path)), path, ({ datasets, attributes }) => ({
      arrays: [...datasets].map(([name, { dtype, shape }]) => [plain(name), dtype, shape]).sort(),
      orders: [...attributes]
        .flatMap(([group, { layer_names, weight_names }]) => [
          [group, 'layers', layer_names],
          [group, 'weights', weight_names],
        ])
        .flatMap(([group, kind, names]) =>
          Array.isArray(names) ? [[group, kind, names.map((name) => plain(String(name)))]] : [],
        )
        .sort(),
    }))
  expect(content(file)).toEqual(content(golden('own_class.h5')))
})

test('several weights of its own come back, those that are trained first', async () => {
  const [model, again] = [await built(new Shifted()), await built(new Shifted())]
  model.scale.assign(tensor([2, 3]))
  model.shift.assign(tensor([5, 7]))
  const file = join(root, 'shifted.h5')
  await model.save(file)
  await again.loadWeights(file)
  expect(await again.scale.value.toArray()).toEqual([2, 3])
  expect(await again.shift.value.toArray()).toEqual([5, 7])
  const names = readHdf5(new Uint8Array(readFileSync(file)), file, ({ attributes }) =>
    attributes.get('model_weights/top_level_model_weights'),
  )
  expect(names?.weight_names).toEqual(['scale', 'shift'].map((name) => `${model.name}/${name}`))
})

test.each(['own_class.h5', 'own.h5'])('%s does not load as a model, and says what to do', async (name) => {
  expect(told.loadModel).toMatch(/expected 0 layers, found 2/)
  const file = name === 'own.h5' ? join(root, 'unbuilt.h5') : golden(name)
  if (name === 'own.h5') await (await scaled()).save(file)
  await expect(loadModel(file)).rejects.toMatchObject({
    code: 'format',
    message: expect.stringMatching(
      /received the class Scaled, of which .* call it once, .* model\.loadWeights\('.*\.h5'\)/,
    ),
  })
  await expect(new Scaled().loadWeights(file)).rejects.toThrow(/^loadWeights: expected a model that is built/)
})

test('a model without its own weights, or with others, changes nothing', async () => {
  class Plain extends Model {
    readonly className = 'PlainOfH5Test'
    readonly out = layers.dense({ units: 2, name: 'out' })
    readonly hidden = layers.dense({ units: 3, name: 'hidden' })
    override call(x: Tensor): Tensor {
      return this.out.apply(this.hidden.apply(x))
    }
  }
  const plain = new Plain()
  await plain.predict(tensor(told.x))
  const before = await flatWeights(plain)
  await expect(plain.loadWeights(golden('own_class.h5'))).rejects.toThrow(
    /top_level_model_weights': expected 0 arrays .*received 1/,
  )
  expect(await flatWeights(plain)).toEqual(before)
})
