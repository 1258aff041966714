import { copyInto } from '../base/copy.ts'
import { ShapeError, StateError } from '../base/errors.ts'
import { Pacer } from '../base/turn.ts'
import type { Storage } from '../engine/engine.ts'
import type { DataSource, Node } from '../graph/node.ts'
import type { Variable } from '../tensor/variable.ts'
import { type EngineContext, elementsOf, ownerOf } from './engine-context.ts'

/**
 * A variable as one compiled function knows it: the storage that its value is in on one engine, and the one that its
 * next value goes to. An update is written over the old value where the plan allows it (`in-place.ts`); otherwise two
 * storages take turns, the one that is free being kept as the variable's spare. A value that another tensor may hold
 * (`variable.shared`) is never written over.
 *
 * The variable's value is in the memory of the engine that assigned it last. Another engine reads a copy (`bring`), until
 * it assigns the variable itself.
 */
export class VariableMemory {
  readonly variable: Variable
  readonly #on: EngineContext
  /** The storage is looked up again only when the variable's node has changed. */
  #node: Node | undefined
  #storage: Storage | undefined

  constructor(on: EngineContext, variable: Variable) {
    this.#on = on
    this.variable = variable
  }

  /** Whether the variable's value has yet to be computed. */
  get isPending(): boolean {
    return this.variable.node.kind !== 'data'
  }

  /** Whether another engine holds the value. */
  get isForeign(): boolean {
    const { node } = this.variable
    return node !== this.#node && node.kind === 'data' && this.#on.isForeign(node.params.source)
  }

  /**
   * Copies the value that another engine holds, as it is behind that engine's runs that are queued now; undefined if
   * there is nothing to copy.
   */
  bring(): Promise<void> | undefined {
    const { variable } = this
    const { copies } = this.#on
    const { version } = variable
    return this.isForeign && copies.get(variable)?.version !== version ? this.#copy(version) : undefined
  }

  async #copy(version: number): Promise<void> {
    const { variable } = this
    const storage = this.#on.upload(await elementsOf(sourceOf(variable.node)), variable)
    this.#on.copies.set(variable, { version, storage })
  }

  /** Where the value is, or the last copy of it; a value that this engine has not had yet is uploaded. */
  get storage(): Storage {
    const { variable } = this
    const { node } = variable
    if (this.#node === node && this.#storage !== undefined) return this.#storage
    if (this.isForeign) return this.#copied()
    const source = sourceOf(node)
    const storage = this.#on.storageOf(source)
    // Memory of the program's own that only the variable holds is this engine's from now on: others must not read it
    // while runs write there.
    if (!variable.shared && ownerOf(source) === undefined) this.#adopt(storage)
    this.#storage = storage
    this.#node = variable.node
    return storage
  }

  #copied(): Storage {
    const copy = this.#on.copies.get(this.variable)
    if (copy !== undefined) return copy.storage
    throw new StateError(`variable ${this.variable.name}: read on an engine before it was copied there`)
  }

  /** Where the next value goes, which is the variable's storage from now on. */
  next(inPlace: boolean): Storage {
    const { variable } = this
    const { spares, copies } = this.#on
    variable.changed()
    if (this.isForeign) {
      this.#adopt(this.#copied())
      copies.delete(variable)
      variable.shared = false
    }
    const isOwn = !this.isPending && !variable.shared
    if (isOwn && inPlace) return this.storage
    const next = spares.get(variable) ?? this.#on.allocate(variable)
    // Other tensors may hold the old value: it stays theirs.
    if (isOwn) spares.set(variable, this.storage)
    else spares.delete(variable)
    this.#adopt(next)
    variable.shared = false
    return next
  }

  /** Takes the memory that the first update needs. */
  async reserve(inPlace: boolean): Promise<void> {
    const { variable } = this
    // What is pending yet becomes the variable's own, as a rule, when it is computed.
    const isOwn = !variable.shared || this.isPending || this.isForeign
    if (inPlace && (isOwn || (await this.#takeCopy()))) return
    if (!this.#on.spares.has(variable)) this.#on.spares.set(variable, this.#on.allocate(variable))
  }

  /**
   * Gives the variable memory of its own with the value that other tensors may hold. What it leaves behind can be
   * collected before the first call, which takes more memory than any other.
   *
   * @returns false on a device whose memory JavaScript does not see.
   */
  async #takeCopy(): Promise<boolean> {
    const { variable } = this
    const { node } = variable
    const { host } = this.storage
    const own = host === null ? undefined : this.#on.allocate(variable)
    if (host === null || own === undefined || own.host === null) return false
    const target = own.host
    // A run that is under way may be writing what is copied.
    await this.#on.enqueue(() => copyInto(target, host))
    // A newer assignment wins.
    if (variable.node !== node) return false
    this.#adopt(own)
    variable.shared = false
    return true
  }

  #adopt(storage: Storage): void {
    this.#storage = storage
    this.#node = this.#on.leafOf(storage)
    this.variable.node = this.#node
  }
}

/** A variable that a function assigns. */
export interface Update {
  readonly memory: VariableMemory
  /** Whether the new value may be written over the old one. */
  readonly inPlace: boolean
}

/**
 * Takes the memory that a function's first call writes new values into. All of a large model's at once would hold up the
 * event loop: hundreds of megabytes make the garbage collector look around.
 */
export async function reserveAll(updates: readonly Update[]): Promise<void> {
  const pacer = new Pacer()
  for (const { memory, inPlace } of updates) {
    await memory.reserve(inPlace)
    if (pacer.due()) await pacer.turn()
  }
}

/** The memory that a value in memory is in. */
export function sourceOf(node: Node): DataSource {
  if (node.kind !== 'data') throw new ShapeError('compile: a value is pending after its evaluation')
  return node.params.source
}
