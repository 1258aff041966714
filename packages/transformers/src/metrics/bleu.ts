import { checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { type BleuTokenizer, bleuTokenizers, tokenizeForBleu } from './bleu-tokenizers.ts'
import { nGramsOf, overlapOf, totalOf } from './n-grams.ts'
import { checkPaired, type References, referencesOf } from './paired.ts'
import { withoutEnd } from './python-text.ts'
import { signatureOf } from './signature.ts'

export interface BleuOptions {
  /** How texts become tokens; `'zh'` is for Chinese. Default `'13a'`, which is WMT's. */
  readonly tokenize?: BleuTokenizer
  /** Whether letters' case is left aside. Default false. */
  readonly lowercase?: boolean
  /**
   * What stands for orders of n-grams without any match: `'exp'` halves their precision from one to the next, `'floor'` counts a
   * match of `smoothValue`, `'add-k'` adds `smoothValue` to matches and totals from order 2 on, `'none'` leaves 0.
   * Chen and Cherry 2014, https://aclanthology.org/W14-3346. Default `'exp'`.
   */
  readonly smoothing?: 'exp' | 'floor' | 'add-k' | 'none'
  /** Default 0.1 for `'floor'`, 1 for `'add-k'`. */
  readonly smoothValue?: number
  /** The longest n-grams. Default 4. */
  readonly maxOrder?: number
  /**
   * Whether orders longer than the text are left out of the mean, so that a short sentence can score at all. Default false;
   * true in `sentenceBleu`.
   */
  readonly effectiveOrder?: boolean
}

const bleuChecks = optionsOf<BleuOptions>()({
  tokenize: checks.oneOf(...bleuTokenizers),
  lowercase: checks.boolean,
  smoothing: checks.oneOf('exp', 'floor', 'add-k', 'none'),
  smoothValue: checks.finite,
  maxOrder: checks.count,
  effectiveOrder: checks.boolean,
})

export interface BleuScore {
  /** From 0 to 100. */
  readonly score: number
  /** Of each order, from 0 to 100, smoothed. */
  readonly precisions: readonly number[]
  /** Matches of each order. */
  readonly counts: readonly number[]
  /** N-grams of each order in the hypotheses. */
  readonly totals: readonly number[]
  /** 1 where the hypotheses are as long as the references, less where they are shorter. */
  readonly brevityPenalty: number
  /** Tokens of all hypotheses. */
  readonly hypothesisLength: number
  /** Tokens of the references, the nearest in length of each. */
  readonly referenceLength: number
  /** What sacreBLEU prints beside the score, such as `nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0`. */
  readonly signature: string
}

const smoothValues = { floor: 0.1, 'add-k': 1 } as const

/**
 * BLEU, gathered text by text: it is a score of a corpus, not a mean over its sentences.
 *
 * @example
 * const bleu = new Bleu()
 * bleu.add('the cat sat on the mat', ['the cat sat on a mat', 'a cat was on the mat'])
 * bleu.result().score
 */
export class Bleu {
  readonly #options: Required<Omit<BleuOptions, 'smoothValue'>> & { readonly smoothValue: number }
  readonly #counts: number[]
  readonly #totals: number[]
  readonly #referenceCounts = new Set<number>()
  #hypothesisLength = 0
  #referenceLength = 0

  constructor(options: BleuOptions = {}) {
    checkOptions('Bleu', options, bleuChecks)
    const smoothing = options.smoothing ?? 'exp'
    const smoothValue = smoothing in smoothValues ? smoothValues[smoothing as keyof typeof smoothValues] : 0
    this.#options = {
      ...{ tokenize: '13a', lowercase: false, smoothing, smoothValue, maxOrder: 4, effectiveOrder: false },
      ...options,
    }
    this.#counts = new Array<number>(this.#options.maxOrder).fill(0)
    this.#totals = new Array<number>(this.#options.maxOrder).fill(0)
  }

  #tokensOf(text: string): string[] {
    const { lowercase, tokenize } = this.#options
    return tokenizeForBleu[tokenize](withoutEnd(lowercase ? text.toLowerCase() : text))
  }

  /**
   * Counts one text.
   *
   * @throws ArgumentError where there are no references.
   */
  add(hypothesis: string, references: References): void {
    const all = referencesOf('Bleu', references).map((text) => this.#tokensOf(text))
    const tokens = this.#tokensOf(hypothesis)
    this.#referenceCounts.add(all.length)
    this.#hypothesisLength += tokens.length
    this.#referenceLength += nearestLength(
      tokens.length,
      all.map(({ length }) => length),
    )
    for (let n = 1; n <= this.#options.maxOrder; n++) {
      const own = nGramsOf(tokens, n, ' ')
      // Each n-gram may occur as often as in that reference which has it most often.
      const allowed = new Map<string, number>()
      for (const reference of all) {
        for (const [key, count] of nGramsOf(reference, n, ' ')) {
          allowed.set(key, Math.max(count, allowed.get(key) ?? 0))
        }
      }
      this.#counts[n - 1] = (this.#counts[n - 1] as number) + overlapOf(own, allowed)
      this.#totals[n - 1] = (this.#totals[n - 1] as number) + totalOf(own)
    }
  }

  /** The score of all texts so far: brevity penalty · exp(mean over orders of log precision). */
  result(): BleuScore {
    const [length, wanted] = [this.#hypothesisLength, this.#referenceLength]
    const isShort = length < wanted
    const brevityPenalty = !isShort ? 1 : length > 0 ? Math.exp(1 - wanted / length) : 0
    const { precisions, orders } = this.#precisions()
    const logs = precisions.slice(0, orders).map((p) => (p === 0 ? Number.NEGATIVE_INFINITY : Math.log(p)))
    const score = orders === 0 ? 0 : brevityPenalty * Math.exp(logs.reduce((a, b) => a + b, 0) / orders)
    return {
      ...{ score, precisions, brevityPenalty, hypothesisLength: length, referenceLength: wanted },
      counts: [...this.#counts],
      totals: [...this.#totals],
      signature: this.#signature(),
    }
  }

  /** Precisions of all orders, and how many of them count. */
  #precisions(): { readonly precisions: number[]; readonly orders: number } {
    const { smoothing, smoothValue, maxOrder, effectiveOrder } = this.#options
    const precisions = new Array<number>(maxOrder).fill(0)
    if (this.#counts.every((count) => count === 0)) return { precisions, orders: 0 }
    let orders = maxOrder
    let halving = 1
    for (let n = 1; n <= maxOrder; n++) {
      const added = smoothing === 'add-k' && n > 1 ? smoothValue : 0
      const count = (this.#counts[n - 1] as number) + added
      const total = (this.#totals[n - 1] as number) + added
      if (total === 0) break
      if (effectiveOrder) orders = n
      if (count > 0) {
        precisions[n - 1] = (100 * count) / total
      } else if (smoothing === 'exp') {
        halving *= 2
        precisions[n - 1] = 100 / (halving * total)
      } else if (smoothing === 'floor') {
        precisions[n - 1] = (100 * smoothValue) / total
      }
    }
    return { precisions, orders }
  }

  #signature(): string {
    const { smoothing, smoothValue, lowercase, effectiveOrder, tokenize } = this.#options
    return signatureOf(this.#referenceCounts, {
      case: lowercase ? 'lc' : 'mixed',
      eff: effectiveOrder ? 'yes' : 'no',
      tok: tokenize,
      smooth: smoothing in smoothValues ? `${smoothing}[${smoothValue.toFixed(2)}]` : smoothing,
    })
  }
}

/** The length nearest to that of a hypothesis; of two as near the shorter. */
function nearestLength(length: number, lengths: readonly number[]): number {
  return lengths.reduce((best, one) => {
    const [far, farBest] = [Math.abs(one - length), Math.abs(best - length)]
    return far < farBest || (far === farBest && one < best) ? one : best
  })
}

/**
 * BLEU of a corpus, to the digit what sacreBLEU gives.
 *
 * Papineni et al. 2002, https://aclanthology.org/P02-1040; Post 2018, https://arxiv.org/abs/1804.08771
 *
 * @param hypotheses the texts to judge.
 * @param references what each should have been: a text, or several that are equally good.
 * @throws ArgumentError for lists of different lengths, a text without references, and options that are none.
 * @example
 * textMetrics.bleu(['the cat sat on the mat'], [['the cat sat on a mat']]).score // 53.73
 */
export function bleu(
  hypotheses: readonly string[],
  references: readonly References[],
  options: BleuOptions = {},
): BleuScore {
  checkPaired('bleu', ['references', references], ['hypotheses', hypotheses])
  const gathered = new Bleu(options)
  for (const [i, hypothesis] of hypotheses.entries()) gathered.add(hypothesis, references[i] as References)
  return gathered.result()
}

/**
 * BLEU of one sentence: as {@link bleu}, with `effectiveOrder`.
 *
 * @example
 * textMetrics.sentenceBleu('the cat', 'the cat').score // 100
 */
export const sentenceBleu = (
  hypothesis: string,
  references: References,
  options: BleuOptions = {},
): BleuScore => bleu([hypothesis], [references], { effectiveOrder: true, ...options })
