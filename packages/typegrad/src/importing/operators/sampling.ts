import { type Shape, sizeOf, stridesOf } from '../../base/shape.ts'
import { apply } from '../../ops/apply.ts'
import * as ops from '../../ops/index.ts'
import { constant, type Tensor } from '../../tensor/tensor.ts'
import type { Operator, Operators } from '../node-call.ts'
import { cubicWeight } from './resize.ts'

/** What stands outside of an image. */
type Outside = 'zeros' | 'border' | 'reflection'

/** Images (N, C, …spatial) that are read at positions which the network computes. */
interface Images {
  /** (N · spatial, C) */
  readonly rows: Tensor
  readonly spatial: Shape
  /** The first row of the image that each position is in, broadcast to positions. */
  readonly starts: Tensor
  readonly outside: Outside
  /** Whether the outermost positions are the middles of the outermost elements, or half an element beyond them. */
  readonly isAligned: boolean
}

function imagesOf(x: Tensor, starts: Tensor, outside: Outside, isAligned: boolean): Images {
  const [batch, channels, ...spatial] = x.shape as readonly [number, number, ...number[]]
  const last = apply('transpose', [x], { permutation: [0, ...spatial.map((_, i) => i + 2), 1] })
  return { rows: ops.reshape(last, [batch * sizeOf(spatial), channels]), spatial, starts, outside, isAligned }
}

/** First rows of images 0, 1, …, (N, 1). */
const startsOf = ({ shape: [batch, , ...spatial] }: Tensor): Tensor =>
  constant(
    Array.from({ length: batch as number }, (_, i) => i * sizeOf(spatial)),
    [batch as number, 1],
    'int64',
  )

/** Positions that are reflected at both ends until they are within. */
function reflected(at: Tensor, size: number, isAligned: boolean): Tensor {
  const [low, high] = isAligned ? [0, size - 1] : [-0.5, size - 0.5]
  const range = high - low
  if (range === 0) return ops.mul(at, 0)
  // A triangle wave of two ranges' length.
  const along = ops.mod(ops.sub(at, low), 2 * range)
  return ops.add(ops.where(ops.greater(along, range), ops.sub(2 * range, along), along), low)
}

/** The elements (N, P, C) at whole positions (N, P) along each axis. */
function elementsAt({ rows, spatial, starts, outside, isAligned }: Images, at: readonly Tensor[]): Tensor {
  const strides = stridesOf(spatial)
  const place = at.reduce<Tensor>((sum, position, axis) => {
    const size = spatial[axis] as number
    const within = outside === 'reflection' ? reflected(position, size, isAligned) : position
    const whole = ops.cast(ops.clip(within, { min: 0, max: size - 1 }), 'int64')
    return ops.add(sum, ops.mul(whole, strides[axis] as number))
  }, starts)
  const values = apply('gather', [rows, place], { axis: 0 })
  if (outside !== 'zeros') return values
  const isWithin = at
    .map((position, axis) =>
      ops.logicalAnd(ops.greaterEqual(position, 0), ops.lessEqual(position, (spatial[axis] as number) - 1)),
    )
    .reduce((a, b) => ops.logicalAnd(a, b))
  return ops.mul(values, ops.expandDims(ops.cast(isWithin, rows.dtype), -1))
}

/** A neighbour of a position along an axis, and its share in the value there. */
interface Neighbour {
  readonly at: Tensor
  readonly share: Tensor
}

type Neighbours = (position: Tensor) => readonly Neighbour[]

const linear: Neighbours = (position) => {
  const low = ops.floor(position)
  const rest = ops.sub(position, low)
  return [
    { at: low, share: ops.sub(1, rest) },
    { at: ops.add(low, 1), share: rest },
  ]
}

/** Four, with the weights of Keys' kernel for a = −0.75. */
const cubic: Neighbours = (position) => {
  const low = ops.floor(position)
  const rest = ops.sub(position, low)
  return [-1, 0, 1, 2].map((i) => ({
    at: ops.add(low, i),
    share: cubicWeight(ops.abs(ops.sub(rest, i)), -0.75),
  }))
}

/** Shares of all combinations of neighbours (N, P, C), one by one. */
function partsAt(images: Images, positions: readonly Tensor[], neighbours: Neighbours): readonly Tensor[] {
  const combinations = positions
    .map(neighbours)
    .reduce<readonly (readonly Neighbour[])[]>(
      (all, along) => all.flatMap((chosen) => along.map((one) => [...chosen, one])),
      [[]],
    )
  return combinations.map((chosen) => {
    const share = chosen.map((one) => one.share).reduce((a, b) => ops.mul(a, b))
    const values = elementsAt(
      images,
      chosen.map(({ at }) => at),
    )
    return ops.mul(values, ops.expandDims(share, -1))
  })
}

const interpolated = (
  images: Images,
  positions: readonly Tensor[],
  neighbours: Neighbours = linear,
): Tensor => partsAt(images, positions, neighbours).reduce((a, b) => ops.add(a, b))

