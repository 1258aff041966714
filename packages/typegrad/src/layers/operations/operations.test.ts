// Operations on symbolic tensors do what the functions do with tensors, in models, clones and files of every format.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { SymbolicTensor } from '../../doors/layers.ts'
import * as typegrad from '../../index.ts'
import {
  cloneModel,
  input,
  layers,
  loadModel,
  model,
  ops,
  type Prediction,
  plotModel,
  readKeras,
  type Tensor,
  tensor,
  writeKeras,
} from '../../index.ts'
import { symbolicCalls } from '../../testing/symbolic-calls.ts'
import { symbolicNames } from './calls.ts'

const x = tensor([
  [0.3, -0.7, 1.2, 0],
  [-1.5, 0.4, 0.9, 2.2],
  [0.1, 0.2, -0.3, 0.6],
])
const y = tensor([
  [1.3, 0.7, 0, 0.4],
  [0.5, -2.4, 0.9, 1.1],
  [0.1, -0.2, 1.3, 0.8],
])
const s = tensor(Array.from({ length: 36 }, (_, i) => Math.sin(i * 1.7))).reshape([3, 3, 4])

const call = (name: string, args: readonly unknown[]): unknown =>
  (ops as unknown as Record<string, (...args: readonly unknown[]) => unknown>)[name]?.(...args)

/** What a function gives, in a list: one tensor, several, or an object of them. */
const listed = <T>(value: unknown): T[] =>
  (Array.isArray(value)
    ? value
    : (value as object).constructor === Object
      ? Object.values(value as object)
      : [value]) as T[]

const values = async (tensors: readonly Tensor[]) =>
  await Promise.all(tensors.map(async (t) => ({ shape: t.shape, data: [...(await t.data())].map(Number) })))

/** One model of all calls. */
function everything() {
  const places = { x: input({ shape: [4] }), y: input({ shape: [4] }), s: input({ shape: [3, 4] }) }
  const outputs: SymbolicTensor[] = []
  const wanted: Tensor[] = []
  for (const [name, calls] of Object.entries(symbolicCalls))
    for (const args of calls) {
      outputs.push(...listed<SymbolicTensor>(call(name, args(places))))
      wanted.push(...listed<Tensor>(call(name, args({ x, y, s }))))
    }
  return { net: model({ inputs: [places.x, places.y, places.s], outputs }), wanted }
}

const outputsOf = (net: typegrad.Model<Prediction>): readonly Tensor[] =>
  net.apply([x, y, s]) as readonly Tensor[]

describe('all functions', () => {
  const { net, wanted } = everything()

  test('are called', () => {
    expect(symbolicNames.filter((name) => !(name in symbolicCalls))).toEqual([])
    // Two have a row, and are not among the functions of ops.
    expect(Object.values(symbolicCalls).filter((calls) => calls.length === 0)).toHaveLength(2)
    expect(wanted.length).toBeGreaterThan(180)
  })

  test('give what they give of tensors, with the shapes that were told', async () => {
    expect(await values(outputsOf(net))).toEqual(await values(wanted))
    for (const [i, output] of net.outputs.entries()) {
      const { shape, dtype } = wanted[i] as Tensor
      expect(output.dtype).toBe(dtype)
      expect(output.shape).toHaveLength(shape.length)
      output.shape.forEach((size, axis) => {
        if (size !== null) expect(size).toBe(shape[axis])
      })
    }
  })

  test('are saved and loaded, in a folder, in .keras and in .h5, and cloned', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'typegrad-'))
    try {
      for (const name of ['model', 'model.keras', 'model.h5']) {
        await net.save(join(folder, name))
        const loaded = await loadModel<Prediction>(join(folder, name))
        expect(await values(outputsOf(loaded))).toEqual(await values(wanted))
      }
    } finally {
      await rm(folder, { recursive: true })
    }
    expect(await values(outputsOf(cloneModel(net)))).toEqual(await values(wanted))
  })
})

test('a residual block with arithmetic learns, gradients pass through', async () => {
  const place = input({ shape: [4] })
  const hidden = layers.dense({ units: 4, kernelInitializer: 'zeros', useBias: false }).apply(place)
  const net = model({
    inputs: place,
    outputs: ops.sub(ops.mean(hidden.add(place).mul(2), 1, { keepDims: true }), 1),
  })
  net.compile({ optimizer: typegrad.optimizers.sgd({ learningRate: 0.1 }), loss: 'meanSquaredError' })
  // Of one sample (1, 2, 3, 4): output 2 · 2.5 − 1 = 4, loss (4 − 3)² = 1, and dloss/dW = 2 · (4 − 3) · 2/4 · xᵢ = xᵢ.
  const logs = await net.trainOnBatch([[1, 2, 3, 4]], [[3]])
  expect(logs.loss).toBeCloseTo(1, 6)
  const kernel = await net.getWeights()[0]?.toArray()
  expect(kernel).toEqual([1, 2, 3, 4].map((value) => new Array(4).fill(expect.closeTo(-0.1 * value, 6))))
})

