import { InferenceSession, Tensor } from 'onnxruntime-node'
import { expectClose } from 'typegrad/testing'
import { expect, test } from 'vitest'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { describeAsInPython } from '../testing/golden.ts'

describeAsInPython('transformer')

const config = { model_type: 'transformer', vocab_size: 400, d_model: 64, num_layers: 1, d_ff: 128 }

test('begins as its paper says', async () => {
  const { checkpointWeights } = new PretrainedModel(config)
  for (const { name, weight } of checkpointWeights) {
    const data = (await weight.value.data()) as Float32Array
    const deviation = Math.sqrt(data.reduce((sum, x) => sum + x * x, 0) / data.length)
    // Glorot's bound of a uniform distribution, whose deviation is that by √3.
    const bound = Math.sqrt(6 / ((weight.shape[0] ?? 0) + (weight.shape[1] ?? 0)))
    if (name.endsWith('.bias')) expect(data.every((x) => x === 0)).toBe(true)
    else if (name.includes('norm')) expect(data.every((x) => x === 1)).toBe(true)
    else if (name === 'model.shared.weight') expect(Math.abs(deviation * 8 - 1)).toBeLessThan(0.03)
    else {
      expect(Math.max(...data.map(Math.abs)), name).toBeLessThanOrEqual(bound)
      expect(Math.abs((deviation * Math.sqrt(3)) / bound - 1), name).toBeLessThan(0.05)
    }
  }
  // Section 3.2.2 has no biases in attention, and section 3.4 one table for source, target and head.
  expect(checkpointWeights.filter(({ name }) => /_proj\.bias/.test(name))).toEqual([])
  expect(checkpointWeights.filter(({ weight }) => weight.shape.includes(400)).length).toBe(1)
})

test('as one ONNX file for texts and answers of any length', async () => {
  const model = new PretrainedModel(config)
  const session = await InferenceSession.create(await model.toOnnx())
  for (const [batch, length, decoderLength] of [
    [2, 7, 5],
    [1, 9, 12],
  ] as const) {
    const ids = (columns: number) =>
      Array.from({ length: batch }, (_, i) => Array.from({ length: columns }, (_, j) => 7 * i + 3 * j + 1))
    const inputs = {
      input_ids: ids(length),
      attention_mask: ids(length).map((row, i) => row.map((_, j) => (j < length - 2 * i ? 1 : 0))),
      decoder_input_ids: ids(decoderLength),
    }
    const feeds = Object.entries(inputs).map(([name, rows]) => {
      const values = BigInt64Array.from(rows.flat(), BigInt)
      return [name, new Tensor('int64', values, [batch, values.length / batch])] as const
    })
    const there = await session.run(Object.fromEntries(feeds))
    const { logits } = await model.predict(inputs)
    expectClose((await logits?.data()) as Float32Array, there.logits?.data as Float32Array, { scaled: 1e-5 })
  }
})
