import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compile, ops, type Tensor, tensor, valueAndGrad } from 'typegrad'
import { FormatError } from 'typegrad/core'
import { encodeSafetensors } from 'typegrad/formats'
import { expectClose } from 'typegrad/testing'
import { describe, expect, test } from 'vitest'
import { isWhole } from '../../../../tools/whole-tests.ts'
import { fromPretrained } from '../checkpoint/from-pretrained.ts'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { Conversation } from '../generation/conversation.ts'
import { modelDraft, nGramDraft } from '../generation/draft.ts'
import { generateIds, streamIds } from '../generation/generate.ts'
import type { GenerateOptions } from '../generation/generate-options.ts'
import {
  type GoldenCase,
  type GoldenModel,
  type GoldenValues,
  goldenFolder,
  hashedNumbers,
  inputsOf,
} from '../testing/golden.ts'
import { prefixTuning, promptTuning } from './prompt-config.ts'
import { loadPrompted, PromptedModel } from './prompted-model.ts'

interface PromptCase extends Pick<GoldenModel, 'config' | 'weights' | 'output'> {
  readonly name: string
  readonly adapterConfig: Readonly<Record<string, unknown>>
  readonly vectors: readonly number[]
  readonly inputs: GoldenCase['inputs']
  readonly expected: GoldenValues
  readonly gradient: { readonly length: number; readonly along: readonly number[] }
  /**
   * Seven tokens behind each of {@link prompts}: those that PEFT's own forward pass takes for the likeliest, each by all of the
   * text. (Its `generate`, in `generated`, counts positions otherwise than the pass that vectors are trained by.)
   */
  readonly answers: readonly { readonly ids: readonly number[] }[]
}

/** As those of `make_transformers_adapters.py`. */
const prompts = [
  [3, 17],
  [22, 8, 1, 9, 14],
  [5, 6, 7],
]

const cases = JSON.parse(
  readFileSync(new URL('../../golden/adapters-prompts.json', import.meta.url), 'utf8'),
) as readonly PromptCase[]
const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)
const numbersOf = async (x: Tensor): Promise<Float32Array> => (await x.data()) as Float32Array

function adapterFolder({ adapterConfig, vectors }: PromptCase): string {
  const folder = mkdtempSync(join(tmpdir(), 'typegrad-prompt-'))
  writeFileSync(join(folder, 'adapter_config.json'), JSON.stringify(adapterConfig))
  const data = hashedNumbers('prompt_embeddings', size(vectors)).map((value) => 0.5 * value)
  const entry = { name: 'prompt_embeddings', dtype: 'float32' as const, shape: vectors, data }
  writeFileSync(
    join(folder, 'adapter_model.safetensors'),
    Buffer.concat(encodeSafetensors([entry], { format: 'pt' })),
  )
  return folder
}

describe.each(cases)('$name', (golden) => {
  test('gives what PEFT gives, has its gradient, and is saved as it came', async () => {
    const [base, folder, saved] = [
      goldenFolder(golden),
      adapterFolder(golden),
      mkdtempSync(join(tmpdir(), 'typegrad-prompt-')),
    ]
    try {
      const model = await fromPretrained(base)
      const prompted = await loadPrompted(model, folder)
      const { vectors } = prompted.network
      expect(prompted.trainableWeights).toEqual([vectors])
      const inputs = inputsOf(golden) as Readonly<Record<'input_ids' | 'attention_mask', Tensor>>
      const { shape, values } = golden.expected
      const cotangent = tensor(hashedNumbers('cotangent', size(shape)))
        .reshape(shape)
        .mul(inputs.attention_mask.cast('float32').expandDims(-1))
      const step = compile(() => {
        const call = () =>
          prompted.network.outputs(inputs.input_ids, { training: true, attentionMask: inputs.attention_mask })
            .logits
        const { grads } = valueAndGrad(() => call().mul(cotangent).sum(), [vectors])
        return [call(), grads[0]] as const
      })
      const [logits, gradient] = await step()
      // What stands at padding is anything.
      const counted = inputs.attention_mask.cast('bool').expandDims(-1).broadcastTo(shape)
      const [got, expected] = [logits, tensor(values).reshape(shape)].map((x) => ops.where(counted, x, 0))
      expectClose(await numbersOf(got as Tensor), await numbersOf(expected as Tensor), { scaled: 1e-5 })
      const data = await numbersOf(gradient)
      const length = Math.sqrt(data.reduce((sum, x) => sum + x * x, 0))
      expectClose([length], [golden.gradient.length], { scaled: 1e-4 })
      for (const [i, along] of golden.gradient.along.entries()) {
        const other = hashedNumbers(`prompt_embeddings#${i}`, data.length)
        const mine = data.reduce((sum, x, j) => sum + x * (other[j] as number), 0)
        expect(Math.abs(mine - along)).toBeLessThan(1e-4 * golden.gradient.length)
      }
      // All at once, of several lengths; and one after another.
      const options = { maxNewTokens: 7, stopIds: [] }
      const answers = await generateIds(prompted, prompts, options)
      expect(answers.map(([answer]) => answer?.ids)).toEqual(golden.answers.map(({ ids }) => ids))
      const streamed: number[] = []
      for await (const { id } of streamIds(prompted, prompts[0] as number[], options)) streamed.push(id)
      expect(streamed).toEqual(golden.answers[0]?.ids)
      await prompted.saveAdapter(saved)
      const config = JSON.parse(readFileSync(join(saved, 'adapter_config.json'), 'utf8'))
      for (const key of Object.keys(config)) expect(config[key], key).toEqual(golden.adapterConfig[key])
      const again = await loadPrompted(model, saved)
      expect(await numbersOf(again.network.vectors.value)).toEqual(await numbersOf(vectors.value))
    } finally {
      for (const one of [base, folder, saved]) rmSync(one, { recursive: true })
    }
  })
})

