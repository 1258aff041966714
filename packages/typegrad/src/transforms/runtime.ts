import type { DType } from '../base/dtype.ts'
import { gate } from '../base/gate.ts'
import type { Shape } from '../base/shape.ts'
import type { Engine, Storage } from '../engine/engine.ts'
import { defaultEngine, getEngine } from '../engine/select.ts'
import type { DataSource } from '../graph/node.ts'
import { makeNode, type Node } from '../graph/node.ts'
import { PackedWeights } from './packed-weights.ts'
import { ProgramCache } from './program-cache.ts'

/** An engine with what is known of memory on it. Runs go one after another, in the order of the calls. */
export class Runtime {
  readonly engine: Engine
  /** The storage of each source on this engine; a storage stands for itself. */
  readonly #storages = new WeakMap<DataSource, Storage>()
  readonly #leaves = new WeakMap<Storage, Node>()
  /** Memory that a variable's last update left behind, to be written by the next. */
  readonly spares = new WeakMap<object, Storage>()
  /** The programs of all compiled functions. */
  readonly programs: ProgramCache
  /** What these hold of weights in an order of their own. */
  readonly packed: PackedWeights
  #tail: Promise<void> | undefined

  constructor(engine: Engine) {
    this.engine = engine
    this.programs = new ProgramCache(this, engine.programBytes)
    this.packed = new PackedWeights(engine.packedBytes)
  }

  /** Memory of this engine with a source's elements. */
  storageOf(source: DataSource): Storage {
    const known = this.knownStorageOf(source)
    if (known !== undefined) return known
    if (source.host === null) throw new Error('a tensor on another device cannot be used here: read it first')
    const storage = this.engine.upload(source.host, source.dtype, source.shape)
    this.#storages.set(source, storage)
    return storage
  }

  /** The memory that this engine knows already to hold a source's elements. */
  knownStorageOf(source: DataSource): Storage | undefined {
    return this.#storages.get(source)
  }

  /** New memory for a value of this shape and dtype. */
  allocate({ dtype, shape }: { readonly dtype: DType; readonly shape: Shape }): Storage {
    const storage = this.engine.allocate(dtype, shape)
    this.#storages.set(storage, storage)
    return storage
  }

  /** The one leaf node of a storage. */
  leafOf(storage: Storage): Node {
    const known = this.#leaves.get(storage)
    if (known !== undefined) return known
    const leaf = makeNode('data', [], { source: storage })
    this.#leaves.set(storage, leaf)
    return leaf
  }

  /** Runs `work` once all that was enqueued before has ended; at once, and without a promise, if nothing waits. */
  enqueue(work: () => void | Promise<void>): void | Promise<void> {
    if (this.#tail === undefined) {
      const running = work()
      return running === undefined ? undefined : this.#follow(running)
    }
    return this.#follow(this.#tail.then(work))
  }

  async #follow(running: Promise<void>): Promise<void> {
    // The next run in the queue does not depend on how the one before it ended.
    const { opened, open } = gate()
    this.#tail = opened
    try {
      await running
    } finally {
      if (this.#tail === opened) this.#tail = undefined
      open()
    }
  }
}

let current: Runtime | undefined

/** The runtime of the engine in use; a promise only where an engine has to be started first. */
export function runtime(): Runtime | Promise<Runtime> {
  const engine = getEngine()
  return engine === undefined ? defaultEngine().then(runtimeOf) : runtimeOf(engine)
}

function runtimeOf(engine: Engine): Runtime {
  if (current?.engine !== engine) current = new Runtime(engine)
  return current
}
