import { FormatError } from 'typegrad/core'
import type { ConfigReader } from '../base/config.ts'
import { isLowHalf, unitsAt } from './aligned-text.ts'
import { concatenated, Encoding } from './encoding.ts'
import { partOf } from './normalizers.ts'
import { memberTest, whiteSpace } from './unicode/characters.ts'

/** Adds special tokens to a text or a pair. */
export interface PostProcessor {
  /** How many it adds. */
  added(isPair: boolean): number
  /**
   * @param texts the text of each encoding, or what it is a window of.
   */
  process(
    encodings: readonly Encoding[],
    addSpecialTokens: boolean,
    texts: readonly string[],
  ): readonly Encoding[]
}

/** A text of the pair, or special tokens. */
type TemplatePart =
  | { readonly sequence: number; readonly typeId: number }
  | { readonly ids: readonly number[]; readonly tokens: readonly string[]; readonly typeId: number }

const special = (id: number, token: string, typeId: number): TemplatePart => ({
  ids: [id],
  tokens: [token],
  typeId,
})

class Template implements PostProcessor {
  readonly #single: readonly TemplatePart[]
  readonly #pair: readonly TemplatePart[]

  constructor(single: readonly TemplatePart[], pair: readonly TemplatePart[]) {
    this.#single = single
    this.#pair = pair
  }

  added(isPair: boolean): number {
    return (isPair ? this.#pair : this.#single).reduce(
      (sum, part) => sum + ('ids' in part ? part.ids.length : 0),
      0,
    )
  }

  process(encodings: readonly Encoding[], addSpecialTokens: boolean): readonly Encoding[] {
    return (encodings.length > 1 ? this.#pair : this.#single).flatMap((part) => {
      if ('sequence' in part) {
        const encoding = encodings[part.sequence] as Encoding
        encoding.setType(part.typeId)
        return [encoding]
      }
      if (!addSpecialTokens) return []
      const added = new Encoding()
      for (const [i, id] of part.ids.entries()) {
        const place = {
          typeId: part.typeId,
          start: 0,
          end: 0,
          wordId: null,
          sequenceId: null,
          isSpecial: true,
        }
        added.push(id, part.tokens[i] as string, place)
      }
      return [added]
    })
  }
}

function template(config: ConfigReader): PostProcessor {
  const tokens = config.needed('special_tokens')
  const parts = (name: string): readonly TemplatePart[] =>
    config.each(name).map((part) => {
      const sequence = part.within('Sequence')
      if (sequence !== undefined) {
        return {
          sequence: sequence.oneOf('id', ['A', 'B']) === 'A' ? 0 : 1,
          typeId: sequence.number('type_id'),
        }
      }
      const one = part.needed('SpecialToken')
      const token = tokens.needed(one.string('id'))
      const [ids, words] = [token.numbers('ids'), token.strings('tokens')]
      if (ids.length !== words.length) {
        throw new FormatError({
          where: token.where,
          expected: 'as many ids as tokens',
          received: `${ids.length} and ${words.length}`,
        })
      }
      return { ids, tokens: words, typeId: one.number('type_id') }
    })
  const [single, pair] = [parts('single'), parts('pair')]
  const lacks = (list: readonly TemplatePart[], sequence: number) =>
    !list.some((part) => 'sequence' in part && part.sequence === sequence)
  if (lacks(single, 0) || !lacks(single, 1)) {
    throw new FormatError({
      where: config.at('single'),
      expected: 'the sequence A alone',
      received: JSON.stringify(config.raw.single),
    })
  }
  if (lacks(pair, 0) || lacks(pair, 1)) {
    throw new FormatError({
      where: config.at('pair'),
      expected: 'both sequences',
      received: JSON.stringify(config.raw.pair),
    })
  }
  return new Template(single, pair)
}

