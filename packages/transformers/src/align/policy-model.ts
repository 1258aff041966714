import { Functional, metrics, type StepOutputs, type Tensor } from 'typegrad'
import type { Layer } from 'typegrad/layers'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import type { CausalLM } from '../layers/network.ts'
import { columnOf } from './pair-values.ts'
import { type PolicyLossOptions, policyLoss } from './policy-loss.ts'
import { type Completion, type Limits, packRows, packTexts, scoredText } from './scored-texts.ts'
import { partsOf } from './step-parts.ts'
import { causalPartsOf, logProbsOf } from './token-log-probs.ts'

/** An answer of the policy with what is known of it. */
export interface LearntAnswer extends Completion {
  readonly advantage: number
  /** Whether its tokens count: those of an answer that was cut off may not. */
  readonly counts: boolean
  /** log π of its tokens by the policy that drew it. */
  readonly old?: readonly number[] | undefined
  /** log π of its tokens by the reference. */
  readonly reference?: readonly number[] | undefined
  /** What is to be logged of it, by the names that the model was made with; undefined for nothing. */
  readonly told: readonly (number | undefined)[]
}

export interface PolicyModelOptions extends PolicyLossOptions {
  /** What scores are divided by before their softmax. */
  readonly temperature: number
  /** How many tokens an answer may have. */
  readonly maxTokens: number
  /** Whether answers were drawn by an earlier state of the model, whose log-probabilities are in the data. */
  readonly hasOld: boolean
  /** What answers tell, for the logs. */
  readonly told: readonly string[]
}

/**
 * A causal language model that learns from its own answers by their advantages: one step of GRPO and its kin. It shares its
 * weights with the model that it is made of.
 */
export class PolicyModel extends Functional<Tensor> {
  override readonly className: string = 'PolicyModel'
  readonly network: CausalLM
  readonly limits: Limits
  readonly means
  readonly #told
  readonly #options: PolicyModelOptions

  /** @throws ArgumentError for a model that does not continue texts. */
  constructor(model: PretrainedModel, options: PolicyModelOptions) {
    const { network, limits } = causalPartsOf('alignByReward', model)
    super(logProbsOf(network, 1, { temperature: options.temperature }))
    this.network = network
    this.limits = limits
    this.#options = options
    this.#told = options.told.map((name) => metrics.mean({ name }))
    const own = { kl: metrics.mean({ name: 'kl' }), clipped: metrics.mean({ name: 'clipped' }) }
    this.means = {
      ...Object.fromEntries(this.#told.map((metric) => [metric.name, metric])),
      // Without a reference there is nothing to be away from.
      ...((options.beta ?? 0) > 0 && { kl: own.kl }),
      clipped: own.clipped,
    }
    this.to(model.engine)
  }

  override get listedLayers(): readonly Layer[] {
    return []
  }

  /**
   * A batch as `fit` takes it: x as `TokenLogProbs` takes it, and y by names in the alphabet's order.
   */
  collate(answers: readonly LearntAnswer[]) {
    const count = answers.length
    const { x, tokens } = packTexts(
      answers.map((answer) => [scoredText(answer)]),
      this.network.maxPositions,
    )
    const perToken = (values: (answer: LearntAnswer) => readonly number[]) =>
      packRows(answers.map(values), [count, tokens])
    const columns = Math.max(1, this.#told.length)
    const y = {
      advantages: packRows([answers.map(({ advantage }) => advantage)], [count]),
      mask: perToken(({ answer, counts }) => answer.map(() => Number(counts))),
      old: perToken(({ old = [] }) => old),
      reference: perToken(({ reference = [] }) => reference),
      told: packRows(
        answers.map(({ told }) => told.map((value) => value ?? 0)),
        [count, columns],
      ),
      toldOf: packRows(
        answers.map(({ told }) => told.map((value) => Number(value !== undefined))),
        [count, columns],
      ),
    }
    return [x, y] as const
  }

  override computeLoss({ y, yPred }: StepOutputs): Tensor {
    return this.#judged(partsOf(y), partsOf(yPred)).loss
  }

  override computeMetrics({ y, yPred }: StepOutputs): void {
    const parts = partsOf(y)
    const [told, toldOf] = parts.slice(4) as [Tensor, Tensor]
    const { kl, clipped } = this.#judged(parts, partsOf(yPred))
    this.means.kl?.updateState(kl.reshape([1]))
    this.means.clipped?.updateState(clipped.reshape([1]))
    for (const [i, metric] of this.#told.entries()) metric.updateState(columnOf(told, i), columnOf(toldOf, i))
  }

  #judged(y: readonly Tensor[], [logProbs]: readonly Tensor[]) {
    const [advantages, mask, old, reference] = y as readonly [Tensor, Tensor, Tensor, Tensor]
    const own = (logProbs as Tensor).reshape(mask.shape)
    const batch = { logProbs: own, reference, advantages, mask, ...(this.#options.hasOld && { old }) }
    return policyLoss(batch, this.#options)
  }
}
