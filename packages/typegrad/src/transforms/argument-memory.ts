import type { DType, TypedArray } from '../base/dtype.ts'
import { bytesOf, type Shape } from '../base/shape.ts'
import type { Storage } from '../engine/engine.ts'
import type { DataSource } from '../graph/node.ts'
import type { EngineContext } from './engine-context.ts'
import { type Copy, smallBytes } from './results.ts'

/**
 * Where a program reads one of its arguments. Small ones that the engine does not know yet (the sample of a request, a
 * batch of labels) are copied into memory that the program keeps, when its run begins. Memory of their own would have
 * to be described to the runtime at every call, and only a full garbage collection would take that back.
 */
export class ArgumentMemory {
  readonly #on: EngineContext
  readonly #dtype: DType
  readonly #shape: Shape
  readonly #isSmall: boolean
  #kept: Storage | undefined

  constructor(on: EngineContext, dtype: DType, shape: Shape) {
    this.#on = on
    this.#dtype = dtype
    this.#shape = shape
    this.#isSmall = bytesOf({ dtype, shape }) <= smallBytes
  }

  /** @param copies to which is added what must be copied before the run. */
  of(source: DataSource, copies: Copy[]): Storage {
    const known = this.#on.knownStorageOf(source)
    if (known !== undefined) return known
    if (!this.#isSmall || source.host === null) return this.#on.storageOf(source)
    this.#kept ??= this.#on.allocate({ dtype: this.#dtype, shape: this.#shape })
    if (this.#kept.host === null) return this.#on.storageOf(source)
    copies.push([source.host, this.#kept.host as TypedArray])
    return this.#kept
  }
}
