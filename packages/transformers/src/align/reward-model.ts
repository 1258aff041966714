import { activations, Functional, input, metrics, type StepOutputs, type Tensor } from 'typegrad'
import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { checks, Layer } from 'typegrad/layers'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { CausalLM, EncoderDecoderBody, type Network, networkInputs } from '../layers/network.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { ClassifiedTexts } from './classified-texts.ts'
import { answerIds, promptIds, type TextOrIds } from './completion-ids.ts'
import { differenceOf, pairOf } from './pair-values.ts'
import type { PreferencePair } from './preference-model.ts'
import { type AlignmentDataOptions, batchesOf, dataChecks } from './sample-batches.ts'
import { type Fault, packRows, refuseFaults } from './scored-texts.ts'
import { meanOf, partsOf } from './step-parts.ts'

/** A pair of answers, and by how much the better one should be better. */
export interface MarginPair extends PreferencePair {
  /** What the better answer's reward should be above the other's beside a likely choice. Default 0. */
  readonly margin?: number
}

export interface RewardModelOptions {
  /**
   * What the squared sum of a pair's rewards counts, so that rewards stay around 0: Eisenstein et al. 2023,
   * https://arxiv.org/abs/2312.09244. Default 0; 0.01 there.
   */
  readonly centering?: number
  /** Whether training drops features as the model's configuration says. Default false. */
  readonly dropout?: boolean
}

const rewardChecks = optionsOf<RewardModelOptions>()({
  centering: checks.notNegative,
  dropout: checks.boolean,
})

/** A pair of texts as ids. */
export interface MarginTexts {
  readonly chosen: readonly number[]
  readonly rejected: readonly number[]
  readonly margin: number
}

/** Rewards of texts: ids and mask (batch, texts, length) → (batch, texts). */
class Rewards extends Layer<readonly Tensor[], Tensor> {
  readonly className = 'Rewards'
  readonly network: Network
  readonly dropout: boolean

  constructor(network: Network, dropout: boolean) {
    super()
    this.network = network
    this.dropout = dropout
  }

  call(inputs: readonly Tensor[], { training }: { readonly training: boolean }): Tensor {
    const [given, mask] = inputs as readonly [Tensor, Tensor]
    const [batch, texts, length] = given.shape as readonly [number, number, number]
    const flat = (x: Tensor): Tensor => x.reshape([batch * texts, length])
    const context = { attentionMask: flat(mask), training: training && this.dropout }
    return (this.network.outputs(flat(given), context).logits as Tensor).reshape([batch, texts])
  }
}

/**
 * A classifier with one output that learns to give the better of two answers the larger reward. It shares its weights with the
 * model that it is made of, and trains as any model does; afterwards the model gives rewards as `logits` (batch, 1), and
 * `modelReward` makes it one for `alignByReward`.
 *
 * −log σ(r(better) − r(worse) − margin), a mean over pairs; Bradley and Terry 1952, Ouyang et al. 2022,
 * https://arxiv.org/abs/2203.02155, with the margin of Touvron et al. 2023, https://arxiv.org/abs/2307.09288.
 *
 * Logs are `loss`, `rewardAccuracy`, `rewardMargin`, `chosenReward` and `rejectedReward`.
 *
 * @example
 * const model = await fromPretrained(folder, { className: 'LlamaForSequenceClassification', strict: false }) // id2label of one
 * const tuner = new RewardModel(model, { centering: 0.01 })
 * tuner.compile({ optimizer: 'adamw' })
 * await tuner.fit(await tuner.prepare(pairs, { tokenizer }), { epochs: 1 })
 */
export class RewardModel extends Functional<Tensor> {
  override readonly className: string = 'RewardModel'
  readonly network: Network
  readonly centering: number
  readonly means = {
    rewardAccuracy: metrics.mean({ name: 'rewardAccuracy' }),
    rewardMargin: metrics.mean({ name: 'rewardMargin' }),
    chosenReward: metrics.mean({ name: 'chosenReward' }),
    rejectedReward: metrics.mean({ name: 'rejectedReward' }),
  }
  readonly #texts: ClassifiedTexts

  /** @throws ArgumentError for a model without a head of one output for a text, and options that are none. */
  constructor(model: PretrainedModel, options: RewardModelOptions = {}) {
    checkOptions('RewardModel', options, rewardChecks)
    const { network } = model
    checkHead('RewardModel', model)
    const { centering = 0, dropout = false } = options
    const inputs = {
      attention_mask: input({ name: 'attention_mask', shape: [2, 'length'], dtype: 'int32' }),
      ids: input({ name: 'ids', shape: [2, 'length'], dtype: 'int32' }),
    }
    super({ inputs, outputs: new Rewards(network, dropout).apply([inputs.ids, inputs.attention_mask]) })
    this.network = network
    this.centering = centering
    this.#texts = new ClassifiedTexts(model)
    this.to(model.engine)
  }

