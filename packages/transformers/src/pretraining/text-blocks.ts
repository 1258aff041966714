import { Dataset } from 'typegrad'
import { ArgumentError, checkOptions, DataError, hostRandom, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { type TextRow, textOfRow } from './rows.ts'

/** A stretch of tokens, all of one length. */
export interface TextBlock {
  /** int32; what is filled up is the padding token. */
  readonly ids: Int32Array
  /** Which text each token is of, counted from 1; 0 for padding. */
  readonly segments: Int32Array
  /** Which word of the block each token is a part of, counted from 0; −1 for special tokens and padding. */
  readonly words: Int32Array
}

const packings = ['contiguous', 'documents', 'random', 'single'] as const
export type Packing = (typeof packings)[number]

export interface TextBlocksOptions {
  /** Tokens that a model reads of a block. */
  readonly length: number
  /**
   * Tokens behind them that a block has too: 1 for a causal model, which predicts each next token. The next block begins with
   * them. Default 0.
   */
  readonly lookahead?: number
  /**
   * How documents become blocks.
   * - `'contiguous'`: joined and cut; what stands in a block is one text. What is left at the end is dropped.
   * - `'documents'`: joined and cut, each document a segment that sees itself alone. The last block is filled up.
   * - `'random'`: joined, and cut anywhere at random, without end (a function of the seed); all tokens are held in memory.
   * - `'single'`: each document, or piece of a long one, in blocks of its own, which are filled up.
   *
   * Default `'contiguous'`.
   */
  readonly packing?: Packing
  /** Token in front of each text; null for none. Default: the tokenizer's `cls_token`, else none. */
  readonly beginToken?: string | null
  /** Token behind each text; null for none. Default: the tokenizer's `sep_token` where it has a `cls_token`, else `eos_token`. */
  readonly endToken?: string | null
  /** Which field of a row has the text. Default `'text'`. */
  readonly field?: string
  /**
   * Mixes the blocks: so many are held, and given out in an order that is a function of the seed and the reading. Default: they
   * come as they are. Blocks at random need no buffer.
   */
  readonly shuffle?: { readonly buffer?: number; readonly seed?: number }
}

const { anything, count, integer, oneOf, orNull, string, wholeFrom } = checks
const textBlocksChecks = optionsOf<TextBlocksOptions>()({
  length: checks.needed(count),
  lookahead: wholeFrom(0),
  packing: oneOf(...packings),
  beginToken: orNull(string),
  endToken: orNull(string),
  field: string,
  shuffle: anything,
})
const shuffleChecks = optionsOf<NonNullable<TextBlocksOptions['shuffle']>>()({
  buffer: count,
  seed: integer,
})

/**
 * Blocks of tokens from documents as they come. Nothing is read before a reader asks; a reading can be gone on with where it
 * stood, as that of any data set (what lies before is read and cut again, which is fast beside training).
 *
 * @param documents texts, or rows with a field of text: a data set, as `textFiles` gives, or anything that can be iterated
 * more than once, or the function that makes it anew.
 * @throws ArgumentError for options that are none, tokens that the tokenizer does not have, and blocks too short for them;
 * DataError (while reading) for a row without a text.
 * @example
 * const blocks = textBlocks(textFiles(['shakespeare.txt']), tokenizer, { length: 64, lookahead: 1 })
 * const packed = textBlocks(rows, tokenizer, { length: 512, packing: 'documents', shuffle: { buffer: 1000, seed: 1 } })
 */
export function textBlocks(
  documents:
    | Dataset<TextRow>
    | AsyncIterable<TextRow>
    | Iterable<TextRow>
    | (() => AsyncIterable<TextRow> | Iterable<TextRow>),
  tokenizer: Tokenizer,
  options: TextBlocksOptions,
): Dataset<TextBlock> {
  const where = 'textBlocks'
  checkOptions(where, options, textBlocksChecks)
  if (options.shuffle !== undefined) checkOptions(`${where}: shuffle`, options.shuffle, shuffleChecks)
  const { field = 'text', packing = 'contiguous', shuffle: { buffer, seed = 0 } = {} } = options
  const layout = layoutOf(where, tokenizer, options)
  const set =
    documents instanceof Dataset
      ? documents
      : Dataset.fromGenerator(typeof documents === 'function' ? documents : () => documents)
  const blocks = set
    .map((row, i) => tokensOf(tokenizer, textOfRow(row, { field, where: `${where}: document ${i}` })))
    .through((texts) => {
      if (packing === 'random') return cutAnywhere(texts, layout, seed)
      return packing === 'contiguous' ? joined(texts, layout) : packed(texts, layout, packing)
    })
  return buffer === undefined ? blocks : blocks.shuffle(buffer, { seed })
}

/** A text's tokens, without special ones. */
interface Tokens {
  readonly ids: readonly number[]
  readonly words: readonly (number | null)[]
}

const tokensOf = (tokenizer: Tokenizer, text: string): Tokens => {
  const { ids, wordIds } = tokenizer.encode(text, undefined, { addSpecialTokens: false })
  return { ids, words: wordIds }
}

interface Layout {
  readonly length: number
  readonly lookahead: number
  /** Ids around each text. */
  readonly begin: readonly number[]
  readonly end: readonly number[]
  readonly padding: number
}

function layoutOf(where: string, tokenizer: Tokenizer, options: TextBlocksOptions): Layout {
  const { length, lookahead = 0, packing = 'contiguous' } = options
  const { cls_token, sep_token, eos_token } = tokenizer.specialTokens
  const idsOf = (name: string, token: string | null | undefined): number[] => {
    if (token == null) return []
    const id = tokenizer.tokenToId(token)
    if (id !== undefined) return [id]
    throw new ArgumentError({
      where: `${where}: ${name}`,
      expected: 'a token of the tokenizer, or null for none',
      received: JSON.stringify(token),
    })
  }
  const { beginToken = cls_token, endToken = cls_token === undefined ? eos_token : sep_token } = options
  const [begin, end] = [idsOf('beginToken', beginToken), idsOf('endToken', endToken)]
  const padding = tokenizer.padId ?? end[0] ?? begin[0] ?? 0
  if (packing !== 'contiguous' && packing !== 'random' && length <= begin.length + end.length) {
    throw new ArgumentError({
      where: `${where}: length`,
      expected: `more than the ${begin.length + end.length} special tokens of each text`,
      received: String(length),
    })
  }
  return { length, lookahead, begin, end, padding }
}

/** A block that is being filled. */
class OpenBlock {
  readonly ids: Int32Array
  readonly segments: Int32Array
  readonly words: Int32Array
  filled = 0
  segment = 0
  #word = -1
  #last: number | null | undefined

  constructor(length: number, padding: number) {
    this.ids = new Int32Array(length).fill(padding)
    this.segments = new Int32Array(length)
    this.words = new Int32Array(length).fill(-1)
  }

  get left(): number {
    return this.ids.length - this.filled
  }

  /** @param word the token's word in its text; null for a special token. */
  push(id: number, word: number | null): void {
    this.ids[this.filled] = id
    this.segments[this.filled] = this.segment
    if (word !== null) {
      if (word !== this.#last) this.#word += 1
      this.words[this.filled] = this.#word
    }
    this.#last = word
    this.filled += 1
  }

  /** What is pushed from now on is of another text. */
  nextText(): void {
    this.segment += 1
    this.#last = undefined
  }
}

/** A block of one text. */
function blockOf(ids: readonly number[], words: readonly (number | null)[]): TextBlock {
  const block = new OpenBlock(ids.length, 0)
  block.nextText()
  for (const [i, id] of ids.entries()) block.push(id, words[i] as number | null)
  return block
}

/** Blocks from anywhere in all texts as one, without end. */
async function* cutAnywhere(
  texts: AsyncIterable<Tokens>,
  { length, lookahead, begin, end }: Layout,
  seed: number,
): AsyncGenerator<TextBlock, void> {
  const size = length + lookahead
  const ids: number[] = []
  const words: (number | null)[] = []
  let first = 0
  for await (const text of texts) {
    // One by one: what is spread into a call has a limit.
    for (const id of begin) ids.push(id)
    for (const id of text.ids) ids.push(id)
    for (const id of end) ids.push(id)
    for (const _ of begin) words.push(null)
    for (const word of text.words) words.push(word === null ? null : word + first)
    for (const _ of end) words.push(null)
    first += (text.words.at(-1) ?? 0) + 1
  }
  if (ids.length < size) {
    throw new DataError({
      where: 'textBlocks',
      expected: `texts of at least ${size} tokens together, as many as a block has`,
      received: `${ids.length}`,
    })
  }
  const below = hostRandom(seed)
  for (;;) {
    const at = below(ids.length - size + 1)
    yield blockOf(ids.slice(at, at + size), words.slice(at, at + size))
  }
}

/** All texts as one, cut; the end that fills no block is dropped. */
async function* joined(
  texts: AsyncIterable<Tokens>,
  { length, lookahead, begin, end }: Layout,
): AsyncGenerator<TextBlock, void> {
  const size = length + lookahead
  // Tokens that are in no block yet, with the words that they are of; words of all texts are counted on.
  let ids: number[] = []
  let words: (number | null)[] = []
  let first = 0
  for await (const text of texts) {
    ids = ids.concat(begin, text.ids, end)
    const counted = text.words.map((word) => (word === null ? null : word + first))
    words = words.concat(
      begin.map(() => null),
      counted,
      end.map(() => null),
    )
    first += (text.words.at(-1) ?? 0) + 1
    let at = 0
    for (; at + size <= ids.length; at += length) {
      yield blockOf(ids.slice(at, at + size), words.slice(at, at + size))
    }
    ids = ids.slice(at)
    words = words.slice(at)
  }
}

/**
 * Texts one behind the other, each a segment, or each in blocks of its own; long ones are cut. Where texts have a token in
 * front, each piece has its special tokens, as encoders read it; else one behind the text stands at its end alone.
 */
async function* packed(
  texts: AsyncIterable<Tokens>,
  { length, lookahead, begin, end, padding }: Layout,
  packing: 'documents' | 'single',
): AsyncGenerator<TextBlock, void> {
  const isFramed = begin.length > 0
  const around = isFramed ? begin.length + end.length : 0
  const size = length + lookahead
  let block = new OpenBlock(size, padding)
  for await (const text of texts) {
    if (text.ids.length === 0) continue
    const ids = isFramed ? text.ids : [...text.ids, ...end]
    for (let at = 0; at < ids.length; ) {
      // A piece has at least one token of the text, and one more where that is to be predicted.
      if (block.filled > 0 && block.left < around + 1 + lookahead) {
        yield block
        block = new OpenBlock(size, padding)
      }
      const piece = Math.min(ids.length - at, block.left - around)
      block.nextText()
      if (isFramed) for (const id of begin) block.push(id, null)
      for (let i = at; i < at + piece; i++) block.push(ids[i] as number, text.words[i] ?? null)
      if (isFramed) for (const id of end) block.push(id, null)
      at += piece
      // What follows a piece that goes on is predicted from the piece's last token: the next one begins with it.
      if (at < ids.length) at -= Math.min(lookahead, piece - 1)
      if (packing === 'single') {
        yield block
        block = new OpenBlock(size, padding)
      }
    }
  }
  if (block.filled > 0) yield block
}
