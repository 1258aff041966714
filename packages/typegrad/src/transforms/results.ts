import { byteSize, type TypedArray, typedArray } from '../base/dtype.ts'
import { sizeOf } from '../base/shape.ts'
import { Pacer } from '../base/turn.ts'
import type { Storage } from '../engine/engine.ts'
import { makeNode, type Node } from '../graph/node.ts'
import type { Runtime } from './runtime.ts'

/** Up to here a copy costs less than memory that the engine has to know of. */
const smallBytes = 4096

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
  readonly #runtime: Runtime
  readonly #nodes: readonly Node[]
  readonly #kept: readonly (Storage | undefined)[]

  constructor(runtime: Runtime, nodes: readonly Node[]) {
    this.#runtime = runtime
    this.#nodes = nodes
    this.#kept = nodes.map((node) => {
      if (sizeOf(node.shape) * byteSize[node.dtype] > smallBytes) return undefined
      const storage = runtime.allocate(node)
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
    for (let i = 0; i < this.#nodes.length; i++) {
      storages.push(this.#storage(i))
      if (pacer.due()) await pacer.turn()
    }
    return storages
  }

  /** @param storages what `allocate` gave; made on the spot where nobody may wait. */
  begin(storages: Storage[] = this.#nodes.map((_, i) => this.#storage(i))): RunResults {
    const copies: [from: TypedArray, to: TypedArray][] = []
    const leaves = this.#nodes.map((node, i) => {
      const kept = this.#kept[i]
      if (kept === undefined) return this.#runtime.leafOf(storages[i] as Storage)
      const host = typedArray(node.dtype, sizeOf(node.shape))
      copies.push([kept.host as TypedArray, host])
      return makeNode('data', [], { source: { host, dtype: node.dtype, shape: node.shape } })
    })
    return {
      storages,
      leaves,
      deliver: () => {
        // Both are of the node's dtype; TypeScript has no signature of set() for a union of arrays.
        for (const [from, to] of copies) (to as Float32Array).set(from as Float32Array)
      },
    }
  }
  #storage(i: number): Storage {
    return this.#kept[i] ?? this.#runtime.allocate(this.#nodes[i] as Node)
  }
}

/** A run and then the delivery of its results, without a promise where the run needs none. */
export function runAndDeliver(run: () => void | Promise<void>, results: RunResults): void | Promise<void> {
  const running = run()
  if (running !== undefined) return running.then(results.deliver)
  results.deliver()
}
