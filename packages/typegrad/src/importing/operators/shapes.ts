import { type Shape, sizeOf } from '../../base/shape.ts'
import { type FileType, fileTypes } from '../../onnx/file.ts'
import { apply } from '../../ops/apply.ts'
import * as ops from '../../ops/index.ts'
import { constant, scalar, type Tensor } from '../../tensor/tensor.ts'
import { elementsOf, importedDType, isNarrowInteger } from '../elements.ts'
import type { NodeCall, Operator, Operators } from '../node-call.ts'
import { wrappedTo } from './bits.ts'

const reshaped = (x: Tensor, shape: Shape): Tensor => apply('reshape', [x], { shape: [...shape] })

/** 0 keeps the size that the input has there, unless `allowzero` is set; one −1 takes what is left. */
const reshape: Operator = (call) => {
  const x = call.input(0)
  const asked = call.intsOrInput('shape', 1) ?? call.refuse('without a shape')
  const keepsZero = call.int('allowzero', 0) === 1
  const shape = asked.map((d, i) => (d === 0 && !keepsZero ? (x.shape[i] as number) : d))
  const free = shape.indexOf(-1)
  if (free === -1) return reshaped(x, shape)
  const rest = shape.reduce((size, d, i) => (i === free ? size : size * d), 1)
  return reshaped(x, shape.with(free, rest === 0 ? 0 : x.size / rest))
}

const flatten: Operator = (call) => {
  const x = call.input(0)
  const axis = call.boundary(x, call.int('axis', 1))
  return reshaped(x, [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis))])
}

const squeeze: Operator = (call) => {
  const x = call.input(0)
  const axes = call.intsOrInput('axes', 1)?.map((axis) => call.axis(x, axis))
  const isGone = (d: number, i: number): boolean => (axes === undefined ? d === 1 : axes.includes(i))
  return reshaped(
    x,
    x.shape.filter((d, i) => !isGone(d, i)),
  )
}

const unsqueeze: Operator = (call) => {
  const x = call.input(0)
  const asked = call.intsOrInput('axes', 1) ?? call.refuse('without axes')
  const axes = asked.map((axis) => call.axis(x, axis, asked.length))
  const sizes = [...x.shape]
  const shape = Array.from({ length: x.rank + axes.length }, (_, i) =>
    axes.includes(i) ? 1 : (sizes.shift() as number),
  )
  return reshaped(x, shape)
}

const transpose: Operator = (call) => {
  const x = call.input(0)
  return apply('transpose', [x], { permutation: call.ints('perm') ?? x.shape.map((_, i) => x.rank - 1 - i) })
}

const concat: Operator = (call) => {
  const first = call.input(0)
  const axis = call.axis(first, call.int('axis', 1))
  return call.all.length === 1 ? first : apply('concat', call.all, { axis })
}

const split: Operator = (call) => {
  const x = call.input(0)
  const axis = call.axis(x, call.int('axis', 0))
  const length = x.shape[axis] as number
  const parts = call.int('num_outputs', call.outputs)
  // The last one is smaller where they do not divide.
  const size = Math.ceil(length / parts)
  const sizes =
    call.intsOrInput('split', 1) ??
    Array.from({ length: parts }, (_, i) => Math.max(0, Math.min(size, length - i * size)))
  return ops.split(x, sizes, axis)
}

/** Bounds beyond the axis mean its end, negative ones count from it. */
const slice: Operator = (call) => {
  const x = call.input(0)
  const starts = call.intsOrInput('starts', 1) ?? call.refuse('without starts')
  const ends = call.intsOrInput('ends', 2) ?? call.refuse('without ends')
  const axes = call.intsOrInput('axes', 3) ?? starts.map((_, i) => i)
  const steps = call.numbersIf(4) ?? starts.map(() => 1)
  const all = { starts: x.shape.map(() => 0), stops: [...x.shape], steps: x.shape.map(() => 1) }
  for (const [i, given] of axes.entries()) {
    const axis = call.axis(x, given)
    const length = x.shape[axis] as number
    const step = steps[i] as number
    const bound = (value: number, low: number): number => {
      const fromFront = value < 0 ? value + length : value
      return Math.min(Math.max(fromFront, low), step > 0 ? length : length - 1)
    }
    // Backwards too, what begins before the first element begins at it: unlike NumPy, ONNX takes that one.
    all.starts[axis] = bound(starts[i] as number, 0)
    all.stops[axis] = bound(ends[i] as number, step > 0 ? 0 : -1)
    all.steps[axis] = step
  }
  return apply('slice', [x], all)
}

