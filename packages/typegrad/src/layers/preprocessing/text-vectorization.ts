import { describe } from '../../base/describe.ts'
import { ArgumentError, ShapeError } from '../../base/errors.ts'
import { anything, boolean, checked, count, list, optionsOf, orNull, wholeFrom } from '../../base/options.ts'
import { canonicalName } from '../../base/registry.ts'
import { formatShape, type Shape, sizeOf } from '../../base/shape.ts'
import { takes } from '../../base/takes.ts'
import { fromData, type Tensor } from '../../tensor/tensor.ts'
import { type LayerOptions, layerChecks } from '../base/layer.ts'
import type { NamedShape } from '../base/sizes.ts'
import { type AdaptData, type AdaptOptions, adaptChecks, batchesOf } from './adapt-data.ts'
import type { OutputMode } from './categorical.ts'
import { hashBucket } from './hash-options.ts'
import type { HostOutput } from './host-layer.ts'
import { type HostValue, type HostValues, hostBatch } from './host-values.ts'
import { IndexList, IndexRows } from './index-list.ts'
import { IndexLookup } from './index-lookup.ts'
import { TextScanner, type Vocabulary } from './text-scanner.ts'
import { ngramWidths, type Split, type Standardize, splitters, standardizers } from './text-splitting.ts'
import { TokenTable } from './token-table.ts'
import { VocabularyCounter } from './vocabulary-counter.ts'

export interface TextVectorizationOptions extends LayerOptions {
  /** The most tokens that the vocabulary has, the two special ones among them. Default: as many as there are. */
  readonly maxTokens?: number | null
  /** What is done to a text first; a function for something else, null for nothing. Default `'lowerAndStripPunctuation'`. */
  readonly standardize?: Standardize | null
  /** How a text is split; a function for something else, null where the input's rows are tokens already. Default `'whitespace'`. */
  readonly split?: Split | null
  /** Runs of so many tokens count as tokens: a number for all widths up to it, or a list of widths. Default none. */
  readonly ngrams?: number | readonly number[] | null
  /** Indices, or rows over the vocabulary. Default `'int'`. */
  readonly outputMode?: OutputMode
  /** How many indices each text has, cut or filled up with 0; for `'int'`. Default: as many as the longest of a call has. */
  readonly outputSequenceLength?: number | null
  /** Whether rows are `maxTokens` long even where the vocabulary is smaller. Default false. */
  readonly padToMaxTokens?: boolean
  /** The tokens in the order of their indices, with or without `''` and `'[UNK]'` in front. Default: `adapt` finds them. */
  readonly vocabulary?: readonly string[] | null
  /** How telling each token of `vocabulary` is; needed with it for `'tfIdf'`. Default: `adapt` finds it. */
  readonly idfWeights?: readonly number[] | null
}

export const textVectorizationChecks = optionsOf<TextVectorizationOptions>()({
  vocabulary: orNull(list),
  maxTokens: orNull(wholeFrom(2)),
  standardize: anything,
  split: anything,
  ngrams: anything,
  outputMode: anything,
  outputSequenceLength: orNull(count),
  padToMaxTokens: boolean,
  idfWeights: orNull(list),
  ...layerChecks,
})

/** Texts in rows of so many; `front` are the dimensions before the tokens. */
interface Texts {
  readonly texts: readonly string[]
  readonly width: number
  readonly front: Shape
}

/** The indices of all rows one after another, and where each row ends. */
interface IndicesOfRows {
  readonly indices: Int32Array
  readonly ends: Int32Array
  /** The dimensions before the tokens. */
  readonly front: Shape
}

/** Texts as indices of their words; see {@link textVectorization}. */
@takes(textVectorizationChecks)
export class TextVectorization extends IndexLookup<string> {
  readonly className = 'TextVectorization'
  readonly standardize: Standardize | null
  readonly split: Split | null
  readonly ngrams: number | readonly number[] | undefined
  readonly outputSequenceLength: number | undefined
  readonly #widths: readonly number[] | undefined
  readonly #scanner: TextScanner
  #scanned: { readonly tokens: readonly string[]; readonly vocabulary: Vocabulary } | undefined

