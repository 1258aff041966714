import type { Node } from '../graph/node.ts'
import { add } from '../ops/arithmetic.ts'
import { constant, fromData, type Tensor } from '../tensor/tensor.ts'
import { currentScope } from '../tensor/trace.ts'
import { Variable } from '../tensor/variable.ts'

/** What a draw is a function of: the key, and which draw of its step it is. */
export interface Draw {
  /** [seed, step] as uint32. */
  readonly key: Tensor
  readonly site: number
}

/** Draws of one trace share the generator's state from before it, and differ by their site. */
interface Position {
  readonly key: Tensor
  sites: number
}

/**
 * A source of random numbers that are a function of seed, step and place in the program: a run that is
 * repeated or resumed draws what the first one drew, on every engine.
 *
 * Outside of traced functions every draw counts as a step. Inside, the state is a variable that each run of
 * the compiled function moves on by one step; saving and restoring it resumes the sequence.
 */
export class Generator {
  readonly seed: number
  /** [seed, step]: the state of compiled functions. */
  readonly state: Variable
  #eagerDraws = 0
  readonly #positions = new WeakMap<Node, Position>()

  /** @param seed a whole number; its lowest 32 bits count. */
  constructor(seed: number) {
    this.seed = seed >>> 0
    const initial = fromData(Uint32Array.of(this.seed, 0), [2], 'uint32')
    this.state = new Variable(initial as Tensor, { name: 'random_state', trainable: false })
  }

  /** The next draw. With a seed of its own it does not depend on the draws before it in the same step. */
  draw(seed?: number): Draw {
    if (currentScope() === undefined) {
      // Steps of traces count upwards from 0, those of eager draws downwards from the top.
      const step = seed === undefined ? ~this.#eagerDraws++ >>> 0 : 0
      return { key: fromData(Uint32Array.of(seed ?? this.seed, step), [2], 'uint32') as Tensor, site: 0 }
    }
    const position = this.#position()
    return { key: position.key, site: seed === undefined ? position.sites++ : (seed | 0x4000_0000) >>> 0 }
  }

  /** Runs `body` twice the same: draws inside of it get the sites that they would get from here on. */
  replaying<T>(sites: number, body: () => T): T {
    const position = this.#position()
    const now = position.sites
    position.sites = sites
    try {
      return body()
    } finally {
      position.sites = Math.max(now, position.sites)
    }
  }

  /** Number of draws made so far in the current trace; 0 outside. */
  get sites(): number {
    return currentScope() === undefined ? 0 : this.#position().sites
  }

  #position(): Position {
    const key = this.state.value as Tensor
    const known = this.#positions.get(key.node)
    if (known !== undefined) return known
    const position = { key, sites: 0 }
    const next = add(key, constant([0, 1], [2], 'uint32'))
    // From now on the trace reads the next state, which must lead back to the same position.
    this.#positions.set(key.node, position)
    this.#positions.set(next.node, position)
    this.state.assign(next)
    return position
  }
}

let current = new Generator(Math.floor(Math.random() * 2 ** 32))

/** The generator that draws are made from when none is named. */
export const currentGenerator = (): Generator => current

/**
 * Makes everything random that follows a function of this seed: initial weights, dropout, shuffling.
 *
 * @example
 * setRandomSeed(42)
 */
export function setRandomSeed(seed: number): void {
  current = new Generator(seed)
}

/** Runs `body` with another generator as the current one. */
export function withGenerator<T>(generator: Generator, body: () => T): T {
  const outer = current
  current = generator
  try {
    return body()
  } finally {
    current = outer
  }
}
