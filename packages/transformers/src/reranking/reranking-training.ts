import { Model, type StepOutputs, type Tensor } from 'typegrad'
import type { CallContext, CallResult, Outputs } from 'typegrad/layers'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { contextOf } from '../layers/network.ts'
import type { RerankingLoss } from './losses/reranking-loss.ts'

/** A re-ranker as it is trained: scores of lists of documents, and a loss of the whole lists. */
export class RerankingTraining extends Model<Tensor> {
  readonly className = 'RerankingTraining'
  readonly scorer: PretrainedModel
  readonly #loss: RerankingLoss

  constructor(scorer: PretrainedModel, loss: RerankingLoss) {
    super()
    this.scorer = scorer
    this.#loss = loss
  }

  /** Its weights are the scorer's, which is built. */
  override build(): void {}

  /**
   * @param inputs what the scorer takes: (queries, documents, length) each.
   * @returns logits: (queries, documents).
   */
  override call(inputs: Outputs, { training }: CallContext): CallResult<Tensor> {
    const { network } = this.scorer
    const list = inputs as readonly [Tensor, ...Tensor[]]
    const [queries, documents, length] = list[0].shape as readonly [number, number, number]
    const pairs = list.map((x) => x.reshape([queries * documents, length]))
    const logits = network.apply(pairs[0] as Tensor, contextOf(network, pairs, training))
    return logits.reshape([queries, documents])
  }

  override computeLoss({ y, yPred }: StepOutputs): Tensor {
    const [labels, counted] = y as readonly [Tensor, Tensor]
    return this.#loss.call({ scores: yPred as Tensor, labels, counted: counted.cast('bool') })
  }

  /** The loss says it all. */
  override computeMetrics(): void {}
}
