import { ArgumentError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { Encoding } from '../tokenizers/encoding.ts'
import { runChecks } from './batched.ts'
import { longestText, type TextParts } from './parts.ts'
import type { Row, RunOptions } from './rows.ts'
import { ranked, softmax } from './scores.ts'
import { textPipeline } from './text-pipeline.ts'

export interface QuestionAnsweringOptions extends RunOptions {
  /** How many answers are given, the likeliest first. Default 1. */
  readonly topK?: number
  /** How many tokens of a document the windows share that it is cut into where it is too long. Default 128, or half a window. */
  readonly stride?: number
  /** Tokens of question and window together. Default 384, or what the model can read. */
  readonly maxLength?: number
  /** Tokens that an answer has at most. Default 15. */
  readonly maxAnswerLength?: number
  /** Whether "there is none" (an empty answer at 0) is an answer too. Default false. */
  readonly handleImpossibleAnswer?: boolean
  /** Whether answers are whole words; false for languages that are written without spaces. Default true. */
  readonly alignToWords?: boolean
}

const optionChecks = optionsOf<QuestionAnsweringOptions>()({
  topK: checks.count,
  stride: checks.wholeFrom(0),
  maxLength: checks.count,
  maxAnswerLength: checks.count,
  handleImpossibleAnswer: checks.boolean,
  alignToWords: checks.boolean,
  ...runChecks,
})

/** A passage of the document. */
export interface Answer {
  readonly answer: string
  readonly score: number
  /** Where it stands in the document, in UTF-16 units: `context.slice(start, end)`. */
  readonly start: number
  readonly end: number
}

/** Answers to questions, out of a document: for each question a list, the likeliest first. */
export interface QuestionAnswerer extends TextParts {
  (question: string, context: string, options?: QuestionAnsweringOptions): Promise<readonly Answer[]>
  /** Several questions of one document, or a document for each. */
  (
    questions: readonly string[],
    context: string | readonly string[],
    options?: QuestionAnsweringOptions,
  ): Promise<readonly (readonly Answer[])[]>
  readonly task: string
}

interface Question {
  readonly question: string
  readonly context: string
}

const task = 'question-answering'

export function questionAnswering(parts: TextParts): QuestionAnswerer {
  const { tokenizer } = parts
  const longest = longestText(parts) ?? Number.POSITIVE_INFINITY
  const run = textPipeline<Question, QuestionAnsweringOptions, readonly Answer[]>({
    task,
    parts,
    checks: optionChecks,
    expected: 'questions and documents',
    texts: ({ question, context }) => [question, context],
    encode({ question, context }, options) {
      const { maxLength = Math.min(384, longest) } = options
      const { stride = Math.min(128, Math.floor(maxLength / 2)) } = options
      const first = tokenizer.encode(question, context, { truncation: 'only_second', maxLength, stride })
      return [first, ...first.overflowing]
    },
    decode: (rows, { context }, options) =>
      answersOf(rows, context, options, tokenizer.specialId('cls_token')),
  })
  function call(
    question: string,
    context: string,
    options?: QuestionAnsweringOptions,
  ): Promise<readonly Answer[]>
  function call(
    questions: readonly string[],
    context: string | readonly string[],
    options?: QuestionAnsweringOptions,
  ): Promise<readonly (readonly Answer[])[]>
  function call(
    questions: string | readonly string[],
    context: string | readonly string[],
    options?: QuestionAnsweringOptions,
  ) {
    if (typeof questions === 'string' && !Array.isArray(context)) {
      return run({ question: questions, context: context as string }, options)
    }
    const list = [questions].flat()
    if (Array.isArray(context) && context.length !== list.length) {
      throw new ArgumentError({
        where: task,
        expected: `a document for all questions, or one for each of the ${list.length}`,
        received: String(context.length),
      })
    }
    const contextAt = (i: number) => (Array.isArray(context) ? (context[i] as string) : (context as string))
    return run(
      list.map((question, i) => ({ question, context: contextAt(i) })),
      options,
    )
  }
  return Object.assign(call, { task, ...parts })
}

/**
 * The best passages of all windows. A passage's score is the product of its first token's probability as a beginning and its
 * last one's as an end (Devlin et al. 2018, https://arxiv.org/abs/1810.04805, section 4.2); those of the same text are one,
 * with the sum of their scores.
 */
function answersOf(
  rows: readonly Row[],
  context: string,
  options: Partial<QuestionAnsweringOptions>,
  cls: number | undefined,
): readonly Answer[] {
  const { topK = 1, alignToWords = true, maxAnswerLength = 15, handleImpossibleAnswer = false } = options
  const found = new Map<string, Answer>()
  let none = Number.POSITIVE_INFINITY
  for (const row of rows) {
    const { encoding } = row
    const scores = passageScores(row, cls)
    none = Math.min(none, scores.none)
    // Some become the same when they are whole words.
    const spans = bestSpans(scores, maxAnswerLength, alignToWords ? topK * 2 + 10 : topK)
    for (const { first, last, score } of spans) {
      if (encoding.sequenceIds[first] !== 1 || encoding.sequenceIds[last] !== 1) continue
      const [start, end] = placeOf(encoding, first, last, alignToWords)
      const answer = context.slice(start, end)
      const key = answer.toLowerCase()
      const before = found.get(key)
      found.set(key, before ? { ...before, score: before.score + score } : { answer, score, start, end })
    }
  }
  const answers = [...found.values()]
  if (handleImpossibleAnswer) answers.push({ answer: '', score: none, start: 0, end: 0 })
  return answers.sort((a, b) => b.score - a.score).slice(0, topK)
}

interface PassageScores {
  readonly starts: readonly number[]
  readonly ends: readonly number[]
  /** Of "there is no answer": that of the first token as both. */
  readonly none: number
}

/** Probabilities among the document's tokens and the first one, which stands for "none" and is taken out then. */
function passageScores(row: Row, cls: number | undefined): PassageScores {
  const { ids, sequenceIds } = row.encoding
  const counts = ids.map((id, i) => sequenceIds[i] === 1 || id === cls)
  const probabilities = (name: string): number[] => {
    const logits = row
      .tokens(name)
      .map(([logit], i) => (counts[i] ? (logit as number) : Number.NEGATIVE_INFINITY))
    return softmax(logits)
  }
  const [starts, ends] = [probabilities('start_logits'), probabilities('end_logits')]
  const none = (starts[0] as number) * (ends[0] as number)
  return { starts: starts.with(0, 0), ends: ends.with(0, 0), none }
}

interface Span {
  readonly first: number
  readonly last: number
  readonly score: number
}

function bestSpans({ starts, ends }: PassageScores, longest: number, count: number): readonly Span[] {
  const spans: Span[] = []
  for (const [first, start] of starts.entries()) {
    for (let last = first; last < Math.min(ends.length, first + longest); last++)
      spans.push({ first, last, score: start * (ends[last] as number) })
  }
  return ranked(spans.map(({ score }) => score))
    .slice(0, count)
    .map((i) => spans[i] as Span)
}

/** Where tokens stand in the document, or the words that they are of. */
function placeOf(
  encoding: Encoding,
  first: number,
  last: number,
  alignToWords: boolean,
): readonly [number, number] {
  const { starts, ends, wordIds, sequenceIds } = encoding
  const isOf = (word: number | null | undefined) => (i: number) => sequenceIds[i] === 1 && wordIds[i] === word
  const tokens = [...starts.keys()]
  const from = alignToWords ? (tokens.find(isOf(wordIds[first])) ?? first) : first
  const to = alignToWords ? (tokens.findLast(isOf(wordIds[last])) ?? last) : last
  return [starts[from] as number, ends[to] as number]
}
