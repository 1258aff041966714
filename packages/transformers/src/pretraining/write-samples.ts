import { Callback } from 'typegrad'
import { checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { generateIds } from '../generation/generate.ts'
import { temperature } from '../generation/sampling/temperature.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'

export interface WriteSamplesOptions {
  /** What the texts begin with; at least a token each. */
  readonly prompts: readonly string[]
  /** Tokens of each. Default 100. */
  readonly maxNewTokens?: number
  /** Default 0.8; 0 takes the likeliest token each time. */
  readonly temperature?: number
  /** Default 0. */
  readonly seed?: number
  /** After how many epochs, again and again. Default 1. */
  readonly every?: number
  /** What is done with them, with the epoch, counted from 0. Default: they are printed. */
  readonly onSamples?: (texts: readonly string[], epoch: number) => void
}

const { count, func, integer, list, needed, notNegative } = checks
export const writeSamplesChecks = optionsOf<WriteSamplesOptions>()({
  prompts: needed(list),
  maxNewTokens: count,
  temperature: notNegative,
  seed: integer,
  every: count,
  onSamples: func,
})

/** Lets a model write while it learns; see {@link writeSamples}. */
export class WriteSamples extends Callback {
  override readonly addsLogs = []
  readonly #language: PretrainedModel
  readonly #tokenizer: Tokenizer
  readonly #options: WriteSamplesOptions

  constructor(model: PretrainedModel, tokenizer: Tokenizer, options: WriteSamplesOptions) {
    super()
    checkOptions('writeSamples', options, writeSamplesChecks)
    this.#language = model
    this.#tokenizer = tokenizer
    this.#options = options
  }

  override async onEpochEnd(epoch: number): Promise<void> {
    const { prompts, maxNewTokens = 100, seed = 0, every = 1, onSamples = print } = this.#options
    if ((epoch + 1) % every !== 0) return
    const heat = this.#options.temperature ?? 0.8
    const sampled = heat === 0 ? {} : { sample: true, processors: [temperature(heat)] }
    const ids = prompts.map(
      (prompt) => this.#tokenizer.encode(prompt, undefined, { addSpecialTokens: false }).ids,
    )
    const answers = await generateIds(this.#language, ids, { ...sampled, maxNewTokens, seed: seed + epoch })
    const texts = answers.map(([answer], i) =>
      this.#tokenizer.decode([...(ids[i] ?? []), ...(answer?.ids ?? [])]),
    )
    onSamples(texts, epoch)
  }
}

const print = (texts: readonly string[]): void => {
  for (const text of texts) console.log(`\n${text}\n`)
}

/**
 * Lets a causal language model go on with prompts after each epoch, so that one sees how it learns.
 *
 * @throws ArgumentError for options that are none.
 * @example
 * await model.fit(batches, { callbacks: [writeSamples(model, tokenizer, { prompts: ['ROMEO:'] })] })
 */
export const writeSamples = (
  model: PretrainedModel,
  tokenizer: Tokenizer,
  options: WriteSamplesOptions,
): WriteSamples => new WriteSamples(model, tokenizer, options)