  constructor({
    standardize = 'lowerAndStripPunctuation',
    split = 'whitespace',
    ngrams,
    outputSequenceLength,
    ...options
  }: TextVectorizationOptions = {}) {
    super('TextVectorization', '[UNK]', { ...options, maskToken: '' })
    this.standardize =
      typeof standardize === 'string'
        ? canonicalName('TextVectorization: standardize', standardize, standardizers)
        : standardize
    this.split =
      typeof split === 'string' ? canonicalName('TextVectorization: split', split, splitters) : split
    this.ngrams = ngrams ?? undefined
    this.outputSequenceLength = outputSequenceLength ?? undefined
    this.#widths = ngramWidths('TextVectorization', ngrams)
    this.#scanner = new TextScanner({
      standardize: this.standardize,
      split: this.split,
      widths: this.#widths,
    })
    if (this.outputSequenceLength !== undefined && this.outputMode !== 'int') {
      throw new ArgumentError({
        where: 'TextVectorization',
        expected: "outputSequenceLength with outputMode 'int' alone",
        received: `outputMode '${this.outputMode}'`,
      })
    }
  }

  protected tokenOf(value: HostValue): string {
    if (typeof value === 'string') return value
    throw new ArgumentError({ where: 'TextVectorization', expected: 'texts', received: describe(value) })
  }

  protected bucketOf(token: string): number {
    return hashBucket(token, this.numOovIndices)
  }

  /**
   * Texts and how many of them are a row: one that is to be split, or with `split: null` as many as are in the last dimension.
   *
   * @throws ShapeError for nested texts that are to be split.
   */
  #textsOf(where: string, given: HostValues): Texts {
    const { values, shape } = hostBatch(where, given)
    const odd = values.find((value) => typeof value !== 'string')
    if (odd !== undefined) this.tokenOf(odd)
    const texts = values as readonly string[]
    if (this.split === null) return { texts, width: shape.at(-1) ?? 1, front: shape.slice(0, -1) }
    if (shape.length > 2 || (shape.length === 2 && shape[1] !== 1)) {
      throw new ShapeError({
        where,
        expected: 'texts in an array, or each in an array of its own: [batch] or [batch, 1]',
        received: formatShape(shape),
        fix: 'Join what belongs together, or set split: null for rows of tokens.',
      })
    }
    return { texts, width: 1, front: [values.length] }
  }

  /**
   * Finds the vocabulary of texts: of an array, or of a stream (strings, or batches of them). Each text is a document. Compile
   * a model that uses the indices after it.
   *
   * @throws StateError for a layer that was given its vocabulary, DataError for no tokens.
   */
  override async adapt(data: AdaptData<HostValues | Tensor>, options: AdaptOptions = {}): Promise<void> {
    const where = `${this.name}.adapt`
    const told = checked(where, options, adaptChecks)
    await this.learn(where, async () => {
      const table = new TokenTable([], true)
      const vocabulary = { table, first: 0, unknown: -1, empty: -1 }
      const counter = new VocabularyCounter((place) => table.tokenAt(place))
      const into = new IndexList()
      for await (const batch of batchesOf(where, typeof data === 'string' ? [data] : data, told)) {
        const { texts, width, front } = this.#textsOf(where, batch as HostValues)
        for (let i = 0; i < sizeOf(front); i++) {
          into.length = 0
          const most = Number.POSITIVE_INFINITY
          this.#scanner.lookUp(texts, i * width, (i + 1) * width, { vocabulary, into, most })
          counter.add(into.data, 0, into.length)
        }
      }
      return counter
    })
  }

  /**
   * Texts as lists of indices, each as long as the text has tokens (at most `outputSequenceLength`): what Keras gives with
   * `ragged`.
   *
   * @throws StateError before there is a vocabulary.
   * @example
   * layer.toRows(['one two', 'two']) // [[3, 2], [2]]
   */
  toRows(texts: HostValues): number[][] {
    const { indices, ends } = this.#indicesOf(texts)
    return Array.from(ends, (end, i) => Array.from(indices.subarray(ends[i - 1] ?? 0, end)))
  }

  /** The indices of all rows, and where each row ends. */
  #indicesOf(given: HostValues): IndicesOfRows {
    const vocabulary = this.#vocabulary()
    const { texts, width, front } = this.#textsOf(this.name, given)
    const most = this.outputSequenceLength ?? Number.POSITIVE_INFINITY
    const into = new IndexList()
    const ends = Int32Array.from({ length: sizeOf(front) }, (_, i) => {
      this.#scanner.lookUp(texts, i * width, (i + 1) * width, { vocabulary, into, most })
      return into.length
    })
    return { indices: into.values(), ends, front }
  }

  /** The vocabulary as the scanner asks it, made once for each. */
  #vocabulary(): Vocabulary {
    const { tokens } = this
    if (this.#scanned?.tokens !== tokens) {
      const isInt = this.outputMode === 'int'
      const vocabulary = {
        table: new TokenTable(tokens),
        first: this.tokenStart,
        unknown: this.oovStart,
        empty: isInt ? 0 : -1,
      }
      this.#scanned = { tokens, vocabulary }
    }
    return this.#scanned.vocabulary
  }

  protected override outputOf(sizes: NamedShape): HostOutput {
    const isCut = this.split !== null
    if (isCut && this.outputMode !== 'int' && this.outputMode !== 'oneHot') {
      void this.tokens
      const depth = this.padToMaxTokens ? (this.maxTokens as number) : this.vocabularySize
      return { sizes: [sizes[0] ?? null, depth], dtype: this.dtype }
    }
    const own = isCut || this.#widths !== undefined ? null : (sizes.at(-1) ?? null)
    const front = isCut ? sizes.slice(0, 1) : sizes.slice(0, -1)
    return super.outputOf([...front, this.outputSequenceLength ?? own])
  }

  protected override encode(given: HostValues): Tensor {
    const rows = this.#indicesOf(given)
    if (this.outputMode !== 'int' && this.outputMode !== 'oneHot' && this.split !== null)
      return this.#counted(rows)
    const { indices, ends, front } = rows
    const length =
      this.outputSequenceLength ?? ends.reduce((most, end, i) => Math.max(most, end - (ends[i - 1] ?? 0)), 0)
    const filled = new IndexRows(ends.length * length)
    if (this.outputMode !== 'int') filled.fill(-1)
    for (const [i, end] of ends.entries()) filled.set(indices.subarray(ends[i - 1] ?? 0, end), i * length)
    return this.inMode(filled.tensor([...front, length]))
  }

  /** Rows over the vocabulary, counted on the host: texts may be long, and one-hot rows of all their words large. */
  #counted({ indices, ends }: IndicesOfRows): Tensor {
    const depth = this.padToMaxTokens ? (this.maxTokens as number) : this.vocabularySize
    const counts = new Float32Array(ends.length * depth)
    const weights = this.outputMode === 'tfIdf' ? Float64Array.from(this.weightsOf(depth)) : undefined
    let from = 0
    for (const [i, end] of ends.entries()) {
      for (; from < end; from++) {
        const index = indices[from] as number
        if (index < 0 || index >= depth) continue
        const at = i * depth + index
        counts[at] = this.outputMode === 'multiHot' ? 1 : (counts[at] as number) + 1
      }
    }
    if (weights !== undefined)
      for (let at = 0; at < counts.length; at++)
        counts[at] = (counts[at] as number) * (weights[at % depth] as number)
    return fromData(counts, [ends.length, depth], 'float32').cast(this.dtype)
  }

  /** @throws ArgumentError for functions, which no configuration can hold. */
  override getConfig(): Record<string, unknown> {
    const { maskToken: _, oovToken: __, numOovIndices: ___, invert: ____, ...config } = super.getConfig()
    for (const [name, value] of Object.entries({ standardize: this.standardize, split: this.split })) {
      if (typeof value !== 'function') continue
      throw new ArgumentError({
        where: `${this.name}.getConfig`,
        expected: `a name as ${name}`,
        received: 'a function, which a file cannot hold',
        fix: 'Do what it does before the layer: dataset.map(…).',
      })
    }
    return {
      ...config,
      standardize: this.standardize,
      split: this.split,
      ngrams: this.ngrams ?? null,
      outputSequenceLength: this.outputSequenceLength ?? null,
    }
  }
}

/**
 * Turns texts into indices of their words: each is standardized, split, and every token looked up in a vocabulary, which is
 * given or which {@link TextVectorization.adapt} finds. Index 0 fills up, 1 is what is not in the vocabulary. With another
 * `outputMode` each text is a row over the vocabulary (index 0 is the unknown token then). Works on the host: `apply` takes an
 * array of texts and gives a tensor, int64 (batch, length), or float32 (batch, vocabulary).
 *
 * Letters and punctuation are ASCII's, as in Keras: `'É'` stays as it is. For tokenizers of language models see the
 * `@typegrad/transformers` package.
 *
 * @throws ArgumentError for options that do not go together, DataError for a vocabulary with repeated or reserved tokens.
 * @example
 * const vectorize = layers.textVectorization({ outputSequenceLength: 4 })
 * await vectorize.adapt(['The fox jumped.', 'The dog'])
 * await vectorize.apply(['the fox ran']).toArray() // [[2n, 4n, 1n, 0n]]
 */
export const textVectorization = (options?: TextVectorizationOptions): TextVectorization =>
  new TextVectorization(options)
