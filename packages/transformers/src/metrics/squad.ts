import { ArgumentError } from 'typegrad/core'
import { checkPaired } from './paired.ts'
import { asciiPunctuation, wordsOf } from './python-text.ts'

/** Python's `\b(a|an|the)\b`: whole words only, in any alphabet. */
const articles = /(?<![\p{L}\p{N}_])(?:an?|the)(?![\p{L}\p{N}_])/gu

/** The words of an answer that count: in lower case, without punctuation and articles. */
function answerWords(text: string): readonly string[] {
  const letters = [...text.toLowerCase()].filter((character) => !asciiPunctuation.has(character))
  return wordsOf(letters.join('').replace(articles, ' '))
}

const isExact = (prediction: readonly string[], answer: readonly string[]): number =>
  prediction.join(' ') === answer.join(' ') ? 1 : 0

/** The harmonic mean of the shares of both answers' words that the other has; 0 where they share none. */
function wordF1(prediction: readonly string[], answer: readonly string[]): number {
  const left = new Map<string, number>()
  for (const word of answer) left.set(word, (left.get(word) ?? 0) + 1)
  let same = 0
  for (const word of prediction) {
    const count = left.get(word) ?? 0
    if (count === 0) continue
    left.set(word, count - 1)
    same++
  }
  if (same === 0) return 0
  const [precision, recall] = [same / prediction.length, same / answer.length]
  return (2 * precision * recall) / (precision + recall)
}

export interface AnswerScores {
  /** The share of answers that are right but for case, punctuation, articles and spaces: 0 to 100. */
  readonly exactMatch: number
  /** The mean F1 of the words: 0 to 100. */
  readonly f1: number
}

/**
 * Exact match and F1 of answers that stand in a text, as SQuAD's script 1.1 counts them: every question has an answer, and of
 * several right ones the nearest counts.
 *
 * Rajpurkar et al. 2016, https://arxiv.org/abs/1606.05250
 *
 * @param predictions an answer to each question.
 * @param answers what is right for each, one or more.
 * @throws ArgumentError for lists of different lengths, and questions without an answer (which {@link squadV2} takes).
 * @example
 * textMetrics.squad(['the year 1815'], [['1815', 'in 1815']]) // { exactMatch: 0, f1: 66.7 }
 */
export function squad(predictions: readonly string[], answers: readonly (readonly string[])[]): AnswerScores {
  checkPaired('squad', ['answers', answers], ['predictions', predictions])
  const without = answers.findIndex(({ length }) => length === 0)
  if (without >= 0) {
    throw new ArgumentError({
      where: `squad: answers: ${without}`,
      expected: 'one or more',
      received: 'none',
      fix: 'Questions that have no answer are scored by squadV2.',
    })
  }
  let [exactMatch, f1] = [0, 0]
  for (const [i, prediction] of predictions.entries()) {
    const [given, wanted] = [answerWords(prediction), (answers[i] as readonly string[]).map(answerWords)]
    exactMatch += Math.max(...wanted.map((one) => isExact(given, one)))
    f1 += Math.max(...wanted.map((one) => wordF1(given, one)))
  }
  const share = 100 / predictions.length
  return { exactMatch: exactMatch * share, f1: f1 * share }
}

export interface SquadV2Options {
  /** How sure the model is of each question that it has no answer, 0 to 1. Default: it is not asked. */
  readonly noAnswerProbabilities?: readonly number[]
  /** From which probability on (exclusive) a question counts as answered by nothing. Default 1. */
  readonly noAnswerThreshold?: number
}

export interface SquadV2Scores extends AnswerScores {
  /** Of the questions that have an answer; undefined where none has. */
  readonly hasAnswer: AnswerScores | undefined
  /** Of the questions that have none; undefined where all have. */
  readonly noAnswer: AnswerScores | undefined
  /** With `noAnswerProbabilities`: the scores at the threshold that is best for each, which is given beside it. */
  readonly best?: {
    readonly exactMatch: number
    readonly exactMatchThreshold: number
    readonly f1: number
    readonly f1Threshold: number
  }
}

