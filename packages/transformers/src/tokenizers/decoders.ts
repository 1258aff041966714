import type { ConfigReader } from '../base/config.ts'
import { byteOfCharacter } from './byte-characters.ts'
import { partOf } from './normalizers.ts'
import { readPattern } from './pattern.ts'

/** Makes text of tokens, step by step: what is joined in the end is the text. */
export type Decoder = (tokens: readonly string[]) => readonly string[]

const encoder = new TextEncoder()
const lenient = new TextDecoder('utf-8', { ignoreBOM: true })
const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })

/** Bytes of byte-level tokens as text; a token that is none stands for itself. */
const byteLevel: Decoder = (tokens) => {
  const bytes: number[] = []
  for (const token of tokens) {
    const own = Array.from(token, (character) => byteOfCharacter.get(character))
    const isBytes = own.every((byte) => byte !== undefined)
    for (const byte of isBytes ? (own as number[]) : encoder.encode(token)) bytes.push(byte)
  }
  return [lenient.decode(Uint8Array.from(bytes))]
}

/** Tokens such as `<0xE4>` that follow each other as text, or a � for each where they are none. */
const byteFallback: Decoder = (tokens) => {
  const out: string[] = []
  let bytes: number[] = []
  const flush = () => {
    if (bytes.length === 0) return
    try {
      out.push(strict.decode(Uint8Array.from(bytes)))
    } catch {
      for (const _ of bytes) out.push('\ufffd')
    }
    bytes = []
  }
  for (const token of tokens) {
    const byte = /^<0x([0-9A-Fa-f]{2})>$/.exec(token)?.[1]
    if (byte !== undefined) {
      bytes.push(Number.parseInt(byte, 16))
      continue
    }
    flush()
    out.push(token)
  }
  flush()
  return out
}

/** Spaces that English does without, as the WordPiece decoder takes them out of each token. */
const cleaned = (text: string): string =>
  text
    .replaceAll(' .', '.')
    .replaceAll(' ?', '?')
    .replaceAll(' !', '!')
    .replaceAll(' ,', ',')
    .replaceAll(" ' ", "'")
    .replaceAll(" n't", "n't")
    .replaceAll(" 'm", "'m")
    .replaceAll(' do not', " don't")
    .replaceAll(" 's", "'s")
    .replaceAll(" 've", "'ve")
    .replaceAll(" 're", "'re")

/** The same for a whole text (`clean_up_tokenization_spaces` of transformers). */
export const cleanedUp = (text: string): string =>
  text
    .replaceAll(' .', '.')
    .replaceAll(' ?', '?')
    .replaceAll(' !', '!')
    .replaceAll(' ,', ',')
    .replaceAll(" ' ", "'")
    .replaceAll(" n't", "n't")
    .replaceAll(" 'm", "'m")
    .replaceAll(" 's", "'s")
    .replaceAll(" 've", "'ve")
    .replaceAll(" 're", "'re")

function metaspace(config: ConfigReader): Decoder {
  const replacement = config.string('replacement', '▁')
  const hasPrefix =
    config.boolean('add_prefix_space', true) &&
    config.oneOf('prepend_scheme', ['always', 'never', 'first'], 'always') !== 'never'
  return (tokens) => tokens.map((token, i) => token.replaceAll(replacement, i === 0 && hasPrefix ? '' : ' '))
}

function strip(config: ConfigReader): Decoder {
  const content = config.string('content')
  const [start, stop] = [config.number('start'), config.number('stop')]
  return (tokens) =>
    tokens.map((token) => {
      const characters = Array.from(token)
      let from = 0
      while (from < Math.min(start, characters.length) && characters[from] === content) from++
      let to = characters.length
      while (characters.length - to < stop && to > 0 && characters[to - 1] === content) to--
      return characters.slice(from, to).join('')
    })
}

function wordPiece(config: ConfigReader): Decoder {
  const prefix = config.string('prefix', '##')
  const cleans = config.boolean('cleanup', true)
  return (tokens) =>
    tokens.map((token, i) => {
      const text = i === 0 ? token : token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`
      return cleans ? cleaned(text) : text
    })
}

/** Connectionist temporal classification: a token that follows itself is one. */
function ctc(config: ConfigReader): Decoder {
  const pad = config.string('pad_token', '<pad>')
  const delimiter = config.string('word_delimiter_token', '|')
  const cleans = config.boolean('cleanup', true)
  return (tokens) =>
    tokens
      .filter((token, i) => token !== tokens[i - 1])
      .map((token) => {
        const text = token.replaceAll(pad, '')
        return cleans ? cleaned(text).replaceAll(delimiter, ' ') : text
      })
      .filter((token) => token !== '')
}

const decoders: Readonly<Record<string, (config: ConfigReader) => Decoder>> = {
  ByteLevel: () => byteLevel,
  ByteFallback: () => byteFallback,
  Metaspace: metaspace,
  WordPiece: wordPiece,
  CTC: ctc,
  Strip: strip,
  Fuse: () => (tokens) => [tokens.join('')],
  Replace: (config) => {
    const [pattern, content] = [readPattern(config), config.string('content')]
    return (tokens) => tokens.map((token) => token.replace(pattern, () => content))
  },
  BPEDecoder: (config) => {
    const suffix = config.string('suffix', '</w>')
    return (tokens) => tokens.map((token, i) => token.replaceAll(suffix, i === tokens.length - 1 ? '' : ' '))
  },
  Sequence: (config) => {
    const list = config.each('decoders').map(readDecoder)
    return (tokens) => list.reduce((before, decoder) => decoder(before), tokens)
  },
}

/** Makes a decoder of an entry of `tokenizer.json`. */
export function readDecoder(config: ConfigReader): Decoder {
  return partOf(config, 'a decoder', decoders)(config)
}
