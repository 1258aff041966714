import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { characterOfByte } from '../byte-characters.ts'
import { Tokenizer } from '../tokenizer.ts'
import { learnUnigram } from './learn-unigram.ts'
import { learnMerges } from './merges.ts'

const kinds = ['bpe', 'wordpiece', 'unigram'] as const
/** How words are made of characters: byte-level byte-pair encoding (GPT-2), WordPiece (BERT) or Unigram (T5). */
export type TokenizerKind = (typeof kinds)[number]

/** Parts of a `tokenizer.json`, in its words. */
export interface TokenizerParts {
  readonly normalizer?: object | null
  readonly pre_tokenizer?: object | null
  readonly post_processor?: object | null
  readonly decoder?: object | null
}

export interface TrainTokenizerOptions {
  readonly kind: TokenizerKind
  /** How many words there are, special tokens included. */
  readonly vocabSize: number
  /**
   * Tokens with the first ids, in this order. Default: those of the model that made the kind known: `<|endoftext|>`; `[PAD]`,
   * `[UNK]`, `[CLS]`, `[SEP]`, `[MASK]`; `<pad>`, `</s>`, `<unk>`.
   */
  readonly specialTokens?: readonly string[]
  /** How often two words have to follow each other to become one; not of Unigram. Default 0. */
  readonly minFrequency?: number
  /** How many characters WordPiece has words for; the rarest go first. Default: all. */
  readonly alphabetLimit?: number
  /** Whether WordPiece's texts are in lower case, without accents. Default true. */
  readonly lowercase?: boolean
  /** What takes the place of the kind's own normalizer, pre-tokenizer, post-processor or decoder. */
  readonly parts?: TokenizerParts
}

const { anything, boolean, count, needed, oneOf, wholeFrom } = checks
const optionChecks = optionsOf<TrainTokenizerOptions>()({
  kind: needed(oneOf(...kinds)),
  vocabSize: needed(count),
  specialTokens: anything,
  minFrequency: wholeFrom(0),
  alphabetLimit: count,
  lowercase: boolean,
  parts: anything,
})

/** A `tokenizer.json`, to be written by `JSON.stringify`. */
export interface TokenizerJson extends Required<TokenizerParts> {
  readonly version: '1.0'
  readonly truncation: null
  readonly padding: null
  readonly added_tokens: readonly object[]
  readonly model: object
}

interface Recipe {
  readonly specialTokens: readonly string[]
  /** The token that stands for what is not known. */
  readonly unknown?: string
  parts(specialTokens: readonly string[], options: TrainTokenizerOptions): Required<TokenizerParts>
  model(
    pieces: ReadonlyMap<string, number>,
    specialTokens: readonly string[],
    options: TrainTokenizerOptions,
  ): object
}

const idsOf = (tokens: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries(tokens.map((token, id) => [token, id]))

/** `[CLS] $A [SEP]` as `tokenizer.json` has it, if the tokens are there. */
function templateOf(single: string, pair: string, tokens: readonly string[]): object | null {
  const part = (word: string) => {
    const [name = '', type = '0'] = word.split(':')
    const type_id = Number(type)
    return name.startsWith('$')
      ? { Sequence: { id: name.slice(1), type_id } }
      : { SpecialToken: { id: name, type_id } }
  }
  const names = [...new Set(single.split(' '))].filter((word) => !word.startsWith('$'))
  if (!names.every((name) => tokens.includes(name))) return null
  return {
    type: 'TemplateProcessing',
    single: single.split(' ').map(part),
    pair: pair.split(' ').map(part),
    special_tokens: Object.fromEntries(
      names.map((id) => [id, { id, ids: [tokens.indexOf(id)], tokens: [id] }]),
    ),
  }
}

const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true }
const metaspace = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true }

