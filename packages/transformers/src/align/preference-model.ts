import { type Dataset, Functional, metrics, type StepOutputs, type Tensor } from 'typegrad'
import { checkOptions, optionsOf } from 'typegrad/core'
import { checks, type Layer } from 'typegrad/layers'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import type { CausalLM } from '../layers/network.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { answerIds, promptIds, type TextOrIds } from './completion-ids.ts'
import { differenceOf, type PairValues, pairOf, weightedSums } from './pair-values.ts'
import type { Comparison, PreferenceObjective } from './preference-objective.ts'
import { scoredBy } from './reference.ts'
import { type AlignmentDataOptions, batchesOf, dataChecks } from './sample-batches.ts'
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
import { causalPartsOf, checkSameWords, logProbsOf } from './token-log-probs.ts'

/** Two answers to a prompt, the better one first: texts, or ids of tokens. */
export interface PreferencePair {
  readonly prompt: TextOrIds
  readonly chosen: TextOrIds
  readonly rejected: TextOrIds
}

/** A pair as ids, with what the reference takes the answers for: sums of log-probabilities. */
export interface ScoredPair {
  readonly chosen: Completion
  readonly rejected: Completion
  readonly reference?: readonly [chosen: number, rejected: number] | undefined
}

/** A batch of pairs as `fit` takes it. */
export type PairBatch = readonly [
  /** As `TokenLogProbs` takes it. */
  x: { readonly ids: Tensor; readonly places: Tensor },
  /** By names in the alphabet's order, in which the steps get them. */
  y: {
    /** How many tokens the answers have: (batch, 2). */
    readonly lengths: Tensor
    /** 1 for each token of the better answer whose likelihood is learnt: (batch, tokens). */
    readonly likelihood: Tensor
    /** Log-probabilities of the answers by the reference: (batch, 2). */
    readonly reference: Tensor
    /** How much each token counts: (batch, 2, tokens). */
    readonly weights: Tensor
  },
]

export interface PreferenceModelOptions {
  /** Whether training drops features as the model's configuration says. Default false. */
  readonly dropout?: boolean
}

const modelChecks = optionsOf<PreferenceModelOptions>()({ dropout: checks.boolean })

/** How data is read, beside the batches. */
export interface PreferenceDataOptions extends AlignmentDataOptions {
  /**
   * What answers are compared with, for objectives that need it. Default: this model as it is at the moment, so `prepare` is
   * called before it is trained. Its log-probabilities are computed once, here.
   */
  readonly reference?: PretrainedModel
}

export const preferenceDataChecks = optionsOf<PreferenceDataOptions>()({
  reference: checks.anything,
  ...dataChecks,
})

/**
 * A causal language model that learns which of two answers is the better one. It shares its weights with the model that it is
 * made of, and trains as any model does: `compile`, `fit` with callbacks and schedules, `evaluate`; adapters and frozen
 * weights stay what they are.
 *
 * Logs are `loss`, `rewardAccuracy` (the share of pairs whose better answer has the larger reward), `rewardMargin`,
 * `chosenReward`, `rejectedReward`, `chosenLogProb` and `rejectedLogProb` (sums over an answer's tokens).
 *
 * @example
 * const tuner = new PreferenceModel(model, dpo({ beta: 0.1 }))
 * tuner.compile({ optimizer: optimizers.adamw({ learningRate: 1e-5 }) })
 * const pairs = [{ prompt: 'Is water wet?', chosen: ' Yes.', rejected: ' Who knows, really.' }]
 * await tuner.fit(await tuner.prepare(pairs, { tokenizer, batchSize: 16 }), { epochs: 3 })
 * await model.savePretrained('models/aligned')
 */
export class PreferenceModel extends Functional<Tensor> {
  override readonly className: string = 'PreferenceModel'
  readonly network: CausalLM
  readonly objective: PreferenceObjective
  readonly means = {
    rewardAccuracy: metrics.mean({ name: 'rewardAccuracy' }),
    rewardMargin: metrics.mean({ name: 'rewardMargin' }),
    chosenReward: metrics.mean({ name: 'chosenReward' }),
    rejectedReward: metrics.mean({ name: 'rejectedReward' }),
    chosenLogProb: metrics.mean({ name: 'chosenLogProb' }),
    rejectedLogProb: metrics.mean({ name: 'rejectedLogProb' }),
  }
  readonly #limits: Limits

  /** @throws ArgumentError for a model that does not continue texts. */
  constructor(model: PretrainedModel, objective: PreferenceObjective, options: PreferenceModelOptions = {}) {
    checkOptions('PreferenceModel', options, modelChecks)
    const { network, limits } = causalPartsOf('PreferenceModel', model)
    super(logProbsOf(network, 2, options))
    this.network = network
    this.objective = objective
    this.#limits = limits
    this.to(model.engine)
  }

  override get listedLayers(): readonly Layer[] {
    return []
  }

  /**
   * Pairs as batches for `fit` and `evaluate`, in another order each time that they are read. All are checked, and what the
   * reference takes the answers for is computed, before anything is trained.
   *
   * @throws ArgumentError with all that is wrong: pairs whose two answers are the same, empty prompts and answers, texts
   * longer than the model reads, ids that are none; a reference with another vocabulary.
   */
  async prepare(
    pairs: readonly PreferencePair[],
    options: PreferenceDataOptions = {},
  ): Promise<Dataset<PairBatch>> {
    const where = 'PreferenceModel.prepare'
    checkOptions(where, options, preferenceDataChecks)
    const { tokenizer, batchSize = 8, reference } = options
    const read = this.read(pairs, tokenizer, where)
    const scored = this.objective.needsReference ? await this.withReference(read, reference, batchSize) : read
    return batchesOf(scored, options, (batch) => this.collate(batch))
  }

