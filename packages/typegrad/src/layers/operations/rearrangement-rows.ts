import type { DType } from '../../base/dtype.ts'
import {
  anything,
  boolean,
  dtypeName,
  integer,
  list,
  needed,
  optionsOf,
  orNull,
  string,
} from '../../base/options.ts'
import type { Shape } from '../../base/shape.ts'
import type { Slice } from '../../base/slice.ts'
import { cast, normalizeAxis, promoteTypes } from '../../ops/apply.ts'
import { dynamicSlice, dynamicUpdateSlice, type SliceStarts } from '../../ops/dynamic-slices.ts'
import { einsum } from '../../ops/einsum.ts'
import * as indexing from '../../ops/indexing.ts'
import * as moving from '../../ops/shape.ts'
import { asTensor, type TensorLike } from '../../tensor/create.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { SymbolicTensor } from '../base/symbolic.ts'
import { getItem, type Key, wholeAxis } from './get-item.ts'
import {
  type Axis,
  axisChecks,
  type Call,
  named,
  type Operand,
  operand,
  row,
  type SymbolicStarts,
  tensorOf,
  unsupported,
} from './row.ts'

interface AxisOption {
  readonly axis: number
}
interface AxisOrNone {
  readonly axis: number | null
}
const axisOption = optionsOf<AxisOption>()({ axis: needed(integer) })
const axisOrNone = optionsOf<AxisOrNone>()({ axis: needed(orNull(integer)) })

const several = (outputs: readonly SymbolicTensor[]): readonly SymbolicTensor[] => outputs

const alike = (tensors: readonly TensorLike[]): Tensor[] => {
  const converted = tensors.map(tensorOf)
  const dtype = converted.map((t) => t.dtype).reduce(promoteTypes)
  return converted.map((t) => cast(t, dtype))
}

/** Several tensors in a list, joined along an axis. */
const joining = (
  ours: 'concat' | 'stack',
  compute: (tensors: Tensor[], axis: number) => unknown,
  takes: string,
) =>
  row({
    takes: [takes],
    checks: axisOption,
    defaults: { axis: 0 },
    compute: ({ axis }: AxisOption, tensors: readonly TensorLike[]) =>
      compute(alike(tensors), axis) as Tensor,
    calls: named(
      ours,
      (tensors: readonly Operand[], axis = 0): Call => ({ args: [tensors.map(operand)], options: { axis } }),
    ),
  })

/** Keys that leave all axes whole but one. */
const along = (axis: number, key: Key): readonly Key[] =>
  axis >= 0
    ? [...new Array<Key>(axis).fill(wholeAxis), key]
    : ['...', key, ...new Array<Key>(-axis - 1).fill(wholeAxis)]

const item = (x: Operand, key: readonly Key[]): Call => ({ args: [operand(x), key] })

/** Axes in another order, `permutation[i]` being the one that comes to be the i-th. */
const reordered = (x: Tensor, permutation: readonly number[]): Tensor =>
  moving.transpose(x, permutation as Shape as never)

/** Sizes where all but one may be open: −1, or null. */
const sizes = (shape: readonly (number | null)[]): number[] => shape.map((size) => size ?? -1)

function flat(x: Tensor): Tensor {
  return moving.reshape(x, [x.size] as Shape as never)
}

/** Where Keras splits: into equal parts, or before each of these positions. */
function splitAt(x: Tensor, where: number | readonly number[], axis: number): Tensor[] {
  if (typeof where === 'number') return moving.split(x, where, axis)
  const at = normalizeAxis('Split', axis, x.shape)
  const bounds = [0, ...where, x.shape[at] as number]
  return moving.split(
    x,
    bounds.slice(1).map((bound, i) => bound - (bounds[i] as number)),
    at,
  )
}

interface Widths {
  readonly padWidth: number | readonly (number | readonly number[])[]
  readonly mode: 'constant' | 'reflect' | 'symmetric' | 'edge'
}

/** NumPy's short forms of widths: one number, or one pair, for all axes. */
function pairsOf(widths: Widths['padWidth'], rank: number): (readonly [number, number])[] {
  const pair = (width: number | readonly number[]): readonly [number, number] =>
    typeof width === 'number' ? [width, width] : [width[0] as number, (width[1] ?? width[0]) as number]
  if (typeof widths === 'number') return new Array<readonly [number, number]>(rank).fill(pair(widths))
  if (typeof widths[0] === 'number')
    return new Array<readonly [number, number]>(rank).fill(pair(widths as readonly number[]))
  const pairs = widths.map(pair)
  return pairs.length === 1
    ? new Array<readonly [number, number]>(rank).fill(pairs[0] as readonly [number, number])
    : pairs
}

