// Saved weights find their places by the structure of the model, whatever its layers happen to be called.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { registerLayer } from '../doors/layers.ts'
import { decodeSafetensors } from '../formats/safetensors.ts'
import {
  model as functional,
  input,
  Layer,
  layers,
  loadModel,
  optimizers,
  type Sequential,
  sequential,
  type Tensor,
  tensor,
} from '../index.ts'
import { flatWeights } from '../testing/linear-reference.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'typegrad-structure-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

class Block extends Layer {
  readonly className: string = 'StructureTestBlock'
  readonly inner = layers.dense({ units: 4 })
  call(x: Tensor) {
    return this.inner.apply(x)
  }
}
registerLayer('StructureTestBlock', (config) => new Block(config as never))

class Tower extends Layer {
  readonly className = 'StructureTestTower'
  readonly secondStage = layers.dense({ units: 4 })
  readonly blocks = [new Block(), new Block()]
  readonly again = this.blocks[1] as Block
  call(x: Tensor) {
    return this.secondStage.apply(this.blocks.reduce((h, block) => block.apply(h), this.again.apply(x)))
  }
}
registerLayer('StructureTestTower', (config) => new Tower(config as never))

const x4 = tensor([
  [1, 2, 3, 4],
  [0, 1, 0, -1],
])
const predicted = async (model: { predict(x: Tensor): Promise<unknown> }) => [
  ...(await ((await model.predict(x4)) as Tensor).data()),
]

const nested = () => sequential([input({ shape: [4] }), new Block(), layers.dense({ units: 4 }), new Tower()])

describe.each(['model', 'model.keras', 'model.h5'])('%s', (file) => {
  test('layers without names within layers of one’s own keep their weights', async () => {
    const model = nested()
    await model.save(join(root, file))
    for (let made = 0; made < 3; made++) {
      const loaded = await loadModel(join(root, file))
      expect(await predicted(loaded)).toEqual(await predicted(model))
      expect(await flatWeights(loaded)).toEqual(await flatWeights(model))
      // Other layers are made in the same process, so that the next one's names are others.
      layers.dense({ units: 4, inputShape: [4] }).name
    }
  })
})

test('a file names weights by the way to them', async () => {
  await nested().saveWeights(join(root, 'weights.safetensors'))
  const { tensors, metadata } = decodeSafetensors(readFileSync(join(root, 'weights.safetensors')))
  const both = (path: string) => [`${path}/kernel`, `${path}/bias`]
  expect([...tensors.keys()]).toEqual(
    [
      'layers/structure_test_block/inner',
      'layers/dense',
      // Fields in alphabetical order: what is met twice stands where it was met first.
      'layers/structure_test_tower/again/inner',
      'layers/structure_test_tower/blocks/structure_test_block/inner',
      'layers/structure_test_tower/second_stage',
    ].flatMap(both),
  )
  expect(Object.keys(JSON.parse(metadata['typegrad.names'] as string))).toEqual([...tensors.keys()])
})

const trained = async (make: () => Sequential): Promise<Sequential> => {
  const model = make()
  model.compile({ optimizer: optimizers.adam({ learningRate: 0.1 }), loss: 'mse' })
  await model.fit(
    x4,
    tensor([
      [1, 0, 0, 0],
      [0, 1, 0, 0],
    ]),
    { epochs: 3, verbose: 0 },
  )
  return model
}

test('an optimizer goes on with each weight’s own slots', async () => {
  const model = await trained(nested)
  await model.save(join(root, 'model'))
  const loaded = await loadModel(join(root, 'model'))
  const y = tensor([
    [1, 0, 0, 0],
    [0, 1, 0, 0],
  ])
  for (const one of [model, loaded]) await one.fit(x4, y, { epochs: 2, verbose: 0, shuffle: false })
  expect(await flatWeights(loaded)).toEqual(await flatWeights(model))
  const { tensors } = decodeSafetensors(readFileSync(join(root, 'model', 'optimizer.safetensors')))
  expect([...tensors.keys()]).toContain('optimizer/momentum/layers/structure_test_block/inner/kernel')
})

test('a layer that was given another name is an error', async () => {
  const named = (name: string) => sequential([layers.dense({ units: 1, inputShape: [2], name })])
  const file = join(root, 'weights.safetensors')
  await named('left').saveWeights(file)
  const right = named('right')
  const before = await flatWeights(right)
  await expect(right.loadWeights(file)).rejects.toMatchObject({
    code: 'format',
    message: `${file}: 'layers/dense/kernel': expected the weight right/kernel, received left/kernel. The file belongs to another model, or a layer was given another name since.`,
  })
  expect(await flatWeights(right)).toEqual(before)
})

