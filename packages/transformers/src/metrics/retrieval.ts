import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { checkPaired } from './paired.ts'

export interface RetrievalOptions {
  /** After how many results each score is taken. Default `[1, 3, 5, 10]`. */
  readonly at?: readonly number[]
}

export const retrievalChecks = optionsOf<RetrievalOptions>()({
  at: checks.severalOf('numbers of results', checks.count),
})

/** Scores from 0 to 1 by the number of results that they are taken after: `recall[5]` is recall@5. */
export type AtK = Readonly<Record<number, number>>

export interface RetrievalScores {
  /** Queries that have any relevant document among the first results. */
  readonly accuracy: AtK
  /** The share of the first results that are relevant. */
  readonly precision: AtK
  /** The share of the relevant documents that are among the first results. */
  readonly recall: AtK
  /** The mean of 1 / rank of the first relevant document, 0 where there is none among the first results. */
  readonly mrr: AtK
  /** Discounted cumulative gain over the best that is possible. Järvelin and Kekäläinen 2002, https://doi.org/10.1145/582415.582418 */
  readonly ndcg: AtK
  /** Mean average precision: of the precisions at each relevant result. */
  readonly map: AtK
}

const discount = (rank: number): number => 1 / Math.log2(rank + 1)

/**
 * How good rankings are, in the numbers of sentence-transformers' `InformationRetrievalEvaluator`, means over all queries.
 *
 * @param rankings of each query the documents' names, the best first; as many as the largest of `at`, or all.
 * @param relevant of each query the names of the documents that answer it; one or more.
 * @throws ArgumentError for lists of different lengths, queries without a relevant document, and documents that are ranked twice.
 * @example
 * textMetrics.retrievalScores([['b', 'a', 'c']], [new Set(['a'])], { at: [2] }).mrr[2] // 0.5
 */
export function retrievalScores<D>(
  rankings: readonly (readonly D[])[],
  relevant: readonly ReadonlySet<D>[],
  options: RetrievalOptions = {},
): RetrievalScores {
  checkOptions('retrievalScores', options, retrievalChecks)
  checkPaired('retrievalScores', ['sets of relevant documents', relevant], ['rankings', rankings])
  for (const [i, ranking] of rankings.entries()) {
    const twice = new Set(ranking).size < ranking.length
    if (!twice && (relevant[i] as ReadonlySet<D>).size > 0) continue
    throw new ArgumentError({
      where: `retrievalScores: query ${i}`,
      expected: 'one or more relevant documents, and each document once in the ranking',
      received: twice ? 'a document that is ranked twice' : 'no relevant document',
    })
  }
  const queries = rankings.map((ranking, i) => {
    const answers = relevant[i] as ReadonlySet<D>
    return { hits: ranking.map((document) => answers.has(document)), count: answers.size }
  })
  const at = options.at ?? [1, 3, 5, 10]
  const mean = (score: (query: Query, k: number) => number): AtK =>
    Object.fromEntries(
      at.map((k) => [k, queries.reduce((sum, query) => sum + score(query, k), 0) / queries.length]),
    )
  return {
    accuracy: mean(({ hits }, k) => (hits.slice(0, k).includes(true) ? 1 : 0)),
    precision: mean((query, k) => ranksOf(query, k).length / k),
    recall: mean((query, k) => ranksOf(query, k).length / query.count),
    mrr: mean((query, k) => 1 / (ranksOf(query, k)[0] ?? Number.POSITIVE_INFINITY)),
    ndcg: mean((query, k) => {
      const best = Array.from({ length: Math.min(k, query.count) }, (_, i) => i + 1)
      return sum(ranksOf(query, k).map(discount)) / sum(best.map(discount))
    }),
    map: mean((query, k) => {
      const precisions = ranksOf(query, k).map((rank, i) => (i + 1) / rank)
      return sum(precisions) / Math.min(k, query.count)
    }),
  }
}

interface Query {
  /** Of each result, whether it is relevant. */
  readonly hits: readonly boolean[]
  /** Of relevant documents. */
  readonly count: number
}

/** The ranks of the relevant documents among the first results, counted from 1. */
const ranksOf = ({ hits }: Query, k: number): readonly number[] =>
  hits.slice(0, k).flatMap((hit, i) => (hit ? [i + 1] : []))

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
