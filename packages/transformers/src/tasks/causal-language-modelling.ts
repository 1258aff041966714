import { checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { type LanguageExample, type LanguageTaskOptions, preparedLanguageTask } from './language-modelling.ts'
import type { Task } from './task.ts'
import { recordOf, textOf, textTaskChecks } from './text-batches.ts'

/** A text; or a beginning and what follows it, of which that alone is learnt. */
export type LanguageRow = { readonly text: string } | { readonly prompt: string; readonly completion: string }

export interface CausalLanguageModellingOptions extends LanguageTaskOptions {
  /** Whether the token that ends texts stands behind each, if the tokenizer has one. Default true. */
  readonly endToken?: boolean
}

export const languageTaskChecks = optionsOf<LanguageTaskOptions>()({
  ...textTaskChecks,
  packing: checks.boolean,
})

const optionChecks = optionsOf<CausalLanguageModellingOptions>()({
  ...languageTaskChecks,
  endToken: checks.boolean,
})

/**
 * The next token of texts, for decoders. Rows are `{ text }`, or `{ prompt, completion }`, of which the completion alone is
 * learnt. Texts that are longer than the model reads are cut into pieces, of which each is learnt, or, with `truncation`, cut
 * off; completions that do not fit are refused or cut off.
 *
 * Scores: the loss per token and its perplexity.
 *
 * @example
 * const task = causalLanguageModelling({ tokenizer, maxLength: 256 })
 * await finetune(model, 'stories.jsonl', { task })
 */
export function causalLanguageModelling(
  options: CausalLanguageModellingOptions,
): Task<LanguageRow, LanguageExample, PretrainedModel> {
  const name = 'causal language modelling'
  checkOptions(name, options, optionChecks)
  const { tokenizer, truncation = false, endToken = true } = options
  const end = endToken ? tokenizer.specialId('eos_token') : undefined
  const ended = (ids: readonly number[]): readonly number[] =>
    end === undefined || ids.at(-1) === end ? ids : [...ids, end]
  return {
    name,
    prepare: (model) =>
      preparedLanguageTask<LanguageRow>(model, {
        ...{ name, options, truncates: truncation },
        encode(given, longest) {
          const row = recordOf(given)
          if (row.prompt !== undefined || row.completion !== undefined) {
            const [prompt, completion] = [textOf(row, 'prompt'), textOf(row, 'completion')]
            const { ids, ends } = tokenizer.encode(prompt + completion)
            const all = ended(ids)
            // What stands behind the last letter, such as the token that ends it, has no place in the text.
            const first = ends.findIndex((place) => place > prompt.length)
            const example = {
              ids: all.slice(0, longest),
              isLearnt: all.map((_, i) => first >= 0 && i >= first).slice(0, longest),
              beginnings: [0],
            }
            const tooLong = all.length > longest ? all.length : undefined
            return { row: { prompt, completion }, examples: [example], tooLong }
          }
          const text = textOf(row, 'text')
          const ids = ended(tokenizer.encode(text).ids)
          const count = truncation ? 1 : Math.ceil(ids.length / longest)
          const pieces = Array.from({ length: count }, (_, i) => ids.slice(i * longest, (i + 1) * longest))
          return {
            row: { text },
            examples: pieces.map((piece) => ({
              ids: piece,
              isLearnt: piece.map(() => true),
              beginnings: [0],
            })),
            tooLong: truncation && ids.length > longest ? ids.length : undefined,
          }
        },
      }),
  }
}
