import { losses, type Tensor, tensor } from 'typegrad'
import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { ConfigReader } from '../base/config.ts'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { generateIds } from '../generation/generate.ts'
import type { GenerateOptions } from '../generation/generate-options.ts'
import { ignoredLabel } from '../layers/labels.ts'
import { EncoderDecoder } from '../layers/network.ts'
import { bleu } from '../metrics/bleu.ts'
import { chrf } from '../metrics/chrf.ts'
import { rouge } from '../metrics/rouge.ts'
import { roundedLength } from '../pipelines/rows.ts'
import type { Encoding } from '../tokenizers/encoding.ts'
import type { Scores, Task } from './task.ts'
import { TaskModel } from './task-model.ts'
import {
  checkedLength,
  positionLabels,
  recordOf,
  type TextTaskOptions,
  textInputs,
  textOf,
  textTaskChecks,
} from './text-batches.ts'

/** A text and what it is to become: its translation, its summary. */
export interface RewritingRow {
  readonly source: string
  readonly target: string
}

/** How written texts are compared with those of the data. */
export type WritingScore = 'bleu' | 'chrf' | 'rouge'

export interface SequenceToSequenceOptions extends TextTaskOptions {
  /** How many tokens a target has at most. Default: `maxLength`. */
  readonly maxTargetLength?: number
  /** What stands before each source, such as T5's `'translate English to German: '`. Default nothing. */
  readonly prefix?: string
  /**
   * The share of each label that is spread over all tokens while the model trains; validation and scores are without. Section
   * 5.4 of https://arxiv.org/abs/1706.03762 has 0.1. Default 0.
   */
  readonly labelSmoothing?: number
  /** How texts are written when the model is scored. Default: greedily, to at most `maxTargetLength` tokens, or 128. */
  readonly generation?: GenerateOptions
  /** What they are scored by; each costs nothing beside the writing. Default none: only loss and perplexity. */
  readonly scores?: readonly WritingScore[]
}

const scoreNames = ['bleu', 'chrf', 'rouge'] as const

const optionChecks = optionsOf<SequenceToSequenceOptions>()({
  ...textTaskChecks,
  maxTargetLength: checks.count,
  prefix: checks.string,
  labelSmoothing: checks.share,
  generation: checks.named,
  scores: {
    expected: `a list of ${scoreNames.join(', ')}`,
    accepts: (value) => Array.isArray(value) && value.every((one) => scoreNames.includes(one)),
  },
})

/** Cross entropy of the tokens that count, whose labels are smoothed while the model trains. */
class SmoothedInTraining extends losses.SparseCategoricalCrossentropy {
  readonly #smoothed: losses.SparseCategoricalCrossentropy

  constructor(labelSmoothing: number) {
    const counted = { fromLogits: true, ignoreClass: ignoredLabel }
    super(counted)
    this.#smoothed = new losses.SparseCategoricalCrossentropy({ ...counted, labelSmoothing })
  }

  override call(yTrue: Tensor, yPred: Tensor, context?: losses.LossContext): Tensor {
    return context?.training ? this.#smoothed.call(yTrue, yPred) : super.call(yTrue, yPred)
  }
}

interface Example {
  readonly encoding: Encoding
  /** What the decoder is to write, with the token that ends it. */
  readonly target: readonly number[]
}

const written: Readonly<
  Record<WritingScore, (texts: readonly string[], right: readonly string[]) => Scores>
> = {
  bleu: (texts, right) => ({ bleu: bleu(texts, right).score }),
  chrf: (texts, right) => ({ chrf: chrf(texts, right).score }),
  rouge: (texts, right) => {
    const { rouge1, rouge2, rougeL } = rouge(texts, right)
    return { rouge1: rouge1?.f1 ?? 0, rouge2: rouge2?.f1 ?? 0, rougeL: rougeL?.f1 ?? 0 }
  },
}

/**
 * Texts into texts, by models with an encoder and a decoder: translation, summaries. Rows are `{ source, target }`. The decoder
 * learns each token of the target from those before it (teacher forcing).
 *
 * Scores: the loss per token and its perplexity, and those of `scores`, for which the model writes: BLEU as sacreBLEU, chrF,
 * and ROUGE as rouge-score count them.
 *
 * @example
 * const task = sequenceToSequence({ tokenizer, prefix: 'summarize: ', truncation: true, scores: ['rouge'] })
 * await finetune(model, [{ source: document, target: summary }], { task })
 */
