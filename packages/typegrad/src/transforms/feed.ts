import type { DType, TypedArray } from '../base/dtype.ts'
import { typedArray } from '../base/dtype.ts'
import { type Shape, sizeOf } from '../base/shape.ts'
import type { Storage } from '../engine/engine.ts'
import { Tensor } from '../tensor/tensor.ts'
import { type Runtime, runtime } from './runtime.ts'

/**
 * A tensor whose elements are written anew for every call of a compiled function: the batch of a training
 * loop. The memory stays, so the engine prepares it once.
 */
export class Feed {
  readonly tensor: Tensor
  /** What to write into; `flush` makes it the tensor's value. No call that reads it may be under way. */
  readonly host: TypedArray
  readonly #runtime: Runtime
  readonly #storage: Storage

  private constructor(on: Runtime, storage: Storage) {
    this.#runtime = on
    this.#storage = storage
    this.tensor = new Tensor(on.leafOf(storage))
    this.host = storage.host ?? typedArray(storage.dtype, sizeOf(storage.shape))
  }

  static async create(dtype: DType, shape: Shape): Promise<Feed> {
    const on = await runtime()
    return new Feed(on, on.allocate({ dtype, shape }))
  }

  flush(): void | Promise<void> {
    return this.#storage.host === null ? this.#runtime.engine.write(this.#storage, this.host) : undefined
  }
}