test('operations are no layers of the model, and stand in its summary and pictures', async () => {
  const place = input({ shape: [4], name: 'place' })
  const net = model({ inputs: place, outputs: ops.concat([place, ops.relu(place.mul(2))], 1) })
  expect(net.layers.map(({ className }) => className)).toEqual(['InputLayer'])
  expect(net.operations.map(({ className }) => className)).toEqual([
    'InputLayer',
    'Multiply',
    'Relu',
    'Concatenate',
  ])
  const lines = net.summary({ print: null })
  expect(lines).toMatch(/multiply\w* \(Multiply\)\s+│ \[batch, 4\]/)
  expect(await plotModel(net, { showShapes: true })).toContain('Concatenate')
  expect(Buffer.from(await net.toOnnx()).length).toBeGreaterThan(100)
})

test('models with operations nest, are shared and cut into parts', async () => {
  const place = input({ shape: [4] })
  const inner = model({ inputs: place, outputs: ops.sub(1, place.mul(place)) })
  const outer = input({ shape: [4] })
  const twice = inner.apply(inner.apply(outer)).add(outer) as SymbolicTensor
  const net = model({ inputs: outer, outputs: twice })
  const wanted = (v: number) => 1 - (1 - v * v) ** 2 + v
  const expected = [[0.5, -1, 2, 0].map(wanted)]
  const given = [[0.5, -1, 2, 0]]
  expect(await (await net.predict(given)).toArray()).toEqual(expected)
  expect(await (await (await readKeras(await writeKeras(net))).predict(given)).toArray()).toEqual(expected)
  const part = model({ inputs: inner.inputs, outputs: inner.operations[1]?.output as SymbolicTensor })
  expect(await (await part.predict(given)).toArray()).toEqual([[0.25, 1, 4, 0]])
})

test('constants that are pending or not finite are saved', async () => {
  const place = input({ shape: [2] })
  const pending = tensor([1, 2]).mul(3)
  const net = model({
    inputs: place,
    outputs: ops.where(place.greater(0), place.mul(pending), Number.NEGATIVE_INFINITY),
  })
  const folder = await mkdtemp(join(tmpdir(), 'typegrad-'))
  try {
    for (const name of ['model', 'model.keras', 'model.h5']) {
      await net.save(join(folder, name))
      const loaded = await loadModel(join(folder, name))
      expect(await (await loaded.predict([[1, -1]])).toArray()).toEqual([[3, Number.NEGATIVE_INFINITY]])
    }
  } finally {
    await rm(folder, { recursive: true })
  }
})

describe('what symbolic tensors cannot do', () => {
  const place = input({ shape: [4], name: 'four' })

  test.each(['data', 'toArray', 'item', 'evaluate'])('%s has no value to give', (name) => {
    const look = place as unknown as Record<string, () => unknown>
    expect(() => look[name]?.()).toThrow(
      /^\w+: expected .*symbolic.* received SymbolicTensor\(float32 \[batch, 4\] of four\)/,
    )
  })

  test('functions that are not in the table say so', () => {
    expect(() => (place as unknown as Tensor).scatterAdd([0], 1)).toThrow(/scatterAdd: expected an operation/)
    expect(() => typegrad.ops.conv(place as never, tensor([[[1]]]) as never, {} as never)).toThrow(/symbolic/)
  })

  test('shapes that do not fit are told as the user knows them', () => {
    expect(() => place.add(input({ shape: [3] }))).toThrow('received [batch, 4] and [batch, 3]')
    expect(() => place.matmul(tensor([[1, 2, 3]]))).toThrow('received [batch, 4] and [1, 3]')
    expect(() => place.reshape([3, 5])).toThrow(/^Reshape: expected shapes that fit .* with .*\[3,5\]/)
    expect(() => place.at(4, 1)).toThrow('position from -4 to 3')
  })

  test('options that Keras’s operation lacks are refused', () => {
    expect(() => place.cumsum(1, { reverse: true })).toThrow(/not supported/)
    expect(() => place.sort(1, { descending: true })).toThrow(/not supported/)
  })
})

test('types: results are symbolic, tensors stay tensors', () => {
  const place = input({ shape: [4] })
  const sum: SymbolicTensor = ops.mul(2, place)
  const parts: readonly SymbolicTensor[] = place.split(2, 1)
  const joined: SymbolicTensor = ops.concat([place, tensor([[1, 2, 3, 4]])], 0)
  const plain: Tensor<[2]> = ops.mul(2, tensor([1, 2]))
  expect([sum, joined, ...parts].every((one) => one instanceof SymbolicTensor)).toBe(true)
  expect(plain.shape).toEqual([2])
})
