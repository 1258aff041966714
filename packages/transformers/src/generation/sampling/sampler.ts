import { StateError } from 'typegrad/core'
import { need } from './argument.ts'
import { exponentials } from './exponential.ts'

/** What chooses the next token of a sequence by its scores. */
export interface Sampler {
  /**
   * @param logits scores of all words; −∞ for those that are ruled out.
   * @throws StateError where no token is left, or a score is NaN or ∞.
   */
  sample(logits: Float32Array): number
}

/**
 * The token with the highest score, of several the one with the lowest id.
 *
 * @throws StateError where no token is left, or a score is NaN or ∞.
 */
export function greedy(logits: Float32Array): number {
  let best = 0
  for (let i = 0; i < logits.length; i++) {
    const score = logits[i] as number
    if (score > (logits[best] as number)) best = i
    if (Number.isNaN(score)) throw notScored(i, score)
  }
  const score = logits[best]
  if (score === undefined || !Number.isFinite(score)) throw notScored(best, score)
  return best
}

function notScored(id: number, score: number | undefined): StateError {
  return new StateError({
    where: 'sampling',
    expected: 'finite scores for one token at least, and −∞ for those that are ruled out',
    received:
      score === undefined
        ? 'no scores'
        : score === Number.NEGATIVE_INFINITY
          ? '−∞ for all tokens'
          : `${score} for token ${id}`,
    fix:
      score === Number.NEGATIVE_INFINITY
        ? 'The processors contradict each other: leave some of them out.'
        : 'The weights or the inputs of the model have values that are not finite.',
  })
}

/**
 * Draws tokens with the probabilities that softmax gives: one number of the generator a token, and the first id up to which
 * the probabilities, added in float64, reach it. A seed gives the same tokens in every browser and on every processor, for
 * equal scores.
 *
 * @param seed a whole number; its lowest 32 bits count. Default: another one each time.
 * @throws ArgumentError for a seed that is no whole number.
 * @example
 * const sampler = seededSampler(42)
 * sampler.sample(Float32Array.of(1, 2, 3))
 */
export function seededSampler(seed: number = Math.floor(Math.random() * 2 ** 32)): Sampler {
  need('seededSampler: seed', seed, 'a whole number', Number.isInteger)
  const next = uniform(seed)
  return { sample: (logits) => draw(logits, next()) }
}

/**
 * Draws a token with the probabilities that softmax gives.
 *
 * @param random a number from 0 to 1, 1 excluded.
 * @throws StateError as {@link greedy} does.
 */
export function draw(logits: Float32Array, random: number): number {
  greedy(logits)
  const { masses, sum } = exponentials(logits)
  const target = random * sum
  let cumulative = 0
  let last = 0
  for (let i = 0; i < masses.length; i++) {
    const mass = masses[i] as number
    if (mass === 0) continue
    cumulative += mass
    last = i
    if (cumulative > target) break
  }
  return last
}

/** A seed that is a function of several numbers and of their order. */
export const seedOfKeys = (keys: readonly number[]): number =>
  keys.reduce((before, key) => hash32(before ^ hash32((key + 0x9e3779b9) >>> 0)), 0)

/** Wellons's lowbias32, https://nullprogram.com/blog/2018/07/31/. */
function hash32(value: number): number {
  let x = value >>> 0
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d)
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b)
  return (x ^ (x >>> 16)) >>> 0
}

/**
 * Numbers from 0 to 1, 1 excluded, of 53 bits: xoshiro128** (Blackman and Vigna 2021, "Scrambled Linear Pseudorandom Number
 * Generators", https://arxiv.org/abs/1805.01407), whose state a hash makes of the seed.
 */
export function uniform(seed: number): () => number {
  const state = new Uint32Array(4)
  for (let i = 0; i < 4; i++) state[i] = hash32((seed + Math.imul(i + 1, 0x9e3779b9)) >>> 0)
  const rotated = (x: number, k: number): number => ((x << k) | (x >>> (32 - k))) >>> 0
  const bits = (): number => {
    const [a, b, c, d] = state as unknown as readonly [number, number, number, number]
    const result = Math.imul(rotated(Math.imul(b, 5) >>> 0, 7), 9) >>> 0
    const [c1, d1] = [c ^ a, d ^ b]
    state[1] = b ^ c1
    state[0] = a ^ d1
    state[2] = c1 ^ (b << 9)
    state[3] = rotated(d1 >>> 0, 11)
    return result
  }
  return () => {
    // The upper bits of two numbers: 27 and 26.
    const high = bits() >>> 5
    return (high * 2 ** 26 + (bits() >>> 6)) / 2 ** 53
  }
}