  /** Pairs as ids. @throws ArgumentError with all that is wrong. */
  read(
    pairs: readonly PreferencePair[],
    tokenizer?: Tokenizer,
    where = 'PreferenceModel.read',
  ): readonly ScoredPair[] {
    const limits = this.#limits
    const read = pairs.map(({ prompt, chosen, rejected }) => {
      const ids = promptIds(where, prompt, tokenizer)
      const of = (answer: TextOrIds): Completion => ({
        prompt: ids,
        answer: answerIds(where, answer, tokenizer),
      })
      return { chosen: of(chosen), rejected: of(rejected) }
    })
    const faults = read.flatMap(({ chosen, rejected }, i) => {
      const of = `pair ${i}`
      const same = chosen.answer.length > 0 && `${chosen.answer}` === `${rejected.answer}`
      return [
        ...faultsOfCompletion({ of, part: 'chosen' }, chosen, limits),
        ...faultsOfCompletion({ of, part: 'rejected' }, rejected, limits),
        ...(same ? [{ of, what: 'two answers that are the same' }] : []),
      ]
    })
    refuseFaults(where, pairs.length === 0 ? ['no pairs'] : faults, {
      expected: `pairs of two answers that differ; ${expectedCompletions(limits)}`,
      fix: 'Leave such pairs out, or cut their texts.',
    })
    return read
  }

  /** Pairs with what the reference takes their answers for. */
  async withReference(
    pairs: readonly ScoredPair[],
    reference?: PretrainedModel,
    batchSize = 8,
  ): Promise<readonly ScoredPair[]> {
    const judge = reference === undefined ? this : this.#judgeOf(reference)
    return await scoredBy(judge, pairs, batchSize)
  }

  #judgeOf(reference: PretrainedModel): PreferenceModel {
    const where = 'PreferenceModel: reference'
    checkSameWords(where, this.#limits, causalPartsOf(where, reference).limits)
    return new PreferenceModel(reference, this.objective)
  }

  /** A batch of pairs as `fit` takes it. */
  collate(pairs: readonly ScoredPair[]): PairBatch {
    const { likelihood, tailWeight = 1 } = this.objective
    const part = likelihood?.of ?? 'answer'
    const texts = pairs.map(
      ({ chosen, rejected }) => [scoredText(chosen, part), scoredText(rejected)] as const,
    )
    const { x, tokens } = packTexts(texts, this.network.maxPositions)
    const weights = pairs.flatMap(({ chosen, rejected }) => {
      const shared = Math.min(chosen.answer.length, rejected.answer.length)
      const counts = ({ answer }: Completion) => answer.map((_, i) => (i < shared ? 1 : tailWeight))
      // Of the better text the prompt's tokens may be asked for as well: they are none of its answer.
      const before = new Array<number>(part === 'text' ? chosen.prompt.length - 1 : 0).fill(0)
      return [[...before, ...counts(chosen)], counts(rejected)]
    })
    const of = (values: (pair: ScoredPair) => readonly number[]) =>
      packRows(pairs.map(values), [pairs.length, 2])
    const y = {
      lengths: of(({ chosen, rejected }) => [chosen.answer.length, rejected.answer.length]),
      likelihood: packRows(
        texts.map(([text]) => text.ids.slice(text.from).map(() => 1)),
        [pairs.length, tokens],
      ),
      reference: of(({ reference }) => reference ?? [0, 0]),
      weights: packRows(weights, [pairs.length, 2, tokens]),
    }
    return [x, y]
  }

  override computeLoss({ y, yPred, sampleWeight }: StepOutputs): Tensor {
    const [logProbs] = partsOf(yPred) as readonly [Tensor]
    const [, counted] = partsOf(y) as readonly [Tensor, Tensor]
    const compared = meanOf(this.#compared(partsOf(y), logProbs).losses, sampleWeight)
    const { likelihood } = this.objective
    if (likelihood === undefined) return compared
    const [batch, , tokens] = logProbs.shape as readonly [number, number, number]
    const chosen = logProbs.slice([0, 0, 0], [batch, 1, tokens]).reshape([batch, tokens])
    // A mean over the tokens of the batch, as fine-tuning on the better answers has it.
    const surprise = weightedSums(chosen, counted).sum().div(counted.sum()).neg()
    return compared.add(surprise.mul(likelihood.weight))
  }

  override computeMetrics({ y, yPred }: StepOutputs): void {
    const [logProbs] = partsOf(yPred) as readonly [Tensor]
    const { rewards, policy } = this.#compared(partsOf(y), logProbs)
    const { means } = this
    means.rewardAccuracy.updateState(rewards.chosen.greater(rewards.rejected).cast('float32'))
    means.rewardMargin.updateState(differenceOf(rewards))
    means.chosenReward.updateState(rewards.chosen)
    means.rejectedReward.updateState(rewards.rejected)
    means.chosenLogProb.updateState(policy.chosen)
    means.rejectedLogProb.updateState(policy.rejected)
  }

  #compared(y: readonly Tensor[], logProbs: Tensor): Comparison & { readonly policy: PairValues } {
    const [lengths, , reference, weights] = y as readonly [Tensor, Tensor, Tensor, Tensor]
    const policy = pairOf(weightedSums(logProbs, weights))
    const pairs = { policy, reference: pairOf(reference), lengths: pairOf(lengths) }
    return { ...this.objective.compare(pairs), policy }
  }
}
