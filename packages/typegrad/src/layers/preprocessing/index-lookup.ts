import { ArgumentError, DataError, StateError } from '../../base/errors.ts'
import { anything, boolean, checked, list, optionsOf, orNull, wholeFrom } from '../../base/options.ts'
import type { Shape } from '../../base/shape.ts'
import { hostArrayOf } from '../../data/host-array.ts'
import { constant, Tensor } from '../../tensor/tensor.ts'
import { type LayerOptions, layerChecks } from '../base/layer.ts'
import type { NamedShape } from '../base/sizes.ts'
import { type AdaptData, type AdaptOptions, adaptChecks, batchesOf, noSamples } from './adapt-data.ts'
import { encodeCategories, getOutputMode, type OutputMode } from './categorical.ts'
import { behindIndices, HostLayer, type HostOutput } from './host-layer.ts'
import { type HostValue, type HostValues, hostBatch } from './host-values.ts'
import { IndexRows } from './index-list.ts'
import { type Token, VocabularyCounter } from './vocabulary-counter.ts'

/** What StringLookup and IntegerLookup take alike. */
export interface IndexLookupOptions<T extends Token> extends LayerOptions {
  /** The most tokens that a vocabulary has, special ones among them; `adapt` keeps the most frequent. Default: as many as there are. */
  readonly maxTokens?: number | null
  /** How many indices there are for what is not in the vocabulary; with more than one a hash chooses. 0: such values are refused. Default 1. */
  readonly numOovIndices?: number
  /** A token that is no value: index 0 for `'int'`, dropped elsewhere. Default none. */
  readonly maskToken?: T | null
  /** The tokens in the order of their indices, with or without the special ones in front. Default: `adapt` finds them. */
  readonly vocabulary?: readonly T[] | null
  /** How telling each token of `vocabulary` is; needed with it for `'tfIdf'`. Default: `adapt` finds it. */
  readonly idfWeights?: readonly number[] | null
  /** Whether indices become tokens. Default false. */
  readonly invert?: boolean
  /** Indices, or rows over the vocabulary. Default `'int'`. */
  readonly outputMode?: OutputMode
  /** Whether rows are `maxTokens` long even where the vocabulary is smaller. Default false. */
  readonly padToMaxTokens?: boolean
}

export const indexLookupChecks = optionsOf<IndexLookupOptions<Token>>()({
  vocabulary: orNull(list),
  maxTokens: orNull(wholeFrom(2)),
  numOovIndices: wholeFrom(0),
  maskToken: anything,
  idfWeights: orNull(list),
  invert: boolean,
  outputMode: anything,
  padToMaxTokens: boolean,
  ...layerChecks,
})

const vocabularyChecks = optionsOf<{ readonly includeSpecialTokens?: boolean }>()({
  includeSpecialTokens: boolean,
})

/** Tokens as their places in a vocabulary. */
export abstract class IndexLookup<T extends Token> extends HostLayer {
  readonly maxTokens: number | undefined
  readonly numOovIndices: number
  readonly maskToken: T | undefined
  readonly oovToken: T | undefined
  readonly invert: boolean
  readonly outputMode: OutputMode
  readonly padToMaxTokens: boolean
  /** Whether the vocabulary was given as an option, and is no more to be found. */
  readonly #isFixed: boolean
  #tokens: readonly T[] | undefined
  #indices: ReadonlyMap<Token, number> = new Map()
  #idfWeights: readonly number[] | undefined