/**
 * Exact match and F1 where questions may have no answer, as SQuAD's script 2.0 counts them: `''` is right for those.
 *
 * Rajpurkar et al. 2018, https://arxiv.org/abs/1806.03822
 *
 * @param predictions an answer to each question, `''` for none.
 * @param answers what is right for each; an empty list for questions that have no answer.
 * @throws ArgumentError for lists of different lengths.
 * @example
 * textMetrics.squadV2(['1815', ''], [['1815'], []]).exactMatch // 100
 */
export function squadV2(
  predictions: readonly string[],
  answers: readonly (readonly string[])[],
  { noAnswerProbabilities, noAnswerThreshold = 1 }: SquadV2Options = {},
): SquadV2Scores {
  checkPaired('squadV2', ['answers', answers], ['predictions', predictions])
  if (noAnswerProbabilities !== undefined) {
    checkPaired('squadV2', ['probabilities', noAnswerProbabilities], ['predictions', predictions])
  }
  const questions = predictions.map((prediction, i): Question => {
    const wanted = (answers[i] as readonly string[]).map(answerWords).filter(({ length }) => length > 0)
    const right = wanted.length > 0 ? wanted : [[]]
    const given = answerWords(prediction)
    return {
      answered: prediction !== '',
      hasAnswer: (answers[i] as readonly string[]).length > 0,
      probability: noAnswerProbabilities?.[i] ?? 0,
      exactMatch: Math.max(...right.map((one) => isExact(given, one))),
      f1: Math.max(...right.map((one) => (one.length === 0 ? isExact(given, one) : wordF1(given, one)))),
    }
  })
  const isNone = (question: Question) => question.probability > noAnswerThreshold
  const decided = questions.map((question) => {
    const asNone = question.hasAnswer ? 0 : 1
    return isNone(question) ? { ...question, exactMatch: asNone, f1: asNone } : question
  })
  return {
    ...(meanOf(decided) as AnswerScores),
    hasAnswer: meanOf(decided.filter(({ hasAnswer }) => hasAnswer)),
    noAnswer: meanOf(decided.filter(({ hasAnswer }) => !hasAnswer)),
    ...(noAnswerProbabilities !== undefined && { best: bestOf(questions) }),
  }
}

interface Question extends AnswerScores {
  /** Whether the prediction says anything. */
  readonly answered: boolean
  readonly hasAnswer: boolean
  /** That there is no answer. */
  readonly probability: number
}

function meanOf(questions: readonly AnswerScores[]): AnswerScores | undefined {
  if (questions.length === 0) return undefined
  const mean = (name: keyof AnswerScores) =>
    (100 * questions.reduce((sum, question) => sum + question[name], 0)) / questions.length
  return { exactMatch: mean('exactMatch'), f1: mean('f1') }
}

/** At each threshold, questions that are surely answerable have their score, and others count as answered by nothing. */
function bestOf(questions: readonly Question[]): NonNullable<SquadV2Scores['best']> {
  const sorted = questions.toSorted((a, b) => a.probability - b.probability)
  const bestFor = (name: keyof AnswerScores) => {
    let score = questions.filter(({ hasAnswer }) => !hasAnswer).length
    let best = { score, threshold: 0 }
    for (const question of sorted) {
      score += question.hasAnswer ? question[name] : question.answered ? -1 : 0
      if (score > best.score) best = { score, threshold: question.probability }
    }
    return { score: (100 * best.score) / questions.length, threshold: best.threshold }
  }
  const [exact, f1] = [bestFor('exactMatch'), bestFor('f1')]
  return {
    exactMatch: exact.score,
    exactMatchThreshold: exact.threshold,
    f1: f1.score,
    f1Threshold: f1.threshold,
  }
}
