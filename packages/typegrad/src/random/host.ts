import { Pacer } from '../base/turn.ts'

/** The hash of `lowering/random-bits.ts` in JavaScript, for what is random outside of graphs. */
export function hash32(value: number): number {
  let x = value >>> 0
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d)
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b)
  return (x ^ (x >>> 16)) >>> 0
}

/** Whole numbers below a bound, a function of the keys alone. */
export function hostRandom(...keys: readonly number[]): (bound: number) => number {
  const key = keys.reduce((state, k) => hash32(state ^ hash32(k + 0x9e3779b9)), 0)
  let counter = 0
  return (bound) => {
    counter += 1
    return Math.floor((hash32(key + Math.imul(counter, 0x9e3779b9)) / 2 ** 32) * bound)
  }
}

/** Normal numbers (Box and Muller), from whole numbers below a bound. */
export function hostNormal(below: (bound: number) => number): () => number {
  const uniform = (): number => (below(2 ** 30) + 0.5) / 2 ** 30
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
}

/** Puts numbers in a random order, in place (Fisher and Yates). */
export function shuffle<A extends number[] | Int32Array | Uint32Array>(
  values: A,
  below: (bound: number) => number,
): A {
  for (let i = values.length - 1; i > 0; i--) {
    const j = below(i + 1)
    const kept = values[i] as number
    values[i] = values[j] as number
    values[j] = kept
  }
  return values
}

/** Exchanges between two looks at the clock. */
const stride = 1 << 15

/**
 * The numbers 0 … n − 1 in an order that is a function of the keys (Fisher and Yates), in slices: ten million
 * samples must not stop the event loop.
 */
export async function shuffledOrder(n: number, ...keys: readonly number[]): Promise<Uint32Array> {
  const pacer = new Pacer()
  const order = new Uint32Array(n)
  for (let i = 0; i < n; i++) {
    order[i] = i
    if (i % stride === 0 && pacer.due()) await pacer.turn()
  }
  const below = hostRandom(...keys)
  for (let i = n - 1; i > 0; i--) {
    const j = below(i + 1)
    const kept = order[i] as number
    order[i] = order[j] as number
    order[j] = kept
    if (i % stride === 0 && pacer.due()) await pacer.turn()
  }
  return order
}
