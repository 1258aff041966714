import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  generateIds,
  loadTokenizer,
  PretrainedModel,
  Tokenizer,
  trainTokenizer,
} from '@typegrad/transformers'
import { setRandomSeed } from 'typegrad'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { collect, start } from './program.ts'

const timeout = 240_000

/** A chat that is typed into by a pipe. */
async function startChat(...args: string[]) {
  const child = await start('chat.ts', args, 'pipe')
  const text = collect(child)
  const closed = once(child, 'close')
  /** Waits until the program has printed what a pattern finds. */
  const until = async (pattern: RegExp): Promise<void> => {
    while (!pattern.test(text()) && child.exitCode === null && child.signalCode === null)
      await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const end = async (): Promise<string> => {
    const [code] = (await closed) as [number]
    expect(code, text()).toBe(0)
    return text()
  }
  return { child, type: (line: string) => child.stdin?.write(`${line}\n`), until, end }
}

/** What was answered to each question, without the line of figures. */
const answersIn = (text: string): string[] =>
  [...text.matchAll(/^› [^/\n].*\n([\s\S]*?)\n\n\((?:stopped; )?\d+ tokens/gm)].map(
    (match) => match[1] as string,
  )

test('a small model answers in 80 columns, keeps what it has read, and forgets it on /reset', {
  timeout,
}, async () => {
  const { type, end } = await startChat('--tokens', '40')
  for (const line of ['What is a kernel?', 'And then?', '/reset', 'What is a kernel?', '/rest', '/quit'])
    type(line)
  const text = await end()
  expect(text).toMatch(/^No folder was given, so this is a small model that has learned nothing/)
  const [first, second, again] = answersIn(text)
  expect(again).toBe(first)
  expect(second).not.toBe(first)
  const figures = [...text.matchAll(/\((\d+) tokens, \d+ a second; (\d+) of (\d+) before it were kept\)/g)]
  const [one, two, three] = figures.map((match) => match.slice(1).map(Number)) as [
    number[],
    number[],
    number[],
  ]
  expect([one[1], three[1]]).toEqual([0, 0])
  // What was asked and answered first was read once.
  expect(two[1]).toBe((one[2] as number) + (one[0] as number))
  expect(text).toContain('There is no /rest, only /reset and /quit.')
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
})

test('Ctrl-C stops an answer and not the program', { timeout }, async () => {
  const { child, type, until, end } = await startChat('--tokens', '900')
  type('What is a kernel?')
  await until(/› What is a kernel\?\n.+\n/)
  child.kill('SIGINT')
  await until(/\(stopped; /)
  type('Go on')
  await until(/› Go on\n./)
  child.kill('SIGINT')
  await until(/stopped; [\s\S]*stopped; /)
  child.kill('SIGINT')
  await until(/\/quit ends the program\.\n$/)
  child.stdin?.end()
  const text = await end()
  const [stopped, next] = [...text.matchAll(/\(stopped; (\d+) tokens, \d+ a second; (\d+) of/g)]
  expect(Number(stopped?.[1])).toBeLessThan(900)
  // What had been said is part of the conversation.
  expect(Number(next?.[2])).toBeGreaterThan(Number(stopped?.[1]))
})

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'typegrad-chat-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('a folder’s model says what generation gives, by the folder’s template', { timeout }, async () => {
  const words = [
    'one two three four five six seven eight nine ten',
    'ten nine eight seven six five four three two one',
  ]
  const specialTokens = ['</s>', '<u>', '<a>']
  const json = await trainTokenizer({ kind: 'bpe', vocabSize: 320, specialTokens }, words)
  setRandomSeed(3)
  const model = new PretrainedModel({
    model_type: 'llama',
    architectures: ['LlamaForCausalLM'],
    vocab_size: Tokenizer.fromFiles({ tokenizer: json }).vocabularySize,
    hidden_size: 32,
    intermediate_size: 48,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    num_key_value_heads: 1,
    max_position_embeddings: 64,
    initializer_range: 0.4,
    eos_token_id: 0,
  })
  await model.savePretrained(folder)
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(json))
  const plain = await startChat(folder)
  plain.child.stdin?.end()
  const [code] = (await once(plain.child, 'close')) as [number]
  expect(code).toBe(1)

  const template =
    '{% for m in messages %}<{{ m.role[0] }}>{{ m.content }}{% endfor %}{% if add_generation_prompt %}<a>{% endif %}'
  await writeFile(join(folder, 'chat_template.jinja'), template)
  const { type, end } = await startChat(folder, '--temperature', '0', '--tokens', '12', '--system', 'ten')
  type('one two')
  type(`${'nine '.repeat(80)}`)
  type('/quit')
  const text = await end()
  const tokenizer = await loadTokenizer(folder)
  const { ids } = tokenizer.encode('<s>ten<u>one two<a>')
  const [[expected] = []] = await generateIds(model, [ids], { maxNewTokens: 12 })
  const said = tokenizer.decode(expected?.ids ?? [], { skipSpecialTokens: true })
  const letters = (all: string): string => all.replace(/\s|[\p{Cc}\ufffd]/gu, '')
  expect(letters(answersIn(text)[0] ?? '')).toBe(letters(said))
  expect(letters(said)).not.toBe('')
  // A question that the context has no room for.
  expect(text.replace(/\s+/g, ' ')).toMatch(/of 64 positions \d+ are taken.*The question was not asked\./)
  expect(await readFile(join(folder, 'chat_template.jinja'), 'utf8')).toBe(template)
})
