import { type HubOptions, hubChecks } from '@typegrad/hub/options'
import { ArgumentError, checkOptions, FormatError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { ConfigReader, type RawConfig } from '../base/config.ts'
import { folderOf } from '../checkpoint/model-folder.ts'
import { Tokenizer } from '../tokenizers/tokenizer.ts'

export interface GgufTokenizerOptions extends HubOptions {
  /** The file's name in a folder, or in a model of the hub. Default: what is given is the file. */
  readonly file?: string
}

const tokenizerChecks = optionsOf<GgufTokenizerOptions>()({ file: checks.path, ...hubChecks })

/**
 * The tokenizer that is in a file of llama.cpp: of bytes (`gpt2`, as Llama 3's, Qwen's and SmolLM's) or of pieces with scores
 * (`llama`, as Llama 2's and Mistral's), with the special tokens and the template of chats that the file has.
 *
 * @param source as `fromGguf` takes it.
 * @throws FormatError for a file that is damaged or has no tokenizer; ArgumentError for a kind that is not read: the folder of
 * the original model has the same one, for `loadTokenizer`.
 * @example
 * const tokenizer = await tokenizerFromGguf('models/smollm2-135m-q8_0.gguf')
 */
export async function tokenizerFromGguf(
  source: string,
  options: GgufTokenizerOptions = {},
): Promise<Tokenizer> {
  checkOptions('tokenizerFromGguf', options, tokenizerChecks)
  const { file: name, ...fetching } = options
  const path =
    name === undefined ? source : `${await folderOf('tokenizerFromGguf', source, fetching, name)}/${name}`
  const { readGguf } = await import('./read-gguf.node.ts')
  return ggufTokenizer((await readGguf(path)).metadata, path)
}

/** What a token is, by `tokenizer.ggml.token_type`. */
const kinds = { unknown: 2, control: 3, userDefined: 4 } as const

/** Llama 3's pattern, of which others are variants: https://github.com/openai/tiktoken. @param digits that stay together. */
const wordsOf = (digits: string) => ({
  type: 'Sequence',
  pretokenizers: [
    {
      type: 'Split',
      pattern: {
        Regex: String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|${digits}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
      },
      behavior: 'Isolated',
      invert: false,
    },
    { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
  ],
})
const gpt2Words = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: true }
const singleDigits = {
  type: 'Sequence',
  pretokenizers: [{ type: 'Digits', individual_digits: true }, gpt2Words],
}

/** How texts are cut into words, by `tokenizer.ggml.pre`. */
const preTokenizers: Readonly<Record<string, object>> = {
  'gpt-2': gpt2Words,
  smollm: singleDigits,
  'llama-bpe': wordsOf(String.raw`\p{N}{1,3}`),
  qwen2: wordsOf(String.raw`\p{N}`),
}

/** The same as a `tokenizer.json` of Hugging Face. @param where what errors say: the file. */
export function ggufTokenizer(metadata: Readonly<Record<string, unknown>>, where: string): Tokenizer {
  const told = new ConfigReader(metadata, where)
  const key = (name: string) => `tokenizer.ggml.${name}`
  const tokens = told.strings(key('tokens'))
  const types = told.numbers(key('token_type'), [])
  const vocabulary = Object.fromEntries(tokens.map((token, id) => [token, id]))
  if (Object.keys(vocabulary).length !== tokens.length) {
    throw new FormatError({
      where: told.at(key('tokens')),
      expected: 'each token once',
      received: `${tokens.length} tokens, of which ${Object.keys(vocabulary).length} are different`,
    })
  }
  const vocabularyKind = told.string(key('model'))
  const make = { gpt2: byteTokenizer, llama: pieceTokenizer }[vocabularyKind]
  if (make === undefined) {
    throw new ArgumentError({
      where: told.at(key('model')),
      expected: "'gpt2' or 'llama'",
      received: `'${vocabularyKind}'`,
      fix: "Read the original model's: loadTokenizer(folder).",
    })
  }
  const roles = Object.fromEntries(
    (['bos', 'eos', 'unknown', 'padding'] as const).flatMap((role) => {
      const token = tokens[told.optionalNumber(key(`${role}_token_id`)) ?? -1]
      return token === undefined ? [] : [[`${roleNames[role]}_token`, token]]
    }),
  )
  const isLlama = vocabularyKind === 'llama' || told.string(key('pre'), '') === 'llama-bpe'
  const around = (name: string, token: string | undefined, usual: boolean): readonly string[] =>
    token !== undefined && told.boolean(key(name), usual) ? [token] : []
  const template = told.string('tokenizer.chat_template', '')
  return Tokenizer.fromFiles({
    tokenizer: {
      ...make(told, { tokens, vocabulary }),
      added_tokens: tokens.flatMap((content, id) => {
        const type = types[id]
        const isSpecial = type === kinds.control || type === kinds.unknown
        return isSpecial || type === kinds.userDefined ? [addedToken(id, content, isSpecial)] : []
      }),
      post_processor: aroundTexts(
        around('add_bos_token', roles.bos_token, isLlama),
        around('add_eos_token', roles.eos_token, false),
        vocabulary,
      ),
    },
    config: { ...roles, ...(template !== '' && { chat_template: template }) },
  })
}

const roleNames = { bos: 'bos', eos: 'eos', unknown: 'unk', padding: 'pad' } as const

const addedToken = (id: number, content: string, special: boolean): RawConfig => ({
  id,
  content,
  special,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
})

interface Words {
  readonly tokens: readonly string[]
  readonly vocabulary: Readonly<Record<string, number>>
}

/** Pairs of bytes, joined in the order that the file lists them in. */
function byteTokenizer(told: ConfigReader, { vocabulary }: Words): RawConfig {
  const name = told.string('tokenizer.ggml.pre', 'gpt-2')
  const preTokenizer = preTokenizers[name]
  if (preTokenizer === undefined) {
    throw new ArgumentError({
      where: told.at('tokenizer.ggml.pre'),
      expected: `one of ${Object.keys(preTokenizers).join(', ')}`,
      received: `'${name}'`,
      fix: "Read the original model's: loadTokenizer(folder).",
    })
  }
  return {
    // A word that is a token as it is need not be joined.
    model: {
      type: 'BPE',
      vocab: vocabulary,
      merges: told.strings('tokenizer.ggml.merges'),
      ignore_merges: name === 'llama-bpe',
    },
    pre_tokenizer: preTokenizer,
    decoder: { type: 'ByteLevel' },
  }
}

/** Pieces of SentencePiece: of neighbours whose union is a piece those are joined first whose union has the best score. */
function pieceTokenizer(told: ConfigReader, { tokens, vocabulary }: Words): RawConfig {
  const scores = told.numbers('tokenizer.ggml.scores')
  const space = '▁'
  const hasPrefix = told.boolean('tokenizer.ggml.add_space_prefix', true)
  const unknown = tokens[told.number('tokenizer.ggml.unknown_token_id', 0)]
  return {
    model: {
      type: 'BPE',
      vocab: vocabulary,
      merges: mergesOf(tokens, vocabulary, scores),
      unk_token: unknown,
      fuse_unk: true,
      byte_fallback: true,
    },
    normalizer: {
      type: 'Sequence',
      normalizers: [
        ...(hasPrefix ? [{ type: 'Prepend', prepend: space }] : []),
        { type: 'Replace', pattern: { String: ' ' }, content: space },
      ],
    },
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: space }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        ...(hasPrefix ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
      ],
    },
  }
}