interface OneHotOptions {
  readonly numClasses: number
  readonly axis: number
  readonly dtype: DType | null
  readonly sparse: boolean
}

/** Operations that move, pick and join elements. */
export const rearrangementRows = {
  GetItem: row({
    takes: ['x', 'key'],
    compute: (_: object, x: TensorLike, key: unknown) => getItem(tensorOf(x), key),
    calls: {
      ...named('at', (x: Operand, position: number, axis = 0): Call => item(x, along(axis, position))),
      ...named(
        'slice',
        (x: Operand, starts: readonly number[], sizes: readonly number[]): Call =>
          item(
            x,
            starts.map((start, i): Slice => {
              const size = sizes[i] ?? -1
              const stop = size === -1 || start + size === 0 ? null : start + size
              return { start, stop, step: null }
            }),
          ),
      ),
      ...named(
        'stridedSlice',
        (x: Operand, axis: number, start?: number | null, stop?: number | null, step?: number): Call =>
          item(x, along(axis, { start: start ?? null, stop: stop ?? null, step: step ?? null })),
      ),
    },
  }),
  Reshape: row({
    checks: optionsOf<{ newshape: readonly (number | null)[] | number }>()({ newshape: needed(anything) }),
    compute: ({ newshape }: { newshape: readonly (number | null)[] | number }, x: TensorLike) =>
      moving.reshape(
        tensorOf(x),
        sizes(typeof newshape === 'number' ? [newshape] : newshape) as Shape as never,
      ),
    calls: named(
      'reshape',
      (x: Operand, shape: readonly number[]): Call => ({
        args: [operand(x)],
        options: { newshape: shape },
      }),
    ),
  }),
  Ravel: row({
    compute: (_: object, x: TensorLike) => flat(tensorOf(x)),
    calls: named('flatten', (x: Operand): Call => ({ args: [operand(x)] })),
  }),
  Transpose: row({
    checks: optionsOf<{ axes: readonly number[] | null }>()({ axes: needed(orNull(list as never)) }),
    defaults: { axes: null },
    compute: ({ axes }: { axes: readonly number[] | null }, x: TensorLike) =>
      axes === null ? moving.transpose(tensorOf(x)) : reordered(tensorOf(x), axes),
    calls: named(
      'transpose',
      (x: Operand, permutation?: readonly number[]): Call => ({
        args: [operand(x)],
        options: { axes: permutation ?? null },
      }),
    ),
  }),
  Swapaxes: row({
    checks: optionsOf<{ axis1: number; axis2: number }>()({ axis1: needed(integer), axis2: needed(integer) }),
    compute: ({ axis1, axis2 }: { axis1: number; axis2: number }, x: TensorLike) => {
      const t = tensorOf(x)
      const [a, b] = [axis1, axis2].map((axis) => normalizeAxis('Swapaxes', axis, t.shape))
      return reordered(
        t,
        t.shape.map((_, i) => (i === a ? b : i === b ? a : i) as number),
      )
    },
  }),
  Moveaxis: row({
    checks: optionsOf<{ source: number | readonly number[]; destination: number | readonly number[] }>()({
      source: needed(anything),
      destination: needed(anything),
    }),
    compute: (
      {
        source,
        destination,
      }: { source: number | readonly number[]; destination: number | readonly number[] },
      x: TensorLike,
    ) => {
      const t = tensorOf(x)
      const [from, to] = [source, destination].map((axes) =>
        [axes].flat().map((axis) => normalizeAxis('Moveaxis', axis, t.shape)),
      ) as [number[], number[]]
      const order = t.shape.map((_, i) => i).filter((i) => !from.includes(i))
      // Places that are moved to, from the front, so that each stays where it is put.
      for (const [place, axis] of to
        .map((place, i) => [place, from[i] as number] as const)
        .sort((a, b) => a[0] - b[0]))
        order.splice(place, 0, axis)
      return reordered(t, order)
    },
  }),
  ExpandDims: row({
    checks: optionsOf<{ axis: number | readonly number[] }>()({ axis: needed(axisChecks as never) }),
    compute: ({ axis }: { axis: number | readonly number[] }, x: TensorLike) => {
      const t = tensorOf(x)
      const axes = [axis].flat()
      const rank = t.rank + axes.length
      const places = axes
        .map((one) => normalizeAxis('ExpandDims', one, t.shape, axes.length))
        .sort((a, b) => a - b)
      const left = [...t.shape]
      const shape = Array.from({ length: rank }, (_, i) =>
        places.includes(i) ? 1 : (left.shift() as number),
      )
      return moving.reshape(t, shape as Shape as never)
    },
    calls: named(
      'expandDims',
      (x: Operand, axis: number): Call => ({ args: [operand(x)], options: { axis } }),
    ),
  }),
  Squeeze: row({
    checks: optionsOf<{ axis: Axis }>()({ axis: needed(axisChecks) }),
    defaults: { axis: null },
    compute: ({ axis }: { axis: Axis }, x: TensorLike) =>
      moving.squeeze(tensorOf(x) as never, (axis ?? undefined) as never),
    calls: named(
      'squeeze',
      (x: Operand, axis?: number | readonly number[]): Call => ({
        args: [operand(x)],
        options: { axis: axis ?? null },
      }),
    ),
  }),
  Concatenate: joining('concat', (tensors, axis) => moving.concat(tensors as never, axis as never), 'xs'),
  Stack: joining('stack', (tensors, axis) => moving.stack(tensors as never, axis as never), 'x'),
  Split: row({
    checks: optionsOf<{ indicesOrSections: number | readonly number[]; axis: number }>()({
      indicesOrSections: needed(anything),
      axis: needed(integer),
    }),
    defaults: { axis: 0 },
    compute: (
      { indicesOrSections, axis }: { indicesOrSections: number | readonly number[]; axis: number },
      x: TensorLike,
    ) => splitAt(tensorOf(x), indicesOrSections, axis),
    calls: named(
      'split',
      (x: Operand, parts: number | readonly number[], axis = 0): Call<readonly SymbolicTensor[]> => {
        // Sizes of parts here, positions between them in Keras.
        let sum = 0
        const positions =
          typeof parts === 'number'
            ? parts
            : parts.slice(0, -1).map((size) => {
                sum += size
                return sum
              })
        return { args: [operand(x)], options: { indicesOrSections: positions, axis }, result: several }
      },
    ),
  }),
  Unstack: row({
    module: 'ops.core',
    checks: optionsOf<{ num: number | null; axis: number }>()({
      num: needed(orNull(integer)),
      axis: needed(integer),
    }),
    defaults: { num: null, axis: 0 },
    compute: ({ axis }: { num: number | null; axis: number }, x: TensorLike) =>
      moving.unstack(tensorOf(x), axis),
    calls: named(
      'unstack',
      (x: Operand, axis = 0): Call<readonly SymbolicTensor[]> => ({
        args: [operand(x)],
        options: { axis },
        result: several,
      }),
    ),
  }),
  BroadcastTo: row({
    checks: optionsOf<{ shape: Shape }>()({ shape: needed(list as never) }),
    compute: ({ shape }: { shape: Shape }, x: TensorLike) => moving.broadcastTo(x, shape),
    calls: named(
      'broadcastTo',
      (x: Operand, shape: Shape): Call => ({ args: [operand(x)], options: { shape } }),
    ),
  }),
  Tile: row({
    checks: optionsOf<{ repeats: number | readonly number[] }>()({ repeats: needed(axisChecks as never) }),
    compute: ({ repeats }: { repeats: number | readonly number[] }, x: TensorLike) =>
      moving.tile(x, [repeats].flat()),
    calls: named(
      'tile',
      (x: Operand, repeats: readonly number[]): Call => ({
        args: [operand(x)],
        options: { repeats },
      }),
    ),
  }),
  Repeat: row({
    checks: optionsOf<{ repeats: number } & AxisOrNone>()({
      repeats: needed(integer),
      axis: needed(orNull(integer)),
    }),
    defaults: { axis: null },
    compute: ({ repeats, axis }: { repeats: number } & AxisOrNone, x: TensorLike) =>
      axis === null ? moving.repeat(flat(tensorOf(x)), repeats) : moving.repeat(x, repeats, axis),
    calls: named(
      'repeat',
      (x: Operand, repeats: number, axis = 0): Call => ({
        args: [operand(x)],
        options: { repeats, axis },
      }),
    ),
  }),
  Flip: row({
    checks: optionsOf<{ axis: Axis }>()({ axis: needed(axisChecks) }),
    defaults: { axis: null },
    compute: ({ axis }: { axis: Axis }, x: TensorLike) => moving.flip(x, axis ?? undefined),
    calls: named(
      'flip',
      (x: Operand, axis?: number | readonly number[]): Call => ({
        args: [operand(x)],
        options: { axis: axis ?? null },
      }),
    ),
  }),
  Roll: row({
    checks: optionsOf<{ shift: number } & AxisOrNone>()({
      shift: needed(integer),
      axis: needed(orNull(integer)),
    }),
    defaults: { axis: null },
    compute: ({ shift, axis }: { shift: number } & AxisOrNone, x: TensorLike) => {
      const t = tensorOf(x)
      return axis === null
        ? moving.reshape(moving.roll(flat(t), shift), t.shape as never)
        : moving.roll(t, shift, axis)
    },
    calls: named(
      'roll',
      (x: Operand, shift: number, axis = 0): Call => ({
        args: [operand(x)],
        options: { shift, axis },
      }),
    ),
  }),
  Pad: row({
    takes: ['x', 'constant_values'],
    checks: optionsOf<Widths>()({ padWidth: needed(anything), mode: needed(string as never) }),
    defaults: { mode: 'constant' },
    compute: ({ padWidth, mode }: Widths, x: TensorLike, value?: number | null) => {
      const t = tensorOf(x)
      return moving.pad(t, pairsOf(padWidth, t.rank), { mode, value: value ?? 0 })
    },
    calls: named(
      'pad',
      (
        x: Operand,
        padding: readonly (readonly [number, number])[],
        { mode = 'constant', value }: moving.PadOptions = {},
      ): Call => ({
        args: value === undefined ? [operand(x)] : [operand(x), value],
        options: { padWidth: padding, mode },
      }),
    ),
  }),
  Tril: row({
    checks: optionsOf<{ k: number }>()({ k: needed(integer) }),
    defaults: { k: 0 },
    compute: ({ k }: { k: number }, x: TensorLike) => moving.tril(x, k),
    calls: named('tril', (x: Operand, k = 0): Call => ({ args: [operand(x)], options: { k } })),
  }),
  Triu: row({
    checks: optionsOf<{ k: number }>()({ k: needed(integer) }),
    defaults: { k: 0 },
    compute: ({ k }: { k: number }, x: TensorLike) => moving.triu(x, k),
    calls: named('triu', (x: Operand, k = 0): Call => ({ args: [operand(x)], options: { k } })),
  }),
  Take: row({
    takes: ['x', 'indices'],
    checks: axisOrNone,
    defaults: { axis: null },
    compute: ({ axis }: AxisOrNone, x: TensorLike, indices: TensorLike) => {
      const positions = cast(asTensor(indices, 'int32'), 'int32')
      return axis === null
        ? indexing.gather(flat(tensorOf(x)), positions)
        : indexing.gather(x, positions, axis)
    },
    calls: named(
      'gather',
      (x: Operand, indices: Operand, axis = 0): Call => ({
        args: [operand(x), positionsOf(indices)],
        options: { axis },
      }),
    ),
  }),
  TakeAlongAxis: row({
    takes: ['x', 'indices'],
    checks: axisOrNone,
    defaults: { axis: null },
    compute: ({ axis }: AxisOrNone, x: TensorLike, indices: TensorLike) => {
      const positions = cast(asTensor(indices, 'int32'), 'int32')
      return axis === null
        ? indexing.takeAlongAxis(flat(tensorOf(x)), flat(positions), 0)
        : indexing.takeAlongAxis(x, positions, axis)
    },
    calls: named(
      'takeAlongAxis',
      (x: Operand, indices: Operand, axis = -1): Call => ({
        args: [operand(x), positionsOf(indices)],
        options: { axis },
      }),
    ),
  }),
  Slice: row({
    module: 'ops.core',
    takes: ['inputs', 'start_indices'],
    checks: optionsOf<{ shape: Shape }>()({ shape: needed(list as never) }),
    compute: ({ shape }: { shape: Shape }, x: TensorLike, starts: SliceStarts) =>
      dynamicSlice(tensorOf(x), starts, shape),
    calls: named(
      'dynamicSlice',
      (x: Operand, starts: SymbolicStarts, sizes: Shape): Call => ({
        args: [operand(x), starts],
        options: { shape: sizes },
      }),
    ),
  }),
  SliceUpdate: row({
    module: 'ops.core',
    takes: ['inputs', 'start_indices', 'updates'],
    compute: (_: object, x: TensorLike, starts: SliceStarts, update: TensorLike) =>
      dynamicUpdateSlice(tensorOf(x), tensorOf(update), starts),
    calls: named(
      'dynamicUpdateSlice',
      (x: Operand, update: Operand, starts: SymbolicStarts): Call => ({
        args: [operand(x), starts, operand(update)],
      }),
    ),
  }),
  Sort: row({
    checks: axisOption,
    defaults: { axis: -1 },
    compute: ({ axis }: AxisOption, x: TensorLike) => indexing.sort(x, axis),
    calls: named('sort', (x: Operand, axis = -1, { descending = false }: indexing.SortOptions = {}): Call => {
      if (descending) throw unsupported('sort with descending')
      return { args: [operand(x)], options: { axis } }
    }),
  }),
  Argsort: row({
    checks: axisOption,
    defaults: { axis: -1 },
    compute: ({ axis }: AxisOption, x: TensorLike) => indexing.argsort(x, axis),
    calls: named(
      'argsort',
      (x: Operand, axis = -1, { descending = false }: indexing.SortOptions = {}): Call => {
        if (descending) throw unsupported('argsort with descending')
        return { args: [operand(x)], options: { axis } }
      },
    ),
  }),
  TopK: row({
    module: 'ops.math',
    checks: optionsOf<{ k: number; sorted: boolean }>()({ k: needed(integer), sorted: needed(boolean) }),
    defaults: { sorted: true },
    // Sorted is one of the orders that unsorted allows.
    compute: ({ k }: { k: number; sorted: boolean }, x: TensorLike) => {
      const { values, indices } = indexing.topK(x, k)
      return [values, indices]
    },
    calls: named(
      'topK',
      (x: Operand, k: number): Call<{ values: SymbolicTensor; indices: SymbolicTensor }> => ({
        args: [operand(x)],
        options: { k },
        // Two outputs by the row above.
        result: ([values, indices]) =>
          ({ values, indices }) as { values: SymbolicTensor; indices: SymbolicTensor },
      }),
    ),
  }),
  OneHot: row({
    module: 'ops.nn',
    checks: optionsOf<OneHotOptions>()({
      numClasses: needed(integer),
      axis: needed(integer),
      dtype: needed(orNull(dtypeName)),
      sparse: needed(boolean),
    }),
    defaults: { axis: -1, dtype: null, sparse: false },
    compute: ({ numClasses, axis, dtype }: OneHotOptions, x: TensorLike) => {
      const hot = indexing.oneHot(tensorOf(x), numClasses, { dtype: dtype ?? 'float32' })
      const at = normalizeAxis('OneHot', axis, hot.shape)
      const order = hot.shape.map((_, i) => i).slice(0, -1)
      return at === hot.rank - 1 ? hot : reordered(hot, order.toSpliced(at, 0, hot.rank - 1))
    },
    calls: named(
      'oneHot',
      (x: Operand, depth: number, { dtype }: { readonly dtype?: DType } = {}): Call => ({
        args: [operand(x)],
        options: { numClasses: depth, dtype: dtype ?? 'float32' },
      }),
    ),
  }),
  Einsum: row({
    takes: ['*operands'],
    checks: optionsOf<{ subscripts: string }>()({ subscripts: needed(string) }),
    compute: ({ subscripts }: { subscripts: string }, ...operands: TensorLike[]) =>
      einsum(subscripts, ...operands),
    calls: named(
      'einsum',
      (equation: string, ...operands: Operand[]): Call => ({
        args: operands.map(operand),
        options: { subscripts: equation },
      }),
    ),
  }),
}

const positionsOf = (indices: Operand): Operand =>
  Array.isArray(indices) ? asTensor(indices as TensorLike, 'int32') : indices
