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

/**
 * Draws a word by the softmax of the scores: those of −∞ never.
 *
 * @param random a number from 0 up to 1.
 */
export function sample(scores: Float32Array, random: number): number {
  const most = scores[argMax(scores)] as number
  let total = 0
  for (const score of scores) total += Math.exp(score - most)
  let left = random * total
  let last = 0
  for (let i = 0; i < scores.length; i++) {
    const weight = Math.exp((scores[i] as number) - most)
    if (weight === 0) continue
    last = i
    left -= weight
    if (left < 0) return i
  }
  // Rounding may leave a little.
  return last
}

/**
 * Random numbers from 0 up to 1, a function of the keys alone: a counter through a hash of 32 bits (Wellons's lowbias32,
 * https://nullprogram.com/blog/2018/07/31/), two of them for the 53 bits of a number.
 */
export function randomStream(...keys: readonly number[]): () => number {
  let state = keys.reduce((before, key) => hash32(before ^ hash32(key + 0x9e3779b9)), 0)
  const next = () => {
    state = (state + 0x9e3779b9) >>> 0
    return hash32(state)
  }
  return () => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53
}

function hash32(value: number): number {
  let x = value >>> 0
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d)
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b)
  return (x ^ (x >>> 16)) >>> 0
}
