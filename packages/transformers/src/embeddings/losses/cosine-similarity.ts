import type { Tensor } from 'typegrad'
import type { EmbeddingLoss } from './embedding-loss.ts'
import { similarities } from './similarity.ts'

/**
 * The cosine of two texts' embeddings is to be their score: mean squared error. Rows are `{ text, textPair, label }` with a
 * number from −1 to 1.
 *
 * Reimers and Gurevych 2019, https://arxiv.org/abs/1908.10084
 *
 * @example
 * const loss = embeddingLosses.cosineSimilarity()
 */
export const cosineSimilarity = (): EmbeddingLoss => ({
  ...{ name: 'cosineSimilarity', rows: 'pairs', label: 'number' },
  call([texts, pairs], labels) {
    const found = similarities.cosine.pairs(texts as Tensor, pairs as Tensor)
    return found
      .sub(labels as Tensor)
      .square()
      .mean()
  },
})
