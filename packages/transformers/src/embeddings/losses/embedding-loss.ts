/**
 * `embeddings/losses/`: what sentence encoders learn from: functions of the embeddings of a batch's texts. It knows typegrad's
 * doors alone.
 */
import type { Tensor } from 'typegrad'
import type { Layer } from 'typegrad/layers'

/**
 * What the rows of a batch are: an anchor with what belongs to it and what does not (`{ anchor, positive, negative }`), two
 * texts (`{ text, textPair }`), or one (`{ text }`).
 */
export type EmbeddingRows = 'anchors' | 'pairs' | 'texts'

/** What a row's label is: nothing, a number, the number of a class, or a vector that another model gives. */
export type EmbeddingLabel = 'none' | 'number' | 'class' | 'vector'

/**
 * A loss of sentence embeddings. Those of the library are equal to sentence-transformers' of the same names; one of your own
 * is an object with these members.
 */
export interface EmbeddingLoss {
  /** For errors and logs. */
  readonly name: string
  readonly rows: EmbeddingRows
  readonly label: EmbeddingLabel
  /** How many texts a row of anchors has, the anchor among them: at least two. Default: any number. */
  readonly texts?: number
  /** Whether texts of other rows are negatives of a row, so that no text should occur twice in a batch. Default false. */
  readonly usesBatch?: boolean
  /**
   * A layer of its own that learns along, such as a classifier.
   *
   * @param width of the embeddings.
   * @throws ArgumentError for a width that it cannot use.
   */
  prepare?(width: number): Layer | undefined
  /**
   * The loss of a batch. Traceable.
   *
   * @param embeddings (batch, width) of each column of texts: anchors, positives, negatives; or the texts and their pairs.
   * @param labels (batch), of vectors (batch, width); undefined where rows have none.
   * @returns a scalar.
   */
  call(embeddings: readonly Tensor[], labels: Tensor | undefined): Tensor
}
