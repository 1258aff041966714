import { beforeAll, expect, test } from 'vitest'
import { fromPretrained } from '../checkpoint/from-pretrained.ts'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { pipelineFolder, readPipelines } from '../testing/pipelines.ts'
import { loadTokenizer } from '../tokenizers/load-tokenizer.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { accuracy } from './accuracy.ts'
import { compareQuantized, formatComparison } from './compare.ts'
import { perplexity } from './perplexity.ts'

/** Of tools/golden/make_transformers_perplexity.py. */
const golden = readPipelines<{
  readonly texts: readonly string[]
  readonly cases: readonly { readonly maxLength: number; readonly stride: number; readonly value: number }[]
}>('perplexity')
const folder = pipelineFolder(golden, 'writer')
const moods = pipelineFolder(readPipelines('pipelines'), 'mood')
let model: PretrainedModel
let tokenizer: Tokenizer
beforeAll(async () => {
  model = await fromPretrained(folder)
  tokenizer = await loadTokenizer(folder)
})

test('windows that overlap, that do not, and that move on by one token', async () => {
  for (const { value, ...options } of golden.cases)
    expect((await perplexity(model, tokenizer, golden.texts, options)) / value).toBeCloseTo(1, 4)
  // Half a window.
  const [first] = golden.cases
  expect((await perplexity(model, tokenizer, golden.texts)) / (first?.value ?? 0)).toBeCloseTo(1, 4)
})

test('what does not fit is refused', async () => {
  const ask = (options: object) => perplexity(model, tokenizer, golden.texts, options)
  await expect(ask({ maxLength: 17 })).rejects.toThrow(/maxLength of at most 16.*received 17/)
  await expect(ask({ maxLength: 8, stride: 9 })).rejects.toThrow(/stride of at most 8/)
  const classifier = await fromPretrained(moods)
  await expect(perplexity(classifier, tokenizer, 'a film')).rejects.toThrow(/causal language model/)
  await expect(accuracy(classifier, tokenizer, ['a film'], ['fine'])).rejects.toThrow(/label.*"fine"/)
})

test('one call tells the perplexity, or the accuracy, before and after', async () => {
  const { texts } = golden
  const told = await compareQuantized(model, { bits: 8, samples: { tokenizer, texts }, runs: 1 })
  expect(told.before.score).toBeCloseTo(golden.cases[0]?.value ?? 0, 2)
  expect(told.after.score).toBeGreaterThan(0)
  expect(formatComparison(told)).toMatch(/perplexity +\d/)
  const classifier = await fromPretrained(moods)
  const samples = { tokenizer, texts, labels: texts.map(() => 0) }
  const judged = await compareQuantized(classifier, { bits: 8, samples, runs: 1 })
  expect(judged.scoreName).toBe('accuracy')
  expect([0, 1, 2, 3].map((n) => n / 3)).toContainEqual(judged.before.score)
})
