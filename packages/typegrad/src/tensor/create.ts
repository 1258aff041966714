import { conversions, fitsDType } from '../base/conversions.ts'
import { type DType, dtypeOf, isFloating, type TypedArray } from '../base/dtype.ts'
import { ArgumentError, DataError, ShapeError } from '../base/errors.ts'
import { checked, checkOptions, dtypeName, list, optionsOf } from '../base/options.ts'
import { formatShape, type Mutable, type Shape, sizeOf, stridesOf } from '../base/shape.ts'
import { makeNode } from '../graph/node.ts'
import type { DTypeOfArray, DTypeOfNested } from './dtype-types.ts'
import { notANumber } from './not-a-number.ts'
import { constant, fromData, type NestedArray, refuseMisfit, Tensor } from './tensor.ts'

export interface CreationOptions<D extends DType = DType> {
  /** Element type. Default `'float32'`, or the one of the typed array that is given. */
  readonly dtype?: D
}

export const creationChecks = optionsOf<CreationOptions>()({ dtype: dtypeName })

const tensorChecks = optionsOf<CreationOptions & { readonly shape?: Shape }>()({
  ...creationChecks,
  shape: list,
})

/** What becomes a tensor by itself: a tensor, a number, nested arrays of numbers. */
export type TensorLike = Tensor | number | boolean | NestedArray | NestedArray<boolean>

/**
 * The shape of nested arrays: literal ones have their lengths, others `number`. Six levels deep, beyond which
 * (and for types that nest without end) nothing is known.
 */
export type ShapeOfNested<T, Depth extends 0[] = []> = Depth['length'] extends 6
  ? Shape
  : T extends readonly (infer E)[]
    ? [T['length'], ...ShapeOfNested<E, [...Depth, 0]>]
    : T extends ArrayBufferView
      ? [number]
      : []

/**
 * A tensor of given elements: a number, nested arrays, or a typed array with its shape.
 *
 * @param values nested arrays must be regular; rows may be typed arrays, whose kind is then the dtype. A typed array is copied.
 * @param options `shape` of a typed array (default: one dimension) and `dtype`.
 * @throws DataError for ragged arrays (naming the place), ShapeError if the elements do not fill the shape.
 * @example
 * tensor([[1, 2], [3, 4]])                                  // float32 [2, 2]
 * tensor(new Float32Array(6), { shape: [2, 3] })
 * tensor([0, 2, 1], { dtype: 'int32' })
 * tensor([Int32Array.of(1, 2), Int32Array.of(3, 4)])         // int32 [2, 2]
 */
export function tensor<
  const S extends Shape,
  V extends ArrayBufferView | NestedArray | NestedArray<boolean> | NestedArray<bigint>,
  D extends DType = DTypeOfArray<V>,
>(values: V, options: CreationOptions<D> & { readonly shape: S }): Tensor<Mutable<S>, D>
export function tensor<V extends ArrayBufferView, D extends DType = DTypeOfArray<V>>(
  values: V,
  options?: CreationOptions<D>,
): Tensor<[number], D>
export function tensor<
  const T extends number | bigint | boolean | readonly unknown[],
  D extends DType = DTypeOfNested<T>,
>(values: T, options?: CreationOptions<D>): Tensor<ShapeOfNested<T>, D>
export function tensor(values: unknown, options?: CreationOptions & { readonly shape?: Shape }): Tensor
export function tensor(values: unknown, options: CreationOptions & { readonly shape?: Shape } = {}): Tensor {
  const { shape: given } = checked('tensor', options, tensorChecks)
  if (ArrayBuffer.isView(values)) {
    const own = dtypeOf(values)
    if (own === undefined) {
      throw new ArgumentError({
        where: 'tensor',
        expected: 'a Float32Array, Float64Array, Int32Array, BigInt64Array, Uint8Array or Uint32Array',
        received: values.constructor.name,
        fix: 'Convert it with Float32Array.from(…).',
      })
    }
    const data = values as TypedArray
    const dtype = options.dtype ?? own
    return filled(
      dtype === own || holds(data, dtype) ? data.slice() : converted(data, dtype),
      given ?? [data.length],
      dtype,
    )
  }
  const flat: (number | bigint)[] = []
  const shape = flattenNested(values, flat)
  const isBigInt = (value: number | bigint): value is bigint => typeof value === 'bigint'
  const dtype =
    options.dtype ?? rowDType(values) ?? (flat.length > 0 && flat.every(isBigInt) ? 'int64' : 'float32')
  return filled(elementsOf(flat, shape, dtype), given ?? shape, dtype)
}

