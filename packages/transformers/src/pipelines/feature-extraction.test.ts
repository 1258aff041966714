import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expectClose } from 'typegrad/testing'
import { expect, test } from 'vitest'
import { pipelineFolder, readPipelines } from '../testing/pipelines.ts'
import { pipeline } from './pipeline.ts'

interface Results {
  readonly texts: readonly [string, string, string]
  readonly 'feature-extraction': {
    readonly none: readonly (readonly number[])[]
    readonly mean: readonly (readonly number[])[]
    readonly cls: readonly (readonly number[])[]
  }
}

const golden = readPipelines<Results>('pipelines')
const { texts } = golden
const python = golden['feature-extraction']
const folder = pipelineFolder(golden, 'body')

const flat = (rows: readonly (readonly number[])[]) => Float32Array.from(rows.flat())

test('states, their mean and the first one are Python’s, whatever the texts are batched with', async () => {
  const extract = await pipeline('feature-extraction', folder)
  const states = await extract(texts[2])
  expect(states.shape).toEqual([3, 24])
  expectClose(await states.data(), flat(python.none), { scaled: 1e-5 })
  const means = await extract(texts, { pooling: 'mean', batchSize: 2 })
  const firsts = await extract(texts, { pooling: 'cls', normalize: true })
  for (const i of texts.keys()) {
    expect(means[i]?.shape).toEqual([24])
    expectClose((await means[i]?.data()) as Float32Array, flat([python.mean[i] as number[]]), {
      scaled: 1e-5,
    })
    expectClose((await firsts[i]?.data()) as Float32Array, flat([python.cls[i] as number[]]), {
      scaled: 1e-5,
    })
  }
})

test('a folder of sentence-transformers pools as it says, and cuts long texts off', async () => {
  const sentences = pipelineFolder(golden, 'body')
  const modules = ['Transformer', 'Pooling'].map((kind, idx) => ({
    ...{ idx, name: String(idx), path: idx === 0 ? '' : '1_Pooling' },
    type: `sentence_transformers.models.${kind}`,
  }))
  writeFileSync(join(sentences, 'modules.json'), JSON.stringify(modules))
  writeFileSync(join(sentences, 'sentence_bert_config.json'), JSON.stringify({ max_seq_length: 26 }))
  const extract = await pipeline('feature-extraction', sentences)
  const embedded = await extract([...texts, new Array(9).fill(texts[1]).join(' ')])
  for (const i of texts.keys()) {
    expectClose((await embedded[i]?.data()) as Float32Array, flat([python.mean[i] as number[]]), {
      scaled: 1e-5,
    })
  }
  expect(embedded[3]?.shape).toEqual([24])
  expect(() => extract(texts[0], { pooling: 'cls' })).toThrow(/a sentence encoder pools as its folder says/)
})
