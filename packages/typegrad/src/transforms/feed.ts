import { type TypedArray, typedArray } from '../base/dtype.ts'
import { sizeOf } from '../base/shape.ts'
import type { Storage, TensorSpec } from '../engine/engine.ts'
import { Tensor } from '../tensor/tensor.ts'
import type { Runtime } from './runtime.ts'

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

  constructor(on: Runtime, spec: Pick<TensorSpec, 'dtype' | 'shape'>) {
    this.#runtime = on
    this.#storage = on.allocate(spec)
    this.tensor = new Tensor(on.leafOf(this.#storage))
    this.host = this.#storage.host ?? typedArray(spec.dtype, sizeOf(spec.shape))
  }

  flush(): void | Promise<void> {
    return this.#storage.host === null ? this.#runtime.engine.write(this.#storage, this.host) : undefined
  }
}
