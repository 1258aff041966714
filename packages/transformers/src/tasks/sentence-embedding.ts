import { type Tensor, tensor } from 'typegrad'
import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { searchScores } from '../embeddings/evaluation/search-scores.ts'
import { similarityScores, tripletAccuracy } from '../embeddings/evaluation/similarity-scores.ts'
import type { EmbeddingLoss } from '../embeddings/losses/embedding-loss.ts'
import { SentenceEncoder } from '../embeddings/sentence-encoder.ts'
import { SentenceTraining } from '../embeddings/sentence-training.ts'
import { longestText } from '../pipelines/parts.ts'
import type { Encoding } from '../tokenizers/encoding.ts'
import { withoutDuplicates } from './no-duplicates.ts'
import { type EncodedSample, type EvaluateTaskOptions, RowFault, type Scores, type Task } from './task.ts'
import {
  checkedLength,
  described,
  recordOf,
  type TextTaskOptions,
  textInputs,
  textOf,
  textTaskChecks,
} from './text-batches.ts'

/** A text, one that belongs with it, and perhaps some that do not. */
export interface AnchorRow {
  readonly anchor: string
  readonly positive: string
  /** One, or a list, as many in every row. */
  readonly negative?: string | readonly string[]
}

/** One text, or two, with a label: how alike they are, a class (a whole number), or a teacher's vector. */
export interface LabelledTextRow {
  readonly text: string
  readonly textPair?: string
  readonly label: number | readonly number[]
}

export type SentenceRow = AnchorRow | LabelledTextRow

/** The columns of rows. */
type Column = 'anchor' | 'positive' | 'negative' | 'text' | 'textPair'

export interface SentenceEmbeddingOptions extends TextTaskOptions {
  /** What is learned, such as `embeddingLosses.multipleNegativesRanking()`. */
  readonly loss: EmbeddingLoss
  /** Whether texts that are longer than the model reads are cut off, rather than refused. Default true. */
  readonly truncation?: boolean | undefined
  /** What the texts of a column begin with, such as `{ anchor: 'query: ' }`. Default nothing. */
  readonly prompts?: Readonly<Partial<Record<Column, string>>> | undefined
  /**
   * How many texts of a column are embedded at once: batches may then be as large as one likes, at the price of one more
   * forward pass. Loss and gradients are those of the whole batch (sentence-transformers' `Cached…Loss`). Default: all.
   */
  readonly miniBatchSize?: number | undefined
  /**
   * Whether no text occurs twice in a batch, where it would be a negative of itself. Default: where the loss takes texts of
   * other rows for negatives.
   */
  readonly noDuplicates?: boolean | undefined
}

const optionChecks = optionsOf<SentenceEmbeddingOptions>()({
  ...textTaskChecks,
  loss: checks.needed(checks.named),
  prompts: checks.named,
  miniBatchSize: checks.count,
  noDuplicates: checks.boolean,
})

/** What a row is as numbers. */
export interface SentenceExample {
  /** One of each column. */
  readonly encodings: readonly Encoding[]
  readonly texts: readonly string[]
  readonly label: number | readonly number[] | undefined
}

/**
 * Vectors of texts: what belongs together is to be near, what does not far apart. What rows are is the loss's matter:
 * `{ anchor, positive, negative }`, `{ text, textPair, label }` or `{ text, label }`.
 *
 * Scores: of anchors, how well each finds its positive among the positives of all rows (`recall@1`, `recall@5`, `mrr@10`,
 * `ndcg@10`), and of rows with a negative the share that is nearer to the positive (`tripletAccuracy`); of pairs with numbers
 * Spearman's and Pearson's correlation with the cosines; of others the loss.
 *
 * @throws ArgumentError for options that are none.
 * @example
 * const loss = embeddingLosses.multipleNegativesRanking()
 * await finetune(encoder, [{ anchor: 'stop early', positive: 'EarlyStopping ends …' }], {
 *   task: tasks.sentenceEmbedding({ tokenizer, loss }),
 * })
 */
