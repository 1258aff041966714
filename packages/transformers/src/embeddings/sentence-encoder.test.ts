import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Tensor, tensor } from 'typegrad'
import { encodeSafetensors } from 'typegrad/formats'
import { expectClose } from 'typegrad/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { goldenFolder, hashedNumbers, readGolden } from '../testing/golden.ts'
import { poolStates } from './pooling.ts'
import { loadSentenceEncoder } from './sentence-encoder.ts'

const inputs = {
  input_ids: [
    [5, 17, 41, 9],
    [11, 2, 0, 0],
  ],
  attention_mask: [
    [1, 1, 1, 1],
    [1, 1, 0, 0],
  ],
  token_type_ids: [
    [0, 0, 0, 0],
    [0, 0, 0, 0],
  ],
}
const kernel = hashedNumbers('kernel', 5 * 24)
const bias = hashedNumbers('bias', 5)

let folder: string
beforeAll(() => {
  folder = goldenFolder(readGolden('bert'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const write = (path: string, value: unknown) => writeFileSync(join(folder, path), JSON.stringify(value))

/** Writes `modules.json` with these modules behind the encoder. */
function writeModules(...kinds: readonly string[]) {
  const modules = ['Transformer', ...kinds].map((kind, idx) => ({
    idx,
    name: String(idx),
    path: idx === 0 ? '' : `${idx}_${kind}`,
    type: `sentence_transformers.models.${kind}`,
  }))
  write('modules.json', modules)
  for (const { path } of modules) mkdirSync(join(folder, path), { recursive: true })
}

test('pooling, a dense layer and normalization follow the encoder', async () => {
  writeModules('Pooling', 'Dense', 'Normalize')
  write('1_Pooling/config.json', { word_embedding_dimension: 24, pooling_mode_mean_tokens: true })
  write('2_Dense/config.json', {
    in_features: 24,
    out_features: 5,
    bias: true,
    activation_function: 'torch.nn.modules.activation.Tanh',
  })
  const weights = [
    { name: 'linear.weight', dtype: 'float32' as const, shape: [5, 24], data: kernel },
    { name: 'linear.bias', dtype: 'float32' as const, shape: [5], data: bias },
  ]
  writeFileSync(join(folder, '2_Dense/model.safetensors'), Buffer.concat(encodeSafetensors(weights)))
  write('sentence_bert_config.json', { max_seq_length: 12 })
  write('config_sentence_transformers.json', { prompts: { query: 'query: ' } })
  const encoder = await loadSentenceEncoder(folder)
  expect(encoder.maxLength).toBe(12)
  expect(encoder.prompts).toEqual({ query: 'query: ' })
  const { sentence_embedding } = await encoder.predict(inputs)

  const { last_hidden_state } = await encoder.base.predict(inputs)
  const mean = poolStates(last_hidden_state as Tensor, tensor(inputs.attention_mask), ['mean'])
  const projected = mean
    .matmul(tensor(kernel).reshape([5, 24]).transpose())
    .add(tensor(bias))
    .tanh()
  const expected = projected.div(projected.square().sum(1, { keepDims: true }).sqrt())
  expectClose(await sentence_embedding.data(), (await expected.data()) as Float32Array, { scaled: 1e-6 })
  expect([...encoder.weightPaths.keys()]).toContain('network/projections/1/linear/kernel')
})

test('a folder without modules.json is an encoder whose states are averaged', async () => {
  rmSync(join(folder, 'modules.json'), { force: true })
  const encoder = await loadSentenceEncoder(folder)
  const { sentence_embedding } = await encoder.predict(inputs)
  const { last_hidden_state } = await encoder.base.predict(inputs)
  const mean = poolStates(last_hidden_state as Tensor, tensor(inputs.attention_mask), ['mean'])
  expectClose(await sentence_embedding.data(), (await mean.data()) as Float32Array, { scaled: 1e-6 })
})

test('modules that are not known, or damaged, are refused by name', async () => {
  writeModules('CNN')
  await expect(loadSentenceEncoder(folder)).rejects.toThrow(
    /modules.json: expected .*Pooling.* received 'CNN'/,
  )
  writeModules('Pooling')
  write('1_Pooling/config.json', { pooling_mode: 'sum' })
  await expect(loadSentenceEncoder(folder)).rejects.toThrow(/pooling_mode: expected one of 'cls'.*"sum"/)
  write('modules.json', {})
  await expect(loadSentenceEncoder(folder)).rejects.toThrow(/modules.json: expected a list of modules/)
})
