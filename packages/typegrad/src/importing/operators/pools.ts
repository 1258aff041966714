import { type Shape, sizeOf, stridesOf } from '../../base/shape.ts'
import { apply } from '../../ops/apply.ts'
import * as ops from '../../ops/index.ts'
import { constant, type Tensor } from '../../tensor/tensor.ts'
import type { NodeCall, Operator, Operators } from '../node-call.ts'
import { countsOf, cut, type Pair, type Windows, windowsOf } from './windows.ts'

/** Padding at the end that lets a last window begin that is not whole, where `ceil_mode` asks for it. */
function ceiled(
  call: NodeCall,
  x: Tensor,
  windows: Windows,
): { readonly windows: Windows; readonly extra: readonly number[] } {
  const { window, strides, dilation, padding } = windows
  const extra = window.map((size, i) => {
    if (call.int('ceil_mode', 0) === 0) return 0
    const [before, after] = padding[i] as Pair
    const [length, stride] = [x.shape[i + 2] as number, strides[i] as number]
    const span = (size - 1) * (dilation[i] as number) + 1
    const steps = Math.ceil((length + before + after - span) / stride)
    // A window begins inside of the input or of the padding before it.
    const last = steps * stride >= length + before ? steps - 1 : steps
    return Math.max(0, last * stride + span - (length + before + after))
  })
  const grown = padding.map(([before, after], i): Pair => [before, after + (extra[i] as number)])
  return { windows: { ...windows, padding: grown }, extra }
}

const maxPool: Operator = (call) => {
  const x = call.input(0)
  const window = call.ints('kernel_shape') ?? call.refuse('without kernel_shape')
  const { windows } = ceiled(call, x, windowsOf(call, x.shape.slice(2), window))
  const asksWhere = call.outputs > 1 && call.node.outputs[1] !== ''
  const isDilated = windows.dilation.some((step) => step !== 1)
  const [inner, { strides, padding }] = cut(x, windows)
  const largest = (): Tensor => apply('maxPool', [inner], { window, strides, padding })
  if (!asksWhere)
    return isDilated ? slicesSeen(x, windows).reduce((a, b) => apply('max', [a, b], {})) : largest()
  const [value, at] =
    isDilated || inner !== x
      ? dilatedMaxPool(x, windows)
      : [largest(), apply('maxPoolIndices', [x], { window, strides, padding })]
  return [value, call.int('storage_order', 0) === 1 ? inColumns(at, x.shape) : at]
}

/** What each place of a window sees, padding included, one by one: slices with strides. */
function slicesSeen(whole: Tensor, windows: Windows): readonly Tensor[] {
  const [x, { window, strides, dilation, padding }] = cut(whole, windows)
  const padded = apply('pad', [x], { padding: [[0, 0], [0, 0], ...padding], value: Number.NEGATIVE_INFINITY })
  const counts = countsOf(padded.shape.slice(2), { window, strides, dilation })
  return placesOf(window).map((place) => {
    const starts = place.map((p, i) => p * (dilation[i] as number))
    return apply('slice', [padded], {
      starts: [0, 0, ...starts],
      stops: [
        ...padded.shape.slice(0, 2),
        ...starts.map((start, i) => start + ((counts[i] as number) - 1) * (strides[i] as number) + 1),
      ],
      steps: [1, 1, ...strides],
    })
  })
}

/** The largest of what the places of a dilated window see, and where that is in the whole tensor. */
function dilatedMaxPool(x: Tensor, windows: Windows): readonly [Tensor, Tensor] {
  const seen = ops.stack(slicesSeen(x, windows), 0)
  const { strides, dilation } = windows
  const before = windows.padding.map(([count]) => count)
  const spatial = x.shape.slice(2)
  const counts = seen.shape.slice(3)
  const [inInput, inOutput] = [stridesOf(spatial), stridesOf(counts)]
  const places = placesOf(windows.window)
  const positions = places.flatMap((place) =>
    Array.from({ length: sizeOf(counts) }, (_, cell) =>
      place.reduce((sum, p, axis) => {
        const step = Math.floor(cell / (inOutput[axis] as number)) % (counts[axis] as number)
        const at =
          step * (strides[axis] as number) - (before[axis] as number) + p * (dilation[axis] as number)
        return sum + at * (inInput[axis] as number)
      }, 0),
    ),
  )
  const [batch, channels] = x.shape as readonly [number, number]
  const first = ops.argMax(seen, 0)
  const cells = apply('iota', [], { length: sizeOf(counts), dtype: 'int64' })
  const row = ops.add(
    ops.mul(ops.cast(ops.reshape(first, [batch, channels, sizeOf(counts)]), 'int64'), sizeOf(counts)),
    cells,
  )
  const within = ops.gather(constant(positions, [positions.length], 'int64'), row)
  const planes = Array.from({ length: batch * channels }, (_, i) => i * sizeOf(spatial))
  const at = ops.add(within, constant(planes, [batch, channels, 1], 'int64'))
  return [ops.max(seen, 0), ops.reshape(at, [batch, channels, ...counts])]
}

