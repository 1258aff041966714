/**
 * `generation/`: sequences of tokens continued by networks: caches, prompts, choices, beams, drafts. It knows `layers/`,
 * and models of `checkpoint/` by their network.
 */
import { arange, ops, type Tensor, tensor, Variable, zeros } from 'typegrad'
import type { Cache, CacheSizes, KeysAndValues } from '../layers/network.ts'

/**
 * Memory of the engine for the keys and values of some sequences, which compiled steps update in place. Many sequences
 * take turns in it (see {@link KeptStates}): what is compiled for it serves all of them.
 */
export class CacheMemory {
  readonly rows: number
  /** How many positions there is room for. */
  readonly capacity: number
  /**
   * Keys of block 0, its values, keys of block 1, …: each (rows, keyHeads, capacity, dim). Heads are in front, since
   * attention multiplies head by head: with positions in front, each step would turn all of the memory around.
   */
  readonly variables: readonly Variable[]
  tenant: WeakRef<KeptStates> | undefined

  constructor({ blocks, keyHeads, dim }: CacheSizes, rows: number, capacity: number) {
    this.rows = rows
    this.capacity = capacity
    this.variables = Array.from({ length: 2 * blocks }, (_, i) => {
      const name = `cache/${Math.floor(i / 2)}/${i % 2 === 0 ? 'keys' : 'values'}`
      return new Variable(zeros([rows, keyHeads, capacity, dim]), { name, trainable: false })
    })
  }
}

/**
 * The keys and values of some sequences: in their memory, or beside it while others use that. Copies are made as late as
 * possible: those that share what they keep write elsewhere first (the variable's memory is shared then).
 */
export class KeptStates {
  memory: CacheMemory
  /** Undefined while the memory holds them, and before there are any. */
  #aside: readonly Tensor[] | undefined

  constructor(memory: CacheMemory, aside?: readonly Tensor[]) {
    this.memory = memory
    this.#aside = aside
  }

  /** Brings them into their memory. What other sequences have there is put aside. */
  enter(): void {
    const { memory } = this
    const tenant = memory.tenant?.deref()
    if (tenant === this) return
    tenant?.leave()
    if (this.#aside !== undefined) fill(memory, this.#aside)
    this.#aside = undefined
    memory.tenant = new WeakRef(this)
  }

  /** What a step has just written is theirs, though a fork may have taken out what was there before. */
  wrote(): void {
    this.#aside = undefined
    this.memory.tenant = new WeakRef(this)
  }

  /** They have been written into another memory, which its tenant has left. */
  moveTo(memory: CacheMemory): void {
    this.release()
    this.memory = memory
    this.wrote()
  }

  /** Takes another memory, of which nothing has been written yet. */
  beginIn(memory: CacheMemory): void {
    this.release()
    this.memory = memory
  }

  /** The same for other sequences that begin alike. */
  fork(): KeptStates {
    if (this.memory.tenant?.deref() === this) this.leave()
    return new KeptStates(this.memory, this.#aside)
  }

  /** Gives up the memory: the next tenant need not keep them. */
  release(): void {
    if (this.memory.tenant?.deref() === this) this.memory.tenant = undefined
  }

  /** Takes them out of their memory, for others to have it. */
  leave(): void {
    this.#aside = this.memory.variables.map(({ value }) => value)
    this.memory.tenant = undefined
  }
}

function fill(memory: CacheMemory, values: readonly Tensor[]): void {
  for (const [i, value] of values.entries()) (memory.variables[i] as Variable).assign(value)
}

/** (batch, positions, heads, dim) ↔ (batch, heads, positions, dim) */
const exchanged = (x: Tensor): Tensor => x.transpose([0, 2, 1, 3])

/**
 * A memory as the layers of a traced step see it.
 *
 * @param offset where the step's first token stands: scalar int32.
 * @param cross keys and values over the encoder's output, as the memory has its own.
 */
export function cacheIn(memory: CacheMemory, offset: Tensor, cross: readonly Tensor[] = []): Cache {
  const extended = (i: number, x: Tensor): Tensor => {
    const variable = memory.variables[i] as Variable
    variable.assign(ops.dynamicUpdateSlice(variable.value, exchanged(x), [0, 0, offset, 0]))
    return exchanged(variable.value)
  }
  return {
    offset,
    extend: (block, keys, values) => ({
      keys: extended(2 * block, keys),
      values: extended(2 * block + 1, values),
    }),
    ...(cross.length > 0 && { cross: (block: number) => crossOf(cross, block) }),
  }
}

const crossOf = (cross: readonly Tensor[], block: number): KeysAndValues => ({
  keys: exchanged(cross[2 * block] as Tensor),
  values: exchanged(cross[2 * block + 1] as Tensor),
})

/** A cache that keeps nothing but keys and values over the encoder's output, for texts that are read at once. */
export const keptCross = (cross: readonly Tensor[]): Cache => ({
  offset: tensor(0, { dtype: 'int32' }),
  extend: (_, keys, values) => ({ keys, values }),
  cross: (block) => crossOf(cross, block),
})

/** A cache that keeps nothing, for the trace that only asks what a decoder makes of an encoder's output. */
export function crossCollector(offset: Tensor): { readonly cache: Cache; readonly cross: Tensor[] } {
  const made: Tensor[] = []
  const cross = (block: number, make: () => KeysAndValues): KeysAndValues => {
    const both = make()
    made[2 * block] = exchanged(both.keys)
    made[2 * block + 1] = exchanged(both.values)
    return both
  }
  return { cache: { offset, extend: (_, keys, values) => ({ keys, values }), cross }, cross: made }
}

/**
 * Sequences of one memory in another one of as many or more places: what is traced where sequences are chosen, repeated
 * or get more room.
 *
 * @param parents for each row of `to` the row of `from` that it continues: int32; undefined for the same rows.
 * @param shifts for each row of `to` how many positions later it begins: (rows, 1), int32; undefined for none.
 */
export function traceMove(
  from: CacheMemory,
  to: CacheMemory,
  parents: Tensor | undefined,
  shifts: Tensor | undefined,
): void {
  for (const [i, { value }] of from.variables.entries()) {
    const chosen = parents === undefined ? value : ops.gather(value, parents, 0)
    const [rows, heads, capacity, dim] = chosen.shape as readonly [number, number, number, number]
    const room = zeros([rows, heads, to.capacity - capacity, dim])
    const roomy = to.capacity === capacity ? chosen : ops.concat([chosen, room], 2)
    const target = to.variables[i] as Variable
    target.assign(shifts === undefined ? roomy : shifted(roomy, shifts))
  }
}

/** Moves each row's positions back by its shift. What stands before is any of them, and masked. */
function shifted(x: Tensor, shifts: Tensor): Tensor {
  const [rows, heads, capacity, dim] = x.shape as readonly [number, number, number, number]
  const positions = arange(0, capacity, 1, { dtype: 'int32' })
  const from = positions.sub(shifts).clip({ min: 0, max: capacity - 1 })
  return ops.takeAlongAxis(
    x,
    ops.broadcastTo(from.reshape([rows, 1, capacity, 1]), [rows, heads, capacity, dim]),
    2,
  )
}
