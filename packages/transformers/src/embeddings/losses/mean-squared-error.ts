import type { Tensor } from 'typegrad'
import type { EmbeddingLoss } from './embedding-loss.ts'

/**
 * Embeddings are to be what another model gives: mean squared error to a teacher's vectors, such as those of the same text in
 * another language. Rows are `{ text, label }` with a vector; two texts of one vector are two rows.
 *
 * Reimers and Gurevych 2020, https://arxiv.org/abs/2004.09813
 *
 * @example
 * const loss = embeddingLosses.meanSquaredError()
 */
export const meanSquaredError = (): EmbeddingLoss => ({
  ...{ name: 'meanSquaredError', rows: 'texts', label: 'vector' },
  call: ([texts], labels) =>
    (texts as Tensor)
      .sub(labels as Tensor)
      .square()
      .mean(),
})
