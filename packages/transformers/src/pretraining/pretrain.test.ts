import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { callbacks, optimizers, setRandomSeed } from 'typegrad'
import { expectClose } from 'typegrad/testing'
import { afterAll, describe, expect, test } from 'vitest'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { Tokenizer } from '../tokenizers/tokenizer.ts'
import { flopsPerToken } from './flops.ts'
import { type PretrainOptions, pretrain } from './pretrain.ts'
import { textFiles } from './text-files.ts'
import { writeSamples } from './write-samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'typegrad-pretraining-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A token a character. */
const characters = [' ', ...'abcdefghijklmnopqrstuvwxyz']
const tokenizer = Tokenizer.fromFiles({
  tokenizer: {
    version: '1.0',
    added_tokens: [
      {
        content: '<end>',
        id: 27,
        special: true,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
      },
    ],
    model: { type: 'BPE', vocab: Object.fromEntries(characters.map((c, id) => [c, id])), merges: [] },
  },
  config: { eos_token: '<end>', pad_token: '<end>' },
})
const config = {
  model_type: 'gpt2',
  architectures: ['GPT2LMHeadModel'],
  vocab_size: 28,
  n_embd: 8,
  n_layer: 1,
  n_head: 2,
  n_positions: 16,
}
const sentences = Array.from(
  { length: 40 },
  (_, i) => `the ${['cat', 'dog', 'cow'][i % 3]} sees ${['me', 'you'][i % 2]}`,
)

const common: PretrainOptions = {
  tokenizer,
  length: 16,
  batchSize: 4,
  steps: 12,
  accumulation: 3,
  learningRate: 0.05,
  warmupSteps: 2,
  every: 6,
  shuffleBuffer: 8,
  seed: 3,
  throughput: false,
  rollback: { every: 2 },
  validation: sentences.slice(0, 9),
  verbose: 0,
}

/** Trains a fresh model, or the given one. @param killAfter batches after which the process is gone. */
async function train(
  { model: given, ...options }: Partial<PretrainOptions> & { readonly model?: PretrainedModel } = {},
  killAfter?: number,
) {
  setRandomSeed(5)
  const model = given ?? new PretrainedModel(config)
  let batches = 0
  const kill = callbacks.lambdaCallback({
    onTrainBatchEnd: () => {
      batches += 1
      if (batches === killAfter) throw new Error('killed')
    },
  })
  const { history } = await pretrain(model, sentences, { ...common, callbacks: [kill], ...options })
  const weights = await Promise.all(
    model.network.weights.map(async (weight) => Array.from(await weight.value.data(), Number)),
  )
  return { model, weights, batches, history: history.history }
}

describe('pretrain', () => {
  test('learns; killed within an accumulation and gone on with it ends with the same bits', {
    timeout: 120_000,
  }, async () => {
    const whole = await train()
    expect(whole.batches).toBe(36)
    expect(whole.history.val_loss?.at(-1)).toBeLessThan(0.8 * (whole.history.val_loss?.[0] ?? 0))
    const checkpoint = { folder: join(folder, 'run'), every: 4 }
    // The last backup is behind batch 28: within a pass over the rows, and behind one of a step's three batches.
    await expect(train({ checkpoint }, 30)).rejects.toThrow('killed')
    const other = { ...config, n_embd: 4 }
    const begun = new PretrainedModel(other)
    const refused = pretrain(begun, sentences.slice(1), { ...common, checkpoint, batchSize: 2 })
    await expect(refused).rejects.toThrow(
      /^backupAndRestore: expected the training that was interrupted: model "GPT2LMHeadModel of \d+ weights, .*", data "\w+", batch "4 rows of 16 tokens, 3 a step", received model .*, data "\w+", batch "2 rows of 16 tokens, 3 a step"\. Go on with/,
    )
    const resumed = await train({ checkpoint })
    expect(resumed.batches).toBe(8)
    expect(resumed.weights).toEqual(whole.weights)
    expect(resumed.history).toEqual(whole.history)
  })

  test('with ema, averages of the weights are evaluated, write samples and stay; resumed to the same bits', {
    timeout: 240_000,
  }, async () => {
    const ema = 0.5
    const samples: string[] = []
    const trajectory: number[][][] = []
    const options: Partial<PretrainOptions> = {
      ...{ ema, steps: 4, every: 2, rollback: false },
      samples: {
        prompts: ['the'],
        temperature: 0,
        maxNewTokens: 6,
        onSamples: (texts) => samples.push(...texts),
      },
    }
    setRandomSeed(5)
    const model = new PretrainedModel(config)
    const valuesOf = () =>
      Promise.all(model.network.weights.map(async ({ value }) => Array.from(await value.data(), Number)))
    const follow = callbacks.lambdaCallback({
      onTrainBatchEnd: async () => {
        trajectory.push(await valuesOf())
      },
    })
    const { history } = await pretrain(model, sentences, { ...common, ...options, callbacks: [follow] })
    // a ← m · a + (1 − m) · w after each batch, three of which keep half; with the first step it is the weight.
    const kept = ema ** (1 / 3)
    for (const [i, weight] of model.network.weights.entries()) {
      const averages = trajectory
        .slice(2)
        .map((weights) => weights[i] as number[])
        .reduce((a, w) => a.map((value, k) => kept * value + (1 - kept) * (w[k] as number)))
      expectClose(Array.from(await weight.value.data(), Number), averages, { scaled: 1e-5 })
    }
    const last = trajectory.at(-1) as number[][]
    const final = await valuesOf()
    expect(final).not.toEqual(last)
    // What was told at the end is what the averages, which have stayed, give.
    const texts: string[] = []
    const again = writeSamples(model, tokenizer, {
      prompts: ['the'],
      temperature: 0,
      maxNewTokens: 6,
      onSamples: (t) => texts.push(...t),
    })
    await again.onEpochEnd(1)
    expect(samples.at(-1)).toBe(texts[0])
    const evaluated = await train({ ...options, learningRate: 1e-12, weightDecay: 0, model })
    expect(history.history.val_loss?.at(-1)).toBeCloseTo(evaluated.history.val_loss?.at(-1) as number, 5)

    const checkpoint = { folder: join(folder, 'averaged'), every: 4 }
    await expect(train({ ...options, checkpoint }, 10)).rejects.toThrow('killed')
    expect((await train({ ...options, checkpoint })).weights).toEqual(final)
  })

  test('refuses what does not go together, before anything runs', async () => {
    const refused = (options: Partial<PretrainOptions>, model = new PretrainedModel(config)) =>
      expect(pretrain(model, sentences, { ...common, ...options })).rejects
    await refused({ length: 17 }).toThrow('pretrain: length: expected at most 16 tokens')
    await refused({ warmupSteps: 12 }).toThrow(
      'pretrain: warmupSteps: expected fewer than all 12 steps, received 12.',
    )
    const optimizer = optimizers.sgd({ learningRate: 0.1, gradientAccumulationSteps: 2 })
    const { learningRate: _rate, warmupSteps: _steps, ...others } = common
    const beside = (options: Partial<PretrainOptions>) =>
      expect(pretrain(new PretrainedModel(config), sentences, { ...others, optimizer, ...options })).rejects
    await beside({ ema: 0.9, clip: 2 }).toThrow(
      'pretrain: clip, ema: expected none beside an optimizer, received both. Give them to the optimizer.',
    )
    await beside({}).toThrow('pretrain: accumulation: expected 2, as the optimizer has it')
    await refused({}, new PretrainedModel({ ...config, vocab_size: 20 })).toThrow(
      "pretrain: tokenizer: expected ids below the model's vocab_size 20, received ids up to 27.",
    )
    await refused({}, new PretrainedModel(config, 'GPT2Model')).toThrow(
      'pretrain: expected a causal or masked language model',
    )
    await refused({}, new PretrainedModel({ ...bert, vocab_size: 28 })).toThrow(
      'masking: expected a tokenizer with a mask token',
    )
  })
})

