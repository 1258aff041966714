import { activations, ops, type Tensor } from 'typegrad'
import { checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { differenceOf, eachOf, type PairValues } from './pair-values.ts'
import {
  type ComparedPairs,
  type PreferenceObjective,
  smoothedLoss,
  smoothingCheck,
} from './preference-objective.ts'

const { logSigmoid } = activations

/** Log-probabilities of a token, on average: (batch) each. */
const perToken = ({ policy, lengths }: ComparedPairs): PairValues =>
  eachOf(policy, (value, which) => value.div(lengths[which]))

export interface OrpoOptions {
  /** How much the odds count beside the likelihood; λ in the paper. Default 0.1. */
  readonly beta?: number
}

const orpoChecks = optionsOf<OrpoOptions>()({ beta: checks.positive })

/**
 * Odds ratio preference optimization: fine-tuning on the better answers, and beside it the odds of the better one against
 * those of the worse. No reference is needed.
 *
 * −log p(prompt and better answer), a token's mean, − β log σ(log odds(y⁺) − log odds(y⁻)), where p(y) is that of a token on
 * average and odds are p / (1 − p); Hong et al. 2024, https://arxiv.org/abs/2403.07691.
 *
 * @example
 * const tuner = new PreferenceModel(model, orpo({ beta: 0.1 }))
 */
export function orpo(options: OrpoOptions = {}): PreferenceObjective {
  checkOptions('orpo', options, orpoChecks)
  const { beta = 0.1 } = options
  return {
    name: 'orpo',
    needsReference: false,
    likelihood: { weight: 1, of: 'text' },
    compare(pairs) {
      const values = perToken(pairs)
      // log odds(p) = log p − log(1 − p).
      const odds = differenceOf(eachOf(values, (value) => value.sub(log1mExp(value))))
      return { losses: logSigmoid(odds).mul(-beta), rewards: eachOf(values, (value) => value.mul(beta)) }
    },
  }
}

/** log(1 − eˣ) for x < 0, in the form that keeps its digits on each side of −log 2 (Mächler 2012). */
function log1mExp(x: Tensor): Tensor {
  const isNear = x.greater(-Math.LN2)
  // Each form is given values that it takes without infinities, so that the other's gradient is not 0 · ∞.
  const near = ops.log(ops.expm1(ops.where(isNear, x, -Math.LN2)).neg())
  const far = ops.log1p(ops.exp(ops.where(isNear, -Math.LN2, x)).neg())
  return ops.where(isNear, near, far)
}

export interface CpoOptions {
  /** Default `'sigmoid'`. */
  readonly loss?: 'sigmoid' | 'hinge' | 'ipo'
  /** What log-probabilities are multiplied by; of `'ipo'` its τ. Default 0.1. */
  readonly beta?: number
  /** The share of pairs that are taken to be the wrong way round; for `'sigmoid'`. Default 0. */
  readonly labelSmoothing?: number
  /** How much the negative log-likelihood of better answers, a token's mean, counts beside the comparison. Default 1. */
  readonly likelihoodWeight?: number
}

const cpoChecks = optionsOf<CpoOptions>()({
  loss: checks.oneOf('sigmoid', 'hinge', 'ipo'),
  beta: checks.positive,
  labelSmoothing: smoothingCheck,
  likelihoodWeight: checks.notNegative,
})

/**
 * Contrastive preference optimization: DPO with a uniform reference, held to the better answers by their likelihood.
 *
 * Xu et al. 2024, https://arxiv.org/abs/2401.08417.
 *
 * @example
 * const tuner = new PreferenceModel(model, cpo({ beta: 0.1 }))
 */
export function cpo(options: CpoOptions = {}): PreferenceObjective {
  checkOptions('cpo', options, cpoChecks)
  const { loss = 'sigmoid', beta = 0.1, labelSmoothing = 0, likelihoodWeight = 1 } = options
  const lossOf = {
    sigmoid: (difference: Tensor) => smoothedLoss(difference.mul(beta), labelSmoothing),
    hinge: (difference: Tensor) => ops.relu(difference.mul(-beta).add(1)),
    ipo: (difference: Tensor) => difference.sub(1 / (2 * beta)).square(),
  }[loss]
  return {
    name: loss === 'sigmoid' ? 'cpo' : `cpo (${loss})`,
    needsReference: false,
    ...(likelihoodWeight > 0 && { likelihood: { weight: likelihoodWeight, of: 'answer' } }),
    compare(pairs) {
      const values = loss === 'ipo' ? perToken(pairs) : pairs.policy
      return {
        losses: lossOf(differenceOf(values)),
        rewards: eachOf(values, (value) => value.mul(beta)),
      }
    },
  }
}

export interface SimpoOptions {
  /** What log-probabilities are multiplied by. Default 2. */
  readonly beta?: number
  /** The margin that the better answer shall win by, in units of the product with β. Default 0.5. */
  readonly gamma?: number
  /** The share of pairs that are taken to be the wrong way round. Default 0. */
  readonly labelSmoothing?: number
  /** How much the negative log-likelihood of better answers, a token's mean, counts beside the comparison. Default 0. */
  readonly likelihoodWeight?: number
}

const simpoChecks = optionsOf<SimpoOptions>()({
  beta: checks.positive,
  gamma: checks.finite,
  labelSmoothing: smoothingCheck,
  likelihoodWeight: checks.notNegative,
})

/**
 * Simple preference optimization: an answer's reward is the log-probability of its tokens on average, and the better one
 * shall win by a margin. No reference is needed, and length is worth nothing by itself.
 *
 * −log σ(β (log p(y⁺)/|y⁺| − log p(y⁻)/|y⁻|) − γ); Meng et al. 2024, https://arxiv.org/abs/2405.14734.
 *
 * @example
 * const tuner = new PreferenceModel(model, simpo({ beta: 2, gamma: 0.5 }))
 */
export function simpo(options: SimpoOptions = {}): PreferenceObjective {
  checkOptions('simpo', options, simpoChecks)
  const { beta = 2, gamma = 0.5, labelSmoothing = 0, likelihoodWeight = 0 } = options
  return {
    name: 'simpo',
    needsReference: false,
    ...(likelihoodWeight > 0 && { likelihood: { weight: likelihoodWeight, of: 'answer' } }),
    compare(pairs) {
      const values = perToken(pairs)
      const margin = differenceOf(values).mul(beta).sub(gamma)
      return {
        losses: smoothedLoss(margin, labelSmoothing),
        rewards: eachOf(values, (value) => value.mul(beta)),
      }
    },
  }
}
