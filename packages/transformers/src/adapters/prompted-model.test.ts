import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compile, ops, type Tensor, tensor, valueAndGrad } from 'typegrad'
import { FormatError } from 'typegrad/core'
import { encodeSafetensors } from 'typegrad/formats'
import { expectClose } from 'typegrad/testing'
import { describe, expect, test } from 'vitest'
import { fromPretrained } from '../checkpoint/from-pretrained.ts'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
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
}

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
