import { copyInSlices } from '../base/copy.ts'
import type { DType, TypedArray } from '../base/dtype.ts'
import { StateError } from '../base/errors.ts'
import { gate } from '../base/gate.ts'
import { hiddenField } from '../base/hidden-field.ts'
import { formatShape, type Shape } from '../base/shape.ts'
import type { Engine, Storage } from '../engine/engine.ts'
import { defaultEngine, getEngine } from '../engine/select.ts'
import type { DataSource } from '../graph/node.ts'
import { makeNode, type Node } from '../graph/node.ts'
import { CallOrder } from './call-order.ts'
import { PackedWeights } from './packed-weights.ts'
import { ProgramCache } from './program-cache.ts'

/** The contexts of all engines: one as a rule. They do not keep them alive. */
const all = new Set<WeakRef<EngineContext>>()

/** Memory that JavaScript does not see can be read as long as its engine lives: it keeps it alive. */
const keepers = new WeakMap<Storage, EngineContext>()

/** The leaf of each storage. */
const leaves = hiddenField<Storage, Node>()

/** Whether a value may be in the memory of another engine: most programs have one alone, and need not look. */
export const areSeveralEngines = (): boolean => all.size > 1

/**
 * The context whose runs write a source, and may have yet to write it; undefined for memory of the program's own, which is
 * there already.
 */
export function ownerOf(source: DataSource): EngineContext | undefined {
  for (const reference of all) {
    const context = reference.deref()
    if (context === undefined) all.delete(reference)
    else if (context.owns(source)) return context
  }
  return undefined
}

/** A variable's value on an engine that does not hold it. */
interface VariableCopy {
  /** The variable's, of this value. */
  readonly version: number
  readonly storage: Storage
}

/**
 * An engine with what is known of memory on it: storages, programs, and a queue in which runs go one after another, in
 * the order of the calls. It lives as long as its engine. Those of two engines know nothing of each other: a value of
 * another one's is copied here through main memory (`bring`).
 */
export class EngineContext {
  readonly engine: Engine
  /** The storages of this engine, which are sources too and stand for themselves. */
  readonly #owned = new WeakSet<DataSource>()
  /** The storages of other sources: over their own elements, and in memory of a device. */
  readonly #views = hiddenField<DataSource, Storage>()
  readonly #copies = new WeakMap<DataSource, Storage>()
  /** Memory that a variable's last update left behind, to be written by the next. */
  readonly spares = new WeakMap<object, Storage>()
  /** Variables of which another engine holds the value, as they were when they were last read here. */
  readonly copies = new WeakMap<object, VariableCopy>()
  /** The programs of all compiled functions. */
  readonly programs: ProgramCache
  /** What these hold of weights in an order of their own. */
  readonly packed: PackedWeights
  /** In which order calls of compiled functions begin. */
  readonly calls = new CallOrder()
  /** Storages whose elements the program writes anew between runs, so that a copy on another engine is soon out of date. */
  readonly #rewritten = new WeakSet<DataSource>()
  #tail: Promise<void> | undefined

  constructor(engine: Engine) {
    this.engine = engine
    this.programs = new ProgramCache(this, engine.programBytes)
    this.packed = new PackedWeights(engine.packedBytes)
  }

  /** Memory of this engine with a source's elements. Those of another engine have to be brought here before. */
  storageOf(source: DataSource): Storage {
    const known = this.knownStorageOf(source)
    if (known !== undefined) return known
    if (source.host === null || ownerOf(source) !== undefined) throw notBrought(source, this.engine)
    return this.#keep(source, source.host)
  }

