import type { Shape } from '../../base/shape.ts'
import { fromData, type Tensor } from '../../tensor/tensor.ts'

/** Indices one after another, in memory that grows. */
export class IndexList {
  data = new Int32Array(256)
  length = 0

  /** Makes room for so many more. */
  reserve(more: number): void {
    if (this.length + more <= this.data.length) return
    const longer = new Int32Array(2 * (this.length + more))
    longer.set(this.data)
    this.data = longer
  }

  push(index: number): void {
    this.reserve(1)
    this.data[this.length++] = index
  }

  /** What stands there, in memory that `reserve` may leave. */
  values(): Int32Array {
    return this.data.subarray(0, this.length)
  }
}

/** Rows of int64 numbers, written by halves: a BigInt for each of them would cost more than finding it. */
export class IndexRows {
  readonly #data: BigInt64Array
  /** Low halves in front, as memory is on all that JavaScript's engines are made for. */
  readonly #halves: Int32Array

  /** So many elements, which are 0. */
  constructor(length: number) {
    this.#data = new BigInt64Array(length)
    this.#halves = new Int32Array(this.#data.buffer)
  }

  /** Writes indices of up to 53 bits from a place on. */
  set(indices: Int32Array | readonly number[], at: number): void {
    const halves = this.#halves
    for (let i = 0; i < indices.length; i++) {
      const index = indices[i] as number
      halves[2 * (at + i)] = index
      if (index < 0 || index > 0x7fffffff) halves[2 * (at + i) + 1] = Math.floor(index / 2 ** 32)
    }
  }

  fill(index: number): void {
    this.#data.fill(BigInt(index))
  }

  tensor(shape: Shape): Tensor {
    return fromData(this.#data, shape, 'int64')
  }
}
