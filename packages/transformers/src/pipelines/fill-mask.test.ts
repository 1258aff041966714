import { expect, test } from 'vitest'
import { pipelineFolder, readPipelines } from '../testing/pipelines.ts'
import type { FilledMask } from './fill-mask.ts'
import { pipeline } from './pipeline.ts'

interface PythonFilled {
  readonly score: number
  readonly token: number
  readonly token_str: string
  readonly sequence: string
}

interface Results {
  readonly 'fill-mask': {
    readonly texts: readonly [string, string]
    readonly results: readonly [readonly PythonFilled[], readonly (readonly PythonFilled[])[]]
    readonly targets: readonly PythonFilled[]
  }
}

const golden = readPipelines<Results>('pipelines')
const { texts, results, targets } = golden['fill-mask']
const folder = pipelineFolder(golden, 'words')

function expectWords(found: readonly FilledMask[] | undefined, expected: readonly PythonFilled[]): void {
  const named = expected.map(({ token_str: tokenText, score, ...rest }) => ({
    ...rest,
    tokenText,
    score: expect.closeTo(score, 5),
  }))
  expect(found).toEqual(named)
}

test('words, scores and texts are Python’s, for one mask and for several', async () => {
  const fill = await pipeline('fill-mask', folder)
  const [one, several] = await fill(texts, { topK: 3 })
  expect(one?.length).toBe(1)
  expectWords(one?.[0], results[0])
  for (const [i, expected] of results[1].entries()) expectWords(several?.[i], expected)
  const [limited] = await fill(texts[0], { targets: ['river', 'film', 'house'] })
  expectWords(limited, targets)
})

test('a text without a mask, and a tokenizer without one, are refused', async () => {
  const fill = await pipeline('fill-mask', folder)
  await expect(fill('No mask.')).rejects.toThrow(/expected \[MASK\] in each text, received "No mask."/)
  const none = pipelineFolder(golden, 'words', { tokenizer_config: {}, special_tokens_map: {} })
  await expect(pipeline('fill-mask', none)).rejects.toThrow(/a tokenizer with a mask_token/)
})

test('a network without the head is refused with the tasks that it can do', async () => {
  await expect(pipeline('fill-mask', pipelineFolder(golden, 'mood'))).rejects.toThrow(
    /pipeline: fill-mask: expected …ForMaskedLM, received BertForSequenceClassification. It can do 'text-classification', 'feature-extraction', 'zero-shot-classification'/,
  )
})
