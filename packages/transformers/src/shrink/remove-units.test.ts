import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { evaluateAll, ops, type Tensor, tensor, type Variable } from 'typegrad'
import { expectClose } from 'typegrad/testing'
import { expect, test } from 'vitest'
import { dropLayers } from '../checkpoint/drop-layers.ts'
import { fromPretrained } from '../checkpoint/from-pretrained.ts'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { generateIds } from '../generation/generate.ts'
import { dataOf, type GoldenValues, type GoldenWeight, goldenFolder, readJson } from '../testing/golden.ts'
import { smallGPT2 } from '../testing/small-gpt2.ts'
import { leastImportant, unitImportance } from './importance.ts'
import { removeHeads, removeNeurons } from './remove-units.ts'

const bertConfig = {
  ...{
    model_type: 'bert',
    architectures: ['BertModel'],
    vocab_size: 31,
    hidden_size: 24,
    num_hidden_layers: 2,
  },
  ...{ num_attention_heads: 4, intermediate_size: 20, max_position_embeddings: 16, initializer_range: 0.4 },
}
const roberta = {
  ...bertConfig,
  model_type: 'roberta',
  architectures: ['RobertaModel'],
  max_position_embeddings: 18,
}
const llama = {
  ...{ model_type: 'llama', architectures: ['LlamaForCausalLM'], vocab_size: 31, hidden_size: 16 },
  ...{ num_hidden_layers: 2, num_attention_heads: 2, intermediate_size: 20, max_position_embeddings: 16 },
}
const modernbert = {
  ...{ model_type: 'modernbert', architectures: ['ModernBertModel'], vocab_size: 31, hidden_size: 16 },
  ...{ num_hidden_layers: 2, num_attention_heads: 2, intermediate_size: 20, initializer_range: 0.4 },
}
const distilbert = {
  ...{ model_type: 'distilbert', architectures: ['DistilBertModel'], vocab_size: 31, dim: 24, n_layers: 2 },
  ...{ n_heads: 4, hidden_dim: 20, max_position_embeddings: 16, initializer_range: 0.4 },
}
const ids = tensor(
  [
    [3, 7, 11, 2, 9],
    [30, 1, 4, 4, 8],
  ],
  { dtype: 'int32' },
)

const outputOf = (model: PretrainedModel): Tensor =>
  Object.values(model.network.outputs(ids, { training: false }))[0] as Tensor

/** Sets rows of a matrix (inputs, outputs) to zero: what it reads there is masked. */
function maskRows(model: PretrainedModel, path: string, rows: readonly number[]): void {
  const [weight] = model.weightsWhere(path) as [Variable]
  const mask = Array.from({ length: weight.shape[0] as number }, (_, row) => [rows.includes(row) ? 0 : 1])
  weight.assign(weight.value.mul(tensor(mask)))
}
const rowsOf = (heads: readonly number[], dim: number) =>
  heads.flatMap((head) => Array.from({ length: dim }, (_, i) => head * dim + i))

/** Computed together, which takes one program. */
async function expectEqual(a: PretrainedModel, b: PretrainedModel): Promise<void> {
  const outputs = [outputOf(a), outputOf(b)] as const
  await evaluateAll(outputs)
  expectClose(await dataOf(outputs[0]), await dataOf(outputs[1]))
}

test.each([bertConfig, distilbert])(
  '$model_type without heads gives what it gives with them masked',
  async (config) => {
    const model = new PretrainedModel(config)
    const smaller = removeHeads(removeHeads(model, { 0: [1], 1: [0, 3] }), { 0: [3] })
    expect(smaller.config.pruned_heads).toEqual({ 0: [1, 3], 1: [0, 3] })
    maskRows(model, 'network/**/blocks/0/attended/kernel', rowsOf([1, 3], 6))
    maskRows(model, 'network/**/blocks/1/attended/kernel', rowsOf([0, 3], 6))
    await expectEqual(smaller, model)
    // Four matrices lose half of their heads, and three biases.
    expect(model.countParams() - smaller.countParams()).toBe(2 * (4 * 24 * 12 + 3 * 12))
  },
)

/** Of tools/golden/make_transformers_shrink.py: logits of models of Hugging Face with heads at zero. */
const golden = readJson('shrink') as {
  readonly asked: Readonly<Record<string, GoldenValues>>
  readonly heads: readonly {
    readonly config: Readonly<Record<string, unknown>>
    readonly weights: readonly GoldenWeight[]
    readonly removed: Readonly<Record<number, readonly number[]>>
    readonly logits: GoldenValues
  }[]
}
test.each(golden.heads.map((one) => [String(one.config.model_type), one] as const))(
  '%s without heads gives what it gives in Python with them at zero, and goes on writing',
  async (type, one) => {
    const folder = goldenFolder(one)
    const model = await fromPretrained(folder)
    const smaller = removeHeads(model, one.removed)
    await smaller.savePretrained(folder)
    const again = await fromPretrained(folder)
    rmSync(folder, { recursive: true })
    const { input_ids: asked } = golden.asked as { readonly input_ids: GoldenValues }
    const given = tensor(asked.values, { dtype: 'int32' }).reshape(asked.shape)
    const logits = again.network.outputs(given, { training: false }).logits as Tensor
    expectClose(await dataOf(logits), one.logits.values, { scaled: 1e-4 })
    const importance = await unitImportance(model, 'heads')
    expect(importance.isEven).toBe(true)
    if (type !== 'gpt2') expect(importance.values[0]).toHaveLength(type === 'llama' ? 2 : 4)
    // With a cache, whose size follows from the heads that are left: as without one.
    const prompt = asked.values.slice(0, 5)
    const [written] = await generateIds(again, [prompt], { maxNewTokens: 2 })
    const row = (
      await dataOf(
        again.network.outputs(tensor([prompt], { dtype: 'int32' }), { training: false }).logits as Tensor,
      )
    ).slice(-41)
    expect(written?.[0]?.ids[0]).toBe(row.indexOf(Math.max(...row)))
  },
)

