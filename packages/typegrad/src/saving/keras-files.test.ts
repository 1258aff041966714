// Files that Keras has saved, on TensorFlow and on PyTorch: predictions, and three steps of training where they are told.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { flat } from '../base/structured.ts'
import {
  type Model,
  type Prediction,
  readKeras,
  readKerasH5,
  type Tensor,
  tensor,
  writeKeras,
  writeKerasH5,
} from '../index.ts'

const folder = new URL('../../golden/keras-files/', import.meta.url)
const bytesOf = (file: string): Uint8Array => new Uint8Array(readFileSync(new URL(file, folder)))

interface Stored {
  readonly shape: number[]
  readonly dtype: 'float32' | 'int32'
  readonly b64: string
}
interface Told {
  readonly inputs?: Stored[]
  readonly x?: number[][]
  readonly pred: (Stored | number[][])[]
  readonly y?: Stored[]
  readonly logs?: { readonly loss: number }[]
  readonly weights?: Stored[]
  readonly after?: Stored[]
}

function stored({ shape, dtype, b64 }: Stored): Tensor {
  const { buffer } = new Uint8Array(Buffer.from(b64, 'base64'))
  const values = dtype === 'int32' ? new Int32Array(buffer) : new Float32Array(buffer)
  return tensor(values, { shape, dtype })
}

const one = (tensors: readonly Tensor[]): Tensor | readonly Tensor[] =>
  tensors.length === 1 ? (tensors[0] as Tensor) : tensors

async function expectNear(given: readonly Tensor[], wanted: readonly Tensor[]): Promise<void> {
  expect(given.map(({ shape }) => shape)).toEqual(wanted.map(({ shape }) => shape))
  for (const [i, t] of given.entries()) {
    const values = await (wanted[i] as Tensor).data()
    // Single precision over a few layers, added in another order.
    expect([...(await t.data())]).toEqual(
      Array.from<number | bigint, unknown>(values, (value) => expect.closeTo(Number(value), 5)),
    )
  }
}

async function check(model: Model<Prediction>, told: Told, isOfInts: boolean): Promise<void> {
  const inputs = told.inputs?.map(stored) ?? [
    tensor(told.x as number[][], isOfInts ? { dtype: 'int32' } : {}),
  ]
  const outputs = told.pred.map((saved) => ('b64' in saved ? stored(saved) : tensor(saved)))
  await expectNear(flat(await model.predict(one(inputs))), outputs)
  if (told.y === undefined) return
  for (const { loss } of told.logs ?? []) {
    const logs = await model.trainOnBatch(one(inputs), one(told.y.map(stored)))
    expect(logs.loss).toBeCloseTo(loss, 5)
  }
  await expectNear(model.getWeights(), (told.weights ?? []).map(stored))
  await expectNear(flat(await model.predict(one(inputs))), (told.after ?? []).map(stored))
}

describe.each([
  '02_masked_gap',
  '05_shared_mha_causal_then_not',
  '06_nested_is_output',
  '07_activation_object',
  '07_spectral_normalization',
  'functional_mask',
  'tf_compiled',
])('%s', (name) => {
  const told = JSON.parse(new TextDecoder().decode(bytesOf(`${name}.json`))) as Told
  const load = {
    keras: () => readKeras<Prediction>(bytesOf(`${name}.keras`)),
    h5: () => readKerasH5<Prediction>(bytesOf(`${name}.h5`)),
    'keras written again': async () => readKeras<Prediction>(await writeKeras(await load.keras())),
    'h5 written again': async () => readKerasH5<Prediction>(await writeKerasH5(await load.keras())),
  }
  test.each(Object.entries(load))('%s', async (_, read) => {
    await check(await read(), told, name === 'functional_mask')
  })
})

test('a counter of TensorFlow’s, int64, counts on', async () => {
  for (const model of [
    await readKeras(bytesOf('tf_compiled.keras')),
    await readKerasH5(bytesOf('tf_compiled.h5')),
  ]) {
    const before = await model.optimizer.iterations.value.item()
    expect(before).toBeGreaterThan(0)
    await model.trainOnBatch([[1, 2, 3, 4]], [[1, 0]])
    expect(await model.optimizer.iterations.value.item()).toBe(Number(before) + 1)
  }
})
