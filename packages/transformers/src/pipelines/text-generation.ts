import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { type ChatMessage, renderChat } from '../tokenizers/chat-template.ts'
import type { TextParts } from './parts.ts'
import { Writer, type Written } from './writer.ts'
import { type WritingOptions, writingChecks } from './writing-options.ts'

export interface TextGenerationOptions extends WritingOptions {
  /** Tools that a chat's model may call, each a JSON schema of a function. Default none. */
  readonly tools?: readonly Readonly<Record<string, unknown>>[]
  /** What else a chat's template reads, such as `enable_thinking`. Default none. */
  readonly templateVariables?: Readonly<Record<string, unknown>>
}

const optionChecks = optionsOf<TextGenerationOptions>()({
  ...writingChecks,
  tools: checks.list,
  templateVariables: checks.anything,
})

/** An answer, alone and with what it answers. */
export interface GeneratedText<Prompt> extends Written {
  /** Prompt and answer: a text, or the chat with the assistant's message. */
  readonly generatedText: Prompt
}

export type Chat = readonly ChatMessage[]

/** Writes on behind a text, or answers a chat. */
export interface TextGenerator extends TextParts {
  (prompt: string, options?: TextGenerationOptions): Promise<readonly GeneratedText<string>[]>
  (chat: Chat, options?: TextGenerationOptions): Promise<readonly GeneratedText<Chat>[]>
  (
    prompts: readonly string[],
    options?: TextGenerationOptions,
  ): Promise<readonly (readonly GeneratedText<string>[])[]>
  (
    chats: readonly Chat[],
    options?: TextGenerationOptions,
  ): Promise<readonly (readonly GeneratedText<Chat>[])[]>
  /**
   * The answer's text as it comes; an AbortSignal ends it, and so does leaving the loop.
   *
   * @example
   * for await (const piece of write.stream('Once', { signal: AbortSignal.timeout(5000) })) process.stdout.write(piece)
   */
  stream(prompt: string | Chat, options?: TextGenerationOptions): AsyncGenerator<string, void>
  readonly task: string
}

const task = 'text-generation'

export function textGeneration(parts: TextParts): TextGenerator {
  const { tokenizer } = parts
  const writer = new Writer(task, parts)

  function idsOf(prompt: string | Chat, options: TextGenerationOptions): readonly number[] {
    if (typeof prompt !== 'string') {
      return tokenizer.encode(chatText(prompt, options), undefined, { addSpecialTokens: false }).ids
    }
    const { addSpecialTokens = true } = options
    const { ids } = tokenizer.encode(prompt, undefined, { addSpecialTokens })
    if (ids.length > 0) return ids
    throw new ArgumentError({ where: task, expected: 'a text, or the messages of a chat', received: "''" })
  }

  function chatText(chat: Chat, { tools, templateVariables }: TextGenerationOptions): string {
    return renderChat(chatTemplate(parts), chat, {
      // A chat that ends in an assistant's message is continued within it, as in Python.
      ...(isContinued(chat) ? { continueFinalMessage: true } : { addGenerationPrompt: true }),
      specialTokens: tokenizer.specialTokens,
      ...(tools !== undefined && { tools }),
      ...(templateVariables !== undefined && { variables: templateVariables }),
    })
  }

  async function answers<P extends string | Chat>(
    prompts: readonly P[],
    options: TextGenerationOptions,
    joined: (prompt: P, text: string) => P,
  ): Promise<readonly (readonly GeneratedText<P>[])[]> {
    const ids = prompts.map((prompt) => idsOf(prompt, options))
    const written = await writer.write(ids, options)
    return prompts.map((prompt, i) =>
      (written[i] ?? []).map((one) => ({ generatedText: joined(prompt, one.text), ...one })),
    )
  }

  function call(prompt: string, options?: TextGenerationOptions): Promise<readonly GeneratedText<string>[]>
  function call(chat: Chat, options?: TextGenerationOptions): Promise<readonly GeneratedText<Chat>[]>
  function call(
    prompts: readonly string[],
    options?: TextGenerationOptions,
  ): Promise<readonly (readonly GeneratedText<string>[])[]>
  function call(
    chats: readonly Chat[],
    options?: TextGenerationOptions,
  ): Promise<readonly (readonly GeneratedText<Chat>[])[]>
  async function call(
    given: string | Chat | readonly string[] | readonly Chat[],
    options: TextGenerationOptions = {},
  ): Promise<unknown> {
    checkOptions(task, options, optionChecks)
    if (typeof given === 'string') return (await answers([given], options, addText))[0]
    if (areTexts(given)) return await answers(given, options, addText)
    if (areChats(given)) return await answers(given, options, addAnswer)
    return (await answers([given], options, addAnswer))[0]
  }

  function stream(prompt: string | Chat, options: TextGenerationOptions = {}): AsyncGenerator<string, void> {
    checkOptions(task, options, optionChecks)
    return writer.stream(idsOf(prompt, options), options)
  }

  return Object.assign(call, { task, stream, ...parts })
}

type Prompts = Chat | readonly string[] | readonly Chat[]

const areTexts = (given: Prompts): given is readonly string[] =>
  given.length > 0 && given.every((one) => typeof one === 'string')

const areChats = (given: Prompts): given is readonly Chat[] =>
  given.length > 0 && given.every((one) => Array.isArray(one))

const isContinued = (chat: Chat): boolean => Array.isArray(chat) && chat.at(-1)?.role === 'assistant'

const addText = (prompt: string, text: string): string => prompt + text

function addAnswer(chat: Chat, text: string): Chat {
  const last = chat.at(-1)
  return isContinued(chat) && last !== undefined
    ? [...chat.slice(0, -1), { ...last, content: `${String(last.content)}${text}` }]
    : [...chat, { role: 'assistant', content: text }]
}

/** @throws ArgumentError for a tokenizer without one. */
function chatTemplate({ tokenizer }: TextParts): string {
  const template: unknown = tokenizer.config.chat_template
  if (typeof template === 'string') return template
  // Several by name: the one for chats is the default.
  const named = Array.isArray(template) ? template : []
  const chosen = named.find((one: { readonly name?: unknown }) => one?.name === 'default')
  if (typeof chosen?.template === 'string') return chosen.template
  throw new ArgumentError({
    where: task,
    expected: 'a tokenizer with a chat_template for the messages of a chat',
    received: 'one without',
    fix: 'Give the prompt as one text, or a tokenizer_config.json with a "chat_template".',
  })
}
