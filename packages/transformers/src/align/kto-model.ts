import { Functional, input, metrics, ops, type StepOutputs, type Tensor, zerosLike } from 'typegrad'
import { checkOptions, optionsOf } from 'typegrad/core'
import { type CallContext, checks, Layer } from 'typegrad/layers'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import type { CausalLM } from '../layers/network.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { answerIds, promptIds, type TextOrIds } from './completion-ids.ts'
import { columnOf, weightedSums } from './pair-values.ts'
import { type PreferenceDataOptions, preferenceDataChecks } from './preference-model.ts'
import { scoredBy } from './reference.ts'
import { batchesOf } from './sample-batches.ts'
import {
  type Completion,
  expectedCompletions,
  faultsOfCompletion,
  type Limits,
  packRows,
  packTexts,
  refuseFaults,
  scoredText,
} from './scored-texts.ts'
import { meanOf, partsOf } from './step-parts.ts'
import { causalPartsOf, checkSameWords, TokenLogProbs, type TokenLogProbsOptions } from './token-log-probs.ts'

/** An answer that was judged by itself. */
export interface JudgedAnswer {
  readonly prompt: TextOrIds
  readonly answer: TextOrIds
  /** Whether such answers are wanted. */
  readonly desirable: boolean
}

/** A judged answer as ids, one that does not belong to its prompt, and what the reference takes both for. */
export interface ScoredAnswer {
  readonly own: Completion
  /** The prompt with the answer of another sample. */
  readonly other: Completion
  readonly desirable: boolean
  readonly reference?: readonly [own: number, other: number] | undefined
}

export interface KtoOptions {
  /**
   * `'kto'`, or `'apoZero'`, which measures no KL: D'Oosterlinck et al. 2024, https://arxiv.org/abs/2408.06266. Default
   * `'kto'`.
   */
  readonly loss?: 'kto' | 'apoZero'
  /** How strongly the policy is held to the reference. Default 0.1. */
  readonly beta?: number
  /** How much answers that are wanted count. Default 1. */
  readonly desirableWeight?: number
  /** How much answers that are not wanted count. Default 1. */
  readonly undesirableWeight?: number
  /** Whether training drops features as the model's configuration says. Default false. */
  readonly dropout?: boolean
}

const ktoChecks = optionsOf<KtoOptions>()({
  loss: checks.oneOf('kto', 'apoZero'),
  beta: checks.positive,
  desirableWeight: checks.notNegative,
  undesirableWeight: checks.notNegative,
  dropout: checks.boolean,
})

/** Log-probabilities of the first text of each sample, and of the second without a gradient. */
class OwnAndOther extends Layer<readonly Tensor[], Tensor> {
  readonly className = 'OwnAndOther'
  readonly logProbs: TokenLogProbs
  readonly asksOther: boolean

  constructor(network: CausalLM, asksOther: boolean, options: TokenLogProbsOptions) {
    super()
    this.logProbs = new TokenLogProbs(network, options)
    this.asksOther = asksOther
  }

  call(inputs: readonly Tensor[], context: CallContext): Tensor {
    const textOf = (which: number) =>
      inputs.map((x) => {
        const [batch, , size] = x.shape as readonly [number, number, number]
        return x.slice([0, which, 0], [batch, 1, size])
      })
    const own = this.logProbs.call(textOf(0), context)
    if (!this.asksOther) return ops.concat([own, zerosLike(own)], 1)
    return ops.concat([own, this.logProbs.call(textOf(1), { training: false }).stopGradient()], 1)
  }
}

/**
 * A causal language model that learns from answers that were judged one by one, as wanted or not wanted: no pairs are needed.
 * It shares its weights with the model that it is made of, and trains as any model does.
 *
 * 1 − σ(β (r − z)) for wanted answers and 1 − σ(β (z − r)) for others, a mean by their weights, where r = log π(y)/π_ref(y) and z
 * is the KL of policy and reference, as the mean of r over answers that do not belong to their prompts, at least 0;
 * Ethayarajh et al. 2024, https://arxiv.org/abs/2402.01306. As in TRL's KTOTrainer, the answer that does not belong to a
 * prompt is that of the sample before.
 *
 * Logs are `loss`, `kl`, `chosenReward` and `rejectedReward` (means over answers that are wanted and those that are not), and
 * `rewardMargin`, the difference of these.
 *
 * @example
 * const tuner = new KtoModel(model, { beta: 0.1 })
 * tuner.compile({ optimizer: 'adamw' })
 * await tuner.fit(await tuner.prepare([{ prompt, answer, desirable: true }, …], { tokenizer }))
 */
export class KtoModel extends Functional<Tensor> {
  override readonly className: string = 'KtoModel'
  readonly network: CausalLM
  readonly options: Required<Omit<KtoOptions, 'dropout'>>
  readonly means = {
    kl: metrics.mean({ name: 'kl' }),
    chosenReward: metrics.mean({ name: 'chosenReward' }),
    rejectedReward: metrics.mean({ name: 'rejectedReward' }),
  }
  readonly #limits: Limits

  /** @throws ArgumentError for a model that does not continue texts, and options that are none. */
  constructor(model: PretrainedModel, options: KtoOptions = {}) {
    checkOptions('KtoModel', options, ktoChecks)
    const { network, limits } = causalPartsOf('KtoModel', model)
    const { loss = 'kto', beta = 0.1, desirableWeight = 1, undesirableWeight = 1, dropout = false } = options
    const inputs = {
      ids: input({ name: 'ids', shape: [2, 'length'], dtype: 'int32' }),
      places: input({ name: 'places', shape: [2, 'tokens'], dtype: 'int32' }),
    }
    const layer = new OwnAndOther(network, loss === 'kto', { dropout })
    super({ inputs, outputs: layer.apply([inputs.ids, inputs.places]) })
    this.network = network
    this.options = { loss, beta, desirableWeight, undesirableWeight }
    this.#limits = limits
    this.to(model.engine)
  }

