import { layers, ones, quantizeDynamic, sequential, type Tensor, tensor } from 'typegrad'
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
      memory: false,
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
  expect(float?.peakBytes).toBeUndefined()
  await expect(compareModels({}, { examples })).rejects.toThrow(/received no models/)
  await expect(compareModels({ model }, { examples: {} })).rejects.toThrow(/received no samples/)
})

test('memory: of a process for each model, by its weights', { timeout: 300_000 }, async () => {
  const square = (units: number) =>
    sequential([
      layers.dense({ units, inputShape: [units], name: 'first' }),
      layers.dense({ units, name: 'second' }),
    ])
  const [small, large] = [square(768), square(1536)]
  const int8 = await quantizeDynamic(large)
  const told = await compareModels({ large, int8 }, { examples: { first_input: ones([1, 1536]) }, runs: 1 })
  const of = await compareModels({ small }, { examples: { first_input: ones([1, 768]) }, runs: 1 })
  const [whole = 0, inBytes = 0, quarter = 0] = [...told.models, ...of.models].map(
    ({ peakBytes }) => peakBytes as number,
  )
  // 18.9 MB of weights, that are in memory as the file and as the runtime's own, and a quarter of that.
  const weights = 2 * 1536 ** 2 * 4
  expect(whole).toBeGreaterThan(1.8 * weights)
  expect(whole).toBeLessThan(3.5 * weights)
  expect(quarter).toBeGreaterThan((1.8 * weights) / 4)
  expect(quarter).toBeLessThan((3.5 * weights) / 4)
  // int8 is a quarter too; what a program takes beside its weights is in both.
  expect(inBytes).toBeGreaterThan((1.8 * weights) / 4)
  expect(inBytes).toBeLessThan((3.5 * weights) / 4)
  expect(`${told}`).toMatch(/ +a sample +memory +energy +score\nlarge +18\.9 MB .* [3-6]\d\.\d MB .*\nint8 /)
})

test('memory of a model that ONNX cannot express is not known, and told why', async () => {
  const model = sequential([layers.dense({ units: 2, inputShape: [3], name: 'only' })])
  model.toOnnx = () => Promise.reject(new Error('no such operator'))
  const told = await compareModels({ model }, { examples: { only_input: ones([1, 3]) }, runs: 1 })
  expect(told.models[0]).toMatchObject({ peakBytes: undefined, withoutMemory: 'no such operator' })
  expect(`${told}`).toMatch(/model .* \? .*\nMemory is not known: no such operator$/)
})
