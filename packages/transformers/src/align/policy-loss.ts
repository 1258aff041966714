import { ops, type Tensor } from 'typegrad'

export interface PolicyLossOptions {
  /**
   * How the tokens' losses are averaged. `'grpo'`: each answer's mean, then over answers (Shao et al. 2024,
   * https://arxiv.org/abs/2402.03300). `'dapo'` and `'bnpo'`: over all tokens of a step (Yu et al. 2025,
   * https://arxiv.org/abs/2503.14476); a step here is one batch, in which the two are the same. `'drGrpo'`: the sum over
   * answers times `maxNewTokens`, so that an answer's length changes nothing (Liu et al. 2025,
   * https://arxiv.org/abs/2503.20783). Default `'dapo'`.
   */
  readonly loss?: 'grpo' | 'dapo' | 'bnpo' | 'drGrpo'
  /** How far below 1 the ratio of new and old probability is followed. Default 0.2. */
  readonly epsilon?: number
  /** How far above 1. Default: as far as below. */
  readonly epsilonHigh?: number
  /** The largest ratio that counts at all, where an answer was worse: two-sided clipping. Default none. */
  readonly delta?: number
  /** How much the KL to the reference counts. Default 0: there is no reference then. */
  readonly beta?: number
  /**
   * Whether ratios are those of tokens, or of whole answers as the mean of their tokens' logarithms (GSPO, Zheng et al. 2025,
   * https://arxiv.org/abs/2507.18071). Default `'token'`.
   */
  readonly ratios?: 'token' | 'sequence'
}

/** What a batch of answers is judged by. */
export interface PolicyBatch {
  /** log π of each token, by the policy that learns: (batch, tokens). */
  readonly logProbs: Tensor
  /** The same by the policy that drew them; absent where that is the one that learns. */
  readonly old?: Tensor | undefined
  /** The same by the reference; used where `beta` is above 0. */
  readonly reference: Tensor
  /** (batch) */
  readonly advantages: Tensor
  /** 1 for each token that counts, 0 for others: (batch, tokens). */
  readonly mask: Tensor
}

/**
 * The loss of a policy's answers by their advantages: −min(ratio · A, clip(ratio, 1 − ε, 1 + ε) · A) + β KL, by token, where KL is
 * estimated by e^d − d − 1 with d = log π_ref − log π, which is never below 0 (Schulman 2020, "k3").
 *
 * @param maxTokens how many tokens an answer may have.
 * @returns the loss, and of all tokens that count the mean KL and the share that was clipped.
 */
export function policyLoss(
  { logProbs, old, reference, advantages, mask }: PolicyBatch,
  options: PolicyLossOptions & { readonly maxTokens: number },
): { readonly loss: Tensor; readonly kl: Tensor; readonly clipped: Tensor } {
  const { loss = 'dapo', epsilon = 0.2, delta, beta = 0, ratios = 'token', maxTokens } = options
  const { epsilonHigh = epsilon } = options
  const batch = logProbs.shape[0] as number
  const counted = (values: Tensor): Tensor => values.mul(mask).sum()
  const tokens = ops.maximum(mask.sum(), 1)
  const perAnswer = ops.maximum(mask.sum(-1, { keepDims: true }), 1)

  const logRatios = logProbs.sub(old ?? logProbs.stopGradient())
  // (batch, tokens), or (batch, 1) for whole answers.
  const ratio = ops.exp(
    ratios === 'token' ? logRatios : logRatios.mul(mask).sum(-1, { keepDims: true }).div(perAnswer),
  )
  const advantage = advantages.reshape([batch, 1])
  const clipped = ratio.clip({ min: 1 - epsilon, max: 1 + epsilonHigh }).mul(advantage)
  const followed = (delta === undefined ? ratio : ops.minimum(ratio, delta)).mul(advantage)
  const away = reference.sub(logProbs)
  const kl = ops.exp(away).sub(away).sub(1)
  const surrogate = ops.minimum(followed, clipped).neg()
  const each = (beta === 0 ? surrogate : surrogate.add(kl.mul(beta))).broadcastTo(mask.shape)

  const isClipped = ops.logicalOr(
    ops.logicalAnd(ratio.less(1 - epsilon), advantage.less(0)),
    ops.logicalAnd(ratio.greater(1 + epsilonHigh), advantage.greater(0)),
  )
  const share = isClipped.cast('float32')
  return {
    loss:
      loss === 'grpo'
        ? each.mul(mask).sum(-1, { keepDims: true }).div(perAnswer).mean()
        : counted(each).div(loss === 'drGrpo' ? batch * maxTokens : tokens),
    kl: counted(kl).div(tokens),
    clipped: ratios === 'token' ? counted(share).div(tokens) : share.mean(),
  }
}
