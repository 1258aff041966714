import { ops, type Tensor, tensor } from 'typegrad/core'

/** A feature that categories become: 1 where a column has the code `plus`, −1 where it has `minus`, 0 elsewhere. */
export interface HotFeature {
  readonly column: number
  readonly plus: number
  readonly minus?: number
}

/** Features of categories: for all columns together one comparison with the codes that they stand for. */
export class HotCodes {
  readonly #columns: Int32Array
  readonly #plus: Float32Array
  readonly #minus: Float32Array | undefined

  constructor(features: readonly HotFeature[]) {
    this.#columns = Int32Array.from(features, ({ column }) => column)
    this.#plus = Float32Array.from(features, ({ plus }) => plus)
    this.#minus = features.some(({ minus }) => minus !== undefined)
      ? Float32Array.from(features, ({ minus = -1 }) => minus)
      : undefined
  }

  get count(): number {
    return this.#columns.length
  }

  /** (batch, columns) of codes → (batch, features). */
  of(codes: Tensor): Tensor {
    const { dtype } = codes
    const spread = ops.gather(codes, tensor(this.#columns), 1)
    const equal = (to: Float32Array): Tensor => spread.equal(tensor(to).cast(dtype)).cast('float32')
    return this.#minus === undefined ? equal(this.#plus) : equal(this.#plus).sub(equal(this.#minus))
  }
}

/** A feature for each code of each column. */
export const oneHotFeatures = (sizes: readonly number[]): HotFeature[] =>
  sizes.flatMap((size, column) => Array.from({ length: size }, (_, plus) => ({ column, plus })))

/** Of tables that stand one behind the other: where each begins. */
export function tableOffsets(sizes: readonly number[]): Int32Array {
  const offsets = new Int32Array(sizes.length)
  for (let i = 1; i < sizes.length; i++) offsets[i] = (offsets[i - 1] as number) + (sizes[i - 1] as number)
  return offsets
}
