import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { adapt, adapters, callbacks, optimizers, setRandomSeed } from 'typegrad'
import { beforeEach, describe, expect, test } from 'vitest'
import { setAdapter } from '../adapters/adapters.ts'
import { lora } from '../adapters/lora-config.ts'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { finetune } from '../finetune/finetune.ts'
import { generateIds } from '../generation/generate.ts'
import * as tasks from '../tasks/index.ts'
import { smallGPT2 } from '../testing/small-gpt2.ts'
import { alignByReward } from './align-by-reward.ts'
import { completionLogProbs, heldOutLoss, klToReference } from './completion-log-probs.ts'
import { dpo } from './dpo.ts'
import { KtoModel } from './kto-model.ts'
import { modelReward } from './model-reward.ts'
import { PreferenceModel } from './preference-model.ts'
import { RewardModel } from './reward-model.ts'
import { orpo } from './without-reference.ts'

/** A decoder with few words, so that rewards are found by chance. */
const config = { ...smallGPT2, vocab_size: 20, n_positions: 32, n_layer: 1, n_embd: 16, n_head: 2 }
const tiny = () => new PretrainedModel({ ...config, resid_pdrop: 0, embd_pdrop: 0, attn_pdrop: 0 })
const judge = () =>
  new PretrainedModel({ ...config, num_labels: 1, pad_token_id: 0 }, 'GPT2ForSequenceClassification')

beforeEach(() => setRandomSeed(3))

/** Answers of sevens are better than those of eights. */
const pairs = Array.from({ length: 6 }, (_, i) => ({
  prompt: [1, 2 + i],
  chosen: new Array<number>(1 + (i % 3)).fill(7),
  rejected: new Array<number>(1 + ((i + 1) % 3)).fill(8),
}))
const bits = async (model: PretrainedModel) =>
  await Promise.all(model.weights.map(async ({ value }) => Buffer.from((await value.data()).buffer)))

const quiet = { verbose: 0, batchSize: 3, epochs: 8, learningRate: 0.02, validationData: pairs } as const

test('finetune learns preferences by a task, with an adapter', async () => {
  const model = tiny()
  const before = await bits(model)
  const method = lora({ rank: 4, targets: 'all-linear' })
  const told = await finetune(model, pairs, {
    ...quiet,
    task: tasks.preference({ objective: dpo({ beta: 0.5 }) }),
    method,
  })
  // The policy is its own reference still.
  expect(told.before?.loss).toBeCloseTo(Math.log(2), 5)
  expect(told.after?.loss).toBeLessThan(0.5)
  expect(told.after?.rewardAccuracy).toBe(1)
  setAdapter(model, undefined)
  expect(await bits(model)).toEqual(expect.arrayContaining(before))
  const same = [
    { prompt: [1], chosen: [2], rejected: [2] },
    { prompt: [1], chosen: [], rejected: [2] },
  ]
  await expect(finetune(tiny(), same, { task: tasks.preference() })).rejects.toThrow(
    /2 of 2 that are not: data, row 0: .*received two answers that are the same; data, row 1: .*received chosen: an empty answer/,
  )
})

test('finetune learns from judgements by a task, of rows in memory', async () => {
  const judged = pairs.flatMap(({ prompt, chosen, rejected }) => [
    { prompt, answer: chosen, desirable: true },
    { prompt, answer: rejected, desirable: false },
  ])
  const { history } = await finetune(tiny(), judged, {
    ...{ ...quiet, validationData: judged, task: tasks.kto({ beta: 0.5 }) },
  })
  expect(history.history.loss?.at(-1)).toBeLessThan(0.45)
  async function* stream() {
    yield* judged
  }
  await expect(
    finetune(tiny(), stream(), { task: tasks.kto(), stepsPerEpoch: 1, verbose: 0 }),
  ).rejects.toThrow(/rows in memory, all of which/)
})

test('finetune learns rewards by a task', async () => {
  const rewarded = await finetune(judge(), pairs, { ...quiet, task: tasks.rewardModel() })
  expect(rewarded.after?.rewardAccuracy).toBe(1)
})

