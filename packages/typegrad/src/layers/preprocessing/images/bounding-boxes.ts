import { canonicalName } from '../../../base/registry.ts'
import { where } from '../../../ops/comparison.ts'
import { concat, split } from '../../../ops/shape.ts'
import { scalar, type Tensor } from '../../../tensor/tensor.ts'
import type { BoundingBoxes, ImageSize } from './labeled-images.ts'

/**
 * How the four numbers of a box stand: its corners (x to the right, y down), a corner and its sides, or its centre and its
 * sides; `rel` as shares of the image's sides.
 */
export type BoundingBoxFormat =
  | 'xyxy'
  | 'yxyx'
  | 'xywh'
  | 'centerXywh'
  | 'centerYxhw'
  | 'relXyxy'
  | 'relYxyx'
  | 'relXywh'
  | 'relCenterXywh'

type Four = readonly [Tensor, Tensor, Tensor, Tensor]

/** To corners x₁, y₁, x₂, y₂, and from them. */
interface Conversion {
  readonly isRelative?: boolean
  readonly toCorners: (four: Four) => Four
  readonly fromCorners: (corners: Four) => Four
}

const xyxy: Conversion = { toCorners: (c) => c, fromCorners: (c) => c }
const yxyx: Conversion = {
  toCorners: ([y1, x1, y2, x2]) => [x1, y1, x2, y2],
  fromCorners: ([x1, y1, x2, y2]) => [y1, x1, y2, x2],
}
const xywh: Conversion = {
  toCorners: ([x, y, w, h]) => [x, y, x.add(w), y.add(h)],
  fromCorners: ([x1, y1, x2, y2]) => [x1, y1, x2.sub(x1), y2.sub(y1)],
}
const centerXywh: Conversion = {
  toCorners: ([x, y, w, h]) => [x.sub(w.mul(0.5)), y.sub(h.mul(0.5)), x.add(w.mul(0.5)), y.add(h.mul(0.5))],
  fromCorners: ([x1, y1, x2, y2]) => [x1.add(x2).mul(0.5), y1.add(y2).mul(0.5), x2.sub(x1), y2.sub(y1)],
}
const centerYxhw: Conversion = {
  toCorners: ([y, x, h, w]) => centerXywh.toCorners([x, y, w, h]),
  fromCorners: (corners) => {
    const [x, y, w, h] = centerXywh.fromCorners(corners)
    return [y, x, h, w]
  },
}

const conversions: Readonly<Record<BoundingBoxFormat, Conversion>> = {
  xyxy,
  yxyx,
  xywh,
  centerXywh,
  centerYxhw,
  relXyxy: { ...xyxy, isRelative: true },
  relYxyx: { ...yxyx, isRelative: true },
  relXywh: { ...xywh, isRelative: true },
  relCenterXywh: { ...centerXywh, isRelative: true },
}

/** @throws UnknownNameError for another name. */
export const getBoxFormat = (where: string, name: BoundingBoxFormat): BoundingBoxFormat =>
  canonicalName(`${where}: boundingBoxFormat`, name, conversions)

const fourOf = (boxes: Tensor): Four => split(boxes, 4, -1) as unknown as Four

/** The sides of an image, as numbers or as a tensor for each image. */
interface Sides {
  readonly height: number | Tensor
  readonly width: number | Tensor
}

const scaled = ([a, b, c, d]: Four, x: number | Tensor, y: number | Tensor): Four => [
  a.mul(x),
  b.mul(y),
  c.mul(x),
  d.mul(y),
]
const shares = ([a, b, c, d]: Four, x: number | Tensor, y: number | Tensor): Four => [
  a.div(x),
  b.div(y),
  c.div(x),
  d.div(y),
]

/** Boxes in a format as corners x₁, y₁, x₂, y₂ in pixels. */
export function toCorners(boxes: Tensor, format: BoundingBoxFormat, { height, width }: Sides): Four {
  const { toCorners: convert, isRelative } = conversions[format]
  const corners = convert(fourOf(boxes.cast('float32')))
  return isRelative === true ? scaled(corners, width, height) : corners
}

/** Corners in pixels as boxes in a format. */
export function fromCorners(corners: Four, format: BoundingBoxFormat, { height, width }: Sides): Tensor {
  const { fromCorners: convert, isRelative } = conversions[format]
  return concat([...convert(isRelative === true ? shares(corners, width, height) : corners)], -1)
}

/**
 * Boxes moved by a function of their corners in pixels, cut to the new image, and labelled −1 where nothing is left of them.
 *
 * @param after the size of the images then.
 */
export function movedBoxes(
  { boxes, labels }: BoundingBoxes,
  format: BoundingBoxFormat,
  before: ImageSize,
  after: { readonly height: number; readonly width: number },
  move: (corners: Four) => Four,
): BoundingBoxes {
  const { height, width } = after
  const [x1, y1, x2, y2] = move(toCorners(boxes, format, before))
  const cut: Four = [
    x1.clip({ min: 0, max: width }),
    y1.clip({ min: 0, max: height }),
    x2.clip({ min: 0, max: width }),
    y2.clip({ min: 0, max: height }),
  ]
  const area = cut[2].sub(cut[0]).mul(cut[3].sub(cut[1])).squeeze(-1)
  return {
    boxes: fromCorners(cut, format, after),
    labels: where(area.greater(0), labels, scalar(-1, labels.dtype)),
  }
}

export type { Four }
