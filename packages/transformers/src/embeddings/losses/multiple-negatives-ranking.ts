import { arange, ops, type Tensor } from 'typegrad'
import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { EmbeddingLoss } from './embedding-loss.ts'
import { type SimilarityName, similarities, similarityNames } from './similarity.ts'

/** Which similarities compete with that of an anchor and its positive. */
export type RankingDirection =
  | 'anchorToDocument'
  | 'anchorToAnchor'
  | 'documentToAnchor'
  | 'documentToDocument'

export interface MultipleNegativesRankingOptions {
  /** What similarities are multiplied by: 1 / temperature. Default 20. */
  readonly scale?: number
  /** Default `'cosine'`. */
  readonly similarity?: SimilarityName
  /**
   * Which texts an anchor's positive is told from: `anchorToDocument` positives and negatives of all rows, `documentToAnchor`
   * (of the positive) the other anchors, `anchorToAnchor` and `documentToDocument` texts of the same side. All four are GTE's
   * loss (Li et al. 2023, https://arxiv.org/abs/2308.03281). Default `['anchorToDocument']`.
   */
  readonly directions?: readonly RankingDirection[]
  /** Whether all directions share a softmax (`'joint'`) or each has its own (`'perDirection'`). Default `'joint'`. */
  readonly partition?: 'joint' | 'perDirection'
  /**
   * Negatives count the more, the more alike they are to the anchor: which ones, and how much (Lan et al. 2025,
   * https://arxiv.org/abs/2503.04812). Default none.
   */
  readonly hardness?: {
    readonly of: 'inBatchNegatives' | 'hardNegatives' | 'allNegatives'
    readonly strength: number
  }
}

const allDirections: readonly RankingDirection[] = [
  'anchorToDocument',
  'anchorToAnchor',
  'documentToAnchor',
  'documentToDocument',
]

const optionChecks = optionsOf<MultipleNegativesRankingOptions>()({
  scale: checks.positive,
  similarity: checks.oneOf(...similarityNames),
  directions: checks.severalOf('directions', checks.oneOf(...allDirections)),
  partition: checks.oneOf('joint', 'perDirection'),
  hardness: checks.named,
})

/**
 * Each anchor is to be more alike to its positive than to the texts of other rows, and to its own hard negatives: cross-entropy
 * over scaled similarities, of which the positive's is the right one (InfoNCE). The larger the batch, the better; see
 * `miniBatchSize` of `tasks.sentenceEmbedding` for batches that are larger than memory.
 *
 * Rows are `{ anchor, positive, negative }`, where `negative` may be missing, a text, or a list, as many for every row.
 *
 * van den Oord et al. 2018, https://arxiv.org/abs/1807.03748; Henderson et al. 2017, https://arxiv.org/abs/1705.00652
 *
 * @throws ArgumentError for options that are none, directions without `anchorToDocument`, and `'perDirection'` with directions
 * that do not hold the positive.
 * @example
 * const loss = embeddingLosses.multipleNegativesRanking({ scale: 20 })
 */
export function multipleNegativesRanking(options: MultipleNegativesRankingOptions = {}): EmbeddingLoss {
  const name = 'multipleNegativesRanking'
  checkOptions(name, options, optionChecks)
  const { scale = 20, directions = ['anchorToDocument'], partition = 'joint', hardness } = options
  const sided = directions.some((one) => one === 'anchorToAnchor' || one === 'documentToDocument')
  if (!directions.includes('anchorToDocument') || (partition === 'perDirection' && sided)) {
    throw new ArgumentError({
      where: `${name}: directions`,
      expected: "'anchorToDocument' among them, and with 'perDirection' none within one side",
      received: directions.map((one) => `'${one}'`).join(', ') || 'none',
    })
  }
  const { pairs, matrix } = similarities[options.similarity ?? 'cosine']
  return {
    name,
    rows: 'anchors',
    label: 'none',
    usesBatch: true,
    call(embeddings) {
      const [anchors, ...columns] = embeddings as [Tensor, ...Tensor[]]
      const positives = columns[0] as Tensor
      const documents = columns.length === 1 ? positives : ops.concat(columns, 0)
      const rows = anchors.shape[0] as number
      const { own, isPositive } = placesOf(rows, columns.length)
      const without = (mask: Tensor, scores: Tensor) => ops.where(mask, Number.NEGATIVE_INFINITY, scores)
      // Each (batch, candidates), scaled.
      const scoresOf: Readonly<Record<RankingDirection, () => Tensor>> = {
        anchorToDocument() {
          const alike = matrix(anchors, documents)
          const scores = alike.mul(scale)
          if (hardness === undefined) return scores
          const counted = {
            hardNegatives: own.logicalAnd(isPositive.logicalNot()),
            inBatchNegatives: own.logicalNot(),
            allNegatives: own.logicalAnd(isPositive).logicalNot(),
          }[hardness.of]
          const penalty = ops.stopGradient(alike).mul(hardness.strength)
          return scores.add(ops.where(counted, penalty, 0))
        },
        anchorToAnchor: () => without(placesOf(rows, 1).own, matrix(anchors, anchors).mul(scale)),
        documentToAnchor: () => matrix(positives, anchors).mul(scale),
        documentToDocument: () => without(own, matrix(positives, documents).mul(scale)),
      }
      const scores = directions.map((direction) => scoresOf[direction]())
      const logSums =
        partition === 'joint'
          ? ops.logSumExp(ops.concat(scores, 1), 1)
          : scores
              .map((one) => ops.logSumExp(one, 1))
              .reduce((a, b) => a.add(b))
              .mul(1 / scores.length)
      return logSums.sub(pairs(anchors, positives).mul(scale)).mean()
    },
  }
}

/**
 * The symmetric form: positives are told from each other for an anchor, and anchors for a positive, each direction by its own
 * softmax, as CLIP does it (Radford et al. 2021, https://arxiv.org/abs/2103.00020).
 *
 * @example
 * const loss = embeddingLosses.multipleNegativesSymmetricRanking()
 */
export const multipleNegativesSymmetricRanking = (
  options: Pick<MultipleNegativesRankingOptions, 'scale' | 'similarity'> = {},
): EmbeddingLoss => ({
  ...multipleNegativesRanking({
    ...options,
    directions: ['anchorToDocument', 'documentToAnchor'],
    partition: 'perDirection',
  }),
  name: 'multipleNegativesSymmetricRanking',
})

/** Of documents in columns of `rows` each: which are an anchor's own, and which are positives; (rows, rows · columns). */
function placesOf(rows: number, columns: number) {
  const anchor = arange(0, rows, 1, { dtype: 'int32' }).expandDims(1)
  const document = arange(0, rows * columns, 1, { dtype: 'int32' }).expandDims(0)
  return {
    own: document.mod(rows).equal(anchor),
    isPositive: document.less(rows).logicalAnd(anchor.greaterEqual(0)),
  }
}
