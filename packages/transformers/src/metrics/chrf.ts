import { checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { type NGrams, nGramsOf, overlapOf, totalOf } from './n-grams.ts'
import { checkPaired, type References, referencesOf } from './paired.ts'
import { asciiPunctuation, wordsOf } from './python-text.ts'
import { signatureOf } from './signature.ts'

export interface ChrfOptions {
  /** The longest n-grams of characters. Default 6. */
  readonly charOrder?: number
  /** The longest n-grams of words: 2 is chrF++. Default 0: chrF. */
  readonly wordOrder?: number
  /** How many times as much recall counts as precision. Default 2. */
  readonly beta?: number
  /** Whether letters' case is left aside. Default false. */
  readonly lowercase?: boolean
  /** Whether spaces are characters too. Default false. */
  readonly whitespace?: boolean
  /** Whether orders without n-grams count as almost 0, as NLTK and Moses have it, and not as nothing. Default false. */
  readonly epsilonSmoothing?: boolean
}

const chrfChecks = optionsOf<ChrfOptions>()({
  charOrder: checks.count,
  wordOrder: checks.wholeFrom(0),
  beta: checks.positive,
  lowercase: checks.boolean,
  whitespace: checks.boolean,
  epsilonSmoothing: checks.boolean,
})

export interface ChrfScore {
  /** From 0 to 100. */
  readonly score: number
  /** As sacreBLEU prints it. */
  readonly signature: string
}

const epsilon = 1e-16

/** N-grams of one order: of the hypothesis, of the reference, in both. */
type Counts = readonly [hypothesis: number, reference: number, matches: number]

/**
 * chrF, gathered text by text: the F-score of n-grams of characters, and with `wordOrder: 2` (chrF++) of words too.
 *
 * @example
 * const chrf = new Chrf({ wordOrder: 2 })
 * chrf.add('the cat', 'the cats')
 * chrf.result().score
 */
export class Chrf {
  readonly #options: Required<ChrfOptions>
  readonly #referenceCounts = new Set<number>()
  #counts: readonly Counts[]

  constructor(options: ChrfOptions = {}) {
    checkOptions('Chrf', options, chrfChecks)
    const defaults = { charOrder: 6, wordOrder: 0, beta: 2, lowercase: false }
    this.#options = { ...defaults, whitespace: false, epsilonSmoothing: false, ...options }
    const orders = this.#options.charOrder + this.#options.wordOrder
    this.#counts = Array.from({ length: orders }, () => [0, 0, 0] as const)
  }

  /**
   * Counts one text, against the reference that suits it best.
   *
   * @throws ArgumentError where there are no references.
   */
  add(hypothesis: string, references: References): void {
    const all = referencesOf('Chrf', references)
    this.#referenceCounts.add(all.length)
    const own = this.#gramsOf(hypothesis)
    const candidates = all.map((reference) => {
      const counts = this.#gramsOf(reference).map((grams, i) => countsOf(own[i] as NGrams, grams))
      return { counts, score: this.#score(counts) }
    })
    const best = candidates.reduce((a, b) => (b.score > a.score ? b : a))
    this.#counts = this.#counts.map(([h, r, m], i) => {
      const [h2, r2, m2] = best.counts[i] as Counts
      return [h + h2, r + r2, m + m2] as const
    })
  }

  /** The score of all texts so far. */
  result(): ChrfScore {
    const { lowercase, epsilonSmoothing, charOrder, wordOrder, whitespace } = this.#options
    const signature = signatureOf(this.#referenceCounts, {
      case: lowercase ? 'lc' : 'mixed',
      eff: epsilonSmoothing ? 'no' : 'yes',
      nc: charOrder,
      nw: wordOrder,
      space: whitespace ? 'yes' : 'no',
    })
    return { score: this.#score(this.#counts), signature }
  }

  /** N-grams of each order, those of characters first. */
  #gramsOf(given: string): readonly NGrams[] {
    const { lowercase, whitespace, charOrder, wordOrder } = this.#options
    const text = lowercase ? given.toLowerCase() : given
    const characters = [...(whitespace ? text : wordsOf(text).join(''))]
    const words = wordOrder > 0 ? wordsOf(text).flatMap(apartFromPunctuation) : []
    return [
      ...Array.from({ length: charOrder }, (_, n) => nGramsOf(characters, n + 1, '')),
      ...Array.from({ length: wordOrder }, (_, n) => nGramsOf(words, n + 1, ' ')),
    ]
  }

  #score(counts: readonly Counts[]): number {
    const { beta, epsilonSmoothing } = this.#options
    const factor = beta ** 2
    let [smoothed, precisions, recalls, orders] = [0, 0, 0, 0]
    for (const [hypothesis, reference, matches] of counts) {
      const precision = hypothesis > 0 ? matches / hypothesis : epsilon
      const recall = reference > 0 ? matches / reference : epsilon
      const by = factor * precision + recall
      smoothed += by > 0 ? ((1 + factor) * precision * recall) / by : epsilon
      if (hypothesis === 0 || reference === 0) continue
      precisions += precision
      recalls += recall
      orders += 1
    }
    if (epsilonSmoothing) return (100 * smoothed) / counts.length
    const [precision, recall] = orders === 0 ? [0, 0] : [precisions / orders, recalls / orders]
    if (precision + recall === 0) return 0
    return (100 * (1 + factor) * precision * recall) / (factor * precision + recall)
  }
}

const countsOf = (own: NGrams, reference: NGrams): Counts => [
  reference.size > 0 ? totalOf(own) : 0,
  totalOf(reference),
  overlapOf(own, reference),
]

/** A word, and the punctuation at its end or else at its beginning, as m-popovic/chrF cuts them. */
function apartFromPunctuation(word: string): readonly string[] {
  const characters = [...word]
  if (characters.length === 1) return [word]
  const [first, last] = [characters[0] as string, characters.at(-1) as string]
  if (asciiPunctuation.has(last)) return [word.slice(0, -1), last]
  return asciiPunctuation.has(first) ? [first, word.slice(1)] : [word]
}

/**
 * chrF of a corpus (chrF++ with `wordOrder: 2`), to the digit what sacreBLEU gives.
 *
 * Popović 2015, https://aclanthology.org/W15-3049, and 2017, https://aclanthology.org/W17-4770
 *
 * @param hypotheses the texts to judge.
 * @param references what each should have been: a text, or several that are equally good.
 * @throws ArgumentError for lists of different lengths, a text without references, and options that are none.
 * @example
 * textMetrics.chrf(['the cat sat'], ['the cat sits'], { wordOrder: 2 }).score
 */
export function chrf(
  hypotheses: readonly string[],
  references: readonly References[],
  options: ChrfOptions = {},
): ChrfScore {
  checkPaired('chrf', ['references', references], ['hypotheses', hypotheses])
  const gathered = new Chrf(options)
  for (const [i, hypothesis] of hypotheses.entries()) gathered.add(hypothesis, references[i] as References)
  return gathered.result()
}
