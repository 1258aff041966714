import { expectClose } from 'typegrad/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { quantizeModel } from '../quantize/quantize-model.ts'
import { generationModel, optionsOf, readGeneration } from '../testing/generation-golden.ts'
import { smallGPT2 } from '../testing/small-gpt2.ts'
import { decoderOf } from './decoder.ts'
import { modelDraft, nGramDraft } from './draft.ts'
import { generateIds, streamIds } from './generate.ts'

const { cases } = readGeneration('generation')
let model: PretrainedModel
beforeAll(async () => {
  model = await generationModel('generation')
})

const prompts = (cases[1] as (typeof cases)[number]).prompts
const [prompt = []] = prompts

describe("answers are those of Python's generate", () => {
  test.each(cases.map((one) => [JSON.stringify({ ...one.options, stop: one.stop }), one] as const))(
    '%s',
    async (_, one) => {
      const answers = await generateIds(model, one.prompts, optionsOf(one))
      expect(answers.map((all) => all.map(({ ids }) => ids))).toEqual(one.answers)
      for (const { ids, logProbs } of answers.flat()) expect(logProbs?.length).toBe(ids.length)
      if (one.scores !== undefined)
        expectClose(
          Float32Array.from(answers.flat(), ({ score }) => score ?? Number.NaN),
          one.scores,
          {
            relative: 1e-5,
          },
        )
      for (const [i, expected] of one.logProbs?.entries() ?? [])
        expectClose(Float32Array.from(answers[i]?.[0]?.logProbs ?? []), expected, { scaled: 1e-4 })
    },
  )
})

test('each prompt is answered as it is alone', async () => {
  const options = { maxNewTokens: 16, logProbs: true }
  const together = await generateIds(model, prompts, options)
  for (const [i, one] of prompts.entries()) {
    const [[alone] = []] = await generateIds(model, [one], options)
    expect(together[i]?.[0]?.ids).toEqual(alone?.ids)
    expectClose(together[i]?.[0]?.logProbs ?? [], alone?.logProbs ?? [], { scaled: 1e-5 })
  }
})

test('a conversation of a prompt and its answer scores what one pass over both does', async () => {
  const [[answer] = []] = await generateIds(model, [prompt], { maxNewTokens: 150, logProbs: true })
  const ids = [...prompt, ...(answer?.ids ?? [])]
  const { logits } = await model.predict({ input_ids: [ids], attention_mask: [ids.map(() => 1)] })
  const words = 61
  const all = (await logits?.data()) as Float32Array
  const expected = answer?.ids.map((id, i) => {
    const row = all.subarray((prompt.length - 1 + i) * words, (prompt.length + i) * words)
    return (row[id] as number) - Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0))
  })
  expectClose(answer?.logProbs ?? [], expected ?? [], { scaled: 1e-4 })
})

describe('drafts do not change answers', () => {
  test.each([
    ['looked up', () => nGramDraft()],
    ['by the model itself', () => modelDraft(model, { tokens: 7 })],
    ['all wrong', () => ({ propose: () => [1, 2, 3] })],
    ['no words', () => ({ propose: () => [33, 61, -1] })],
  ] as const)('%s', async (_, draft) => {
    const options = { maxNewTokens: 60, logProbs: true }
    const without = await generateIds(model, prompts, options)
    const answers = await generateIds(model, prompts, { ...options, draft: draft() })
    expect(answers.map(([one]) => one?.ids)).toEqual(without.map(([one]) => one?.ids))
    expectClose(answers[0]?.[0]?.logProbs ?? [], without[0]?.[0]?.logProbs ?? [], { scaled: 1e-4 })
  })

  test('with draws of a seed', async () => {
    const options = { maxNewTokens: 40, sample: true, seed: 3, sequences: 2 }
    const without = await generateIds(model, [prompt], options)
    expect(await generateIds(model, [prompt], { ...options, draft: nGramDraft() })).toEqual(without)
  })
})

test('a draft by the model itself takes an eighth of the steps', async () => {
  let proposed = 0
  const inner = modelDraft(model, { tokens: 7 })
  const draft = {
    propose: (history: readonly number[]) => {
      proposed++
      return inner.propose(history)
    },
  }
  await generateIds(model, [prompt], { maxNewTokens: 65, draft })
  expect(proposed).toBe(8)
})

test('draws are a function of the seed, and differ from answer to answer', async () => {
  const options = { maxNewTokens: 12, sample: true, seed: 5, sequences: 3 }
  const [first = []] = await generateIds(model, [prompt], options)
  const [again = []] = await generateIds(model, [prompt], options)
  expect(again).toEqual(first)
  expect(new Set(first.map(({ ids }) => ids.join())).size).toBe(3)
  const [other = []] = await generateIds(model, [prompt], { ...options, seed: 6 })
  expect(other[0]?.ids).not.toEqual(first[0]?.ids)
})

test('processors change what is chosen, and see the whole sequence', async () => {
  const seen: number[][] = []
  const processors = [
    {
      process(logits: Float32Array, history: readonly number[]) {
        seen.push([...history])
        logits.fill(Number.NEGATIVE_INFINITY)
        logits[seen.length] = 0
      },
    },
  ]
  const [[answer] = []] = await generateIds(model, [prompt], { maxNewTokens: 3, processors })
  expect(answer?.ids).toEqual([1, 2, 3])
  expect(seen).toEqual([prompt, [...prompt, 1], [...prompt, 1, 2]])
})

