import type { Work } from '../base/work.ts'
import { type Node, topologicalOrder } from '../graph/node.ts'
import { concat, slice } from '../ops/shape.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { rowsStayApart } from '../transforms/rows.ts'
import { traceWork } from '../transforms/trace.ts'

/** Sizes of batches that get programs of their own: who predicts by a few sizes pays for no sample that is not there. */
const ownSizes = 8
/** Elements of an input up to which a batch is small. */
const maxElements = 1 << 16

/** The next size that a program is made for: 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, … */
export function bucketOf(size: number): number {
  const step = Math.max(8, 2 ** Math.ceil(Math.log2(size) - 3))
  return Math.ceil(size / step) * step
}

type Predict = (x: readonly Tensor[]) => Promise<readonly Tensor[]>
type PredictWork = (x: readonly Tensor[]) => Work<readonly Tensor[]>

/**
 * Predictions of batches of many sizes by programs of few: a small batch of a new size is filled up with copies of its
 * first sample, whose predictions are left out. Only where it is certain that samples stay apart, and that the function
 * is the same for either size.
 */
export class BatchBuckets {
  readonly #work: PredictWork
  readonly #predict: Predict
  readonly #own = new Set<number>()
  /** For each size the one that it grows to, itself where it may not grow. */
  readonly #grown = new Map<number, Promise<number>>()

  constructor(work: PredictWork, predict: Predict) {
    this.#work = work
    this.#predict = predict
  }

  async predict(x: readonly Tensor[]): Promise<readonly Tensor[]> {
    const size = x[0]?.shape[0] ?? 0
    const isOwn = this.#own.size < ownSizes || this.#own.has(size)
    if (isOwn || size === 0 || !x.every((t) => t.size <= maxElements && t.shape[0] === size)) {
      this.#own.add(size)
      return this.#predict(x)
    }
    const known = this.#grown.get(size) ?? this.#grow(x, size)
    this.#grown.set(size, known)
    const grown = await known
    if (grown === size) return this.#predict(x)
    const filled = await this.#predict(x.map((t) => filledUp(t, grown)))
    return filled.map((t) => firstRows(t, size))
  }

  async #grow(x: readonly Tensor[], size: number): Promise<number> {
    const grown = bucketOf(size)
    if (grown === size) return size
    const [small, large] = [
      await traceWork(this.#work, [x]),
      await traceWork(this.#work, [x.map((t) => filledUp(t, grown))]),
    ]
    const isApart = small.updates.length === 0 && rowsStayApart(large.arguments, large.results)
    return isApart && isSameButForSizes(small.results, large.results) ? grown : size
  }
}

const firstRows = (t: Tensor, size: number): Tensor =>
  slice(t, new Array<number>(t.shape.length).fill(0), [size, ...t.shape.slice(1)])

const filledUp = (t: Tensor, size: number): Tensor => {
  const first = firstRows(t, 1)
  return concat([t, ...new Array<Tensor>(size - (t.shape[0] as number)).fill(first)])
}

/** Whether two graphs have the same operations in the same order, and the same numbers among their constants. */
function isSameButForSizes(a: readonly Node[], b: readonly Node[]): boolean {
  const [left, right] = [topologicalOrder(a), topologicalOrder(b)]
  return (
    left.length === right.length &&
    left.every((node, i) => {
      const other = right[i] as Node
      if (node.kind !== other.kind || node.dtype !== other.dtype) return false
      if (node.kind !== 'constant' || other.kind !== 'constant') return true
      const { data } = other.params
      return (
        node.params.data.length === data.length &&
        node.params.data.every((value, k) => Object.is(value, data[k]))
      )
    })
  )
}
