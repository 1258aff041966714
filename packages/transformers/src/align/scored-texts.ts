import { type Tensor, tensor } from 'typegrad'
import { ArgumentError, type ErrorParts } from 'typegrad/core'
import type { TokenIds } from '../generation/prompts.ts'

/** A prompt and an answer to it. */
export interface Completion {
  readonly prompt: TokenIds
  readonly answer: TokenIds
}

/** A text some of whose tokens are asked for: those from `from` to the end. */
export interface ScoredText {
  readonly ids: TokenIds
  /** At least 1: nothing predicts the first token. */
  readonly from: number
}

/** The text of a completion, with its answer's tokens, or with all tokens that something predicts. */
export const scoredText = (
  { prompt, answer }: Completion,
  part: 'answer' | 'text' = 'answer',
): ScoredText => ({
  ids: [...prompt, ...answer],
  from: part === 'answer' ? prompt.length : 1,
})

/** Lengths are filled up to multiples of these, so that few programs are compiled. */
const steps = { length: 16, tokens: 8 } as const

const roundedUp = (length: number, step: number): number => Math.ceil(length / step) * step

/**
 * Texts as `TokenLogProbs` takes them: a list of texts for each sample, as many for each.
 *
 * @param most how many positions the model has: texts are filled up to no more.
 * @returns ids (batch, texts, length), places (batch, texts, tokens), and how many tokens each row has room for.
 */
export function packTexts(
  samples: readonly (readonly ScoredText[])[],
  most: number,
): { readonly x: { readonly ids: Tensor; readonly places: Tensor }; readonly tokens: number } {
  const texts = samples.flat()
  const longest = Math.max(...texts.map(({ ids }) => ids.length))
  const length = Math.max(longest, Math.min(most, roundedUp(longest, steps.length)))
  const tokens = roundedUp(Math.max(...texts.map(({ ids, from }) => ids.length - from)), steps.tokens)
  const ids = new Int32Array(texts.length * length)
  const places = new Int32Array(texts.length * tokens)
  for (const [row, text] of texts.entries()) {
    ids.set(text.ids, row * length)
    for (let at = text.from; at < text.ids.length; at++) places[row * tokens + at - text.from] = at - 1
  }
  const of = (values: Int32Array, size: number): Tensor =>
    tensor(values, { shape: [samples.length, texts.length / samples.length, size] })
  return { x: { ids: of(ids, length), places: of(places, tokens) }, tokens }
}

/** Numbers of rows, each filled up with zeros to the last size of a shape. */
export function packRows(
  rows: readonly (readonly number[])[],
  shape: readonly number[],
  dtype: 'float32' | 'int32' = 'float32',
): Tensor {
  const size = shape.at(-1) as number
  const values = new (dtype === 'int32' ? Int32Array : Float32Array)(rows.length * size)
  for (const [i, row] of rows.entries()) values.set(row, i * size)
  return tensor(values, { shape })
}

/** How many faults an error lists. */
const listed = 5

/** What is wrong with one of several things that were given. */
export interface Fault {
  /** Which of them, such as `pair 3`. */
  readonly of: string
  /** Which part of it, such as `chosen`. */
  readonly part?: string
  /** What came. */
  readonly what: string
}

/** Things that are refused, all of their faults one by one, for a caller that knows better what they are. */
export class FaultyArguments extends ArgumentError {
  readonly faults: readonly Fault[]

  constructor(parts: ErrorParts, faults: readonly Fault[]) {
    super(parts)
    this.name = 'ArgumentError'
    this.faults = faults
  }
}

const told = ({ of, part, what }: Fault): string => `${of}${part === undefined ? '' : `, ${part}`}: ${what}`

/** Refuses faults, all at once. @throws ArgumentError; FaultyArguments for faults of single things. */
export function refuseFaults(
  where: string,
  given: readonly (Fault | string)[],
  { expected, fix }: { readonly expected: string; readonly fix?: string },
): void {
  if (given.length === 0) return
  const more = given.length > listed ? `; and ${given.length - listed} more` : ''
  const texts = given.slice(0, listed).map((fault) => (typeof fault === 'string' ? fault : told(fault)))
  throw new FaultyArguments(
    { where, expected, received: `${texts.join('; ')}${more}`, ...(fix !== undefined && { fix }) },
    given.filter((fault) => typeof fault !== 'string'),
  )
}

/** What a model's texts may consist of. */
export interface Limits {
  /** How many words the network knows. */
  readonly words: number
  /** How many positions it has. */
  readonly positions: number
}

/** What is wrong with a completion. @param at which it is, and of what. */
export function faultsOfCompletion(
  at: Pick<Fault, 'of' | 'part'>,
  { prompt, answer }: Completion,
  limits: Limits,
): Fault[] {
  const { words, positions } = limits
  const length = prompt.length + answer.length
  const faultOf = (part: string, ids: TokenIds): Fault[] => {
    if (ids.length === 0) return [{ ...at, what: `an empty ${part}` }]
    const wrong = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= words)
    return wrong === undefined ? [] : [{ ...at, what: `the id ${String(wrong)} in its ${part}` }]
  }
  return [
    ...faultOf('prompt', prompt),
    ...faultOf('answer', answer),
    ...(length > positions ? [{ ...at, what: `${length} tokens` }] : []),
  ]
}

/** What completions have to be. */
export const expectedCompletions = ({ words, positions }: Limits): string =>
  `prompts and answers of at least one token each and ${positions} together, ids from 0 to ${words - 1}`
