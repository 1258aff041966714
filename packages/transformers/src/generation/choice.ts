/** The largest score's word; the first of several. */
export function argMax(scores: Float32Array): number {
  let best = 0
  for (let i = 1; i < scores.length; i++) if ((scores[i] as number) > (scores[best] as number)) best = i
  return best
}

/** log Σ exp, computed so that nothing overflows. */
export function logSumExp(scores: Float32Array): number {
  const most = scores[argMax(scores)] as number
  if (most === Number.NEGATIVE_INFINITY) return most
  let sum = 0
  for (const score of scores) sum += Math.exp(score - most)
  return most + Math.log(sum)
}
