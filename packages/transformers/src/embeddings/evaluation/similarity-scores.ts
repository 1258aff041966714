import { pearson, spearman } from '../../metrics/correlation.ts'
import { checkPaired } from '../../metrics/paired.ts'
import { cosineOf, type EmbedTextsOptions, embedTexts, type SentenceParts } from './embed-texts.ts'

/** How well cosines follow scores that people gave. */
export interface SimilarityScores {
  /** Of the ranks: the usual figure. */
  readonly spearmanCosine: number
  readonly pearsonCosine: number
}

/**
 * Semantic textual similarity: how the cosines of two texts' vectors go along with how alike people find the texts, as
 * sentence-transformers' `EmbeddingSimilarityEvaluator` measures it.
 *
 * Cer et al. 2017, https://aclanthology.org/S17-2001
 *
 * @param pairs texts that were compared.
 * @param scores of each pair, in any unit.
 * @throws ArgumentError for lists of different lengths, and fewer than two pairs.
 * @example
 * const { spearmanCosine } = await similarityScores({ model, tokenizer }, [['a cat', 'a kitten'], ['a cat', 'a car']], [4.5, 0.5])
 */
export async function similarityScores(
  parts: SentenceParts,
  pairs: readonly (readonly [string, string])[],
  scores: readonly number[],
  options: EmbedTextsOptions = {},
): Promise<SimilarityScores> {
  checkPaired('similarityScores', ['scores', scores], ['pairs', pairs])
  const vectors = await embedTexts(parts, pairs.flat(), options)
  const cosines = pairs.map((_, i) =>
    cosineOf(vectors[2 * i] as Float32Array, vectors[2 * i + 1] as Float32Array),
  )
  return { spearmanCosine: spearman(cosines, scores), pearsonCosine: pearson(cosines, scores) }
}

/**
 * The share of triplets whose anchor is nearer (by its cosine) to its positive than to its negative, as sentence-transformers'
 * `TripletEvaluator` measures it.
 *
 * @param triplets anchor, positive and negative.
 * @example
 * await tripletAccuracy({ model, tokenizer }, [['a cat', 'a kitten', 'a car']]) // 1
 */
export async function tripletAccuracy(
  parts: SentenceParts,
  triplets: readonly (readonly [anchor: string, positive: string, negative: string])[],
  options: EmbedTextsOptions = {},
): Promise<number> {
  const vectors = await embedTexts(parts, triplets.flat(), options)
  const right = triplets.filter((_, i) => {
    const [anchor, positive, negative] = vectors.slice(3 * i, 3 * i + 3) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ]
    return cosineOf(anchor, positive) > cosineOf(anchor, negative)
  })
  return right.length / triplets.length
}
