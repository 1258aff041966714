import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isWhole } from '../../../../tools/whole-tests.ts'
import {
  adapt,
  adapters,
  cloneModel,
  layers,
  loadModel,
  type Model,
  model,
  type OnnxModel,
  onnxModel,
  type Prediction,
  type Sequential,
  type SymbolicTensor,
  sequential,
  type Tensor,
  tensor,
} from '../index.ts'
import { adaptersOf } from '../layers/adapters/adapt.ts'
import type { Layer } from '../layers/base/layer.ts'
import { fromGolden, type GoldenTensor, readGolden } from '../testing/golden.ts'

interface Case {
  readonly name: string
  readonly file: string
  readonly inputs: Readonly<Record<string, GoldenTensor>>
}
/** All of them in the long form. */
const few = ['residual-dynamo', 'gru-torchscript', 'words-dynamo', 'keras-recurrent', 'sklearn-mlp']
const cases = readGolden<readonly Case[]>('onnx-models/cases.json').filter(
  ({ name }) => isWhole || few.includes(name),
)
const bytesOf = async (file: string): Promise<Uint8Array> =>
  new Uint8Array(await readFile(new URL(`../../golden/onnx-models/${file}`, import.meta.url)))

let root = ''
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'typegrad-onnx-'))
})
afterAll(() => rm(root, { recursive: true }))

const x = tensor([
  [1, 0, 2, 0, -1, 0.5],
  [0, 1, 0.5, -2, 3, 1],
])
const y = tensor([[1], [0]])

async function reloaded<P extends Prediction>(net: Model<P>, name: string): Promise<Model<P>> {
  await net.save(join(root, name))
  return await loadModel<P>(join(root, name))
}

/** All weights, and what is trained of them. */
async function stateOf(net: Model<Prediction>) {
  const values = await Promise.all(
    net.weights.map(async ({ value }) => [...((await value.data()) as Float32Array)]),
  )
  return {
    names: net.weights.map(({ name }) => name),
    trained: net.trainableWeights.map(({ name }) => name),
    paths: [...net.weightPaths.keys()],
    values,
  }
}

test.each(cases)('$name predicts the same bits from its own folder', async ({ name, file, inputs }) => {
  const net = await onnxModel<Tensor | Record<string, Tensor>>(await bytesOf(file))
  const again = (await reloaded(net, name)) as OnnxModel<Tensor | Record<string, Tensor>>
  expect(again.initializers()).toEqual(net.initializers())
  expect(again.modelInputs).toEqual(net.modelInputs)
  expect(again.modelOutputs).toEqual(net.modelOutputs)
  const given = Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, fromGolden(value)]))
  const [before, after] = [await net.run(given), await again.run(given)]
  for (const [output, value] of Object.entries(before))
    expect(await (after[output] as Tensor).data(), output).toEqual(await value.data())
})

test('a head on a part that is adapted and half frozen goes on training as it would have', async () => {
  const made = async (): Promise<Sequential> => {
    const net = await onnxModel(await bytesOf('mlp-dynamo.onnx'))
    const tanh = net.network.parts.source.file.graph.nodes.find(({ op }) => op === 'Tanh')
      ?.outputs[0] as string
    const body = net.cut({ outputs: tanh })
    body.unfreeze('0.bias')
    adapt(body, '0.weight', adapters.lowRank({ rank: 2 }))
    const whole = sequential([body, layers.dense({ units: 1, name: 'head' })])
    whole.compile({ optimizer: 'adam', loss: 'mse' })
    return whole
  }
  const whole = await made()
  await whole.fit(x, y, { epochs: 3, verbose: 0, shuffle: false })
  const again = await reloaded(whole, 'headed')
  expect(await stateOf(again)).toEqual(await stateOf(whole))
  const adaptedIn = (net: unknown): string[] => adaptersOf(net as Layer).map(({ path }) => path)
  expect(adaptedIn(again)).toEqual(adaptedIn(whole))
  expect(adaptedIn(again).length).toBe(1)
  expect(again.trainableWeights.map(({ name }) => name).sort()).toContain('0.bias')
  const [one, other] = [whole, again].map((net) => net.fit(x, y, { epochs: 3, verbose: 0, shuffle: false }))
  expect((await other)?.history).toEqual((await one)?.history)
  expect(await stateOf(again)).toEqual(await stateOf(whole))
})

