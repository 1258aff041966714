import { add, sub } from '../ops/arithmetic.ts'
import { equal, where } from '../ops/comparison.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Variable } from '../tensor/variable.ts'

/**
 * A sum over batches that keeps what float32 rounds off. By itself a sum stops growing where what is added is less than
 * half of its last digit: a count at 2²⁴ samples, and a mean over a million batches has lost three digits. What each
 * addition loses is exactly (sum − (s − b)) + (x − b) with s = sum + x rounded and b = s − sum (D. Knuth, "The Art of
 * Computer Programming", volume 2, 4.2.2).
 */
export class Accumulator {
  readonly #sum: Variable
  readonly #lost: Variable

  constructor(sum: Variable, lost: Variable) {
    this.#sum = sum
    this.#lost = lost
  }

  /** The sum so far. Traceable. */
  get value(): Tensor {
    return add(this.#sum.value, this.#lost.value)
  }

  /**
   * Adds a batch's amount. Traceable.
   *
   * @param begun a condition under which what has been gathered so far counts. Default: it does.
   */
  add(amount: Tensor | number, begun?: Tensor): void {
    const [before, lost] = [this.#sum, this.#lost].map(({ value }) =>
      begun === undefined ? value : where(begun, value, 0),
    ) as [Tensor, Tensor]
    const after = add(before, amount)
    const added = sub(after, before)
    const rounding = add(sub(before, sub(after, added)), sub(amount, added))
    // Of an infinite or NaN sum nothing was rounded off; the difference of two infinite ones is NaN.
    const finite = where(equal(sub(rounding, rounding), 0), rounding, 0)
    this.#sum.assign(after)
    this.#lost.assign(add(lost, finite))
  }
}