  override get listedLayers(): readonly Layer[] {
    return []
  }

  /**
   * Pairs as batches for `fit` and `evaluate`.
   *
   * @throws ArgumentError with all that is wrong: pairs whose two answers are the same, empty ones, margins that are no
   * numbers, texts longer than the model reads.
   */
  prepare(pairs: readonly MarginPair[], options: AlignmentDataOptions = {}) {
    checkOptions('RewardModel.prepare', options, dataChecks)
    return batchesOf(this.read(pairs, options.tokenizer), options, (batch) => this.collate(batch))
  }

  /** Pairs as ids. @throws ArgumentError with all that is wrong. */
  read(pairs: readonly MarginPair[], tokenizer?: Tokenizer): readonly MarginTexts[] {
    const where = 'RewardModel.read'
    const read = pairs.map(({ prompt, chosen, rejected, margin = 0 }) => {
      const before = promptIds(where, prompt, tokenizer)
      const of = (answer: TextOrIds) => {
        const ids = answerIds(where, answer, tokenizer)
        return ids.length === 0 ? [] : [...before, ...ids]
      }
      return { chosen: of(chosen), rejected: of(rejected), margin }
    })
    const faults = read.flatMap(({ chosen, rejected, margin }, i): Fault[] => {
      const of = `pair ${i}`
      const isSame = chosen.length > 0 && `${chosen}` === `${rejected}`
      return [
        ...(chosen.length === 0 || rejected.length === 0 ? [{ of, what: 'an empty answer' }] : []),
        ...(isSame ? [{ of, what: 'two answers that are the same' }] : []),
        ...(Number.isFinite(margin) ? [] : [{ of, what: `the margin ${margin}` }]),
        ...this.#texts.faultsOf(of, [chosen, rejected]),
      ]
    })
    refuseFaults(where, pairs.length === 0 ? ['no pairs'] : faults, {
      expected: `pairs of two answers that differ, of at least one token each, and with their prompts of at most ${this.#texts.positions}; margins that are finite`,
      fix: 'Leave such pairs out, or cut their texts.',
    })
    return read
  }

  /**
   * A batch as `fit` takes it: ids and attention_mask (batch, 2, length), and the margins (batch) by name.
   */
  collate(pairs: readonly MarginTexts[]) {
    const { ids, mask } = this.#texts.pack(
      pairs.flatMap(({ chosen, rejected }) => [chosen, rejected]),
      [pairs.length, 2],
    )
    const x = { attention_mask: mask, ids }
    return [x, { margins: packRows([pairs.map(({ margin }) => margin)], [pairs.length]) }] as const
  }

  override computeLoss({ y, yPred, sampleWeight }: StepOutputs): Tensor {
    const [margins] = partsOf(y) as readonly [Tensor]
    const rewards = pairOf(partsOf(yPred)[0] as Tensor)
    const won = differenceOf(rewards).sub(margins)
    const losses = activations.logSigmoid(won).neg()
    const off = rewards.chosen.add(rewards.rejected).square().mul(this.centering)
    return meanOf(this.centering === 0 ? losses : losses.add(off), sampleWeight)
  }

  override computeMetrics({ yPred }: StepOutputs): void {
    const rewards = pairOf(partsOf(yPred)[0] as Tensor)
    this.means.rewardAccuracy.updateState(rewards.chosen.greater(rewards.rejected).cast('float32'))
    this.means.rewardMargin.updateState(differenceOf(rewards))
    this.means.chosenReward.updateState(rewards.chosen)
    this.means.rejectedReward.updateState(rewards.rejected)
  }
}

/** Refuses a model that does not give one number for a text. @throws ArgumentError. */
export function checkHead(where: string, { network, modelOutputs }: PretrainedModel): void {
  const shape = modelOutputs[0]?.shape
  const takesTexts = network.takes[0]?.name === networkInputs.inputIds.name
  const isText = takesTexts && !(network instanceof CausalLM || network instanceof EncoderDecoderBody)
  if (isText && shape?.length === 2 && shape[1] === 1) return
  throw new ArgumentError({
    where,
    expected:
      'a model that gives one number for a text, such as LlamaForSequenceClassification with one label',
    received: `${network.className}, whose ${modelOutputs[0]?.name} are (${shape?.map((size) => size ?? '…').join(', ')})`,
    fix: "Give its configuration one label: id2label: { 0: 'reward' }, or num_labels: 1.",
  })
}