/** Positions in a tensor whose spatial axes are stored the last one first. */
function inColumns(at: Tensor, [, , ...spatial]: Shape): Tensor {
  const size = sizeOf(spatial)
  const strides = stridesOf(spatial)
  const plane = ops.mul(ops.floorDiv(at, size), size)
  return spatial.reduce<Tensor>((sum, length, axis) => {
    const along = ops.mod(ops.floorDiv(at, strides[axis] as number), length)
    return ops.add(sum, ops.mul(along, sizeOf(spatial.slice(0, axis))))
  }, plane)
}

/** Values put back where a pool found them, among zeros. */
const maxUnpool: Operator = (call) => {
  const [x, at] = [call.input(0), call.input(1)]
  const window = call.ints('kernel_shape') ?? call.refuse('without kernel_shape')
  const { strides, padding } = windowsOf(call, x.shape.slice(2), window)
  const shape = [
    ...x.shape.slice(0, 2),
    ...window.map((size, i) => {
      const [before, after] = padding[i] as Pair
      return ((x.shape[i + 2] as number) - 1) * (strides[i] as number) + size - before - after
    }),
  ]
  const put = (values: Tensor): Tensor =>
    apply('scatterAdd', [ops.flatten(at), ops.flatten(values)], { axis: 0, size: sizeOf(shape) })
  // Windows that meet found the same element twice.
  const count = put(apply('broadcast', [call.like(1, x)], { shape: x.shape }))
  const made = ops.reshape(ops.div(put(x), ops.maximum(count, 1)), shape)
  const asked = call.numbersIf(2) ?? shape
  if (asked.some((length, i) => length < (shape[i] as number)))
    return call.refuse('with a smaller output_shape')
  const beyond = asked.map((length, i): Pair => [0, length - (shape[i] as number)])
  return apply('pad', [made], { padding: beyond, value: 0 })
}

/** All places of a window. */
const placesOf = (window: readonly number[]): number[][] =>
  window.reduce<number[][]>(
    (places, size) => places.flatMap((place) => Array.from({ length: size }, (_, i) => [...place, i])),
    [[]],
  )

/** Sums of windows: a convolution of every channel by itself with ones. */
function windowSums(x: Tensor, { window, strides, dilation, padding }: Windows): Tensor {
  const channels = x.shape[1] as number
  const ones = apply('broadcast', [constant([1], [], x.dtype)], { shape: [channels, 1, ...window] })
  return apply('conv', [x, ones], { strides, dilation, padding, groups: channels })
}

/** How many elements of padding count is `count_include_pad`'s; what `ceil_mode` adds never does. */
const averagePool: Operator = (call) => {
  const window = call.ints('kernel_shape') ?? call.refuse('without kernel_shape')
  const [x, plain] = cut(call.input(0), windowsOf(call, call.input(0).shape.slice(2), window))
  const { windows, extra } = ceiled(call, x, plain)
  const { strides, padding, dilation } = windows
  const isPadded = plain.padding.flat().some((count) => count > 0)
  const countsPadding = call.int('count_include_pad', 0) === 1 && isPadded
  const isDilated = dilation.some((step) => step !== 1)
  if (!countsPadding && !isDilated) return apply('averagePool', [x], { window, strides, padding })
  const counted = apply('broadcast', [constant([1], [], x.dtype)], { shape: [1, 1, ...x.shape.slice(2)] })
  const within = countsPadding
    ? apply('pad', [counted], { padding: [[0, 0], [0, 0], ...plain.padding], value: 1 })
    : counted
  const around = countsPadding ? extra.map((count): Pair => [0, count]) : padding
  const counts = windowSums(within, { ...windows, padding: around })
  return apply('div', [windowSums(x, windows), counts], {})
}

const spatialAxes = (x: Tensor): number[] => x.shape.map((_, i) => i).slice(2)

/** (Σ |x|ᵖ)^(1/p) */
const lpNorm = (sum: (powers: Tensor) => Tensor, x: Tensor, p: number): Tensor =>
  ops.pow(sum(ops.pow(ops.abs(x), p)), 1 / p)

const lpPool: Operator = (call) => {
  const window = call.ints('kernel_shape') ?? call.refuse('without kernel_shape')
  const [x, plain] = cut(call.input(0), windowsOf(call, call.input(0).shape.slice(2), window))
  const { windows } = ceiled(call, x, plain)
  return lpNorm((powers) => windowSums(powers, windows), x, call.int('p', 2))
}

export const pools: Operators = {
  AveragePool: averagePool,
  GlobalAveragePool: (call) => ops.mean(call.input(0), spatialAxes(call.input(0)), { keepDims: true }),
  GlobalLpPool: (call) => {
    const x = call.input(0)
    return lpNorm((powers) => ops.sum(powers, spatialAxes(x), { keepDims: true }), x, call.int('p', 2))
  },
  GlobalMaxPool: (call) => ops.max(call.input(0), spatialAxes(call.input(0)), { keepDims: true }),
  LpPool: lpPool,
  MaxPool: maxPool,
  MaxUnpool: maxUnpool,
}
