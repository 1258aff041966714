import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FormatError } from 'typegrad/core'
import { encodeSafetensors } from 'typegrad/formats'
import { afterEach, describe, expect, test } from 'vitest'
import { ConfigReader, type RawConfig } from '../base/config.ts'
import { fromPretrained } from '../checkpoint/from-pretrained.ts'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { labelsOf } from '../layers/labels.ts'
import { type GoldenModel, readGolden, weightValues } from '../testing/golden.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A golden model's folder with other names for its tensors, and with others beside them. */
function folderOf(
  { config, weights }: GoldenModel,
  rename: (name: string) => string = (name) => name,
  beside: Readonly<Record<string, readonly number[]>> = {},
): string {
  const folder = mkdtempSync(join(tmpdir(), 'typegrad-encoders-'))
  folders.push(folder)
  const tensors = [
    ...weights.map((weight) => ({
      name: rename(weight.name),
      dtype: 'float32' as const,
      shape: weight.shape,
      data: weightValues(weight),
    })),
    ...Object.entries(beside).map(([name, shape]) => ({
      name,
      dtype: 'float32' as const,
      shape,
      data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
    })),
  ]
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  writeFileSync(join(folder, 'model.safetensors'), Buffer.concat(encodeSafetensors(tensors)))
  return folder
}

const ids = { input_ids: [[5, 17, 41]], attention_mask: [[1, 1, 1]], token_type_ids: [[0, 0, 1]] }

describe('checkpoints of other years and networks', () => {
  const maskedLM = readGolden('bert-masked-lm')

  test('TensorFlow’s names of normalizations, counted positions and tied weights', async () => {
    const today = await fromPretrained(folderOf(maskedLM))
    const old = await fromPretrained(
      folderOf(
        maskedLM,
        (name) =>
          name.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta'),
        {
          'bert.embeddings.position_ids': [1, 16],
          'cls.predictions.decoder.weight': [47, 24],
          'cls.predictions.decoder.bias': [47],
          'cls.seq_relationship.weight': [2, 24],
          'bert.pooler.dense.weight': [24, 24],
        },
      ),
    )
    const [a, b] = [await today.predict(ids), await old.predict(ids)]
    expect(await b.logits?.toArray()).toEqual(await a.logits?.toArray())
  })

  test('second names of tied weights where the first ones are missing', async () => {
    const first = await fromPretrained(folderOf(maskedLM))
    const second = await fromPretrained(
      folderOf(maskedLM, (name) =>
        name
          .replace('bert.embeddings.word_embeddings.weight', 'cls.predictions.decoder.weight')
          .replace('cls.predictions.bias', 'cls.predictions.decoder.bias'),
      ),
    )
    const [a, b] = [await first.predict(ids), await second.predict(ids)]
    expect(await b.logits?.toArray()).toEqual(await a.logits?.toArray())
  })

  test('a network without a head from a checkpoint of one that has a head', async () => {
    const body = await fromPretrained(folderOf(readGolden('bert-sequence')), { className: 'BertModel' })
    const { pooler_output } = await body.predict(ids)
    expect(pooler_output?.shape).toEqual([1, 24])
  })

  test('a network alone from a masked language model, which has no pooler; a classifier needs one', async () => {
    const folder = folderOf(maskedLM)
    const body = await fromPretrained(folder, { className: 'BertModel' })
    const { last_hidden_state } = await body.predict(ids)
    expect(last_hidden_state?.shape).toEqual([1, 3, 24])
    const className = 'BertForSequenceClassification'
    await expect(fromPretrained(folder, { className })).rejects.toThrow(/'bert\.pooler\.dense\.weight'/)
  })

  test('a head that the checkpoint lacks is new, if that is asked for', async () => {
    const folder = folderOf(readGolden('bert'))
    const className = 'BertForTokenClassification'
    await expect(fromPretrained(folder, { className })).rejects.toThrow(FormatError)
    const model = await fromPretrained(folder, { className, strict: false })
    const { logits } = await model.predict(ids)
    expect(logits?.shape).toEqual([1, 3, 3])
  })
})

describe('bad input', () => {
  const model = () => fromPretrained(folderOf(readGolden('bert-token')))

  test('a text that is too long, before anything runs', async () => {
    const row = [new Array(17).fill(1)]
    const long = { input_ids: row, attention_mask: row, token_type_ids: row }
    await expect((await model()).predict(long)).rejects.toThrow(
      /input_ids: expected at most 16 tokens.*received 17\. Truncate/,
    )
  })

  test('ids that no table has', async () => {
    const bert = await model()
    await expect(bert.predict({ ...ids, input_ids: [[5, 47, 41]] })).rejects.toThrow(
      /from 0 to 46.*received 47/,
    )
    await expect(bert.predict({ ...ids, token_type_ids: [[0, 0, 2]] })).rejects.toThrow(
      /from 0 to 1.*received 2/,
    )
  })
})

describe('configurations that would give other numbers are refused', () => {
  const config = (file: string, changes: RawConfig): RawConfig => ({ ...readGolden(file).config, ...changes })

  test.each([
    ['bert', { is_decoder: true }, /is_decoder: expected false/],
    ['bert', { position_embedding_type: 'relative_key' }, /position_embedding_type/],
    ['bert', { hidden_act: 'gelu_9' }, /expected one of gelu/],
    ['bert-masked-lm', { tie_word_embeddings: false }, /tie_word_embeddings: expected true/],
    ['deberta-v2', { conv_kernel_size: 3 }, /conv_kernel_size/],
    ['deberta-v2', { pos_att_type: 'c2p|p2p' }, /pos_att_type: expected 'c2p' and 'p2c', received 'p2p'/],
    ['deberta-v2', { relative_attention: false }, /relative_attention/],
    ['deberta-v2-masked-lm', { legacy: false }, /legacy/],
    ['modernbert', { layer_types: ['full_attention'] }, /layer_types: expected a list of 3 words/],
    [
      'modernbert',
      { rope_parameters: { full_attention: { rope_type: 'yarn' } } },
      /rope_parameters: full_attention: rope_type/,
    ],
  ])('%s with %o', (file, changes, message) => {
    expect(() => new PretrainedModel(config(file, changes))).toThrow(message)
  })
})

test('DeBERTa’s kinds of attention may stand in one word, as in its own configurations', async () => {
  const golden = readGolden('deberta-v2')
  const asWord = { ...golden, config: { ...golden.config, pos_att_type: 'P2C | c2p' } }
  const { token_type_ids: _, ...inputs } = ids
  const [a, b] = [await fromPretrained(folderOf(golden)), await fromPretrained(folderOf(asWord))]
  const [expected, received] = [await a.predict(inputs), await b.predict(inputs)]
  expect(await received.last_hidden_state?.toArray()).toEqual(await expected.last_hidden_state?.toArray())
})

test('names of classes', () => {
  expect(labelsOf(new ConfigReader({ id2label: { 0: 'no', 1: 'yes', 2: 'maybe' } }))).toEqual([
    'no',
    'yes',
    'maybe',
  ])
  expect(labelsOf(new ConfigReader({}))).toEqual(['LABEL_0', 'LABEL_1'])
  expect(() => labelsOf(new ConfigReader({ id2label: { 0: 'no', 2: 'yes' } }))).toThrow(/id2label: 1/)
})
