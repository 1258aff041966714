import { apply } from '../../ops/apply.ts'
import * as ops from '../../ops/index.ts'
import { constant, type Tensor } from '../../tensor/tensor.ts'
import type { NodeCall, Operator, Operators } from '../node-call.ts'

/** One axis that is resized. */
interface Axis {
  readonly axis: number
  readonly from: number
  readonly to: number
  /** to / from, or what the file says of it. */
  readonly scale: number
  /** Of `tf_crop_and_resize`: the part of the input that is taken, as fractions. */
  readonly roi: readonly [start: number, end: number]
}

/** Where the i-th element of the output stands in the input. */
type Coordinate = (i: number, axis: Axis) => number

/** ONNX Runtime computes places in float32: which element is nearest hangs on that where a scale such as 0.6 is no float. */
const f = Math.fround

const halfPixel: Coordinate = (i, { scale }) => f(f((i + 0.5) / scale) - 0.5)

const coordinates: Readonly<Record<string, Coordinate>> = {
  half_pixel: halfPixel,
  pytorch_half_pixel: (i, axis) => (axis.to > 1 ? halfPixel(i, axis) : 0),
  half_pixel_symmetric: (i, { from, to, scale }) => {
    const adjustment = f(to / f(scale * from))
    const offset = f((from / 2) * f(1 - adjustment))
    return f(offset + (i + 0.5) / scale - 0.5)
  },
  align_corners: (i, { from, to }) => (to === 1 ? 0 : f((i * (from - 1)) / (to - 1))),
  asymmetric: (i, { scale }) => f(i / scale),
  tf_half_pixel_for_nn: (i, { scale }) => f((i + 0.5) / scale),
  tf_crop_and_resize: (i, { from, to, roi: [start, end] }) =>
    to > 1
      ? f(f(start * (from - 1)) + f(f(f(i * f(end - start)) * (from - 1)) / (to - 1)))
      : f(0.5 * f(start + end) * (from - 1)),
}

/** ONNX Runtime takes what is this close to the middle of two elements for the middle. */
const nearMiddle = 1e-6
const isMiddle = (x: number): boolean => Math.abs(x - Math.floor(x) - 0.5) < nearMiddle

type Rounding = (x: number, scale: number) => number

const roundings: Readonly<Record<string, Rounding>> = {
  round_prefer_floor: (x) => (isMiddle(x) ? Math.floor(x) : Math.round(x)),
  round_prefer_ceil: (x) => (isMiddle(x) ? Math.ceil(x) : Math.round(x)),
  floor: Math.floor,
  ceil: Math.ceil,
  /** What versions before 11 do. */
  simple: (x, scale) => (scale < 1 ? Math.ceil(x) : Math.floor(x)),
}

/** Weights by the distance from a position, and how far they reach. */
interface Kernel {
  readonly reach: number
  readonly weight: (distance: number) => number
}

const linear: Kernel = { reach: 1, weight: (d) => Math.max(0, 1 - Math.abs(d)) }

/** Keys, Cubic convolution interpolation (1981): a kernel of reach 2. */
const cubic = (a: number): Kernel => ({
  reach: 2,
  weight: (distance) => {
    const d = Math.abs(distance)
    if (d <= 1) return (a + 2) * d ** 3 - (a + 3) * d ** 2 + 1
    return d < 2 ? a * d ** 3 - 5 * a * d ** 2 + 8 * a * d - 4 * a : 0
  },
})

/** The same of distances that the network computes, from 0 to 2. */
export function cubicWeight(d: Tensor, a: number): Tensor {
  const polynomial = (...[c3, c2, c1, c0]: readonly [number, number, number, number]): Tensor =>
    [c2, c1, c0].reduce<Tensor>((sum, c) => ops.add(ops.mul(sum, d), c), ops.add(ops.mul(d, 0), c3))
  return ops.where(
    ops.lessEqual(d, 1),
    polynomial(a + 2, -(a + 3), 0, 1),
    polynomial(a, -5 * a, 8 * a, -4 * a),
  )
}

interface Settings {
  readonly mode: string
  readonly coordinate: Coordinate
  readonly round: Rounding
  readonly kernel: Kernel
  readonly excludesOutside: boolean
  readonly antialias: boolean
  /** What stands outside of the input; undefined where its edges go on. */
  readonly outside: number | undefined
}

const resize: Operator = (call) => {
  const x = call.input(0)
  // Version 10 has scales as its second input, later ones roi, scales and sizes.
  const isOld = call.opset < 11
  const scales = (isOld ? call.numbersIf(1) : call.numbersIf(2)) ?? []
  const sizes = isOld ? undefined : call.numbersIf(3)
  return resized(call, x, axesOf(call, x, scales, sizes), settingsOf(call, isOld))
}

function settingsOf(call: NodeCall, isOld: boolean): Settings {
  const mode = call.string('mode', 'nearest')
  const named = call.string('coordinate_transformation_mode', isOld ? 'asymmetric' : 'half_pixel')
  const rounding = call.string('nearest_mode', isOld ? 'simple' : 'round_prefer_floor')
  const coordinate = coordinates[named] ?? call.refuse(`with the coordinates '${named}'`)
  if (!['nearest', 'linear', 'cubic'].includes(mode)) call.refuse(`in mode '${mode}'`)
  return {
    mode,
    coordinate,
    round: roundings[rounding] ?? call.refuse(`with the rounding '${rounding}'`),
    kernel: mode === 'cubic' ? cubic(call.float('cubic_coeff_a', -0.75)) : linear,
    excludesOutside: call.int('exclude_outside', 0) === 1,
    antialias: call.int('antialias', 0) === 1,
    outside: named === 'tf_crop_and_resize' ? call.float('extrapolation_value', 0) : undefined,
  }
}

