import { generateIds, PretrainedModel, Tokenizer, trainTokenizer } from '@typegrad/transformers'
import { setRandomSeed } from 'typegrad'
import { beforeAll, expect, test } from 'vitest'
import type { ChatModel } from './chat-model.ts'
import { ChatSession } from './chat-session.ts'

let chat: ChatModel
beforeAll(async () => {
  const specialTokens = ['<u>', '<a>']
  const json = await trainTokenizer({ kind: 'bpe', vocabSize: 300, specialTokens }, [
    'one two three four five',
  ])
  const tokenizer = Tokenizer.fromFiles({ tokenizer: json })
  setRandomSeed(5)
  const model = new PretrainedModel({
    model_type: 'llama',
    architectures: ['LlamaForCausalLM'],
    vocab_size: tokenizer.vocabularySize,
    hidden_size: 32,
    intermediate_size: 48,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    max_position_embeddings: 200,
    initializer_range: 0.4,
  })
  const template = templateWith('')
  chat = { model, tokenizer, template, stopIds: [], suppressed: [] }
})

const templateWith = (end: string, trim = ''): string =>
  `{% for m in messages %}<{{ m.role[0] }}>{{ m.content${trim} }}{% if m.role == 'assistant' %}${end}{% endif %}{% endfor %}` +
  '{% if add_generation_prompt %}<a>{% endif %}'

const options = { temperature: 0, maxNewTokens: 10, seed: 1, signal: new AbortController().signal }

async function ask(session: ChatSession, question: string, more: Partial<typeof options> = {}) {
  const answer = session.answer(question, { ...options, ...more })
  let text = ''
  for (;;) {
    const next = await answer.next()
    if (next.done === true) return { text, ...next.value }
    text += next.value
  }
}

test('each turn is answered as all that was said before is continued', async () => {
  const session = new ChatSession(chat, '')
  const { tokenizer, model } = chat
  let ids: readonly number[] = []
  for (const question of ['one', ' two three', 'four']) {
    const kept = ids.length
    ids = [...ids, ...tokenizer.encode(`<u>${question}<a>`).ids]
    const [[expected] = []] = await generateIds(model, [ids], { maxNewTokens: 10 })
    const answer = await ask(session, question)
    expect(answer).toMatchObject({
      text: tokenizer.decode(expected?.ids ?? [], { skipSpecialTokens: true }),
      kept,
      prompt: ids.length,
      tokens: 10,
    })
    ids = [...ids, ...(expected?.ids ?? [])]
  }
})

test('the token that ends an answer is not shown, and not read again where the template writes it', async () => {
  const { tokenizer, model } = chat
  const [[free] = []] = await generateIds(model, [tokenizer.encode('<u>one<a>').ids], { maxNewTokens: 10 })
  const said = free?.ids ?? []
  // A token that is text by itself, and had not been said before.
  const at = said.findIndex(
    (id, i) => i > 1 && said.indexOf(id) === i && /^[\x21-\x7e]+$/.test(tokenizer.decode([id])),
  )
  expect(at).toBeGreaterThan(1)
  const end = said[at] as number
  const ends = { ...chat, stopIds: [end], template: templateWith(tokenizer.decode([end])) }
  const session = new ChatSession(ends, '')
  const first = await ask(session, 'one')
  expect(first).toMatchObject({ text: tokenizer.decode(said.slice(0, at)), tokens: at + 1 })
  expect(await ask(session, 'two')).toMatchObject({ kept: first.prompt + at + 1 })
})

test('a template that writes turns anew is read from where it differs', async () => {
  const session = new ChatSession({ ...chat, template: templateWith('', "[:3] + '?'") }, '')
  const first = await ask(session, 'one')
  const second = await ask(session, 'two')
  expect(second.kept).toBeGreaterThanOrEqual(first.prompt)
  expect(second.kept).toBeLessThan(first.prompt + first.tokens)
})

test('a question without room is forgotten, and reset forgets all', async () => {
  const session = new ChatSession(chat, 'five')
  const first = await ask(session, 'one')
  await expect(ask(session, 'three '.repeat(250))).rejects.toThrow(/of 200 positions/)
  const { prompt } = await ask(session, 'two')
  expect(prompt).toBeLessThan(100)
  session.reset()
  expect(await ask(session, 'one')).toMatchObject({ text: first.text, kept: 0 })
})

test('an answer that is stopped is part of the conversation', async () => {
  const session = new ChatSession(chat, '')
  const stop = new AbortController()
  const answer = session.answer('one', { ...options, maxNewTokens: 150, signal: stop.signal })
  await answer.next()
  stop.abort()
  let next = await answer.next()
  while (next.done !== true) next = await answer.next()
  expect(next.value.tokens).toBeLessThan(20)
  expect(await ask(session, 'two')).toMatchObject({ kept: next.value.prompt + next.value.tokens })
})
