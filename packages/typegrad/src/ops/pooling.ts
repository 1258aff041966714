import { ShapeError } from '../base/errors.ts'
import { anything, checked, oneOf, optionsOf } from '../base/options.ts'
import { formatShape } from '../base/shape.ts'
import { asTensor, type TensorLike } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { apply, toFloating } from './apply.ts'
import {
  channelsFirst,
  channelsLast,
  type DataFormat,
  type Padding,
  perDimension,
  windowPadding,
} from './convolution.ts'

export interface PoolOptions {
  /** Size of the window, for all spatial dimensions or each. Default 2. */
  readonly poolSize?: number | readonly number[]
  /** Steps between windows. Default the window's size. */
  readonly strides?: number | readonly number[]
  /** Default `'valid'`. */
  readonly padding?: Padding
  /** Whether channels stand last or first. Default `'channelsLast'`. */
  readonly dataFormat?: DataFormat
}

const poolChecks = optionsOf<PoolOptions>()({
  poolSize: anything,
  strides: anything,
  padding: anything,
  dataFormat: oneOf('channelsLast', 'channelsFirst'),
})

const pool =
  (kind: 'maxPool' | 'averagePool') =>
  (x: TensorLike, options: PoolOptions = {}): Tensor => {
    const { padding = 'valid', dataFormat = 'channelsLast' } = checked(kind, options, poolChecks)
    const t = toFloating(asTensor(x))
    if (t.rank < 3 || t.rank > 5) {
      throw new ShapeError({
        where: kind,
        expected: 'an input (batch, …spatial, channels) of rank 3 to 5',
        received: `shape ${formatShape(t.shape)}`,
      })
    }
    const count = t.rank - 2
    const window = perDimension(`${kind}: poolSize`, options.poolSize ?? 2, count)
    const strides = perDimension(`${kind}: strides`, options.strides ?? window, count)
    const first = dataFormat === 'channelsLast' ? channelsFirst(t) : t
    const ones = window.map(() => 1)
    const result = apply(kind, [first], {
      window,
      strides,
      padding: windowPadding(padding, first.shape.slice(2), window, strides, ones),
    })
    return dataFormat === 'channelsLast' ? channelsLast(result) : result
  }

/** The largest element of every window. Padding never wins. */
export const maxPool = pool('maxPool')

/** The mean of every window; padding does not count. */
export const averagePool = pool('averagePool')
