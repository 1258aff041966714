import { rmSync } from 'node:fs'
import {
  evaluateAll,
  ones,
  onesLike,
  optimizers,
  setRandomSeed,
  type Tensor,
  tensor,
  type Variable,
} from 'typegrad'
import { expectClose } from 'typegrad/testing'
import { expect, test } from 'vitest'
import { isWhole } from '../../../../tools/whole-tests.ts'
import { fromPretrained } from '../checkpoint/from-pretrained.ts'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { contextOf } from '../layers/network.ts'
import {
  dataOf,
  type GoldenValues,
  type GoldenWeight,
  goldenFolder,
  hashedNumbers,
  readJson,
} from '../testing/golden.ts'
import { smallGPT2 } from '../testing/small-gpt2.ts'
import { BlockInputs } from './block-inputs.ts'
import { quantizeGptq } from './quantize-gptq.ts'
import { quantizeModel } from './quantize-model.ts'

/** Of tools/golden/make_transformers_shrink.py. */
interface GoldenCase {
  readonly config: Readonly<Record<string, unknown>>
  readonly weights: readonly GoldenWeight[]
  readonly options: { readonly group: 16 | 32; readonly symmetric: boolean; readonly act_order: boolean }
  readonly numbers: Readonly<Record<string, string>>
  readonly logits: GoldenValues
  readonly error: number
  readonly nearest: number
}
const golden = readJson('shrink') as {
  readonly batches: readonly Readonly<Record<string, GoldenValues>>[]
  readonly asked: Readonly<Record<string, GoldenValues>>
  readonly gptq: readonly GoldenCase[]
}
const idsOf = (values: Readonly<Record<string, GoldenValues>>) =>
  Object.fromEntries(
    Object.entries(values).map(([name, x]) => [name, tensor(x.values, { dtype: 'int32' }).reshape(x.shape)]),
  )
const batches = golden.batches.map(idsOf)

async function loaded(one: GoldenCase): Promise<PretrainedModel> {
  const folder = goldenFolder(one)
  const model = await fromPretrained(folder)
  rmSync(folder, { recursive: true })
  return model
}
const logitsOf = async (model: PretrainedModel): Promise<Float32Array> => {
  const inputs = idsOf(golden.asked)
  const context = contextOf(model.network, [inputs.input_ids, inputs.attention_mask] as Tensor[], false)
  return await dataOf(model.network.outputs(inputs.input_ids as Tensor, context).logits as Tensor)
}
const distance = (a: Float32Array, b: ArrayLike<number>): number =>
  Math.sqrt(
    a.reduce((sum, x, i) => sum + (x - (b[i] as number)) ** 2, 0) / a.reduce((sum, x) => sum + x * x, 0),
  )

test.each(golden.gptq.map((one) => [String(one.config.model_type), one] as const))(
  '%s becomes the numbers that it becomes in Python, and nearer to what it was than by rounding to the nearest',
  async (_, one) => {
    const { group: blockSize, symmetric: isSymmetric, act_order: actOrder } = one.options
    const options = { bits: 4, blockSize, isSymmetric, activations: 'float32' } as const
    const model = await loaded(one)
    const exact = await logitsOf(model)
    const names = new Map(model.checkpointWeights.map(({ name, weight }) => [weight as unknown, name]))
    const named = new Map([...model.weightPaths].map(([path, weight]) => [path, names.get(weight)]))
    const paths = await quantizeGptq(model, batches, { ...options, actOrder })
    expect(paths.length).toBe(Object.keys(one.numbers).length)
    let [same, all] = [0, 0]
    for (const path of paths) {
      const expected = one.numbers[(named.get(path) as string).replace('.weight', '')] as string
      const packed = model.weightPaths.get(path) as Variable
      const rows = packed.shape[0] as number
      const bytes = (await packed.value.data()) as Uint8Array
      const [held, columns] = [(2 * bytes.length) / rows, expected.length / rows]
      for (const [i, digit] of [...expected].entries()) {
        const place = Math.floor(i / columns) * held + (i % columns)
        const byte = bytes[place >> 1] as number
        all++
        same += Number((place % 2 === 0 ? byte & 15 : byte >> 4) === Number.parseInt(digit, 16))
      }
    }
    // A number between two others may become the other one in float32, and then those after it in its row.
    expect(same / all).toBeGreaterThan(0.99)
    const got = await logitsOf(model)
    expect(distance(exact, got)).toBeLessThan(1.05 * one.error)
    expect(distance(Float32Array.from(one.logits.values), got)).toBeLessThan(0.2 * one.error)
    const other = await loaded(one)
    await quantizeModel(other, { ...options, filter: paths })
    expect(Math.abs(distance(exact, await logitsOf(other)) - one.nearest)).toBeLessThan(0.01 * one.nearest)
  },
)

const small = {
  ...{ vocab_size: 31, hidden_size: 16, intermediate_size: 20, num_hidden_layers: 2, num_attention_heads: 2 },
  ...{ max_position_embeddings: 32, initializer_range: 0.3, num_key_value_heads: 1 },
}
/** Rows of text in which a word follows from the one before, but for two of five, which are any. */
function textOf(name: string, rows: number): Tensor {
  const draws = hashedNumbers(name, 2 * rows * 24)
  const ids = Array.from({ length: rows }, (_, row) => {
    const line: number[] = []
    for (let i = 0; i < 24; i++) {
      const [choice = 0, word = 0] = draws.subarray(2 * (row * 24 + i))
      const isAny = i === 0 || choice > 0.2
      line.push(isAny ? 3 + Math.floor(10 * (word + 1)) : 3 + ((3 * (line.at(-1) as number) + 5) % 20))
    }
    return line
  })
  return tensor(ids, { dtype: 'int32' })
}