  constructor(where: string, oovToken: T | null, options: IndexLookupOptions<T>) {
    const {
      maxTokens,
      numOovIndices = 1,
      maskToken,
      vocabulary,
      idfWeights,
      invert = false,
      outputMode = 'int',
      padToMaxTokens = false,
      ...rest
    } = options
    super(rest)
    this.maxTokens = maxTokens ?? undefined
    this.numOovIndices = numOovIndices
    this.maskToken = maskToken ?? undefined
    this.oovToken = oovToken ?? undefined
    this.invert = invert
    this.outputMode = getOutputMode(where, outputMode, ['int', 'oneHot', 'multiHot', 'count', 'tfIdf'])
    this.padToMaxTokens = padToMaxTokens
    this.#isFixed = vocabulary != null
    const misfit =
      padToMaxTokens && this.maxTokens === undefined
        ? ['maxTokens beside padToMaxTokens', 'none']
        : invert && this.outputMode !== 'int'
          ? ["outputMode 'int' beside invert", `'${this.outputMode}'`]
          : idfWeights != null && (this.outputMode !== 'tfIdf' || vocabulary == null)
            ? ["idfWeights with a vocabulary and outputMode 'tfIdf' alone", `outputMode '${this.outputMode}'`]
            : undefined
    if (misfit !== undefined)
      throw new ArgumentError({ where, expected: misfit[0] as string, received: misfit[1] as string })
    if (vocabulary != null) this.#set(where, vocabulary, idfWeights ?? undefined)
  }

  /** A value as a token of the vocabulary. @throws ArgumentError for what cannot be one. */
  protected abstract tokenOf(value: HostValue): T

  /** Which of several indices a token has that is not in the vocabulary: from 0 to `numOovIndices` − 1. */
  protected abstract bucketOf(token: T): number

  /** Where indices of unknown tokens begin: behind the mask. */
  protected get oovStart(): number {
    return this.maskToken !== undefined && this.outputMode === 'int' ? 1 : 0
  }

  /** Where the vocabulary's indices begin: behind the special tokens. */
  protected get tokenStart(): number {
    return this.oovStart + this.numOovIndices
  }

  /** The vocabulary without special tokens. @throws StateError before there is one. */
  protected get tokens(): readonly T[] {
    if (this.#tokens !== undefined) return this.#tokens
    throw new StateError({
      where: this.name,
      expected: 'a layer that has a vocabulary',
      received: 'one that was not adapted',
      fix: 'Call await layer.adapt(data) first, or give it a vocabulary.',
    })
  }

  /** Whether there is a vocabulary yet. */
  get hasVocabulary(): boolean {
    return this.#tokens !== undefined
  }

  /** How telling each index is, special ones among them; undefined without `'tfIdf'`, or before there is a vocabulary. */
  get idfWeights(): readonly number[] | undefined {
    return this.#idfWeights
  }

  /** Number of tokens, special ones among them. */
  get vocabularySize(): number {
    return this.tokenStart + (this.#tokens?.length ?? 0)
  }

  /**
   * The tokens in the order of their indices.
   *
   * @param options `includeSpecialTokens`: with the mask and the unknown token in front. Default true.
   */
  getVocabulary(options: { readonly includeSpecialTokens?: boolean } = {}): T[] {
    const { includeSpecialTokens = true } = checked(`${this.name}.getVocabulary`, options, vocabularyChecks)
    const tokens = this.#tokens ?? []
    return includeSpecialTokens ? [...this.specialTokens, ...tokens] : [...tokens]
  }

  protected get specialTokens(): T[] {
    // As many as are in front of the vocabulary; without an unknown token there is nothing to put for it.
    const special = [
      ...new Array<T | undefined>(this.oovStart).fill(this.maskToken),
      ...new Array<T | undefined>(this.numOovIndices).fill(this.oovToken),
    ]
    return special.filter((token) => token !== undefined)
  }

  /**
   * Gives the layer a vocabulary in the place of one that `adapt` finds.
   *
   * @throws DataError for tokens that come twice, reserved ones, none at all, or more than `maxTokens`.
   */
  setVocabulary(vocabulary: readonly T[], idfWeights?: readonly number[]): void {
    this.#set(`${this.name}.setVocabulary`, vocabulary, idfWeights)
  }

  #set(where: string, vocabulary: readonly T[], idfWeights: readonly number[] | undefined): void {
    const refuse = (expected: string, received: string, fix?: string): DataError =>
      new DataError({
        where: `${where}: vocabulary`,
        expected,
        received,
        ...(fix === undefined ? {} : { fix }),
      })
    if (vocabulary.length === 0) throw refuse('at least one token', 'an empty array')
    const given = vocabulary.map((token) => this.tokenOf(token))
    const special = this.specialTokens
    const isWhole = special.length === this.tokenStart && special.every((token, i) => token === given[i])
    const tokens = isWhole ? given.slice(this.tokenStart) : given
    const seen = new Set<T>()
    const start = given.length - tokens.length
    tokens.forEach((token, i) => {
      const reserved =
        token === this.maskToken
          ? 'the mask token'
          : this.invert && token === this.oovToken
            ? 'the unknown token'
            : undefined
      if (reserved !== undefined) {
        throw refuse(
          `${reserved} in front of all tokens, or not at all`,
          `${JSON.stringify(token)} at ${start + i}`,
          `Special tokens stand in front in this order: ${JSON.stringify(special)}.`,
        )
      }
      if (seen.has(token)) throw refuse('each token once', `${JSON.stringify(token)} again at ${start + i}`)
      seen.add(token)
    })
    if (this.maxTokens !== undefined && this.tokenStart + tokens.length > this.maxTokens)
      throw refuse(
        `at most ${this.maxTokens} tokens, special ones among them`,
        String(this.tokenStart + tokens.length),
      )
    const isTfIdf = this.outputMode === 'tfIdf'
    if (isTfIdf !== (idfWeights !== undefined) || (isTfIdf && idfWeights?.length !== given.length)) {
      throw new ArgumentError({
        where: `${where}: idfWeights`,
        expected: isTfIdf ? `${given.length} numbers, one for each token` : "none without outputMode 'tfIdf'",
        received: idfWeights === undefined ? 'none' : `${idfWeights.length}`,
      })
    }
    this.#take(
      tokens,
      idfWeights === undefined ? undefined : isWhole ? idfWeights : this.#withFront(idfWeights),
    )
  }

