import { quantizeDynamic, type Tensor, tensor } from 'typegrad'
import { expect, test } from 'vitest'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { dataOf } from '../testing/golden.ts'
import { compareModels } from './compare-models.ts'

const model = new PretrainedModel({
  ...{
    model_type: 'bert',
    architectures: ['BertModel'],
    vocab_size: 300,
    hidden_size: 64,
    num_hidden_layers: 1,
  },
  ...{ num_attention_heads: 4, intermediate_size: 128, max_position_embeddings: 16, initializer_range: 0.2 },
})
const ids = [[3, 7, 11, 2]]
const of = (rows: number[][]) => tensor(rows, { dtype: 'int32' })
const examples = {
  input_ids: of(ids),
  attention_mask: of([[1, 1, 1, 1]]),
  token_type_ids: of([[0, 0, 0, 0]]),
}

test('a transformer in floats and in 8 bits, in one table', async () => {
  const exact = await dataOf((await model.predict(examples)).last_hidden_state as Tensor)
  const small = await quantizeDynamic(model)
  const told = await compareModels(
    { float: model, int8: small },
    {
      examples,
      runs: 1,
      scoreName: 'distance',
      score: async (predict) => {
        const { last_hidden_state: states } = await predict(examples)
        const data = await dataOf(states as Tensor)
        const square = (sum: number, x: number) => sum + x * x
        return Math.sqrt(
          data.map((x, i) => x - (exact[i] as number)).reduce(square, 0) / exact.reduce(square, 0),
        )
      },
    },
  )
  const [float, int8] = told.models
  expect(float?.score).toBeLessThan(1e-5)
  expect(int8?.score).toBeGreaterThan(1e-4)
  expect(int8?.score).toBeLessThan(0.1)
  expect(int8?.bytes).toBeLessThan(0.45 * (float?.bytes ?? 0))
  expect(`${told}`).toMatch(/size +a sample +energy +distance\nfloat .* 1\.00 × .*\nint8 +\d.*MB/)
  await expect(compareModels({}, { examples })).rejects.toThrow(/received no models/)
  await expect(compareModels({ model }, { examples: {} })).rejects.toThrow(/received no samples/)
})