test('conversations, beams and drafts read what stands in front once, and learnt vectors that change', async () => {
  for (const golden of (isWhole ? [cases[0], cases[4]] : [cases[4]]) as readonly PromptCase[]) {
    const [base, folder] = [goldenFolder(golden), adapterFolder(golden)]
    const model = await fromPretrained(base)
    const prompted = await loadPrompted(model, folder)
    for (const one of [base, folder]) rmSync(one, { recursive: true })
    const options = { maxNewTokens: 7, stopIds: [] }
    const [, long] = prompts as [number[], number[]]
    const answer = async (ids: readonly number[], more: GenerateOptions = {}) =>
      (await generateIds(prompted, [ids], { ...options, ...more }))[0]?.[0]?.ids
    expect(await answer(long)).toEqual(golden.answers[1]?.ids)
    expect(await answer(long, { draft: modelDraft(prompted) })).toEqual(golden.answers[1]?.ids)
    expect(await answer(long, { draft: nGramDraft({ size: 1 }) })).toEqual(golden.answers[1]?.ids)
    // One beam's best answer of several is as likely as the likeliest token by token, or more.
    const beams = await generateIds(prompted, [long, [3, 17]], { ...options, beams: 3 })
    const alone = await generateIds(prompted, [long], { ...options, beams: 3 })
    expect(beams[0]?.[0]?.ids).toEqual(alone[0]?.[0]?.ids)
    const chat = new Conversation(prompted)
    await chat.add(long.slice(0, 2))
    // Several continue it at once: one is longer than all that was read, so that padding would push the vectors out.
    const together = await generateIds(prompted, [long.slice(2), [8], [1, 9, 14, 8, 1]], {
      ...options,
      maxNewTokens: 4,
      after: chat,
    })
    expect(together[0]?.[0]?.ids).toEqual(golden.answers[1]?.ids.slice(0, 4))
    for (const [i, ids] of [[8], [1, 9, 14, 8, 1]].entries())
      expect(together[i + 1]?.[0]?.ids).toEqual(
        await answer([...long.slice(0, 2), ...ids], { maxNewTokens: 4 }),
      )
    const said: number[] = []
    for await (const { id } of chat.continue(long.slice(2), options)) said.push(id)
    expect(said).toEqual(golden.answers[1]?.ids)
    // The base alone answers otherwise, and vectors that are trained are those that are read.
    const plain = (await generateIds(model, [long], options))[0]?.[0]?.ids
    expect(plain).not.toEqual(golden.answers[1]?.ids)
    prompted.network.vectors.assign(prompted.network.vectors.value.mul(-3))
    expect(await answer(long)).not.toEqual(golden.answers[1]?.ids)
    await expect(generateIds(prompted, [Array(16).fill(1)])).rejects.toThrow(
      new RegExp(`the model tells ${16 - prompted.prompt.tokens} positions apart`),
    )
  }
})

const config = {
  model_type: 'gpt2',
  architectures: ['GPT2LMHeadModel'],
  vocab_size: 20,
  n_embd: 8,
  n_layer: 1,
  n_head: 2,
  n_positions: 16,
}

test('begins as words, and learns alone', async () => {
  const model = new PretrainedModel(config)
  const prompted = new PromptedModel(model, promptTuning({ tokens: 3, initialIds: [7, 2] }))
  const words = model.checkpointWeights[0]?.weight.value as Tensor
  const wanted = ops.gather(words, tensor([7, 2, 7], { dtype: 'int32' }))
  expect(await numbersOf(prompted.network.vectors.value)).toEqual(await numbersOf(wanted))
  const x = { input_ids: [[3, 4, 5]], attention_mask: [[1, 1, 1]] }
  const before = await Promise.all(model.weights.map(({ value }) => numbersOf(value)))
  prompted.compile({ optimizer: 'adam', loss: { logits: 'mse' } })
  await prompted.fit(x, { logits: [[...Array(3)].map(() => Array(20).fill(1))] }, { epochs: 2, verbose: 0 })
  expect(await Promise.all(model.weights.map(({ value }) => numbersOf(value)))).toEqual(before)
  expect(await numbersOf(prompted.network.vectors.value)).not.toEqual(await numbersOf(wanted))
})

test('what cannot be is refused', async () => {
  const model = new PretrainedModel(config)
  expect(() => new PromptedModel(model, promptTuning({ tokens: 16 }))).toThrow(
    /fewer vectors than the model has positions/,
  )
  expect(() => new PromptedModel(model, promptTuning({ initialIds: [20], tokens: 2 }))).toThrow(
    /from 0 to 19, received 20/,
  )
  expect(() => promptTuning({ initialIds: [] })).toThrow(/ids of words/)
  expect(() => prefixTuning({ tokens: 0 })).toThrow(/tokens: expected a positive whole number/)
  const body = new PretrainedModel({ ...config, architectures: ['GPT2Model'] })
  expect(() => new PromptedModel(body, prefixTuning())).toThrow(
    /a causal language model, received a GPT2Model/,
  )
  const folder = adapterFolder(cases[0] as PromptCase)
  await expect(loadPrompted(model, folder)).rejects.toThrow(FormatError)
  await expect(loadPrompted(model, folder)).rejects.toThrow(
    /shape \[3, 8\] for GPT2LMHeadModel, received \[3, 12\]/,
  )
  rmSync(folder, { recursive: true })
})
