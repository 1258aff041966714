import { ArgumentError, ShapeError } from '../base/errors.ts'
import { anything, checked, checkOptions, list, number, oneOf, optionsOf, without } from '../base/options.ts'
import { formatShape, type Shape } from '../base/shape.ts'
import { asTensor, type TensorLike } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { apply, promote, toFloating } from './apply.ts'

/** Where the channels stand: last (Keras's default) or right after the batch. */
export type DataFormat = 'channelsLast' | 'channelsFirst'

/** `valid`: only whole windows. `same`: as many windows as elements (divided by the stride). */
export type Padding = 'valid' | 'same'

/** What a convolution takes besides: `causal` pads in front alone, so that no window sees what comes after its end. */
export type ConvPadding = Padding | 'causal'

export interface ConvOptions {
  /** Steps between windows, for all spatial dimensions or each. Default 1. */
  readonly strides?: number | readonly number[]
  /** Default `'valid'`. */
  readonly padding?: ConvPadding
  /** Steps between the elements of a window. Default 1. */
  readonly dilation?: number | readonly number[]
  /** Groups of channels that do not see each other. Default 1. */
  readonly groups?: number
  /** Whether channels stand last or first. Default `'channelsLast'`. */
  readonly dataFormat?: DataFormat
}

const convChecks = optionsOf<ConvOptions>()({
  strides: anything,
  padding: anything,
  dilation: anything,
  groups: number,
  dataFormat: oneOf('channelsLast', 'channelsFirst'),
})

/** One number for all `count` dimensions, or one for each. */
export function perDimension(where: string, value: number | readonly number[], count: number): number[] {
  const list = typeof value === 'number' ? new Array<number>(count).fill(value) : [...value]
  if (list.length !== count || list.some((v) => !Number.isInteger(v) || v < 1)) {
    throw new ArgumentError({
      where,
      expected: `a positive whole number, or ${count} of them`,
      received: JSON.stringify(value),
    })
  }
  return list
}

/** TensorFlow's "same": ⌈length / stride⌉ windows, the odd element of padding at the end. */
function samePadding(
  length: number,
  window: number,
  stride: number,
  dilation: number,
): readonly [number, number] {
  const span = (window - 1) * dilation + 1
  const total = Math.max(0, (Math.ceil(length / stride) - 1) * stride + span - length)
  return [Math.floor(total / 2), total - Math.floor(total / 2)]
}

/** Elements to add before and after each spatial dimension. */
export const windowPadding = (
  padding: ConvPadding,
  spatial: Shape,
  window: readonly number[],
  strides: readonly number[],
  dilation: readonly number[],
): (readonly [number, number])[] =>
  spatial.map((length, i) => {
    if (padding === 'valid') return [0, 0]
    if (padding === 'causal') return [((window[i] as number) - 1) * (dilation[i] as number), 0]
    return samePadding(length, window[i] as number, strides[i] as number, dilation[i] as number)
  })

/** (N, …spatial, C) → (N, C, …spatial). */
export function channelsFirst(x: Tensor): Tensor {
  const spatial = x.shape.map((_, i) => i).slice(1, -1)
  return apply('transpose', [x], { permutation: [0, x.rank - 1, ...spatial] })
}

/** (N, C, …spatial) → (N, …spatial, C). */
export function channelsLast(x: Tensor): Tensor {
  const spatial = x.shape.map((_, i) => i).slice(2)
  return apply('transpose', [x], { permutation: [0, ...spatial, 1] })
}

/** (…window, A, B) → (B, A, …window): Keras's kernel layout to ONNX's. */
function kernelFirst(kernel: Tensor): Tensor {
  const window = kernel.shape.map((_, i) => i).slice(0, -2)
  return apply('transpose', [kernel], { permutation: [kernel.rank - 1, kernel.rank - 2, ...window] })
}

function checkRanks(where: string, x: Tensor, kernel: Tensor): void {
  if (x.rank < 3 || x.rank > 5 || x.rank !== kernel.rank) {
    throw new ShapeError({
      where,
      expected: `an input (batch, …spatial, channels) of rank 3 to 5 and a kernel of the same rank`,
      received: `shapes ${formatShape(x.shape)} and ${formatShape(kernel.shape)}`,
      fix: 'Add the batch or the channels with expandDims.',
    })
  }
}

/**
 * Convolution (cross-correlation, as in every framework) over 1 to 3 spatial dimensions.
 *
 * @param x (batch, …spatial, channels), or channels first by `dataFormat`.
 * @param kernel (…window, channels / groups, outputs), Keras's layout for both data formats.
 * @throws ShapeError if the channels do not fit the kernel, or the window is larger than the input.
 * @example
 * ops.conv(images, kernel, { padding: 'same', strides: 2 }) // (N, H, W, C), (3, 3, C, O) → (N, H/2, W/2, O)
 */