/** The dtype of rows that are typed arrays; undefined for others. */
function rowDType(values: unknown): DType | undefined {
  let row = values
  while (Array.isArray(row)) row = row[0]
  return ArrayBuffer.isView(row) ? dtypeOf(row) : undefined
}

/** Elements of a dtype; what would become another number in it is refused with its place. */
function elementsOf(
  values: readonly (number | bigint)[] | TypedArray,
  shape: Shape,
  dtype: DType,
): TypedArray {
  if (dtype !== 'bool' && !isFloating(dtype)) {
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number | bigint
      if (!fitsDType(value, dtype)) refuseMisfit('tensor', value, dtype, placeOf(i, shape))
    }
  }
  if (dtype === 'int64') return BigInt64Array.from(values as readonly number[], BigInt)
  return conversions[dtype](Array.from<number | bigint, number>(values, Number))
}

/** `[1][0]`: where the i-th element stands. */
const placeOf = (i: number, shape: Shape): string =>
  stridesOf(shape)
    .map((stride, axis) => `[${Math.floor(i / stride) % (shape[axis] as number)}]`)
    .join('')

/** Whether this array's elements are the dtype's already: bool in bytes, floats of 16 bits in those. */
const holds = (data: TypedArray, dtype: DType): boolean =>
  (dtype === 'bool' && data instanceof Uint8Array) ||
  ((dtype === 'float16' || dtype === 'bfloat16') && data instanceof Uint16Array)

const converted = (data: TypedArray, dtype: DType): TypedArray =>
  isFloating(dtype) && !(data instanceof BigInt64Array)
    ? conversions[dtype](data)
    : elementsOf(data, [data.length], dtype)

function filled(data: TypedArray, shape: Shape, dtype: DType): Tensor {
  if (data.length !== sizeOf(shape)) {
    throw new ShapeError({
      where: 'tensor',
      expected: `${sizeOf(shape)} elements for shape ${formatShape(shape)}`,
      received: `${data.length}`,
    })
  }
  return fromData(data, shape, dtype)
}

/** What numbers stand in one behind another: an array, or a typed array of a dtype. */
const isRow = (value: unknown): value is readonly unknown[] =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && dtypeOf(value) !== undefined)

/** Appends the numbers of nested arrays to `into` and returns their shape. `root` is their place in errors. */
export function flattenNested(values: unknown, into: (number | bigint)[], root = ''): number[] {
  const shape: number[] = []
  for (let level = values; isRow(level); level = level[0]) shape.push(level.length)
  const visit = (value: unknown, axis: number, path: string): void => {
    if (axis === shape.length) {
      if (typeof value === 'number') into.push(value)
      else if (typeof value === 'boolean') into.push(value ? 1 : 0)
      else if (typeof value === 'bigint') into.push(value)
      else throw notANumber(value, path)
      return
    }
    if (!isRow(value) || value.length !== shape[axis]) {
      throw new DataError({
        where: 'tensor',
        expected: `${shape[axis]} elements at ${path || 'the top'}, as in the first row`,
        received: isRow(value) ? `${value.length}` : String(value),
        fix: 'Ragged arrays have no shape: pad the rows or drop the incomplete ones.',
      })
    }
    for (let i = 0; i < value.length; i++) visit(value[i], axis + 1, `${path}[${i}]`)
  }
  visit(values, 0, root)
  return shape
}

/** A tensor from anything that can be one; tensors stay as they are. */
export function asTensor(value: TensorLike, dtype?: DType): Tensor {
  if (value instanceof Tensor) return value
  return tensor(value, dtype === undefined ? {} : { dtype })
}

