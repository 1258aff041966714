import type { Node } from '../graph/node.ts'
import { apply } from '../ops/apply.ts'
import { add } from '../ops/arithmetic.ts'
import { constant, fromData, type Tensor } from '../tensor/tensor.ts'
import {
  currentScope,
  type LoopBody,
  loopsBetween,
  rootScope,
  type VariableScope,
  withScope,
} from '../tensor/trace.ts'
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

/** The site of the keys that a loop's steps have. */
const loopSite = 0x7fff_ffff

/** Draws that code in a scope makes, or is to make again: with the keys that they have outside of the loops in it. */
interface Draws {
  readonly draws: Draw[]
  readonly scope: VariableScope | undefined
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
  #spawned = 0
  #recordings: ReadonlySet<Draws> = new Set()
  #replayed: Draws | undefined
  readonly #positions = new WeakMap<Node, Position>()

  /** @param seed a whole number; its lowest 32 bits count. */
  constructor(seed: number) {
    this.seed = seed >>> 0
    const initial = fromData(Uint32Array.of(this.seed, 0), [2], 'uint32')
    this.state = new Variable(initial, { name: 'random_state', trainable: false })
  }

  /**
   * The next draw. With a seed of its own it does not depend on the draws before it in the same step. In a loop's
   * body it is another one in every step of the loop.
   */
  draw(seed?: number): Draw {
    const replayed = this.#replayed?.draws.shift()
    const { key, site } = replayed ?? this.#next(seed)
    const scope = currentScope()
    const loops = loopsBetween(replayed && this.#replayed?.scope, scope)
    const keys = [key]
    for (const loop of loops) keys.push(keyOfStep(loop, keys.at(-1) as Tensor))
    for (const recording of this.#recordings) {
      // The loops around a recording are not repeated with it, those in it are.
      const around = loops.length - loopsBetween(recording.scope, scope).length
      recording.draws.push({ key: keys[around] as Tensor, site })
    }
    return { key: keys.at(-1) as Tensor, site }
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
    const recording: Draws = { draws: [], scope: currentScope() }
    const outer = this.#recordings
    this.#recordings = new Set([...outer, recording])
    try {
      return { value: body(), draws: recording.draws }
    } finally {
      this.#recordings = outer
    }
  }

  /** Runs `body` with these draws in place of new ones. What is recorded outside of it knows them already. */
  replaying<T>(draws: readonly Draw[], body: () => T): T {
    const [replayed, recordings] = [this.#replayed, this.#recordings]
    this.#replayed = { draws: [...draws], scope: currentScope() }
    this.#recordings = new Set()
    try {
      return body()
    } finally {
      this.#replayed = replayed
      this.#recordings = recordings
    }
  }

  #next(seed: number | undefined): Draw {
    // Differentiation, loops and checkpoints inside of a trace do not change what is drawn.
    const scope = rootScope()
    if (scope === undefined) {
      // Steps of traces count upwards from 0, those of eager draws downwards from the top.
      const step = seed === undefined ? ~this.#eagerDraws++ >>> 0 : 0
      const site = seed === undefined ? 0 : seededSite
      return { key: fromData(Uint32Array.of(seed ?? this.seed, step), [2], 'uint32'), site }
    }
    const position = withScope(scope, () => this.#position())
    return { key: position.key, site: seed === undefined ? position.sites++ : (seed | seededSite) >>> 0 }
  }

  #position(): Position {
    const key = this.state.value
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

/** The key of a step of a loop, of those that are drawn for all of its steps before it. */
const keyOfStep = (loop: LoopBody, key: Tensor): Tensor =>
  loop.sliceOf(key.node, () => apply('randomBits', [key], { shape: [loop.length, 2], site: loopSite }))

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
