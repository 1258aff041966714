import { ArgumentError } from '../../base/errors.ts'
import { anything, checked, integer, optionsOf, wholeFrom } from '../../base/options.ts'
import type { TensorLike } from '../../tensor/create.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { pad, slice } from '../shape.ts'
import { type ImageLayout, onImages } from './layout.ts'

interface Edges {
  /** Rows above. Default: what follows from the others, or 0. */
  readonly top?: number
  /** Rows below. Default: what follows from the others, or 0. */
  readonly bottom?: number
  /** Columns to the left. Default: what follows from the others, or 0. */
  readonly left?: number
  /** Columns to the right. Default: what follows from the others, or 0. */
  readonly right?: number
  /** Rows that are to come out. Default: what follows from the edges. */
  readonly targetHeight?: number
  /** Columns that are to come out. Default: what follows from the edges. */
  readonly targetWidth?: number
}

export interface CropImagesOptions extends Edges, ImageLayout {}
export interface PadImagesOptions extends Edges, ImageLayout {}

const edgeChecks = optionsOf<CropImagesOptions>()({
  top: integer,
  bottom: integer,
  left: integer,
  right: integer,
  targetHeight: wholeFrom(1),
  targetWidth: wholeFrom(1),
  dataFormat: anything,
})

/** How much is before and behind along one axis; what is not told follows from the target. */
function edgesOf(
  where: string,
  [before, behind]: readonly [number | undefined, number | undefined],
  change: number | undefined,
  names: string,
): readonly [number, number] {
  const missing = change ?? (before ?? 0) + (behind ?? 0)
  const first = before ?? missing - (behind ?? 0)
  const last = behind ?? missing - first
  if (first >= 0 && last >= 0 && first + last === missing) return [first, last]
  throw new ArgumentError({
    where,
    expected: `${names} of at least 0 that add up to ${missing}`,
    received: `${first} and ${last}`,
  })
}

/**
 * Images without rows and columns at their edges: cut by so many, or down to a target.
 *
 * @param images (height, width, channels), or with a batch in front.
 * @throws ArgumentError for edges that do not add up, ShapeError for another rank.
 * @example
 * ops.image.cropImages(images, { top: 2, left: 3, targetHeight: 20, targetWidth: 20 })
 */
export function cropImages(images: TensorLike, options: CropImagesOptions = {}): Tensor {
  const { top, bottom, left, right, targetHeight, targetWidth, dataFormat } = checked(
    'cropImages',
    options,
    edgeChecks,
  )
  return onImages('cropImages', images, dataFormat, (batch) => {
    const [count, height, width, channels] = batch.shape as [number, number, number, number]
    const less = (from: number, to: number | undefined) => (to === undefined ? undefined : from - to)
    const [above, below] = edgesOf('cropImages', [top, bottom], less(height, targetHeight), 'top and bottom')
    const [before, behind] = edgesOf('cropImages', [left, right], less(width, targetWidth), 'left and right')
    const [rows, columns] = [height - above - below, width - before - behind]
    if (rows < 1 || columns < 1) {
      throw new ArgumentError({
        where: 'cropImages',
        expected: `at least one pixel to be left of ${height} × ${width}`,
        received: `${rows} × ${columns}`,
      })
    }
    return slice(batch, [0, above, before, 0], [count, rows, columns, channels])
  })
}

/**
 * Images with rows and columns of zeros at their edges: so many, or up to a target.
 *
 * @param images (height, width, channels), or with a batch in front.
 * @throws ArgumentError for edges that do not add up, ShapeError for another rank.
 * @example
 * ops.image.padImages(images, { top: 2, left: 3, targetHeight: 32, targetWidth: 32 })
 */
export function padImages(images: TensorLike, options: PadImagesOptions = {}): Tensor {
  const { top, bottom, left, right, targetHeight, targetWidth, dataFormat } = checked(
    'padImages',
    options,
    edgeChecks,
  )
  return onImages('padImages', images, dataFormat, (batch) => {
    const [, height, width] = batch.shape as [number, number, number]
    const more = (from: number, to: number | undefined) => (to === undefined ? undefined : to - from)
    const [above, below] = edgesOf('padImages', [top, bottom], more(height, targetHeight), 'top and bottom')
    const [before, behind] = edgesOf('padImages', [left, right], more(width, targetWidth), 'left and right')
    return pad(batch, [
      [0, 0],
      [above, below],
      [before, behind],
      [0, 0],
    ])
  })
}