const recipes: Readonly<Record<TokenizerKind, Recipe>> = {
  bpe: {
    specialTokens: ['<|endoftext|>'],
    parts: () => ({
      normalizer: null,
      pre_tokenizer: byteLevel,
      post_processor: byteLevel,
      decoder: byteLevel,
    }),
    model(pieces, specialTokens, { vocabSize, minFrequency = 0 }) {
      const { tokens, merges } = learnMerges(pieces, {
        specialTokens,
        minFrequency,
        vocabularySize: vocabSize,
        alphabet: characterOfByte,
        alphabetLimit: Number.POSITIVE_INFINITY,
        prefix: '',
      })
      return {
        type: 'BPE',
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: false,
        vocab: idsOf(tokens),
        merges,
      }
    },
  },
  wordpiece: {
    specialTokens: ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'],
    unknown: '[UNK]',
    parts: (tokens, { lowercase = true }) => ({
      normalizer: {
        type: 'BertNormalizer',
        clean_text: true,
        handle_chinese_chars: true,
        strip_accents: null,
        lowercase,
      },
      pre_tokenizer: { type: 'BertPreTokenizer' },
      post_processor: templateOf('[CLS] $A [SEP]', '[CLS] $A [SEP] $B:1 [SEP]:1', tokens),
      decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    }),
    model(pieces, specialTokens, options) {
      const { tokens } = learnMerges(pieces, {
        specialTokens,
        minFrequency: options.minFrequency ?? 0,
        vocabularySize: options.vocabSize,
        alphabet: [],
        alphabetLimit: options.alphabetLimit ?? Number.POSITIVE_INFINITY,
        prefix: '##',
      })
      return {
        type: 'WordPiece',
        unk_token: '[UNK]',
        continuing_subword_prefix: '##',
        max_input_chars_per_word: 100,
        vocab: idsOf(tokens),
      }
    },
  },
  unigram: {
    specialTokens: ['<pad>', '</s>', '<unk>'],
    unknown: '<unk>',
    parts: (tokens) => ({
      normalizer: {
        type: 'Sequence',
        normalizers: [
          { type: 'Nmt' },
          { type: 'NFKC' },
          { type: 'Replace', pattern: { Regex: ' {2,}' }, content: ' ' },
        ],
      },
      pre_tokenizer: metaspace,
      post_processor: templateOf('$A </s>', '$A </s> $B </s>', tokens),
      decoder: metaspace,
    }),
    model(pieces, specialTokens, { vocabSize }) {
      const learned = learnUnigram(pieces, { vocabularySize: vocabSize, specialTokens })
      return {
        type: 'Unigram',
        unk_id: specialTokens.indexOf('<unk>'),
        vocab: [...specialTokens.map((token) => [token, 0]), ...learned],
        byte_fallback: false,
      }
    },
  },
}

/**
 * Learns a vocabulary from texts, which are read one by one; only how often each piece stands is kept.
 *
 * Byte-pair encoding's merges are those of Python's `tokenizers`. WordPiece's are too but for pairs that stand equally often,
 * which Python takes in the order of a hash table. Unigram's words and scores are Python's, but for characters that no word was
 * left for: they have the lowest scores, 0.0001 apart, which Python hands out in such an order.
 *
 * @param texts lines or documents: an array, a generator, or an async iterable such as `readline.createInterface({ input })`.
 * @returns a `tokenizer.json` that Python opens too.
 * @throws ArgumentError for special tokens that lack the unknown one, and for a vocabulary too small for its characters.
 * @example
 * const json = await trainTokenizer({ kind: 'bpe', vocabSize: 8000 }, lines)
 * await writeFile('tokenizer.json', JSON.stringify(json))
 * const tokenizer = Tokenizer.fromFiles({ tokenizer: json })
 */
export async function trainTokenizer(
  options: TrainTokenizerOptions,
  texts: Iterable<string> | AsyncIterable<string>,
): Promise<TokenizerJson> {
  const where = 'trainTokenizer'
  checkOptions(where, options, optionChecks)
  const recipe = recipes[options.kind]
  const { specialTokens = recipe.specialTokens } = options
  checkSpecialTokens(specialTokens, recipe.unknown)
  const parts = { ...recipe.parts(specialTokens, options), ...options.parts }
  const whole = (model: object, added_tokens: readonly object[]): TokenizerJson => ({
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens,
    ...parts,
    model,
  })
  const cutting = Tokenizer.fromFiles({
    tokenizer: whole({ type: 'WordLevel', vocab: { '': 0 }, unk_token: '' }, []),
  })
  const pieces = new Map<string, number>()
  for await (const text of texts) {
    for (const piece of cutting.pieces(text)) pieces.set(piece, (pieces.get(piece) ?? 0) + 1)
  }
  if (pieces.size === 0) throw new ArgumentError({ where, expected: 'texts', received: 'none' })
  const tokens = specialTokens.map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }))
  return whole(recipe.model(pieces, specialTokens, options), tokens)
}

function checkSpecialTokens(tokens: readonly string[], unknown: string | undefined): void {
  const where = 'trainTokenizer: specialTokens'
  const isList = Array.isArray(tokens) && tokens.every((token) => typeof token === 'string' && token !== '')
  if (!isList || new Set(tokens).size !== tokens.length) {
    throw new ArgumentError({ where, expected: 'different words', received: JSON.stringify(tokens) })
  }
  if (unknown === undefined || tokens.includes(unknown)) return
  throw new ArgumentError({
    where,
    expected: `${unknown} among them, for what the vocabulary lacks`,
    received: tokens.join(', ') || 'none',
  })
}