/** All pairs of pieces that make a piece, best scores first. */
function mergesOf(
  tokens: readonly string[],
  vocabulary: Readonly<Record<string, number>>,
  scores: readonly number[],
): readonly (readonly [string, string])[] {
  const merges = tokens.flatMap((token, id) => {
    const letters = Array.from(token)
    return letters.slice(1).flatMap((_, i) => {
      const [left, right] = [letters.slice(0, i + 1).join(''), letters.slice(i + 1).join('')]
      const isPair = Object.hasOwn(vocabulary, left) && Object.hasOwn(vocabulary, right)
      return isPair ? [{ pair: [left, right] as const, score: scores[id] ?? 0 }] : []
    })
  })
  return merges.sort((a, b) => b.score - a.score).map(({ pair }) => pair)
}

/** What stands around each text, and around both of a pair. */
function aroundTexts(
  before: readonly string[],
  after: readonly string[],
  vocabulary: Readonly<Record<string, number>>,
): RawConfig | null {
  if (before.length + after.length === 0) return null
  const special = (id: string, type_id: number) => ({ SpecialToken: { id, type_id } })
  const text = (id: 'A' | 'B', type_id: number) => [
    ...before.map((token) => special(token, type_id)),
    { Sequence: { id, type_id } },
    ...after.map((token) => special(token, type_id)),
  ]
  return {
    type: 'TemplateProcessing',
    single: text('A', 0),
    pair: [...text('A', 0), ...text('B', 1)],
    special_tokens: Object.fromEntries(
      [...before, ...after].map((token) => [token, { id: token, ids: [vocabulary[token]], tokens: [token] }]),
    ),
  }
}
