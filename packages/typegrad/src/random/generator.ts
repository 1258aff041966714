import type { Node } from '../graph/node.ts'
import { add } from '../ops/arithmetic.ts'
import { constant, fromData, type Tensor } from '../tensor/tensor.ts'
import { rootScope, withScope } from '../tensor/trace.ts'
import { Variable } from '../tensor/variable.ts'
import { hash32 } from './host.ts'

/** What a draw is a function of: the key, and which draw of its step it is. */
export interface Draw {
  /** [seed, step] as uint32. */
  readonly key: Tensor
  readonly site: number
}

/** Sites from here on belong to draws with seeds of their own; none of the others reaches so far. */
const seededSite = 0x4000_0000

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
  #spawned = 0
  readonly #recordings = new Set<Draw[]>()
  #replayed: Draw[] | undefined
  readonly #positions = new WeakMap<Node, Position>()

  /** @param seed a whole number; its lowest 32 bits count. */
  constructor(seed: number) {
    this.seed = seed >>> 0
    const initial = fromData(Uint32Array.of(this.seed, 0), [2], 'uint32')
    this.state = new Variable(initial as Tensor, { name: 'random_state', trainable: false })
  }

  /** The next draw. With a seed of its own it does not depend on the draws before it in the same step. */
  draw(seed?: number): Draw {
    const draw = this.#replayed?.shift() ?? this.#next(seed)
    for (const recording of this.#recordings) recording.push(draw)
    return draw
  }

  /**
   * A generator of its own for a part of the program, such as a model: a function of this one's seed and of
   * how many there were before, so that parts neither repeat nor disturb each other.
   */
  spawn(): Generator {
    this.#spawned += 1
    return new Generator(hash32(this.seed ^ hash32(this.#spawned)))
  }

  /** Runs `body` and notes the draws that it makes. */
  recording<T>(body: () => T): { readonly value: T; readonly draws: readonly Draw[] } {
    const draws: Draw[] = []
    this.#recordings.add(draws)
    try {
      return { value: body(), draws }
    } finally {
      this.#recordings.delete(draws)
    }
  }

  /** Runs `body` with these draws in place of new ones. */
  replaying<T>(draws: readonly Draw[], body: () => T): T {
    const outer = this.#replayed
    this.#replayed = [...draws]
    try {
      return body()
    } finally {
      this.#replayed = outer
    }
  }

  #next(seed: number | undefined): Draw {
    // Differentiation, loops and checkpoints inside of a trace do not change what is drawn.
    const scope = rootScope()
    if (scope === undefined) {
      // Steps of traces count upwards from 0, those of eager draws downwards from the top.
      const step = seed === undefined ? ~this.#eagerDraws++ >>> 0 : 0
      const site = seed === undefined ? 0 : seededSite
      return { key: fromData(Uint32Array.of(seed ?? this.seed, step), [2], 'uint32') as Tensor, site }
    }
    const position = withScope(scope, () => this.#position())
    return { key: position.key, site: seed === undefined ? position.sites++ : (seed | seededSite) >>> 0 }
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