function axesOf(
  call: NodeCall,
  x: Tensor,
  scales: readonly number[],
  sizes: readonly number[] | undefined,
): readonly Axis[] {
  const axes = (call.ints('axes') ?? x.shape.map((_, i) => i)).map((axis) => call.axis(x, axis))
  const roi = call.opset < 11 ? [] : (call.numbersIf(1) ?? [])
  const policy = call.string('keep_aspect_ratio_policy', 'stretch')
  const wanted = axes.map((axis, i) => {
    const from = x.shape[axis] as number
    return from === 0 ? 1 : f((sizes?.[i] ?? 0) / from)
  })
  const common = policy === 'not_larger' ? Math.min(...wanted) : Math.max(...wanted)
  return axes.map((axis, i): Axis => {
    const from = x.shape[axis] as number
    const span = [roi[i] ?? 0, roi[i + axes.length] ?? 1] as const
    if (sizes === undefined || sizes.length === 0) {
      const scale = scales[i] ?? call.refuse('without scales and sizes')
      const isCropped = call.string('coordinate_transformation_mode', '') === 'tf_crop_and_resize'
      return {
        axis,
        from,
        to: Math.floor(f(f(from * (isCropped ? f(span[1] - span[0]) : 1)) * scale)),
        scale,
        roi: span,
      }
    }
    if (policy === 'stretch') {
      const to = sizes[i] as number
      return { axis, from, to, scale: wanted[i] as number, roi: span }
    }
    return { axis, from, to: Math.round(f(common * from)), scale: common, roi: span }
  })
}

function resized(call: NodeCall, x: Tensor, axes: readonly Axis[], settings: Settings): Tensor {
  const { outside } = settings
  // As in ONNX Runtime a size that stays leaves the elements, whatever the scale: 1.1 makes 5 of 5.
  if (axes.every(({ from, to }) => from === to) && outside === undefined) return x
  const made = axes.reduce((y, axis) => {
    if (axis.to === axis.from && (axis.scale === 1 || settings.antialias) && outside === undefined) return y
    if (settings.mode === 'nearest') return nearest(y, axis, settings)
    return interpolated(y, axis, settings)
  }, x)
  if (outside === undefined) return made
  return axes.reduce((y, axis) => {
    const isOutside = Array.from({ length: axis.to }, (_, i) => {
      const at = settings.coordinate(i, axis)
      return Number(at < 0 || at > axis.from - 1)
    })
    const shape = y.shape.map((_, i) => (i === axis.axis ? axis.to : 1))
    return apply('select', [constant(isOutside, shape, 'bool'), call.like(outside, y), y], {})
  }, made)
}

const within = (at: number, length: number): number => Math.min(Math.max(at, 0), length - 1)

function nearest(x: Tensor, axis: Axis, { coordinate, round }: Settings): Tensor {
  const places = Array.from({ length: axis.to }, (_, i) =>
    within(round(coordinate(i, axis), axis.scale), axis.from),
  )
  return apply('gather', [x, constant(places, [places.length], 'int32')], { axis: axis.axis })
}

/** A product with the matrix (from, to) of weights: what an output takes of each input along the axis. */
function interpolated(x: Tensor, axis: Axis, settings: Settings): Tensor {
  const last = x.rank - 1
  const swap = x.shape.map((_, i) => (i === axis.axis ? last : i === last ? axis.axis : i))
  const swapped = axis.axis === last ? x : apply('transpose', [x], { permutation: swap })
  const weights = constant(weightsOf(axis, settings), [axis.from, axis.to], x.dtype)
  const product = apply('matmul', [swapped, weights], {})
  return axis.axis === last ? product : apply('transpose', [product], { permutation: swap })
}

function weightsOf(axis: Axis, { coordinate, kernel, excludesOutside, antialias }: Settings): Float64Array {
  const { from, to, scale } = axis
  const weights = new Float64Array(from * to)
  // Smaller outputs see more of the input: the kernel is stretched.
  const stretch = antialias ? Math.min(scale, 1) : 1
  const reach = kernel.reach / stretch
  for (let i = 0; i < to; i++) {
    const at = coordinate(i, axis)
    const places: number[] = []
    for (let j = Math.floor(at - reach) + 1; j <= Math.floor(at + reach) + 1; j++) places.push(j)
    const shares = places.map((j) =>
      excludesOutside && (j < 0 || j >= from) ? 0 : kernel.weight((j - at) * stretch),
    )
    const sum = shares.reduce((a, b) => a + b, 0)
    for (const [k, share] of shares.entries()) {
      const row = within(places[k] as number, from)
      weights[row * to + i] = (weights[row * to + i] as number) + share / sum
    }
  }
  return weights
}

/** The operator of versions 7 to 9: every position is the output's divided by the scale. */
const upsample: Operator = (call) => {
  const x = call.input(0)
  const scales = call.floats('scales') ?? call.numbers(1)
  const axes = x.shape.map((from, axis): Axis => {
    const scale = scales[axis] as number
    return { axis, from, to: Math.floor(f(from * scale)), scale, roi: [0, 1] }
  })
  return resized(call, x, axes, settingsOf(call, true))
}

export const resizing: Operators = { Resize: resize, Upsample: upsample }

/** Inputs of operators that say how something is done: no weights, though they may be floats of several elements. */
export const settingInputs: Readonly<Record<string, readonly number[]>> = {
  Resize: [1, 2, 3],
  Upsample: [1],
}
