import { readdirSync } from 'node:fs'
import { onesLike, type Tensor } from 'typegrad'
import { DataError } from 'typegrad/core'
import { describe, expect, test } from 'vitest'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { type GoldenModel, inputsOf, readJson } from '../testing/golden.ts'

// Of every architecture that reads text there is a golden file with a model and what it takes.
const folder = new URL('../../golden/', import.meta.url)
const files = readdirSync(folder).filter((file) => file.endsWith('.json'))
const models = files.flatMap((file) => {
  const read = readJson(file.replace(/\.json$/, '')) as Partial<GoldenModel>
  return read.config !== undefined &&
    Array.isArray(read.weights) &&
    Object.keys(read.cases?.[0]?.inputs ?? {}).some((name) => name.endsWith('input_ids'))
    ? [[file, read as GoldenModel] as const]
    : []
})

test('there are models of all kinds', () => {
  const types = new Set(models.map(([, { config }]) => config.model_type))
  const some = [
    'bert',
    'bart',
    'clip',
    'gemma2',
    'gpt2',
    'gpt_neox',
    'llama',
    'marian',
    't5',
    'transformer',
    'whisper',
  ]
  expect([...types]).toEqual(expect.arrayContaining(some))
})

describe('ids that no table has are refused before anything runs', () => {
  test.each(models)('%s', async (_, golden) => {
    const model = new PretrainedModel(golden.config)
    const known = inputsOf(golden.cases[0] as GoldenModel['cases'][number])
    // What a case does without, masks and what a decoder begins with, is anything.
    const anything = onesLike(known.input_ids ?? (known.decoder_input_ids as Tensor))
    const inputs = Object.fromEntries(model.network.takes.map(({ name }) => [name, known[name] ?? anything]))
    const idInputs = model.network.takes.filter(({ name }) => name.endsWith('input_ids'))
    for (const { name } of idInputs) {
      const ids = inputs[name] as Tensor
      for (const wrong of [-1, 99_999]) {
        const rows = (await ids.toArray()) as number[][]
        rows[0]?.splice(-1, 1, wrong)
        const given = { ...inputs, [name]: rows }
        await expect(model.predict(given), `${name}: ${wrong}`).rejects.toThrow(DataError)
      }
    }
  })
})