export function sentenceEmbedding(
  options: SentenceEmbeddingOptions,
): Task<SentenceRow, SentenceExample, SentenceEncoder> {
  const name = 'sentence embedding'
  checkOptions(name, options, optionChecks)
  const { tokenizer, loss, truncation = true, prompts = {}, miniBatchSize } = options
  return {
    name,
    prepare(model) {
      if (!(model instanceof SentenceEncoder)) {
        throw new ArgumentError({
          where: name,
          expected: 'a SentenceEncoder',
          received: String(model),
          fix: 'loadSentenceEncoder(folder) makes one of a sentence-transformers folder, or of any encoder’s.',
        })
      }
      checkedLength(name, model.base, options, [])
      const read = longestText({ model, tokenizer })
      const longest = options.maxLength ?? read
      // How many texts rows have, which the first one says.
      let columns: number | undefined
      return {
        trained: new SentenceTraining(model, loss, miniBatchSize ?? Number.POSITIVE_INFINITY),
        compile: {},
        longest,
        truncates: truncation,
        encode(given) {
          const row = recordOf(given)
          const named = textsOf(row, loss)
          columns ??= named.length
          if (named.length !== columns) {
            throw new RowFault(`${columns} texts, as other rows have`, String(named.length))
          }
          const label = labelOf(row, loss, model.width)
          const texts = named.map(([column, text]) => (prompts[column] ?? '') + text)
          const whole = texts.map((text) => tokenizer.encode(text))
          const most = Math.max(...whole.map(({ length }) => length))
          const tooLong = most > (longest ?? most) ? most : undefined
          const encodings =
            tooLong !== undefined && truncation && longest !== undefined
              ? texts.map((text) =>
                  tokenizer.encode(text, undefined, { truncation: true, maxLength: longest }),
                )
              : whole
          return { row: row as unknown as SentenceRow, examples: [{ encodings, texts, label }], tooLong }
        },
        ...((options.noDuplicates ?? loss.usesBatch) && { batches: withoutDuplicates }),
        collate(examples) {
          const { length } = (examples[0] as SentenceExample).encodings
          const inputs = Array.from({ length }, (_, column) => {
            const encodings = examples.map((example) => example.encodings[column] as Encoding)
            return Object.values(textInputs(model.base, tokenizer, encodings, longest).inputs)
          })
          return [inputs, labelsOf(examples)]
        },
        ...(loss.rows === 'anchors' || (loss.rows === 'pairs' && loss.label === 'number')
          ? { evaluate: (samples, told) => evaluate({ model, tokenizer }, samples, told) }
          : {}),
      }
    },
  }
}

/** The texts of a row, each with its column. @throws RowFault */
function textsOf(
  row: Readonly<Record<string, unknown>>,
  { rows, texts: wanted }: EmbeddingLoss,
): readonly (readonly [Column, string])[] {
  const one = (column: Column) => [column, textOf(row, column)] as const
  if (rows === 'texts') return [one('text')]
  if (rows === 'pairs') return [one('text'), one('textPair')]
  const { negative } = row
  const negatives: readonly unknown[] =
    negative == null ? [] : Array.isArray(negative) ? negative : [negative]
  const texts = [
    one('anchor'),
    one('positive'),
    ...negatives.map((text) => ['negative', textOf({ negative: text }, 'negative')] as const),
  ]
  if (wanted === undefined || texts.length === wanted) return texts
  throw new RowFault(`${wanted - 2} text in 'negative'`, String(negatives.length))
}

/** @throws RowFault */
function labelOf(
  row: Readonly<Record<string, unknown>>,
  { label: kind }: EmbeddingLoss,
  width: number,
): number | readonly number[] | undefined {
  if (kind === 'none') return undefined
  const { label } = row
  if (kind === 'vector') {
    const isVector = Array.isArray(label) && label.length === width && label.every(Number.isFinite)
    if (isVector) return label
    throw new RowFault(
      `a vector of ${width} numbers in 'label'`,
      Array.isArray(label) ? `${label.length} of them` : described(label),
    )
  }
  // Tables have numbers as text.
  const number = typeof label === 'string' && label.trim() !== '' ? Number(label) : label
  const fits = kind === 'number' ? Number.isFinite(number) : Number.isInteger(number) && Number(number) >= 0
  if (fits) return number as number
  throw new RowFault(`a ${kind === 'number' ? 'number' : 'whole number from 0'} in 'label'`, described(label))
}

/** (batch), or (batch, width) of vectors; null where rows have none. */
function labelsOf(examples: readonly SentenceExample[]): Tensor | null {
  const labels = examples.map(({ label }) => label)
  if (labels[0] === undefined) return null
  const flat = tensor(Float32Array.from(labels.flat() as readonly number[]))
  return Array.isArray(labels[0]) ? flat.reshape([labels.length, labels[0].length]) : flat
}

async function evaluate(
  parts: { readonly model: SentenceEncoder; readonly tokenizer: TextTaskOptions['tokenizer'] },
  samples: readonly EncodedSample<SentenceRow, SentenceExample>[],
  { batchSize, signal }: EvaluateTaskOptions,
): Promise<Scores> {
  const examples = samples.flatMap((sample) => sample.examples)
  const told = { batchSize, signal }
  const columnOf = (column: number) => examples.map(({ texts }) => texts[column] as string)
  if (examples[0]?.label !== undefined) {
    const pairs = examples.map(({ texts }) => [texts[0] as string, texts[1] as string] as const)
    const scores = examples.map(({ label }) => label as number)
    return { ...(await similarityScores(parts, pairs, scores, told)) }
  }
  // The same text may be the positive of several anchors.
  const positives = columnOf(1)
  const documents = [...new Set(positives)]
  const relevant = positives.map((text) => new Set([documents.indexOf(text)]))
  const { recall, mrr, ndcg } = await searchScores(parts, columnOf(0), documents, relevant, {
    ...told,
    at: [1, 5, 10],
  })
  const triplets = examples.flatMap(({ texts: [anchor, positive, negative] }) =>
    negative === undefined ? [] : [[anchor, positive, negative] as [string, string, string]],
  )
  return {
    ...{ 'recall@1': recall[1] as number, 'recall@5': recall[5] as number },
    ...{ 'mrr@10': mrr[10] as number, 'ndcg@10': ndcg[10] as number },
    ...(triplets.length > 0 && { tripletAccuracy: await tripletAccuracy(parts, triplets, told) }),
  }
}