test('a decoder that has learnt is less surprised by text than after rounding to the nearest', {
  timeout: 120_000,
}, async () => {
  setRandomSeed(2)
  const config = {
    ...{ model_type: 'llama', architectures: ['LlamaForCausalLM'], vocab_size: 24, hidden_size: 32 },
    ...{ intermediate_size: 64, num_hidden_layers: 1, num_attention_heads: 4, num_key_value_heads: 2 },
    max_position_embeddings: 32,
  }
  const model = new PretrainedModel(config)
  const [train, held] = [textOf('train', 128), textOf('held', 64)]
  const rowsOf = (input_ids: Tensor) => ({ input_ids, attention_mask: onesLike(input_ids) })
  model.compile({ optimizer: optimizers.adamw({ learningRate: 0.01 }) })
  await model.fit(rowsOf(train), train, { epochs: 15, batchSize: 32, verbose: 0 })
  const weights = model.getWeights()
  await evaluateAll(weights)
  const lossOf = async (one: PretrainedModel): Promise<number> => {
    one.compile({ optimizer: 'sgd' })
    return (await one.evaluate(rowsOf(held), held, { verbose: 0 })).loss as number
  }
  const copy = (): PretrainedModel => {
    const other = new PretrainedModel(config)
    other.setWeights(weights)
    return other
  }
  const options = { bits: 4, activations: 'float32' } as const
  const [gptq, nearest] = [copy(), copy()]
  const paths = await quantizeGptq(gptq, [rowsOf(train)], options)
  await quantizeModel(nearest, { ...options, filter: paths })
  const [exact, after, plain] = [await lossOf(model), await lossOf(gptq), await lossOf(nearest)]
  // It has learnt: without that the perplexity is 20.
  expect(Math.exp(exact)).toBeLessThan(10)
  expect(after, `${exact} ${after} ${plain}`).toBeLessThan(exact + 0.8 * (plain - exact))
})

/** One of each way to tell blocks of positions; the others with TYPEGRAD_ALL=1. */
const networks = [
  { ...small, model_type: 'bert', architectures: ['BertModel'] },
  { ...small, model_type: 'modernbert', architectures: ['ModernBertModel'], local_attention: 4 },
  { ...small, model_type: 'mpnet', architectures: ['MPNetModel'], max_position_embeddings: 34 },
  {
    ...small,
    model_type: 'deberta-v2',
    architectures: ['DebertaV2Model'],
    relative_attention: true,
    pos_att_type: ['c2p', 'p2c'],
  },
  { ...small, model_type: 'gpt_neox', architectures: ['GPTNeoXForCausalLM'] },
  { ...small, model_type: 'gemma2', architectures: ['Gemma2ForCausalLM'], head_dim: 8, sliding_window: 4 },
  { ...small, model_type: 'smollm3', architectures: ['SmolLM3ForCausalLM'], no_rope_layers: [1, 0] },
]
test.each(isWhole ? networks : networks.filter(({ model_type: type }) => /gemma|deberta/.test(type)))(
  '$model_type: blocks one after the other give what the network gives',
  async (config) => {
    const model = new PretrainedModel(config)
    const ids = tensor([[3, 7, 11, 2, 9, 12, 4, 5]], { dtype: 'int32' })
    const batch = Object.fromEntries(
      model.network.takes.map(({ name }) => [
        name,
        name === 'input_ids' ? ids : ones([1, 8], { dtype: 'int32' }),
      ]),
    )
    const inputs = model.network.takes.map(({ name }) => batch[name] as Tensor) as [Tensor, ...Tensor[]]
    const states = model.network.hiddenStates(inputs[0], contextOf(model.network, inputs, false))
    const reading = new BlockInputs('test', model, [batch])
    expect(reading.blocks.length).toBe(2)
    for (const state of states.slice(1, -1)) {
      const [got] = await reading.next()
      expectClose(await dataOf(got as Tensor), await dataOf(state), { scaled: 1e-5 })
    }
  },
)

test('what there are no blocks or batches of is refused, and then nothing is rounded', async () => {
  setRandomSeed(1)
  const model = new PretrainedModel(smallGPT2)
  await expect(quantizeGptq(model, [])).rejects.toThrow(/batches of input_ids, attention_mask, received none/)
  const input_ids = tensor([[1, 2]], { dtype: 'int32' })
  await expect(quantizeGptq(model, [{ input_ids }])).rejects.toThrow(/received input_ids as batch 0/)
  const attention_mask = onesLike(input_ids)
  await expect(
    quantizeGptq(model, [{ input_ids, attention_mask }], { filter: '**/wte/embeddings' }),
  ).rejects.toThrow(/fits none/)
  const t5 = new PretrainedModel({
    ...{ model_type: 't5', architectures: ['T5ForConditionalGeneration'], vocab_size: 20, d_model: 8 },
    ...{ d_kv: 4, d_ff: 8, num_layers: 1, num_heads: 2, decoder_start_token_id: 0 },
  })
  await expect(quantizeGptq(t5, [{ input_ids, attention_mask }])).rejects.toThrow(/received 't5'/)
  expect(model.weights.every(({ dtype }) => dtype === 'float32')).toBe(true)
})
