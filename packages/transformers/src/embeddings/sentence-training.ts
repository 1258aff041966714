import { checkpoint, Model, ops, type StepOutputs, type Tensor } from 'typegrad'
import type { CallContext, CallResult, Layer, Outputs } from 'typegrad/layers'
import { contextOf } from '../layers/network.ts'
import type { EmbeddingLoss } from './losses/embedding-loss.ts'
import type { SentenceEncoder } from './sentence-encoder.ts'

/** A sentence encoder as it is trained: columns of texts become embeddings, and the loss is of all of them together. */
export class SentenceTraining extends Model<Outputs> {
  readonly className = 'SentenceTraining'
  readonly encoder: SentenceEncoder
  /** What the loss has of its own to learn. */
  readonly head: Layer | undefined
  readonly #loss: EmbeddingLoss
  readonly #miniBatchSize: number

  /** @param miniBatchSize texts of a column that are embedded at once; Infinity for all. */
  constructor(encoder: SentenceEncoder, loss: EmbeddingLoss, miniBatchSize: number) {
    super()
    this.encoder = encoder
    this.#loss = loss
    this.#miniBatchSize = miniBatchSize
    this.head = loss.prepare?.(encoder.width)
  }

  /** Its weights are the encoder's, which is built. */
  override build(): void {}

  /**
   * @param inputs what the encoder takes, for one column after another: (batch, length) each.
   * @returns (batch, width) of each column.
   */
  override call(inputs: Outputs, { training }: CallContext): CallResult<Outputs> {
    const taken = this.encoder.network.takes.length
    const list = inputs as readonly Tensor[]
    return Array.from({ length: list.length / taken }, (_, column) =>
      this.#embed(list.slice(column * taken, (column + 1) * taken), training),
    )
  }

  /**
   * Large batches in parts, each of which is computed again when its gradient is known: gradients are those of the whole
   * batch, and memory that of a part (Gao et al. 2021, https://arxiv.org/abs/2101.06983).
   */
  #embed(parts: readonly Tensor[], training: boolean): Tensor {
    const { network } = this.encoder
    const forward = (...given: readonly Tensor[]): Tensor =>
      network.apply(given[0] as Tensor, contextOf(network, given, training))
    const rows = parts[0]?.shape[0] as number
    if (rows <= this.#miniBatchSize) return forward(...parts)
    const again = checkpoint(forward)
    const embedded: Tensor[] = []
    for (let first = 0; first < rows; first += this.#miniBatchSize) {
      const count = Math.min(this.#miniBatchSize, rows - first)
      embedded.push(again(...parts.map((x) => x.slice([first, 0], [count, x.shape[1] as number]))))
    }
    return ops.concat(embedded, 0)
  }

  override computeLoss({ y, yPred }: StepOutputs): Tensor {
    return this.#loss.call([yPred].flat() as readonly Tensor[], ([y].flat() as readonly Tensor[])[0])
  }

  /** The loss says it all. */
  override computeMetrics(): void {}
}