const padModes = { constant: 'constant', reflect: 'reflect', edge: 'edge' } as const

const pad: Operator = (call) => {
  const x = call.input(0)
  const pads = call.ints('pads') ?? call.ints('paddings') ?? call.numbers(1)
  const axes = call.numbersIf(3)?.map((axis) => call.axis(x, axis)) ?? x.shape.map((_, i) => i)
  const padding = x.shape.map((_, axis): readonly [number, number] => {
    const i = axes.indexOf(axis)
    return i === -1 ? [0, 0] : [pads[i] as number, pads[i + axes.length] as number]
  })
  // Negative paddings take elements away.
  const cut = apply('slice', [x], {
    starts: padding.map(([before]) => Math.max(0, -before)),
    stops: padding.map(([, after], axis) => (x.shape[axis] as number) - Math.max(0, -after)),
    steps: padding.map(() => 1),
  })
  const added = padding.map(([before, after]) => [Math.max(0, before), Math.max(0, after)] as const)
  const mode = call.string('mode', 'constant')
  if (mode === 'constant') {
    const value = call.has('value') ? call.float('value', 0) : (call.numbersIf(2)?.[0] ?? 0)
    return apply('pad', [cut], { padding: added, value })
  }
  if (mode === 'wrap') return wrapped(cut, added)
  const known = padModes[mode as keyof typeof padModes] ?? call.refuse(`in mode '${mode}'`)
  return ops.pad(cut, added, { mode: known })
}

/** Padding by what stands at the other end. */
function wrapped(x: Tensor, padding: readonly (readonly [number, number])[]): Tensor {
  return padding.reduce((padded, [before, after], axis) => {
    if (before === 0 && after === 0) return padded
    const length = padded.shape[axis] as number
    const places = Array.from(
      { length: before + length + after },
      (_, i) => (((i - before) % length) + length) % length,
    )
    return ops.gather(padded, constant(places, [places.length], 'int32'), axis)
  }, x)
}

/** Both shapes broadcast to each other: a 1 in `shape` keeps the input's size. */
const expand: Operator = (call) => {
  const x = call.input(0)
  const asked = call.numbers(1)
  const rank = Math.max(asked.length, x.rank)
  const shape = Array.from({ length: rank }, (_, i) => {
    const [own, wanted] = [x.shape[i - rank + x.rank] ?? 1, asked[i - rank + asked.length] ?? 1]
    return wanted === 1 ? own : wanted
  })
  return apply('broadcast', [x], { shape })
}

const whole = (values: readonly number[]): Tensor => constant(values, [values.length], 'int64')

const shapeOf: Operator = (call) => {
  const { shape } = call.input(0)
  const end = call.has('end') ? call.int('end', 0) : shape.length
  return whole(shape.slice(call.int('start', 0), end))
}

const constantOfShape: Operator = (call) => {
  const shape = call.numbers(0)
  const value = call.tensor('value')
  const { dtype, data } =
    value === undefined ? { dtype: 'float32' as const, data: [0] } : elementsOf('value', value)
  return apply('broadcast', [constant([Number(data[0])], [], dtype)], { shape: [...shape] })
}

/** start + step · (0, 1, …), in the operands' dtype. */
const range: Operator = (call) => {
  const [start, limit, step] = [0, 1, 2].map((i) => call.numbers(i)[0] as number) as [number, number, number]
  const length = Math.max(0, Math.ceil((limit - start) / step))
  const { dtype } = call.input(0)
  const places = ops.cast(apply('iota', [], { length, dtype: 'int64' }), dtype)
  const scaled = step === 1 ? places : apply('mul', [places, scalar(step, dtype)], {})
  return start === 0 ? scaled : apply('add', [scaled, scalar(start, dtype)], {})
}

/** A value without a tensor around it. */
const constantNode: Operator = (call) => {
  const value = call.tensor('value')
  if (value !== undefined) return call.around.tensorOf(value, call.node.outputs[0] ?? '')
  if (call.has('value_int')) return scalar(call.int('value_int', 0), 'int64')
  if (call.has('value_float')) return scalar(call.float('value_float', 0), 'float32')
  const ints = call.ints('value_ints')
  if (ints !== undefined) return whole(ints)
  const floats = call.floats('value_floats')
  if (floats !== undefined) return constant(floats, [floats.length], 'float32')
  return call.refuse(`of ${Object.keys(call.node.attributes).join(', ') || 'nothing'}`)
}

