import { type DType, type TypedArray, typedArray } from '../base/dtype.ts'
import { bytesOf, type Shape, sizeOf } from '../base/shape.ts'
import { Pacer } from '../base/turn.ts'
import type { Storage } from '../engine/engine.ts'
import { makeNode, type Node } from '../graph/node.ts'
import type { EngineContext } from './engine-context.ts'

/** Up to here a copy costs less than memory that the engine has to know of. */
export const smallBytes = 4096

/** Elements that are copied, of one dtype and number. */
export type Copy = readonly [from: TypedArray, to: TypedArray]

export function copyAll(copies: readonly Copy[]): void {
  // TypeScript has no signature of set() for a union of arrays.
  for (const [from, to] of copies) (to as Float32Array).set(from as Float32Array)
}

/**
 * What a result looks like. A node would keep its whole graph alive, and with it what that graph was computed to be:
 * a program is kept, so the first values of all weights and slots of a model would be.
 */
interface ResultSpec {
  readonly dtype: DType
  readonly shape: Shape
}

/** The results of one run: where the model writes them, and the leaves that stand for them afterwards. */
export interface RunResults {
  readonly storages: Storage[]
  readonly leaves: readonly Node[]
  /** To be called when the run has ended, before the next one. */
  deliver(): void
}

/**
 * Where a program's results go. Large ones get memory of their own at each run. Small ones (a loss, a few logs)
 * are written into memory that the program keeps and copied out: memory that the engine describes to the runtime
 * can only be collected by a full garbage collection, and ten thousand losses of it were 9 MB.
 */
export class Results {
  readonly #on: EngineContext
  readonly #specs: readonly ResultSpec[]
  readonly #kept: readonly (Storage | undefined)[]

  constructor(on: EngineContext, nodes: readonly Node[]) {
    this.#on = on
    this.#specs = nodes.map(({ dtype, shape }) => ({ dtype, shape }))
    this.#kept = this.#specs.map((spec) => {
      if (bytesOf(spec) > smallBytes) return undefined
      const storage = on.allocate(spec)
      return storage.host === null ? undefined : storage
    })
  }

  /**
   * Memory for one run. All of a large model's first weights at once would hold up the event loop: hundreds of
   * megabytes make the garbage collector look around.
   */
  async allocate(): Promise<Storage[]> {
    const pacer = new Pacer()
    const storages: Storage[] = []
    for (let i = 0; i < this.#specs.length; i++) {
      storages.push(this.#storage(i))
      if (pacer.due()) await pacer.turn()
    }
    return storages
  }

  /** @param storages what `allocate` gave; made on the spot where the caller cannot wait. */
  begin(storages: Storage[] = this.#specs.map((_, i) => this.#storage(i))): RunResults {
    const copies: Copy[] = []
    const leaves = this.#specs.map(({ dtype, shape }, i) => {
      const kept = this.#kept[i]
      if (kept === undefined) return this.#on.leafOf(storages[i] as Storage)
      const host = typedArray(dtype, sizeOf(shape))
      copies.push([kept.host as TypedArray, host])
      return makeNode('data', [], { source: { host, dtype, shape } })
    })
    return {
      storages,
      leaves,
      deliver: () => copyAll(copies),
    }
  }
  #storage(i: number): Storage {
    return this.#kept[i] ?? this.#on.allocate(this.#specs[i] as ResultSpec)
  }
}

/** A run and then the delivery of its results, without a promise where the run needs none. */
export function runAndDeliver(run: () => void | Promise<void>, results: RunResults): void | Promise<void> {
  const running = run()
  if (running !== undefined) return running.then(results.deliver)
  results.deliver()
}
