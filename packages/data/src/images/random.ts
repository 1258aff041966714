/** Random numbers from 0 to below 1, a function of the keys alone: Steele, Lea and Flood's SplitMix with 32 bits. */
export function randomOf(keys: readonly number[]): () => number {
  const mixed = (value: number): number => {
    let x = value >>> 0
    x = Math.imul(x ^ (x >>> 16), 0x21f0aaad)
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97)
    return (x ^ (x >>> 15)) >>> 0
  }
  let state = keys.reduce((before, key) => mixed(before ^ mixed(key + 0x9e3779b9)), 0)
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    return mixed(state) / 2 ** 32
  }
}