test('an answer ends with a stop token, the limit or the context', async () => {
  const [free = []] = await generateIds(model, [prompt], { maxNewTokens: 20 })
  const stop = free[0]?.ids[9] as number
  const [[stopped] = []] = await generateIds(model, [prompt], { maxNewTokens: 20, stopIds: [stop] })
  expect(stopped).toEqual({ ids: free[0]?.ids.slice(0, 1 + free[0].ids.indexOf(stop)), finish: 'stop' })
  const [[long] = []] = await generateIds(model, [prompt], { maxLength: prompt.length + 4 })
  expect([long?.ids.length, long?.finish]).toEqual([4, 'length'])
  const whole = Array.from({ length: 295 }, (_, i) => i % 61)
  for (const draft of [undefined, nGramDraft()]) {
    const options = { maxNewTokens: 20, ...(draft !== undefined && { draft }) }
    const [[full] = []] = await generateIds(model, [whole], options)
    expect([full?.ids.length, full?.finish]).toEqual([5, 'context'])
  }
})

test('a stream gives the same tokens, and ends within a step of its signal', async () => {
  const [[answer] = []] = await generateIds(model, [prompt], { maxNewTokens: 10 })
  const streamed: number[] = []
  for await (const { id } of streamIds(model, prompt, { maxNewTokens: 10 })) streamed.push(id)
  expect(streamed).toEqual(answer?.ids)

  const control = new AbortController()
  const until: number[] = []
  const reading = async () => {
    for await (const { id } of streamIds(model, prompt, { signal: control.signal })) {
      until.push(id)
      if (until.length === 3) control.abort(new Error('enough'))
    }
  }
  await expect(reading()).rejects.toThrow('enough')
  expect(until).toEqual(streamed.slice(0, 3))
})

test('streams beside each other do not see each other', async () => {
  const [a = [], b = []] = prompts
  const options = { maxNewTokens: 20 }
  const alone = [await generateIds(model, [a], options), await generateIds(model, [b], options)]
  const [streamA, streamB] = [streamIds(model, a, options), streamIds(model, b, options)]
  const [idsA, idsB]: [number[], number[]] = [[], []]
  for (let i = 0; i < 20; i++) {
    const [x, y] = await Promise.all([streamA.next(), streamB.next()])
    if (x.done !== true) idsA.push(x.value.id)
    if (y.done !== true) idsB.push(y.value.id)
  }
  expect([idsA, idsB]).toEqual(alone.map(([answers]) => answers?.[0]?.ids))
})

test('weights of few bits are packed, and what is kept of the tokens is an input that steps assign', async () => {
  const small = new PretrainedModel({ ...smallGPT2, n_layer: 1 })
  await generateIds(small, [prompt], { maxNewTokens: 2 })
  // Those of float32 are read where they stand: packed, they would be there twice.
  expect(
    decoderOf(small)
      .packing()
      .filter(({ bytes }) => bytes > 0),
  ).toEqual([])
  const paths = await quantizeModel(small, { bits: 8, filter: '**/kernel' })
  await generateIds(small, [prompt], { maxNewTokens: 2 })
  const rows = decoderOf(small).packing()
  expect(rows.filter(({ variable, state }) => variable.dtype === 'uint8' && state === 'packed').length).toBe(
    paths.length,
  )
  const cached = rows.filter(({ variable }) => variable.name.startsWith('cache/'))
  for (const { reason } of cached) expect(reason).toBe('the function assigns it')
  expect(cached.length).toBeGreaterThan(0)
})

describe('bad input is refused before anything runs', () => {
  test.each([
    ['no prompts', [], {}, /generateIds: expected a list of prompts/],
    ['ids without a list', [1, 2] as never, {}, /fix|One prompt is a list of one/],
    [
      'ids out of range',
      [[1, 61], [-1], []],
      {},
      /prompt 0 with the id 61 at 1; prompt 1 with the id -1 at 0; prompt 2 is empty/,
    ],
    [
      'too long',
      [Array.from({ length: 320 }, () => 1)],
      {},
      /prompts of 1 to 299 tokens \(the model tells 300 positions apart, and one is for the answer\).*received prompt 0 of 320 tokens\. ids\.slice\(-299\) keeps the end of a prompt: of the longest, the model would not see the first 21 tokens/,
    ],
    ['an unknown option', [[1]], { maxTokens: 3 } as never, /maxTokens/],
    ['no count', [[1]], { maxNewTokens: 0 }, /maxNewTokens/],
    ['beams that draw', [[1]], { beams: 2, sample: true }, /beams or draws/],
    ['more answers than beams', [[1]], { beams: 2, sequences: 3 }, /at most as many sequences as beams/],
    ['answers that are all the same', [[1]], { sequences: 3 }, /several sequences only where they differ/],
    ['a penalty without beams', [[1]], { lengthPenalty: 2 }, /with beams/],
    ['processors that are none', [[1]], { processors: [3] } as never, /processors/],
  ] as const)('%s', async (_, given, options, message) => {
    await expect(generateIds(model, given, options)).rejects.toThrow(message)
  })
})
