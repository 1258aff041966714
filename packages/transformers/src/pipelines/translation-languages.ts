import { ArgumentError } from 'typegrad/core'
import { ConfigReader } from '../base/config.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { pretrainedOf, type TextParts } from './parts.ts'

/** The two languages of a translation; a model of one pair is told neither. */
export interface LanguagePair {
  readonly from?: string
  readonly to?: string
}

/** How a model is told what to make of texts. */
export interface Instruction {
  /** Whose `task_specific_params` count; their prefix stands in front of each text. */
  readonly task: string
  /** Ids around a text, instead of the tokenizer's own special tokens. Default: those. */
  readonly around?: { readonly before: readonly number[]; readonly after: readonly number[] }
  /** The first token of an answer. Default: what the model's files advise. */
  readonly firstToken?: number
}

/** Where tokenizers put the language of a text: behind its end, or before all of it. */
const places = {
  MBartTokenizer: 'after',
  MBart50Tokenizer: 'before',
} as const

/** `de_DE`, `pt_XX`: how mBART's languages are called. */
const languageCode = /^[a-z]{2}_[A-Z]{2}$/

/** @returns how a model is told to translate between two languages; it throws ArgumentError for languages that are not known. */
export function translationInstructions(parts: TextParts): (pair: LanguagePair) => Instruction {
  return byTokens(parts) ?? byWords(parts)
}

/** mBART is told by tokens: the text's language stands beside it, and that of the answer is its first token. */
function byTokens({ model, tokenizer }: TextParts): ((pair: LanguagePair) => Instruction) | undefined {
  const place = placeOf(tokenizer, pretrainedOf(model).config.model_type)
  if (place === undefined) return
  const languages = new Map(
    tokenizer.addedTokens
      .filter(({ content, special }) => special && languageCode.test(content))
      .map(({ content, id }) => [content, id]),
  )
  const idOf = (name: 'from' | 'to', language: string | undefined): number => {
    const id = languages.get(language ?? '')
    if (id !== undefined) return id
    throw new ArgumentError({
      where: `translation: ${name}`,
      expected: `a language of the model: ${[...languages.keys()].sort().join(', ')}`,
      received: language ?? 'none',
    })
  }
  const end = tokenizer.specialId('eos_token')
  const ends = end === undefined ? [] : [end]
  return ({ from, to }) => {
    const [source, target] = [idOf('from', from), idOf('to', to)]
    const around =
      place === 'before' ? { before: [source], after: ends } : { before: [], after: [...ends, source] }
    return { task: 'translation', around, firstToken: target }
  }
}

/** By the class of the tokenizer; files that do not name one have their model's, as in transformers. */
function placeOf(tokenizer: Tokenizer, modelType: unknown): 'before' | 'after' | undefined {
  const named = tokenizer.config.tokenizer_class ?? (modelType === 'mbart' ? 'MBartTokenizer' : undefined)
  const name = String(named).replace(/Fast$/, '')
  return Object.entries(places).find(([known]) => known === name)?.[1]
}

/** T5 is told by the words in front of a text, for each pair of languages its own; Marian has one pair. */
function byWords({ model }: TextParts): (pair: LanguagePair) => Instruction {
  const config = new ConfigReader(pretrainedOf(model).config)
  const known = Object.keys(config.within('task_specific_params')?.raw ?? {}).filter((name) =>
    name.startsWith('translation_'),
  )
  return ({ from, to }) => {
    const asked = from === undefined && to === undefined ? undefined : `translation_${from}_to_${to}`
    if (known.length === 0 && asked === undefined) return { task: 'translation' }
    const chosen = asked ?? (known.length === 1 ? known[0] : undefined)
    if (chosen !== undefined && known.includes(chosen)) return { task: chosen }
    const pairs = known.map((name) => name.slice('translation_'.length).replace('_to_', ' to ')).join(', ')
    throw new ArgumentError({
      where: 'translation: from, to',
      expected:
        known.length === 0 ? 'neither: this model has one pair of languages' : `languages of: ${pairs}`,
      received: asked === undefined ? 'none' : `${from} to ${to}`,
    })
  }
}
