import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { TemplateLimits } from './bounded-interpreter.ts'
import { type ChatMessage, type RenderChatOptions, renderChat } from './chat-template.ts'

interface GoldenCase {
  readonly template: string
  readonly chat: string
  readonly options: Readonly<Record<string, unknown>>
  readonly text?: string
  readonly refused?: string
}

const golden = JSON.parse(readFileSync(new URL('../../golden/chats.json', import.meta.url), 'utf8')) as {
  readonly now: readonly [number, number, number, number, number, number]
  readonly special: Readonly<Record<string, string>>
  readonly templates: Readonly<Record<string, string>>
  readonly chats: Readonly<Record<string, readonly ChatMessage[]>>
  readonly cases: readonly GoldenCase[]
}

const [year, month, ...rest] = golden.now
const now = new Date(year, month - 1, ...rest)

function optionsOf(options: GoldenCase['options']): RenderChatOptions {
  const { add_generation_prompt: add, continue_final_message: go, tools, documents, ...variables } = options
  return {
    specialTokens: golden.special,
    now,
    variables,
    ...(add !== undefined && { addGenerationPrompt: add }),
    ...(go !== undefined && { continueFinalMessage: go }),
    ...(tools !== undefined && { tools }),
    ...(documents !== undefined && { documents }),
  } as RenderChatOptions
}

const user: ChatMessage = { role: 'user', content: 'Hi' }
const render = (template: string, limits: TemplateLimits = {}, messages: readonly ChatMessage[] = [user]) =>
  renderChat(template, messages, { limits })

describe("chats are what Python's apply_chat_template makes of them", () => {
  test.each(Object.keys(golden.templates))('%s', (name) => {
    const cases = golden.cases.filter(({ template }) => template === name)
    expect(cases.length).toBeGreaterThan(1)
    for (const { chat, options, text, refused } of cases) {
      const where = `${name} of ${chat} with ${Object.keys(options)}`
      const made = () =>
        renderChat(golden.templates[name] as string, golden.chats[chat] as ChatMessage[], optionsOf(options))
      if (refused !== undefined) expect(made, where).toThrow(/renderChat/)
      else expect(made(), where).toBe(text)
    }
  })
})

describe('templates that do too much end with an error that says so', () => {
  const doubling = (body: string) =>
    `{% set ns = namespace(x='ab', l=[1]) %}{% for i in range(60) %}${body}{% endfor %}`
  const greedy: readonly (readonly [string, string])[] = [
    [
      'steps',
      '{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(99) %}{% endfor %}{% endfor %}{% endfor %}',
    ],
    ['a range of', '{% for a in range(9999999) %}x{% endfor %}'],
    ['range', '{{ range(1000000000000) }}'],
    ['characters', doubling('{% set ns.x = ns.x ~ ns.x %}')],
    ['characters', doubling('{% set ns.x = ns.x + ns.x %}')],
    ['characters', doubling('{% set ns.l = ns.l + ns.l %}')],
    ['characters', doubling('{% set ns.l = [ns.l, ns.l] %}')],
    ['characters', doubling("{% set ns.l = {'a': ns.l, 'b': ns.l} %}")],
    ['characters', doubling("{% set ns.x = ns.x.replace('a', ns.x) %}")],
    ['characters', doubling("{% set ns.x = ns.x | replace('', ns.x) %}")],
    ['characters', doubling('{% set ns.x = ns.x.join([ns.x, ns.x]) %}')],
    ['characters', doubling('{% set ns.x = [ns.x, ns.x] | join(ns.x) %}')],
    ['characters', "{{ 'a\\nb' | indent(1000000000) }}"],
    ['characters', '{{ [1] | tojson(indent=1000000000) }}'],
    ['characters', '{% filter indent(1000000000) %}a\nb{% endfilter %}'],
    ['characters', doubling('{% set ns.x %}{{ ns.x }}{{ ns.x }}{% endset %}')],
    ['namespace', '{% set a = namespace() %}{% set a.self = a %}{{ a }}'],
    ['namespace', '{% set a = namespace() %}{% set b = [a] %}{% set a.b = b %}{{ a }}'],
    ['within each other', '{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}'],
    ['nests without end', '{{ '.concat('('.repeat(60_000), '1', ')'.repeat(60_000), ' }}')],
    ['at most 500000 characters', 'x'.repeat(500_001)],
    ['1000 spaces in a row', ' '.repeat(5000)],
  ]
  test.each(greedy.map(([message, template]) => [message, template.slice(0, 120), template] as const))(
    '%s: %s',
    (message, _, template) => {
      const start = performance.now()
      expect(() => render(template, { steps: 50_000, characters: 100_000, milliseconds: 60_000 })).toThrow(
        message,
      )
      // A fraction of a second each; the room is for busy machines.
      expect(performance.now() - start).toBeLessThan(20_000)
    },
  )

  test('limits are options', () => {
    const template = '{% for i in range(100) %}xy{% endfor %}'
    expect(render(template)).toBe('xy'.repeat(100))
    expect(() => render(template, { steps: 150 })).toThrow('more than 150 steps')
    expect(() => render(template, { steps: 50 })).toThrow('a range of 100 numbers')
    expect(() => render(template, { characters: 199 })).toThrow('more than 199 characters')
    expect(() => render('{% for i in range(50000) %}{% endfor %}', { milliseconds: 1e-6 })).toThrow(
      'milliseconds',
    )
    expect(() => render(template, { steps: 0 })).toThrow('renderChat: limits: steps')
  })

  test('loops that go on by {% continue %} end as others do', () => {
    const template =
      '{% for i in range(2000) %}{% if i % 2 %}{% continue %}{% endif %}{% if i > 9 %}{% continue %}{% endif %}{{ i }}{% endfor %}'
    expect(render(template)).toBe('02468')
  })

  test('a chat of a hundred long messages is within them', () => {
    const messages = Array.from({ length: 100 }, (_, i) => ({
      role: i % 2 === 0 ? 'user' : 'assistant',
      content: 'word '.repeat(10_000),
    }))
    const text = renderChat(golden.templates.qwen as string, messages)
    expect(text.length).toBeGreaterThan(100 * 50_000)
  })
})