describe('preferences', () => {
  test('adapters learn which answers are better, and the model is the one that has learnt', async () => {
    const [model, begun] = [tiny(), tiny()]
    begun.setWeights(model.getWeights())
    model.freeze()
    adapt(model, '**/{c_attn,c_proj,c_fc}/kernel', adapters.lowRank({ rank: 4 }))
    const tuner = new PreferenceModel(model, dpo({ beta: 0.5 }))
    tuner.compile({ optimizer: optimizers.adamw({ learningRate: 0.02 }) })
    const data = await tuner.prepare(pairs, { batchSize: 3 })
    const before = await tuner.evaluate(data, { verbose: 0 })
    // The policy is its own reference still: all ratios are 1.
    expect(before.loss).toBeCloseTo(Math.log(2), 5)
    expect(Math.abs(before.rewardMargin as number)).toBeLessThan(1e-5)
    const { history } = await tuner.fit(data, { epochs: 12, verbose: 0 })
    expect(history.rewardAccuracy?.at(-1)).toBe(1)
    const after = await tuner.evaluate(data, { verbose: 0 })
    expect(after.loss).toBeLessThan(0.4)
    // Beside what it was before, by a model of its own, it has gained what the logs say.
    const judged = await tuner.withReference(tuner.read(pairs), begun)
    const values = judged.map(({ reference }) => (reference?.[0] as number) - (reference?.[1] as number))
    const own = (await tuner.withReference(tuner.read(pairs))).map(
      ({ reference }) => (reference?.[0] as number) - (reference?.[1] as number),
    )
    const gained = own.reduce((sum, value, i) => sum + value - (values[i] as number), 0) / own.length
    expect(after.rewardMargin).toBeCloseTo(0.5 * gained, 4)
    const of = async (answer: number) =>
      (await completionLogProbs(model, [{ prompt: [1, 2], answer: [answer] }]))[0]?.[0] as number
    expect(await of(7)).toBeGreaterThan((await of(8)) + 1)
  })

  test('answers that were judged one by one', async () => {
    const model = tiny()
    const tuner = new KtoModel(model, { beta: 0.5 })
    tuner.compile({ optimizer: optimizers.adamw({ learningRate: 0.01 }) })
    const answers = pairs.flatMap(({ prompt, chosen, rejected }) => [
      { prompt, answer: chosen, desirable: true },
      { prompt, answer: rejected, desirable: false },
    ])
    const data = await tuner.prepare(answers, { batchSize: 6 })
    const { history } = await tuner.fit(data, { epochs: 8, verbose: 0 })
    expect(history.chosenReward?.at(-1)).toBeGreaterThan(0.1)
    expect(history.rejectedReward?.at(-1)).toBeLessThan(-0.1)
  })

  test('a reward model, and what it is worth as a reward', async () => {
    const model = judge()
    const tuner = new RewardModel(model, { centering: 0.01 })
    tuner.compile({ optimizer: optimizers.adamw({ learningRate: 0.02 }) })
    const { history } = await tuner.fit(tuner.prepare(pairs), { epochs: 8, verbose: 0 })
    expect(history.rewardAccuracy?.at(-1)).toBe(1)
    const answerOf = (ids: number[]) => ({
      ...{ prompt: [1, 2], promptIndex: 0, promptIds: [1, 2], text: '', ids, isTruncated: false },
    })
    const { ofAll } = modelReward(model, { batchSize: 2 })
    const [seven, eight, long] = (await ofAll?.([answerOf([7]), answerOf([8]), answerOf([7, 7, 7])])) ?? []
    expect(seven as number).toBeGreaterThan(eight as number)
    expect(long as number).toBeGreaterThan(eight as number)
    expect(() => modelReward(tiny())).toThrow(/gives one number for a text.*received GPT2LMHeadModel/)
  })
})