test('a model without heads is saved, loaded and halved like any other', async () => {
  const smaller = removeHeads(new PretrainedModel(roberta), { 1: [0, 3] })
  const folder = await mkdtemp(join(tmpdir(), 'typegrad-shrink-'))
  await smaller.savePretrained(folder)
  await expectEqual(await fromPretrained(folder), smaller)
  rmSync(folder, { recursive: true })
  const half = dropLayers(smaller, [1])
  expect(half.config.pruned_heads).toEqual({ 0: [0, 3] })
  expect(half.weightsWhere('network/**/blocks/0/query/kernel')[0]?.shape).toEqual([24, 12])
})

test.each([
  [bertConfig, 'network/**/blocks/*/outer/kernel'],
  [smallGPT2, 'network/**/mlp/c_proj/kernel'],
  [llama, 'network/**/down_proj/kernel'],
  [modernbert, 'network/**/mlp/wo/kernel'],
])('$model_type without neurons gives what it gives with them at zero', async (config, readers) => {
  const model = new PretrainedModel(config)
  const paths = [...model.weightPaths.keys()].filter((path) =>
    model.weightsWhere(readers).includes(model.weightPaths.get(path) as Variable),
  )
  const smaller = removeNeurons(model, { 0: [0, 5, 19], 1: [2, 3, 4] })
  maskRows(model, paths[0] as string, [0, 5, 19])
  maskRows(model, paths[1] as string, [2, 3, 4])
  await expectEqual(smaller, model)
  expect(smaller.countParams()).toBeLessThan(model.countParams())
})

test('importance by losses is the derivative by a mask; what matters least goes', async () => {
  const model = new PretrainedModel(bertConfig)
  const lossOf = () => outputOf(model).square().mul(outputOf(model).add(1)).mean()
  const { values } = await unitImportance(model, 'heads', { losses: [lossOf] })
  const [kernel] = model.weightsWhere('network/**/blocks/1/attended/kernel') as [Variable]
  const before = kernel.value
  const lossWith = async (factor: number, head: number) => {
    const scale = Array.from({ length: 24 }, (_, row) => [Math.floor(row / 6) === head ? factor : 1])
    kernel.assign(before.mul(tensor(scale)))
    return (await dataOf(lossOf()))[0] as number
  }
  for (const head of [0, 2]) {
    const slope = Math.abs((await lossWith(1.05, head)) - (await lossWith(0.95, head))) / 0.1
    expect(Math.abs((values[1]?.[head] as number) - slope)).toBeLessThan(0.02 * slope + 1e-3)
  }
  kernel.assign(before)
  const [reader] = model.weightsWhere('network/**/blocks/0/outer/kernel') as [Variable]
  const [writer] = model.weightsWhere('network/**/blocks/0/inner/kernel') as [Variable]
  const byWeights = await unitImportance(model, 'neurons')
  const [a, b] = [
    await dataOf(ops.sum(reader.value.square(), 1)),
    await dataOf(ops.sum(writer.value.square(), 0)),
  ]
  expectClose(
    byWeights.values[0] as number[],
    a.map((x, i) => Math.sqrt(x + (b[i] as number))),
  )
  const numbers = [
    [0, 1, 2],
    [0, 1, 2],
  ]
  const three = {
    unit: 'heads',
    values: [
      [1, 2, 3],
      [4, 9, 5],
    ],
    numbers,
  } as const
  expect(leastImportant(three, 0.5)).toEqual({ 0: [0, 1], 1: [0] })
  expect(leastImportant({ ...three, unit: 'neurons' }, 1 / 3)).toEqual({ 0: [0], 1: [0] })
  expect(() => leastImportant(three, 1)).toThrow(/1 to 4 heads.*received 1, which takes 6/)
})

test('what is not there, and everything, is refused, all at once', () => {
  const model = new PretrainedModel(bertConfig)
  expect(() => removeHeads(model, { 0: [4, 1], 1: [0, 1, 2, 3], 2: [0] })).toThrow(
    /block 2, of 2; heads 4 of block 0, which has 0, 1, 2, 3; all heads of block 1/,
  )
  expect(() => removeHeads(model, {})).toThrow(/received none/)
  expect(() => removeHeads(removeHeads(model, { 0: [2] }), { 0: [2] })).toThrow(
    /heads 2 of block 0, which has 0, 1, 3/,
  )
  expect(() => removeNeurons(model, { 0: [1] })).toThrow(/as many of each.*different numbers of them: 1, 0/)
  expect(() => removeHeads(new PretrainedModel(llama), { 0: [0] })).toThrow(
    /as many of each.*different numbers of them: 1, 0/,
  )
  expect(() => removeHeads(new PretrainedModel(modernbert), { 0: [0] })).toThrow(
    /BERT, RoBERTa.*received 'modernbert'/,
  )
})
