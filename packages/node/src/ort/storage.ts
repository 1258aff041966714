import { bytesOf, type DType, dtypeCode, type Shape, type Storage, type TypedArray } from 'typegrad/engine'
import type { Api, Pointer } from './library.ts'
import { addressOf, check, outPointer, type Runtime } from './runtime.ts'

let count = 0

/**
 * A storage with its OrtValue, the runtime's own description of a tensor: freed when the storage is garbage.
 *
 * What a FinalizationRegistry watches outlives V8's quick collections of young objects, with all that it refers to. An
 * object of its own is watched, therefore, which does not refer to the elements: those of a result that is read once
 * and dropped go with the next quick collection. Had they to wait for a full one, they would bring it on: 100 calls with
 * results of 6 MB took 34 of them, and three times the processor's time.
 */
export abstract class NodeStorage implements Storage {
  /** Tells storages apart without keeping them alive, as a reference would. */
  readonly id = ++count
  readonly dtype: DType
  readonly shape: Shape
  abstract readonly host: TypedArray | null
  /** The `OrtValue *`. */
  readonly value: Pointer
  /** Garbage no sooner than the storage. */
  readonly #watched = {}

  constructor({ api }: Runtime, value: Pointer, dtype: DType, shape: Shape) {
    this.dtype = dtype
    this.shape = shape
    this.value = value
    garbageValues.register(this.#watched, { api, value })
  }
}

const garbageValues = new FinalizationRegistry<{ api: Api; value: Pointer }>(({ api, value }) => {
  api.releaseValue(value)
})

/** What tensors without elements point at: the runtime wants an address that is not null. */
const nothing = new Uint8Array(new ArrayBuffer(64))

export class HostStorage extends NodeStorage {
  readonly host: TypedArray

  constructor(runtime: Runtime, host: TypedArray, dtype: DType, shape: Shape) {
    super(runtime, describe(runtime, host, dtype, shape), dtype, shape)
    this.host = host
  }
}

/** An OrtValue whose elements are these. */
function describe({ api, cpuMemory }: Runtime, host: TypedArray, dtype: DType, shape: Shape): Pointer {
  // Asking for the buffer moves a small typed array out of V8's heap, to where it stays.
  const bytes = host.byteLength === 0 ? nothing : bytesOf(host)
  return outPointer((out) =>
    check(
      api,
      'storage',
      api.createTensorWithData(
        cpuMemory,
        addressOf(bytes),
        host.byteLength,
        dimensions(shape),
        shape.length,
        dtypeCode[dtype],
        out,
      ),
    ),
  )
}

/** An `int64_t[]` for C; never empty, for that would be a null pointer. */
export function dimensions(shape: Shape): BigInt64Array {
  return BigInt64Array.from(shape.length === 0 ? [0n] : shape.map(BigInt))
}