/** (N, …spatial, C) → (N, C, …spatial) */
const channelsSecond = (x: Tensor): Tensor =>
  apply('transpose', [x], { permutation: [0, x.rank - 1, ...x.shape.map((_, i) => i).slice(1, -1)] })

/**
 * Values at positions of a grid (N, …out, D) in [−1, 1], the last axis of the image first (Jaderberg et al., Spatial transformer
 * networks, 2015, https://arxiv.org/abs/1506.02025), over images (N, C, …spatial) of D axes.
 */
const gridSample: Operator = (call) => {
  const [x, grid] = [call.input(0), call.input(1)]
  const mode = call.string('mode', 'linear')
  const outside = call.string('padding_mode', 'zeros')
  const isAligned = call.int('align_corners', 0) === 1
  const spatial = x.shape.slice(2)
  if (outside !== 'zeros' && outside !== 'border' && outside !== 'reflection')
    return call.refuse(`with the padding '${outside}'`)
  if (mode.endsWith('cubic') && spatial.length !== 2)
    return call.refuse(`in mode '${mode}' of ${spatial.length} axes`)
  const [batch, ...out] = grid.shape.slice(0, -1) as [number, ...number[]]
  const images = imagesOf(x, startsOf(x), outside, isAligned)
  const positions = ops
    .unstack(ops.reshape(grid, [batch, sizeOf(out), spatial.length]), -1)
    .toReversed()
    .map((along, axis) => {
      const size = spatial[axis] as number
      const at = isAligned
        ? ops.mul(ops.add(along, 1), (size - 1) / 2)
        : ops.sub(ops.mul(ops.add(along, 1), size / 2), 0.5)
      const exact = mode === 'nearest' ? ops.round(at) : at
      // Of a cubic the neighbours are held within the border, one by one.
      if (outside === 'border' && !mode.endsWith('cubic')) return ops.clip(exact, { min: 0, max: size - 1 })
      return outside === 'reflection' ? reflected(exact, size, isAligned) : exact
    })
  const neighbours = { nearest: undefined, linear, bilinear: linear, cubic, bicubic: cubic }
  if (!Object.hasOwn(neighbours, mode)) return call.refuse(`in mode '${mode}'`)
  const found = neighbours[mode as keyof typeof neighbours]
  const made =
    found === undefined
      ? elementsAt(
          images,
          positions.map((at) => ops.round(at)),
        )
      : interpolated(images, positions, found)
  return channelsSecond(ops.reshape(made, [batch, ...out, x.shape[1] as number]))
}

/** Positions for `GridSample` by matrices (N, D, D + 1): an even grid in [−1, 1] that is turned and moved. */
const affineGrid: Operator = (call) => {
  const theta = call.input(0)
  const [batch, , ...spatial] = call.numbers(1) as readonly [number, number, ...number[]]
  const isAligned = call.int('align_corners', 0) === 1
  const along = (i: number, size: number): number =>
    isAligned ? (size === 1 ? -1 : (2 * i) / (size - 1) - 1) : (2 * i + 1) / size - 1
  const strides = stridesOf(spatial)
  const points = Array.from({ length: sizeOf(spatial) }, (_, place) => [
    ...spatial
      .map((size, axis) => along(Math.floor(place / (strides[axis] as number)) % size, size))
      .reverse(),
    1,
  ])
  const grid = constant(points.flat(), [points.length, spatial.length + 1], theta.dtype)
  const made = ops.matmul(grid, apply('transpose', [theta], { permutation: [0, 2, 1] }))
  return ops.reshape(made, [batch, ...spatial, spatial.length])
}

