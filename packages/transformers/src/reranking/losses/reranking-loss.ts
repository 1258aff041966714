/**
 * `reranking/losses/`: what re-rankers learn from: functions of the scores of a batch's queries and documents. It knows
 * typegrad's doors alone.
 */
import type { Tensor } from 'typegrad'

/** The scores of a batch, (queries, documents) each: queries with fewer documents than others are filled up. */
export interface ScoredLists {
  /** What the model gives: logits. */
  readonly scores: Tensor
  /** How well each document answers its query; 0 where rows have no labels. */
  readonly labels: Tensor
  /** Which places hold a document: bool. */
  readonly counted: Tensor
}

/**
 * A loss of a re-ranker. Those of the library are equal to sentence-transformers' losses of cross-encoders; one of your own is
 * an object with these members.
 */
export interface RerankingLoss {
  /** For errors and logs. */
  readonly name: string
  /**
   * What rows are: documents with labels (`{ query, document, label }` or `{ query, documents, labels }`), or a document that
   * answers and others that do not (`{ query, positive, negative }`).
   */
  readonly rows: 'labelled' | 'contrasts'
  /** How many positives of other rows of the batch are negatives of a query, drawn anew for each batch. Default 0. */
  readonly inBatchNegatives?: number
  /** The loss of a batch, a scalar. Of contrasts the positive is the first document. Traceable. */
  call(lists: ScoredLists): Tensor
}
