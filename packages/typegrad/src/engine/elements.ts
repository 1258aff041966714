import { type DType, type TypedArray, typedArray } from '../base/dtype.ts'
import { DTypeError, EngineError, ShapeError } from '../base/errors.ts'
import { formatShape, type Shape, sameShape, sizeOf } from '../base/shape.ts'
import type { Storage, TensorSpec } from './engine.ts'

/** Refuses elements that are not a dtype's kind of typed array or do not fill a shape. */
export function checkElements(where: string, data: TypedArray, dtype: DType, shape: Shape): void {
  // The tag, not the constructor: a Buffer is a Uint8Array, and arrays of other realms are welcome.
  const expected = typedArray(dtype, 0)[Symbol.toStringTag]
  const received = data[Symbol.toStringTag]
  if (received !== expected) {
    throw new DTypeError({ where, expected: `a ${expected} for dtype ${dtype}`, received: `a ${received}` })
  }
  if (data.length !== sizeOf(shape)) {
    throw new ShapeError({
      where,
      expected: `${sizeOf(shape)} elements for shape ${formatShape(shape)}`,
      received: `${data.length}`,
    })
  }
}

export function copyElements(from: TypedArray, to: TypedArray): void {
  bytesOf(to).set(bytesOf(from))
}

/** The same memory as bytes. V8 moves small typed arrays until their buffer is asked for, as it is here. */
export function bytesOf(data: TypedArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

export function checkCount(kind: 'input' | 'output', specs: readonly TensorSpec[], received: number): void {
  if (specs.length === received) return
  throw new EngineError({
    where: 'run',
    expected: `${specs.length} ${kind}s (${specs.map(({ name }) => name).join(', ')})`,
    received: `${received}`,
  })
}

/** Refuses a storage that is not what a model's input or output needs. */
export function checkStorage(kind: 'input' | 'output', spec: TensorSpec, storage: Storage): void {
  if (storage.dtype !== spec.dtype) {
    throw new DTypeError({
      where: `run: ${kind} '${spec.name}'`,
      expected: `dtype ${spec.dtype}`,
      received: storage.dtype,
    })
  }
  if (!sameShape(storage.shape, spec.shape)) {
    throw new ShapeError({
      where: `run: ${kind} '${spec.name}'`,
      expected: `shape ${formatShape(spec.shape)}`,
      received: formatShape(storage.shape),
    })
  }
}
