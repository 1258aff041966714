import { toNumbers } from '../../base/conversions.ts'
import type { DType, TypedArray } from '../../base/dtype.ts'
import type { Shape } from '../../base/shape.ts'

/**
 * Means and variances of numbers that come in batches, in float64. Batches are joined by the formula of Chan, Golub and
 * LeVeque (1979): with n and m samples, δ the difference of their means, M₂ the sums of squared differences,
 * mean ← mean + δ·m/(n+m), M₂ ← M₂ + M₂' + δ²·n·m/(n+m).
 */
export class Moments {
  readonly #means: Float64Array
  readonly #squares: Float64Array
  #count = 0

  constructor(size: number) {
    this.#means = new Float64Array(size)
    this.#squares = new Float64Array(size)
  }

  get means(): Float64Array {
    return this.#means
  }

  /** Of the population: Σ(x − mean)² / n. */
  get variances(): Float64Array {
    return this.#squares.map((sum) => sum / this.#count)
  }

  /** Takes in a batch in row-major order, with one cell for each place along the axes that are kept. */
  add(data: TypedArray, shape: Shape, kept: readonly number[], dtype: DType): void {
    const size = this.#means.length
    if (data.length === 0 || size === 0) return
    const values = Float64Array.from<number | bigint>(toNumbers(data, dtype), Number)
    const cells = cellsOf(shape, kept)
    const count = data.length / size
    const means = new Float64Array(size)
    for (let i = 0; i < values.length; i++)
      means[cells(i)] = (means[cells(i)] as number) + (values[i] as number)
    for (let c = 0; c < size; c++) means[c] = (means[c] as number) / count
    const squares = new Float64Array(size)
    for (let i = 0; i < values.length; i++) {
      const c = cells(i)
      squares[c] = (squares[c] as number) + ((values[i] as number) - (means[c] as number)) ** 2
    }
    const whole = this.#count + count
    for (let c = 0; c < size; c++) {
      const apart = (means[c] as number) - (this.#means[c] as number)
      this.#means[c] = (this.#means[c] as number) + (apart * count) / whole
      this.#squares[c] =
        (this.#squares[c] as number) + (squares[c] as number) + (apart * apart * this.#count * count) / whole
    }
    this.#count = whole
  }
}

/** Which cell an element belongs to, by its position in row-major order. */
function cellsOf(shape: Shape, kept: readonly number[]): (i: number) => number {
  if (kept.length === 0) return () => 0
  const size = kept.reduce((product, axis) => product * (shape[axis] as number), 1)
  // The last axes, the common case, lie as the cells do.
  if (kept.every((axis, i) => axis === shape.length - kept.length + i)) return (i) => i % size
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1))
  return (i) =>
    kept.reduce(
      (cell, axis) =>
        cell * (shape[axis] as number) +
        (Math.floor(i / (strides[axis] as number)) % (shape[axis] as number)),
      0,
    )
}
