/** Numbers from 0 to 1, from a seed (xorshift; Marsaglia 2003, https://doi.org/10.18637/jss.v008.i14). */
export function numbersFrom(seed: number): () => number {
  let state = (Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995) >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