const bert = {
  model_type: 'bert',
  architectures: ['BertForMaskedLM'],
  ...{ vocab_size: 28, hidden_size: 8, intermediate_size: 16, num_hidden_layers: 2, num_attention_heads: 2 },
}

describe('textFiles', () => {
  test('reads text as files, lines and paragraphs, and JSON a line a row, mixed by a seed', async () => {
    const [text, rows] = [join(folder, 'a.txt'), join(folder, 'b.jsonl')]
    writeFileSync(text, 'one\ntwo\n\nthree\n')
    writeFileSync(rows, '{"text":"four"}\n\n{"text":"five"}\n')
    expect(await textFiles([folder]).toArray()).toEqual(['one\ntwo\n\nthree\n', 'four', 'five'])
    expect(await textFiles([text], { documents: 'line' }).toArray()).toEqual(['one', 'two', 'three'])
    expect(await textFiles([text], { documents: 'paragraph' }).toArray()).toEqual(['one\ntwo', 'three'])
    expect(await textFiles([text, rows], { documents: 'line', cycleLength: 2 }).toArray()).toEqual([
      'one',
      'four',
      'two',
      'five',
      'three',
    ])
    const mixed = textFiles([text, rows], { documents: 'line', seed: 1 }).repeat(8)
    expect(new Set((await mixed.toArray()).filter((_, i) => i % 5 === 0)).size).toBe(2)
    writeFileSync(rows, '{"text":"four"}\n{"text":\n')
    await expect(textFiles([rows]).toArray()).rejects.toThrow(
      `${rows}: line 2: expected a value of JSON, whole on its line`,
    )
    writeFileSync(rows, '{"body":"four"}\n')
    await expect(textFiles([rows]).toArray()).rejects.toThrow(
      "line 1: expected a text, or an object with one in its field 'text'",
    )
    await expect(textFiles([join(folder, 'none.txt')]).toArray()).rejects.toThrow(
      'none.txt, which is not there',
    )
  })
})

describe('what learning costs', () => {
  test('operations a token are those of the paper', () => {
    // GPT-2 small: 12 blocks of 12 · 768² weights, the head's 50257 · 768, and attention of 1024 tokens.
    const small = { model_type: 'gpt2', vocab_size: 100, n_embd: 32, n_layer: 3, n_head: 2, n_positions: 64 }
    const expected = 6 * (3 * 12 * 32 ** 2 + 100 * 32) + 12 * 3 * 32 * 64
    expect(flopsPerToken(new PretrainedModel(small), 64)).toBe(expected)
    const untied = new PretrainedModel({ ...small, tie_word_embeddings: false })
    expect(flopsPerToken(untied, 64)).toBe(expected)
  })
})