test('parts that share weights share them again, and constants are kept', async () => {
  const net = await onnxModel(await bytesOf('mlp-dynamo.onnx'))
  const ends = net.network.parts.source.file.graph.nodes.map(({ outputs }) => outputs[0] as string)
  const [early, late] = [net.cut({ outputs: ends[0] as string }), net.cut({ outputs: ends.at(-1) as string })]
  const start = early.input
  const whole = model({
    inputs: start,
    outputs: [early.output, (late as OnnxModel<Tensor>).apply(start as SymbolicTensor)],
  })
  expect(whole.weights.length).toBe(net.weights.length)
  const again = await reloaded(whole as Model<Prediction>, 'shared')
  expect(again.weights.length).toBe(net.weights.length)
  expect(await stateOf(again)).toEqual(await stateOf(whole as Model<Prediction>))
  // The folder of a part has no more of the file than the part needs.
  const part = await reloaded(early, 'part')
  expect((part as OnnxModel).network.parts.source.file.graph.nodes.length).toBe(1)

  const words = await onnxModel(await bytesOf('words-dynamo.onnx'), {
    constants: { mask: tensor([[1, 1, 0]], { dtype: 'int64' }) },
    inputShapes: { ids: [1, 3] },
  })
  const ids = tensor([[3, 1, 2]], { dtype: 'int64' })
  const fixed = await reloaded(words, 'fixed')
  expect(await (await fixed.predict(ids)).data()).toEqual(await (await words.predict(ids)).data())
})

test("a clone has the file's weights, of its own", async () => {
  const net = await onnxModel(await bytesOf('mlp-dynamo.onnx'))
  const twin = cloneModel(net)
  expect(twin.className).toBe('OnnxModel')
  expect(await stateOf(twin)).toEqual(await stateOf(net))
  twin.weights[0]?.assign(twin.weights[0].value.mul(2))
  expect(await twin.weights[0]?.value.data()).not.toEqual(await net.weights[0]?.value.data())
})

test("Keras's formats are refused before anything is written; weights alone are kept", async () => {
  const net = await onnxModel(await bytesOf('mlp-dynamo.onnx'))
  const headed = async (): Promise<Sequential> =>
    sequential([await onnxModel(await bytesOf('mlp-dynamo.onnx')), layers.dense({ units: 2, name: 'head' })])
  const whole = await headed()
  const before = await readdir(root)
  for (const path of ['file.keras', 'file.h5'])
    for (const one of [net, whole])
      await expect(one.save(join(root, path)), path).rejects.toThrow(
        'layers that Keras has, received a network that onnxModel has read. Save the model into a folder',
      )
  expect(await readdir(root)).toEqual(before)
  await whole.saveWeights(join(root, 'weights.safetensors'))
  const again = await headed()
  await again.loadWeights(join(root, 'weights.safetensors'))
  expect((await stateOf(again)).values).toEqual((await stateOf(whole)).values)
})

test('a folder with another graph, or with none, is refused', async () => {
  const net = await onnxModel(await bytesOf('mlp-dynamo.onnx'))
  const folder = join(root, 'damaged')
  const edited = async (edit: (network: Record<string, unknown>) => void): Promise<unknown> => {
    await net.save(folder)
    const path = join(folder, 'config.json')
    const config = JSON.parse(await readFile(path, 'utf8'))
    // A file by somebody who knows no seal.
    delete config.crc32
    edit(config.config.network.config)
    await writeFile(path, JSON.stringify(config))
    return await loadModel(folder).catch((error: unknown) => String(error))
  }
  const cut = await edited((network) => {
    network.graph = (network.graph as string).slice(0, 200)
  })
  expect(cut).toContain('not a whole ONNX model')
  const none = await edited((network) => {
    network.graph = 3
  })
  expect(none).toContain('expected a graph, received number')
  const fewer = await edited((network) => {
    network.weights = (network.weights as unknown[]).slice(1)
  })
  expect(fewer).toContain('expected a graph that reads 3 weights, received one that reads 4')
})