/** What is cast to a narrow integer keeps its lowest bits, as in C. */
const castTo = (call: NodeCall, type: FileType): Tensor => {
  const dtype = importedDType(type) ?? call.refuse(`to ${type}`)
  const cast = ops.cast(call.input(0), dtype)
  if (!isNarrowInteger(type)) return cast === call.input(0) ? apply('identity', [cast], {}) : cast
  return wrappedTo(call, cast, type)
}

const typeBy = (call: NodeCall, code: number): FileType =>
  (fileTypes as Readonly<Record<number, FileType>>)[code] ?? call.refuse(`to the type ${code}`)

/** Zeros and ones: 1 on the k-th diagonal. */
const eyeLike: Operator = (call) => {
  const x = call.input(0)
  const [rows, columns] = x.shape as readonly [number, number]
  const k = call.int('k', 0)
  const dtype = call.has('dtype') ? importedDType(typeBy(call, call.int('dtype', 1))) : x.dtype
  const values = Array.from({ length: rows * columns }, (_, i) =>
    Number((i % columns) - Math.floor(i / columns) === k),
  )
  return constant(values, [rows, columns], dtype ?? 'float32')
}

/** (N, C · b², H, W) → (N, C, H · b, W · b) */
const depthToSpace: Operator = (call) => {
  const x = call.input(0)
  const [n, c, h, w] = x.shape as readonly [number, number, number, number]
  const b = call.int('blocksize', 1)
  const depth = c / (b * b)
  const isColumnsFirst = call.string('mode', 'DCR') === 'CRD'
  const apart = reshaped(x, isColumnsFirst ? [n, depth, b, b, h, w] : [n, b, b, depth, h, w])
  const permutation = isColumnsFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]
  return reshaped(apply('transpose', [apart], { permutation }), [n, depth, h * b, w * b])
}

/** (N, C, H · b, W · b) → (N, C · b², H, W) */
const spaceToDepth: Operator = (call) => {
  const x = call.input(0)
  const [n, c, h, w] = x.shape as readonly [number, number, number, number]
  const b = call.int('blocksize', 1)
  const apart = reshaped(x, [n, c, h / b, b, w / b, b])
  const isColumnsFirst = call.string('mode', 'DCR') === 'CRD'
  const moved = apply('transpose', [apart], {
    permutation: isColumnsFirst ? [0, 1, 3, 5, 2, 4] : [0, 3, 5, 1, 2, 4],
  })
  return reshaped(moved, [n, c * b * b, h / b, w / b])
}

const trilu: Operator = (call) => {
  const k = call.numbersIf(1)?.[0] ?? 0
  return call.int('upper', 1) === 1 ? ops.triu(call.input(0), k) : ops.tril(call.input(0), k)
}

/** The middle of an axis, or the axis in the middle of zeros. */
const centerCropPad: Operator = (call) => {
  const x = call.input(0)
  const wanted = call.numbers(1)
  const axes = (call.ints('axes') ?? x.shape.map((_, i) => i)).map((axis) => call.axis(x, axis))
  const whole = axes.map((axis, i) => [axis, wanted[i] as number] as const)
  return whole.reduce((made, [axis, size]) => {
    const length = made.shape[axis] as number
    if (size <= length) {
      const start = Math.floor((length - size) / 2)
      return ops.stridedSlice(made, axis, start, start + size)
    }
    const before = Math.floor((size - length) / 2)
    const padding = made.shape.map((_, i): readonly [number, number] =>
      i === axis ? [before, size - length - before] : [0, 0],
    )
    return apply('pad', [made], { padding, value: 0 })
  }, x)
}

export const shapes: Operators = {
  Cast: (call) => castTo(call, typeBy(call, call.int('to', 0))),
  CastLike: (call) => castTo(call, call.around.typeOf(call.input(1))),
  CenterCropPad: centerCropPad,
  Concat: concat,
  Constant: constantNode,
  ConstantOfShape: constantOfShape,
  DepthToSpace: depthToSpace,
  Expand: expand,
  EyeLike: eyeLike,
  Flatten: flatten,
  Identity: (call) => apply('identity', [call.input(0)], {}),
  Pad: pad,
  Range: range,
  Reshape: reshape,
  Shape: shapeOf,
  Size: (call) => scalar(call.input(0).size, 'int64'),
  Slice: slice,
  SpaceToDepth: spaceToDepth,
  Split: split,
  Squeeze: squeeze,
  Tile: (call) => ops.tile(call.input(0), call.numbers(1)),
  Transpose: transpose,
  Trilu: trilu,
  Unsqueeze: unsqueeze,
}
