import type { DType } from '../base/dtype.ts'

/**
 * Dtypes as types: what the rules of promotion make of them, worked out by the compiler, so that `data()` of a
 * float32 tensor is a `Float32Array`. What is not known is `DType`, and never an error.
 */

type FloatingDType = 'float16' | 'bfloat16' | 'float32' | 'float64'

/** As `toFloating`: integers and bools become float32. */
export type Floating<D extends DType> = D extends FloatingDType ? D : 'float32'

/** As `numeric`: bools become int32. */
export type Numeric<D extends DType> = DType extends D ? DType : D extends 'bool' ? 'int32' : D

/** As `countable`: bools and bytes become int32. */
export type Countable<D extends DType> = DType extends D ? DType : D extends 'bool' | 'uint8' ? 'int32' : D

/** As `promoteTypes`, for every pair: the wider of two, where uint32 and int32 meet in int64, floats of 16 bits in float32. */
export type Promote<A extends DType, B extends DType> = A extends B
  ? B extends A
    ? A
    : Wider<A, B>
  : Wider<A, B>

// From wide to narrow; distributes over unions of both.
type Wider<A extends DType, B extends DType> = A extends DType
  ? B extends DType
    ? 'float64' extends A | B
      ? 'float64'
      : 'float32' extends A | B
        ? 'float32'
        : 'float16' extends A | B
          ? 'bfloat16' extends A | B
            ? 'float32'
            : 'float16'
          : 'bfloat16' extends A | B
            ? 'bfloat16'
            : 'int64' extends A | B
              ? 'int64'
              : 'int32' extends A | B
                ? 'uint32' extends A | B
                  ? 'int64'
                  : 'int32'
                : 'uint32' extends A | B
                  ? 'uint32'
                  : 'uint8' extends A | B
                    ? 'uint8'
                    : 'bool'
    : never
  : never

/** A plain number beside a tensor is weak: floats stay as they are, integers become what holds the number. */
export type BesideNumber<D extends DType> = DType extends D
  ? DType
  : D extends FloatingDType
    ? D
    : D | 'int32' | 'int64' | 'float32'

/** The dtype that a typed array stands for when none is named. */
export type DTypeOfArray<T> = T extends Float32Array
  ? 'float32'
  : T extends Float64Array
    ? 'float64'
    : T extends Int32Array
      ? 'int32'
      : T extends BigInt64Array
        ? 'int64'
        : T extends Uint32Array
          ? 'uint32'
          : T extends Uint8Array | Uint8ClampedArray
            ? 'uint8'
            : T extends ArrayBufferView
              ? DType
              : 'float32'

/** The dtype of nested arrays: bigints are int64, numbers and booleans float32, rows of typed arrays what these are. */
export type DTypeOfNested<T> = T extends readonly (infer E)[]
  ? [E] extends [never]
    ? 'float32'
    : DTypeOfNested<E>
  : T extends bigint
    ? 'int64'
    : DTypeOfArray<T>
