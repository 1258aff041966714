import { describe, expect, test } from 'vitest'
import {
  adapt,
  adapters,
  layers,
  mergeAdapters,
  random,
  type Sequential,
  sequential,
  setRandomSeed,
  type Tensor,
  tensor,
} from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { quantizeDynamic, quantizeStatic } from './quantize.ts'
import { int8Weight } from './quantized-weight.ts'

const dataOf = async (x: Tensor): Promise<Float32Array> => (await x.data()) as Float32Array
const distance = (a: Float32Array, b: Float32Array): number =>
  Math.sqrt(
    a.reduce((sum, x, i) => sum + (x - (b[i] as number)) ** 2, 0) / a.reduce((sum, x) => sum + x * x, 0),
  )

function convnet() {
  setRandomSeed(4)
  return sequential([
    layers.conv2d({ filters: 8, kernelSize: 3, activation: 'relu', name: 'first', inputShape: [8, 8, 2] }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.conv2d({ filters: 6, kernelSize: 2, name: 'second' }),
    layers.flatten(),
    layers.dense({ units: 16, activation: 'tanh', name: 'hidden' }),
    layers.dense({ units: 4, name: 'scores' }),
  ])
}
setRandomSeed(6)
const images = random.normal([16, 8, 8, 2])

describe('a convolutional network', () => {
  const model = convnet()
  test.each([
    ['minMax', {}, 0.06],
    ['percentile', { method: 'percentile', percentile: 99.9, symmetric: true, perChannel: false }, 0.06],
    ['entropy', { method: 'entropy', bins: 512, reduceRange: false }, 0.3],
  ] as const)(
    'by %s gives in integers what its file says, and nearly what it gave',
    async (_, options, most) => {
      const program = await quantizeStatic(model, [images.slice([0], [8]), images.slice([8], [8])], options)
      expect(program.quantized).toEqual(['first/kernel', 'second/kernel', 'hidden/kernel', 'scores/kernel'])
      const exact = await dataOf(await model.predict(images))
      const { scores } = await program.predict(images)
      const integers = await dataOf(scores as Tensor)
      expect(scores?.shape).toEqual([16, 4])
      // The same file in floats. Where a sum lies between two numbers, integers may round to the other one; and of weights of 8
      // bits some processors lose sums.
      const simulated = await dataOf(await (await program.toModel()).predict(images))
      if (!('reduceRange' in options)) expect(distance(simulated, integers)).toBeLessThan(0.01)
      // Entropy cuts off the outermost values, which are many of a normal distribution's.
      expect(distance(exact, simulated)).toBeLessThan(most)
      expect(distance(exact, simulated)).toBeGreaterThan(1e-4)
    },
  )

  test('is trained with its rounding', async () => {
    const program = await quantizeStatic(model, [images])
    const rounded = await program.toModel()
    rounded.unfreeze('**/bias')
    rounded.compile({ optimizer: 'sgd', loss: 'mse' })
    const y = random.normal([16, 4])
    const before = await rounded.evaluate(images, y)
    await rounded.fit(images, y, { epochs: 3, verbose: 0 })
    expect((await rounded.evaluate(images, y)).loss).toBeLessThan(before.loss as number)
  })

  test('is calibrated with data that fits, or not at all', async () => {
    await expect(quantizeStatic(model, [])).rejects.toThrow(/a batch of inputs at least, received none/)
    await expect(quantizeStatic(model, [random.normal([2, 8, 7, 2])])).rejects.toThrow(
      /shape \[batch, 8, 8, 2\], received \[2, 8, 7, 2\]/,
    )
    await expect(quantizeStatic(model, [images.mul(Number.NaN)])).rejects.toThrow(
      /finite activations, received NaN/,
    )
    await expect(quantizeStatic(model, [images], { percentile: 101 })).rejects.toThrow(
      /0 to 100, received 101/,
    )
    await expect(quantizeStatic(model, [images], { method: 'mean' as never })).rejects.toThrow(/minMax/)
    await expect(quantizeStatic(model, [images], { filter: () => false })).rejects.toThrow(
      /fits none of first.kernel/,
    )
    const still = sequential([layers.flatten({ inputShape: [2, 2] })])
    await expect(quantizeDynamic(still)).rejects.toThrow(/received one without any/)
  })
})

test('words: products by the range of each call, tables in int8', async () => {
  setRandomSeed(5)
  const model: Sequential = sequential([
    layers.embedding({ inputDim: 50, outputDim: 24, inputShape: [null], name: 'words' }),
    layers.dense({ units: 40, activation: 'relu', name: 'hidden' }),
    layers.globalAveragePooling1d(),
    layers.dense({ units: 3, name: 'scores' }),
  ])
  const ids = tensor(
    Array.from({ length: 4 }, (_, i) => Array.from({ length: 6 }, (_, j) => (7 * i + 11 * j) % 50)),
    { dtype: 'int32' },
  )
  const program = await quantizeDynamic(model)
  expect(program.quantized).toEqual(['words/embeddings', 'hidden/kernel', 'scores/kernel'])
  const { scores } = await program.predict(ids)
  const error = distance(await dataOf((await model.predict(ids)) as Tensor), await dataOf(scores as Tensor))
  expect(error).toBeGreaterThan(1e-4)
  expect(error).toBeLessThan(0.03)
  const [whole, small] = [(await model.toOnnx()).length, program.bytes.length]
  expect(small).toBeLessThan(0.6 * whole)
  await expect(program.predict({ words: ids, more: ids })).rejects.toThrow(/the inputs 'words_input'/)
})

test('weights that were trained as they are rounded stay what they are', async () => {
  const model = sequential([layers.dense({ units: 5, inputShape: [9], name: 'only' })])
  adapt(model, 'only/kernel', adapters.fakeQuantized({ bits: 7 }))
  mergeAdapters(model)
  const values = await dataOf(model.getWeights()[0] as Tensor)
  const { data, scales } = int8Weight({ name: 'kernel', shape: [9, 5], data: values }, 1, 63)
  expectClose(
    Float32Array.from(data, (number, i) => number * (scales[i % 5] as number)),
    values,
  )
})
