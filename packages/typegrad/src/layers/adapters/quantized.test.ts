import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  ArgumentError,
  adapt,
  adapters,
  input,
  layers,
  loadModel,
  mergeAdapters,
  model,
  ops,
  optimizers,
  random,
  sequential,
  type Tensor,
  tensor,
  type Variable,
} from '../../index.ts'
import { expectClose } from '../../testing/closeness.ts'

const floats = async (x: Tensor): Promise<number[]> => Array.from((await x.data()) as Float32Array)

const dense = () =>
  sequential([
    layers.dense({ units: 64, activation: 'relu', inputShape: [48] }),
    layers.dense({ units: 10, name: 'last' }),
  ])

/** A model with weights that are what quantised ones stand for, in float32. */
async function rounded(made: ReturnType<typeof dense>, options: adapters.QuantizedOptions) {
  const { bits, blockSize = 32, isSymmetric = true } = options
  for (const weight of made.weightsWhere('**/kernel')) {
    const rows = weight.value.transpose()
    const columns = rows.shape[1] as number
    const q = ops.quantize(rows, { bits, blockSize, isSymmetric })
    weight.assign(ops.dequantize(q, { bits, blockSize, columns }).transpose())
  }
}

describe.each([
  { bits: 4, blockSize: 32, isSymmetric: true },
  { bits: 4, blockSize: 128, isSymmetric: false },
  { bits: 8, blockSize: 32, isSymmetric: true },
  { bits: 8, blockSize: 16, isSymmetric: false },
] as const)('$bits bits, blocks of $blockSize, symmetric: $isSymmetric', (options) => {
  test('a model gives what its rounded weights give', async () => {
    const made = dense()
    const copy = sequential([
      layers.dense({ units: 64, activation: 'relu', inputShape: [48] }),
      layers.dense({ units: 10 }),
    ])
    copy.setWeights(made.weights.map(({ value }) => value))
    await rounded(copy, options)
    const paths = adapt(made, '**/kernel', adapters.quantized({ ...options, activations: 'float32' }))
    expect(paths).toEqual(['dense/kernel', 'last/kernel'])
    const x = random.normal([5, 48], { seed: 3 })
    expectClose(await floats(await made.predict(x)), await floats(await copy.predict(x)))
    const base = made.weightPaths.get('last/kernel')
    expect(base?.dtype).toBe('uint8')
    expect(base?.trainable).toBe(false)
  })

  test('comes back from a folder as it was', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'typegrad-quantized-'))
    try {
      const made = dense()
      adapt(made, '**/kernel', adapters.quantized(options))
      const x = random.normal([3, 48], { seed: 4 })
      const before = await floats(await made.predict(x))
      await made.save(join(folder, 'model'))
      const loaded = await loadModel(join(folder, 'model'))
      expect(await floats(await loaded.predict(x))).toEqual(before)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

test('an update of low rank over a body of 4 bits learns, and the body stays', async () => {
  const made = dense()
  adapt(made, '**/kernel', adapters.quantized({ bits: 4 }))
  adapt(made, '**/kernel', adapters.lowRank({ rank: 4 }))
  made.compile({ optimizer: optimizers.adam({ learningRate: 0.02 }), loss: 'mse' })
  const x = random.normal([64, 48], { seed: 1 })
  const y = random.normal([64, 10], { seed: 2 })
  const body = made.weightPaths.get('dense/kernel') as Variable
  const bytes = async () => [...((await body.value.data()) as Uint8Array)]
  const before = await bytes()
  const { history } = await made.fit(x, y, { epochs: 30, verbose: 0 })
  const losses = history.loss as readonly number[]
  expect(losses.at(-1)).toBeLessThan(0.7 * (losses[0] as number))
  expect(await bytes()).toEqual(before)
  const now = await floats(await made.predict(x))
  mergeAdapters(made)
  expectClose(await floats(await made.predict(x)), now, { scaled: 2e-2 })
})

test('attention, whose kernels have three axes, and a table of embeddings', async () => {
  const ids = input({ shape: ['length'], dtype: 'int32' })
  const x = layers.embedding({ inputDim: 20, outputDim: 32, name: 'words' }).apply(ids)
  const y = layers.multiHeadAttention({ numHeads: 2, keyDim: 16, name: 'attention' }).apply([x, x])
  const made = model({ inputs: ids, outputs: y })
  const words = tensor([[3, 1, 19, 7]], { dtype: 'int32' })
  const exact = await floats(await made.predict(words))
  adapt(made, 'words/embeddings', adapters.quantized({ bits: 8, inputAxes: 0 }))
  adapt(made, 'attention/{query,key,value}/kernel', adapters.quantized({ bits: 8, blockSize: 16 }))
  adapt(made, 'attention/attention_output/kernel', adapters.quantized({ bits: 8, inputAxes: 2 }))
  expectClose(await floats(await made.predict(words)), exact, { scaled: 2e-2 })
})

test('refuses biases', () => {
  expect(() => adapt(dense(), '**', adapters.quantized({ bits: 4 }))).toThrow(ArgumentError)
})
