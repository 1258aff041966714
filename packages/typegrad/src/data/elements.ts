import { describe } from '../base/describe.ts'
import { dtypeOf, type TypedArray, typedArray } from '../base/dtype.ts'
import { DataError } from '../base/errors.ts'
import { formatShape, type Shape, sameShape, sizeOf } from '../base/shape.ts'
import { unwrittenArray } from '../base/unwritten.ts'
import { fromData, Tensor } from '../tensor/tensor.ts'
import { type HostArray, hostArrayOf } from './host-array.ts'

/**
 * What a data set holds: numbers, typed arrays, tensors and strings, in arrays and objects as the program likes.
 * A plain array is structure, as the `[x, y]` of a sample; a vector is a typed array or a tensor.
 */
export type Element =
  | Tensor
  | TypedArray
  | number
  | boolean
  | string
  | readonly Element[]
  | { readonly [key: string]: Element }

/** The same structure with a tensor in the place of every leaf; strings, which are no tensors, stand in an array. */
export type Batched<T> = T extends string
  ? string[]
  : T extends Tensor | ArrayBufferView | number | boolean
    ? Tensor
    : { -readonly [K in keyof T]: Batched<T[K]> }

/** How `paddedBatch` fills up what is shorter. */
export interface PaddingOptions {
  /** What stands behind the end of shorter samples. Default 0. */
  readonly value?: number
}

const isLeaf = (element: Element): element is Tensor | TypedArray | number | boolean =>
  typeof element === 'number' ||
  typeof element === 'boolean' ||
  element instanceof Tensor ||
  ArrayBuffer.isView(element)

/** Puts samples of one structure together: each leaf gets a new first dimension that counts them. Strings make an array. */
export async function stackElements<T>(
  elements: readonly T[],
  padding?: PaddingOptions,
): Promise<Batched<T>> {
  return (await stack(elements as unknown as readonly Element[], padding, '')) as Batched<T>
}

async function stack(
  elements: readonly Element[],
  padding: PaddingOptions | undefined,
  path: string,
): Promise<unknown> {
  const first = elements[0] as Element
  if (typeof first === 'string') return stackStrings(elements, path)
  if (isLeaf(first))
    return stackLeaves(await Promise.all(elements.map((leaf) => leafArray(leaf, path))), padding, path)
  const keys = Object.keys(first)
  const parts = await Promise.all(
    keys.map((key) => {
      const inner = path === '' ? key : `${path}.${key}`
      const members = elements.map((element, i) => {
        const value = isLeaf(element) ? undefined : (element as Readonly<Record<string, Element>>)[key]
        if (value !== undefined) return value
        throw new DataError({
          where: 'batch',
          expected: `a value for '${inner}' in every sample, as in the first`,
          received: `none in sample ${i}`,
        })
      })
      return stack(members, padding, inner)
    }),
  )
  return Array.isArray(first) ? parts : Object.fromEntries(keys.map((key, i) => [key, parts[i]]))
}

function stackStrings(elements: readonly Element[], path: string): readonly string[] {
  return elements.map((element, i) => {
    if (typeof element === 'string') return element
    throw new DataError({
      where: 'batch',
      expected: `a string${path === '' ? '' : ` at '${path}'`}, as in the first sample`,
      received: `${describe(element)} in sample ${i}`,
    })
  })
}

async function leafArray(leaf: Element, path: string): Promise<HostArray> {
  if (leaf instanceof Tensor) return hostArrayOf(leaf)
  if (typeof leaf === 'number') return { data: Float32Array.of(leaf), shape: [], dtype: 'float32' }
  if (typeof leaf === 'boolean') return { data: Uint8Array.of(leaf ? 1 : 0), shape: [], dtype: 'bool' }
  const dtype = ArrayBuffer.isView(leaf) ? dtypeOf(leaf) : undefined
  if (dtype === undefined) {
    throw new DataError({
      where: 'batch',
      expected: `a number, a typed array or a tensor at '${path}', as in the first sample`,
      received: typeof leaf,
    })
  }
  const data = leaf as TypedArray
  return { data, shape: [data.length], dtype }
}

function stackLeaves(
  leaves: readonly HostArray[],
  padding: PaddingOptions | undefined,
  path: string,
): Tensor {
  const first = leaves[0] as HostArray
  const shape = padding === undefined ? first.shape : largest(leaves, path)
  const width = sizeOf(shape)
  // What stands behind the end of shorter samples is zero where nothing else is asked for.
  const data = (padding === undefined ? unwrittenArray : typedArray)(first.dtype, leaves.length * width)
  if (padding?.value !== undefined && padding.value !== 0) fill(data, padding.value)
  leaves.forEach((leaf, i) => {
    if (leaf.dtype !== first.dtype || (padding === undefined && !sameShape(leaf.shape, shape))) {
      throw new DataError({
        where: 'batch',
        expected: `${first.dtype} ${formatShape(shape)}${path === '' ? '' : ` at '${path}'`}, as in the first sample of the batch`,
        received: `${leaf.dtype} ${formatShape(leaf.shape)} in sample ${i}`,
        fix:
          leaf.dtype === first.dtype
            ? 'Use paddedBatch, or make samples of one shape with map.'
            : 'Make samples of one dtype with map.',
      })
    }
    place(leaf, data, i * width, shape)
  })
  return fromData(data, [leaves.length, ...shape], first.dtype)
}

/** The shape that holds all samples: the largest size along each axis. */
function largest(leaves: readonly HostArray[], path: string): Shape {
  const rank = (leaves[0] as HostArray).shape.length
  return Array.from({ length: rank }, (_, axis) =>
    leaves.reduce((size, { shape }, i) => {
      if (shape.length === rank) return Math.max(size, shape[axis] as number)
      throw new DataError({
        where: 'paddedBatch',
        expected: `samples of rank ${rank}${path === '' ? '' : ` at '${path}'`}`,
        received: `shape ${formatShape(shape)} in sample ${i}`,
      })
    }, 0),
  )
}

function fill(data: TypedArray, value: number): void {
  if (data instanceof BigInt64Array) data.fill(BigInt(value))
  else data.fill(value)
}

/** Copies a sample into the front corner of its place, innermost rows at a time. */
function place({ data, shape }: HostArray, target: TypedArray, offset: number, into: Shape): void {
  // One dtype by the check above; TypeScript has no signature of set() for a union of arrays.
  const to = target as Float32Array
  const from = data as Float32Array
  const row = shape.at(-1) ?? 1
  if (row === 0) return
  const rows = sizeOf(shape) / row
  for (let r = 0; r < rows; r++) {
    let rest = r
    let start = 0
    let stride = into.at(-1) ?? 1
    for (let axis = shape.length - 2; axis >= 0; axis--) {
      start += (rest % (shape[axis] as number)) * stride
      rest = Math.floor(rest / (shape[axis] as number))
      stride *= into[axis] as number
    }
    to.set(from.subarray(r * row, (r + 1) * row), offset + start)
  }
}