describe('folders of format version 1', () => {
  const older = fileURLToPath(new URL('../../golden/folder-1/', import.meta.url))

  test('load where names and the order of the weights agree, and train on', async () => {
    registerLayer('OlderBlock', (config) => new Block(config as never))
    // What the version that wrote it predicted, its next loss, and what it predicted then.
    const outputs = [1.6649364233016968, -1.149301290512085, 0.10824151337146759, 0.4250169098377228]
    const after = [1.623488426208496, -1.0659410953521729, 0.10986725240945816, 0.4120602309703827]
    for (let made = 0; made < 2; made++) {
      const model = await loadModel(older)
      const near = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 5))
      expect(await predicted(model)).toEqual(near(outputs))
      const { loss } = await model.trainOnBatch(x4, [
        [1, 0],
        [0, 1],
      ])
      expect(loss).toBeCloseTo(0.6562795639038086, 5)
      expect(await predicted(model)).toEqual(near(after))
    }
  })

  test('are refused where they disagree', async () => {
    // As if the layer within the block had been made after the one behind it: which is which?
    cpSync(older, join(root, 'model'), { recursive: true })
    const path = join(root, 'model', 'model.safetensors')
    const text = readFileSync(path, 'latin1')
    const swapped = text.replace(/dense_([12])\//g, (_, n: string) => `dense_${n === '1' ? '2' : '1'}/`)
    writeFileSync(path, swapped, 'latin1')
    registerLayer('OlderBlock', (config) => new Block(config as never))
    await expect(loadModel(join(root, 'model'))).rejects.toMatchObject({
      code: 'format',
      message: expect.stringMatching(/model\.safetensors: expected weights whose places .* version 1/),
    })
  })
})

describe('a bit that has turned', () => {
  test.each(['model.safetensors', 'optimizer.safetensors'])(
    'anywhere in the data of %s is noticed',
    async (file) => {
      const model = await trained(() =>
        sequential([layers.dense({ units: 4, inputShape: [4], name: 'only' })]),
      )
      await model.save(join(root, 'model'))
      const path = join(root, 'model', file)
      const good = readFileSync(path)
      const start = 8 + Number(good.readBigUInt64LE(0))
      const { tensors } = decodeSafetensors(good)
      for (let at = start; at < good.length; at += 7) {
        const bad = Buffer.from(good)
        bad[at] = (bad[at] as number) ^ (1 << (at % 8))
        writeFileSync(path, bad)
        const error: unknown = await loadModel(join(root, 'model')).catch((caught: unknown) => caught)
        const hit = [...tensors].find(([, { data }]) => {
          const begin = data.byteOffset - good.byteOffset
          return at >= begin && at < begin + data.byteLength
        })?.[0]
        expect(error).toMatchObject({
          code: 'format',
          message: expect.stringContaining(`${file}: '${hit}': expected the checksum `),
        })
      }
    },
  )

  test('in the configuration is noticed, and one without a checksum is taken as it is', async () => {
    await nested().save(join(root, 'model'))
    const path = join(root, 'model', 'config.json')
    const text = readFileSync(path, 'utf8')
    writeFileSync(
      path,
      text.replace('"glorot_uniform"', '"glorot_normal"').replace('GlorotUniform', 'GlorotNormal'),
    )
    await expect(loadModel(join(root, 'model'))).rejects.toMatchObject({
      code: 'format',
      message: expect.stringMatching(/config\.json: expected the checksum "\w{8}".*take "crc32" out of it/),
    })
    const { crc32: _, ...rest } = JSON.parse(text) as Record<string, unknown>
    writeFileSync(path, JSON.stringify(rest))
    expect((await loadModel(join(root, 'model'))).className).toBe('Sequential')
  })
})

test('states of recurrent layers are kept by the layer that has them', async () => {
  const sequences = input({ batchShape: [2, 3, 2] })
  const both = layers.bidirectional({
    layer: layers.gru({ units: 2, stateful: true, returnSequences: true }),
  })
  const last = layers.lstm({ units: 2, stateful: true })
  const model = functional({ inputs: sequences, outputs: last.apply(both.apply(sequences)) })
  await model.save(join(root, 'model'))
  const { tensors } = decodeSafetensors(readFileSync(join(root, 'model', 'optimizer.safetensors')))
  expect([...tensors.keys()]).toEqual([
    'states/layers/lstm/0',
    'states/layers/lstm/1',
    'states/layers/bidirectional/forward_layer/0',
    'states/layers/bidirectional/backward_layer/0',
    'random',
  ])
})
