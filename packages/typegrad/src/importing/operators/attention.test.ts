import { expect, test } from 'vitest'
import { onnxModel, type Tensor } from '../../index.ts'
import { expectClose } from '../../testing/closeness.ts'
import { fromGolden, type GoldenTensor, goldenValues, readGolden } from '../../testing/golden.ts'

/** Of tools/golden/make_onnx_runtime_attention.py. */
const { cases, fewQueries } = readGolden<{
  readonly fewQueries: string
  readonly cases: readonly {
    readonly name: string
    readonly model: string
    readonly inputs: Readonly<Record<string, GoldenTensor>>
    readonly y: GoldenTensor
  }[]
}>('onnx-runtime-attention.json')

test.each(cases)('$name: as ONNX Runtime computes it', async ({ model, inputs, y }) => {
  const net = await onnxModel<Record<string, Tensor>>(Buffer.from(model, 'base64'))
  const given = Object.fromEntries(Object.entries(inputs).map(([name, one]) => [name, fromGolden(one)]))
  const found = (await net.predict(given)) as unknown as Tensor
  expect(found.shape).toEqual(y.shape)
  expectClose(Array.from(await found.data(), Number), goldenValues(y), { scaled: 1e-5 })
})

test('fewer queries than keys, of which ONNX Runtime hides the later ones from all but the last, are refused by name', async () => {
  await expect(onnxModel(Buffer.from(fewQueries, 'base64'))).rejects.toThrow(
    /MultiHeadAttention.*with unidirectional, and 3 queries of 5 keys/,
  )
})
