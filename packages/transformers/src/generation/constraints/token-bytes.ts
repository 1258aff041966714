import { FormatError } from 'typegrad/core'
import { Vocabulary } from './vocabulary.ts'

/** The parts of `tokenizer.json` that say what tokens are as text. */
interface TokenizerFile {
  readonly model?: { readonly vocab?: unknown; readonly type?: string }
  readonly decoder?: unknown
  readonly added_tokens?: readonly {
    readonly id: number
    readonly content: string
    readonly special?: boolean
  }[]
}

interface Decoder {
  readonly type?: string
  readonly decoders?: readonly Decoder[]
  readonly replacement?: string
  readonly pattern?: { readonly String?: string }
  readonly content?: string
}

/**
 * The bytes of a tokenizer's tokens, for constraints: byte-level ones (GPT-2 and its like), those with a mark for the space
 * and bytes as `<0x0A>` (SentencePiece).
 *
 * @param tokenizer `tokenizer.json` as it was parsed.
 * @param endTokens ids that end a text.
 * @throws FormatError for a tokenizer of another kind.
 */
export function vocabularyOf(tokenizer: unknown, endTokens: number | readonly number[]): Vocabulary {
  const file = tokenizer as TokenizerFile
  const kinds = flatDecoders(file.decoder as Decoder | undefined)
  const has = (type: string): boolean => kinds.some((one) => one.type === type)
  const isByteLevel = has('ByteLevel')
  const mark = kinds.find(({ type }) => type === 'Metaspace')?.replacement ?? replacedMark(kinds)
  if (!isByteLevel && mark === undefined)
    throw new FormatError({
      where: 'tokenizer.json: decoder',
      expected:
        'a decoder that tells where spaces stand: ByteLevel, Metaspace, or Replace of a mark by a space',
      received: kinds.map(({ type }) => type).join(', ') || 'none',
    })
  const tokens: (Uint8Array | undefined)[] = []
  for (const [word, id] of words(file.model?.vocab))
    tokens[id] = isByteLevel ? byteLevelBytes(word) : markedBytes(word, mark ?? ' ')
  for (const { id, content, special } of file.added_tokens ?? [])
    tokens[id] = special === true ? undefined : encoder.encode(content)
  // Ids without a word are no text.
  return new Vocabulary(Array.from(tokens), { endTokens })
}

const encoder = new TextEncoder()

function flatDecoders(decoder: Decoder | undefined): readonly Decoder[] {
  if (decoder === undefined || decoder === null) return []
  return decoder.type === 'Sequence' ? (decoder.decoders ?? []).flatMap(flatDecoders) : [decoder]
}

/** The mark that a decoder replaces by a space. */
const replacedMark = (decoders: readonly Decoder[]): string | undefined =>
  decoders.find(({ type, content }) => type === 'Replace' && content === ' ')?.pattern?.String

/** Words with their ids: an object, or a list of words with their scores. */
function words(vocab: unknown): (readonly [string, number])[] {
  if (Array.isArray(vocab))
    return (vocab as readonly (readonly [string, number])[]).map(([word], id) => [word, id] as const)
  if (typeof vocab === 'object' && vocab !== null) return Object.entries(vocab as Record<string, number>)
  throw new FormatError({
    where: 'tokenizer.json: model.vocab',
    expected: 'words with their ids',
    received: typeof vocab,
  })
}

/** The bytes that GPT-2's characters stand for: printable ones of Latin-1 for themselves, the others from U+0100 on. */
const byteOfCharacter = (() => {
  const table = new Map<string, number>()
  let next = 0x100
  for (let byte = 0; byte < 256; byte++) {
    const isPrintable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad)
    table.set(String.fromCharCode(isPrintable ? byte : next++), byte)
  }
  return table
})()

function byteLevelBytes(word: string): Uint8Array {
  const bytes = Array.from(word, (character) => byteOfCharacter.get(character))
  // A word with other characters was added as it is.
  return bytes.every((byte) => byte !== undefined) ? Uint8Array.from(bytes) : encoder.encode(word)
}

function markedBytes(word: string, mark: string): Uint8Array {
  const byte = /^<0x([0-9A-F]{2})>$/.exec(word)
  if (byte !== null) return Uint8Array.of(Number.parseInt(byte[1] as string, 16))
  return encoder.encode(word.replaceAll(mark, ' '))
}