/** A tensor of one value everywhere; `where` is the function that was called. */
function filledWith<const S extends Shape, D extends DType = 'float32'>(
  where: string,
  shape: S,
  value: number,
  options: CreationOptions<D> = {},
): Tensor<Mutable<S>, D> {
  const { dtype } = checked(where, options, creationChecks)
  const element = constant([value], [], dtype ?? 'float32')
  return new Tensor(shape.length === 0 ? element.node : makeNode('broadcast', [element.node], { shape }))
}

/** A tensor of one value everywhere. */
export const full = <const S extends Shape, D extends DType = 'float32'>(
  shape: S,
  value: number,
  options?: CreationOptions<D>,
): Tensor<Mutable<S>, D> => filledWith('full', shape, value, options)

/**
 * A tensor of zeros.
 *
 * @example
 * zeros([2, 3])
 */
export const zeros = <const S extends Shape, D extends DType = 'float32'>(
  shape: S,
  options?: CreationOptions<D>,
): Tensor<Mutable<S>, D> => filledWith('zeros', shape, 0, options)

/**
 * A tensor of ones.
 *
 * @example
 * ones([2, 3], { dtype: 'int32' })
 */
export const ones = <const S extends Shape, D extends DType = 'float32'>(
  shape: S,
  options?: CreationOptions<D>,
): Tensor<Mutable<S>, D> => filledWith('ones', shape, 1, options)

/** Zeros of another tensor's shape and dtype. */
export const zerosLike = <S extends Shape, D extends DType>(x: Tensor<S, D>): Tensor<S, D> =>
  zeros(x.shape, { dtype: x.dtype }) as Tensor<S, D>

/** Ones of another tensor's shape and dtype. */
export const onesLike = <S extends Shape, D extends DType>(x: Tensor<S, D>): Tensor<S, D> =>
  ones(x.shape, { dtype: x.dtype }) as Tensor<S, D>

const iota = (length: number, dtype: DType): Tensor => new Tensor(makeNode('iota', [], { length, dtype }))

/**
 * `start, start + step, …` up to and without `stop`; with one argument `0 … stop − 1`.
 *
 * @throws ArgumentError for a step of 0.
 * @example
 * arange(4)         // [0, 1, 2, 3]
 * arange(1, 2, 0.5) // [1, 1.5]
 */
export function arange<D extends DType = 'float32'>(
  start: number,
  stop?: number,
  step = 1,
  options: CreationOptions<D> = {},
): Tensor<[number], D> {
  const { dtype = 'float32' as D } = checked('arange', options, creationChecks)
  if (step === 0) throw new ArgumentError({ where: 'arange', expected: 'a step other than 0', received: '0' })
  const [from, to] = stop === undefined ? [0, start] : [start, stop]
  const length = Math.max(0, Math.ceil((to - from) / step))
  const count = iota(length, dtype)
  const scaled = step === 1 ? count : binary('mul', count, constant([step], [], dtype))
  return (from === 0 ? scaled : binary('add', scaled, constant([from], [], dtype))) as Tensor<[number], D>
}

/** `count` values from `start` to `stop`, both included, at equal distances. */
export function linspace<D extends DType = 'float32'>(
  start: number,
  stop: number,
  count: number,
  options: CreationOptions<D> = {},
): Tensor<[number], D> {
  checkOptions('linspace', options, creationChecks)
  const step = count > 1 ? (stop - start) / (count - 1) : 0
  const values = Array.from({ length: count }, (_, i) =>
    i === count - 1 && count > 1 ? stop : start + i * step,
  )
  return tensor(values, options)
}

/** The identity matrix, or a rectangular one with ones on its diagonal. */
export function eye<D extends DType = 'float32'>(
  rows: number,
  columns = rows,
  options: CreationOptions<D> = {},
): Tensor<[number, number], D> {
  const { dtype } = checked('eye', options, creationChecks)
  const row = makeNode('reshape', [iota(rows, 'int32').node], { shape: [rows, 1] })
  const diagonal = makeNode('equal', [row, iota(columns, 'int32').node], {})
  return new Tensor(makeNode('cast', [diagonal], { dtype: dtype ?? 'float32' }))
}

const binary = (kind: 'add' | 'mul', a: Tensor, b: Tensor): Tensor =>
  new Tensor(makeNode(kind, [a.node, b.node], {}))