/** `['[SEP]', 102]`. */
function tokenWithId(config: ConfigReader, name: string): readonly [number, string] {
  const value = config.raw[name]
  if (Array.isArray(value) && typeof value[0] === 'string' && Number.isInteger(value[1])) {
    return [value[1] as number, value[0]]
  }
  throw new FormatError({
    where: config.at(name),
    expected: 'a token with its id',
    received: JSON.stringify(value) ?? 'nothing',
  })
}

const sequence = (sequence: number, typeId: number): TemplatePart => ({ sequence, typeId })

function bert(config: ConfigReader): PostProcessor {
  const [cls, sep] = [tokenWithId(config, 'cls'), tokenWithId(config, 'sep')]
  const single = [special(...cls, 0), sequence(0, 0), special(...sep, 0)]
  return new Template(single, [...single, sequence(1, 1), special(...sep, 1)])
}

function roberta(config: ConfigReader): PostProcessor {
  const [cls, sep] = [tokenWithId(config, 'cls'), tokenWithId(config, 'sep')]
  const single = [special(...cls, 0), sequence(0, 0), special(...sep, 0)]
  const processor = new Template(single, [...single, special(...sep, 0), sequence(1, 0), special(...sep, 0)])
  return inSequence([trimming(config), processor])
}

const isWhiteSpace = memberTest(whiteSpace)
const isSpace = (character: string): boolean =>
  character === 'Ġ' || isWhiteSpace(character.codePointAt(0) ?? 0)

/** Leaves spaces at the ends of tokens out of their offsets, which are counted in characters as Python does it. */
function trim(encoding: Encoding, addsPrefixSpace: boolean, texts: readonly string[]): void {
  for (const [i, token] of encoding.tokens.entries()) {
    if (!isSpace(token.charAt(0)) && !isSpace(token.charAt(token.length - 1))) continue
    const text = texts[encoding.sequenceIds[i] ?? 0] ?? ''
    const characters = Array.from(token)
    const first = characters.findIndex((character) => !isSpace(character))
    let leading = first < 0 ? characters.length : first
    let trailing = first < 0 ? leading : characters.reverse().findIndex((character) => !isSpace(character))
    let [start, end] = [encoding.starts[i] as number, encoding.ends[i] as number]
    // A space that was added before the first word has no place in the text.
    if ((i === 0 || start === 0) && addsPrefixSpace && leading === 1) leading = 0
    for (; leading > 0 && start < end; leading--) start += unitsAt(text, start)
    for (; trailing > 0 && end > start; trailing--) end -= isLowHalf(text, end - 1) ? 2 : 1
    encoding.starts[i] = start
    encoding.ends[i] = end
  }
  for (const one of encoding.overflowing) trim(one, addsPrefixSpace, texts)
}

function trimming(config: ConfigReader): PostProcessor {
  const [trims, addsPrefixSpace] = [
    config.boolean('trim_offsets', true),
    config.boolean('add_prefix_space', true),
  ]
  return {
    added: () => 0,
    process(encodings, _, texts) {
      if (trims) for (const encoding of encodings) trim(encoding, addsPrefixSpace, texts)
      return encodings
    },
  }
}

const inSequence = (list: readonly PostProcessor[]): PostProcessor => ({
  added: (isPair) => list.reduce((sum, processor) => sum + processor.added(isPair), 0),
  process: (encodings, addSpecialTokens, texts) =>
    list.reduce((before, processor) => processor.process(before, addSpecialTokens, texts), encodings),
})

const postProcessors: Readonly<Record<string, (config: ConfigReader) => PostProcessor>> = {
  TemplateProcessing: template,
  BertProcessing: bert,
  RobertaProcessing: roberta,
  ByteLevel: trimming,
  Sequence: (config) => inSequence(config.each('processors').map(readPostProcessor)),
}

/** Makes a post-processor of an entry of `tokenizer.json`. */
export function readPostProcessor(config: ConfigReader): PostProcessor {
  return partOf(config, 'a post-processor', postProcessors)(config)
}

/** Texts one after the other, without special tokens. */
export const plainPostProcessor: PostProcessor = {
  added: () => 0,
  process: (encodings) => [concatenated(encodings)],
}
