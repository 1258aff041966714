import { activations, ops, type Tensor } from 'typegrad'
import { checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { differenceOf, eachOf, type PairValues } from './pair-values.ts'
import { type PreferenceObjective, smoothedLoss, smoothingCheck } from './preference-objective.ts'

const { logSigmoid } = activations

/** What losses are made of. */
interface Ratios {
  /** log π(answer) − log π_reference(answer), of both answers. */
  readonly ratios: PairValues
  /** How many tokens the answers have. */
  readonly lengths: PairValues
  readonly beta: number
  /** The share of pairs that are taken to be the wrong way round. */
  readonly smoothing: number
}

const scaled = ({ ratios, beta }: Ratios): Tensor => differenceOf(ratios).mul(beta)
const perToken = ({ ratios, lengths }: Ratios): Tensor =>
  differenceOf(eachOf(ratios, (ratio, which) => ratio.div(lengths[which])))
const rewardsOf = ({ ratios, beta }: Ratios): PairValues => eachOf(ratios, (ratio) => ratio.mul(beta))

/** The losses by name, each of the margin β(log-ratio of the better − log-ratio of the worse) or of the ratios. */
const pairLosses = {
  /** −log σ(margin), with smoothing −(1 − ε) log σ(margin) − ε log σ(−margin): Mitchell 2023 (cDPO). */
  sigmoid: (given: Ratios) => smoothedLoss(scaled(given), given.smoothing),
  /** The same with its bias by wrong pairs taken out: Chowdhury et al. 2024, https://arxiv.org/abs/2403.00409. */
  robust: (given: Ratios) => {
    const margin = scaled(given)
    const kept = logSigmoid(margin).mul(1 - given.smoothing)
    const turned = logSigmoid(margin.neg()).mul(given.smoothing)
    return turned.sub(kept).div(1 - 2 * given.smoothing)
  },
  /** max(0, 1 − margin): Zhao et al. 2023 (SLiC), https://arxiv.org/abs/2305.10425. */
  hinge: (given: Ratios) => ops.relu(scaled(given).neg().add(1)),
  /** (difference per token − 1 / 2β)²: Azar et al. 2023 (IPO), equation 17, https://arxiv.org/abs/2310.12036. */
  ipo: (given: Ratios) =>
    perToken(given)
      .sub(1 / (2 * given.beta))
      .square(),
  /** −log σ(β · difference per token). */
  sigmoidNorm: (given: Ratios) => logSigmoid(perToken(given).mul(given.beta)).neg(),
  /** KL of what the policy prefers to (1 − ε, ε): Ji et al. 2024 (EXO), equation 16, https://arxiv.org/abs/2402.00856. */
  exo: (given: Ratios) => {
    const margin = scaled(given)
    const term = (m: Tensor, share: number) => ops.sigmoid(m).mul(logSigmoid(m).sub(Math.log(share)))
    return term(margin, 1 - given.smoothing).add(term(margin.neg(), given.smoothing))
  },
  /** Each answer for itself: Chen et al. 2024 (NCA), https://arxiv.org/abs/2402.05369. */
  nca: (given: Ratios) => {
    const { chosen, rejected } = rewardsOf(given)
    const both = logSigmoid(chosen.neg()).add(logSigmoid(rejected.neg())).mul(0.5)
    return logSigmoid(chosen).add(both).neg()
  },
  /** (ratio ∓ 1 / 2β)²: Wu et al. 2024 (SPPO), equation 4.7 with certain pairs, https://arxiv.org/abs/2405.00675. */
  sppo: ({ ratios, beta }: Ratios) => {
    const half = 0.5 / beta
    return ratios.chosen.sub(half).square().add(ratios.rejected.add(half).square())
  },
  /** Better answers more likely, worse ones less: D'Oosterlinck et al. 2024 (APO), equation 7, https://arxiv.org/abs/2408.06266. */
  apoZero: (given: Ratios) => {
    const { chosen, rejected } = rewardsOf(given)
    return ops.sigmoid(chosen).neg().add(1).add(ops.sigmoid(rejected))
  },
  /** Both less likely, the worse one more so: equation 8 of the same. */
  apoDown: (given: Ratios) =>
    ops
      .sigmoid(rewardsOf(given).chosen)
      .add(1)
      .sub(ops.sigmoid(scaled(given))),
} satisfies Readonly<Record<string, (given: Ratios) => Tensor>>

export type DpoLoss = keyof typeof pairLosses

export interface DpoOptions {
  /** Default `'sigmoid'`. */
  readonly loss?: DpoLoss
  /** How strongly the policy is held to the reference; of `'ipo'` its τ. Default 0.1. */
  readonly beta?: number
  /**
   * The share of pairs that are taken to be the wrong way round: for `'sigmoid'`, `'robust'` and `'exo'`. Default 0, for
   * `'exo'` 0.001.
   */
  readonly labelSmoothing?: number
  /**
   * How much the negative log-likelihood of better answers, a token's mean, counts beside the comparison: Pang et al. 2024
   * (RPO), https://arxiv.org/abs/2404.19733. Default 0.
   */
  readonly likelihoodWeight?: number
  /**
   * What tokens beyond the shorter answer's length count, so that length by itself is worth less: Liu et al. 2024
   * (LD-DPO), https://arxiv.org/abs/2409.06411. Default 1.
   */
  readonly tailWeight?: number
}

const dpoChecks = optionsOf<DpoOptions>()({
  loss: checks.oneOf(...(Object.keys(pairLosses) as DpoLoss[])),
  beta: checks.positive,
  labelSmoothing: smoothingCheck,
  likelihoodWeight: checks.notNegative,
  tailWeight: checks.share,
})

/**
 * Direct preference optimization: the log-ratio of policy and reference is an answer's reward, and pairs say which of two
 * is larger. No reward model is trained, and nothing is generated.
 *
 * −log σ(β (log π(y⁺)/π_ref(y⁺) − log π(y⁻)/π_ref(y⁻))), a mean over pairs; Rafailov et al. 2023,
 * https://arxiv.org/abs/2305.18290. The other losses keep the ratios. Names and formulas are those of TRL's DPOTrainer.
 *
 * @throws ArgumentError for options that are none.
 * @example
 * const tuner = new PreferenceModel(model, dpo({ beta: 0.1 }))
 */
export function dpo(options: DpoOptions = {}): PreferenceObjective {
  checkOptions('dpo', options, dpoChecks)
  const { loss = 'sigmoid', beta = 0.1, likelihoodWeight = 0, tailWeight = 1 } = options
  const smoothing = options.labelSmoothing ?? 0
  // The logarithm of 0 is none.
  const least = loss === 'exo' && smoothing === 0 ? 1e-3 : smoothing
  return {
    name: loss === 'sigmoid' ? 'dpo' : `dpo (${loss})`,
    needsReference: true,
    tailWeight,
    ...(likelihoodWeight > 0 && { likelihood: { weight: likelihoodWeight, of: 'answer' } }),
    compare({ policy, reference, lengths }) {
      const ratios = eachOf(policy, (value, which) => value.sub(reference[which]))
      const given = { ratios, lengths, beta, smoothing: least }
      return { losses: pairLosses[loss](given), rewards: rewardsOf(given) }
    },
  }
}