export function conv(x: TensorLike, kernel: TensorLike, options: ConvOptions = {}): Tensor {
  const { padding = 'valid', groups = 1, dataFormat = 'channelsLast' } = checked('conv', options, convChecks)
  const [input, weights] = promote(toFloating(asTensor(x)), toFloating(asTensor(kernel)))
  checkRanks('conv', input, weights)
  const count = input.rank - 2
  const strides = perDimension('conv: strides', options.strides ?? 1, count)
  const dilation = perDimension('conv: dilation', options.dilation ?? 1, count)
  const first = dataFormat === 'channelsLast' ? channelsFirst(input) : input
  const outputs = weights.shape.at(-1) as number
  if (outputs % groups !== 0) {
    throw new ArgumentError({
      where: 'conv',
      expected: `groups that divide the ${outputs} outputs`,
      received: `${groups}`,
    })
  }
  const result = apply('conv', [first, kernelFirst(weights)], {
    strides,
    dilation,
    groups,
    padding: windowPadding(padding, first.shape.slice(2), weights.shape.slice(0, count), strides, dilation),
  })
  return dataFormat === 'channelsLast' ? channelsLast(result) : result
}

export interface ConvTransposeOptions extends Omit<ConvOptions, 'groups' | 'padding'> {
  /** Default `'valid'`. */
  readonly padding?: Padding
  /** Elements to add at the end, fewer than the stride, for each dimension. Default: what `padding` promises. */
  readonly outputPadding?: readonly number[]
}

const convTransposeChecks = optionsOf<ConvTransposeOptions>()({
  ...without(convChecks, 'groups', 'padding'),
  padding: anything,
  outputPadding: list,
})

/**
 * Padding of the convolution that the transposed one undoes, and the length that it had before. By default that
 * is length · stride (`same`) or (length − 1) · stride + max(span, stride) (`valid`); with `outputPadding` it
 * is counted from (length − 1) · stride plus 1 (odd windows, `same`), 0 (even ones) or the span (`valid`).
 */
function transposedWindow(
  length: number,
  span: number,
  stride: number,
  padding: Padding,
  outputPadding: number | undefined,
): { readonly padding: readonly [number, number]; readonly length: number } {
  if (padding === 'valid') {
    const extra = outputPadding ?? Math.max(stride - span, 0)
    return { padding: [0, 0], length: (length - 1) * stride + span + extra }
  }
  // Elements that the stride spreads apart and the zeros around them: Keras puts the odd one in front.
  const zeros = outputPadding === undefined ? stride + span - 2 : span + (span % 2) - 2 + outputPadding
  const before = Math.min(Math.ceil(zeros / 2), span - 1)
  return {
    padding: [span - 1 - before, Math.max(span - 1 - (zeros - before), 0)],
    length: (length - 1) * stride - span + 2 + zeros,
  }
}

/**
 * Transposed convolution: the gradient of a convolution, used forwards to upsample.
 *
 * @param x (batch, …spatial, channels).
 * @param kernel (…window, outputs, channels), as Keras's Conv2DTranspose keeps it.
 */
export function convTranspose(x: TensorLike, kernel: TensorLike, options: ConvTransposeOptions = {}): Tensor {
  checkOptions('convTranspose', options, convTransposeChecks)
  const { padding = 'valid', dataFormat = 'channelsLast', outputPadding } = options
  const [input, weights] = promote(toFloating(asTensor(x)), toFloating(asTensor(kernel)))
  checkRanks('convTranspose', input, weights)
  const count = input.rank - 2
  const strides = perDimension('convTranspose: strides', options.strides ?? 1, count)
  const dilation = perDimension('convTranspose: dilation', options.dilation ?? 1, count)
  const first = dataFormat === 'channelsLast' ? channelsFirst(input) : input
  const outputs = weights.shape[count] as number
  const windows = first.shape.slice(2).map((length, i) => {
    const span = ((weights.shape[i] as number) - 1) * (dilation[i] as number) + 1
    return transposedWindow(length, span, strides[i] as number, padding, outputPadding?.[i])
  })
  const result = apply('convInputGradient', [first, kernelFirst(weights)], {
    strides,
    dilation,
    groups: 1,
    padding: windows.map((window) => window.padding),
    inputShape: [first.shape[0] as number, outputs, ...windows.map((window) => window.length)],
  })
  return dataFormat === 'channelsLast' ? channelsLast(result) : result
}
