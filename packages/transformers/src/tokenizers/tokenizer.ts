/**
 * `tokenizers/`: text to the numbers of models and back, exact to Python's `tokenizers` 0.23: normalizers, pre-tokenizers,
 * models, post-processors and decoders of a `tokenizer.json`, each a small file. It knows `base/` alone.
 */
import { ArgumentError, checkOptions, FormatError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { ConfigReader, type RawConfig } from '../base/config.ts'
import { type AddedToken, AddedTokens, nextId, readAddedToken } from './added-tokens.ts'
import { AlignedText } from './aligned-text.ts'
import { BatchEncoding, inputNames, type TokenizerInput } from './batch-encoding.ts'
import { cleanedUp, type Decoder, readDecoder } from './decoders.ts'
import { concatenated, Encoding, type Padding, type Side } from './encoding.ts'
import type { TokenModel } from './models/model.ts'
import { readModel } from './models/read-model.ts'
import { type Normalizer, readNormalizer } from './normalizers.ts'
import { type PostProcessor, plainPostProcessor, readPostProcessor } from './post-processors.ts'
import { type PreTokenizer, readPreTokenizer } from './pre-tokenizers.ts'
import { StreamDecoder } from './stream-decoder.ts'
import { type TruncationStrategy, truncatePair, truncationStrategies } from './truncation.ts'

/** The files of a tokenizer as they were parsed. */
export interface TokenizerFiles {
  /** `tokenizer.json`. */
  readonly tokenizer: unknown
  /** `tokenizer_config.json`. */
  readonly config?: unknown
  /** `special_tokens_map.json`, for what the configuration does not name. */
  readonly specialTokens?: unknown
}

export interface EncodeOptions {
  /** Whether the model's own tokens, such as `[CLS]`, are added. Default true. */
  readonly addSpecialTokens?: boolean
  /**
   * Whether a text that is too long is cut, and which of a pair: `true` and `'longest_first'` cut the longer one first.
   * Default false.
   */
  readonly truncation?: boolean | TruncationStrategy
  /** Tokens that an encoding has at most, special ones included. Default: the model's. */
  readonly maxLength?: number
  /** The end that is cut off. Default: the tokenizer's, mostly `'right'`. */
  readonly truncationSide?: Side
  /** How many tokens each window of a text that is cut shares with the one before. Default 0. */
  readonly stride?: number
}

export interface BatchOptions extends EncodeOptions {
  /**
   * What texts are filled up to: `true` and `'longest'` the longest one's length, `'max_length'` the option `maxLength`, or
   * the model's. Default false.
   */
  readonly padding?: boolean | 'longest' | 'max_length'
  /** A number that the length becomes a multiple of. */
  readonly padToMultipleOf?: number
  /** The end that is filled up. Default: the tokenizer's, mostly `'right'`. */
  readonly paddingSide?: Side
  /** Whether all windows of a text that is cut are rows of the batch, or the first one alone. Default false. */
  readonly overflow?: boolean
}

export interface DecodeOptions {
  /** Whether tokens such as `[SEP]` are left out. Default false. */
  readonly skipSpecialTokens?: boolean
  /** Whether spaces before punctuation marks go. Default: `clean_up_tokenization_spaces` of the configuration, else false. */
  readonly cleanUp?: boolean
}

const { boolean, count, either, list, oneOf, wholeFrom } = checks
const side = oneOf('left', 'right')
const encodeChecks = optionsOf<EncodeOptions>()({
  addSpecialTokens: boolean,
  truncation: either(boolean, oneOf(...truncationStrategies)),
  maxLength: count,
  truncationSide: side,
  stride: wholeFrom(0),
})
const batchChecks = optionsOf<BatchOptions>()({
  ...encodeChecks,
  padding: either(boolean, oneOf('longest', 'max_length')),
  padToMultipleOf: count,
  paddingSide: side,
  overflow: boolean,
})
const decodeChecks = optionsOf<DecodeOptions>()({ skipSpecialTokens: boolean, cleanUp: boolean })

/** A text, or two that a model sees together: a question and a passage. */
export type TextOrPair = string | readonly [string, string]

/** Transformers writes this for "none". */
const noMaximum = 1e18

/** What stands alone between two halves of characters, which no UTF-8 has. */
const loneSurrogates = /\p{Cs}/gu

const roles = [
  'bos_token',
  'eos_token',
  'unk_token',
  'sep_token',
  'pad_token',
  'cls_token',
  'mask_token',
] as const
/** What a special token is for. */
export type TokenRole = (typeof roles)[number]

/**
 * A tokenizer of Hugging Face: gives the ids that Python's `tokenizers` gives, and places in UTF-16 units.
 *
 * @example
 * const tokenizer = await loadTokenizer('models/minilm')
 * const { ids, offsets } = tokenizer.encode('Cats sleep.')
 * const batch = tokenizer.encodeBatch(['Cats sleep.', 'Dogs bark at night.'], { padding: true, truncation: true })
 * const outputs = await model.predict(batch.tensors())
 */
export class Tokenizer {
  readonly #normalizer: Normalizer | undefined
  readonly #preTokenizer: PreTokenizer | undefined
  readonly #model: TokenModel
  readonly #postProcessor: PostProcessor
  readonly #decoder: Decoder | undefined
  readonly #added: AddedTokens
  readonly #padding: Padding
  readonly #truncationSide: Side
  readonly #cleansUp: boolean
  /** `tokenizer_config.json`, such as it is: `chat_template` and others are read there. */
  readonly config: RawConfig
  /** `tokenizer.json`, such as it is. */
  readonly file: RawConfig
  /** What tokens that go on with a word begin with, such as `##`; undefined where the model does not say. */
  readonly continuingSubwordPrefix: string | undefined
  /** The special tokens by what they are for. */
  readonly specialTokens: Readonly<Partial<Record<TokenRole, string>>>
  /** The longest text that the model was made for, in tokens; undefined if the configuration does not say. */
  readonly modelMaxLength: number | undefined
  /** What models of this kind take. */
  readonly modelInputNames: readonly TokenizerInput[]

  private constructor(reader: ConfigReader, config: ConfigReader, others: ConfigReader) {
    this.config = config.raw
    this.file = reader.raw
    const prefix = reader.needed('model').string('continuing_subword_prefix', '')
    this.continuingSubwordPrefix = prefix === '' ? undefined : prefix
    const normalizer = reader.within('normalizer')
    const preTokenizer = reader.within('pre_tokenizer')
    const postProcessor = reader.within('post_processor')
    const decoder = reader.within('decoder')
    this.#normalizer = normalizer === undefined ? undefined : readNormalizer(normalizer)
    this.#preTokenizer = preTokenizer === undefined ? undefined : readPreTokenizer(preTokenizer)
    this.#model = readModel(reader.needed('model'))
    this.#postProcessor = postProcessor === undefined ? plainPostProcessor : readPostProcessor(postProcessor)
    this.#decoder = decoder === undefined ? undefined : readDecoder(decoder)
    this.specialTokens = readRoles(config, others)
    const listed = reader.raw.added_tokens == null ? [] : reader.each('added_tokens').map(readAddedToken)
    this.#added = new AddedTokens(this.#withRoles(listed), this.#normalizer)
    const padding = reader.within('padding')
    const sideOf = (name: string, direction: Side) => config.oneOf(name, ['left', 'right'], direction)
    const direction = (of: ConfigReader | undefined): Side =>
      of?.oneOf('direction', ['Left', 'Right'], 'Right') === 'Left' ? 'left' : 'right'
    const token = this.specialTokens.pad_token ?? padding?.string('pad_token', '[PAD]')
    this.#padding = {
      token: token ?? '',
      id: (token === undefined ? undefined : this.tokenToId(token)) ?? padding?.number('pad_id', 0) ?? -1,
      typeId: config.number('pad_token_type_id', padding?.number('pad_type_id', 0) ?? 0),
      side: sideOf('padding_side', direction(padding)),
    }
    this.#truncationSide = sideOf('truncation_side', direction(reader.within('truncation')))
    this.#cleansUp = config.boolean('clean_up_tokenization_spaces', false)
    const longest = config.optionalNumber('model_max_length')
    this.modelMaxLength = longest === undefined || longest > noMaximum ? undefined : longest
    const names = config.strings('model_input_names', ['input_ids', 'token_type_ids', 'attention_mask'])
    this.modelInputNames = inputNames.filter((name) => names.includes(name))
  }

  /**
   * A tokenizer of its files, parsed.
   *
   * @throws FormatError for a file that is damaged or has a part that is not known, with the entry and the nearest name.
   * @example
   * const tokenizer = Tokenizer.fromFiles({ tokenizer: JSON.parse(text) })
   */
  static fromFiles({ tokenizer, config = {}, specialTokens = {} }: TokenizerFiles): Tokenizer {
    return new Tokenizer(
      new ConfigReader(tokenizer, 'tokenizer.json'),
      new ConfigReader(config, 'tokenizer_config.json'),
      new ConfigReader(specialTokens, 'special_tokens_map.json'),
    )
  }

  /** Tokens that the configuration names and the file does not list are special ones too, as in transformers. */
  #withRoles(listed: readonly AddedToken[]): readonly AddedToken[] {
    const tokens = [...listed]
    for (const content of new Set(Object.values(this.specialTokens))) {
      const known = tokens.findIndex((token) => token.content === content)
      if (known >= 0) {
        tokens[known] = { ...(tokens[known] as AddedToken), special: true }
        continue
      }
      const id = this.#model.vocabulary.id(content) ?? nextId(tokens, this.#model.vocabulary)
      const never = { singleWord: false, leftStrip: false, rightStrip: false, normalized: false }
      tokens.push({ id, content, special: true, ...never })
    }
    return tokens
  }

  /** How many words there are, added ones included. */
  get vocabularySize(): number {
    const { vocabulary } = this.#model
    const more = this.#added.tokens.filter(({ content }) => vocabulary.id(content) === undefined)
    return vocabulary.size + more.length
  }

  /** The largest id, which an embedding has to have a row for. */
  get largestId(): number {
    let largest = -1
    for (const id of this.#model.vocabulary.ids.values()) largest = Math.max(largest, id)
    for (const { id } of this.#added.tokens) largest = Math.max(largest, id)
    return largest
  }

  /** Ids by words, added ones included. */
  vocabulary(): ReadonlyMap<string, number> {
    const all = new Map(this.#model.vocabulary.ids)
    for (const { content, id } of this.#added.tokens) all.set(content, id)
    return all
  }

  /** Words that are found in a text before the model's, in the order of their ids. */
  get addedTokens(): readonly AddedToken[] {
    return this.#added.tokens
  }

  /** The id that fills texts up; undefined if there is none. */
  get padId(): number | undefined {
    return this.#padding.id < 0 ? undefined : this.#padding.id
  }

  /** The id of a special token by what it is for; undefined if there is none. */
  specialId(role: TokenRole): number | undefined {
    const token = this.specialTokens[role]
    return token === undefined ? undefined : this.tokenToId(token)
  }

  /** How many special tokens a text, or a pair, is given. */
  specialTokenCount(isPair = false): number {
    return this.#postProcessor.added(isPair)
  }

  /** The id of a token; undefined if it is none. */
  tokenToId(token: string): number | undefined {
    return this.#added.get(token)?.id ?? this.#model.vocabulary.id(token)
  }

  /** The token of an id; undefined if there is none. */
  idToToken(id: number): string | undefined {
    return this.#added.withId(id)?.content ?? this.#model.vocabulary.token(id)
  }

  /** Whether an id is that of a special token, which `skipSpecialTokens` leaves out. */
  isSpecial(id: number): boolean {
    const token = this.#added.decoded(id)
    return token !== undefined && this.#added.isSpecial(token)
  }

  /** A text's tokens, without special ones. */
  tokenize(text: string): readonly string[] {
    return this.encode(text, undefined, { addSpecialTokens: false }).tokens
  }

  /**
   * A text, or a pair, as a model takes it.
   *
   * @param pair a second text.
   * @throws ArgumentError for a truncation that cannot be done.
   */
  encode(text: string, pair?: string, options: EncodeOptions = {}): Encoding {
    checkOptions('Tokenizer.encode', options, encodeChecks)
    checkText('Tokenizer.encode', text)
    if (pair !== undefined) checkText('Tokenizer.encode: pair', pair)
    const { addSpecialTokens = true } = options
    const isPair = pair !== undefined
    let encodings: readonly Encoding[] = [this.#encoded(text, 0), ...(isPair ? [this.#encoded(pair, 1)] : [])]
    if (options.truncation !== undefined && options.truncation !== false) {
      encodings = truncatePair(encodings, {
        strategy: options.truncation === true ? 'longest_first' : options.truncation,
        maxLength: this.#maxLength('truncation', options.maxLength),
        added: addSpecialTokens ? this.#postProcessor.added(isPair) : 0,
        stride: options.stride ?? 0,
        side: options.truncationSide ?? this.#truncationSide,
      })
    }
    return concatenated(
      this.#postProcessor.process(encodings, addSpecialTokens, isPair ? [text, pair] : [text]),
    )
  }

  /**
   * Several texts or pairs at once, as rows of one length where they are padded.
   *
   * @throws ArgumentError for padding without a token for it.
   * @example
   * const batch = tokenizer.encodeBatch(documents, { truncation: true, maxLength: 256, stride: 32, overflow: true, padding: true })
   * batch.samples // which document each row is of
   */
  encodeBatch(texts: readonly TextOrPair[], options: BatchOptions = {}): BatchEncoding {
    const where = 'Tokenizer.encodeBatch'
    checkOptions(where, options, batchChecks)
    if (!list.accepts(texts)) {
      throw new ArgumentError({ where, expected: 'an array of texts', received: typeof texts })
    }
    const { padding = false, padToMultipleOf, paddingSide, overflow = false, ...encodeOptions } = options
    const rows: Encoding[] = []
    const samples: number[] = []
    for (const [sample, text] of texts.entries()) {
      const encoding =
        typeof text === 'string'
          ? this.encode(text, undefined, encodeOptions)
          : this.encode(text[0], text[1], encodeOptions)
      const windows = overflow ? [encoding, ...encoding.overflowing] : [encoding]
      encoding.overflowing = []
      rows.push(...windows)
      samples.push(...windows.map(() => sample))
    }
    if (padding !== false) {
      const target =
        padding === 'max_length'
          ? this.#maxLength('padding', options.maxLength)
          : rows.reduce((most, { length }) => Math.max(most, length), 0)
      const multiple = padToMultipleOf ?? 1
      this.#pad(rows, Math.ceil(target / multiple) * multiple, paddingSide ?? this.#padding.side)
    }
    return new BatchEncoding(rows, samples, this.modelInputNames)
  }

  #pad(rows: readonly Encoding[], length: number, side: Side): void {
    if (rows.every((row) => row.length >= length)) return
    if (this.padId === undefined) {
      throw new ArgumentError({
        where: 'Tokenizer.encodeBatch: padding',
        expected: 'a tokenizer with a pad_token',
        received: 'none',
        fix: 'Name one in tokenizer_config.json ("pad_token"), such as the one that ends a text.',
      })
    }
    for (const row of rows) row.pad(length, { ...this.#padding, side })
  }

  #maxLength(what: string, given: number | undefined): number {
    const length = given ?? this.modelMaxLength
    if (length !== undefined) return length
    throw new ArgumentError({
      where: `Tokenizer: ${what}`,
      expected: 'maxLength, since the configuration has no model_max_length',
      received: 'none',
      fix: 'Give it: { maxLength: 512 }.',
    })
  }

  /** One text without special tokens. */
  #encoded(given: string, sequenceId: number): Encoding {
    const out = new Encoding()
    const typeId = sequenceId
    let wordId = 0
    const add = (piece: AlignedText) => {
      const { ids, tokens, starts, ends } = this.#model.tokenize(piece.text)
      for (let i = 0; i < ids.length; i++) {
        out.push(ids[i] as number, tokens[i] as string, {
          typeId,
          sequenceId,
          wordId,
          start: piece.start(starts[i] as number),
          end: piece.end(ends[i] as number),
        })
      }
      wordId++
    }
    const addToken = (id: number, { text }: { readonly text: AlignedText }) => {
      const place = { start: text.start(0), end: text.end(text.text.length) }
      out.push(id, text.text, { typeId, sequenceId, wordId: wordId++, ...place })
    }
    for (const piece of this.#pieces(given)) {
      if (piece.id === undefined) add(piece.text)
      else addToken(piece.id, piece)
    }
    out.ranges = [{ sequence: sequenceId, start: 0, end: out.length }]
    return out
  }

  /** What the model sees of a text, one by one, and the added tokens between. */
  *#pieces(given: string): Generator<{ readonly text: AlignedText; readonly id: number | undefined }> {
    const whole = new AlignedText(given.replace(loneSurrogates, '\ufffd'))
    for (const raw of this.#added.sections(whole, 'raw')) {
      if (raw.id !== undefined) {
        yield raw
        continue
      }
      const normalized = this.#normalizer === undefined ? raw.text : this.#normalizer(raw.text)
      for (const section of this.#added.sections(normalized, 'normalized')) {
        if (section.id !== undefined || this.#preTokenizer === undefined) {
          yield section
          continue
        }
        const pieces: AlignedText[] = []
        this.#preTokenizer(section.text, pieces)
        for (const text of pieces) yield { text, id: undefined }
      }
    }
  }

  /** The pieces of a text that a model is trained on; added tokens are pieces too. */
  pieces(text: string): readonly string[] {
    return Array.from(this.#pieces(text), (piece) => piece.text.text)
  }

  /**
   * The text of tokens. Ids that there are none of are left out.
   *
   * @example
   * tokenizer.decode(tokenizer.encode('Cats sleep.').ids, { skipSpecialTokens: true }) // 'cats sleep.'
   */
  decode(ids: Iterable<number>, options: DecodeOptions = {}): string {
    checkOptions('Tokenizer.decode', options, decodeChecks)
    const { skipSpecialTokens = false, cleanUp = this.#cleansUp } = options
    const tokens: string[] = []
    for (const id of ids) {
      const token = this.#added.decoded(id) ?? this.#model.vocabulary.token(id)
      if (token === undefined || (skipSpecialTokens && this.#added.isSpecial(token))) continue
      tokens.push(token)
    }
    const text = this.tokensToText(tokens)
    return cleanUp ? cleanedUp(text) : text
  }

  /**
   * The text of tokens, which need not be any of the vocabulary's.
   *
   * @example
   * tokenizer.tokensToText(['bridge', '##s']) // 'bridges'
   */
  tokensToText(tokens: readonly string[]): string {
    return this.#decoder === undefined ? tokens.join(' ') : this.#decoder(tokens).join('')
  }

  /** Makes text of tokens as they come. */
  streamDecoder({ skipSpecialTokens = true }: { readonly skipSpecialTokens?: boolean } = {}): StreamDecoder {
    return new StreamDecoder((ids) => this.decode(ids, { skipSpecialTokens, cleanUp: false }))
  }
}

function checkText(where: string, text: unknown): void {
  if (typeof text === 'string') return
  throw new ArgumentError({
    where,
    expected: 'a text',
    received: Array.isArray(text) ? 'an array' : typeof text,
    ...(Array.isArray(text) && { fix: 'Several texts go to encodeBatch.' }),
  })
}

/** The names of special tokens, each a text or `{ content }`. */
function readRoles(...files: readonly ConfigReader[]): Readonly<Partial<Record<TokenRole, string>>> {
  const found: Partial<Record<TokenRole, string>> = {}
  for (const role of roles) {
    for (const file of files) {
      const token = file.raw[role]
      if (token == null || found[role] !== undefined) continue
      const content = typeof token === 'object' && 'content' in token ? token.content : token
      if (typeof content !== 'string') {
        throw new FormatError({ where: file.at(role), expected: 'a token', received: JSON.stringify(token) })
      }
      found[role] = content
    }
  }
  return found
}

/**
 * Refuses a tokenizer with words that an embedding has no rows for: their ids would be out of range.
 *
 * @param rows of the embedding's table.
 * @throws ArgumentError with how many are too many.
 */
export function checkVocabulary(tokenizer: Tokenizer, rows: number): void {
  const needed = tokenizer.largestId + 1
  if (needed <= rows) return
  const tooMany = [...tokenizer.vocabulary()].filter(([, id]) => id >= rows)
  const shown = tooMany.slice(0, 5).map(([token, id]) => `${JSON.stringify(token)} (${id})`)
  throw new ArgumentError({
    where: 'Tokenizer',
    expected: `ids below ${rows}, which is how many rows the model's embedding has`,
    received: `${tooMany.length} tokens with larger ones, up to ${tokenizer.largestId}: ${shown.join(', ')}`,
    fix: 'The tokenizer is of another model, or the embedding has to be made larger before it is used.',
  })
}
