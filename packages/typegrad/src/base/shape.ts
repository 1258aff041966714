import { byteSize, type DType } from './dtype.ts'

/** Sizes of a tensor's dimensions, outermost first; `[]` is a scalar. */
export type Shape = readonly number[]

/** A shape that was written as a constant, as the tuple that types of tensors are written with: `[3, 1]`. */
export type Mutable<S extends Shape> = number extends S['length'] ? S : { -readonly [K in keyof S]: S[K] }

/** Number of elements: the product of the dimensions, 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  let size = 1
  for (const dimension of shape) size *= dimension
  return size
}

/** Memory of a tensor's elements, in bytes. */
export const bytesOf = ({ dtype, shape }: { readonly dtype: DType; readonly shape: Shape }): number =>
  byteSize[dtype] * sizeOf(shape)

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dimension, i) => dimension === b[i])
}

/** Elements to step over in row-major memory to move by one along each dimension. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length)
  let stride = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride
    stride *= shape[i] as number
  }
  return strides
}

/** `[2, 3]`, as shapes are printed in errors and summaries. */
export const formatShape = (shape: Shape): string => `[${shape.join(', ')}]`
