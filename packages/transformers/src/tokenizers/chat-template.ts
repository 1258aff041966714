import { ArgumentError, checkOptions, DataError, FormatError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { BoundedInterpreter, TemplateLimitError, type TemplateLimits } from './bounded-interpreter.ts'
import { Environment, parseTemplate, type TemplateValue } from './jinja.ts'
import { functionValue, integerValue, isMapping, listValue } from './python-values.ts'
import { formattedTime } from './time-format.ts'

/** A message of a chat, as Hugging Face's templates know it. */
export interface ChatMessage {
  /** Such as `system`, `user`, `assistant` or `tool`. */
  readonly role: string
  /** Text, or parts of several kinds: `{ type: 'text', text }`. */
  readonly content?: string | readonly Readonly<Record<string, unknown>>[] | null
  /** Whatever else the template reads, such as `tool_calls` or `reasoning_content`. Entries that are null count as missing. */
  readonly [name: string]: unknown
}

export interface RenderChatOptions {
  /** Whether the text ends where the assistant's answer begins. Default false. */
  readonly addGenerationPrompt?: boolean
  /**
   * Whether the text ends within the last message, which the model continues; or the message's entry that it continues.
   * Default false.
   */
  readonly continueFinalMessage?: boolean | string
  /** Tools that the model may call, each a JSON schema of a function. Default none. */
  readonly tools?: readonly Readonly<Record<string, unknown>>[]
  /** Documents that the answer is to draw on. Default none. */
  readonly documents?: readonly Readonly<Record<string, unknown>>[]
  /** The tokenizer's special tokens by their names, such as `bos_token`. */
  readonly specialTokens?: Readonly<Record<string, string>>
  /** What else the template reads, such as `enable_thinking`. */
  readonly variables?: Readonly<Record<string, unknown>>
  /** What the template takes for the present. Default the clock's. */
  readonly now?: Date
  /** How much the template may do. */
  readonly limits?: TemplateLimits
}

const optionChecks = optionsOf<RenderChatOptions>()({
  addGenerationPrompt: checks.boolean,
  continueFinalMessage: checks.either(checks.boolean, checks.string),
  tools: checks.list,
  documents: checks.list,
  specialTokens: checks.anything,
  variables: checks.anything,
  now: checks.anything,
  limits: checks.anything,
})
const limitChecks = optionsOf<TemplateLimits>()({
  steps: checks.count,
  characters: checks.count,
  milliseconds: checks.positive,
})

/** Stands behind the message that is continued, while it is rendered. */
const tag = 'CONTINUE_FINAL_MESSAGE_TAG '
/** Names that reasoning goes by. */
const reasoningNames = ['reasoning_content', 'thinking', 'reasoning'] as const

/**
 * A chat as the text that a model was trained on, by its tokenizer's template (`chat_template` of `tokenizer_config.json`):
 * what Python's `apply_chat_template(…, tokenize=False)` gives.
 *
 * Templates come with checkpoints and are not trusted: they see plain data alone, and end with an error when they do more
 * than the limits allow.
 *
 * @param template Jinja, as Hugging Face's transformers has it.
 * @throws FormatError for a template that is none, fails, or does more than it may; DataError where the template refuses the
 * messages (`raise_exception`), or drops what is to be continued; ArgumentError for options and messages that are none.
 * @example
 * const template = "{% for m in messages %}<{{ m.role }}>{{ m.content }}\n{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}"
 * renderChat(template, [{ role: 'user', content: 'Hello' }], { addGenerationPrompt: true })
 */
export function renderChat(
  template: string,
  messages: readonly ChatMessage[],
  options: RenderChatOptions = {},
): string {
  checkOptions('renderChat', options, optionChecks)
  checkOptions('renderChat: limits', options.limits, limitChecks)
  const { addGenerationPrompt = false, continueFinalMessage = false, now } = options
  if (!Array.isArray(messages) || messages.length === 0)
    throw new ArgumentError({ where: 'renderChat', expected: 'messages', received: 'none' })
  if (continueFinalMessage !== false && addGenerationPrompt)
    throw new ArgumentError({
      where: 'renderChat',
      expected: 'addGenerationPrompt or continueFinalMessage',
      received: 'both',
      fix: 'The one begins a new answer, the other goes on with the last message.',
    })
  const chat = messages.map((message, i) => normalized(message, i))
  const continued =
    continueFinalMessage === false
      ? undefined
      : marked(chat, continueFinalMessage === true ? 'content' : continueFinalMessage, template)
  const rendered = render(template, options.limits ?? {}, now ?? new Date(), {
    ...options.specialTokens,
    ...options.variables,
    messages: chat,
    tools: options.tools ?? null,
    documents: options.documents ?? null,
    add_generation_prompt: addGenerationPrompt,
  })
  return continued === undefined ? rendered : cut(rendered, continued)
}

type Message = Record<string, unknown>

function normalized(message: ChatMessage, index: number): Message {
  if (typeof message !== 'object' || message === null || Array.isArray(message))
    throw new ArgumentError({
      where: `renderChat: message ${index}`,
      expected: 'an object with a role',
      received: JSON.stringify(message) ?? String(message),
    })
  // A copy: what is null is missing, and reasoning has all of its names.
  const kept = Object.entries(message).filter(([, value]) => value !== null && value !== undefined)
  const plain = plainData(Object.fromEntries(kept), `message ${index}`) as Message
  const reasoning = reasoningNames.map((name) => plain[name]).find((value) => value !== undefined)
  if (reasoning === undefined) return plain
  return { thinking: reasoning, ...plain, reasoning_content: reasoning }
}

/**
 * A copy of plain data: texts, numbers, true, false, null, lists and objects of them. A template sees nothing else.
 *
 * @throws ArgumentError for anything else, and for what contains itself.
 */
function plainData(value: unknown, where: string, level = 0): unknown {
  const refuse = (received: string): ArgumentError =>
    new ArgumentError({
      where: `renderChat: ${where}`,
      expected: 'texts, numbers, true, false, null, and lists and objects of them',
      received,
    })
  if (level > 100) throw refuse('more than 100 levels')
  if (value === null || ['string', 'number', 'boolean', 'undefined'].includes(typeof value)) return value
  if (Array.isArray(value)) return value.map((item, i) => plainData(item, `${where}[${i}]`, level + 1))
  const prototype: unknown = typeof value === 'object' ? Object.getPrototypeOf(value) : undefined
  if (prototype !== Object.prototype && prototype !== null) throw refuse(`a ${typeof value}`)
  const copy: Message = Object.create(null) as Message
  for (const [name, item] of Object.entries(value as object)) {
    if (item !== undefined) copy[name] = plainData(item, `${where}.${name}`, level + 1)
  }
  return copy
}

/** Puts the tag behind what is continued, and gives that. */
function marked(chat: readonly Message[], name: string, template: string): string {
  const last = chat.at(-1) as Message
  const value = last[name]
  const refuse = (received: string): DataError =>
    new DataError({
      where: 'renderChat: continueFinalMessage',
      expected: `a last message whose '${name}' has a text that the template reads`,
      received,
    })
  if (value === undefined || value === null) throw refuse(`one without '${name}'`)
  const names = (reasoningNames as readonly string[]).includes(name)
    ? reasoningNames.filter((other) => last[other] === value)
    : [name]
  if (!names.some((one) => template.includes(one))) throw refuse(`a template that does not know '${name}'`)
  if (typeof value === 'string') {
    for (const one of names) last[one] = value + tag
    return value
  }
  const parts = Array.isArray(value) ? (value as readonly Message[]) : []
  const part = parts.findLast((one) => typeof one.text === 'string')
  if (part === undefined) throw refuse('no text')
  const text = String(part.text)
  part.text = text + tag
  return text
}

/** The text up to the tag. */
function cut(rendered: string, continued: string): string {
  const at = rendered.lastIndexOf(tag.trim())
  if (at < 0 || !rendered.includes(continued.trim()))
    throw new DataError({
      where: 'renderChat: continueFinalMessage',
      expected: 'a template that puts out the last message as it is',
      received: 'one that leaves out parts of it',
    })
  // A template that trims messages has cut off the tag's space: then the message's own goes too.
  return rendered.startsWith(tag, at) ? rendered.slice(0, at) : rendered.slice(0, at).trimEnd()
}

const longestTemplate = 500_000
/** The package's tokenizer takes quadratic time for white space. */
const longestSpace = /\s{1000}/

function render(
  template: string,
  limits: TemplateLimits,
  now: Date,
  variables: Readonly<Record<string, unknown>>,
): string {
  const where = 'renderChat: template'
  if (template.length > longestTemplate || longestSpace.test(template))
    throw new FormatError({
      where,
      expected: `at most ${longestTemplate} characters, and less than 1000 spaces in a row`,
      received: `${template.length} characters`,
    })
  let refused: string | undefined
  const environment = new Environment()
  for (const [name, value] of Object.entries(variables))
    environment.setVariable(name, new Environment().set(name, plainData(value, name)))
  const constants = { true: true, True: true, false: false, False: false, none: null, None: null }
  for (const [name, value] of Object.entries(constants))
    environment.setVariable(name, new Environment().set(name, value))
  const call = (name: string, made: (args: readonly TemplateValue[]) => TemplateValue): void => {
    environment.setVariable(name, functionValue(made))
  }
  call('raise_exception', ([message]) => {
    refused = String(message?.value)
    throw new Error(refused)
  })
  call('strftime_now', ([format]) => new Environment().set('now', formattedTime(now, String(format?.value))))
  call('dict', (args) => {
    const [source] = args
    return source !== undefined && isMapping(source) ? copyOf(source) : new Environment().set('dict', {})
  })
  const most = limits.steps ?? 1_000_000
  call('range', (args) => range(args, most))
  try {
    const program = parseTemplate(template)
    return String(new BoundedInterpreter(environment, program, limits).run(program).value)
  } catch (error) {
    if (refused !== undefined)
      throw new DataError({
        where,
        expected: 'messages that it accepts',
        received: `its refusal: ${refused}`,
      })
    if (error instanceof TemplateLimitError || error instanceof RangeError)
      throw new FormatError(
        {
          where,
          expected: 'a template that ends within the limits',
          received: error instanceof TemplateLimitError ? error.message : 'one that nests without end',
          fix: 'Do not use templates from sources that you do not trust, or raise options.limits.',
        },
        { cause: error },
      )
    throw new FormatError(
      {
        where,
        expected: 'a template of Jinja that these messages suit',
        received: error instanceof Error ? error.message : String(error),
      },
      { cause: error },
    )
  }
}

function copyOf(source: TemplateValue & { value: Map<string, TemplateValue> }): TemplateValue {
  const copy = new Environment().set('dict', {}) as typeof source
  for (const [name, value] of source.value) copy.value.set(name, value)
  return copy
}

/** Python's `range`, which is not made where it would be too long. */
function range(args: readonly TemplateValue[], most: number): TemplateValue {
  const numbers = args.map(({ value }) => Number(value))
  const [start, stop, step = 1] = numbers.length < 2 ? [0, numbers[0] ?? 0] : numbers
  if (![start, stop, step].every(Number.isInteger) || step === 0)
    throw new Error('range() takes whole numbers, and no step of 0')
  const count = Math.max(0, Math.ceil(((stop as number) - (start as number)) / step))
  if (count > most) throw new TemplateLimitError(`a range of ${count} numbers`)
  return listValue(Array.from({ length: count }, (_, i) => integerValue((start as number) + i * step)))
}