  /** The memory that this engine knows already to hold a source's elements. */
  knownStorageOf(source: DataSource): Storage | undefined {
    if (this.#owned.has(source)) return source as Storage
    return this.#views.get(source) ?? this.#copies.get(source)
  }

  /** Whether a source is memory of this engine. */
  owns(source: DataSource): boolean {
    return this.#owned.has(source)
  }

  /** Whether a source's elements are in the memory of another engine. */
  isForeign(source: DataSource): boolean {
    if (!areSeveralEngines()) return false
    const owner = ownerOf(source)
    return owner !== undefined && owner !== this
  }

  /** Copies what other engines hold of these sources, once; undefined if there is nothing to copy. */
  bring(sources: Iterable<DataSource>): Promise<void> | undefined {
    if (!areSeveralEngines()) return undefined
    const missing = [...sources].filter((source) => {
      const owner = ownerOf(source)
      if (owner === undefined || owner === this) return false
      return owner.#rewritten.has(source) || this.knownStorageOf(source) === undefined
    })
    if (missing.length === 0) return undefined
    const copying = missing.map(async (source) => {
      this.#keep(source, await elementsOf(source))
    })
    return Promise.all(copying).then(() => {})
  }

  #keep(source: DataSource, elements: TypedArray): Storage {
    const storage = this.upload(elements, source)
    const kept = storage.host === null ? this.#copies : this.#views
    kept.set(source, storage)
    return storage
  }

  /** Memory of this engine with these elements, which become its own. */
  upload(elements: TypedArray, { dtype, shape }: { readonly dtype: DType; readonly shape: Shape }): Storage {
    return this.#own(this.engine.upload(elements, dtype, shape))
  }

  /** New memory for a value of this shape and dtype. */
  allocate({ dtype, shape }: { readonly dtype: DType; readonly shape: Shape }): Storage {
    return this.#own(this.engine.allocate(dtype, shape))
  }

  /** New memory that the program writes itself, again and again, when no run reads it. */
  allocateRewritten(like: { readonly dtype: DType; readonly shape: Shape }): Storage {
    const storage = this.allocate(like)
    this.#rewritten.add(storage)
    return storage
  }

  #own(storage: Storage): Storage {
    if (storage.host === null) keepers.set(storage, this)
    this.#owned.add(storage)
    return storage
  }

  /** The one leaf node of a storage. */
  leafOf(storage: Storage): Node {
    const known = leaves.get(storage)
    if (known !== undefined) return known
    const leaf = makeNode('data', [], { source: storage })
    leaves.set(storage, leaf)
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

/**
 * A copy of a source's elements, as they are behind the runs that are queued now on the engine that holds them, and in
 * front of those that come later.
 */
export async function elementsOf(source: DataSource): Promise<TypedArray> {
  const owner = ownerOf(source)
  if (owner === undefined) return copyInSlices(hostOf(source))
  let elements: TypedArray | undefined
  await owner.enqueue(async () => {
    elements =
      source.host === null
        ? // An owner's sources are its storages.
          await owner.engine.read(source as Storage)
        : await copyInSlices(source.host)
  })
  return elements as TypedArray
}

function hostOf({ host }: DataSource): TypedArray {
  if (host === null) throw new StateError('engine: a storage that no engine of this process has made')
  return host
}

const notBrought = ({ dtype, shape }: DataSource, engine: Engine): StateError =>
  new StateError(
    `engine: ${dtype} ${formatShape(shape)} of another engine was not copied to '${engine.name}' before it is read there`,
  )

const contexts = new WeakMap<Engine, EngineContext>()

/** The context of an engine, the same for as long as the engine lives. */
export function contextOf(engine: Engine): EngineContext {
  const known = contexts.get(engine)
  if (known !== undefined) return known
  const made = new EngineContext(engine)
  all.add(new WeakRef(made))
  contexts.set(engine, made)
  return made
}

/**
 * The context of the engine that was chosen, of `withEngine`'s or else of the default one; a promise only where an
 * engine has to be started first.
 */
export function currentContext(
  chosen: Engine | undefined = getEngine(),
): EngineContext | Promise<EngineContext> {
  return chosen === undefined ? defaultEngine().then(contextOf) : contextOf(chosen)
}

/** Calls that were made before there was a default engine. */
const early = new CallOrder()

/** Begins a call of a compiled function on the engine that was chosen, behind the calls that were made before on it. */
export function beginOn<T>(chosen: Engine | undefined, call: (on: EngineContext) => Promise<T>): Promise<T> {
  const engine = chosen ?? (early.isIdle ? getEngine() : undefined)
  if (engine !== undefined) {
    const on = contextOf(engine)
    return on.calls.begin(() => call(on))
  }
  return early.begin(async () => {
    const on = await currentContext()
    return on.calls.begin(() => call(on))
  })
}
