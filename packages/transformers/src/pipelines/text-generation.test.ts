import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pipelineFolder, readPipelines } from '../testing/pipelines.ts'
import type { ChatMessage } from '../tokenizers/chat-template.ts'
import { pipeline } from './pipeline.ts'

interface Results {
  readonly 'text-generation': {
    readonly prompts: readonly [string, string]
    readonly full: readonly [string, string]
    readonly new: readonly [string, string]
    readonly penalty: string
    readonly beams: string
    readonly chat: {
      readonly template: string
      readonly messages: readonly ChatMessage[]
      readonly answer: readonly ChatMessage[]
    }
  }
}

const golden = readPipelines<Results>('pipelines')
const { prompts, chat, ...python } = golden['text-generation']
const folder = pipelineFolder(golden, 'writer')
writeFileSync(join(folder, 'chat_template.jinja'), chat.template)
const plain = { addSpecialTokens: false, maxNewTokens: 12 }

test('texts are Python’s: one, several at once, with a penalty, by beams', async () => {
  const write = await pipeline('text-generation', folder)
  const answers = await write(prompts, plain)
  for (const [i, [answer]] of answers.entries()) {
    expect(answer?.generatedText).toBe(python.full[i])
    expect(answer?.text).toBe(python.new[i])
    expect([answer?.ids.length, answer?.finish]).toEqual([12, 'length'])
  }
  const [penalized] = await write(prompts[0], { ...plain, repetitionPenalty: 1.5 })
  expect(penalized?.text).toBe(python.penalty)
  const [searched] = await write(prompts[0], { ...plain, beams: 3 })
  expect(searched?.text).toBe(python.beams)
})

test('a chat goes through its template, and the answer is the assistant’s message', async () => {
  const write = await pipeline('text-generation', folder)
  const [answer] = await write(chat.messages, { maxNewTokens: 12 })
  expect(answer?.generatedText).toEqual(chat.answer)
  const begun = [...chat.messages, { role: 'assistant', content: 'the sea is' }]
  const [answers] = await write([begun], { maxNewTokens: 4 })
  const continued = answers?.[0]?.generatedText
  expect(continued?.length).toBe(2)
  expect(continued?.[1]?.content).toMatch(/^the sea is./)
})

test('a stream gives the same text piece by piece, and a signal ends it', async () => {
  const write = await pipeline('text-generation', folder)
  const pieces: string[] = []
  for await (const piece of write.stream(prompts[0], plain)) pieces.push(piece)
  expect(pieces.join('')).toBe(python.new[0])
  expect(pieces.length).toBeGreaterThan(5)
  const controller = new AbortController()
  const read = async () => {
    for await (const _ of write.stream(prompts[0], { ...plain, signal: controller.signal }))
      controller.abort()
  }
  await expect(read()).rejects.toThrow(/abort/i)
})

test('a stop text ends the answer in front of it, wherever tokens are cut', async () => {
  const write = await pipeline('text-generation', folder)
  const [answer] = await write(prompts[0], { ...plain, stop: ['y o'] })
  expect(answer?.text).toBe(python.new[0].slice(0, python.new[0].indexOf('y o')))
  expect(answer?.finish).toBe('stop')
  await expect(write(prompts[0], { ...plain, stop: ['y'], beams: 2 })).rejects.toThrow(/one answer at a time/)
})

test('seeds repeat what is drawn; a temperature alone draws', async () => {
  const write = await pipeline('text-generation', folder)
  const drawn = async (seed: number) =>
    (await write(prompts[0], { ...plain, temperature: 3, topK: 20, seed }))[0]?.text
  const [first, again, other] = [await drawn(1), await drawn(1), await drawn(2)]
  expect(first).toBe(again)
  expect(first).not.toBe(other)
  expect(first).not.toBe(python.new[0])
})

test('answers keep to a regular expression, a schema and a grammar', async () => {
  // Tokens that say themselves where spaces stand.
  const tokenizer = {
    ...(golden.tokenizer.tokenizer as object),
    decoder: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'never', split: false },
  }
  const write = await pipeline('text-generation', pipelineFolder(golden, 'writer', { tokenizer }))
  const [first, second] = await write(prompts, { ...plain, regex: '[0-9]{3}(an|the)' })
  for (const [answer] of [first ?? [], second ?? []]) {
    expect(answer?.text).toMatch(/^[0-9]{3}(an|the)$/)
    expect(answer?.finish).toBe('stop')
  }
  const [number] = await write(prompts[0], {
    ...plain,
    schema: { type: 'integer', minimum: 20, maximum: 29 },
  })
  expect(number?.text).toMatch(/^2[0-9]$/)
  const [said] = await write(prompts[0], { ...plain, grammar: 'root ::= ("sea" | "city") "!"' })
  expect(said?.text).toMatch(/^(sea|city)!$/)
  await expect(write(prompts[0], { regex: 'a', grammar: 'root ::= "a"' })).rejects.toThrow(
    /a schema, a regex or a grammar, received regex and grammar/,
  )
})

test('empty prompts, chats without a template, and prompts without room are refused', async () => {
  const write = await pipeline('text-generation', folder)
  await expect(write('', plain)).rejects.toThrow(/text-generation: expected a text/)
  await expect(write(new Array(100).fill('sea').join(' '), plain)).rejects.toThrow(
    /prompts of 1 to 95 tokens/,
  )
  const bare = await pipeline('text-generation', pipelineFolder(golden, 'writer'))
  await expect(bare(chat.messages)).rejects.toThrow(/a tokenizer with a chat_template/)
})
