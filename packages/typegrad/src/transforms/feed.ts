import type { DType, TypedArray } from '../base/dtype.ts'
import { typedArray } from '../base/dtype.ts'
import { type Shape, sizeOf } from '../base/shape.ts'
import type { Engine, Storage } from '../engine/engine.ts'
import { Tensor } from '../tensor/tensor.ts'
import { currentContext, type EngineContext } from './engine-context.ts'

/**
 * A tensor whose elements are written anew for every call of a compiled function: the batch of a training
 * loop. The memory stays, so the engine prepares it once.
 */
export class Feed {
  readonly tensor: Tensor
  /** What to write into; `flush` makes it the tensor's value. No call that reads it may be under way. */
  readonly host: TypedArray
  readonly #on: EngineContext
  readonly #storage: Storage

  private constructor(on: EngineContext, storage: Storage) {
    this.#on = on
    this.#storage = storage
    this.tensor = new Tensor(on.leafOf(storage))
    this.host = storage.host ?? typedArray(storage.dtype, sizeOf(storage.shape))
  }

  /** @param engine whose memory it is; the engine in use by default. */
  static async create(dtype: DType, shape: Shape, engine?: Engine): Promise<Feed> {
    const on = await currentContext(engine)
    return new Feed(on, on.allocateRewritten({ dtype, shape }))
  }

  flush(): void | Promise<void> {
    return this.#storage.host === null ? this.#on.engine.write(this.#storage, this.host) : undefined
  }
}
