/** What the rewards of a step's answers come to. */
export interface JudgedGroups {
  /** The weighted sum of each answer's rewards; undefined for an answer that no reward was for. */
  readonly totals: readonly (number | undefined)[]
  /** How much better each answer is than its group's: 0 where nothing is known. */
  readonly advantages: readonly number[]
  /** The deviation of the totals in the group of each answer. */
  readonly deviations: readonly number[]
}

/** Keeps a group of equal rewards from being divided by 0, as TRL has it. */
const leastDeviation = 1e-4

/**
 * Advantages of answers over others to the same prompt: reward − mean of the group, by the deviation of the group or of
 * all.
 *
 * Shao et al. 2024 (DeepSeekMath, GRPO), equation 3, https://arxiv.org/abs/2402.03300. Without the division it is Dr. GRPO:
 * Liu et al. 2025, https://arxiv.org/abs/2503.20783.
 *
 * @param rewards of each reward function those of all answers, the groups one after another; undefined where it has none.
 */
export function advantagesOf(
  rewards: readonly (readonly (number | undefined)[])[],
  {
    weights,
    group,
    scale,
  }: {
    readonly weights: readonly number[]
    /** How many answers a group has. */
    readonly group: number
    readonly scale: 'group' | 'batch' | 'none'
  },
): JudgedGroups {
  const count = rewards[0]?.length ?? 0
  const totals = Array.from({ length: count }, (_, i) => {
    const given = rewards.flatMap((row, k) => {
      const reward = row[i]
      return reward === undefined ? [] : [reward * (weights[k] as number)]
    })
    return given.length === 0 ? undefined : given.reduce((a, b) => a + b)
  })
  const groups = Array.from({ length: count / group }, (_, g) =>
    spreadOf(totals.slice(g * group, (g + 1) * group)),
  )
  const all = spreadOf(totals)
  const groupOf = (i: number) => groups[Math.floor(i / group)] ?? all
  return {
    totals,
    deviations: totals.map((_, i) => groupOf(i).deviation),
    advantages: totals.map((total, i) => {
      if (total === undefined) return 0
      const { mean, deviation } = groupOf(i)
      if (scale === 'none') return total - mean
      return (total - mean) / ((scale === 'batch' ? all.deviation : deviation) + leastDeviation)
    }),
  }
}

/** Mean and deviation of what is known; the deviation of one value is 0. */
function spreadOf(values: readonly (number | undefined)[]): {
  readonly mean: number
  readonly deviation: number
} {
  const known = values.filter((value) => value !== undefined)
  const mean = known.reduce((a, b) => a + b, 0) / Math.max(1, known.length)
  const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, deviation: Math.sqrt(squares / Math.max(1, known.length - 1)) }
}