  override get listedLayers(): readonly Layer[] {
    return []
  }

  /**
   * Judged answers as batches for `fit` and `evaluate`. All are checked, and what the reference takes them for is computed,
   * before anything is trained.
   *
   * @throws ArgumentError as `PreferenceModel.prepare` does, and for fewer than two answers.
   */
  async prepare(answers: readonly JudgedAnswer[], options: PreferenceDataOptions = {}) {
    const where = 'KtoModel.prepare'
    checkOptions(where, options, preferenceDataChecks)
    const { tokenizer, batchSize = 8, reference } = options
    const scored = await this.withReference(this.read(answers, tokenizer, where), reference, batchSize)
    return batchesOf(scored, options, (batch) => this.collate(batch))
  }

  /** Judged answers as ids, each with the answer of the one before. @throws ArgumentError with all that is wrong. */
  read(
    answers: readonly JudgedAnswer[],
    tokenizer?: Tokenizer,
    where = 'KtoModel.read',
  ): readonly ScoredAnswer[] {
    const limits = this.#limits
    const read = answers.map(({ prompt, answer }) => ({
      prompt: promptIds(where, prompt, tokenizer),
      answer: answerIds(where, answer, tokenizer),
    }))
    const faults = read.flatMap((one, i) => faultsOfCompletion({ of: `answer ${i}` }, one, limits))
    refuseFaults(where, answers.length < 2 ? [`${answers.length} answers`] : faults, {
      expected: `at least two judged answers; ${expectedCompletions(limits)}`,
      fix: 'Leave such answers out, or cut their texts.',
    })
    return read.map((own, i) => {
      const { answer } = read.at(i - 1) ?? own
      // A long prompt may leave too little room for another's answer: the end of it is then left out.
      const room = limits.positions - own.prompt.length
      return {
        own,
        other: { prompt: own.prompt, answer: answer.slice(0, room) },
        desirable: answers[i]?.desirable === true,
      }
    })
  }

  /** Answers with what the reference takes them for. Default: this model as it is. */
  async withReference(
    answers: readonly ScoredAnswer[],
    reference?: PretrainedModel,
    batchSize = 8,
  ): Promise<readonly ScoredAnswer[]> {
    const judge = reference === undefined ? this : this.#judgeOf(reference)
    return await scoredBy(judge, answers, batchSize)
  }

  #judgeOf(reference: PretrainedModel): KtoModel {
    const where = 'KtoModel: reference'
    checkSameWords(where, this.#limits, causalPartsOf(where, reference).limits)
    return new KtoModel(reference, this.options)
  }

  /**
   * A batch as `fit` takes it: x as `TokenLogProbs` takes it, and y with names in the alphabet's order: desirable (batch), the
   * reference's log-probabilities (batch, 2) and which tokens are those of the answers (batch, 2, tokens).
   */
  collate(answers: readonly ScoredAnswer[]) {
    const count = answers.length
    const { x, tokens } = packTexts(
      answers.map(({ own, other }) => [scoredText(own), scoredText(other)]),
      this.network.maxPositions,
    )
    const weights = answers.flatMap(({ own, other }) => [own, other].map(({ answer }) => answer.map(() => 1)))
    const y = {
      desirable: packRows([answers.map(({ desirable }) => Number(desirable))], [count]),
      reference: packRows(
        answers.map(({ reference }) => reference ?? [0, 0]),
        [count, 2],
      ),
      weights: packRows(weights, [count, 2, tokens]),
    }
    return [x, y] as const
  }

  override computeLoss({ y, yPred, sampleWeight }: StepOutputs): Tensor {
    const { loss, beta, desirableWeight, undesirableWeight } = this.options
    const { ratios, kl, desirable } = this.#compared(partsOf(y), partsOf(yPred))
    // 1 for wanted answers, −1 for others: both losses are 1 − σ(β · sign · (r − z)).
    const sign = desirable.mul(2).sub(1)
    const margin = (loss === 'kto' ? ratios.sub(kl) : ratios).mul(sign).mul(beta)
    const weight = desirable.mul(desirableWeight - undesirableWeight).add(undesirableWeight)
    return meanOf(ops.sigmoid(margin.neg()).mul(weight), sampleWeight)
  }

  override computeMetrics({ y, yPred }: StepOutputs): void {
    const { ratios, kl, desirable } = this.#compared(partsOf(y), partsOf(yPred))
    const rewards = ratios.mul(this.options.beta)
    this.means.kl.updateState(kl.reshape([1]))
    this.means.chosenReward.updateState(rewards, desirable)
    this.means.rejectedReward.updateState(rewards, desirable.neg().add(1))
  }

  #compared(y: readonly Tensor[], yPred: readonly Tensor[]) {
    const [desirable, reference, weights] = y as readonly [Tensor, Tensor, Tensor]
    const ratios = weightedSums(yPred[0] as Tensor, weights).sub(reference)
    const others = this.options.loss === 'kto' ? columnOf(ratios, 1) : zerosLike(desirable)
    return { desirable, ratios: columnOf(ratios, 0), kl: ops.maximum(others.mean().stopGradient(), 0) }
  }
}