describe('rewards', () => {
  const options = { group: 4, promptsPerStep: 2, maxNewTokens: 4, verbose: 0, stopIds: [0], seed: 5 } as const
  const prompts = [[1, 2], [3], [4, 5, 6]]
  const sevens = ({ ids }: { readonly ids: readonly number[] }) =>
    ids.filter((id) => id === 7).length / ids.length
  const rate = { optimizer: optimizers.adamw({ learningRate: 0.02 }) }

  test('make rewarded answers likely, several with weights, asynchronous ones too', async () => {
    const model = tiny()
    const begun = tiny()
    begun.setWeights(model.getWeights())
    const seen: number[] = []
    const { history } = await alignByReward(model, prompts, {
      ...options,
      rewards: {
        sevens: { of: async (answer) => await Promise.resolve(sevens(answer)), weight: 2 },
        // Of some answers nothing is known.
        few: ({ ids }) => (ids.length === 4 ? null : -0.1),
      },
      optimizer: optimizers.adamw({ learningRate: 0.02 }),
      beta: 0.01,
      iterations: 2,
      loss: 'grpo',
      stepsPerEpoch: 10,
      epochs: 3,
      onAnswers: (answers) => void seen.push(answers.length),
    })
    expect(seen).toEqual(new Array(15).fill(8))
    expect(history.reward_sevens?.at(-1)).toBeGreaterThan((history.reward_sevens?.[0] as number) + 0.15)
    expect(history.kl?.at(-1)).toBeGreaterThan(0.001)
    const drawn = await generateIds(model, prompts, {
      ...{ sample: true, sequences: 8, seed: 1 },
      maxNewTokens: 4,
      stopIds: [0],
    })
    const answers = drawn.flatMap((group, i) =>
      group.map(({ ids }) => ({ prompt: prompts[i] as number[], answer: ids })),
    )
    expect(await klToReference(model, begun, answers)).toBeGreaterThan(0.05)
  })

  test('that are no numbers or throw are named, and nothing is learnt from their step', async () => {
    const model = tiny()
    const before = await bits(model)
    const failing = (rewards: Parameters<typeof alignByReward>[2]['rewards']) =>
      alignByReward(model, prompts, { ...options, ...rate, rewards })
    const cause = new Error('no network')
    await expect(
      failing({ sevens, judge: ({ promptIndex }) => (promptIndex === 1 ? Number.NaN : 0) }),
    ).rejects.toThrow(/'judge' gave NaN for the prompt 1 \(\[3\]\) and the answer \[/)
    await expect(failing(() => Promise.reject(cause))).rejects.toMatchObject({
      message: expect.stringMatching(/'reward' threw Error: no network for the prompt \d/),
      cause,
    })
    await expect(failing({ all: { ofAll: () => [1, 2] } })).rejects.toThrow(
      /'all' gave 2 values for 8 answers/,
    )
    expect(await bits(model)).toEqual(before)
  })

  test('a run that was interrupted goes on to the same bits', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'typegrad-align-'))
    try {
      const run = async (model: PretrainedModel, extra: object) =>
        await alignByReward(model, prompts, {
          ...{ ...options, rewards: sevens, epochs: 2, beta: 0.01 },
          optimizer: optimizers.adamw({ learningRate: 0.01 }),
          ...extra,
        })
      const [whole, broken] = [tiny(), tiny()]
      broken.setWeights(whole.getWeights())
      const again = tiny()
      again.setWeights(whole.getWeights())
      await run(whole, {})
      const backup = () => callbacks.backupAndRestore({ backupDir: join(folder, 'run'), saveFreq: 1 })
      let asked = 0
      const dying = async ({ ids }: { readonly ids: readonly number[] }) => {
        if (++asked > 20) throw new Error('power cut')
        return sevens({ ids })
      }
      await expect(run(broken, { rewards: { reward: dying }, callbacks: [backup()] })).rejects.toThrow(
        'power cut',
      )
      const changed = async (extra: object, told: RegExp, model = again, given = prompts) =>
        await expect(
          alignByReward(model, given, {
            ...{ ...options, rewards: sevens, epochs: 2, beta: 0.01 },
            ...{ optimizer: optimizers.adamw({ learningRate: 0.01 }), callbacks: [backup()], ...extra },
          }),
        ).rejects.toThrow(told)
      const last = [...prompts.slice(0, -1), [1, 1]]
      await changed({}, /interrupted: data "\d+ prompts, .*, received data/, again, last)
      await changed({ group: 2 }, /interrupted: batch .*"group":\d+/)
      await changed({ beta: 0.1 }, /interrupted: loss/)
      await changed({ rewards: { eights: sevens } }, /interrupted: rewards/)
      await changed({}, /interrupted: model/, new PretrainedModel({ ...config, n_embd: 8 }))
      await run(again, { callbacks: [backup()] })
      expect(await bits(again)).toEqual(await bits(whole))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe('what cannot be learnt from is refused, all at once and before anything runs', () => {
  const tuner = () => new PreferenceModel(tiny(), dpo())
  const [prompt, long] = [[1, 2], new Array<number>(31).fill(3)]

  test.each([
    [
      'equal answers',
      [{ prompt, chosen: [3, 4], rejected: [3, 4] }],
      /pair 0: two answers that are the same/,
    ],
    [
      'several faults',
      [
        { prompt: [], chosen: [3], rejected: [4] },
        { prompt, chosen: [], rejected: [99] },
        { prompt, chosen: long, rejected: [4] },
      ],
      /pair 0, chosen: an empty prompt; .*pair 1, chosen: an empty answer; pair 1, rejected: the id 99 in its answer; pair 2, chosen: 33 tokens/,
    ],
    [
      'texts without a tokenizer',
      [{ prompt: 'Hi', chosen: [3], rejected: [4] }],
      /a tokenizer for texts, received none/,
    ],
    ['no pairs', [], /received no pairs/],
  ])('%s', async (_, given, message) => {
    await expect(tuner().prepare(given)).rejects.toThrow(message)
  })

  test('models, vocabularies, prompts and options', async () => {
    const other = new PretrainedModel({ ...config, vocab_size: 21 })
    await expect(
      tuner().prepare([{ prompt, chosen: [3], rejected: [4] }], { reference: other }),
    ).rejects.toThrow(/the same vocabulary, of 20 words, received one with 21/)
    const byReward = (prompts: number[][], options = {}) =>
      alignByReward(tiny(), prompts, { rewards: () => 0, maxNewTokens: 8, ...options })
    await expect(byReward([[1]], { reference: other, beta: 0.1 })).rejects.toThrow(/the same vocabulary/)
    await expect(byReward([[], new Array(25).fill(1), [77]])).rejects.toThrow(
      /prompts of 1 to 24 tokens.*received prompt 0 is empty; prompt 1 of 25 tokens; prompt 2 with the id 77/,
    )
    await expect(byReward([[1]], { rewards: {} })).rejects.toThrow(
      /rewards: expected a function of an answer/,
    )
    await expect(byReward([[1]], { group: 1 })).rejects.toThrow(
      /group: expected a whole number of at least 2/,
    )
    expect(() => new PreferenceModel(judge(), orpo())).toThrow(/a causal language model/)
    expect(() => new RewardModel(tiny())).toThrow(/one number for a text/)
    expect(() => dpo({ labelSmoothing: 0.5 })).toThrow(/from 0 to below 0.5/)
  })
})

test('log-probabilities of answers and texts are those of the softmax of all scores', async () => {
  const model = tiny()
  const ids = [1, 2, 3, 4, 5, 6, 7]
  const { logits } = await model.predict({ input_ids: [ids], attention_mask: [ids.map(() => 1)] })
  const scores = [...((await logits?.data()) ?? [])].map(Number)
  const expected = ids.slice(1).map((id, i) => {
    const row = scores.slice(i * 20, (i + 1) * 20)
    return (row[id] as number) - Math.log(row.reduce((sum, score) => sum + Math.exp(score), 0))
  })
  const [answer, short] = await completionLogProbs(model, [
    { prompt: ids.slice(0, 3), answer: ids.slice(3) },
    { prompt: [5], answer: [6] },
  ])
  expect(answer?.length).toBe(4)
  expect(short?.length).toBe(1)
  for (const [i, value] of (answer ?? []).entries()) expect(value).toBeCloseTo(expected[i + 2] as number, 5)
  const { loss, perplexity, tokens } = await heldOutLoss(model, [ids])
  expect(tokens).toBe(6)
  expect(loss).toBeCloseTo(-expected.reduce((a, b) => a + b) / 6, 5)
  expect(perplexity).toBeCloseTo(Math.exp(loss), 5)
})
