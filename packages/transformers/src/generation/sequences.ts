import type { Tensor } from 'typegrad'
import type { KeptStates } from './cache-memory.ts'

/** What a decoder is told of an encoder's output at each step. */
export interface Encoded {
  /** (rows, positions, features) */
  readonly states: Tensor
  /** Which positions count: (rows, positions). */
  readonly mask?: Tensor
  /** Keys and values over the states, as `cacheIn` takes them. */
  readonly cross: readonly Tensor[]
}

/** Sequences that a network reads together, a row each: what it has read of them, and what is kept of that. */
export class Sequences {
  readonly states: KeptStates
  /** How many positions have been read, padding included. */
  length: number
  /** How many of them are padding, at the beginning of each row. */
  pads: readonly number[]
  /** What they are written about, where there is an encoder. */
  encoded: Encoded | undefined

  constructor(states: KeptStates, length: number, pads: readonly number[], encoded?: Encoded) {
    this.states = states
    this.length = length
    this.pads = pads
    this.encoded = encoded
  }

  /** Others that begin with what these have read. Nothing is computed, and nothing copied before one of them reads on. */
  fork(): Sequences {
    return new Sequences(this.states.fork(), this.length, this.pads, this.encoded)
  }
}