export function sequenceToSequence(
  options: SequenceToSequenceOptions,
): Task<RewritingRow, Example, PretrainedModel> {
  const name = 'sequence to sequence'
  checkOptions(name, options, optionChecks)
  const { tokenizer, truncation = false, prefix = '', scores = [] } = options
  return {
    name,
    prepare(model) {
      const longest = checkedLength(name, model, options, ['logits'])
      if (!(model.network instanceof EncoderDecoder)) {
        throw new ArgumentError({
          where: name,
          expected: 'a model with an encoder and a decoder, such as T5, BART or Marian',
          received: model.network.className,
          fix: 'Decoders alone are trained by causalLanguageModelling or instructionTuning.',
        })
      }
      const config = new ConfigReader(model.config)
      const padId = config.number('pad_token_id', tokenizer.padId ?? 0)
      const startId = config.optionalNumber('decoder_start_token_id')
      const longestTarget = options.maxTargetLength ?? longest
      const trained = new TaskModel(model, ['logits'])
      return {
        trained,
        compile: {
          loss: { logits: new SmoothedInTraining(options.labelSmoothing ?? 0) },
        },
        longest,
        truncates: truncation,
        encode(given) {
          const row = recordOf(given)
          const [source, target] = [prefix + textOf(row, 'source'), textOf(row, 'target')]
          const read = cut(tokenizer.encode(source), longest, (maxLength) =>
            tokenizer.encode(source, undefined, { truncation: true, maxLength }),
          )
          const write = cut(tokenizer.encode(target), longestTarget, (maxLength) =>
            tokenizer.encode(target, undefined, { truncation: true, maxLength }),
          )
          return {
            row: { source, target },
            examples: [{ encoding: read.encoding, target: write.encoding.ids }],
            tooLong: read.tooLong ?? write.tooLong,
          }
        },
        // Both are filled up; of one length they make the fewest programs.
        lengthOf: ({ encoding, target }) => Math.max(encoding.length, target.length),
        collate(examples) {
          const encodings = examples.map(({ encoding }) => encoding)
          const targets = examples.map(({ target }) => target)
          const { inputs } = textInputs(model, tokenizer, encodings, longest)
          const length = roundedLength(Math.max(...targets.map((target) => target.length)), longestTarget)
          const shifted = new Int32Array(examples.length * length).fill(padId)
          for (const [i, target] of targets.entries()) {
            // As shiftTokensRight: where nothing is said, what ends the target, which in mBART is the language, begins it.
            shifted.set(
              [startId ?? (target.at(-1) as number), ...target.slice(0, length - 1)].slice(0, length),
              i * length,
            )
          }
          const decoder = tensor(shifted).reshape([examples.length, length])
          return [{ ...inputs, decoder_input_ids: decoder }, { logits: positionLabels(targets, length) }]
        },
        async evaluate(samples, { batchSize, signal }) {
          const examples = samples.flatMap((sample) => sample.examples)
          let [loss, count] = [0, 0]
          for (let first = 0; first < examples.length; first += batchSize) {
            signal?.throwIfAborted()
            const batch = examples.slice(first, first + batchSize)
            const [x, y] = this.collate(batch)
            const tokens = batch.reduce((sum, { target }) => sum + target.length, 0)
            loss += tokens * ((await trained.testOnBatch(x, y ?? null)).loss ?? Number.NaN)
            count += tokens
          }
          loss /= count
          if (scores.length === 0) return { loss, perplexity: Math.exp(loss) }
          const texts: string[] = []
          for (let first = 0; first < examples.length; first += batchSize) {
            const prompts = examples.slice(first, first + batchSize).map(({ encoding }) => encoding.ids)
            const answers = await generateIds(model, prompts, {
              maxNewTokens: longestTarget ?? 128,
              ...options.generation,
              ...(signal !== undefined && { signal }),
            })
            texts.push(
              ...answers.map(([best]) => tokenizer.decode(best?.ids ?? [], { skipSpecialTokens: true })),
            )
          }
          const right = samples.map(({ row }) => row.target)
          const all = scores.map((score) => written[score](texts, right))
          return Object.assign({ loss, perplexity: Math.exp(loss) }, ...all) as Scores
        },
      }
    },
  }

  function cut(
    whole: Encoding,
    most: number | undefined,
    truncated: (maxLength: number) => Encoding,
  ): { readonly encoding: Encoding; readonly tooLong: number | undefined } {
    if (most === undefined || whole.length <= most) return { encoding: whole, tooLong: undefined }
    return { encoding: truncation ? truncated(most) : whole, tooLong: whole.length }
  }
}
