import { setRandomSeed } from 'typegrad'
import { beforeAll, expect, test, vi } from 'vitest'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { smallGPT2 } from '../testing/small-gpt2.ts'
import { Conversation } from './conversation.ts'
import { decoderOf } from './decoder.ts'
import { nGramDraft } from './draft.ts'
import { generateIds } from './generate.ts'

let model: PretrainedModel
beforeAll(() => {
  setRandomSeed(1)
  model = new PretrainedModel(smallGPT2)
})

const shared = Array.from({ length: 40 }, (_, i) => (i * 7) % 61)
const questions = [[3, 17, 60, 5], [9], [22, 41, 8, 1, 1, 2]]

async function answer(conversation: Conversation, ids?: readonly number[], maxNewTokens = 12) {
  const tokens: number[] = []
  for await (const { id } of conversation.continue(ids, { maxNewTokens })) tokens.push(id)
  return tokens
}

const alone = async (prompt: readonly number[], maxNewTokens = 12) =>
  (await generateIds(model, [prompt], { maxNewTokens }))[0]?.[0]?.ids

test('turns of a conversation are answered as all of its text is', async () => {
  const chat = new Conversation(model)
  await chat.add(shared)
  for (const question of questions) {
    const before = [...chat.ids, ...question]
    const tokens = await answer(chat, question)
    expect(tokens).toEqual(await alone(before))
    expect(chat.ids).toEqual([...before, ...tokens])
  }
})

test('what many requests share is continued by each, alone and together, and stays as it is', async () => {
  const prefix = new Conversation(model)
  await prefix.add(shared)
  const expected: unknown[] = []
  for (const question of questions) expected.push(await alone([...shared, ...question]))

  const forks = questions.map(() => prefix.fork())
  const forked = await Promise.all(forks.map((fork, i) => answer(fork, questions[i])))
  expect(forked).toEqual(expected)

  const together = await generateIds(model, questions, { maxNewTokens: 12, after: prefix })
  expect(together.map(([one]) => one?.ids)).toEqual(expected)
  const options = { maxNewTokens: 6, beams: 3, sequences: 3 }
  const beams = await generateIds(model, questions.slice(0, 2), { ...options, after: prefix })
  const whole = questions.slice(0, 2).map((question) => [...shared, ...question])
  expect(beams.map((all) => all.map(({ ids }) => ids))).toEqual(
    (await generateIds(model, whole, options)).map((all) => all.map(({ ids }) => ids)),
  )
  expect(prefix.ids).toEqual(shared)
  expect(await answer(prefix)).toEqual(await alone(shared))
})

test('prompts that differ by more than what they share', async () => {
  const prefix = new Conversation(model)
  await prefix.add([5, 6])
  const prompts = [[1], Array.from({ length: 50 }, (_, i) => i)]
  const answers = await generateIds(model, prompts, { maxNewTokens: 8, after: prefix })
  for (const [i, prompt] of prompts.entries())
    expect(answers[i]?.[0]?.ids).toEqual(await alone([5, 6, ...prompt], 8))
})

test('the network reads each token once, and forks none again', async () => {
  const reads = vi.spyOn(decoderOf(model), 'read')
  const tokensRead = () => reads.mock.calls.reduce((sum, [, ids]) => sum + (ids[0]?.length ?? 0), 0)
  const chat = new Conversation(model)
  await chat.add(shared)
  expect(tokensRead()).toBe(40)
  await answer(chat, [3, 4], 5)
  // The last token of the answer has been chosen, and not been read.
  expect(tokensRead()).toBe(40 + 2 + 4)
  await answer(chat.fork(), [7], 1)
  expect(tokensRead()).toBe(40 + 2 + 5 + 1)
  reads.mockRestore()
})

test('a conversation that waits keeps what others write over, and forks while it is continued', async () => {
  const long = Array.from({ length: 140 }, (_, i) => (i * 3) % 61)
  const chat = new Conversation(model)
  await chat.add(long)
  const expected = await alone([...long, 5], 6)
  // Their room is the same, and they begin in it.
  await alone(long.toReversed(), 6)
  const tokens: number[] = []
  const stream = chat.continue([5], { maxNewTokens: 6 })
  for (let i = 0; i < 6; i++) {
    const next = stream.next()
    const fork = chat.fork()
    const { value } = await next
    if (value !== undefined) tokens.push(value.id)
    if (i === 3) expect(await answer(fork, [], 3)).toEqual(expected?.slice(3))
  }
  expect(tokens).toEqual(expected)
})

test('a conversation is taken back, also from an answer that was left with a draft', async () => {
  const chat = new Conversation(model)
  await chat.add(shared)
  for await (const _ of chat.continue([3, 3, 3, 3], { maxNewTokens: 30, draft: nGramDraft() }))
    if (chat.ids.length === 50) break
  expect(chat.ids).toEqual([...shared, 3, 3, 3, 3, ...((await alone([...shared, 3, 3, 3, 3], 6)) ?? [])])
  chat.rewind(20)
  expect(await answer(chat, [4])).toEqual(await alone([...shared.slice(0, 20), 4]))
  expect(() => chat.rewind(99)).toThrow(/a length from 0 to 33, received 99/)
})

test('two answers of one conversation at a time are refused, and what does not fit', async () => {
  const chat = new Conversation(model)
  const first = chat.continue([1, 2], { maxNewTokens: 2 })
  await first.next()
  await expect(chat.continue([], {}).next()).rejects.toThrow(/one answer at a time/)
  await first.return()
  await expect(chat.add(new Array<number>(200).fill(1))).rejects.toThrow(
    /Conversation\.add: expected prompts of 1 to \d+ tokens \(of 200 positions \d are taken/,
  )
  await expect(generateIds(new PretrainedModel(smallGPT2), [[1]], { after: chat })).rejects.toThrow(
    /a conversation of the same model/,
  )
})
