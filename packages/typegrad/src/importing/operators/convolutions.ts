import { sizeOf } from '../../base/shape.ts'
import { apply } from '../../ops/apply.ts'
import * as ops from '../../ops/index.ts'
import { constant, type Tensor } from '../../tensor/tensor.ts'
import type { NodeCall, Operator, Operators } from '../node-call.ts'
import { countsOf, type Pair, windowsOf } from './windows.ts'

/** Adds a bias for each channel of (N, C, …). */
export function withBias(x: Tensor, bias: Tensor | undefined): Tensor {
  if (bias === undefined) return x
  return apply('add', [x, perChannel(bias, x)], {})
}

/** (C) as (C, 1, …) of x (N, C, …). */
export const perChannel = (values: Tensor, x: Tensor): Tensor =>
  ops.reshape(values, [-1, ...x.shape.slice(2).map(() => 1)])

export function convolution(call: NodeCall, x: Tensor, kernel: Tensor): Tensor {
  const { strides, dilation, padding: given } = windowsOf(call, x.shape.slice(2), kernel.shape.slice(2))
  // Unlike pools, convolutions with gaps between their windows begin at the first element.
  const padding = call.string('auto_pad', 'NOTSET').startsWith('SAME')
    ? given.map(([before, after]): Pair => [Math.max(0, before), Math.max(0, after)])
    : given
  return apply('conv', [x, kernel], { strides, dilation, padding, groups: call.int('group', 1) })
}

const conv: Operator = (call) => withBias(convolution(call, call.input(0), call.input(1)), call.optional(2))

/** The input's gradient of a convolution whose kernel is (C, M / group, …window). */
const convTranspose: Operator = (call) => {
  const [x, kernel] = [call.input(0), call.input(1)]
  const groups = call.int('group', 1)
  const window = kernel.shape.slice(2)
  const { strides, dilation, padding: given } = windowsOf(call, x.shape.slice(2), window)
  const extra = call.ints('output_padding') ?? window.map(() => 0)
  const asked = call.ints('output_shape')?.slice(-window.length)
  const autoPad = call.string('auto_pad', 'NOTSET')
  const isSame = autoPad.startsWith('SAME')
  const axes = window.map((size, i) => {
    const [length, stride] = [x.shape[i + 2] as number, strides[i] as number]
    const whole = (length - 1) * stride + (size - 1) * (dilation[i] as number) + 1 + (extra[i] as number)
    const wanted = asked?.[i] ?? (isSame ? length * stride : undefined)
    if (wanted === undefined) {
      const [before, after] = given[i] as Pair
      return { length: whole - before - after, padding: [before, after - (extra[i] as number)] as Pair }
    }
    const total = Math.max(0, whole - wanted)
    // Here the odd one goes to the other side than in a convolution.
    const less = Math.floor(total / 2)
    const [before, after] = autoPad === 'SAME_UPPER' ? [less, total - less] : [total - less, less]
    return { length: wanted, padding: [before, after - (extra[i] as number)] as Pair }
  })
  // The convolution that is undone may not have negative padding: what it would cut is computed and taken away.
  const over = axes.map(({ padding: [, after] }) => Math.max(0, -after))
  const made = apply('convInputGradient', [x, kernel], {
    strides,
    dilation,
    groups,
    padding: axes.map(({ padding: [before, after] }) => [before, Math.max(0, after)] as const),
    inputShape: [
      x.shape[0] as number,
      (kernel.shape[1] as number) * groups,
      ...axes.map(({ length }, i) => length - (over[i] as number)),
    ],
  })
  const grown = over.some((count) => count > 0)
    ? apply('pad', [made], {
        padding: [[0, 0], [0, 0], ...over.map((count) => [0, count] as const)],
        value: 0,
      })
    : made
  return withBias(grown, call.optional(2))
}

/** Columns (N, C · window, L) back into images, those that meet added up: a transposed convolution with unit kernels. */
const col2Im: Operator = (call) => {
  const x = call.input(0)
  const [images, window] = [call.numbers(1), call.numbers(2)]
  const size = sizeOf(window)
  const [batch, rows] = x.shape as readonly [number, number, number]
  const channels = rows / size
  const { strides, dilation, padding } = windowsOf(call, images, window)
  const counts = countsOf(
    images.map((length, i) => length + (padding[i] as Pair)[0] + (padding[i] as Pair)[1]),
    { window, strides, dilation },
  )
  const units = constant(
    Array.from({ length: size * size }, (_, i) => Number(i % size === Math.floor(i / size))),
    [size, 1, ...window],
    x.dtype,
  )
  const made = apply('convInputGradient', [ops.reshape(x, [batch * channels, size, ...counts]), units], {
    strides,
    dilation,
    padding,
    groups: 1,
    inputShape: [batch * channels, 1, ...images],
  })
  return ops.reshape(made, [batch, channels, ...images])
}

export const convolutions: Operators = {
  Col2Im: col2Im,
  Conv: conv,
  ConvTranspose: convTranspose,
}
