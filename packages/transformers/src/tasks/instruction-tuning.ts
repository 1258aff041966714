import { ArgumentError, checkOptions, DataError, FormatError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { type ChatMessage, type RenderChatOptions, renderChat } from '../tokenizers/chat-template.ts'
import { languageTaskChecks } from './causal-language-modelling.ts'
import { type LanguageExample, type LanguageTaskOptions, preparedLanguageTask } from './language-modelling.ts'
import { RowFault, type Task } from './task.ts'
import { described, recordOf } from './text-batches.ts'

/** A chat with the assistant's answers in it. */
export interface ChatRow {
  readonly messages: readonly ChatMessage[]
  /** Tools that the template tells the model of. */
  readonly tools?: RenderChatOptions['tools']
}

export interface InstructionTuningOptions extends LanguageTaskOptions {
  /** How chats become text, in Jinja. Default: the tokenizer's `chat_template`. */
  readonly template?: string
  /** Whether all of the assistant's answers are learnt, or the last one of each chat. Default `'all'`. */
  readonly answers?: 'all' | 'last'
}

const optionChecks = optionsOf<InstructionTuningOptions>()({
  ...languageTaskChecks,
  template: checks.string,
  answers: checks.oneOf('all', 'last'),
})

/**
 * Chats, of which the assistant's answers are learnt and all else is read alone. Rows are `{ messages }`. The template makes
 * them text; an answer is what it adds behind the assistant's beginning, with what ends the turn.
 *
 * Scores: the loss per token of the answers and its perplexity.
 *
 * @example
 * const task = instructionTuning({ tokenizer, maxLength: 1024 })
 * const messages = [{ role: 'user', content: 'Where is Paris?' }, { role: 'assistant', content: 'In France.' }]
 * await finetune(model, [{ messages }], { task })
 */
export function instructionTuning(
  options: InstructionTuningOptions,
): Task<ChatRow, LanguageExample, PretrainedModel> {
  const name = 'instruction tuning'
  checkOptions(name, options, optionChecks)
  const { tokenizer, truncation = false, answers = 'all' } = options
  const template = options.template ?? tokenizer.config.chat_template
  if (typeof template !== 'string') {
    throw new ArgumentError({
      where: `${name}: template`,
      expected: 'a template, since the tokenizer has no chat_template',
      received: 'none',
    })
  }
  return {
    name,
    prepare: (model) =>
      preparedLanguageTask<ChatRow>(model, {
        ...{ name, options, truncates: truncation },
        encode(given, longest) {
          const row = rowOf(given)
          const { text, learnt } = rendered(template, row, {
            specialTokens: tokenizer.specialTokens,
            answers,
          })
          const { ids, starts, ends } = tokenizer.encode(text, undefined, { addSpecialTokens: false })
          const isLearnt = ids.map((_, i) => {
            // A token that begins before the answer, with a space, is the answer's.
            const last = (ends[i] as number) - 1
            return (
              last >= (starts[i] as number) && learnt.some(({ start, end }) => last >= start && last < end)
            )
          })
          const tooLong = ids.length > longest ? ids.length : undefined
          const example = {
            ids: ids.slice(0, longest),
            isLearnt: isLearnt.slice(0, longest),
            beginnings: [0],
          }
          // A chat that is cut before its first answer has nothing to learn from.
          return { row, examples: example.isLearnt.includes(true) ? [example] : [], tooLong }
        },
      }),
  }
}

function rowOf(given: unknown): ChatRow {
  const row = recordOf(given)
  const { messages } = row
  const areMessages =
    Array.isArray(messages) &&
    messages.every((message: unknown) => typeof (message as ChatMessage | null)?.role === 'string')
  if (!areMessages) throw new RowFault("a list of messages with roles in 'messages'", described(messages))
  if (messages.some(({ role }: ChatMessage) => role === 'assistant')) return row as unknown as ChatRow
  throw new RowFault(
    'an answer of the assistant to learn from',
    `messages of ${messages.map(({ role }: ChatMessage) => role).join(', ')}`,
  )
}

/** A place in a text, in UTF-16 units. */
interface Range {
  readonly start: number
  readonly end: number
}

/**
 * A chat as text, and which of it is learnt: an answer is what the chat up to it has more than the chat before it with the
 * beginning of an answer.
 *
 * @throws RowFault for messages that the template refuses, and where it changes what came before an answer.
 */
function rendered(
  template: string,
  { messages, tools }: ChatRow,
  {
    specialTokens,
    answers,
  }: { readonly specialTokens: Readonly<Record<string, string>>; readonly answers: 'all' | 'last' },
): { readonly text: string; readonly learnt: readonly Range[] } {
  const text = (count: number, addGenerationPrompt: boolean): string => {
    try {
      return renderChat(template, messages.slice(0, count), {
        ...{ addGenerationPrompt, specialTokens },
        ...(tools !== undefined && { tools }),
      })
    } catch (error) {
      if (error instanceof DataError || error instanceof FormatError) {
        throw new RowFault('messages that the template takes', error.message)
      }
      throw error
    }
  }
  const whole = text(messages.length, false)
  const places = [...messages.keys()].filter((i) => messages[i]?.role === 'assistant')
  const chosen = answers === 'all' ? places : places.slice(-1)
  const learnt = chosen.map((i) => {
    const [before, after] = [text(i, true), text(i + 1, false)]
    if (after.startsWith(before) && whole.startsWith(after))
      return { start: before.length, end: after.length }
    throw new RowFault(
      'a template that leaves earlier messages as they are, so that answers have a place',
      `one that writes message ${i} otherwise once others follow`,
    )
  })
  return { text: whole, learnt }
}