describe('templates see plain data alone', () => {
  test.each([
    ['{{ messages.constructor }}'],
    ["{{ messages[0]['__proto__'] }}"],
    ["{{ messages[0]['constructor'] }}{{ messages[0].toString }}"],
    ["{{ ''.constructor }}{{ ''.__proto__ }}{{ ''['constructor'] }}"],
    ['{{ range.constructor }}{{ raise_exception.prototype }}'],
    ['{{ globalThis }}{{ process }}{{ self }}{{ this }}{{ environment }}'],
    ['{{ [].constructor }}{{ {}.constructor }}{{ namespace.call }}'],
  ])('%s is nothing', (template) => {
    expect(render(template)).toBe('')
  })

  test('keys of messages are data, whatever they are called', () => {
    const message = JSON.parse('{"role": "user", "__proto__": {"x": 1}, "constructor": "c"}') as ChatMessage
    expect(render('{{ messages[0].constructor }}', {}, [message])).toBe('c')
    expect(Object.prototype).not.toHaveProperty('x')
  })

  test('what is no plain data is refused', () => {
    expect(() => render('', {}, [{ role: 'user', content: 'x', made: new Date() }])).toThrow('message 0.made')
    expect(() => render('', {}, [{ role: 'user', call: () => 1 }])).toThrow('a function')
    const self: Record<string, unknown> = { role: 'user' }
    self.self = self
    expect(() => render('', {}, [self as unknown as ChatMessage])).toThrow('more than 100 levels')
  })

  test('a template changes nothing of what it is given', () => {
    const messages = [{ role: 'user', content: 'Hi' }]
    renderChat('{{ messages[0].content }}', messages, { continueFinalMessage: true })
    expect(messages).toEqual([{ role: 'user', content: 'Hi' }])
  })
})

describe('bad input', () => {
  test.each<readonly [string, () => string]>([
    ['received none', () => renderChat('', [])],
    [
      'received both',
      () => renderChat('', [user], { addGenerationPrompt: true, continueFinalMessage: true }),
    ],
    ['template: expected a template of Jinja', () => render('{% for %}')],
    ['template: expected a template of Jinja', () => render('{{ 1 + none }}')],
    ['its refusal: No!', () => render("{{ raise_exception('No!') }}")],
    [
      'Did you mean addGenerationPrompt',
      () => renderChat('', [user], { add_generation_prompt: true } as RenderChatOptions),
    ],
    [
      "one without 'content'",
      () => renderChat('{{ messages[0].content }}', [{ role: 'user' }], { continueFinalMessage: true }),
    ],
    ['leaves out parts', () => renderChat('content', [user], { continueFinalMessage: true })],
  ])('%s', (message, call) => {
    expect(call).toThrow(message)
  })
})
