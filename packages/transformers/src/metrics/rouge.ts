import { checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { nGramsOf, overlapOf, totalOf } from './n-grams.ts'
import { checkPaired, type References, referencesOf } from './paired.ts'
import { stemOf } from './porter-stemmer.ts'

/** By the names of rouge-score; `rougeLsum` takes a line for a sentence. */
export const rougeTypes = ['rouge1', 'rouge2', 'rouge3', 'rouge4', 'rougeL', 'rougeLsum'] as const

export type RougeType = (typeof rougeTypes)[number]

export interface RougeOptions {
  /** Default `['rouge1', 'rouge2', 'rougeL', 'rougeLsum']`. */
  readonly types?: readonly RougeType[]
  /** Whether words are compared without their endings (English: Porter's stemmer). Default false. */
  readonly useStemmer?: boolean
  /**
   * What cuts a text into tokens. Default: words of ASCII letters and digits in lower case, as rouge-score does it, which
   * finds nothing in Chinese; `(text) => [...text]` compares characters.
   */
  readonly tokenize?: (text: string) => readonly string[]
}

const rougeChecks = optionsOf<RougeOptions>()({
  types: checks.severalOf('types of ROUGE', checks.oneOf(...rougeTypes)),
  useStemmer: checks.boolean,
  tokenize: checks.func,
})

/** Shares from 0 to 1. */
export interface FMeasure {
  readonly precision: number
  readonly recall: number
  /** The harmonic mean of precision and recall. */
  readonly f1: number
}

export type RougeScores = Readonly<Partial<Record<RougeType, FMeasure>>>

const defaultTypes: readonly RougeType[] = ['rouge1', 'rouge2', 'rougeL', 'rougeLsum']

const none: FMeasure = { precision: 0, recall: 0, f1: 0 }

function measureOf(matches: number, predicted: number, wanted: number): FMeasure {
  const [precision, recall] = [matches / Math.max(predicted, 1), matches / Math.max(wanted, 1)]
  const f1 = precision + recall > 0 ? (2 * precision * recall) / (precision + recall) : 0
  return { precision, recall, f1 }
}

/** Words of ASCII letters and digits, those of more than three letters perhaps as stems. */
const tokenizer =
  (useStemmer: boolean) =>
  (text: string): readonly string[] =>
    (text.toLowerCase().match(/[a-z0-9]+/g) ?? []).map((word) =>
      useStemmer && word.length > 3 ? stemOf(word) : word,
    )

/** lengths[i][j]: the longest common subsequence of the first i and the first j tokens. */
function commonLengths(a: readonly string[], b: readonly string[]): readonly Int32Array[] {
  const lengths = Array.from({ length: a.length + 1 }, () => new Int32Array(b.length + 1))
  for (let i = 1; i <= a.length; i++) {
    const [above, row] = [lengths[i - 1] as Int32Array, lengths[i] as Int32Array]
    for (let j = 1; j <= b.length; j++) {
      const [up, left] = [above[j] as number, row[j - 1] as number]
      row[j] = a[i - 1] === b[j - 1] ? (above[j - 1] as number) + 1 : Math.max(up, left)
    }
  }
  return lengths
}

/** Which tokens of `reference` a longest common subsequence has. Of several it is rouge-score's. */
function commonPlaces(reference: readonly string[], candidate: readonly string[]): readonly number[] {
  const lengths = commonLengths(reference, candidate)
  const at = (i: number, j: number) => lengths[i]?.[j] as number
  const places: number[] = []
  let [i, j] = [reference.length, candidate.length]
  while (i > 0 && j > 0) {
    if (reference[i - 1] === candidate[j - 1]) {
      places.push(i - 1)
      i--
      j--
    } else if (at(i, j - 1) > at(i - 1, j)) j--
    else i--
  }
  return places
}

function longestCommon(reference: readonly string[], prediction: readonly string[]): FMeasure {
  const matches = commonLengths(reference, prediction).at(-1)?.at(-1) ?? 0
  return measureOf(matches, prediction.length, reference.length)
}

/**
 * ROUGE-Lsum: of each sentence of the reference, the tokens that common subsequences with any sentence of the prediction have
 * (Lin 2004, section 3.2), each token at most as often as both texts have it.
 */
function longestCommonOfSentences(
  reference: readonly (readonly string[])[],
  prediction: readonly (readonly string[])[],
): FMeasure {
  const left = [reference, prediction].map((sentences) => nGramsOf(sentences.flat(), 1, ''))
  let matches = 0
  for (const sentence of reference) {
    const places = new Set(prediction.flatMap((other) => commonPlaces(sentence, other)))
    for (const place of [...places].sort((a, b) => a - b)) {
      const token = sentence[place] as string
      if (!left.every((counts) => (counts.get(token) ?? 0) > 0)) continue
      matches++
      for (const counts of left) counts.set(token, (counts.get(token) as number) - 1)
    }
  }
  return measureOf(matches, prediction.flat().length, reference.flat().length)
}

/**
 * ROUGE, gathered text by text: the result is the mean over the texts.
 *
 * @example
 * const rouge = new Rouge({ useStemmer: true })
 * rouge.add('the cats sat', 'the cat sat down')
 * rouge.result().rougeL?.f1
 */
export class Rouge {
  readonly #types: readonly RougeType[]
  readonly #tokenize: (text: string) => readonly string[]
  readonly #sums = new Map<RougeType, FMeasure>()
  #texts = 0

  constructor(options: RougeOptions = {}) {
    checkOptions('Rouge', options, rougeChecks)
    this.#types = options.types ?? defaultTypes
    this.#tokenize = options.tokenize ?? tokenizer(options.useStemmer ?? false)
  }

  /** The scores of one text: for each type those of the reference with the best F-measure. */
  score(prediction: string, references: References): RougeScores {
    const all = referencesOf('Rouge', references)
    return Object.fromEntries(
      this.#types.map((type) => {
        const scores = all.map((reference) => this.#scoreOf(type, prediction, reference))
        return [type, scores.reduce((best, one) => (one.f1 > best.f1 ? one : best))]
      }),
    )
  }

  #scoreOf(type: RougeType, prediction: string, reference: string): FMeasure {
    if (type === 'rougeLsum') {
      const sentences = (text: string) => text.split('\n').map((line) => this.#tokenize(line))
      return longestCommonOfSentences(sentences(reference), sentences(prediction))
    }
    const [wanted, predicted] = [this.#tokenize(reference), this.#tokenize(prediction)]
    if (type === 'rougeL') return longestCommon(wanted, predicted)
    const order = Number(type.at(-1))
    const [a, b] = [nGramsOf(wanted, order, '\0'), nGramsOf(predicted, order, '\0')]
    return measureOf(overlapOf(a, b), totalOf(b), totalOf(a))
  }

  /** Counts one text. */
  add(prediction: string, references: References): void {
    this.#texts++
    for (const [type, score] of Object.entries(this.score(prediction, references))) {
      const sum = this.#sums.get(type as RougeType) ?? none
      this.#sums.set(type as RougeType, {
        precision: sum.precision + score.precision,
        recall: sum.recall + score.recall,
        f1: sum.f1 + score.f1,
      })
    }
  }

  /** The means over all texts so far. */
  result(): RougeScores {
    const mean = (sum: number) => sum / Math.max(this.#texts, 1)
    return Object.fromEntries(
      this.#types.map((type) => {
        const { precision, recall, f1 } = this.#sums.get(type) ?? none
        return [type, { precision: mean(precision), recall: mean(recall), f1: mean(f1) }]
      }),
    )
  }
}

/**
 * ROUGE of texts, such as summaries: shared n-grams and longest common subsequences, each as precision, recall and F-measure
 * from 0 to 1, the means over the texts. To the digit what rouge-score gives.
 *
 * Lin 2004, https://aclanthology.org/W04-1013
 *
 * @param predictions the texts to judge.
 * @param references what each should have been: a text, or several that are equally good.
 * @throws ArgumentError for lists of different lengths, a text without references, and options that are none.
 * @example
 * textMetrics.rouge(['the cat sat'], ['the cat sat down']).rouge1?.recall // 0.75
 */
export function rouge(
  predictions: readonly string[],
  references: readonly References[],
  options: RougeOptions = {},
): RougeScores {
  checkPaired('rouge', ['references', references], ['predictions', predictions])
  const gathered = new Rouge(options)
  for (const [i, prediction] of predictions.entries()) gathered.add(prediction, references[i] as References)
  return gathered.result()
}