/** Regions (x₁, y₁, x₂, y₂) of images as images of one size (He et al., Mask R-CNN, 2017, https://arxiv.org/abs/1703.06870). */
const roiAlign: Operator = (call) => {
  const [x, rois, owners] = [call.input(0), call.input(1), call.input(2)]
  const [, channels, ...spatial] = x.shape as readonly [number, number, number, number]
  const isHalfPixel =
    call.string('coordinate_transformation_mode', call.opset < 16 ? 'output_half_pixel' : 'half_pixel') ===
    'half_pixel'
  const isMax = call.string('mode', 'avg') === 'max'
  const out = [call.int('output_height', 1), call.int('output_width', 1)] as const
  const ratio = call.int('sampling_ratio', 0)
  const scale = call.float('spatial_scale', 1)
  if (ratio === 0) return call.refuse('with as many samples as a region has elements (sampling_ratio 0)')
  const count = rois.shape[0] as number
  const starts = ops.expandDims(ops.mul(ops.cast(owners, 'int64'), sizeOf(spatial)), 1)
  const images = imagesOf(x, starts, 'border', true)
  const corners = ops.unstack(ops.sub(ops.mul(rois, scale), isHalfPixel ? 0.5 : 0), -1) as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ]
  const samples = [out[0] * ratio, out[1] * ratio] as const
  /** (regions, samples) along an axis. */
  const along = (axis: 0 | 1): Tensor => {
    const [start, end] = [corners[1 - axis], corners[3 - axis]] as [Tensor, Tensor]
    const span = isHalfPixel ? ops.sub(end, start) : ops.maximum(ops.sub(end, start), 1)
    const shares = Array.from({ length: samples[axis] }, (_, i) => (i + 0.5) / samples[axis])
    const at = ops.mul(ops.expandDims(span, 1), constant(shares, [1, samples[axis]], x.dtype))
    return ops.add(at, ops.expandDims(start, 1))
  }
  const [rows, columns] = [along(0), along(1)]
  const grid = (t: Tensor): Tensor =>
    ops.reshape(ops.broadcastTo(t, [count, ...samples]), [count, samples[0] * samples[1]])
  const positions = [grid(ops.expandDims(rows, 2)), grid(ops.expandDims(columns, 1))]
  // More than an element outside there is nothing.
  const isWithin = positions
    .map((at, axis) => ops.logicalAnd(ops.greaterEqual(at, -1), ops.lessEqual(at, spatial[axis] as number)))
    .reduce((a, b) => ops.logicalAnd(a, b))
  const clamped = positions.map((at, axis) => ops.clip(at, { min: 0, max: (spatial[axis] as number) - 1 }))
  const combine = isMax ? ops.maximum : ops.add
  const values = partsAt(images, clamped, linear).reduce((a, b) => combine(a, b))
  const kept = ops.mul(values, ops.expandDims(ops.cast(isWithin, x.dtype), -1))
  const cells = ops.reshape(kept, [count, out[0], ratio, out[1], ratio, channels])
  return channelsSecond(isMax ? ops.max(cells, [2, 4]) : ops.mean(cells, [2, 4]))
}

/**
 * A convolution whose window has its places moved by offsets, and perhaps weighted (Dai et al., 2017,
 * https://arxiv.org/abs/1703.06211; Zhu et al., 2018, https://arxiv.org/abs/1811.11168).
 */
const deformConv: Operator = (call) => {
  const [x, kernel, offset] = [call.input(0), call.input(1), call.input(2)]
  const [bias, mask] = [call.optional(3), call.optional(4)]
  const [batch, channels, ...spatial] = x.shape as readonly [number, number, ...number[]]
  const [filters, , ...window] = kernel.shape as readonly [number, number, ...number[]]
  const out = offset.shape.slice(2)
  const [places, cells, axes] = [sizeOf(window), sizeOf(out), spatial.length]
  const [groups, offsetGroups] = [call.int('group', 1), call.int('offset_group', 1)]
  const ones = window.map(() => 1)
  const [strides, dilation] = [call.ints('strides') ?? ones, call.ints('dilations') ?? ones]
  const pads = call.ints('pads') ?? window.map(() => 0)
  const sets = batch * offsetGroups
  const apart = ops.reshape(x, [sets, channels / offsetGroups, ...spatial])
  const images = imagesOf(apart, startsOf(apart), 'zeros', true)
  const moves = ops.unstack(ops.reshape(offset, [sets, places, axes, cells]), 2)
  const positions = moves.map((move, axis) => {
    const [inWindow, inOut] = [stridesOf(window)[axis] as number, stridesOf(out)[axis] as number]
    const start = Array.from({ length: places * cells }, (_, i) => {
      const [place, cell] = [Math.floor(i / cells), i % cells]
      const within = Math.floor(place / inWindow) % (window[axis] as number)
      const step = Math.floor(cell / inOut) % (out[axis] as number)
      return step * (strides[axis] as number) - (pads[axis] as number) + within * (dilation[axis] as number)
    })
    return ops.reshape(ops.add(move, constant(start, [1, places, cells], x.dtype)), [sets, places * cells])
  })
  const seen = ops.reshape(interpolated(images, positions), [sets, places, cells, channels / offsetGroups])
  const weighted = mask === undefined ? seen : ops.mul(seen, ops.reshape(mask, [sets, places, cells, 1]))
  // Columns (batch, groups, channels of a group · places, cells), as the kernel has its own.
  const columns = ops.reshape(apply('transpose', [weighted], { permutation: [0, 3, 1, 2] }), [
    batch,
    groups,
    (channels / groups) * places,
    cells,
  ])
  const matrices = ops.reshape(kernel, [groups, filters / groups, (channels / groups) * places])
  const made = ops.reshape(ops.matmul(matrices, columns), [batch, filters, ...out])
  return bias === undefined ? made : ops.add(made, ops.reshape(bias, [filters, ...out.map(() => 1)]))
}

/** Operators that read images at positions which the network computes: gradients pass to both. */
export const sampling: Operators = {
  AffineGrid: affineGrid,
  DeformConv: deformConv,
  GridSample: gridSample,
  RoiAlign: roiAlign,
}