  /** Weights with those of the special tokens, which are as telling as tokens are on average. */
  #withFront(weights: readonly number[]): number[] {
    const average = weights.reduce((a, b) => a + b, 0) / weights.length
    return [...new Array<number>(this.tokenStart).fill(average), ...weights]
  }

  #take(tokens: readonly T[], idfWeights: readonly number[] | undefined): void {
    this.#tokens = tokens
    this.#indices = new Map(tokens.map((token, i) => [token, this.tokenStart + i]))
    this.#idfWeights = idfWeights
  }

  /** Whether \`adapt\` finds something: not where it was given as an option. */
  get isAdaptable(): boolean {
    return !this.#isFixed
  }

  /**
   * Finds the vocabulary: the tokens of data by how often they come, the most frequent first, ties in descending order. Of
   * an array each element (or row) is a document; of a stream each batch of strings is one, and each row of nested ones.
   * Compile a model that the layer stands in after it.
   *
   * @throws StateError for a layer that was given its vocabulary, DataError for no tokens.
   * @example
   * const lookup = layers.stringLookup()
   * await lookup.adapt(['a', 'b', 'b'])
   * lookup.getVocabulary() // ['[UNK]', 'b', 'a']
   */
  async adapt(data: AdaptData<HostValues | Tensor>, options: AdaptOptions = {}): Promise<void> {
    const where = `${this.name}.adapt`
    const told = checked(where, options, adaptChecks)
    const isWhole = data instanceof Tensor || Array.isArray(data) || ArrayBuffer.isView(data)
    await this.learn(where, async () => {
      const tokens: T[] = []
      const places = new Map<T, number>()
      const placeOf = (token: T): number => {
        const known = places.get(token)
        if (known !== undefined) return known
        places.set(token, tokens.length)
        return tokens.push(token) - 1
      }
      const counter = new VocabularyCounter((place) => tokens[place] as T)
      for await (const given of batchesOf(where, data, told)) {
        const { values, shape } = await batchOf(where, given)
        const width = shape.length === 1 ? (isWhole ? 1 : values.length) : (shape.at(-1) ?? 1)
        const found = values.map((value) => placeOf(this.tokenOf(value)))
        for (let at = 0; at < found.length; at += width) counter.add(found, at, at + width)
      }
      return counter
    })
  }

  /** Makes a vocabulary of what `count` has counted. */
  protected async learn(where: string, count: () => Promise<VocabularyCounter<T>>): Promise<void> {
    if (this.#isFixed) {
      throw new StateError({
        where,
        expected: 'a layer whose vocabulary is to be found',
        received: 'one that was given it as an option',
        fix: 'Make the layer without vocabulary.',
      })
    }
    const counter = await count()
    const most = this.maxTokens === undefined ? undefined : Math.max(0, this.maxTokens - this.tokenStart)
    const found = counter.mostFrequent(new Set<Token | undefined>([this.maskToken, this.oovToken]), most)
    if (found.length === 0) throw noSamples(where, 'no tokens')
    const tokens = found.map(({ token }) => token)
    if (this.outputMode !== 'tfIdf') return this.#take(tokens, undefined)
    this.#take(tokens, this.#withFront(counter.inverseDocumentFrequencies(found)))
  }

  /** The index of a token; −1, which is dropped from rows, for the mask there. @throws DataError for an unknown one without an index. */
  protected indexOf(token: T): number {
    if (token === this.maskToken) return this.outputMode === 'int' ? 0 : -1
    const found = this.#indices.get(token)
    if (found !== undefined) return found
    if (this.numOovIndices === 1) return this.oovStart
    if (this.numOovIndices > 1) return this.oovStart + this.bucketOf(token)
    throw new DataError({
      where: this.name,
      expected: 'tokens of the vocabulary alone, since numOovIndices is 0',
      received: JSON.stringify(token),
      fix: 'Set numOovIndices: 1.',
    })
  }

  /** Indices (int64) of values. */
  protected indicesOf(values: readonly HostValue[], shape: Shape): Tensor {
    void this.tokens
    const rows = new IndexRows(values.length)
    const indices = values.map((value) => this.indexOf(this.tokenOf(value)))
    rows.set(indices, 0)
    return rows.tensor(shape)
  }

  protected override outputOf(sizes: NamedShape): HostOutput {
    if (this.outputMode !== 'int') void this.tokens
    return behindIndices(this.name, sizes, (indices) => this.inMode(indices))
  }

  protected encode(given: HostValues): Tensor {
    const { values, shape } = hostBatch(this.name, given)
    return this.inMode(this.indicesOf(values, shape))
  }

  /** Indices in the mode of the layer: themselves, or rows over the vocabulary. */
  protected inMode(indices: Tensor): Tensor {
    const { outputMode, dtype } = this
    if (outputMode === 'int') return indices
    const depth = this.padToMaxTokens ? (this.maxTokens as number) : this.vocabularySize
    if (outputMode !== 'tfIdf') return encodeCategories(indices, { outputMode, depth, dtype })
    return encodeCategories(indices, { outputMode: 'count', depth, dtype }).mul(
      constant(this.weightsOf(depth), [depth], dtype),
    )
  }

  /** How telling each place of a row is; 0 behind the vocabulary. */
  protected weightsOf(depth: number): number[] {
    return Array.from({ length: depth }, (_, i) => this.#idfWeights?.[i] ?? 0)
  }

  /** The token of an index; the unknown token for those that have none. */
  protected tokenAt(index: number): T | undefined {
    if (index === 0 && this.maskToken !== undefined) return this.maskToken
    return this.tokens[index - this.tokenStart] ?? this.oovToken
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      maxTokens: this.maxTokens ?? null,
      numOovIndices: this.numOovIndices,
      maskToken: this.maskToken ?? null,
      oovToken: this.oovToken ?? null,
      vocabulary: this.#tokens ?? null,
      // Those of the special tokens are the average of the others.
      idfWeights: this.#idfWeights?.slice(this.tokenStart) ?? null,
      invert: this.invert,
      outputMode: this.outputMode,
      padToMaxTokens: this.padToMaxTokens,
    }
  }
}

/** Values of a batch of strings, numbers, or a tensor. */
async function batchOf(where: string, given: unknown) {
  if (!(given instanceof Tensor)) return hostBatch(where, given)
  const { data, shape } = await hostArrayOf(given)
  return { values: Array.from(data as Int32Array | BigInt64Array, (value: HostValue) => value), shape }
}
