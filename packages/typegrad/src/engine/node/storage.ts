import type { DType, TypedArray } from '../../base/dtype.ts'
import type { Shape } from '../../base/shape.ts'
import { dtypeCode } from '../../onnx/fields.ts'
import { bytesOf } from '../elements.ts'
import type { Storage } from '../engine.ts'
import type { Api, Pointer } from './library.ts'
import { addressOf, check, outPointer, type Runtime } from './runtime.ts'

let count = 0

/** A storage with its OrtValue, the runtime's own description of a tensor: made once, freed when garbage. */
export abstract class NodeStorage implements Storage {
  /** Tells storages apart without keeping them alive, as a reference would. */
  readonly id = ++count
  readonly dtype: DType
  readonly shape: Shape
  abstract readonly host: TypedArray | null
  #value: Pointer | undefined

  constructor(dtype: DType, shape: Shape) {
    this.dtype = dtype
    this.shape = shape
  }

  /** The `OrtValue *` of this storage. */
  value(runtime: Runtime): Pointer {
    if (this.#value === undefined) {
      this.#value = this.createValue(runtime)
      garbageValues.register(this, { api: runtime.api, value: this.#value })
    }
    return this.#value
  }

  protected abstract createValue(runtime: Runtime): Pointer
}

const garbageValues = new FinalizationRegistry<{ api: Api; value: Pointer }>(({ api, value }) => {
  api.releaseValue(value)
})

/** What tensors without elements point at: the runtime wants an address that is not null. */
const nothing = new Uint8Array(new ArrayBuffer(64))

export class HostStorage extends NodeStorage {
  readonly host: TypedArray

  constructor(host: TypedArray, dtype: DType, shape: Shape) {
    super(dtype, shape)
    this.host = host
  }

  protected createValue({ api, cpuMemory }: Runtime): Pointer {
    // Asking for the buffer moves a small typed array out of V8's heap, to where it stays.
    const bytes = this.host.byteLength === 0 ? nothing : bytesOf(this.host)
    const shape = dimensions(this.shape)
    return outPointer((out) =>
      check(
        api,
        'storage',
        api.createTensorWithData(
          cpuMemory,
          addressOf(bytes),
          this.host.byteLength,
          shape,
          this.shape.length,
          dtypeCode[this.dtype],
          out,
        ),
      ),
    )
  }
}

/** An `int64_t[]` for C; never empty, for that would be a null pointer. */
export function dimensions(shape: Shape): BigInt64Array {
  return BigInt64Array.from(shape.length === 0 ? [0n] : shape.map(BigInt))
}
