import { ArgumentError, ShapeError } from '../base/errors.ts'
import { anything, checkOptions, needed, oneOf, optionsOf } from '../base/options.ts'
import { formatShape } from '../base/shape.ts'
import { asTensor, type TensorLike } from '../tensor/create.ts'
import { constant, type Tensor } from '../tensor/tensor.ts'
import { apply } from './apply.ts'
import { type DataFormat, type Padding, perDimension, windowPadding } from './convolution.ts'

export interface PatchOptions {
  /** Size of a patch, for all spatial dimensions or each. */
  readonly size: number | readonly number[]
  /** Steps between patches. Default `size`: patches lie side by side. */
  readonly strides?: number | readonly number[]
  /** Steps between the elements of a patch. Default 1. */
  readonly dilation?: number | readonly number[]
  /** `'valid'` leaves out what fills no whole patch; `'same'` pads with zeros. Default `'valid'`. */
  readonly padding?: Padding
  /** Whether channels stand last or first. Default `'channelsLast'`. */
  readonly dataFormat?: DataFormat
}

const patchChecks = optionsOf<PatchOptions>()({
  size: needed(anything),
  strides: anything,
  dilation: anything,
  padding: anything,
  dataFormat: oneOf('channelsLast', 'channelsFirst'),
})

/**
 * The patches that windows see of images (batch, height, width, channels): (batch, rows, columns,
 * size · size · channels), each patch row by row with its channels innermost, as Keras's `extract_patches`. Volumes
 * and sequences (three and one spatial dimensions) too.
 *
 * @throws ShapeError for fewer than three dimensions, ArgumentError for sizes that are no positive whole numbers.
 * @example
 * ops.extractPatches(images, { size: 16 })             // a vision transformer's: (batch, 14, 14, 768) of 224 × 224 × 3
 * ops.extractPatches(images, { size: 3, strides: 1 })  // every 3 × 3 window
 */
export function extractPatches(images: TensorLike, options: PatchOptions): Tensor {
  checkOptions('extractPatches', options, patchChecks)
  const { size, strides = size, dilation = 1, padding = 'valid', dataFormat = 'channelsLast' } = options
  const given = asTensor(images)
  if (given.rank < 3) {
    throw new ShapeError({
      where: 'extractPatches',
      expected: 'images of shape (batch, …spatial, channels)',
      received: `shape ${formatShape(given.shape)}`,
      fix: 'Put a batch in front: images.expandDims(0).',
    })
  }
  if (padding !== 'valid' && padding !== 'same') {
    throw new ArgumentError({
      where: 'extractPatches: padding',
      expected: "'valid' or 'same'",
      received: JSON.stringify(padding),
    })
  }
  const count = given.rank - 2
  const dimensions = Array.from({ length: count }, (_, i) => i)
  const last = dataFormat === 'channelsFirst' ? turned(given, [0, ...dimensions.map((i) => i + 2), 1]) : given
  const windows = perDimension('extractPatches: size', size, count)
  const steps = perDimension('extractPatches: strides', strides, count)
  const spacing = perDimension('extractPatches: dilation', dilation, count)
  const spatial = last.shape.slice(1, -1)
  const pads = windowPadding(padding, spatial, windows, steps, spacing)
  const around = [[0, 0], ...pads, [0, 0]] as const
  const padded = around.some(([front, back]) => front + back > 0)
    ? apply('pad', [last], { padding: around, value: 0 })
    : last

  // Each spatial dimension becomes two, (patches, elements of a patch), from the last to the first.
  let cut = padded
  for (const axis of dimensions.toReversed()) {
    const [window, step, space] = [windows[axis], steps[axis], spacing[axis]] as [number, number, number]
    const length = padded.shape[axis + 1] as number
    const patches = Math.max(0, Math.floor((length - (window - 1) * space - 1) / step) + 1)
    const at = axis + 1
    const shape = cut.shape.toSpliced(at, 1, patches, window)
    const inRow =
      step === window && space === 1 && patches * window === length
        ? cut
        : apply('gather', [cut, positions(patches, window, step, space)], { axis: at })
    cut = apply('reshape', [inRow], { shape })
  }
  // (batch, P₁, w₁, P₂, w₂, …, channels) → (batch, P₁, P₂, …, w₁, w₂, …, channels)
  const ordered = turned(cut, [
    0,
    ...dimensions.map((i) => 1 + 2 * i),
    ...dimensions.map((i) => 2 + 2 * i),
    1 + 2 * count,
  ])
  const depth = windows.reduce((a, b) => a * b, 1) * (last.shape.at(-1) as number)
  const flat = apply('reshape', [ordered], { shape: [...ordered.shape.slice(0, 1 + count), depth] })
  return dataFormat === 'channelsFirst' ? turned(flat, [0, 1 + count, ...dimensions.map((i) => i + 1)]) : flat
}

const turned = (x: Tensor, permutation: readonly number[]): Tensor => apply('transpose', [x], { permutation })

/** Where the elements of each patch stand along an axis, one patch after the other. */
function positions(patches: number, window: number, step: number, space: number): Tensor {
  const all = Array.from({ length: patches * window }, (_, i) => {
    const patch = Math.floor(i / window)
    return patch * step + (i % window) * space
  })
  return constant(all, [all.length], 'int32')
}
